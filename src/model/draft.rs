//! A mail being written: what the composer's form holds, and what becomes of it.

use serde::{Deserialize, Serialize};

/// How a draft relates to the message it answers or passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Sets `\Answered` on the original.
    Reply,
    /// Sets `\Answered` on the original.
    ReplyAll,
    /// Sets `$Forwarded` on the original.
    Forward,
}

/// The message a draft answers or passes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub relation: Relation,
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
}

/// An attachment the draft has already, kept on the server side: a part of the stored draft or
/// of the forwarded message. The form sends back the parts to keep.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DraftAttachment {
    /// Where it lies.
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
    /// The part's number for BODY[…].
    pub part: String,
    pub name: String,
    pub mime: String,
    /// Octets after decoding, estimated.
    pub size: u32,
}

/// The composer's form. Address boxes are text as typed, so that nothing typed is lost when it
/// cannot be parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub to: String,
    pub cc: String,
    pub bcc: String,
    pub subject: String,
    /// Plain text, LF line ends.
    pub text: String,
    /// Fixed when the composer opens; makes the send idempotent. Without angle brackets.
    pub message_id: String,
    /// Message-IDs without angle brackets (RFC 5322, section 3.6.4).
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub origin: Option<Origin>,
    pub attachments: Vec<DraftAttachment>,
    /// UID of the stored draft this one replaces, with the UIDVALIDITY of the Drafts folder.
    pub stored: Option<(u32, u32)>,
}

/// How the composer was opened: the query of `/compose`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ComposeQuery {
    /// `?to=`: addresses, or a whole `mailto:` URI (RFC 6068).
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub cc: String,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub body: String,
    /// `?reply=`, `?reply-all=`, `?forward=`: the UID of the message in `folder`.
    #[serde(default)]
    pub reply: Option<u32>,
    #[serde(default)]
    pub reply_all: Option<u32>,
    #[serde(default)]
    pub forward: Option<u32>,
    /// `?draft=`: the UID of a message in the Drafts folder.
    #[serde(default)]
    pub draft: Option<u32>,
    /// `?kept=`: a form that came back.
    #[serde(default)]
    pub kept: Option<String>,
    #[serde(default)]
    pub folder: String,
    /// `?v=`: the UIDVALIDITY under which the UID was read.
    #[serde(default)]
    pub uid_validity: Option<u32>,
}

/// What the composer opens with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composition {
    pub draft: Draft,
    /// Why a form came back.
    pub problem: Option<Problem>,
}

/// Why a mail was not sent or not saved, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// No recipient at all.
    NoRecipient,
    /// This piece of an address box is no address.
    BadAddress(String),
    /// More recipients than the configuration allows.
    TooManyRecipients { limit: u32 },
    /// The mail with its attachments is larger than the limit, in octets.
    TooLarge { limit: u64 },
    /// Recipients the server refused, each with the server's own line. Nothing was sent.
    RecipientsRefused(Vec<(String, String)>),
    /// The sender address was refused; the server's own line.
    SenderRefused(String),
    /// The server refused the mail as a whole; the server's own line.
    MailRefused(String),
    /// The server asks to try again later (4xx); the server's own line.
    TryLater(String),
    /// The mail server that sends cannot be reached.
    Unreachable,
    /// Sign-in at the sending server failed; the server's own line.
    AuthenticationRefused(String),
    /// The connection broke after the mail was handed over and before the answer came: it may
    /// have been sent.
    Uncertain,
    /// The mailbox is full (OVERQUOTA).
    MailboxFull,
    /// It was sent, but the copy in Sent could not be stored.
    NotFiled,
    /// An attachment to carry over is gone.
    AttachmentGone(String),
    /// Another error of the mailbox.
    Mailbox(super::Error),
}

/// What became of the composer's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendOutcome {
    /// Accepted by the SMTP server. `problem` tells what went wrong afterwards.
    Sent { problem: Option<Problem> },
    /// Stored in Drafts; the draft as it is now.
    Saved { draft: Draft },
    /// Thrown away.
    Discarded,
    /// Nothing happened; the form comes back whole.
    Refused { draft: Draft, problem: Problem },
}
