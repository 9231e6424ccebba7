//! A form's octets on their way to the parser of multipart/form-data. The parser takes all that is
//! there and keeps it until it has found a boundary or the end of a part's head, so the stream that
//! it reads from says where that ends: it counts what the parser has taken and not yet handed on.

use axum::BoxError;
use axum::body::Bytes;
use futures_util::Stream;
use multer::Field;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// Octets that the parser may hold. A part's head takes a few hundred, and what a browser sends
/// between two parts nothing at all; of a file the parser hands on whatever it has.
const AHEAD: usize = 64 << 10;

/// Why a form is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("no part begins and no head ends within {AHEAD} octets")]
    Endless,
    #[error("the form is too large")]
    TooLarge,
}

#[derive(Debug, Default)]
struct Counts {
    /// Octets that the parser has taken and not handed on.
    ahead: AtomicUsize,
    /// Whether it was told to make do with them.
    told: AtomicBool,
}

/// The stream that the parser reads from.
#[derive(Debug)]
pub struct Metered<S> {
    stream: S,
    /// What has come and was not asked for yet.
    rest: Bytes,
    /// Octets that are still read.
    room: u64,
    counts: Arc<Counts>,
}

/// Hears what the parser has handed on.
#[derive(Clone, Debug)]
pub struct Meter {
    counts: Arc<Counts>,
    boundary: usize,
}

/// Makes of `stream`, whose parts stand between `boundary`, one of at most `limit` octets that the
/// parser cannot hoard. It has to be told all that the parser hands on.
pub fn metered<S>(stream: S, limit: u64, boundary: &str) -> (Metered<S>, Meter) {
    let counts = Arc::new(Counts::default());
    let meter = Meter {
        counts: counts.clone(),
        boundary: boundary.len(),
    };
    let stream = Metered {
        stream,
        rest: Bytes::new(),
        room: limit,
        counts,
    };
    (stream, meter)
}

impl Meter {
    /// A part's head was handed on.
    pub fn head(&self, field: &Field<'_>) {
        // Each line with its colon, a blank and its break; around them the boundary with its
        // hyphens, three breaks and the empty line (RFC 2046, section 5.1.1). Off by the little
        // that odd blanks make, which nobody sends.
        let lines = field.headers().iter();
        let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + 4);
        self.taken(lines.sum::<usize>() + self.boundary + 8);
    }

    /// So many octets of a part were handed on.
    pub fn taken(&self, octets: usize) {
        let Counts { ahead, told } = &*self.counts;
        ahead.store(
            ahead.load(Ordering::Relaxed).saturating_sub(octets),
            Ordering::Relaxed,
        );
        told.store(false, Ordering::Relaxed);
    }
}

impl<S, E> Stream for Metered<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let ahead = this.counts.ahead.load(Ordering::Relaxed);
        if ahead >= AHEAD {
            // It takes until nothing is there: told that nothing is, it looks at what it has.
            if this.counts.told.swap(true, Ordering::Relaxed) {
                return Poll::Ready(Some(Err(Refused::Endless.into())));
            }
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.rest.is_empty() {
            let next = ready!(Pin::new(&mut this.stream).poll_next(context));
            let octets = match next {
                Some(Ok(octets)) => octets,
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            };
            let left = u64::try_from(octets.len())
                .ok()
                .and_then(|octets| this.room.checked_sub(octets));
            match left {
                Some(left) => this.room = left,
                None => return Poll::Ready(Some(Err(Refused::TooLarge.into()))),
            }
            this.rest = octets;
        }
        let room = this.rest.len().min(AHEAD.saturating_sub(ahead));
        let piece = this.rest.split_to(room);
        this.counts
            .ahead
            .store(ahead.saturating_add(piece.len()), Ordering::Relaxed);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::{AHEAD, metered};
    use axum::body::Bytes;
    use futures_util::stream;
    use multer::Multipart;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The parts of a form that comes in pieces, and how much of it was read; `None` for what is
    /// no form.
    async fn parts(
        pieces: impl Iterator<Item = Bytes> + Send,
        limit: u64,
    ) -> (Option<Vec<usize>>, usize) {
        let read = Arc::new(AtomicUsize::new(0));
        let pieces = pieces.map(|piece| {
            read.fetch_add(piece.len(), Ordering::Relaxed);
            Ok::<_, Infallible>(piece)
        });
        let (stream, meter) = metered(stream::iter(pieces), limit, "x");
        let mut form = Multipart::new(stream, "x");
        let mut sizes = Vec::new();
        let sizes = loop {
            let Ok(field) = form.next_field().await else {
                break None;
            };
            let Some(mut field) = field else {
                break Some(sizes);
            };
            meter.head(&field);
            let mut size = 0;
            let whole = loop {
                match field.chunk().await {
                    Ok(Some(piece)) => {
                        meter.taken(piece.len());
                        // No break stands before the first boundary.
                        assert!(piece.len() <= AHEAD + 2, "{}", piece.len());
                        size += piece.len();
                    }
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            if !whole {
                break None;
            }
            sizes.push(size);
        };
        let read = read.load(Ordering::Relaxed);
        (sizes, read)
    }

    const HEAD: &str = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";

    #[tokio::test]
    async fn what_never_becomes_a_part_is_not_read_on() {
        let piece = Bytes::from(vec![b'a'; 10_000]);
        let endless = || std::iter::repeat(piece.clone());
        let head = Bytes::from_static(b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\nX: ");
        let first = Bytes::from(format!("{HEAD}a\r\n--x"));
        let padding = Bytes::from(vec![b' '; 10_000]);
        for (read, what) in [
            (parts(endless(), u64::MAX).await, "no boundary"),
            (
                parts(std::iter::once(head).chain(endless()), u64::MAX).await,
                "a head without an end",
            ),
            (
                parts(
                    std::iter::once(first).chain(std::iter::repeat(padding)),
                    u64::MAX,
                )
                .await,
                "blanks behind a boundary",
            ),
        ] {
            let (parts, read) = read;
            assert_eq!(parts, None, "{what}");
            assert!(read <= AHEAD + 20_000, "{what}: {read}");
        }
    }

    #[tokio::test]
    async fn a_form_is_read_however_it_comes() {
        let mut form = Vec::new();
        let mut sizes = vec![0, 1, 65_536, 1 << 20, 65_535, 40];
        sizes.extend((0..1_999).map(|n| n % 7));
        for (number, size) in sizes.iter().enumerate() {
            form.extend_from_slice(HEAD.as_bytes());
            // Files that look like ends of theirs.
            let fill: &[u8] = if number % 2 == 0 { b"\r\n--" } else { b"a" };
            form.extend(fill.iter().cycle().take(*size));
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(b"--x--\r\n");
        let form = Bytes::from(form);
        for piece in [13, 1_000, 70_000, form.len()] {
            let pieces = (0..form.len())
                .step_by(piece)
                .map(|from| form.slice(from..form.len().min(from + piece)));
            let (found, _) = parts(pieces, u64::MAX).await;
            assert!(found.as_ref() == Some(&sizes), "in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn a_whole_form_is_bounded() {
        let piece = Bytes::from(vec![b'a'; 10_000]);
        let file = std::iter::once(Bytes::from_static(HEAD.as_bytes()));
        let (parts, read) = parts(file.chain(std::iter::repeat(piece)), 1 << 20).await;
        assert_eq!(parts, None);
        assert!(read <= (1 << 20) + 10_000, "{read}");
    }
}
