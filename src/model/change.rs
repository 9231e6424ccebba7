//! What can be done to messages.

use super::Notice;
use serde::{Deserialize, Serialize};

/// One change to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Sets `\Seen`.
    Read,
    /// Takes `\Seen` away.
    Unread,
    /// Sets `\Flagged`.
    Star,
    /// Takes `\Flagged` away.
    Unstar,
    /// To the Archive folder.
    Archive,
    /// To the Junk folder.
    Spam,
    /// From the Junk folder to the inbox.
    NotSpam,
    /// To the Trash folder.
    Trash,
    /// For ever.
    Delete,
    /// To a folder of one's choice.
    Move,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Unread,
        Self::Star,
        Self::Unstar,
        Self::Archive,
        Self::Spam,
        Self::NotSpam,
        Self::Trash,
        Self::Delete,
        Self::Move,
    ];

    /// Back from [`Self::value`].
    pub fn from_value(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.value() == value)
    }

    /// The value in a form; what serde reads.
    pub fn value(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Star => "star",
            Self::Unstar => "unstar",
            Self::Archive => "archive",
            Self::Spam => "spam",
            Self::NotSpam => "not-spam",
            Self::Trash => "trash",
            Self::Delete => "delete",
            Self::Move => "move",
        }
    }

    /// What to say afterwards; `None` where the page shows it anyway.
    pub fn notice(self) -> Option<Notice> {
        match self {
            Self::Read | Self::Star | Self::Unstar => None,
            Self::Unread => Some(Notice::MarkedUnread),
            Self::Archive => Some(Notice::Archived),
            Self::Spam => Some(Notice::ReportedSpam),
            Self::NotSpam => Some(Notice::NotSpam),
            Self::Trash => Some(Notice::Trashed),
            Self::Delete => Some(Notice::Deleted),
            Self::Move => Some(Notice::Moved),
        }
    }

    /// Whether the message leaves its folder.
    pub fn takes_away(self) -> bool {
        !matches!(self, Self::Read | Self::Unread | Self::Star | Self::Unstar)
    }
}

/// Where messages are: those that were moved, as far as the mail server tells, or those of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    pub folder: String,
    /// UIDVALIDITY of that folder.
    pub uid_validity: u32,
    /// Their UIDs, as a set (see [`super::uid_set`]).
    pub set: String,
}

/// A change that takes another one back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    pub folder: String,
    pub uid_validity: u32,
    /// The UIDs, as a set (see [`super::uid_set`]).
    pub set: String,
    pub change: Change,
    /// The folder to move to.
    pub destination: String,
}

/// What became of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Where the messages are now, if they left their folder and can be brought back.
    pub relocated: Option<Whereabouts>,
}

impl Changed {
    /// How to bring the messages back to the folder `from`.
    pub fn undo(self, from: &str) -> Option<Undo> {
        self.relocated.map(|place| Undo {
            folder: place.folder,
            uid_validity: place.uid_validity,
            set: place.set,
            change: Change::Move,
            destination: from.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn a_form_says_what_serde_reads() {
        for change in Change::ALL {
            assert_eq!(Change::from_value(change.value()), Some(change));
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(text, format!("\"{}\"", change.value()));
        }
    }
}
