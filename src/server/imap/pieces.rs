//! A part, or the whole message, as a stream for downloading, of any size in bounded memory.
//!
//! How much is asked for at a time follows the server and the reader. Dovecot reads a part from its
//! beginning for every piece, so after a first one, which may be all that is wanted, the rest is asked
//! for as far as the server gives it in two seconds, and handed on while it comes (`guard/tap.rs`).
//! No connection waits for a reader: if after two seconds one has no room, on a train, what still comes is
//! thrown away, and the rest fetched in pieces again, as much at a time as such a reader takes.

use super::answer::Answer;
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::guard::{CHUNK, Sink, Tap, Tapped};
use super::open::only;
use super::parts::{PIECE, fetch_section};
use super::select::Place;
use super::view::Selected;
use super::wire::{Command, is_part_number};
use futures_channel::mpsc::{Receiver, channel};
use futures_util::stream::{Stream, try_unfold};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Octets that are asked for at a time of what is handed on, at most: so much may be thrown away.
const LARGEST: u32 = 48 << 20;
/// For how long what is asked for at a time shall take, and after which no reader is waited for.
const SPAN: Duration = Duration::from_secs(2);
/// By when it must have come; then the server has become slow.
const PATIENCE: Duration = Duration::from_secs(10);
/// Chunks that may wait for the reader, beside one a sender. Far less than a piece: how long it takes to
/// be rid of one tells how fast the reader is.
const WAITING: usize = 6;

impl Engine {
    /// The part `part` of the message `uid`, or the whole message as it is stored, as a stream of
    /// octets, still encoded. Whoever asks for a second piece has the next ones fetched while it is
    /// read; a slow reader keeps nobody waiting.
    pub fn stream_part(
        self: &Arc<Self>,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        part: Option<&str>,
    ) -> impl Stream<Item = Result<Vec<u8>, ImapError>> + Send + use<> {
        let place = (folder, uid, expected_uid_validity);
        Pieces::new(self, place, part, 0, LARGEST).stream()
    }

    /// The same without its first `offset` octets, in pieces only: for a reader that may want just
    /// some of it, or takes its time, such as a player.
    pub fn stream_part_from(
        self: &Arc<Self>,
        folder: &str,
        uid: u32,
        expected_uid_validity: Option<u32>,
        part: Option<&str>,
        offset: u32,
    ) -> impl Stream<Item = Result<Vec<u8>, ImapError>> + Send + use<> {
        let place = (folder, uid, expected_uid_validity);
        Pieces::new(self, place, part, offset, PIECE).stream()
    }
}

/// How far a part has been read.
enum Reading {
    Begin(Pieces),
    /// One piece was enough so far: for a small part, or to see what a file is.
    One(Pieces),
    /// A task of its own fetches the rest, while the reader still has to do with what came before.
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
                let (sink, receiver) = channel(WAITING);
                tokio::spawn(pieces.send(sink));
                receiver
            }
            Self::Ahead(receiver) => receiver,
        };
        // A task that ended without saying that this is the end has failed.
        let piece = receiver
            .next()
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
    /// What may be asked for at a time.
    most: u32,
    /// What the server gives in time, as far as its last piece tells.
    given: u32,
    /// [`SPAN`] at the engine's pace.
    span: Duration,
}

impl Pieces {
    fn new(
        engine: &Arc<Engine>,
        (folder, uid, validity): (&str, u32, Option<u32>),
        part: Option<&str>,
        offset: u32,
        most: u32,
    ) -> Self {
        Self {
            engine: Arc::clone(engine),
            folder: folder.to_owned(),
            uid,
            validity,
            part: part.unwrap_or_default().to_owned(),
            whole: part.is_none(),
            offset: Some(offset),
            most,
            given: PIECE,
            span: engine.pace().of(SPAN),
        }
    }

    fn stream(self) -> impl Stream<Item = Result<Vec<u8>, ImapError>> + Send + use<> {
        try_unfold(Reading::Begin(self), Reading::next)
    }

    /// Sends all that are left, and `None` for the end. Whoever stops reading lets come what is on its
    /// way: a command that is given up half-way costs its connection.
    async fn send(mut self, mut sink: Sink<ImapError>) {
        let mut length = self.given.min(self.most);
        loop {
            let begun = (Instant::now(), self.offset);
            let sent = if length > PIECE {
                self.hand_on(length, &mut sink).await
            } else {
                self.send_piece(&mut sink).await
            };
            match sent {
                Ok(true) => length = self.next_length(length, begun),
                Ok(false) => return,
                // From where it was left, and in pieces from now on: these tell what is wrong.
                Err(_) if length > PIECE => {
                    self.most = PIECE;
                    length = PIECE;
                }
                Err(error) => {
                    // Nobody may be there to hear it.
                    let _ = sink.send(Err(error)).await;
                    return;
                }
            }
        }
    }

    /// How much to ask for after `length`, by what was sent since then.
    fn next_length(&self, length: u32, (time, offset): (Instant, Option<u32>)) -> u32 {
        let octets = match (offset, self.offset) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => 0,
        };
        // What buffers on the way swallow at once says little about the reader.
        let most = self.most.min(length.saturating_mul(2)).max(PIECE);
        self.in_time(octets, time.elapsed()).min(most)
    }

    /// How much takes the span where so many octets took so long, in whole pieces.
    fn in_time(&self, octets: u32, time: Duration) -> u32 {
        let fitting = u128::from(octets).saturating_mul(self.span.as_micros());
        let pieces = fitting / time.as_micros().max(1) / u128::from(PIECE);
        let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
        pieces.saturating_mul(PIECE).max(PIECE)
    }

    /// Fetches one piece whole and sends it; `false` where that is the end, or nobody reads any more.
    async fn send_piece(&mut self, sink: &mut Sink<ImapError>) -> Result<bool, ImapError> {
        let Some(piece) = self.next().await? else {
            let _ = sink.send(Ok(None)).await;
            return Ok(false);
        };
        Ok(send_all(&piece, sink).await)
    }

    /// Fetches `length` octets and hands them on while they come; `false` where nobody reads any more.
    /// Where it fails, what was handed on is counted.
    async fn hand_on(
        &mut self,
        length: u32,
        sink: &mut Sink<ImapError>,
    ) -> Result<bool, ImapError> {
        let Some(offset) = self.offset else {
            let _ = sink.send(Ok(None)).await;
            return Ok(false);
        };
        // Nothing is asked for while there is no room for it.
        if std::future::poll_fn(|context| sink.poll_ready(context))
            .await
            .is_err()
        {
            return Ok(false);
        }
        let mailbox = self.engine.mailbox(&self.folder)?;
        let place = Place {
            mailbox: &mailbox,
            expected: self.validity,
            highest: self.uid,
        };
        let (ran, tapped) = on_connection!(
            self.engine,
            Some(&mailbox),
            Retry::Never,
            |connection| async {
                // Nothing may be handed on of another mailbox than the one that is meant.
                connection.enter(place).await?;
                let reader = (sink.clone(), self.span);
                let tap = Tap::new(self.uid, &self.part, offset, length, reader);
                let fetch = fetch_section(self.uid, &self.part, offset, length);
                let fetch = fetch.within(PATIENCE);
                Ok(connection.run_tapped(place, fetch, tap).await)
            }
        )?;
        let handed = u32::try_from(tapped.handed).unwrap_or(u32::MAX);
        self.offset = offset.checked_add(handed);
        if tapped.cut {
            // Too slow for so much, or gone.
            ran?;
            return Ok(!sink.is_closed());
        }
        let piece = only(ran?.1, self.uid)?
            .take_from(&self.part, offset)
            .ok_or_else(another)?;
        let last = if tapped.whole {
            tapped.rest
        } else {
            // By way of the parser, for which else an empty string stood. A server whose answers are
            // not recognised is not asked for so much again.
            self.most = PIECE;
            piece
        };
        let octets = handed.saturating_add(u32::try_from(last.len()).unwrap_or(u32::MAX));
        if octets > length {
            return Err(another());
        }
        if !send_all(&last, sink).await {
            return Ok(false);
        }
        self.offset = offset.checked_add(octets);
        if octets < length {
            // The end, or all that the server gives at a time: the next piece tells.
            self.most = PIECE;
            if self.is_all().await {
                self.offset = None;
            }
        }
        Ok(true)
    }

    /// Whether so much has come as the server says that there is. To ask for a piece behind the end
    /// would make it read all once more.
    async fn is_all(&self) -> bool {
        let message = self
            .engine
            .open(&self.folder, self.uid, self.validity)
            .await;
        let size = message.ok().and_then(|message| {
            if self.whole {
                Some(message.size)
            } else {
                message.structure.find(&self.part).map(|part| part.octets)
            }
        });
        size.is_some() && size == self.offset
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, ImapError> {
        let Some(offset) = self.offset else {
            return Ok(None);
        };
        if !self.whole && !is_part_number(&self.part) {
            return Err(ImapError::BadInput);
        }
        let place = (self.folder.as_str(), self.uid, self.validity);
        let begun = Instant::now();
        let (validity, piece) = self
            .engine
            .section(place, &self.part, offset, PIECE)
            .await?;
        // All pieces are of the same message.
        self.validity = Some(validity);
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        self.given = self.in_time(length, begun.elapsed());
        self.offset = offset.checked_add(length).filter(|_| length == PIECE);
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

/// Sends octets in chunks; `false` where nobody reads any more.
async fn send_all(octets: &[u8], sink: &mut Sink<ImapError>) -> bool {
    for chunk in octets.chunks(CHUNK) {
        if sink.send(Ok(Some(chunk.to_vec()))).await.is_err() {
            return false;
        }
    }
    true
}

fn another() -> ImapError {
    ImapError::Protocol("another piece than asked for".to_owned())
}

impl Connection {
    /// Runs a command whose one large literal goes past the parser, and what came of that.
    pub(super) async fn run_tapped(
        &mut self,
        place: Place<'_>,
        command: Command,
        tap: Tap,
    ) -> (Result<(Selected, Vec<Answer>), ImapError>, Tapped) {
        self.client.get_mut().tap(tap);
        let ran = self.run_in(place, vec![command]).await;
        let tapped = self.client.get_mut().end_tap();
        if tapped.within {
            // What is left of it would be read as answers. Where the connection broke, that says more.
            let error = ran.map_or_else(
                |error| error,
                |_| ImapError::Protocol("answered before it was whole".to_owned()),
            );
            self.give_up("UID FETCH", &error);
            return (Err(error), tapped);
        }
        (ran, tapped)
    }
}
