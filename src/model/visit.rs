//! What a page knows besides the mailbox: who looks at it, in which language, and what the page
//! before has to say.

use super::{Account, Error, SignInProblem, Theme, Undo};
use crate::i18n::Locale;
use serde::{Deserialize, Serialize};

/// Something that was done, to be confirmed on the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    Sent,
    /// Sent, but the copy in Sent could not be stored.
    SentNotFiled,
    Saved,
    Discarded,
    Moved,
    Archived,
    Trashed,
    Deleted,
    MarkedUnread,
    /// Flags were set or taken away.
    Marked,
    /// What was done before is taken back.
    Undone,
    ReportedSpam,
    NotSpam,
    SignedOut,
    FolderCreated,
    FolderRenamed,
    FolderDeleted,
    Subscribed,
    Unsubscribed,
    Emptied,
    AllRead,
    SenderTrusted,
    SenderNotTrusted,
    /// An invitation was answered.
    Answered,
    /// A read receipt was sent.
    ReceiptSent,
    /// A mailing list was told to send no more.
    ListLeft,
}

/// One load of a page, as the browser's half takes it over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub locale: Locale,
    /// Whether lists are by conversations.
    pub conversations: bool,
    /// Whether the rows of lists are narrow.
    pub compact: bool,
    /// Whether pages are light or dark.
    pub theme: Theme,
    /// `None` where nobody is signed in.
    pub account: Option<Account>,
    pub notice: Option<Notice>,
    /// How to take back what was done.
    pub undo: Option<Undo>,
    pub error: Option<Error>,
    /// A sign-in that was refused: the address as typed, and why.
    pub sign_in: Option<(String, SignInProblem)>,
}
