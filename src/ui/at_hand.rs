//! What a command is about: the list that is rendered, the message that is open, and what stands
//! around it. UIDs mean something in their folder only, so rows count as long as the list is the
//! one that the address asks for; what is open is named by its address.

use super::mailbox::{Mailbox, Target};
use super::rows::List;
use super::suggest::says_where;
use crate::model::{Envelope, Flags};
use leptos::prelude::*;

impl Mailbox {
    /// The list that is rendered; `None` while the one that the address asks for is still to come,
    /// and where hits of all folders stand in its place.
    pub fn list_at_hand(self) -> Option<List> {
        let list = self.rows.list()?;
        let (folder, listing) = self.list_key.get()?;
        // A search that names its folder is the same from wherever it was begun.
        let here = list.folder == folder || says_where(&listing.query);
        (here && list.listing == listing).then_some(list)
    }

    /// The same, without following it.
    pub fn list_now(self) -> Option<List> {
        untrack(move || self.list_at_hand())
    }

    /// The message that the address asks for, without following it. `None` while nobody has said
    /// under which UIDVALIDITY.
    pub fn opened(self) -> Option<Target> {
        let (folder, uid, named, _) = self.message_key.get_untracked()?;
        let uid_validity = self.message.with_untracked(|message| match message {
            Some(Some(Ok(message))) if message.folder == folder && message.uid == uid => {
                Some(message.uid_validity)
            }
            _ => named,
        })?;
        Some(Target {
            folder,
            uid_validity,
            uid,
        })
    }

    /// The row of a message, where the list at hand has one; without following it.
    pub fn row_now(self, target: &Target) -> Option<Envelope> {
        let list = self.list_now()?;
        let here = list.target(target.uid) == *target;
        here.then(|| self.rows.row_untracked(target.uid))?
    }

    /// The subject of the message that the address asks for, where its row is at hand: it can be said
    /// while the message itself is on its way.
    pub fn subject_at_hand(self) -> Option<String> {
        self.message_key.track();
        Some(self.row_now(&self.opened()?)?.subject)
    }

    /// A message's flags with what was done since, without following them.
    pub fn flags_now(self, target: &Target) -> Flags {
        let row = self.row_now(target).map(|row| row.flags);
        let flags = row.or_else(|| self.hit_flags(target)).or_else(|| {
            self.message.with_untracked(|message| match message {
                Some(Some(Ok(message)))
                    if message.folder == target.folder && message.uid == target.uid =>
                {
                    Some(message.flags)
                }
                _ => None,
            })
        });
        untrack(move || self.flags(target, flags.unwrap_or_default()))
    }

    /// The flags of the open message with what was done since: those of its row, which follow the
    /// mailbox, or as it was `opened` where no row is its own.
    pub fn flags_of_open(self, target: &Target, opened: Flags) -> Flags {
        let list = self.list_at_hand();
        let row = list.filter(|list| list.target(target.uid) == *target);
        let row = row.and_then(|_| self.rows.own_flags(target.uid));
        self.flags(target, row.unwrap_or(opened))
    }

    /// The row to go on from when these messages leave their list: the next below the first of
    /// them that stays, or above.
    pub fn row_after(self, folder: &str, uids: &[u32]) -> Option<u32> {
        let list = self.list_now().filter(|list| list.folder == folder)?;
        untrack(move || {
            let there = |uid| !uids.contains(&uid) && !self.patched(&list.target(uid)).gone;
            let beside = |by| {
                let mut uids = uids.iter();
                uids.find_map(|uid| self.rows.beside(*uid, by, there))
            };
            beside(1).or_else(|| beside(-1))
        })
    }

    /// The row below a message, or above it where `by` is negative: the next that has not gone.
    pub fn neighbour(self, target: &Target, by: i32) -> Option<u32> {
        let list = self.list_at_hand()?;
        if list.target(target.uid) != *target {
            return None;
        }
        let there = |uid| !self.patched(&list.target(uid)).gone;
        self.rows.beside(target.uid, by, there)
    }
}
