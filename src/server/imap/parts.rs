//! The contents of a message: some parts in one round for showing, or a piece of one.
//! `pieces.rs` puts pieces together to a download.

use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::guard::Tap;
use super::open::only;
use super::select::Place;
use super::view::Mailbox;
use super::wire::{Command, is_part_number};

/// Octets of a section that are fetched whole, at most.
pub(super) const PIECE: u32 = 1 << 20;
/// Octets of a part that are fetched for showing, at most.
const PART_LIMIT: u32 = 8 << 20;
/// The fields that make a MIME header, asked of the message itself where it is its only part.
const MIME_FIELDS: &str = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE CONTENT-TRANSFER-ENCODING \
                           CONTENT-DISPOSITION CONTENT-ID CONTENT-DESCRIPTION)]";

/// What is wanted of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRequest {
    /// The part's number.
    pub id: String,
    /// Whether its MIME header is wanted.
    pub mime: bool,
    /// Octets of its content, still encoded, that are wanted at most.
    pub max: u32,
}

/// A part, as the server tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawPart {
    /// The part's number.
    pub id: String,
    /// The MIME header; empty unless asked for. That of a message which is its only part is the
    /// message's.
    pub mime_header: Vec<u8>,
    /// The content, still encoded.
    pub body: Vec<u8>,
    /// Whether there is more of it.
    pub truncated: bool,
}

impl Engine {
    /// Parts of the message `uid`, in the order asked for, in one round. A part that is not there
    /// is empty.
    pub async fn parts(
        &self,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        requests: &[PartRequest],
    ) -> Result<Vec<RawPart>, ImapError> {
        if !requests.iter().all(|request| is_part_number(&request.id)) {
            return Err(ImapError::BadInput);
        }
        let mailbox = self.mailbox(folder)?;
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            fetch_parts(connection, &mailbox, uid, expected_uid_validity, requests).await
        })
    }

    /// At most `length` octets of the part `part` from `offset` on, still encoded.
    pub async fn piece(
        &self,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        part: &str,
        offset: u32,
        length: u32,
    ) -> Result<Vec<u8>, ImapError> {
        if !is_part_number(part) {
            return Err(ImapError::BadInput);
        }
        let place = (folder, uid, expected_uid_validity);
        let (_, piece) = self
            .section(place, part, offset, length.clamp(1, PIECE))
            .await?;
        Ok(piece)
    }

    /// Octets of a section, with the UIDVALIDITY under which they were read.
    pub(super) async fn section(
        &self,
        (folder, uid, expected): (&str, u32, Option<u32>),
        section: &str,
        offset: u32,
        length: u32,
    ) -> Result<(u32, Vec<u8>), ImapError> {
        if uid == 0 {
            return Err(ImapError::NoMessage);
        }
        let mailbox = self.mailbox(folder)?;
        let place = Place {
            mailbox: &mailbox,
            expected,
            highest: uid,
        };
        let (selected, answers, tapped) =
            on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
                let fetch = fetch_section(uid, section, offset, length);
                let tap = Tap::whole(uid, section, offset, length);
                let (ran, tapped) = connection.run_tapped(place, fetch, tap).await;
                ran.map(|(selected, answers)| (selected, answers, tapped))
            })?;
        let mut fetched = only(answers, uid)?;
        // An end is where the server says so, not where its answer is about something else.
        let piece = fetched
            .take_from(section, offset)
            .map(|parsed| if tapped.whole { tapped.rest } else { parsed })
            .filter(|piece| piece.len() <= usize::try_from(length).unwrap_or(usize::MAX))
            .ok_or_else(|| ImapError::Protocol("another piece than asked for".to_owned()))?;
        Ok((selected.uid_validity, piece))
    }
}

/// Asks for octets of one section of a message (RFC 9051, section 6.4.5).
pub(super) fn fetch_section(uid: u32, section: &str, offset: u32, length: u32) -> Command {
    Command::new("UID FETCH").raw(&format!(
        " {uid} (UID BODY.PEEK[{section}]<{offset}.{length}>)"
    ))
}

async fn fetch_parts(
    connection: &mut Connection,
    mailbox: &Mailbox,
    uid: u32,
    expected: Option<u32>,
    requests: &[PartRequest],
) -> Result<Vec<RawPart>, ImapError> {
    let mut items = vec!["UID".to_owned()];
    // Only the header's first part can be the message itself.
    let own_header = requests
        .iter()
        .any(|request| request.mime && request.id == "1");
    // RFC822.SIZE proves the message is there where no part is asked for.
    items.push(if own_header {
        MIME_FIELDS.to_owned()
    } else {
        "RFC822.SIZE".to_owned()
    });
    for request in requests {
        let id = &request.id;
        if request.mime {
            items.push(format!("BODY.PEEK[{id}.MIME]"));
        }
        // One octet more than is wanted tells whether there is more.
        items.push(format!(
            "BODY.PEEK[{id}]<0.{}>",
            request.max.min(PART_LIMIT) + 1
        ));
    }
    let command = Command::new("UID FETCH").raw(&format!(" {uid} ({})", items.join(" ")));
    if uid == 0 {
        return Err(ImapError::NoMessage);
    }
    let place = Place {
        mailbox,
        expected,
        highest: uid,
    };
    let (_, answers) = connection.run_in(place, vec![command]).await?;
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let mut fetched = only(answers, uid)?;
    let message_header = fetched.take("HEADER").unwrap_or_default();
    let parts = requests.iter().map(|request| {
        let mut mime_header = fetched
            .take(&format!("{}.MIME", request.id))
            .unwrap_or_default();
        if request.mime && request.id == "1" && !is_multipart(&message_header) {
            mime_header.clone_from(&message_header);
        }
        // A part that is not there is NIL; no answer about it is no answer.
        let mut body = fetched
            .take_from(&request.id, 0)
            .ok_or_else(|| ImapError::Protocol("a part is missing".to_owned()))?;
        let max = usize::try_from(request.max.min(PART_LIMIT)).unwrap_or(usize::MAX);
        let truncated = body.len() > max;
        body.truncate(max);
        Ok(RawPart {
            id: request.id.clone(),
            mime_header,
            body,
            truncated,
        })
    });
    parts.collect()
}

/// Whether a header's Content-Type says multipart. Then part 1 has a header of its own; else it is
/// the message, and servers differ in what they call its MIME header.
fn is_multipart(header: &[u8]) -> bool {
    let header = String::from_utf8_lossy(header).to_ascii_lowercase();
    header
        .lines()
        .enumerate()
        .find_map(|(index, line)| {
            let value = line.strip_prefix("content-type:")?;
            // Folded before the value.
            let value = match value.trim() {
                "" => header.lines().nth(index + 1).unwrap_or_default().trim(),
                value => value,
            };
            Some(value.starts_with("multipart/"))
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::is_multipart;

    #[test]
    fn a_multipart_is_told_by_its_header() {
        assert!(is_multipart(
            b"Content-Type: Multipart/Mixed; boundary=x\r\n\r\n"
        ));
        assert!(is_multipart(
            b"X: y\r\ncontent-type:\r\n multipart/signed\r\n\r\n"
        ));
        assert!(!is_multipart(
            b"Content-Type: text/plain; name=\"multipart/x\"\r\n\r\n"
        ));
        assert!(!is_multipart(b"X-Content-Type: multipart/mixed\r\n\r\n"));
        assert!(!is_multipart(b"\r\n"));
    }
}
