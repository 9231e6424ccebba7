//! Stands between the TLS stream and the parser, and breaks the connection before an answer could
//! break the process: imap-proto recurses with the nesting of a BODYSTRUCTURE until the stack is
//! at its end, and buffers a literal of any size whole. The guard reads along just as much of the
//! grammar as it needs (RFC 9051, section 4): strings, literals, parentheses and lines.
//!
//! One octet it changes: where no space stands between a response code and prose that is not ASCII
//! (`[ALERT]é`), the parser cuts the first character in two and panics, with every answer of a
//! server that writes so.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Deepest nesting of parentheses that the parser gets to see. In a debug build it takes some
/// 35 kB of stack a level.
const DEPTH_LIMIT: u32 = 32;
/// Largest literal. Whatever is large is asked for in smaller pieces.
const LITERAL_LIMIT: u64 = 16 << 20;
/// Longest line of what may be about the whole mailbox, literals aside: a SEARCH over a million
/// messages.
const LONG_LINE_LIMIT: u64 = 8 << 20;
/// Longest line of all else: the structure of some thousand parts.
const LINE_LIMIT: u64 = 1 << 20;
/// Longest line of prose, with a long list of capabilities or UIDs. The parser begins anew with
/// each 4 KiB, so that an endless line would cost it the square of its length.
const TEXT_LIMIT: u64 = 256 << 10;
/// All that one round may answer.
const ROUND_LIMIT: u64 = 64 << 20;

const TOO_DEEP: &str = "nested too deep";

/// The guard's refusal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(&'static str);

/// Why the guard refused, where `error` is its refusal. Safe to log, unlike the parser's errors,
/// which hold what could not be parsed.
pub fn refusal(error: &io::Error) -> Option<&'static str> {
    error
        .get_ref()?
        .downcast_ref::<Refusal>()
        .map(|refusal| refusal.0)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    Quoted,
    Escaped,
    /// Within `{…}`, with the number so far.
    Count(u64),
    /// After `{…}` and perhaps CR.
    CountEnd(u64),
    /// Octets of a literal that are still to come.
    Literal(u64),
}

/// What the guard has seen of the stream.
#[derive(Debug, Default)]
struct Watch {
    state: State,
    depth: u32,
    /// Octets of the line, literals aside.
    line: u64,
    /// The line's first four octets.
    head: u32,
    round: u64,
    /// The last octet was what ends a response code.
    after_code: bool,
}

impl Watch {
    fn see(&mut self, mut octets: &mut [u8]) -> Result<(), &'static str> {
        self.round += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        if self.round > ROUND_LIMIT {
            return Err("answer too large");
        }
        while !octets.is_empty() {
            if let State::Literal(left) = self.state {
                let skipped = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(octets.len());
                octets = octets.split_at_mut(skipped).1;
                let left = left - u64::try_from(skipped).unwrap_or(left);
                self.state = if left == 0 {
                    State::Plain
                } else {
                    State::Literal(left)
                };
            } else if let Some((octet, rest)) = std::mem::take(&mut octets).split_first_mut() {
                octets = rest;
                self.step(*octet)?;
                if self.after_code && !octet.is_ascii() && self.is_text() {
                    *octet = b'?';
                }
                self.after_code = *octet == b']';
            }
        }
        Ok(())
    }

    fn step(&mut self, octet: u8) -> Result<(), &'static str> {
        self.line += 1;
        if self.line <= 4 {
            self.head = self.head << 8 | u32::from(octet);
        }
        let text = self.is_text();
        let limit = if text {
            TEXT_LIMIT
        } else if self.is_long() {
            LONG_LINE_LIMIT
        } else {
            LINE_LIMIT
        };
        if self.line > limit {
            return Err("line too long");
        }
        self.state = match (self.state, octet) {
            // A literal where none can be would hide from the guard what the parser sees.
            (State::CountEnd(_), b'\n') if text => return Err("literal in a text"),
            (State::CountEnd(count), b'\n') if count > LITERAL_LIMIT => {
                return Err("literal too large");
            }
            (State::CountEnd(0), b'\n') | (State::Quoted, b'"') => State::Plain,
            (State::CountEnd(count), b'\n') => State::Literal(count),
            (_, b'\n') => {
                self.depth = 0;
                self.line = 0;
                self.head = 0;
                State::Plain
            }
            (State::Quoted, b'\\') => State::Escaped,
            (State::Quoted | State::Escaped, _) => State::Quoted,
            (State::Count(count), b'0'..=b'9') => State::Count(
                count
                    .saturating_mul(10)
                    .saturating_add(u64::from(octet - b'0')),
            ),
            (State::Count(count), b'}') | (State::CountEnd(count), b'\r') => State::CountEnd(count),
            (_, b'{') => State::Count(0),
            (_, b'"') if !text => State::Quoted,
            (_, b'(') if !text => {
                self.depth += 1;
                if self.depth > DEPTH_LIMIT {
                    return Err(TOO_DEEP);
                }
                State::Plain
            }
            (_, b')') if !text => {
                self.depth = self.depth.saturating_sub(1);
                State::Plain
            }
            _ => State::Plain,
        };
        Ok(())
    }

    /// Whether the line is one of those that may name all messages: SEARCH, SORT, ESEARCH, THREAD,
    /// VANISHED.
    fn is_long(&self) -> bool {
        let [star, space, first, _] = self.head.to_be_bytes();
        let first = first.to_ascii_uppercase();
        star == b'*' && space == b' ' && matches!(first, b'S' | b'E' | b'T' | b'V')
    }

    /// Whether the line is one of prose: a tagged or untagged status response or a continuation
    /// request, where quotes and parentheses mean nothing. Four octets tell.
    fn is_text(&self) -> bool {
        let [star, space, first, second] = self.head.to_be_bytes();
        self.line >= 4
            && (star != b'*'
                || space != b' '
                || matches!(
                    &[first.to_ascii_uppercase(), second.to_ascii_uppercase()],
                    b"OK" | b"NO" | b"BA" | b"BY" | b"PR"
                ))
    }
}

/// A stream under guard.
#[derive(Debug)]
pub struct Guard<S> {
    inner: S,
    watch: Watch,
}

impl<S> Guard<S> {
    /// Guards `inner`.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            watch: Watch::default(),
        }
    }

    /// A new round begins, and with it a new allowance.
    pub fn begin_round(&mut self) {
        self.watch.round = 0;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let fresh = buffer.filled_mut().get_mut(before..).unwrap_or_default();
        let seen = self.watch.see(fresh);
        if seen.is_err() {
            // A reader that failed must have read nothing.
            buffer.set_filled(before);
        }
        Poll::Ready(seen.map_err(|reason| io::Error::other(Refusal(reason))))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Octet by octet and all at once must be the same.
    fn watch(text: &[u8]) -> Result<(), &'static str> {
        let mut slow = Watch::default();
        let by_octet = text.iter().try_for_each(|octet| slow.see(&mut [*octet]));
        assert_eq!(Watch::default().see(&mut text.to_vec()), by_octet);
        by_octet
    }

    #[test]
    fn ordinary_answers_pass() {
        watch(b"* OK [CAPABILITY IMAP4rev1] (((( unbalanced \" text\r\n").unwrap();
        let flags = "* 1 FETCH (FLAGS (\\Seen))\r\n".repeat(1000);
        watch(flags.as_bytes()).unwrap();
        watch(b"* OK ((( text\r\na1 NO \"(((((\r\n+ ((((\r\n").unwrap();
        watch("a1 OK (".repeat(100).as_bytes()).unwrap();
    }

    #[test]
    fn depth_is_counted_outside_strings_only() {
        let deep = "(".repeat(33);
        assert_eq!(watch(format!("* 1 FETCH {deep}").as_bytes()), Err(TOO_DEEP));
        watch(format!("* 1 FETCH (A \"\\\"{deep}\\\\\" B \"{deep}\")\r\n").as_bytes()).unwrap();
        watch(format!("* 1 FETCH (A {{33}}\r\n{deep} B {{0}}\r\n)\r\n").as_bytes()).unwrap();
        let after = format!("* 1 FETCH (A {{1}}\r\n(\"\" {deep}");
        assert_eq!(watch(after.as_bytes()), Err(TOO_DEEP));
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(
            watch(b"* 1 FETCH (A {99999999999999999999999}\r\n"),
            Err("literal too large")
        );
        for (head, good, bad) in [
            ("* SEARCH ", 7 << 20, 9 << 20),
            ("* 1 FETCH ", 1 << 19, 2 << 20),
            ("* OK ", 1 << 17, 1 << 20),
            ("", 1 << 17, 1 << 20),
        ] {
            let line = |length| [head.as_bytes(), &vec![b'x'; length]].concat();
            watch(&line(good)).unwrap();
            assert_eq!(watch(&line(bad)), Err("line too long"), "{head}");
        }
        let mut line = [b"* OK ".as_slice(), &[b'x'; 1000], b"\r\n"].concat();
        let mut watch = Watch::default();
        assert!((0..100_000).any(|_| watch.see(&mut line).is_err()));
    }

    #[test]
    fn a_text_hides_nothing() {
        assert_eq!(
            watch(b"* OK {1000000}\r\n* 1 FETCH"),
            Err("literal in a text")
        );
        assert_eq!(
            watch(b"a1 OK {1000000}\r\n* 1 FETCH"),
            Err("literal in a text")
        );
        let deep = format!("* OK \" text\r\n* 1 FETCH {}", "(".repeat(33));
        assert_eq!(watch(deep.as_bytes()), Err(TOO_DEEP));
    }

    #[test]
    fn prose_begins_in_ascii_and_nothing_else_is_changed() {
        for (told, passed) in [
            ("* OK [ALERT]é é\r\n", "* OK [ALERT]?\u{fffd} é\r\n"),
            ("* OK [ALERT] é\r\n", "* OK [ALERT] é\r\n"),
            ("* 1 FETCH (A \"]ü\")\r\n", "* 1 FETCH (A \"]ü\")\r\n"),
            ("* 1 FETCH (A {3}\r\n]ü)\r\n", "* 1 FETCH (A {3}\r\n]ü)\r\n"),
        ] {
            let mut octets = told.as_bytes().to_vec();
            Watch::default().see(&mut octets).unwrap();
            assert_eq!(String::from_utf8_lossy(&octets), passed);
        }
    }

    #[tokio::test]
    async fn a_refusal_reaches_the_reader() {
        use tokio::io::AsyncReadExt;
        let deep = "* 1 FETCH ".to_owned() + &"(".repeat(33);
        let mut guard = Guard::new(deep.as_bytes());
        let error = guard.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(refusal(&error), Some(TOO_DEEP));
        assert_eq!(refusal(&io::Error::other("nested too deep")), None);
    }
}
