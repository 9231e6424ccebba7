//! Reads more of a connection at a time than is asked for. Servers write TLS records of a few
//! kilobytes, and without this each of them would be a call of its own. A download is read in larger
//! pieces, for which there is room as long as it goes on.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// Octets that are read at a time.
const USUAL: usize = 16 << 10;
/// The same, where so many times in a row there were more: no list of messages is so long.
const BUSY: usize = 64 << 10;
const IN_A_ROW: u8 = 8;

/// A connection that is read ahead. Writing is the connection's own.
#[derive(Debug)]
pub struct ReadAhead<S> {
    inner: S,
    buffer: Vec<u8>,
    /// How much of the buffer has been given away.
    given: usize,
    /// How often in a row the buffer was filled to its end.
    filled: u8,
}

impl<S> ReadAhead<S> {
    /// Reads `inner` ahead.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            buffer: Vec::new(),
            given: 0,
            filled: 0,
        }
    }

    /// The connection itself.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    fn left(&self) -> &[u8] {
        self.buffer.get(self.given..).unwrap_or_default()
    }
}

impl<S: AsyncRead + Unpin> ReadAhead<S> {
    /// Fills the buffer, which is empty; it stays so at the end.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let size = if self.filled < IN_A_ROW { USUAL } else { BUSY };
        self.given = 0;
        self.buffer.clear();
        if self.buffer.capacity() < size {
            self.buffer = Vec::with_capacity(size);
        }
        let room = self.buffer.capacity();
        // What reading needs from one call to the next is all in the connection.
        let polled = pin!(self.inner.read_buf(&mut self.buffer)).poll(context);
        if polled.is_pending() && room > USUAL {
            self.buffer = Vec::new();
        }
        let count = ready!(polled)?;
        self.filled = if count == room {
            self.filled.saturating_add(1)
        } else {
            0
        };
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left().is_empty() {
            ready!(self.poll_fill(context))?;
        }
        let count = self.left().len().min(buffer.remaining());
        buffer.put_slice(self.left().get(..count).unwrap_or_default());
        self.given = self.given.saturating_add(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
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

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt, duplex};

    #[tokio::test]
    async fn all_comes_in_order_and_little_is_held_while_nothing_comes() {
        let (mut far, near) = duplex(512 << 10);
        let mut near = ReadAhead::new(near);
        let sent: Vec<u8> = (0..400_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        far.write_all(&sent).await.unwrap();
        let mut came = Vec::new();
        let mut piece = [0; 1000];
        let mut largest = 0;
        while came.len() < sent.len() {
            let count = near.read(&mut piece).await.unwrap();
            came.extend_from_slice(&piece[..count]);
            largest = largest.max(near.buffer.len());
        }
        assert_eq!(came, sent);
        assert_eq!(largest, BUSY);
        {
            let mut waiting = pin!(near.read(&mut piece));
            assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        }
        assert!(near.buffer.capacity() <= USUAL);
        drop(far);
        assert_eq!(near.read(&mut piece).await.unwrap(), 0);
    }
}
