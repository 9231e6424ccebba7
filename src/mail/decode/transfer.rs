//! The transfer encodings, in a form that takes its input in pieces of any size, since a large
//! attachment passes through and is never held whole.

/// Blanks held back until it is known whether the line ends after them. A run longer than this is
/// no accident of transport.
const HELD_LIMIT: usize = 998;

/// A streaming decoder of a Content-Transfer-Encoding (RFC 2045, section 6). Lenient: there is no
/// input it refuses. Cutting the input elsewhere does not change the output.
#[derive(Debug)]
pub struct Decoder {
    state: State,
}

#[derive(Debug)]
enum State {
    Identity,
    Base64 { bits: u32, digits: u8 },
    QuotedPrintable { at: Qp, held: Vec<u8> },
}

/// Where in a quoted-printable sequence the input stands.
#[derive(Clone, Copy, Debug)]
enum Qp {
    Text,
    /// After `=`.
    Equals,
    /// After `=` and this hexadecimal digit.
    Digit(u8),
    /// After `=` and blanks, which are held.
    Blanks,
    /// After `=` and CR.
    Return,
}

impl Decoder {
    /// A decoder for `encoding` as the field names it, in any case. What is neither `base64` nor
    /// `quoted-printable` passes through unchanged.
    pub fn new(encoding: &str) -> Self {
        let encoding = encoding.trim();
        let state = if encoding.eq_ignore_ascii_case("base64") {
            State::Base64 { bits: 0, digits: 0 }
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            State::QuotedPrintable {
                at: Qp::Text,
                held: Vec::new(),
            }
        } else {
            State::Identity
        };
        Self { state }
    }

    /// Decodes all of `input` at once.
    pub(crate) fn once(encoding: &str, input: &[u8]) -> Vec<u8> {
        let mut decoder = Self::new(encoding);
        let mut out = decoder.push(input);
        out.extend(decoder.finish());
        out
    }

    /// What the next octets of the input add to the output.
    pub fn push(&mut self, input: &[u8]) -> Vec<u8> {
        match &mut self.state {
            State::Identity => input.to_vec(),
            State::Base64 { bits, digits } => base64(bits, digits, input),
            State::QuotedPrintable { at, held } => {
                let mut out = Vec::with_capacity(input.len());
                for octet in input {
                    *at = quoted_printable(*at, held, *octet, &mut out);
                }
                out
            }
        }
    }

    /// What is left when the input has ended.
    pub fn finish(self) -> Vec<u8> {
        match self.state {
            State::Base64 { bits, digits } => {
                let (octets, count) = left_over(bits, digits);
                octets.into_iter().take(count).collect()
            }
            State::QuotedPrintable { at: Qp::Text, held } => held,
            // A sequence that was cut off says nothing.
            State::Identity | State::QuotedPrintable { .. } => Vec::new(),
        }
    }
}

/// The values of the alphabet's octets (RFC 4648, section 4); all others are [`OUTSIDE`].
const VALUES: [u8; 256] = values();
/// A bit that no value has.
const OUTSIDE: u8 = 0x80;

#[allow(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "worked out by the compiler, which refuses what is out of bounds; 64 values fit"
)]
const fn values() -> [u8; 256] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [OUTSIDE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// The values of a group's digits, each where it stands in the three octets of the group, which are
/// the lower ones of the four: a group is put together by looking up and joining.
static SHIFTED: [[u32; 256]; 4] = [shifted(18), shifted(12), shifted(6), shifted(0)];
/// A bit that no such value has.
const OUTSIDE_OF_GROUP: u32 = 1 << 31;

#[allow(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "worked out by the compiler, which refuses what is out of bounds; widening"
)]
const fn shifted(by: u32) -> [u32; 256] {
    let mut shifted = [OUTSIDE_OF_GROUP; 256];
    let mut octet = 0;
    while octet < shifted.len() {
        if VALUES[octet] != OUTSIDE {
            shifted[octet] = (VALUES[octet] as u32) << by;
        }
        octet += 1;
    }
    shifted
}

/// The value of a base64 digit, or [`OUTSIDE`].
fn value(octet: u8) -> u8 {
    // There is one for every octet.
    VALUES.get(usize::from(octet)).copied().unwrap_or(OUTSIDE)
}

/// Everything outside the alphabet is skipped; padding ends a run, and another may follow.
fn base64(bits: &mut u32, digits: &mut u8, input: &[u8]) -> Vec<u8> {
    // Written over instead of pushed to: what nearly all of a part is needs no look at the capacity.
    let mut out = vec![0; input.len() / 4 * 3 + 6];
    let mut length = 0;
    let mut rest = input;
    while let Some((&octet, after)) = rest.split_first() {
        if *digits == 0 {
            let groups = base64_groups(rest, out.get_mut(length..).unwrap_or_default());
            if groups > 0 {
                rest = rest.get(4 * groups..).unwrap_or_default();
                length += 3 * groups;
                continue;
            }
        }
        rest = after;
        if octet == b'=' {
            length += put(left_over(*bits, *digits), &mut out, length);
            (*bits, *digits) = (0, 0);
            continue;
        }
        let value = value(octet);
        if value == OUTSIDE {
            continue;
        }
        *bits = *bits << 6 | u32::from(value);
        *digits = digits.wrapping_add(1);
        if *digits == 4 {
            length += put(left_over(*bits, *digits), &mut out, length);
            (*bits, *digits) = (0, 0);
        }
    }
    out.truncate(length);
    out
}

/// What nearly all of a part is: whole groups of four digits, up to the end of the line. Octet by
/// octet a large attachment took longer to decode than to fetch. How many groups it took.
fn base64_groups(input: &[u8], out: &mut [u8]) -> usize {
    let (groups, _) = input.as_chunks::<4>();
    let (slots, _) = out.as_chunks_mut::<3>();
    let mut taken = 0;
    for (group, slot) in groups.iter().zip(slots) {
        let mut value = 0;
        for (table, octet) in SHIFTED.iter().zip(group) {
            value |= table
                .get(usize::from(*octet))
                .copied()
                .unwrap_or(OUTSIDE_OF_GROUP);
        }
        if value & OUTSIDE_OF_GROUP != 0 {
            break;
        }
        let [_, octets @ ..] = value.to_be_bytes();
        *slot = octets;
        taken += 1;
    }
    taken
}

/// What a group of so many digits holds: of four digits three octets, of three two, of two one.
fn left_over(bits: u32, digits: u8) -> ([u8; 3], usize) {
    let (bits, count) = match digits {
        4 => (bits, 3),
        3 => (bits << 6, 2),
        2 => (bits << 12, 1),
        _ => (0, 0),
    };
    let [_, octets @ ..] = bits.to_be_bytes();
    (octets, count)
}

/// Writes these octets at a place; how many they are.
fn put((octets, count): ([u8; 3], usize), out: &mut [u8], at: usize) -> usize {
    let slots = out.get_mut(at..).unwrap_or_default();
    for (slot, octet) in slots.iter_mut().zip(octets).take(count) {
        *slot = octet;
    }
    count
}

/// One octet of quoted-printable (RFC 2045, section 6.7).
fn quoted_printable(at: Qp, held: &mut Vec<u8>, octet: u8, out: &mut Vec<u8>) -> Qp {
    match (at, octet) {
        (Qp::Text, b'=') => {
            out.append(held);
            Qp::Equals
        }
        (Qp::Text | Qp::Equals | Qp::Blanks, b' ' | b'\t') => {
            if held.len() >= HELD_LIMIT {
                out.append(held);
            }
            held.push(octet);
            if matches!(at, Qp::Text) {
                Qp::Text
            } else {
                Qp::Blanks
            }
        }
        (Qp::Text, _) => {
            // Rule 3: blanks before the end of a line were added in transport.
            if matches!(octet, b'\r' | b'\n') {
                held.clear();
            }
            out.append(held);
            out.push(octet);
            Qp::Text
        }
        // Rule 5: `=` at the end of a line joins it with the next.
        (Qp::Equals | Qp::Blanks, b'\r') => {
            held.clear();
            Qp::Return
        }
        (Qp::Equals | Qp::Blanks, b'\n') => {
            held.clear();
            Qp::Text
        }
        (Qp::Equals, _) if octet.is_ascii_hexdigit() => Qp::Digit(octet),
        (Qp::Digit(first), _) if octet.is_ascii_hexdigit() => {
            out.push(hex(first) << 4 | hex(octet));
            Qp::Text
        }
        (Qp::Return, b'\n') => Qp::Text,
        (Qp::Return, _) => quoted_printable(Qp::Text, held, octet, out),
        // No sequence after all: it stands for itself.
        (Qp::Equals | Qp::Blanks, _) => {
            out.push(b'=');
            quoted_printable(Qp::Text, held, octet, out)
        }
        (Qp::Digit(first), _) => {
            out.extend_from_slice(&[b'=', first]);
            quoted_printable(Qp::Text, held, octet, out)
        }
    }
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
        b'A'..=b'F' => digit.wrapping_sub(b'A').wrapping_add(10),
        _ => 0,
    }
}
