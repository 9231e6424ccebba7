//! The hits of all folders as something to act on: which of them show, which are chosen, and what
//! a command to them means in each of their folders. A hit is named by its folder, too, since UIDs
//! mean something in one folder only.

use super::browser;
use super::changes::{Uids, Wish};
use super::mailbox::{Mailbox, Target};
use super::route;
use crate::model::{Change, Flags, FolderRole, Hit, SearchPage};
use leptos::prelude::*;

/// The id of a hit's link: the same wherever the hit stands.
pub fn hit_id(target: &Target) -> String {
    format!("hit-{}/{}", route::encode(&target.folder), target.uid)
}

fn target_of(hit: &Hit) -> Target {
    Target {
        folder: hit.folder.clone(),
        uid_validity: hit.uid_validity,
        uid: hit.envelope.uid,
    }
}

/// Whether `change` makes sense in a folder for this.
fn is_offered(change: Change, role: Option<FolderRole>) -> bool {
    !matches!(
        (change, role),
        (
            Change::Archive,
            Some(FolderRole::Archive | FolderRole::Drafts)
        ) | (
            Change::Spam,
            Some(FolderRole::Junk | FolderRole::Sent | FolderRole::Drafts)
        )
    )
}

/// Which hits are chosen, in context.
#[derive(Clone, Copy, Debug)]
pub struct ChosenHits {
    chosen: RwSignal<Vec<Target>>,
    /// Those that a question is about.
    asked: StoredValue<Vec<Target>>,
    /// Where a range begins.
    anchor: StoredValue<Option<Target>>,
}

impl ChosenHits {
    /// None.
    pub fn new() -> Self {
        Self {
            chosen: RwSignal::new(Vec::new()),
            asked: StoredValue::new(Vec::new()),
            anchor: StoredValue::new(None),
        }
    }

    /// Those that are chosen, without following them.
    pub fn get(self) -> Vec<Target> {
        self.chosen.get_untracked()
    }

    /// How many are chosen.
    pub fn count(self) -> u64 {
        u64::try_from(self.chosen.with(Vec::len)).unwrap_or(u64::MAX)
    }

    /// Whether one is.
    pub fn has(self, target: &Target) -> bool {
        self.chosen.with(|chosen| chosen.contains(target))
    }

    /// Chooses a hit or no longer; `range`: with all between it and the one before.
    pub fn toggle(self, mailbox: Mailbox, target: &Target, range: bool) {
        let shown = mailbox.hits_now().unwrap_or_default();
        let place = |target: &Target| shown.iter().position(|hit| hit == target);
        let anchor = self.anchor.get_value().filter(|_| range);
        let ends = anchor.as_ref().and_then(place).zip(place(target));
        self.chosen.update(|chosen| match ends {
            Some((one, other)) => {
                let span = one.min(other)..=one.max(other);
                for hit in shown.get(span).unwrap_or_default() {
                    if !chosen.contains(hit) {
                        chosen.push(hit.clone());
                    }
                }
            }
            None => match chosen.iter().position(|hit| hit == target) {
                Some(at) => {
                    chosen.remove(at);
                }
                None => chosen.push(target.clone()),
            },
        });
        self.anchor.set_value(Some(target.clone()));
    }

    /// Chooses all that show.
    pub fn all(self, mailbox: Mailbox) {
        self.chosen.set(mailbox.hits_now().unwrap_or_default());
    }

    /// Chooses none.
    pub fn clear(self) {
        self.anchor.set_value(None);
        if self.chosen.with_untracked(|chosen| !chosen.is_empty()) {
            self.chosen.set(Vec::new());
        }
    }

    /// Asks whether these shall be gone for ever.
    pub fn ask(self, targets: Vec<Target>) -> bool {
        self.asked.set_value(targets);
        browser::open_popover("delete-hits")
    }

    /// Those that were asked about.
    pub fn asked(self) -> Vec<Target> {
        self.asked.get_value()
    }
}

impl Mailbox {
    /// The hits of all folders, where they stand in the place of a list.
    fn with_hits<T>(self, act: impl FnOnce(&SearchPage) -> T) -> Option<T> {
        let key = self.list_key.get_untracked()?;
        self.window.with_untracked(|window| match window {
            Some(Some(Ok((known, _, Some(page))))) if *known == key => Some(act(page)),
            _ => None,
        })
    }

    /// The same, those that have not gone, as they stand; without following them.
    pub fn hits_now(self) -> Option<Vec<Target>> {
        let mut hits: Vec<Target> =
            self.with_hits(|page| page.hits.iter().map(target_of).collect())?;
        hits.retain(|hit| !self.patch_untracked(hit).gone);
        Some(hits)
    }

    /// How many of the hits have gone since they were found.
    pub fn hits_gone(self) -> usize {
        self.follow_done();
        let gone = |page: &SearchPage| {
            let hits = page.hits.iter().map(target_of);
            hits.filter(|hit| self.patch_untracked(hit).gone).count()
        };
        self.with_hits(gone).unwrap_or_default()
    }

    /// A hit's flags as they were found.
    pub fn hit_flags(self, target: &Target) -> Option<Flags> {
        self.with_hits(|page| {
            let mut hits = page.hits.iter();
            let hit = hits.find(|hit| {
                hit.envelope.uid == target.uid
                    && hit.uid_validity == target.uid_validity
                    && hit.folder == target.folder
            });
            hit.map(|hit| hit.envelope.flags)
        })?
    }

    /// The hit that has the keyboard's focus.
    pub fn focused_hit(self) -> Option<Target> {
        let id = browser::active();
        // Nothing else is looked for among what may be thousands.
        id.starts_with("hit-").then_some(())?;
        self.hits_now()?.into_iter().find(|hit| hit_id(hit) == id)
    }

    /// The hit below one that shows, or above it where `by` is negative, but for `gone`; without
    /// one the first.
    pub fn hit_beside(self, from: Option<&Target>, by: i32, gone: &[Target]) -> Option<Target> {
        let mut hits = self.hits_now()?;
        if by < 0 {
            hits.reverse();
        }
        let at = from.and_then(|from| hits.iter().position(|hit| hit == from));
        let skip = match (from, at) {
            (Some(_), Some(at)) => at + 1,
            (Some(_), None) => return None,
            (None, _) if by < 0 => return None,
            (None, _) => 0,
        };
        hits.into_iter().skip(skip).find(|hit| !gone.contains(hit))
    }

    /// The message below this one, or above it where `by` is negative: of the list, or of the hits
    /// that stand in its place.
    pub fn message_beside(self, target: &Target, by: i32) -> Option<Target> {
        if let Some(uid) = self.neighbour(target, by) {
            return Some(Target {
                uid,
                ..target.clone()
            });
        }
        self.follow_done();
        self.hit_beside(Some(target), by, &[])
    }

    /// Whether deleting this is for ever.
    pub fn is_last_place(self, folder: &str) -> bool {
        let role = untrack(|| self.folder(folder)).and_then(|folder| folder.role);
        matches!(role, Some(FolderRole::Trash | FolderRole::Junk))
    }

    /// Whether `change` is to be had in this folder.
    pub fn makes_sense(self, change: Change, folder: &str) -> bool {
        is_offered(
            change,
            untrack(|| self.folder(folder)).and_then(|folder| folder.role),
        )
    }

    /// What `change` to these hits means, folder by folder: nothing where it makes no sense. Only
    /// what is asked to be gone for ever is so, and only from where that is what deleting does.
    pub fn wishes(self, targets: &[Target], change: Change, destination: &str) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = Vec::new();
        for target in targets {
            let known = wishes.iter_mut().find(|wish| {
                wish.folder == target.folder && wish.uid_validity == target.uid_validity
            });
            match known {
                Some(Wish {
                    uids: Uids::These(uids),
                    ..
                }) => uids.push(target.uid),
                _ => wishes.push(Wish {
                    folder: target.folder.clone(),
                    uid_validity: target.uid_validity,
                    uids: Uids::These(vec![target.uid]),
                    change,
                    destination: destination.to_owned(),
                }),
            }
        }
        wishes.retain_mut(|wish| {
            let role = untrack(|| self.folder(&wish.folder)).and_then(|folder| folder.role);
            let last = matches!(role, Some(FolderRole::Trash | FolderRole::Junk));
            if change == Change::Delete && !last {
                wish.change = Change::Trash;
            }
            match (change, role) {
                (Change::Trash, _) => !last,
                (Change::Move, _) => wish.folder != destination,
                (change, role) => is_offered(change, role),
            }
        });
        wishes
    }
}
