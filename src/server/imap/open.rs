//! One message: its header and its structure, in one round, and not a byte of its body.

use super::answer::{Answer, Fetched, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::select::Place;
use super::view::Mailbox;
use super::window;
use super::wire::Command;
use crate::mail::header::Header;
use crate::mail::structure::Part;
use crate::model::Flags;

/// Octets of a message that are read to find its structure, where the server's answer about it
/// cannot be understood.
const WHOLE_LIMIT: u32 = 4 << 20;

/// A message, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    pub uid_validity: u32,
    pub flags: Flags,
    pub size: u32,
    /// Seconds since 1970; 0 where the server has none.
    pub internal_date: i64,
    /// The whole header with the empty line at its end.
    pub header: Vec<u8>,
    pub structure: Part,
}

impl Engine {
    /// The message `uid` of `folder`. `\Seen` stays as it is.
    pub async fn open(
        &self,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
    ) -> Result<RawMessage, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let expected = expected_uid_validity;
        let by_structure = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            fetch(connection, &mailbox, uid, expected, "BODYSTRUCTURE").await
        });
        let fetched = match by_structure {
            Ok((uid_validity, fetched)) if fetched.structure.is_some() => (uid_validity, fetched),
            // Nested too deep, or written as no parser takes it; that connection is gone.
            Ok(_) | Err(ImapError::Protocol(_)) => {
                tracing::info!("a BODYSTRUCTURE could not be read, reading the message");
                let item = format!("BODY.PEEK[]<0.{WHOLE_LIMIT}>");
                on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
                    fetch(connection, &mailbox, uid, expected, &item).await
                })?
            }
            Err(error) => return Err(error),
        };
        let (uid_validity, mut fetched) = fetched;
        let whole = fetched.take("");
        let header = fetched.take("HEADER").unwrap_or_default();
        let mut structure = fetched
            .structure
            .take()
            .or_else(|| Part::from_message(&whole.unwrap_or_default()))
            .unwrap_or_else(empty_text);
        structure.read_meant_type(&Header::parse(&header));
        Ok(RawMessage {
            uid_validity,
            flags: window::flags(fetched.flags.as_deref().unwrap_or_default()),
            size: fetched.size.unwrap_or_default(),
            internal_date: fetched.internal_date.unwrap_or_default(),
            header,
            structure,
        })
    }
}

impl Engine {
    /// The flags of a message of which the rest is known, since it never changes.
    pub async fn flags(
        &self,
        folder: &str,
        uid: u32,
        uid_validity: u32,
    ) -> Result<Flags, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let place = Place {
            mailbox: &mailbox,
            expected: Some(uid_validity),
            highest: uid,
        };
        let (_, answers) = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            let fetch = Command::new("UID FETCH").raw(&format!(" {uid} (UID FLAGS)"));
            connection.run_in(place, vec![fetch]).await
        })?;
        let data = answers.into_iter().flat_map(|answer| answer.untagged);
        let flags = last_flags(data, uid).ok_or(ImapError::NoMessage)?;
        Ok(window::flags(&flags))
    }
}

/// The newest flags of the message `uid`, unless it has gone by the end of what was told: a
/// connection that has not heard of that yet still knows the flags, and hears of it behind them.
fn last_flags(data: impl Iterator<Item = Untagged>, uid: u32) -> Option<Vec<String>> {
    let mut last: Option<(u32, Vec<String>)> = None;
    for data in data {
        match (data, &mut last) {
            (Untagged::Fetch(fetched), _) if fetched.uid == Some(uid) => {
                let flags = fetched.flags.map(|flags| (fetched.sequence, flags));
                last = flags.or(last);
            }
            // Those behind it move up (RFC 9051, section 7.5.1).
            (Untagged::Expunge(gone), Some((number, _))) if gone < *number => *number -= 1,
            (Untagged::Expunge(gone), Some((number, _))) if gone == *number => last = None,
            _ => {}
        }
    }
    last.map(|(_, flags)| flags)
}

async fn fetch(
    connection: &mut Connection,
    mailbox: &Mailbox,
    uid: u32,
    expected: Option<u32>,
    item: &str,
) -> Result<(u32, Fetched), ImapError> {
    let place = Place {
        mailbox,
        expected,
        highest: uid,
    };
    let command = Command::new("UID FETCH").raw(&format!(
        " {uid} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] {item})"
    ));
    if uid == 0 {
        return Err(ImapError::NoMessage);
    }
    let (selected, answers) = connection.run_in(place, vec![command]).await?;
    Ok((selected.uid_validity, only(answers, uid)?))
}

/// All that the answers say of the message `uid`, and of no other one; [`ImapError::NoMessage`] where
/// that is nothing but news of its flags, or that it has gone (EXPUNGEISSUED): then what is NIL is
/// not empty.
pub(super) fn only(answers: Vec<Answer>, uid: u32) -> Result<Fetched, ImapError> {
    if answers
        .iter()
        .any(|answer| answer.code == Some(Code::ExpungeIssued))
    {
        return Err(ImapError::NoMessage);
    }
    let fetches = answers
        .into_iter()
        .flat_map(|answer| answer.untagged)
        .filter_map(|data| {
            if let Untagged::Fetch(fetched) = data {
                Some(fetched)
            } else {
                None
            }
        });
    let mut found: Option<Fetched> = None;
    for fetched in fetches.filter(|fetched| fetched.uid == Some(uid)) {
        if !fetched.sections.is_empty() {
            // The one that was asked for.
            found = Some(*fetched);
        } else if let Some(found) = &mut found {
            found.flags = fetched.flags.or(found.flags.take());
        }
    }
    found.ok_or(ImapError::NoMessage)
}

/// The structure of a message without content (RFC 2045, section 5.2).
fn empty_text() -> Part {
    Part {
        id: "1".to_owned(),
        kind: "text".to_owned(),
        subtype: "plain".to_owned(),
        encoding: "7bit".to_owned(),
        ..Part::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_what_has_gone_are_none() {
        let told = |number, uid| {
            Untagged::Fetch(Box::new(Fetched {
                sequence: number,
                uid: Some(uid),
                flags: Some(vec!["\\Seen".to_owned()]),
                ..Fetched::default()
            }))
        };
        let of_30 = |data: Vec<Untagged>| last_flags(data.into_iter(), 30).is_some();
        assert!(of_30(vec![told(3, 30)]));
        assert!(!of_30(vec![told(2, 20)]));
        assert!(!of_30(vec![told(3, 30), Untagged::Expunge(3)]));
        assert!(of_30(vec![told(3, 30), Untagged::Expunge(4)]));
        assert!(!of_30(vec![
            told(3, 30),
            Untagged::Expunge(1),
            Untagged::Expunge(2)
        ]));
        assert!(of_30(vec![
            told(3, 30),
            Untagged::Expunge(1),
            Untagged::Expunge(3)
        ]));
        assert!(of_30(vec![Untagged::Expunge(3), told(3, 30)]));
    }
}
