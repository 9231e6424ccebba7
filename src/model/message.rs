//! One opened message without its body: the body is a document of its own (see `server::body`).

use super::{Address, Beside, Flags, Remote, Stamp};
use serde::{Deserialize, Serialize};

/// Which body the reader shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyView {
    /// HTML where the mail has it, else text.
    #[default]
    Preferred,
    /// Text, asked for by the person.
    Text,
}

/// A part that can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The part's number for BODY[…] (RFC 9051, section 6.4.5), such as `2` or `1.3`.
    pub part: String,
    /// The file name, decoded, free of path separators and control characters; never empty.
    pub name: String,
    /// `type/subtype` in lower case.
    pub mime: String,
    /// Octets after decoding, estimated from the encoded size.
    pub size: u32,
}

/// A header line for the "all headers" view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderLine {
    pub name: String,
    pub value: String,
}

/// How a message says that it is signed or encrypted. Posthorn checks nothing and decrypts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// Its text can be read; who wrote it was not checked.
    Signed,
    /// Signed, and its text wrapped into the signature.
    SignedOpaque,
    Encrypted,
}

/// A message that is attached to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nested {
    /// The part's number.
    pub part: String,
    pub subject: String,
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    /// `None` where it says none.
    pub date: Option<Stamp>,
    pub attachments: Vec<Attachment>,
    /// How many parts are not in that list, since there are too many.
    pub unlisted: u32,
}

/// What the reader shows around the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
    /// As they are after opening: `\Seen` is set unless that failed.
    pub flags: Flags,
    /// `true` where opening is what made it read; the page then counts one unseen less.
    pub newly_seen: bool,
    pub subject: String,
    pub from: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub date: Stamp,
    /// RFC822.SIZE in octets.
    pub size: u32,
    /// Whether the mail has a text and an HTML body, and so a choice.
    pub has_html: bool,
    pub has_text: bool,
    pub attachments: Vec<Attachment>,
    /// How many parts are not in that list, since there are too many.
    pub unlisted: u32,
    /// About images from the net; `None` where the mail has no HTML.
    pub remote: Option<Remote>,
    /// The messages that are attached, to be read in place.
    pub nested: Vec<Nested>,
    pub protection: Option<Protection>,
    /// All header lines; empty unless asked for.
    pub headers: Vec<HeaderLine>,
    /// What is said and offered about it.
    pub beside: Beside,
}
