//! The text of a compressed RTF body: unpacked ([MS-OXRTFCP]) and read as far as plain text needs
//! it. HTML that is wrapped in RTF ([MS-OXRTFEX]) comes out as its text too.

use super::{BODY_LIMIT, Reader, octets_to_text};

/// Groups within each other.
const DEPTH_LIMIT: usize = 200;

/// What the dictionary holds before anything was written ([MS-OXRTFCP], section 2.1.2.1).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const SIZE: usize = 4096;

/// The text of a PR_RTF_COMPRESSED; `None` where it is no such thing.
pub(super) fn text(data: &[u8]) -> Option<String> {
    Some(plain_text(&unpack(data)?))
}

/// LZFu, or RTF that is not compressed (section 2.1.3). Runs of up to 17 octets make of two at
/// most eight and a half times as many, and no more than a body's.
fn unpack(data: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(data, 0);
    let _packed = reader.u32()?;
    let length = reader.length()?.min(BODY_LIMIT);
    let kind = reader.take(4)?;
    let _checksum = reader.u32()?;
    match kind {
        b"MELA" => {
            return reader
                .rest
                .get(..length.min(reader.rest.len()))
                .map(<[u8]>::to_vec);
        }
        b"LZFu" => {}
        _ => return None,
    }
    let mut window = vec![0_u8; SIZE];
    window
        .get_mut(..DICTIONARY.len())?
        .copy_from_slice(DICTIONARY);
    let mut at = DICTIONARY.len();
    let mut out = Vec::new();
    let mut put = |octet: u8, window: &mut [u8], out: &mut Vec<u8>| {
        out.push(octet);
        if let Some(place) = window.get_mut(at) {
            *place = octet;
        }
        at = at.wrapping_add(1) % SIZE;
        at
    };
    let mut next = DICTIONARY.len();
    'all: while let Some(control) = reader.u8() {
        for bit in 0..8_u8 {
            if out.len() >= length {
                break 'all;
            }
            if control >> bit & 1 == 0 {
                let Some(octet) = reader.u8() else {
                    break 'all;
                };
                next = put(octet, &mut window, &mut out);
                continue;
            }
            let Some(&[high, low]) = reader.take(2) else {
                break 'all;
            };
            let token = u16::from_be_bytes([high, low]);
            let mut from = usize::from(token >> 4);
            if from == next {
                break 'all;
            }
            for _ in 0..(token & 15).saturating_add(2) {
                let octet = window.get(from).copied().unwrap_or_default();
                next = put(octet, &mut window, &mut out);
                from = from.wrapping_add(1) % SIZE;
            }
        }
    }
    out.truncate(length);
    Some(out)
}

/// What holds in a group and ends with it.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// A destination that is no text.
    hidden: bool,
    /// What HTML had no need of.
    rtf_only: bool,
    /// Characters that follow `\u` for those who cannot read it.
    substitutes: usize,
}

/// The text of RTF.
fn plain_text(rtf: &[u8]) -> String {
    let mut writer = Writer::default();
    let mut group = Group {
        hidden: false,
        rtf_only: false,
        substitutes: 1,
    };
    let mut stack: Vec<Group> = Vec::new();
    let mut too_deep = 0_usize;
    let mut reader = Reader::new(rtf, 0);
    // Substitutes that are still to be skipped.
    let mut skip = 0_usize;
    while let Some(octet) = reader.u8() {
        let shown = !group.hidden && !group.rtf_only;
        match octet {
            b'{' if stack.len() >= DEPTH_LIMIT => too_deep = too_deep.saturating_add(1),
            b'{' => stack.push(group),
            b'}' if too_deep > 0 => too_deep = too_deep.saturating_sub(1),
            b'}' => {
                skip = 0;
                group = stack.pop().unwrap_or(group);
            }
            b'\\' => {
                let Some(word) = Word::read(&mut reader) else {
                    break;
                };
                match word {
                    Word::Octet(_) | Word::Char(_) if skip > 0 => skip = skip.saturating_sub(1),
                    Word::Octet(octet) if shown => writer.octets.push(octet),
                    Word::Char(c) if shown => writer.char(c),
                    Word::Octet(_) | Word::Char(_) => {}
                    Word::Destination => group.hidden = true,
                    Word::Control(name, number) => match name.as_str() {
                        "u" => {
                            if shown {
                                writer.unit(number.unwrap_or_default());
                            }
                            skip = group.substitutes;
                        }
                        "uc" => {
                            let count = usize::try_from(number.unwrap_or(1)).unwrap_or(1);
                            group.substitutes = count.min(10);
                        }
                        "htmlrtf" => group.rtf_only = number != Some(0),
                        "ansicpg" => writer.code_page = number.and_then(|n| u32::try_from(n).ok()),
                        "fonttbl" | "colortbl" | "stylesheet" | "info" | "pict" | "object"
                        | "header" | "footer" | "footnote" | "listtable" => group.hidden = true,
                        _ if !shown => {}
                        "par" | "line" | "row" | "sect" | "page" => writer.char('\n'),
                        "tab" | "cell" => writer.char('\t'),
                        name => {
                            if let Some(c) = named(name) {
                                writer.char(c);
                            }
                        }
                    },
                }
            }
            b'\r' | b'\n' | 0 => {}
            _ if skip > 0 => skip = skip.saturating_sub(1),
            octet if shown => writer.octets.push(octet),
            _ => {}
        }
    }
    writer.finish()
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "emdash" => '—',
        "endash" => '–',
        "bullet" => '•',
        "lquote" => '‘',
        "rquote" => '’',
        "ldblquote" => '“',
        "rdblquote" => '”',
        "emspace" | "enspace" => ' ',
        _ => return None,
    })
}

/// What follows a backslash.
enum Word {
    Control(String, Option<i32>),
    /// `\'e4`
    Octet(u8),
    /// An escaped or special character.
    Char(char),
    /// `\*`: what who does not know it skips.
    Destination,
}

impl Word {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let first = reader.u8()?;
        if !first.is_ascii_alphabetic() {
            return Some(match first {
                b'\'' => {
                    let digits = reader.take(2)?;
                    let digits = std::str::from_utf8(digits).unwrap_or_default();
                    Self::Octet(u8::from_str_radix(digits, 16).unwrap_or(b'?'))
                }
                b'*' => Self::Destination,
                b'~' => Self::Char('\u{A0}'),
                b'_' => Self::Char('-'),
                b'\r' | b'\n' => Self::Char('\n'),
                b'\\' | b'{' | b'}' => Self::Char(char::from(first)),
                _ => Self::Control(String::new(), None),
            });
        }
        let mut name = String::from(char::from(first));
        let mut number = String::new();
        while let Some(octet) = reader.rest.first().copied() {
            let digit = octet.is_ascii_digit() || (octet == b'-' && number.is_empty());
            if octet.is_ascii_alphabetic() && number.is_empty() && name.len() < 32 {
                name.push(char::from(octet));
            } else if digit && number.len() < 11 {
                number.push(char::from(octet));
            } else {
                // One blank belongs to the word.
                if octet == b' ' {
                    reader.u8();
                }
                break;
            }
            reader.u8();
        }
        Some(Self::Control(name, number.parse().ok()))
    }
}

/// Text of octets in a code page and of characters in between.
#[derive(Default)]
struct Writer {
    out: String,
    octets: Vec<u8>,
    code_page: Option<u32>,
    /// The first half of a pair of UTF-16.
    half: Option<u16>,
}

impl Writer {
    fn flush(&mut self) {
        if !self.octets.is_empty() {
            let text = octets_to_text(&self.octets, self.code_page.or(Some(1252)));
            self.out.push_str(&text);
            self.octets.clear();
        }
    }

    fn char(&mut self, c: char) {
        self.flush();
        self.out.push(c);
    }

    /// A unit of UTF-16, written as a signed number.
    fn unit(&mut self, number: i32) {
        self.flush();
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or_default();
        let pair = self.half.take().into_iter().chain([unit]);
        for decoded in char::decode_utf16(pair) {
            match decoded {
                Ok(c) => self.out.push(c),
                Err(error) if (0xD800..0xDC00).contains(&error.unpaired_surrogate()) => {
                    self.half = Some(error.unpaired_surrogate());
                }
                Err(_) => self.out.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        self.out.trim_matches('\n').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;
    use proptest::prelude::*;

    #[test]
    fn text_of_rtf() {
        for (rtf, expected) in [
            (
                "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\*\\gen x;}\\pard Gr\\'fc\\'dfe\\par\r\n\\{a\\}\\tab b}",
                "Grüße\n{a}\tb",
            ),
            (
                "{\\rtf1\\uc1 \\u228?\\u-3913?b{\\uc0\\u8364}c}",
                "ä\u{F0B7}b€c",
            ),
            ("{\\rtf1 \\u-10179?\\u-8704?}", "😀"),
            ("{\\rtf1\\ansicpg1251 \\'cf\\'f0}", "Пр"),
            (
                "{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 one\\htmlrtf }\\htmlrtf0 {\\*\\htmltag72 </p>}\\line two}",
                "one\ntwo",
            ),
            ("a}}}b", "ab"),
            ("{\\", ""),
            ("", ""),
        ] {
            assert_eq!(plain_text(rtf.as_bytes()), expected, "{rtf}");
        }
    }

    #[test]
    fn the_dictionary_has_its_length() {
        assert_eq!(DICTIONARY.len(), 207);
    }

    #[test]
    fn unpacking() {
        // The examples of [MS-OXRTFCP], section 3.1: a run of the dictionary, and one that
        // overlaps what it writes.
        let first = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        assert_eq!(
            unpack(&first).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        let second = [
            0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0,
            0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
        ];
        assert_eq!(unpack(&second).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(
            text(b"\0\0\0\0\x05\0\0\0MELA\0\0\0\0{a b}c").unwrap(),
            "a b"
        );
        assert_eq!(text(b"\0\0\0\0\x05\0\0\0XXXX\0\0\0\0{a b}c"), None);
        assert_eq!(text(b"short"), None);
    }

    #[test]
    fn bombs() {
        let start = Busy::new();
        let mut bomb = b"\0\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0".to_vec();
        bomb.extend(
            b"\xff\x00\x0f\x00\x0f\x00\x0f\x00\x0f\x00\x0f\x00\x0f\x00\x0f\x00\x0f".repeat(60_000),
        );
        assert!(unpack(&bomb).unwrap().len() <= BODY_LIMIT);
        for piece in ["{", "}", "\\u1?", "\\'e4", "{\\*", "\\a", "\\uc99 "] {
            plain_text(piece.repeat(300_000).as_bytes());
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_octets_at_all(octets in proptest::collection::vec(any::<u8>(), 0..300), words in "[{}\\\\a-u0-9' *;-]{0,60}") {
            let mut packed = b"\0\0\0\0\xff\xff\x00\x00LZFu\0\0\0\0".to_vec();
            packed.extend(&octets);
            text(&packed);
            plain_text(&octets);
            plain_text(words.as_bytes());
        }
    }
}
