//! Takes the one large literal of a FETCH out of the stream and hands it on while it comes, so that
//! a part of many megabytes is asked for in one command and never held whole. The parser gets an
//! empty string in its place, so that all that is checked of an answer is checked of this one, too.
//!
//! Only what was asked for is handed on: the line has to name the message before the literal, and
//! the literal has to stand for the section that was asked for, at the place that was asked for.
//! Any other literal goes to the parser like every other.
//!
//! A piece that is fetched whole goes this way too, since the parser's buffer would hold it twice, and
//! keep the room.

use futures_channel::mpsc::Sender;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Octets that are handed on at a time. The allocator keeps pages of megabytes for larger ones, and one
/// for each thread that such pieces pass through.
pub const CHUNK: usize = 48 << 10;
/// Octets that are read at a time: a TLS record.
const READ: usize = 16 << 10;
/// Octets of a line that are looked at; what stands before the literal is short.
const LINE: usize = 512;

/// What takes the octets: pieces of a part.
pub type Sink<E> = Sender<Result<Option<Vec<u8>>, E>>;

/// One literal that is waited for. Never printed: it holds mail.
pub struct Tap<E> {
    /// How the message is named in the answer, with the space after it.
    uid: String,
    /// How the section is, with the space after it, with and without the place where it begins.
    sections: [String; 2],
    /// More octets than this were not asked for.
    limit: u64,
    reader: Reader<E>,
    stage: Stage,
    /// The beginning of the line, literals aside.
    line: Vec<u8>,
    /// What has come and was not handed on yet.
    buffer: Vec<u8>,
    handed: u64,
}

/// Who wants the octets.
enum Reader<E> {
    /// Somebody who takes them while they come, and is waited for until then.
    Chunks(Sink<E>, Instant, Option<Pin<Box<Sleep>>>),
    /// Whoever waits for the end of the command.
    Whole,
    /// Nobody any more, or none that has room in time. The rest is drained, for a command that is
    /// given up half-way costs its connection.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// The beginning of what may be a literal's length.
    Held(Vec<u8>),
    Open,
    Done,
}

/// What becomes of an octet that was for the parser.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// It stays where it is.
    Passed,
    /// It is kept back.
    Held,
    /// This is in its place: what was held turned out to be nothing.
    Released(Vec<u8>),
    /// The literal begins: the parser gets an empty string.
    Begun,
}

/// What came of it. Never printed, either.
#[derive(Default)]
#[allow(missing_debug_implementations)]
pub struct Tapped {
    /// Octets that the sink has taken.
    pub handed: u64,
    /// The last ones, which it has not.
    pub rest: Vec<u8>,
    /// Whether the literal came to its end.
    pub whole: bool,
    /// The answer ended before the literal did: what comes next is no answer.
    pub within: bool,
    /// The reader did not get all: it is too slow, or there is none any more.
    pub cut: bool,
}

impl<E> std::fmt::Debug for Tap<E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tap").finish_non_exhaustive()
    }
}

impl<E> Tap<E> {
    /// Waits for at most `limit` octets of `section` from `offset` on, of the message `uid`, and hands
    /// them on to the sink. Once that much time has passed, it is not waited for any more.
    pub fn new(
        uid: u32,
        section: &str,
        offset: u32,
        limit: u32,
        (sink, time): (Sink<E>, Duration),
    ) -> Self {
        let reader = Reader::Chunks(sink, Instant::now() + time, None);
        Self::for_reader(uid, section, offset, limit, reader)
    }

    /// The same, and keeps them: all are in [`Tapped::rest`] then.
    pub fn whole(uid: u32, section: &str, offset: u32, limit: u32) -> Self {
        Self::for_reader(uid, section, offset, limit, Reader::Whole)
    }

    fn for_reader(uid: u32, section: &str, offset: u32, limit: u32, reader: Reader<E>) -> Self {
        let section = section.to_ascii_uppercase();
        Self {
            uid: format!("UID {uid} "),
            // The beginning of it needs no place.
            sections: [
                format!(" BODY[{section}]<{offset}> "),
                if offset == 0 {
                    format!(" BODY[{section}] ")
                } else {
                    format!(" BODY[{section}]<{offset}> ")
                },
            ],
            limit: u64::from(limit),
            reader,
            stage: Stage::Waiting,
            line: Vec::new(),
            buffer: Vec::new(),
            handed: 0,
        }
    }

    /// Whether what comes now is not the parser's.
    pub fn is_within(&self) -> bool {
        matches!(self.stage, Stage::Held(_) | Stage::Open)
    }

    /// Whether the octets of the literal are coming.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Sees one octet outside of literals; `counting` says whether it belongs to a literal's
    /// length, and `length` what that is, with its last octet.
    pub fn see(
        &mut self,
        octet: u8,
        counting: bool,
        length: Option<u64>,
    ) -> Result<Seen, &'static str> {
        if let Stage::Held(held) = &mut self.stage {
            held.push(octet);
            if let Some(length) = length {
                if length > self.limit {
                    return Err("literal too large");
                }
                self.stage = Stage::Open;
                let room = match self.reader {
                    Reader::Whole => usize::try_from(length).unwrap_or(CHUNK),
                    Reader::Chunks(..) | Reader::Gone => CHUNK,
                };
                self.buffer.reserve_exact(room);
                return Ok(Seen::Begun);
            }
            if counting {
                return Ok(Seen::Held);
            }
            let held = std::mem::take(held);
            self.stage = Stage::Waiting;
            self.note(octet, length);
            return Ok(Seen::Released(held));
        }
        if octet == b'{' && counting && self.stage == Stage::Waiting && self.is_asked_for() {
            self.stage = Stage::Held(vec![octet]);
            return Ok(Seen::Held);
        }
        self.note(octet, length);
        Ok(Seen::Passed)
    }

    fn note(&mut self, octet: u8, length: Option<u64>) {
        // After a literal's length the line goes on.
        if octet == b'\n' && length.is_none() {
            self.line.clear();
        } else if self.line.len() <= LINE {
            self.line.push(octet.to_ascii_uppercase());
        }
    }

    /// Whether a literal that begins now is the one.
    fn is_asked_for(&self) -> bool {
        // The end of a longer one is not known.
        let line = match std::str::from_utf8(&self.line) {
            Ok(line) if line.len() <= LINE => line,
            _ => return false,
        };
        let mut words = line.splitn(4, ' ');
        let [Some("*"), Some(number), Some("FETCH"), Some(items)] =
            [words.next(), words.next(), words.next(), words.next()]
        else {
            return false;
        };
        if number.parse::<u32>().is_err() {
            return false;
        }
        let named = items
            .strip_prefix('(')
            .is_some_and(|items| items.starts_with(&self.uid))
            || items.contains(&format!(" {}", self.uid));
        // No other literal and no string stands before it: they could say anything.
        named
            && !items.contains(['"', '{'])
            && self.sections.iter().any(|section| items.ends_with(section))
    }

    /// Takes octets of the literal that came together with others; `ended` when they are its last.
    pub fn take(&mut self, octets: &[u8], ended: bool) {
        if !matches!(self.reader, Reader::Gone) {
            self.buffer.extend_from_slice(octets);
        }
        if ended {
            self.stage = Stage::Done;
        }
    }

    /// Waits until there is room in the buffer, and says for how many octets.
    pub fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        if matches!(self.reader, Reader::Whole) {
            return Poll::Ready(READ);
        }
        if self.buffer.len() >= CHUNK {
            ready!(self.poll_hand_on(context));
        }
        Poll::Ready(CHUNK.saturating_sub(self.buffer.len()).clamp(1, READ))
    }

    /// The buffer, to read the octets of the literal into its end.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Hands the buffer on when the sink has room.
    fn poll_hand_on(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Reader::Chunks(sink, until, timer) = &mut self.reader else {
            self.buffer.clear();
            return Poll::Ready(());
        };
        let Poll::Ready(room) = sink.poll_ready(context) else {
            let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(*until)));
            ready!(timer.as_mut().poll(context));
            self.reader = Reader::Gone;
            self.buffer.clear();
            return Poll::Ready(());
        };
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        match room.and_then(|()| sink.start_send(Ok(Some(chunk)))) {
            Ok(()) => self.handed = self.handed.saturating_add(length),
            Err(_) => self.reader = Reader::Gone,
        }
        Poll::Ready(())
    }

    /// What came of it.
    pub fn end(self) -> Tapped {
        Tapped {
            handed: self.handed,
            whole: self.stage == Stage::Done,
            within: self.is_within(),
            cut: matches!(self.reader, Reader::Gone),
            rest: self.buffer,
        }
    }
}
