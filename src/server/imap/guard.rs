//! Stands between the TLS stream and the parser, and breaks the connection before an answer could
//! break the process: imap-proto recurses with the nesting of a BODYSTRUCTURE until the stack is
//! at its end, and buffers a literal of any size whole. The guard reads along just as much of the
//! grammar as it needs (RFC 9051, section 4): strings, literals, parentheses and lines.
//!
//! One thing it takes out: what a LIST response says after the mailbox's name (the extended items
//! of RFC 5258, such as the OLDNAME that NOTIFY tells at a renaming). The parser does not take it,
//! but it does take spaces there.
//!
//! It also gives the one answer that the parser has no word for a word that it has: `NAMESPACE`
//! becomes `NO ESPACE`, an untagged NO with a text, which [`namespace`](super::namespace) reads.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Deepest nesting of parentheses that the parser gets to see. In a debug build it takes some
/// 35 kB of stack a level.
const DEPTH_LIMIT: u32 = 32;
/// Largest literal. Whatever is large is asked for in smaller pieces.
const LITERAL_LIMIT: u64 = 16 << 20;
/// Longest line, literals aside: a SEARCH over a million messages.
const LINE_LIMIT: u64 = 8 << 20;
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
    /// Parentheses that were closed on the line, back to no depth at all.
    closed: u32,
    /// The rest of the line is extended items of a LIST response, and is blanked.
    blank: bool,
    round: u64,
}

impl Watch {
    fn see(&mut self, octets: &mut [u8]) -> Result<(), &'static str> {
        self.round += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        if self.round > ROUND_LIMIT {
            return Err("answer too large");
        }
        let mut at = 0;
        while let Some(rest) = octets.get_mut(at..)
            && let Some(octet) = rest.first().copied()
        {
            if let State::Literal(left) = self.state {
                let skipped = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                if self.blank {
                    rest.iter_mut()
                        .take(skipped)
                        .for_each(|octet| *octet = b' ');
                }
                at += skipped;
                let left = left - u64::try_from(skipped).unwrap_or(left);
                self.state = if left == 0 {
                    State::Plain
                } else {
                    State::Literal(left)
                };
                continue;
            }
            at += 1;
            self.step(octet)?;
            let parseable = self.parseable(octet);
            // The line's own end stays.
            let end = octet == b'\r' && self.state == State::Plain;
            if let Some(first) = rest.first_mut() {
                *first = if self.blank && !end { b' ' } else { parseable };
            }
        }
        Ok(())
    }

    fn step(&mut self, octet: u8) -> Result<(), &'static str> {
        self.line += 1;
        if self.line > LINE_LIMIT {
            return Err("line too long");
        }
        if self.line <= 4 {
            self.head = self.head << 8 | u32::from(octet);
        }
        let text = self.is_text();
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
                self.closed = 0;
                self.blank = false;
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
                self.blank |= self.depth == 0 && self.closed > 0 && self.is_list();
                self.depth += 1;
                if self.depth > DEPTH_LIMIT {
                    return Err(TOO_DEEP);
                }
                State::Plain
            }
            (_, b')') if !text => {
                self.depth = self.depth.saturating_sub(1);
                self.closed = self.closed.saturating_add(u32::from(self.depth == 0));
                State::Plain
            }
            _ => State::Plain,
        };
        Ok(())
    }

    /// Whether the line is a LIST response: the attributes are its first parentheses, and a name
    /// holds none that is not quoted.
    fn is_list(&self) -> bool {
        let [star, space, first, second] = self.head.to_be_bytes();
        star == b'*' && space == b' ' && [first, second].eq_ignore_ascii_case(b"LI")
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
                    // NAMESPACE is a text once it is renamed.
                    b"OK" | b"NO" | b"BA" | b"BY" | b"PR" | b"NA"
                ))
    }

    /// What the parser gets for the octet that was just seen: the second and third of `NAMESPACE`
    /// (RFC 2342) become those of `NO `.
    fn parseable(&self, octet: u8) -> u8 {
        if self.head.to_be_bytes().to_ascii_uppercase() != *b"* NA" {
            return octet;
        }
        match (self.line, octet) {
            (4, _) => b'O',
            (5, b'\r' | b'\n') => octet,
            (5, _) => b' ',
            _ => octet,
        }
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
        assert_eq!(watch(&vec![b'x'; 9 << 20]), Err("line too long"));
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
    fn extended_items_of_a_list_are_blanked() {
        for (told, kept) in [
            (
                "* LIST () \"/\" Neu (\"OLDNAME\" (\"a)\\\"(\"))\r\n* 1 EXISTS\r\n",
                ["* LIST () \"/\" Neu ", "\r\n* 1 EXISTS\r\n"],
            ),
            (
                "* LIST (\\X) NIL {3}\r\na(b (OLDNAME ({2}\r\n\r\n {0}\r\n))\r\n* LIST",
                ["* LIST (\\X) NIL {3}\r\na(b ", "\r\n* LIST"],
            ),
        ] {
            let blank = told.len() - kept.concat().len();
            let seen = kept.join(&" ".repeat(blank));
            let mut whole = told.as_bytes().to_vec();
            Watch::default().see(&mut whole).unwrap();
            assert_eq!(String::from_utf8(whole).unwrap(), seen);
            let mut slow = Watch::default();
            let mut single = told.as_bytes().to_vec();
            for octet in &mut single {
                slow.see(std::slice::from_mut(octet)).unwrap();
            }
            assert_eq!(String::from_utf8(single).unwrap(), seen);
        }
        for untouched in [
            "* STATUS a (MESSAGES 1) (x)\r\n",
            "* LIST () \"/\" \"a (b)\"\r\n",
            "* LIST (\\A) \"(\" b\r\n",
        ] {
            let mut octets = untouched.as_bytes().to_vec();
            Watch::default().see(&mut octets).unwrap();
            assert_eq!(octets, untouched.as_bytes());
        }
    }

    #[test]
    fn a_namespace_becomes_a_text_and_nothing_else_does() {
        for (line, passed) in [
            (
                "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
                "* NO ESPACE ((\"\" \"/\")) NIL NIL\r\n",
            ),
            ("* namespace NIL\r\n", "* nO espace NIL\r\n"),
            ("* NA\r\n* NO x\r\n", "* NO\r\n* NO x\r\n"),
            (
                "* 1 FETCH (A {6}\r\n* NAME)\r\n",
                "* 1 FETCH (A {6}\r\n* NAME)\r\n",
            ),
            ("* LIST () NIL NA\r\n", "* LIST () NIL NA\r\n"),
        ] {
            let mut whole = line.as_bytes().to_vec();
            Watch::default().see(&mut whole).unwrap();
            assert_eq!(whole, passed.as_bytes(), "{line}");
            let (mut watch, mut octets) = (Watch::default(), line.as_bytes().to_vec());
            for octet in &mut octets {
                watch.see(std::slice::from_mut(octet)).unwrap();
            }
            assert_eq!(octets, passed.as_bytes(), "{line}");
        }
        assert_eq!(
            watch(b"* NAMESPACE (({1000}\r\n* 1 FETCH"),
            Err("literal in a text")
        );
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
