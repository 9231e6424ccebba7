//! Conversations: a row of their list, and one of them whole.

use super::{Address, Envelope};
use serde::{Deserialize, Serialize};

/// One conversation in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRow {
    /// The message that arrived last; the row shows its subject, date and snippet.
    pub newest: Envelope,
    /// Its messages in this folder, in the order of arrival; of very many the newest 1,000.
    pub uids: Vec<u32>,
    /// How many there are in this folder.
    pub count: u32,
    /// Unread ones among the newest 51.
    pub unread: u32,
    /// Whether one of those has a star.
    pub flagged: bool,
    /// Who wrote, in the order of their first message here; at most 20.
    pub people: Vec<Address>,
}

/// A window of a folder's conversations, the one with the newest arrival first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationWindow {
    /// The folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    /// Messages in the folder.
    pub messages: u32,
    /// Conversations, as far as they are known.
    pub total: u32,
    /// `false` where only the newest messages were gathered: the server cannot do it, and the
    /// folder is large.
    pub complete: bool,
    /// The position of the first row; 0 is the newest.
    pub first: u32,
    pub rows: Vec<ConversationRow>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationMember {
    /// Where it lies: the folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    pub envelope: Envelope,
}

/// A conversation whole, with what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// By date, the eldest first.
    pub members: Vec<ConversationMember>,
    /// `false` where there may be more than was found.
    pub complete: bool,
}
