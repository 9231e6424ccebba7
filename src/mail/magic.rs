//! What a file really is, by its first octets, of the few kinds that are shown or played. What a
//! mail calls it, and how it is named, count for nothing here: SVG and HTML never come out.

/// A kind that a browser may be handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Png,
    Jpeg,
    Gif,
    Webp,
    Mp3,
    Ogg,
    Wav,
    Flac,
    M4a,
    Mp4,
    Webm,
}

impl Media {
    /// The kind of a file that begins with `octets`.
    pub fn of(octets: &[u8]) -> Option<Self> {
        let at = |offset: usize, mark: &[u8]| {
            octets
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(mark))
        };
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if at(0, b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Some(Self::Gif)
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Some(Self::Webp)
        } else if at(0, b"RIFF") && at(8, b"WAVE") {
            Some(Self::Wav)
        } else if at(0, b"OggS\0") {
            Some(Self::Ogg)
        } else if at(0, b"fLaC") {
            Some(Self::Flac)
        } else if at(4, b"ftypM4A ") || at(4, b"ftypM4B ") {
            Some(Self::M4a)
        } else if [&b"isom"[..], b"iso", b"mp4", b"avc1", b"M4V", b"dash"]
            .iter()
            .any(|brand| at(4, b"ftyp") && at(8, brand))
        {
            Some(Self::Mp4)
        } else if at(0, b"\x1a\x45\xdf\xa3")
            && octets.windows(4).take(64).any(|four| four == b"webm")
        {
            Some(Self::Webm)
        } else if at(0, b"ID3") || is_mpeg_audio(octets) {
            Some(Self::Mp3)
        } else {
            None
        }
    }

    /// What it is served as.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::M4a => "audio/mp4",
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
        }
    }

    /// Whether it is a picture.
    pub fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }
}

/// A frame header of MPEG-1 or MPEG-2, layer III: its sync word, and no reserved value.
fn is_mpeg_audio(octets: &[u8]) -> bool {
    let [first, second, third, ..] = octets else {
        return false;
    };
    *first == 0xff
        && matches!(second & 0xfe, 0xfa | 0xf2)
        && third >> 4 != 0xf
        && third & 0x0c != 0x0c
}

/// Width and height of a picture in pixels, as its head says; `None` where `octets` do not reach
/// so far or say nothing that can be.
pub fn pixels(media: Media, octets: &[u8]) -> Option<(u32, u32)> {
    let (width, height) = match media {
        Media::Png => (big(octets, 16, 4)?, big(octets, 20, 4)?),
        // The logical screen (GIF89a, section 18). Browsers make it as large as the first frame.
        Media::Gif => {
            let mut frames = gif_frames(octets);
            let first = frames.next()?;
            let screen = (little(octets, 6, 2)?, little(octets, 8, 2)?);
            frames.fold(larger(screen, first), larger)
        }
        Media::Jpeg => jpeg(octets)?,
        Media::Webp => webp(octets)?,
        _ => return None,
    };
    (width > 0 && height > 0).then_some((width, height))
}

fn larger(one: (u32, u32), other: (u32, u32)) -> (u32, u32) {
    (one.0.max(other.0), one.1.max(other.1))
}

/// Right and bottom edge of every frame of a GIF, as far as `octets` reach and its blocks can be
/// followed. Its end counts as a frame without a size: it is known then that there is no other.
pub fn gif_frames(octets: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    let octet = |at: usize| octets.get(at).copied();
    let table = |flags: u8| {
        if flags & 0x80 == 0 {
            0
        } else {
            3_usize << ((flags & 7) + 1)
        }
    };
    let mut at = 13_usize.saturating_add(octet(10).map_or(0, table));
    std::iter::from_fn(move || {
        loop {
            match octet(at)? {
                0x2c => {
                    let edge = |side: usize| {
                        let from = at.checked_add(side)?;
                        let size = little(octets, from.checked_add(4)?, 2)?;
                        Some(little(octets, from, 2)?.saturating_add(size))
                    };
                    let edges = (edge(1)?, edge(3)?);
                    let colours = octet(at.checked_add(9)?).map(table);
                    // The frame's own colours, and one octet before its data. That these go on
                    // beyond what is at hand does not make the frame smaller.
                    let data = colours.and_then(|colours| at.checked_add(11)?.checked_add(colours));
                    let next = data.and_then(|data| skip_blocks(octets, data));
                    at = next.unwrap_or(octets.len());
                    return Some(edges);
                }
                0x21 => at = skip_blocks(octets, at.checked_add(2)?)?,
                0x3b => {
                    at = octets.len();
                    return Some((0, 0));
                }
                _ => return None,
            }
        }
    })
}

/// Behind a sequence of sub-blocks (GIF89a, section 15).
fn skip_blocks(octets: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(octets.get(at).copied()?);
        at = at.checked_add(length)?.checked_add(1)?;
        if length == 0 {
            return Some(at);
        }
    }
}

/// The frame header (ITU T.81, section B.2.2) behind segments that say how long they are.
fn jpeg(octets: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2_usize;
    loop {
        if octets.get(at).copied()? != 0xff {
            return None;
        }
        let marker = octets.get(at.checked_add(1)?).copied()?;
        match marker {
            // Fill octets.
            0xff => at = at.checked_add(1)?,
            0x01 | 0xd0..=0xd8 => at = at.checked_add(2)?,
            // Neither Huffman tables, nor arithmetic ones, nor what is reserved.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let height = big(octets, at.checked_add(5)?, 2)?;
                return Some((big(octets, at.checked_add(7)?, 2)?, height));
            }
            0xd9 | 0xda => return None,
            _ => {
                let length = big(octets, at.checked_add(2)?, 2)?;
                at = at
                    .checked_add(2)?
                    .checked_add(usize::try_from(length).ok()?)?;
            }
        }
    }
}

/// The first chunk: lossy, lossless, or extended (RFC 9649, section 2.5 and on).
fn webp(octets: &[u8]) -> Option<(u32, u32)> {
    match octets.get(12..16)? {
        b"VP8 " => Some((
            little(octets, 26, 2)? & 0x3fff,
            little(octets, 28, 2)? & 0x3fff,
        )),
        b"VP8L" => {
            let bits = little(octets, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(octets, 24, 3)? + 1, little(octets, 27, 3)? + 1)),
        _ => None,
    }
}

fn big(octets: &[u8], at: usize, length: usize) -> Option<u32> {
    let octets = octets.get(at..at.checked_add(length)?)?;
    Some(octets.iter().fold(0, |n, octet| n << 8 | u32::from(*octet)))
}

fn little(octets: &[u8], at: usize, length: usize) -> Option<u32> {
    let octets = octets.get(at..at.checked_add(length)?)?;
    Some(
        octets
            .iter()
            .rev()
            .fold(0, |n, octet| n << 8 | u32::from(*octet)),
    )
}

#[cfg(test)]
mod tests {
    use super::{Media, pixels};
    use proptest::prelude::*;

    #[test]
    fn a_kind_is_told_by_its_first_octets() {
        for (octets, kind) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some(Media::Png)),
            (b"\xff\xd8\xff\xe0", Some(Media::Jpeg)),
            (b"GIF89a", Some(Media::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Media::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ", Some(Media::Wav)),
            (b"ID3\x03", Some(Media::Mp3)),
            (b"\xff\xfb\x90\x64", Some(Media::Mp3)),
            (b"\0\0\0\x20ftypisom", Some(Media::Mp4)),
            (b"\0\0\0\x20ftypM4A ", Some(Media::M4a)),
            (
                b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x84webm",
                Some(Media::Webm),
            ),
            (b"<svg xmlns=", None),
            (b"<!doctype html>", None),
            (b"%PDF-1.7", None),
            (b"\0\0\0\x20ftypheic", None),
            (b"\x1a\x45\xdf\xa3matroska", None),
            (b"", None),
        ] {
            assert_eq!(Media::of(octets), kind, "{octets:?}");
        }
    }

    #[test]
    fn pictures_say_how_large_they_are() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80";
        assert_eq!(pixels(Media::Png, png), Some((256, 128)));
        assert_eq!(pixels(Media::Png, &png[..20]), None);
        let gif = b"GIF89a\x03\0\x04\x01\0\0\0\x2c\0\0\0\0\x02\0\x02\0\0\x02";
        assert_eq!(pixels(Media::Gif, gif), Some((3, 260)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x0b\x08\x02\0\x01\0";
        assert_eq!(pixels(Media::Jpeg, jpeg), Some((256, 512)));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\0\0\x0f\0\0";
        assert_eq!(pixels(Media::Webp, webp), Some((256, 16)));
        assert_eq!(pixels(Media::Gif, b"GIF89a\0\0\0\0"), None);
    }

    #[test]
    fn a_small_screen_does_not_hide_a_large_frame() {
        let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        // A comment, and how long a frame is shown.
        gif.extend(b"\x21\xfe\x03abc\0\x21\xf9\x04\x01\0\0\0\0");
        // Nobody knows yet how large it is, unless there is no frame at all.
        assert_eq!(pixels(Media::Gif, &gif), None);
        let ended = [&gif[..], b"\x3b"].concat();
        assert_eq!(pixels(Media::Gif, &ended), Some((1, 1)));
        let (left, side) = (7_u16.to_le_bytes(), 20_000_u16.to_le_bytes());
        gif.extend([&b"\x2c"[..], &left, &left, &side, &side, b"\x80"].concat());
        assert_eq!(pixels(Media::Gif, &gif), Some((20_007, 20_007)));
        // With colours of its own and all of its data, and a larger one behind it.
        gif.extend(b"\0\0\0\xff\xff\xff\x02\x02\x44\x01\0");
        let side = 30_000_u16.to_le_bytes();
        gif.extend([&b"\x2c"[..], &[0; 4], &side, &side, b"\0\x02"].concat());
        assert_eq!(pixels(Media::Gif, &gif), Some((30_000, 30_000)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_octets_are_too_odd(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Media::of(&octets);
            for media in [Media::Png, Media::Jpeg, Media::Gif, Media::Webp, Media::Mp4] {
                let _ = pixels(media, &octets);
            }
            let _ = pixels(Media::Jpeg, &[b"\xff\xd8\xff", octets.as_slice()].concat());
            let _ = pixels(Media::Gif, &[b"GIF89a", octets.as_slice()].concat());
        }
    }
}
