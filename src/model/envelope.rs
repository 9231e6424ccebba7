//! A row of the message list, and the window of rows a page shows.

use super::Address;
use serde::{Deserialize, Serialize};

/// A moment, ready to be shown. The server writes it out in the person's time zone and language,
/// so that no calendar has to reach the browser and both sides agree to the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Seconds since 1970-01-01T00:00:00Z; 0 where the mail has no usable date.
    pub epoch: i64,
    /// As short as a list wants it: `09:42`, `Gestern`, `Fr`, `19.11.`, `17.11.2024`.
    pub short: String,
    /// Whole: `Dienstag, 24. November 2026, 09:42`.
    pub long: String,
    /// For `<time datetime>`: RFC 3339 in UTC; empty where there is no date.
    pub iso: String,
}

/// The flags that Posthorn shows (RFC 9051, section 2.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
// Independent flags of the protocol, not a state in disguise.
#[allow(clippy::struct_excessive_bools)]
#[serde(default)]
pub struct Flags {
    /// `\Seen`
    #[serde(skip_serializing_if = "is_not")]
    pub seen: bool,
    /// `\Flagged`, shown as a star
    #[serde(skip_serializing_if = "is_not")]
    pub flagged: bool,
    /// `\Answered`
    #[serde(skip_serializing_if = "is_not")]
    pub answered: bool,
    /// `$Forwarded`
    #[serde(skip_serializing_if = "is_not")]
    pub forwarded: bool,
    /// `\Draft`
    #[serde(skip_serializing_if = "is_not")]
    pub draft: bool,
    /// `$MDNSent` (RFC 3503): a read receipt was sent, or will never be.
    #[serde(skip_serializing_if = "is_not")]
    pub receipted: bool,
}

/// What is left out of a page: most flags of most messages are not set.
// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_not(flag: &bool) -> bool {
    !flag
}

/// One message in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub uid: u32,
    /// The row's place in the list, counted from its end: 1 is the last row. What arrives on top
    /// leaves the places of all others as they are.
    pub ordinal: u32,
    /// Where the row stands for a conversation, the UIDs of its other messages in this folder; at
    /// most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<u32>,
    pub flags: Flags,
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    /// Decoded, without line breaks; empty where there is none.
    pub subject: String,
    pub date: Stamp,
    /// RFC822.SIZE in octets.
    pub size: u32,
    /// Whether it seems to carry attachments: `$HasAttachment` where the server sets it, else by
    /// the top-level Content-Type.
    pub attachment: bool,
    /// The beginning of the text, one line; empty where it would have cost another round.
    pub snippet: String,
}

/// Rows of a list, the highest ordinal first: a page of it, or those that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The folder's full name.
    pub folder: String,
    /// UIDVALIDITY (RFC 9051, section 2.3.1.1): UIDs mean something only together with it.
    pub uid_validity: u32,
    /// Rows of the whole list; of a folder listed as it is, EXISTS.
    pub total: u32,
    /// 1 is the first page; where rows were asked for by their ordinals, the page on which the
    /// first of them stands.
    pub page: u32,
    /// At least 1.
    pub pages: u32,
    pub envelopes: Vec<Envelope>,
    /// `None` for the folder as it is.
    #[serde(default)]
    pub notes: Option<super::ListingNotes>,
}
