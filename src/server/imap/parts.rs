//! The contents of a message: some parts in one round for showing, or one part, or the whole
//! message, in pieces for downloading. A part of any size passes through in bounded memory.

use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::open::only;
use super::select::Place;
use super::view::Mailbox;
use super::wire::{Command, is_part_number};
use futures_util::stream::{Stream, try_unfold};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Octets of a streamed part that are fetched at a time. Three such pieces are held in memory: one is
/// fetched, one waits, and one is read.
const PIECE: u32 = 1 << 20;
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

    /// The part `part` of the message `uid`, or the whole message as it is stored, as a stream of
    /// pieces, still encoded. Whoever asks for a second piece has the next ones fetched while it is
    /// read; no connection is held beyond that, so a slow reader keeps nobody waiting.
    pub fn stream_part(
        self: &Arc<Self>,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        part: Option<&str>,
    ) -> impl Stream<Item = Result<Vec<u8>, ImapError>> + Send + use<> {
        self.stream_part_from(folder, uid, expected_uid_validity, part, 0)
    }

    /// The same without its first `offset` octets.
    pub fn stream_part_from(
        self: &Arc<Self>,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        part: Option<&str>,
        offset: u32,
    ) -> impl Stream<Item = Result<Vec<u8>, ImapError>> + Send + use<> {
        let pieces = Pieces {
            engine: Arc::clone(self),
            folder: folder.to_owned(),
            uid,
            validity: expected_uid_validity,
            part: part.unwrap_or_default().to_owned(),
            whole: part.is_none(),
            offset: Some(offset),
        };
        try_unfold(Reading::Begin(pieces), Reading::next)
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
    async fn section(
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
        let line = format!(" {uid} (UID BODY.PEEK[{section}]<{offset}.{length}>)");
        let (selected, answers) =
            on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
                connection
                    .run_in(place, vec![Command::new("UID FETCH").raw(&line)])
                    .await
            })?;
        let mut fetched = only(answers, uid)?;
        // An end is where the server says so, not where its answer is about something else.
        let piece = fetched
            .take_from(section, offset)
            .filter(|piece| piece.len() <= usize::try_from(length).unwrap_or(usize::MAX))
            .ok_or_else(|| ImapError::Protocol("another piece than asked for".to_owned()))?;
        Ok((selected.uid_validity, piece))
    }
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

/// How far a part has been read.
enum Reading {
    Begin(Pieces),
    /// One piece was enough so far: for a small part, or to see what a file is.
    One(Pieces),
    /// A task of its own fetches the rest: it asks for the next piece at once, while the reader still
    /// has to do with the one before.
    Ahead(Receiver<Result<Option<Vec<u8>>, ImapError>>),
}

impl Reading {
    /// The next piece; `None` at the end.
    async fn next(self) -> Result<Option<(Vec<u8>, Self)>, ImapError> {
        let mut receiver = match self {
            Self::Begin(mut pieces) => {
                let piece = pieces.next().await?;
                return Ok(piece.map(|piece| (piece, Self::One(pieces))));
            }
            Self::One(pieces) if pieces.offset.is_none() => return Ok(None),
            Self::One(pieces) => {
                let (sender, receiver) = channel(1);
                tokio::spawn(pieces.send(sender));
                receiver
            }
            Self::Ahead(receiver) => receiver,
        };
        // A task that ended without saying that this is the end has failed.
        let piece = receiver
            .recv()
            .await
            .unwrap_or_else(|| Err(ImapError::Protocol("a piece could not be read".to_owned())))?;
        Ok(piece.map(|piece| (piece, Self::Ahead(receiver))))
    }
}

/// A part on its way out.
struct Pieces {
    engine: Arc<Engine>,
    folder: String,
    uid: u32,
    validity: Option<u32>,
    part: String,
    whole: bool,
    /// Where the next piece begins; `None` after the last one.
    offset: Option<u32>,
}

impl Pieces {
    /// Sends all that are left, and `None` for the end. Whoever stops reading lets the piece come that is on
    /// its way: a command that is given up half-way costs its connection.
    async fn send(mut self, sender: Sender<Result<Option<Vec<u8>>, ImapError>>) {
        let mut more = true;
        while more {
            let piece = self.next().await;
            more = matches!(piece, Ok(Some(_)));
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, ImapError> {
        let Some(offset) = self.offset else {
            return Ok(None);
        };
        if !self.whole && !is_part_number(&self.part) {
            return Err(ImapError::BadInput);
        }
        let place = (self.folder.as_str(), self.uid, self.validity);
        let (validity, piece) = self
            .engine
            .section(place, &self.part, offset, PIECE)
            .await?;
        // All pieces are of the same message.
        self.validity = Some(validity);
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        self.offset = offset.checked_add(length).filter(|_| length == PIECE);
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
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
