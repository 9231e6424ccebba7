//! Stands between the TLS stream and the parser, and breaks the connection before an answer could
//! break the process: imap-proto recurses with the nesting of a BODYSTRUCTURE until the stack is
//! at its end, and buffers a literal of any size whole. The guard reads along just as much of the
//! grammar as it needs (RFC 9051, section 4): strings, literals, parentheses and lines.
//!
//! One octet it changes: where no space stands between a response code and prose that is not ASCII
//! (`[ALERT]é`), the parser cuts the first character in two and panics, with every answer of a
//! server that writes so.
//!
//! Three responses the parser cannot read at all, THREAD, ESEARCH and NAMESPACE, and two it reads
//! anew with every piece that comes, SEARCH and SORT: a line of 100,000 UIDs took seconds. Their
//! lines are taken out of the stream and wait in a queue; in their place the parser gets a line it can read,
//! with the number of the one that waits, so that each is found again where it stood.
//!
//! The one large literal of a download goes another way, past the parser (`tap.rs`).
//!
//! One thing is taken out: what a LIST response says after the mailbox's name (the extended items
//! of RFC 5258, such as the OLDNAME that NOTIFY tells at a renaming). The parser does not take it,
//! but it does take spaces there.

mod tap;
mod watch;

pub use tap::{CHUNK, Sink, Tapped};
pub use watch::stand_in;

use super::error::ImapError;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use watch::Watch;

/// A literal that is handed on past the parser.
pub type Tap = tap::Tap<ImapError>;

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

/// A stream under guard.
#[derive(Debug)]
pub struct Guard<S> {
    inner: S,
    watch: Watch,
    /// What is for the parser and did not fit into its buffer.
    pending: VecDeque<u8>,
}

impl<S> Guard<S> {
    /// Guards `inner`.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            watch: Watch::default(),
            pending: VecDeque::new(),
        }
    }

    /// Takes the diverted line for which a [`stand_in`] came.
    pub fn take_diverted(&mut self, number: u64) -> Option<Vec<u8>> {
        self.watch.take(number)
    }

    /// Moves what is pending into the reader's buffer, as far as there is room.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let (front, _) = self.pending.as_slices();
        let count = front.len().min(buffer.remaining());
        buffer.put_slice(front.get(..count).unwrap_or_default());
        self.pending.drain(..count);
    }

    /// A new round begins, and with it a new allowance.
    pub fn begin_round(&mut self) {
        self.watch.round = 0;
    }

    /// From now on a literal is waited for that goes past the parser.
    pub fn tap(&mut self, tap: Tap) {
        self.watch.tap = Some(tap);
    }

    /// No longer; what came of it.
    pub fn end_tap(&mut self) -> Tapped {
        self.watch.tap.take().map(Tap::end).unwrap_or_default()
    }
}

impl<S: AsyncRead + Unpin> Guard<S> {
    /// Reads what comes of the tapped literal, to its end, straight into what hands it on.
    fn poll_tapped(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((left, tap)) = self.watch.tapping() {
            let room = ready!(tap.poll_room(context));
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(room);
            let buffer = tap.buffer();
            let before = buffer.len();
            buffer.resize(before + count, 0);
            let mut space = ReadBuf::new(buffer.get_mut(before..).unwrap_or_default());
            let polled = Pin::new(&mut self.inner).poll_read(context, &mut space);
            let came = space.filled().len();
            buffer.truncate(before + came);
            ready!(polled)?;
            if came == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            if let Err(reason) = self.watch.tapped(came) {
                return Poll::Ready(Err(io::Error::other(Refusal(reason))));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if !self.pending.is_empty() {
                self.give(buffer);
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_tapped(context))?;
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
            let fresh = buffer.filled().get(before..).unwrap_or_default();
            if fresh.is_empty() {
                return Poll::Ready(Ok(()));
            }
            match self.watch.see(fresh) {
                Ok(None) => return Poll::Ready(Ok(())),
                // Perhaps nothing of it is for the parser; nothing read would mean the end.
                Ok(Some(kept)) => {
                    buffer.set_filled(before);
                    self.pending.extend(kept);
                }
                Err(reason) => {
                    // A reader that failed must have read nothing.
                    buffer.set_filled(before);
                    return Poll::Ready(Err(io::Error::other(Refusal(reason))));
                }
            }
        }
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
mod tests;
