//! What an image is by its own octets, and how large it will be on the screen. What the server or
//! the address calls it counts for nothing: an SVG is a document with scripts, whatever its name.

use crate::mail::magic::gif_frames;

/// Most pixels a side, and in all: what a browser can hold many of.
const SIDE: u32 = 10_000;
const PIXELS: u64 = 40_000_000;

/// The formats that are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Png,
    Jpeg,
    Gif,
    WebP,
}

impl Kind {
    /// By the first octets of a file; at least twelve are wanted.
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            _ => None,
        }
    }

    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    /// Width and height as the file's header says; `None` where it says none.
    fn size(self, file: &[u8]) -> Option<(u32, u32)> {
        match self {
            // The header chunk is the first (PNG, section 11.2.1).
            Self::Png => {
                let named = file.get(12..16)? == b"IHDR";
                Some((be_32(file, 16)?, be_32(file, 20)?)).filter(|_| named)
            }
            // The logical screen (GIF89a, section 18). A frame may be larger than it.
            Self::Gif => {
                let (mut width, mut height) = (le_16(file, 6)?, le_16(file, 8)?);
                for (right, bottom) in gif_frames(file) {
                    (width, height) = (width.max(right), height.max(bottom));
                }
                Some((width, height))
            }
            Self::Jpeg => jpeg_size(file),
            Self::WebP => webp_size(file),
        }
    }
}

/// Whether the image may be shown: of a known kind, with a size, and not too large.
pub fn judge(file: &[u8]) -> Result<Kind, Refused> {
    let kind = Kind::of(file).ok_or(Refused::Kind)?;
    let (width, height) = kind.size(file).ok_or(Refused::Kind)?;
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if width == 0 || height == 0 {
        return Err(Refused::Kind);
    }
    if width > SIDE || height > SIDE || pixels > PIXELS {
        return Err(Refused::Pixels);
    }
    Ok(kind)
}

/// Why an image is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No raster image, or a broken one.
    Kind,
    /// Too many pixels.
    Pixels,
}

fn octet(file: &[u8], at: usize) -> Option<u32> {
    file.get(at).copied().map(u32::from)
}

fn be_16(file: &[u8], at: usize) -> Option<u32> {
    Some((octet(file, at)? << 8) | octet(file, at.checked_add(1)?)?)
}

fn be_32(file: &[u8], at: usize) -> Option<u32> {
    Some((be_16(file, at)? << 16) | be_16(file, at.checked_add(2)?)?)
}

fn le_16(file: &[u8], at: usize) -> Option<u32> {
    Some(octet(file, at)? | (octet(file, at.checked_add(1)?)? << 8))
}

fn le_24(file: &[u8], at: usize) -> Option<u32> {
    Some(le_16(file, at)? | (octet(file, at.checked_add(2)?)? << 16))
}

/// The first frame header (ITU-T T.81, annex B.2.2).
fn jpeg_size(file: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2_usize;
    loop {
        if octet(file, at)? != 0xff {
            return None;
        }
        match octet(file, at.checked_add(1)?)? {
            // Fill octets.
            0xff => at = at.checked_add(1)?,
            // Markers that stand alone.
            0x01 | 0xd0..=0xd8 => at = at.checked_add(2)?,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((
                    be_16(file, at.checked_add(7)?)?,
                    be_16(file, at.checked_add(5)?)?,
                ));
            }
            // The image's data before any frame, or its end.
            0xd9 | 0xda => return None,
            _ => {
                let length = be_16(file, at.checked_add(2)?)?.max(2);
                at = at
                    .checked_add(2)?
                    .checked_add(usize::try_from(length).ok()?)?;
            }
        }
    }
}

/// The first chunk: lossy, lossless or extended (RFC 9649, section 2).
fn webp_size(file: &[u8]) -> Option<(u32, u32)> {
    match file.get(12..16)? {
        b"VP8 " => {
            let key = file.get(23..26)? == [0x9d, 0x01, 0x2a];
            Some((le_16(file, 26)? & 0x3fff, le_16(file, 28)? & 0x3fff)).filter(|_| key)
        }
        b"VP8L" => {
            let bits = le_24(file, 21)? | (octet(file, 24)? << 24);
            let signed = octet(file, 20)? == 0x2f;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)).filter(|_| signed)
        }
        b"VP8X" => Some((le_24(file, 24)? + 1, le_24(file, 27)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Refused, judge};
    use proptest::prelude::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.extend([8, 6, 0, 0, 0]);
        file
    }

    fn gif(screen: (u16, u16), frame: (u16, u16)) -> Vec<u8> {
        let mut file = b"GIF89a".to_vec();
        file.extend(screen.0.to_le_bytes());
        file.extend(screen.1.to_le_bytes());
        file.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        file.extend([0x21, 0xf9, 4, 1, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0]);
        file.extend(frame.0.to_le_bytes());
        file.extend(frame.1.to_le_bytes());
        file.extend([0, 2, 2, 0x44, 1, 0, 0x3b]);
        file
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8];
        file.extend(height.to_be_bytes());
        file.extend(width.to_be_bytes());
        file
    }

    fn webp(kind: &[u8], rest: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP".as_slice(), kind, &[0; 4], rest].concat()
    }

    #[test]
    fn images_are_told_by_their_octets() {
        assert_eq!(judge(&png(1, 1)), Ok(Kind::Png));
        assert_eq!(judge(&gif((1, 1), (1, 1))), Ok(Kind::Gif));
        assert_eq!(judge(&jpeg(640, 480)), Ok(Kind::Jpeg));
        let lossy = webp(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 10, 0, 20, 0]);
        assert_eq!(judge(&lossy), Ok(Kind::WebP));
        let lossless = webp(b"VP8L", &[0x2f, 9, 0, 0, 0]);
        assert_eq!(judge(&lossless), Ok(Kind::WebP));
        assert_eq!(
            judge(&webp(b"VP8X", &[0, 0, 0, 0, 9, 0, 0, 9, 0, 0])),
            Ok(Kind::WebP)
        );
    }

    #[test]
    fn what_is_no_raster_image_is_refused() {
        for file in [
            b"".as_slice(),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<?xml version='1.0'?><svg/>",
            b"<html><script>alert(1)</script>",
            b"%PDF-1.4",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
            b"BM\0\0\0\0\0\0\0\0\0\0",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xda\0\x02",
            b"RIFF\0\0\0\0WEBPXXXX",
        ] {
            assert_eq!(judge(file), Err(Refused::Kind), "{file:?}");
        }
        assert_eq!(judge(&png(0, 10)), Err(Refused::Kind));
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        assert_eq!(judge(&png(10_001, 1)), Err(Refused::Pixels));
        assert_eq!(judge(&png(u32::MAX, u32::MAX)), Err(Refused::Pixels));
        assert_eq!(judge(&png(10_000, 4_001)), Err(Refused::Pixels));
        assert_eq!(judge(&png(10_000, 4_000)), Ok(Kind::Png));
        assert_eq!(judge(&gif((1, 1), (20_000, 20_000))), Err(Refused::Pixels));
        assert_eq!(judge(&jpeg(65_535, 65_535)), Err(Refused::Pixels));
        let large = [0, 0, 0, 0, 255, 255, 255, 255, 255, 255];
        assert_eq!(judge(&webp(b"VP8X", &large)), Err(Refused::Pixels));
    }

    proptest! {
        #[test]
        fn no_octets_make_it_stumble(start in 0_usize..7, rest in any::<Vec<u8>>()) {
            let starts = [png(1, 1), gif((1, 1), (1, 1)), jpeg(1, 1), vec![0xff, 0xd8, 0xff],
                webp(b"VP8 ", &[]), webp(b"VP8L", &[]), webp(b"VP8X", &[])];
            let mut file = starts[start].clone();
            file.extend(rest);
            let _ = judge(&file);
        }
    }
}
