//! The mail as built: a few lines of header in memory, the rest in a file without a name, which
//! the kernel forgets when Posthorn ends, however it ends.

use super::octets;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::task::JoinHandle;

/// Octets read or written at a time.
pub(super) const PIECE: usize = 64 * 1024;

/// A file that has no name, so that nothing is left of it when Posthorn dies.
pub(super) async fn temporary(directory: &Path) -> io::Result<tokio::fs::File> {
    let directory = directory.to_path_buf();
    let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(directory)).await;
    let mut file = tokio::fs::File::from_std(made.map_err(io::Error::other)??);
    // tokio would buffer 2 MiB a file.
    file.set_max_buf_size(2 * PIECE);
    Ok(file)
}

/// Who is to read the mail. The views differ in private header lines at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// For Drafts: with Bcc and with the relation to the original.
    Draft,
    /// For Sent: with Bcc (RFC 5322, section 3.6.3: the sender's copy may keep it).
    Sent,
    /// For the recipients: with neither.
    Outgoing,
}

/// A mail that is built and can be read as often as one likes, also by several at a time.
pub struct Spooled {
    /// The folded field with the origin, or nothing.
    pub(super) origin: String,
    /// The folded Bcc field, or nothing.
    pub(super) bcc: String,
    /// All other fields, the empty line, and where there are attachments the first boundary and
    /// the text part's fields.
    pub(super) head: String,
    pub(super) file: Arc<File>,
    /// Octets in the file.
    pub(super) body: u64,
    /// Whether octets above 127 are in the body (RFC 6152).
    pub(super) eight_bit: bool,
    /// Whether octets above 127 are in the outgoing header (RFC 6531).
    pub(super) utf8_header: bool,
}

impl Spooled {
    /// The length of the mail in octets.
    pub fn len(&self, view: View) -> u64 {
        octets(self.fields(view).iter().map(|field| field.len()).sum()).saturating_add(self.body)
    }

    /// A mail is never empty; here because `len` is.
    pub fn is_empty(&self, view: View) -> bool {
        self.len(view) == 0
    }

    /// The mail from its first octet to its last, lines ended by CRLF.
    pub fn reader(&self, view: View) -> impl AsyncRead + Send + Unpin + use<> {
        let head = io::Cursor::new(self.fields(view).concat().into_bytes());
        head.chain(FileReader {
            file: self.file.clone(),
            offset: 0,
            end: self.body,
            state: State::Idle(io::Cursor::new(Vec::new())),
        })
    }

    /// Whether the mail needs a server with 8BITMIME (RFC 6152).
    pub fn needs_8bit(&self) -> bool {
        self.eight_bit
    }

    /// Whether the mail needs a server with SMTPUTF8 (RFC 6531), envelope aside.
    pub fn needs_utf8(&self) -> bool {
        self.utf8_header
    }

    fn fields(&self, view: View) -> [&str; 3] {
        match view {
            View::Draft => [&self.origin, &self.bcc, &self.head],
            View::Sent => ["", &self.bcc, &self.head],
            View::Outgoing => ["", "", &self.head],
        }
    }
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Lengths only: a mail is nobody's business.
        formatter
            .debug_struct("Spooled")
            .field("octets", &self.len(View::Outgoing))
            .field("eight_bit", &self.eight_bit)
            .field("utf8_header", &self.utf8_header)
            .finish_non_exhaustive()
    }
}

/// Reads the file by position, so that readers do not move each other's.
struct FileReader {
    file: Arc<File>,
    offset: u64,
    end: u64,
    state: State,
}

enum State {
    /// What was read and is not yet taken.
    Idle(io::Cursor<Vec<u8>>),
    /// A disk may be slow, so the reading is not done on the worker.
    Reading(JoinHandle<io::Result<Vec<u8>>>),
}

impl AsyncRead for FileReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Idle(piece) => {
                    let before = buffer.filled().len();
                    ready!(Pin::new(piece).poll_read(context, buffer))?;
                    if buffer.filled().len() > before || buffer.remaining() == 0 {
                        return Poll::Ready(Ok(()));
                    }
                    let wanted = self.end.saturating_sub(self.offset).min(octets(PIECE));
                    if wanted == 0 {
                        return Poll::Ready(Ok(()));
                    }
                    let (file, offset) = (self.file.clone(), self.offset);
                    self.state = State::Reading(tokio::task::spawn_blocking(move || {
                        let mut piece = vec![0; usize::try_from(wanted).map_err(io::Error::other)?];
                        file.read_exact_at(&mut piece, offset)?;
                        Ok(piece)
                    }));
                }
                State::Reading(task) => {
                    let piece =
                        ready!(Pin::new(task).poll(context)).map_err(io::Error::other)??;
                    self.offset = self.offset.saturating_add(octets(piece.len()));
                    self.state = State::Idle(io::Cursor::new(piece));
                }
            }
        }
    }
}
