//! Parts of a mail that are shown as cards instead of files: invitations, reports of mail servers,
//! visiting cards, and the files that Outlook wraps up. All of it is text of a stranger's, on one
//! line each unless said otherwise, and bounded.

use super::Address;
use serde::{Deserialize, Serialize};

/// The cards of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cards {
    pub invitation: Option<Invitation>,
    pub delivery: Option<DeliveryReport>,
    pub contacts: Vec<Contact>,
    pub wrapped: Vec<Wrapped>,
}

/// An event that somebody tells of (iTIP, RFC 5546).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub purpose: Purpose,
    pub summary: String,
    /// In words, by the person's clock.
    pub when: String,
    /// The same by the clock of the event's zone, where that is another.
    pub when_there: Option<String>,
    /// How it repeats, in words.
    pub repeats: Option<String>,
    pub location: String,
    /// Several lines.
    pub description: String,
    pub organizer: Option<Address>,
    /// Whether that is one address that mail can be sent to.
    pub organizer_is_valid: bool,
    /// Whether an answer goes to somebody else than wrote the mail.
    pub organizer_is_another: bool,
    pub attendees: Vec<Attendee>,
    /// How many more there are.
    pub more_attendees: u32,
    /// Counts the changes; 0 is the first version.
    pub sequence: u32,
    /// What an attendee wrote along with an answer.
    pub comment: String,
    /// The person's own answer, as the mail has it, where they are invited.
    pub mine: Option<Participation>,
    /// Names the answer that can be given; `None` where none is asked for.
    pub answer: Option<String>,
}

/// What the sender wants with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An invitation, or its newer version.
    Request,
    /// It does not take place.
    Cancel,
    /// An attendee's answer.
    Reply,
    /// Another time is proposed.
    Counter,
    /// For information.
    Publish,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    pub address: Address,
    pub participation: Participation,
    pub optional: bool,
}

/// An attendee's answer (RFC 5545, section 3.2.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Participation {
    #[default]
    NeedsAction,
    Accepted,
    Tentative,
    Declined,
    Delegated,
}

/// What the person answers to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvitationAnswer {
    Accept,
    Tentative,
    Decline,
}

impl InvitationAnswer {
    /// As a form's field has it.
    pub fn value(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Tentative => "tentative",
            Self::Decline => "decline",
        }
    }
}

/// What mail servers report about a mail that was sent (RFC 3464).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReport {
    /// The server that writes.
    pub server: Option<String>,
    pub recipients: Vec<RecipientReport>,
    /// How many more there are.
    pub more: u32,
}

/// What became of the mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientReport {
    pub recipient: String,
    /// Whom it was sent to, where that is another.
    pub original: Option<String>,
    pub fate: Fate,
    /// The code and what the refusing server said, as it said it; may be empty.
    pub said: String,
    /// Until when it is tried again, in words.
    pub retry_until: Option<String>,
}

/// RFC 3464, section 2.3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    Failed,
    Delayed,
    Delivered,
    /// Handed to a server that makes no reports.
    Relayed,
    /// To several others.
    Expanded,
}

/// A visiting card (RFC 6350).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Never empty.
    pub name: String,
    pub organization: String,
    pub title: String,
    /// Each one address that mail can be sent to.
    pub emails: Vec<String>,
    /// What stands as an address and is none.
    pub odd_emails: Vec<String>,
    pub phones: Vec<String>,
}

/// What is in a winmail.dat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    /// The part's number for BODY[…].
    pub part: String,
    /// The file's own name.
    pub name: String,
    pub files: Vec<WrappedFile>,
    /// It is larger than is unpacked.
    pub too_large: bool,
}

/// A file in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedFile {
    /// Its place among the files, from 0.
    pub index: u32,
    /// Fit to be a file's name; never empty.
    pub name: String,
    /// `type/subtype` in lower case.
    pub mime: String,
    pub size: u32,
}
