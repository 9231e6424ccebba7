//! A folder of the mailbox, as the navigation shows it, what the mailbox has room for, and why
//! something cannot be done with a folder.

use serde::{Deserialize, Serialize};

/// What a folder is for: the special uses of RFC 6154, and INBOX (RFC 9051, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FolderRole {
    Inbox,
    Flagged,
    Drafts,
    Sent,
    Archive,
    All,
    Junk,
    Trash,
}

/// Whose folder it is (RFC 2342).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Space {
    #[default]
    Own,
    /// Another person's, who lets this one in.
    Others,
    /// Nobody's in particular.
    Shared,
}

/// One folder. The list of folders is flat and in the order it is shown; `depth` indents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// The full name, decoded from modified UTF-7, with the server's own delimiter: the identity
    /// of the folder in routes and calls.
    pub name: String,
    /// The last level of the name, for display.
    pub label: String,
    /// 0 for the top level.
    pub depth: u32,
    pub role: Option<FolderRole>,
    pub space: Space,
    /// `false` for a level that only holds others (`\Noselect`, `\NonExistent`).
    pub selectable: bool,
    pub subscribed: bool,
    /// Messages in all (STATUS MESSAGES); 0 where the folder is not selectable.
    pub total: u32,
    /// Unseen messages (STATUS UNSEEN).
    pub unseen: u32,
    /// Every message that was counted has a UID below this one (STATUS UIDNEXT), under this
    /// UIDVALIDITY; both 0 where the folder was not counted. What is done to all messages of a
    /// folder is bounded by it, so that what comes later is left alone.
    pub uid_next: u32,
    pub uid_validity: u32,
}

/// How full the mailbox is (RFC 9208), in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub used: u64,
    /// More than 0.
    pub limit: u64,
}

impl Quota {
    /// Of 100, rounded down, so that 100 is full.
    pub fn percent(self) -> u64 {
        self.used.saturating_mul(100) / self.limit.max(1)
    }
}

/// The folders, and how full the mailbox is where the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folders {
    pub folders: Vec<Folder>,
    pub quota: Option<Quota>,
}

/// Why something was not done with a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FolderProblem {
    /// The name is empty.
    NoName,
    TooLong,
    /// The name has a character that is not seen.
    Invisible,
    /// The name has the character that stands between levels.
    Delimiter(char),
    /// There is such a folder already.
    Exists,
    /// The folder, or one below it, has a purpose.
    Special(FolderRole),
    /// A folder cannot be moved below itself.
    IntoItself,
    /// It holds more than the person was told.
    HoldsMore,
}

#[cfg(test)]
mod tests {
    use super::Quota;

    #[test]
    fn only_what_is_full_is_100_percent() {
        let percent = |used, limit| Quota { used, limit }.percent();
        assert_eq!(percent(0, 5), 0);
        assert_eq!(percent(9_999, 10_000), 99);
        assert_eq!(percent(10_000, 10_000), 100);
        assert_eq!(percent(u64::MAX, 1), u64::MAX);
        assert_eq!(percent(1, 0), 100);
    }
}
