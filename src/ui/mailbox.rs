//! The mailbox as the page holds it: what the server said, and on top of it what the person has
//! done since, which shows at once and is taken back if the server refuses.

use super::fetch;
use super::route::{self, Page};
use super::visit::{Here, Toast};
use crate::api;
use crate::model::{Change, Error, Flags, Folder, Message, Quota, Window};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use std::collections::HashMap;

/// A message by folder, UIDVALIDITY and UID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
}

/// Which list is shown: folder and page.
type ListKey = (String, u32);
/// Which message is shown: folder, UID, UIDVALIDITY, all headers.
pub type MessageKey = (String, u32, Option<u32>, bool);

/// The mailbox in context.
#[derive(Clone, Copy)]
pub struct Mailbox {
    pub here: Here,
    pub page: Memo<Page>,
    pub list_key: Memo<Option<ListKey>>,
    pub message_key: Memo<Option<MessageKey>>,
    pub folders: Resource<Result<Vec<Folder>, Error>>,
    pub window: Resource<Option<Result<Window, Error>>>,
    pub message: Resource<Option<Result<Message, Error>>>,
    /// How full the mailbox is, where the server says.
    pub quota: Resource<Option<Quota>>,
    patches: RwSignal<HashMap<Target, Patch>>,
    /// By how much a folder's unseen messages differ from what the server said.
    drift: RwSignal<HashMap<String, i64>>,
    lists: RwSignal<u32>,
    counts: RwSignal<u32>,
}

impl Mailbox {
    /// Builds the mailbox for the current address and puts it into the context.
    pub fn provide() -> Self {
        let here = Here::find();
        let location = use_location();
        let (path, search) = (location.pathname, location.search);
        let page = Memo::new(move |_| route::page(&path.get()));
        let list_key = Memo::new(move |_| match page.get() {
            Page::Folder(folder) | Page::Message(folder, _) => {
                Some((folder, route::list_page(&search.get())))
            }
            _ => None,
        });
        let message_key = Memo::new(move |_| match page.get() {
            Page::Message(folder, uid) => {
                let search = search.get();
                let headers = route::query_value(&search, "headers").is_some();
                Some((folder, uid, route::query_number(&search, "v"), headers))
            }
            _ => None,
        });
        let patches = RwSignal::new(HashMap::new());
        let drift = RwSignal::new(HashMap::new());
        let (lists, counts) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
        let who = Memo::new(move |_| here.account.get().map(|account| account.address));

        let message = Resource::new(
            move || (who.get(), message_key.get()),
            |(_, key)| fetch::message(key),
        );
        // What comes along with the folders.
        let told = RwSignal::new(None);
        let folders = Resource::new(
            move || (who.get(), counts.get()),
            move |_| async move {
                let folders = fetch::folders(told).await;
                drift.update(HashMap::clear);
                folders
            },
        );
        let quota = Resource::new(move || told.get(), fetch::quota);
        let window = Resource::new(
            move || (who.get(), list_key.get(), lists.get()),
            move |(_, key, _)| async move {
                let (folder, page) = key?;
                let window = fetch::window(folder.clone(), page).await;
                patches.update(|patches: &mut HashMap<Target, Patch>| {
                    patches.retain(|target, _| target.folder != folder);
                });
                window
            },
        );
        let mailbox = Self {
            here,
            page,
            list_key,
            message_key,
            folders,
            window,
            message,
            quota,
            patches,
            drift,
            lists,
            counts,
        };
        provide_context(mailbox);
        mailbox.follow_opened();
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
                    self.drift(&message.folder, -1);
                }
            }
        });
    }

    fn patch_untracked(self, target: &Target) -> Patch {
        self.patches
            .with_untracked(|patches| patches.get(target).copied().unwrap_or_default())
    }

    fn patch(self, target: &Target, change: impl FnOnce(&mut Patch)) {
        self.patches
            .update(|patches| change(patches.entry(target.clone()).or_default()));
    }

    /// Shows a folder as having so many unseen messages more, or less, than the server said.
    pub fn drift(self, folder: &str, by: i64) {
        self.drift
            .update(|drift| *drift.entry(folder.to_owned()).or_default() += by);
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
            .with(|drift| drift.get(&folder.name).copied().unwrap_or_default());
        u32::try_from((i64::from(folder.unseen) + drift).max(0)).unwrap_or(folder.unseen)
    }

    /// What was done to a message since the server spoke of it.
    pub fn patched(self, target: &Target) -> Patch {
        self.patches
            .with(|patches| patches.get(target).copied().unwrap_or_default())
    }

    /// A message's flags with what was done since.
    pub fn flags(self, target: &Target, flags: Flags) -> Flags {
        let patch = self.patched(target);
        Flags {
            seen: patch.seen.unwrap_or(flags.seen),
            flagged: patch.flagged.unwrap_or(flags.flagged),
            ..flags
        }
    }

    /// The folder of this name, as far as the folders are known.
    pub fn folder(self, name: &str) -> Option<Folder> {
        self.folders
            .get()
            .and_then(Result::ok)
            .and_then(|folders| folders.into_iter().find(|folder| folder.name == name))
    }

    /// Asks for the list and the counts anew.
    pub fn reload(self) {
        self.lists.update(|count| *count += 1);
        self.counts.update(|count| *count += 1);
    }
}

/// Goes to another page.
pub type Navigate = std::sync::Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Does changes to messages: at once in the page, then at the server.
#[derive(Clone)]
pub struct Changes {
    mailbox: Mailbox,
    navigate: Navigate,
}

impl Changes {
    /// For the current workspace.
    pub fn find() -> Self {
        Self {
            mailbox: Mailbox::find(),
            navigate: std::sync::Arc::new(use_navigate()),
        }
    }

    /// Changes the message `target`, whose flags were `flags`. `back` is the list to go to when
    /// the message leaves its folder, or is to stay unread.
    pub fn run(
        &self,
        target: Target,
        flags: Flags,
        change: Change,
        destination: String,
        back: &str,
    ) {
        let mailbox = self.mailbox;
        let former = mailbox.patch_untracked(&target);
        let unseen = !former.seen.unwrap_or(flags.seen);
        let mut drift = 0;
        mailbox.patch(&target, |patch| match change {
            Change::Read => {
                drift = -i64::from(unseen);
                patch.seen = Some(true);
            }
            Change::Unread => {
                drift = i64::from(!unseen);
                patch.seen = Some(false);
            }
            Change::Star => patch.flagged = Some(true),
            Change::Unstar => patch.flagged = Some(false),
            _ => {
                drift = -i64::from(unseen);
                patch.gone = true;
            }
        });
        mailbox.drift(&target.folder, drift);
        let leaves = change.takes_away() || change == Change::Unread;
        if leaves {
            (self.navigate)(
                back,
                NavigateOptions {
                    scroll: false,
                    ..NavigateOptions::default()
                },
            );
        }
        let toast = mailbox.here.toast;
        spawn_local(async move {
            let Target {
                folder,
                uid_validity,
                uid,
            } = target.clone();
            let done = api::change::change(
                folder,
                uid_validity,
                uid,
                change,
                destination,
                String::new(),
            );
            match done.await {
                Ok(()) => {
                    if let Some(notice) = change.notice() {
                        toast.set(Some(Toast::Done(notice)));
                    }
                    if change.takes_away() {
                        mailbox.reload();
                    }
                }
                Err(error) => {
                    mailbox.patch(&target, |patch| *patch = former);
                    mailbox.drift(&target.folder, -drift);
                    // Another program has been here: what is shown is not what is there.
                    if matches!(error, Error::NoMessage | Error::FolderChanged) {
                        mailbox.reload();
                    }
                    toast.set(Some(Toast::Failed(error)));
                }
            }
        });
    }
}
