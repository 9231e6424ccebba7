//! Parts of a part: from where in it a player wants to go on (RFC 9110, section 14), to where that
//! stands at the mail server, which counts the octets as they are encoded. Base64 in lines of one
//! length can be counted; what cannot is served from its beginning.

use super::download::Pieces;
use super::imap::ImapError;
use crate::mail::decode::Decoder;
use futures_util::{StreamExt, stream};

/// Octets of the end that are read at least: the breaks and blank lines behind the last digits are
/// fewer.
const END: u64 = 128;
/// Longest line of Base64, with its break, that is taken for one.
const LINE_LIMIT: u64 = 1000;

/// What is wanted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub length: u64,
}

impl Span {
    /// The one range of a Range header, of a file of `size` octets; `None` where it cannot be
    /// satisfied or is more than one.
    pub fn parse(range: &str, size: u64) -> Option<Self> {
        let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let (first, last) = if first.trim().is_empty() {
            let length = number(last)?.min(size);
            (size.checked_sub(length)?, size.checked_sub(1)?)
        } else {
            let end = size.checked_sub(1)?;
            let last = if last.trim().is_empty() {
                end
            } else {
                number(last)?.min(end)
            };
            (number(first)?, last)
        };
        let length = last.checked_sub(first)?.checked_add(1)?;
        (first < size).then_some(Self { first, length })
    }
}

/// How a part's octets lie at the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Octets of a line as stored, with its break, and what they mean.
    width: u64,
    octets: u64,
    /// Octets of the file in all.
    pub size: u64,
}

impl Layout {
    /// Of a part of `stored` octets that begins with `head`. `end` is what [`tail`] asked for.
    pub fn of(encoding: &str, head: &[u8], end: Option<&[u8]>, stored: u32) -> Option<Self> {
        let stored = u64::from(stored);
        match encoding {
            "7bit" | "8bit" | "binary" => Some(Self {
                width: 1,
                octets: 1,
                size: stored,
            }),
            "base64" => {
                let (width, digits) = lines(head)?;
                let octets = digits / 4 * 3;
                let end = end?;
                let before = stored.checked_sub(u64::try_from(end.len()).ok()?)?;
                // The end begins with a line, and padding stands nowhere before it.
                (before.is_multiple_of(width)).then_some(())?;
                end.iter().any(|octet| is_digit(*octet)).then_some(())?;
                // One line without an end has none: with more than one, its breaks count.
                let text = end.trim_ascii_end();
                let single = text.iter().all(|octet| is_digit(*octet)) && text.len() % 4 == 0;
                (single || width > digits).then_some(())?;
                let rest = u64::try_from(Decoder::once(encoding, end).len()).ok()?;
                Some(Self {
                    width,
                    octets,
                    size: (before / width).checked_mul(octets)?.checked_add(rest)?,
                })
            }
            _ => None,
        }
    }

    /// Where to begin reading, and how many octets of what is read from there come before `first`.
    pub fn place(self, first: u64) -> (u32, u64) {
        let line = first / self.octets.max(1);
        let offset = line.saturating_mul(self.width);
        (
            u32::try_from(offset).unwrap_or(u32::MAX),
            first.saturating_sub(line.saturating_mul(self.octets)),
        )
    }
}

/// What has to be read of the end of a part to know its size: offset and length, as stored.
pub fn tail(encoding: &str, head: &[u8], stored: u32) -> Option<(u32, u32)> {
    if encoding != "base64" {
        return None;
    }
    let (width, _) = lines(head)?;
    // The line before the last one too: padding may stand in it, where a blank one follows.
    let back = END.div_ceil(width);
    let last = u64::from(stored).checked_sub(1)? / width;
    let offset = u32::try_from(last.saturating_sub(back).saturating_mul(width)).ok()?;
    Some((offset, stored.checked_sub(offset)?))
}

/// The length of the lines of Base64, with their break and without; `None` where they are not of
/// one length as far as `head` goes.
fn lines(head: &[u8]) -> Option<(u64, u64)> {
    let Some(first) = head.iter().position(|octet| *octet == b'\n') else {
        // One line without an end: any four digits are a place to begin.
        let digits = head.iter().all(u8::is_ascii_graphic);
        return digits.then_some((4, 4));
    };
    let width = first.checked_add(1)?;
    let mut digits = None;
    let mut padded = false;
    for line in head.chunks_exact(width) {
        let text = line.strip_suffix(b"\n")?;
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        // Padding may stand in the last line only.
        let sane = !padded && text.iter().all(|octet| is_digit(*octet));
        padded = text.contains(&b'=');
        if !sane || *digits.get_or_insert(text.len()) != text.len() || text.len() % 4 != 0 {
            return None;
        }
    }
    let (width, digits) = (u64::try_from(width).ok()?, u64::try_from(digits?).ok()?);
    (width <= LINE_LIMIT && digits > 0).then_some((width, digits))
}

/// A digit of Base64, or its padding (RFC 4648, section 4).
fn is_digit(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=')
}

/// Of a stream: `length` octets after the first `skip`. One that ends before breaks off, so that
/// nobody takes a part for the whole.
pub fn cut(pieces: Pieces, skip: u64, length: u64) -> Pieces {
    Box::pin(stream::unfold(
        (Some(pieces), skip, length),
        |(pieces, mut skip, length)| async move {
            let mut pieces = pieces.filter(|_| length > 0)?;
            loop {
                let piece = match pieces.next().await {
                    Some(Ok(piece)) => piece,
                    Some(Err(error)) => return Some((Err(error), (None, 0, 0))),
                    None => {
                        let error = ImapError::Protocol("a part is shorter than told".to_owned());
                        return Some((Err(error), (None, 0, 0)));
                    }
                };
                let whole = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                if whole <= skip {
                    skip = skip.saturating_sub(whole);
                    continue;
                }
                let from = usize::try_from(skip).unwrap_or(usize::MAX);
                let mut wanted = piece.get(from..).unwrap_or_default().to_vec();
                wanted.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                let rest = length.saturating_sub(u64::try_from(wanted.len()).unwrap_or(u64::MAX));
                return Some((Ok(wanted), (Some(pieces), 0, rest)));
            }
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::{Layout, Span, cut, tail};
    use crate::mail::decode::Decoder;
    use base64::Engine as _;
    use futures_util::{StreamExt, stream};

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let span = |range| Span::parse(range, 100).map(|span| (span.first, span.length));
        assert_eq!(span("bytes=0-"), Some((0, 100)));
        assert_eq!(span("bytes=10-19"), Some((10, 10)));
        assert_eq!(span("bytes=90-500"), Some((90, 10)));
        assert_eq!(span("bytes=-5"), Some((95, 5)));
        for bad in [
            "bytes=100-",
            "bytes=5-4",
            "bytes=0-1,5-6",
            "lines=1-2",
            "bytes=-",
            "bytes=a-",
        ] {
            assert_eq!(span(bad), None, "{bad}");
        }
        assert_eq!(Span::parse("bytes=0-", 0), None);
    }

    fn stored(length: usize, line: usize) -> (Vec<u8>, Vec<u8>) {
        let octets: Vec<u8> = (0..length)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let coded = base64::engine::general_purpose::STANDARD.encode(&octets);
        let lines: Vec<&[u8]> = coded.as_bytes().chunks(line).collect();
        (octets, lines.join(&b"\r\n"[..]))
    }

    #[test]
    fn any_octet_of_base64_is_found() {
        for (length, line) in [
            (1, 76),
            (56, 76),
            (57, 76),
            (58, 76),
            (5000, 76),
            (5000, 60),
            (999, 4000),
        ] {
            let (octets, coded) = stored(length, line);
            let size = u32::try_from(coded.len()).unwrap();
            let head = &coded[..coded.len().min(1024)];
            let (offset, end) = tail("base64", head, size).unwrap();
            let end = &coded[usize::try_from(offset).unwrap()..][..usize::try_from(end).unwrap()];
            let layout = Layout::of("base64", head, Some(end), size).unwrap();
            assert_eq!(
                layout.size,
                u64::try_from(length).unwrap(),
                "{length} {line}"
            );
            for first in [0, 1, length / 2, length - 1] {
                let (offset, skip) = layout.place(u64::try_from(first).unwrap());
                let read = Decoder::once("base64", &coded[usize::try_from(offset).unwrap()..]);
                assert_eq!(
                    read[usize::try_from(skip).unwrap()..],
                    octets[first..],
                    "{length} {line} {first}"
                );
            }
        }
    }

    #[test]
    fn what_stands_behind_the_last_digits_does_not_count() {
        for after in ["", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n", "\n", "\n \n"] {
            // A last line that is full and ends with padding, and others; one line of many digits.
            let lengths = [55, 56, 57, 58, 1, 57 * 90 - 1, 57 * 90 - 2, 57 * 90, 5_555];
            for (length, line) in lengths.into_iter().map(|length| (length, 76)).chain([
                (5_000, 10_000),
                (5_001, 10_000),
                (5_002, 10_000),
            ]) {
                let (_, mut coded) = stored(length, line);
                coded.extend_from_slice(after.as_bytes());
                let size = u32::try_from(coded.len()).unwrap();
                let head = &coded[..coded.len().min(4096)];
                let Some((offset, end)) = tail("base64", head, size) else {
                    panic!("{length} {line} {after:?}");
                };
                let (offset, end) = (usize::try_from(offset), usize::try_from(end));
                let end = &coded[offset.unwrap()..][..end.unwrap()];
                let layout = Layout::of("base64", head, Some(end), size).unwrap();
                let length = u64::try_from(length).unwrap();
                assert_eq!(layout.size, length, "{line} {after:?}");
            }
        }
        // Nobody knows where the digits end, or where lines do.
        let blank = vec![b'\n'; 200];
        let (_, coded) = stored(5_000, 10_000);
        let size = u32::try_from(coded.len() + blank.len()).unwrap();
        assert_eq!(
            Layout::of("base64", &coded[..4096], Some(&blank), size),
            None
        );
        let (_, coded) = stored(5_000, 6_600);
        let size = u32::try_from(coded.len()).unwrap();
        let (offset, _) = tail("base64", &coded[..4096], size).unwrap();
        let end = &coded[usize::try_from(offset).unwrap()..];
        assert_eq!(Layout::of("base64", &coded[..4096], Some(end), size), None);
    }

    #[test]
    fn lines_of_many_lengths_cannot_be_counted() {
        assert_eq!(tail("base64", b"AAAA\r\nAAAAAAAA\r\nAAAA\r\n", 1000), None);
        assert_eq!(tail("base64", b"AAAAA\r\nAAAAA\r\n", 1000), None);
        assert_eq!(tail("quoted-printable", b"AAAA", 1000), None);
        assert_eq!(Layout::of("quoted-printable", b"AAAA", None, 4), None);
    }

    #[tokio::test]
    async fn a_cut_takes_what_it_is_told() {
        let pieces = || Box::pin(stream::iter([Ok(b"abc".to_vec()), Ok(b"defg".to_vec())]));
        let read = |skip, length| async move {
            let all: Vec<_> = cut(pieces(), skip, length).collect().await;
            let whole = all.iter().all(Result::is_ok);
            (
                all.into_iter().flatten().flatten().collect::<Vec<u8>>(),
                whole,
            )
        };
        assert_eq!(read(1, 4).await, (b"bcde".to_vec(), true));
        assert_eq!(read(3, 4).await, (b"defg".to_vec(), true));
        assert_eq!(read(0, 0).await, (Vec::new(), true));
        assert_eq!(read(5, 4).await, (b"fg".to_vec(), false));
    }
}
