//! What can be done by a key, by the command palette, and is told by the sheet of shortcuts: one
//! list for the three.

use super::browser;
use super::bulk;
use super::changes::{Changes, Uids, Wish};
use super::chunks::Chunks;
use super::hits::hit_id;
use super::mailbox::{Mailbox, Target};
use super::route::{self, Page};
use super::rows::List;
use super::selection::Chosen;
use crate::i18n::Key;
use crate::model::Change;
#[cfg(feature = "hydrate")]
use crate::model::Flags;
use leptos::prelude::untrack;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Next,
    Previous,
    Open,
    Back,
    Choose,
    Compose,
    Reply,
    ReplyAll,
    Forward,
    Archive,
    Delete,
    Spam,
    Star,
    Unread,
    Undo,
    Search,
    Reload,
    Palette,
    Help,
}

impl Command {
    /// All of them, in the order they are told.
    pub const ALL: [Self; 19] = [
        Self::Next,
        Self::Previous,
        Self::Open,
        Self::Back,
        Self::Choose,
        Self::Compose,
        Self::Reply,
        Self::ReplyAll,
        Self::Forward,
        Self::Archive,
        Self::Delete,
        Self::Spam,
        Self::Star,
        Self::Unread,
        Self::Undo,
        Self::Search,
        Self::Reload,
        Self::Palette,
        Self::Help,
    ];

    /// Its key, as it is told.
    pub fn key(self) -> &'static str {
        match self {
            Self::Next => "j",
            Self::Previous => "k",
            Self::Open => "o",
            Self::Back => "u",
            Self::Choose => "x",
            Self::Compose => "c",
            Self::Reply => "r",
            Self::ReplyAll => "a",
            Self::Forward => "f",
            Self::Archive => "e",
            Self::Delete => "#",
            Self::Spam => "!",
            Self::Star => "s",
            Self::Unread => "U",
            Self::Undo => "z",
            Self::Search => "/",
            Self::Reload => ".",
            Self::Palette => "Ctrl K",
            Self::Help => "?",
        }
    }

    /// The command of a key without modifiers but Shift.
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            "Delete" => Some(Self::Delete),
            _ => Self::ALL.into_iter().find(|command| command.key() == key),
        }
    }

    /// What it does, in words.
    pub fn label(self) -> Key {
        match self {
            Self::Next => Key::CommandNext,
            Self::Previous => Key::CommandPrevious,
            Self::Open => Key::CommandOpen,
            Self::Back => Key::ReaderBack,
            Self::Choose => Key::CommandChoose,
            Self::Compose => Key::NewMessage,
            Self::Reply => Key::ActionReply,
            Self::ReplyAll => Key::ActionReplyAll,
            Self::Forward => Key::ActionForward,
            Self::Archive => Key::ActionArchive,
            Self::Delete => Key::ActionDelete,
            Self::Spam => Key::ActionSpam,
            Self::Star => Key::ActionStar,
            Self::Unread => Key::ActionUnread,
            Self::Undo => Key::ToastUndo,
            Self::Search => Key::CommandSearch,
            Self::Reload => Key::ListReload,
            Self::Palette => Key::PaletteTitle,
            Self::Help => Key::ShortcutsTitle,
        }
    }
}

/// Does commands, in the page at hand.
#[derive(Clone)]
pub struct Commands {
    mailbox: Mailbox,
    changes: Changes,
    chunks: Chunks,
}

impl Commands {
    /// For the current workspace.
    pub fn find() -> Self {
        Self {
            mailbox: Mailbox::find(),
            changes: Changes::find(),
            chunks: Chunks::find(),
        }
    }

    /// Goes to an address of the application.
    pub fn go(&self, address: &str) {
        self.changes.go(address);
    }

    /// Does `command`. `false` where there is nothing to do it to.
    pub fn run(&self, command: Command) -> bool {
        match command {
            Command::Next => self.step(1),
            Command::Previous => self.step(-1),
            Command::Open => self.open(),
            Command::Back => self.back(),
            Command::Choose => self.choose(),
            Command::Compose => {
                self.go("/compose");
                true
            }
            Command::Reply => self.answer("reply"),
            Command::ReplyAll => self.answer("reply-all"),
            Command::Forward => self.answer("forward"),
            Command::Archive => self.change(Change::Archive),
            Command::Delete => self.delete(),
            Command::Spam => self.change(Change::Spam),
            Command::Star => self.star(),
            Command::Unread => self.change(Change::Unread),
            Command::Undo => self.mailbox.undo_told(),
            Command::Search => browser::focus("search"),
            Command::Reload => {
                self.mailbox.reload();
                true
            }
            Command::Palette => self.chunks.open_dialog("palette"),
            Command::Help => self.chunks.open_dialog("shortcuts"),
        }
    }

    /// The mailbox that it is done in.
    #[cfg(feature = "hydrate")]
    pub fn mailbox(&self) -> Mailbox {
        self.mailbox
    }

    /// The flags of a row of the list, without following them.
    #[cfg(feature = "hydrate")]
    pub fn flags_of(&self, uid: u32) -> Flags {
        self.mailbox
            .list_now()
            .map(|list| self.mailbox.flags_now(&list.target(uid)))
            .unwrap_or_default()
    }

    /// Changes what a row stands for, whatever else is chosen. What would be gone for ever is asked
    /// about first.
    #[cfg(feature = "hydrate")]
    pub fn change_row(&self, uid: u32, change: Change) {
        let Some(list) = self.mailbox.list_now() else {
            return;
        };
        if change == Change::Delete {
            self.ask(Some(uid));
            return;
        }
        let target = list.target(uid);
        if change.takes_away() && self.is_open(&target) {
            self.leave(&target);
        }
        let uids = self.mailbox.rows.with_others([uid]);
        self.change_these(target, change, uids);
    }

    fn is_open(&self, target: &Target) -> bool {
        self.mailbox.opened().as_ref() == Some(target)
    }

    /// The row with the keyboard's focus, or the open message.
    fn current(&self) -> Option<Target> {
        self.focused().or_else(|| self.mailbox.opened())
    }

    fn focused(&self) -> Option<Target> {
        match self.mailbox.list_now() {
            Some(list) => Some(list.target(browser::focused_row()?)),
            None => self.mailbox.focused_hit(),
        }
    }

    fn step(&self, by: i32) -> bool {
        let Some(list) = self.mailbox.list_now() else {
            return self.step_hits(by);
        };
        let next = match self.current() {
            Some(target) => untrack(|| self.mailbox.neighbour(&target, by)),
            None => self.mailbox.rows.first_seen(),
        };
        let Some(uid) = next else {
            return false;
        };
        if self.mailbox.opened().is_some() {
            self.go(&self.address(&list, uid));
        }
        browser::focus(&format!("row-{uid}"))
    }

    /// The same among the hits of all folders.
    fn step_hits(&self, by: i32) -> bool {
        let from = self.current();
        let Some(next) = self.mailbox.hit_beside(from.as_ref(), by, &[]) else {
            return false;
        };
        if self.mailbox.opened().is_some() {
            self.open_hit(&next);
        }
        browser::focus(&hit_id(&next))
    }

    fn open_hit(&self, hit: &Target) {
        let address = self
            .mailbox
            .message_address(&hit.folder, hit.uid, hit.uid_validity);
        self.go(&address);
    }

    fn address(&self, list: &List, uid: u32) -> String {
        let page = self.mailbox.rows.page_of(uid).unwrap_or(1);
        route::message(&list.folder, uid, list.uid_validity, &list.listing, page)
    }

    fn open(&self) -> bool {
        let Some(target) = self.focused() else {
            return false;
        };
        match self.mailbox.list_now() {
            Some(list) => self.go(&self.address(&list, target.uid)),
            None => self.open_hit(&target),
        }
        true
    }

    fn back(&self) -> bool {
        if !matches!(self.mailbox.page_now(), Page::Message(..)) {
            return false;
        }
        self.mailbox.focus_opened();
        self.go(&self.mailbox.list_address_now());
        true
    }

    fn choose(&self) -> bool {
        let Some(target) = self.current() else {
            return false;
        };
        let mailbox = self.mailbox;
        if mailbox.list_now().is_some() {
            mailbox.selection.toggle(mailbox, target.uid, false);
        } else if mailbox
            .hits_now()
            .is_some_and(|hits| hits.contains(&target))
        {
            mailbox.chosen_hits.toggle(mailbox, &target, false);
        } else {
            return false;
        }
        true
    }

    fn answer(&self, how: &str) -> bool {
        let Some(target) = self.current() else {
            return false;
        };
        let Target {
            folder,
            uid_validity,
            uid,
        } = target;
        self.go(&route::answer(how, &folder, uid, uid_validity));
        true
    }

    /// Stars what is chosen, else the current message; takes the stars away where all have one.
    fn star(&self) -> bool {
        let mailbox = self.mailbox;
        let chosen = |list: List| match mailbox.selection.get() {
            Chosen::Nothing => None,
            Chosen::These(uids) => Some(uids.into_iter().map(|uid| list.target(uid)).collect()),
            // Not all of the list is known.
            Chosen::AllBut(_) => Some(Vec::new()),
        };
        let targets: Option<Vec<Target>> = self
            .hits()
            .or_else(|| chosen(mailbox.list_now()?))
            .or_else(|| Some(vec![self.current()?]));
        let Some(targets) = targets else {
            return false;
        };
        let mut flags = targets.iter().map(|target| mailbox.flags_now(target));
        let all = !targets.is_empty() && flags.all(|flags| flags.flagged);
        self.change(if all { Change::Unstar } else { Change::Star })
    }

    /// What is gone for ever is asked about first, by the dialogs that are there for it.
    fn delete(&self) -> bool {
        if let Some(hits) = self.hits() {
            return self.delete_hits(hits);
        }
        if !self.mailbox.deletes_for_ever() {
            return self.change(Change::Trash);
        }
        let list = self.mailbox.list_now().is_some();
        if list && self.mailbox.selection.get() != Chosen::Nothing {
            return self.ask(None);
        }
        match self.current() {
            Some(target) if self.is_open(&target) => browser::open_popover("delete-for-ever"),
            Some(target) => self.ask(Some(target.uid)),
            None => false,
        }
    }

    /// The hits of all folders that a command is about: those that are chosen, else the one with
    /// the focus.
    fn hits(&self) -> Option<Vec<Target>> {
        self.mailbox.hits_now()?;
        let chosen = self.mailbox.chosen_hits.get();
        if chosen.is_empty() {
            // One that is open stands for itself.
            let focused = self.mailbox.focused_hit();
            Some(vec![focused.filter(|hit| !self.is_open(hit))?])
        } else {
            Some(chosen)
        }
    }

    /// Deletes hits; where one of them would be gone for ever, it is asked first.
    pub fn delete_hits(&self, hits: Vec<Target>) -> bool {
        let mailbox = self.mailbox;
        if hits.iter().any(|hit| mailbox.is_last_place(&hit.folder)) {
            mailbox.chosen_hits.ask(hits)
        } else {
            self.changes.run_hits(&hits, Change::Trash, "")
        }
    }

    /// Changes hits of all folders.
    pub fn change_hits(&self, hits: &[Target], change: Change, destination: &str) -> bool {
        self.changes.run_hits(hits, change, destination)
    }

    /// Asks about one row of the list, else about what is chosen.
    fn ask(&self, row: Option<u32>) -> bool {
        self.mailbox.selection.ask(row);
        browser::open_popover("delete-many")
    }

    /// Changes what is chosen, else the current message.
    fn change(&self, change: Change) -> bool {
        if let Some(hits) = self.hits() {
            return self.change_hits(&hits, change, "");
        }
        let list = self.mailbox.list_now();
        let chosen = list.and_then(|list| bulk::wish(self.mailbox, &list, change, String::new()));
        if let Some(wish) = chosen {
            if !self.mailbox.makes_sense(change, &wish.folder) {
                return false;
            }
            self.changes.run_chosen(wish);
            return true;
        }
        let current = self.current();
        let Some(target) =
            current.filter(|target| self.mailbox.makes_sense(change, &target.folder))
        else {
            return false;
        };
        if change.takes_away() {
            self.leave(&target);
        }
        // What a row of the list stands for; an open message stands for itself.
        let uids = if self.is_open(&target) {
            vec![target.uid]
        } else {
            self.mailbox.rows.with_others([target.uid])
        };
        self.change_these(target, change, uids);
        true
    }

    fn change_these(&self, target: Target, change: Change, uids: Vec<u32>) {
        self.changes.run_many(Wish {
            folder: target.folder,
            uid_validity: target.uid_validity,
            uids: Uids::These(uids),
            change,
            destination: String::new(),
        });
    }

    /// The message is about to leave: on to the next, or back to the list.
    fn leave(&self, target: &Target) {
        if self.is_open(target) && self.mailbox.hits_now().is_some() {
            let beside = |by| self.mailbox.hit_beside(Some(target), by, &[]);
            match beside(1).or_else(|| beside(-1)) {
                Some(next) => self.open_hit(&next),
                None => self.go(&self.mailbox.list_address_now()),
            }
            return;
        }
        let beside = |by| untrack(|| self.mailbox.neighbour(target, by));
        let next = beside(1).or_else(|| beside(-1));
        if self.is_open(target) {
            match self.mailbox.list_now().zip(next) {
                Some((list, next)) => self.go(&self.address(&list, next)),
                None => self.go(&self.mailbox.list_address_now()),
            }
        }
        browser::focus_row(next);
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn each_key_means_one_command() {
        for command in Command::ALL {
            if command != Command::Palette {
                assert_eq!(Command::of_key(command.key()), Some(command));
            }
        }
        assert_eq!(Command::of_key("Delete"), Some(Command::Delete));
        assert_eq!(Command::of_key("q"), None);
    }
}
