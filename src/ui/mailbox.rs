//! The mailbox as the page holds it: what the server said, and on top of it what the person has
//! done since, which shows at once and is taken back if the server refuses.

use super::browser;
use super::by_folder::ByFolder;
use super::connection::Trouble;
use super::fetch::{self, Fetched, fetched};
use super::finding::Finding;
use super::hits::{ChosenHits, hit_id};
use super::live;
use super::route::{self, Page};
use super::rows::Rows;
use super::selection::Selection;
use super::suggest::says_where;
use super::visit::Here;
use crate::model::{
    Beside, Cards, Conversation, Error, Flags, Folder, Listing, Message, Quota, SearchPage,
    Warning, Window,
};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

/// By when a message that was opened is marked as read: its text goes first (`server/marking.rs`).
const MARKED: Duration = Duration::from_secs(1);

/// A message by folder, UIDVALIDITY and UID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
}

/// What was done to a message and is not in what the server said yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    pub seen: Option<bool>,
    pub flagged: Option<bool>,
    pub gone: bool,
    /// When the server had done it: what it is asked for after this knows of it.
    pub settled: Option<u64>,
}

/// Which list is shown: a folder, and how it is listed.
pub type ListKey = (String, Listing);
/// A list of which some is known, and what was found where a search is in all folders.
pub type Listed = (ListKey, Window, Option<SearchPage>);
/// The cards of a message, and which one that is.
pub type Carded = (Target, Result<Cards, Error>);

/// Whom the sender of a message looks like, and which message that is.
pub type Resembled = (Target, Vec<Warning>);
/// Which message is shown: folder, UID, UIDVALIDITY, all headers.
pub type MessageKey = (String, u32, Option<u32>, bool);

/// The mailbox in context.
#[derive(Clone, Copy)]
pub struct Mailbox {
    pub here: Here,
    pub page: Memo<Page>,
    pub list_key: Memo<Option<ListKey>>,
    /// The page of it that the address names, from 1.
    pub list_page: Memo<u32>,
    pub message_key: Memo<Option<MessageKey>>,
    pub folders: Fetched<Result<Vec<Folder>, Error>>,
    /// The list as it was when it was opened; what became of it since is in `rows`.
    pub window: Fetched<Option<Result<Listed, Error>>>,
    pub message: Fetched<Option<Result<Message, Error>>>,
    /// What belongs to the open message, where conversations are wanted.
    pub conversation: Fetched<Option<Conversation>>,
    /// The cards of the open message, where it has some.
    pub cards: Fetched<Option<Carded>>,
    /// Whom the sender of the open message looks like, where that is not known with it.
    pub resemblances: Fetched<Option<Resembled>>,
    pub rows: Rows,
    pub finding: Finding,
    pub selection: Selection,
    /// What is chosen of the hits of all folders.
    pub chosen_hits: ChosenHits,
    /// The row of the list that is being dragged.
    pub dragged: RwSignal<Option<u32>>,
    /// Whether what is under way shall end as it is.
    pub stop: StoredValue<bool>,
    /// How full the mailbox is, where the server says.
    pub quota: Fetched<Option<Quota>>,
    /// The same as it was told since the page came.
    #[cfg_attr(
        not(feature = "hydrate"),
        allow(dead_code, reason = "only the browser is told")
    )]
    pub told_quota: RwSignal<Option<Quota>>,
    /// Why nothing shows by itself, if it does not.
    pub trouble: RwSignal<Option<Trouble>>,
    patches: RwSignal<HashMap<Target, Patch>>,
    /// By how much a folder's unseen messages differ from what the server said.
    drift: RwSignal<ByFolder<i64>>,
    /// Messages and unseen ones of folders, as the server told them since it listed the folders.
    heard: RwSignal<ByFolder<(u32, u32)>>,
    lists: RwSignal<u32>,
    counts: RwSignal<u32>,
    /// A clock that tells before from after.
    clock: StoredValue<u64>,
}

/// The flags of messages that are one row, which has `flags`, with what was done to each of them: the
/// row is read if all of them are, and flagged if one is.
pub fn flags_of_all(patches: &[Patch], flags: Flags) -> Flags {
    // What one of them decides alone, and what all have to agree on.
    let together = |of: fn(&Patch) -> Option<bool>, one: bool, now: bool| {
        let any = patches.iter().any(|patch| of(patch) == Some(one));
        let all = patches.iter().all(|patch| of(patch) == Some(!one));
        if any || all { any == one } else { now }
    };
    Flags {
        seen: together(|patch| patch.seen, false, flags.seen),
        flagged: together(|patch| patch.flagged, true, flags.flagged),
        ..flags
    }
}

impl Mailbox {
    /// Builds the mailbox for the current address and puts it into the context.
    pub fn provide() -> Self {
        let here = Here::find();
        let location = use_location();
        let (path, search) = (location.pathname, location.search);
        let page = Memo::new(move |_| route::page(&path.get()));
        let finding = Finding::new();
        let list_key = Memo::new(move |before: Option<&Option<ListKey>>| match page.get() {
            Page::Folder(folder) | Page::Message(folder, _) => {
                let listing = route::listing(&search.get());
                let key = (folder, listing.by_conversations(here.conversations));
                // A hit that is opened is in another folder, and the search is still the same.
                let same = before.and_then(Option::as_ref);
                let same = same.filter(|before| {
                    let query = &key.1.query;
                    before.1 == key.1
                        && !query.is_empty()
                        && (finding.is_spread() || says_where(query))
                });
                Some(same.cloned().unwrap_or(key))
            }
            _ => None,
        });
        let list_page = Memo::new(move |_| route::list_page(&search.get()));
        let message_key = Memo::new(move |_| match page.get() {
            Page::Message(folder, uid) => {
                let search = search.get();
                let headers = route::query_value(&search, "headers").is_some();
                Some((folder, uid, route::query_number(&search, "v"), headers))
            }
            _ => None,
        });
        let patches = RwSignal::new(HashMap::new());
        let drift = RwSignal::new(ByFolder::default());
        let heard = RwSignal::new(ByFolder::default());
        let (lists, counts) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
        let who = Memo::new(move |_| here.account.get().map(|account| account.address));

        let message = fetched(
            move || (who.get(), message_key.get()),
            |(_, key)| fetch::message(key),
        );
        let which = move |wanted: fn(&Beside) -> bool| match message.get() {
            Some(Some(Ok(Message {
                folder,
                uid_validity,
                uid,
                beside,
                ..
            }))) if wanted(&beside) => Some(Target {
                folder,
                uid_validity,
                uid,
            }),
            _ => None,
        };
        let carded = Memo::new(move |_| which(|beside| beside.cards));
        let cards = fetched(move || carded.get(), fetch::cards);
        let unasked = Memo::new(move |_| which(|beside| beside.unasked));
        let resemblances = fetched(move || unasked.get(), fetch::resemblances);
        // What comes along with the folders.
        let told = RwSignal::new(None);
        let conversation = fetched(
            move || {
                let wanted = here.conversations
                    || route::query_value(&search.get(), "conversation").is_some();
                (who.get(), message_key.get().filter(|_| wanted))
            },
            |(_, key)| fetch::conversation(key),
        );
        let folders = fetched(
            move || (who.get(), counts.get()),
            move |_| async move {
                let folders = fetch::folders(told).await;
                drift.update(ByFolder::clear);
                heard.update(ByFolder::clear);
                folders
            },
        );
        let quota = fetched(move || told.get(), fetch::quota);
        let window = fetched(
            move || (who.get(), list_key.get(), lists.get()),
            move |(_, key, _)| {
                // The page only says where to begin: scrolling changes it, and loads nothing anew.
                let page = list_page.get_untracked();
                async move {
                    let (folder, listing) = key?;
                    let window =
                        fetch::window(finding, folder.clone(), listing.clone(), page).await?;
                    patches.update(|patches: &mut HashMap<Target, Patch>| {
                        patches.retain(|target, _| target.folder != folder);
                    });
                    Some(window.map(|(window, found)| ((folder, listing), window, found)))
                }
            },
        );
        let mailbox = Self {
            here,
            page,
            list_key,
            list_page,
            message_key,
            folders,
            window,
            message,
            rows: Rows::new(),
            finding,
            conversation,
            cards,
            resemblances,
            selection: Selection::new(),
            chosen_hits: ChosenHits::new(),
            dragged: RwSignal::new(None),
            stop: StoredValue::new(false),
            quota,
            told_quota: told,
            trouble: RwSignal::new(None),
            patches,
            drift,
            heard,
            lists,
            counts,
            clock: StoredValue::new(0),
        };
        provide_context(mailbox);
        mailbox.follow_opened();
        mailbox.follow_hits();
        mailbox.follow_back();
        live::follow(mailbox);
        mailbox
    }

    /// From the context of the workspace.
    #[track_caller]
    pub fn find() -> Self {
        expect_context()
    }

    /// A message that was opened is read: in the list and in the counts too.
    fn follow_opened(self) {
        Effect::new(move |_| {
            if let Some(Some(Ok(message))) = self.message.get()
                && message.newly_seen
            {
                let target = Target {
                    folder: message.folder.clone(),
                    uid_validity: message.uid_validity,
                    uid: message.uid,
                };
                let known = self.patch_untracked(&target).seen == Some(true);
                if !known {
                    self.patch(&target, |patch| patch.seen = Some(true));
                    set_timeout(move || self.marked(&target), MARKED);
                    self.drift(&message.folder, -1);
                }
            }
        });
    }

    /// A message that was opened is marked as read by now: what is told of it from now on is so.
    fn marked(self, target: &Target) {
        // What is being done to it besides is not done by that.
        let alone = Patch {
            seen: Some(true),
            ..Patch::default()
        };
        let is_alone = |patches: &HashMap<Target, Patch>| patches.get(target) == Some(&alone);
        if self.patches.try_with_untracked(is_alone) == Some(true) {
            let now = self.tick();
            self.patch(target, |patch| patch.settled = Some(now));
        }
    }

    /// Puts the focus on the row of the message that is open, as soon as it can have it: the way back to
    /// the list ends where one came from.
    pub fn focus_opened(self) {
        if let Some(opened) = self.opened() {
            browser::focus_soon(self.row_id(opened));
        }
    }

    /// The id of a message's row, or of its hit.
    fn row_id(self, target: Target) -> String {
        if self.hits_now().is_some() {
            hit_id(&target)
        } else {
            format!("row-{}", target.uid)
        }
    }

    /// Back and forward in the history lead to another message and leave the focus behind, on a row
    /// that keys would be about.
    fn follow_back(self) {
        Effect::new(move |_| {
            let Some((folder, uid, ..)) = self.message_key.get() else {
                return;
            };
            let id = self.row_id(Target {
                folder,
                uid_validity: 0,
                uid,
            });
            let active = browser::active();
            let is_row = active.starts_with("row-") || active.starts_with("hit-");
            if is_row && active != id {
                browser::focus_soon(id);
            }
        });
    }

    /// Hits of all folders that came with the page are as those that are found later.
    fn follow_hits(self) {
        Effect::new(move |_| {
            let hits = |window: &Option<_>| matches!(window, Some(Some(Ok((_, _, Some(_))))));
            if self.window.with(hits) {
                self.finding.spread();
            }
        });
    }

    /// What was done to a message, without following it.
    pub fn patch_untracked(self, target: &Target) -> Patch {
        self.patches
            .with_untracked(|patches| patches.get(target).copied().unwrap_or_default())
    }

    /// Follows what is done to messages, whichever.
    pub fn follow_done(self) {
        self.patches.track();
    }

    /// Changes what was done to a message.
    pub fn patch(self, target: &Target, change: impl FnOnce(&mut Patch)) {
        self.patches
            .update(|patches| change(patches.entry(target.clone()).or_default()));
    }

    /// The same for many messages of a folder.
    pub fn patch_many(
        self,
        folder: &str,
        uid_validity: u32,
        uids: &[u32],
        change: impl Fn(&mut Patch),
    ) {
        self.patches.update(|patches| {
            for uid in uids {
                let target = Target {
                    folder: folder.to_owned(),
                    uid_validity,
                    uid: *uid,
                };
                change(patches.entry(target).or_default());
            }
        });
    }

    /// Forgets all that was done.
    pub fn forget_patches(self) {
        self.patches.update(HashMap::clear);
    }

    /// A folder has `by` unseen messages more than the server said.
    pub fn drift(self, folder: &str, by: i64) {
        self.drift
            .update(|drift| drift.change(folder, |drift| *drift += by));
    }

    /// Shows a folder without unseen messages until the server counts anew; by how much that drifts.
    pub fn show_all_read(self, folder: &Folder) -> i64 {
        let by = -i64::from(untrack(|| self.unseen(folder)));
        self.drift(&folder.name, by);
        by
    }

    /// Unseen messages of a folder.
    pub fn unseen(self, folder: &Folder) -> u32 {
        let drift = self
            .drift
            .with(|drift| drift.get(&folder.name).unwrap_or_default());
        let unseen = self.told(folder).1;
        u32::try_from((i64::from(unseen) + drift).max(0)).unwrap_or(unseen)
    }

    /// Messages of a folder in all.
    pub fn total(self, folder: &Folder) -> u32 {
        self.told(folder).0
    }

    fn told(self, folder: &Folder) -> (u32, u32) {
        self.heard
            .with(|heard| heard.get(&folder.name))
            .unwrap_or((folder.total, folder.unseen))
    }

    /// The server tells a folder's counts, in which all is that was done here; `true` if they are
    /// news.
    #[cfg(feature = "hydrate")]
    pub fn hear_counts(self, name: &str, total: u32, unseen: u32) -> bool {
        let known = untrack(|| self.folder(name).map(|folder| self.told(&folder)));
        if known == Some((total, unseen)) {
            return false;
        }
        self.heard.update(|heard| {
            heard.change(name, |heard| *heard = (total, unseen));
        });
        self.drift.update(|drift| {
            drift.remove(name);
        });
        known.is_some()
    }

    /// What was done to a message since the server spoke of it.
    pub fn patched(self, target: &Target) -> Patch {
        self.patches
            .with(|patches| patches.get(target).copied().unwrap_or_default())
    }

    /// A message's flags with what was done since.
    pub fn flags(self, target: &Target, flags: Flags) -> Flags {
        flags_of_all(&[self.patched(target)], flags)
    }

    /// The folder of this name, as far as the folders are known.
    pub fn folder(self, name: &str) -> Option<Folder> {
        self.folders.with(|folders| {
            let folders = folders.as_ref()?.as_ref().ok()?;
            folders.iter().find(|folder| folder.name == name).cloned()
        })
    }

    /// A moment, later than all before.
    pub fn tick(self) -> u64 {
        self.clock.update_value(|now| *now += 1);
        self.clock.get_value()
    }

    /// The server has told of `folder` what was so at `tick` or later: what was done before need
    /// not be remembered any more, but for an open message of which the list does not tell.
    pub fn settle(self, folder: &str, tick: u64) {
        let open = self.opened();
        let open = open.filter(|open| untrack(|| self.rows.own_flags(open.uid)).is_none());
        let old = |target: &Target, patch: &Patch| {
            target.folder == folder
                && patch.settled.is_some_and(|settled| settled < tick)
                && open.as_ref() != Some(target)
        };
        let any = self
            .patches
            .with_untracked(|patches| patches.iter().any(|(target, patch)| old(target, patch)));
        if any {
            self.patches
                .update(|patches| patches.retain(|target, patch| !old(target, patch)));
        }
    }

    /// Where the list is from which one came, to go back to.
    pub fn list_address(self) -> String {
        let page = self.list_page.get();
        self.list_key.get().map_or_else(
            || route::folder("INBOX", 1),
            |(folder, listing)| route::listed(&folder, &listing, page),
        )
    }

    /// The same, without following it.
    pub fn list_address_now(self) -> String {
        untrack(move || self.list_address())
    }

    /// The page at hand, without following it.
    pub fn page_now(self) -> Page {
        self.page.get_untracked()
    }

    /// Whether deleting from the folder at hand is for ever.
    pub fn deletes_for_ever(self) -> bool {
        // A search that names its folder lists another than the address.
        let listed = self.list_now().map(|list| list.folder);
        match (listed, self.page_now()) {
            (Some(folder), _) | (None, Page::Folder(folder) | Page::Message(folder, _)) => {
                self.is_last_place(&folder)
            }
            _ => false,
        }
    }

    /// The role of the folder at hand, and whether there is an archive, without following either.
    #[cfg(feature = "hydrate")]
    pub fn archive_of_list(self) -> (Option<crate::model::FolderRole>, bool) {
        untrack(move || {
            let listed = self.list_now().map(|list| list.folder);
            let named = || self.list_key.get().map(|key| key.0);
            let name = listed.or_else(named).unwrap_or_default();
            let folders = self.folders.get().and_then(Result::ok).unwrap_or_default();
            let role = folders.iter().find(|folder| folder.name == name);
            let archive = Some(crate::model::FolderRole::Archive);
            (
                role.and_then(|folder| folder.role),
                folders.iter().any(|folder| folder.role == archive),
            )
        })
    }

    /// Where a message is that stands in the list at hand.
    pub fn message_address(self, folder: &str, uid: u32, uid_validity: u32) -> String {
        let listing = self.list_key.get_untracked().map(|(_, listing)| listing);
        let page = self.list_page.get_untracked();
        route::message(
            folder,
            uid,
            uid_validity,
            &listing.unwrap_or_default(),
            page,
        )
    }

    /// Asks for the list and the counts anew.
    pub fn reload(self) {
        self.reload_list();
        self.reload_rest();
    }

    /// Looks what has happened while nothing was heard. Hits of all folders, and what is chosen of
    /// them, stay as they were found: another search is the person's to begin.
    #[cfg(feature = "hydrate")]
    pub fn catch_up(self) {
        if self.hits_now().is_none() {
            self.reload_list();
        }
        self.reload_rest();
    }

    /// Asks for the counts anew, and for a message that could not be had.
    fn reload_rest(self) {
        self.reload_counts();
        let failed = self.message.with_untracked(|message| {
            matches!(message, Some(Some(Err(error)))
                    if error.passes() || *error == Error::NotSignedIn)
        });
        if failed {
            self.message.refetch();
            // What failed of it is none.
            self.conversation.refetch();
        }
    }

    /// Asks for the list anew: what is seen of it, where it is known.
    pub fn reload_list(self) {
        let known = self
            .window
            .with_untracked(|window| matches!(window, Some(Some(Ok(_)))));
        // Hits of all folders are known only by searching.
        if known && self.hits_now().is_none() {
            self.rows.refresh(self);
        } else {
            self.renew();
        }
    }

    /// Asks for the folders and their counts anew.
    pub fn reload_counts(self) {
        self.counts.update(|count| *count += 1);
    }

    /// Begins anew with the list: it is another one now.
    pub fn renew(self) {
        self.lists.update(|count| *count += 1);
    }
}

/// Goes to another page.
pub type Navigate = std::sync::Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;
