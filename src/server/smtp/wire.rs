//! The TLS stream of an SMTP session, held by two: lettre, which writes the commands and reads the
//! replies, and the session, which writes what lettre cannot stream.
//!
//! lettre's `message_iter` takes a blocking iterator, has no time-out, and does not tell whether
//! the final dot was sent. Its `auth` leaves the password in memory that is not wiped. So both go
//! past it, over the same stream; the replies are lettre's to read.

use crate::server::tls::Stream;
use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More than this no honest server says in a session; lettre would take a line of any length.
const MOST_RECEIVED: usize = 4 * 1024 * 1024;

/// One handle of the shared stream. They are used in turn, by one task, so the lock never waits.
#[derive(Clone)]
pub(super) struct Wire {
    inner: Arc<Mutex<Inner>>,
    peer: SocketAddr,
}

struct Inner {
    stream: Stream,
    received: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> io::Result<Self> {
        let peer = stream.get_ref().0.get_ref().peer_addr()?;
        Ok(Self {
            inner: Arc::new(Mutex::new(Inner {
                stream,
                received: 0,
            })),
            peer,
        })
    }

    fn with<T>(
        &self,
        action: impl FnOnce(&mut Inner) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match self.inner.lock() {
            Ok(mut inner) => action(&mut inner),
            Err(_) => Poll::Ready(Err(io::Error::other("the stream was left in a bad state"))),
        }
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Wire")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|inner| {
            let before = buffer.filled().len();
            let poll = Pin::new(&mut inner.stream).poll_read(context, buffer);
            let read = buffer.filled().len().saturating_sub(before);
            inner.received = inner.received.saturating_add(read);
            if inner.received > MOST_RECEIVED {
                return Poll::Ready(Err(io::Error::other("the server says too much")));
            }
            poll
        })
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|inner| Pin::new(&mut inner.stream).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|inner| Pin::new(&mut inner.stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|inner| Pin::new(&mut inner.stream).poll_shutdown(context))
    }
}
