//! A folder of the mailbox, as the navigation shows it.

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
    /// `false` for a level that only holds others (`\Noselect`, `\NonExistent`).
    pub selectable: bool,
    pub subscribed: bool,
    /// Messages in all (STATUS MESSAGES); 0 where the folder is not selectable.
    pub total: u32,
    /// Unseen messages (STATUS UNSEEN).
    pub unseen: u32,
}
