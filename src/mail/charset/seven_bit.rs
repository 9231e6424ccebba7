//! Charsets that write all letters in seven bits, which mail once needed. Browsers have given them up, and
//! so have the decoders at hand, which make one U+FFFD of a whole mail; old mail and some programs still
//! have them.

/// UTF-7 (RFC 2152). A minus ends a shift and goes, whatever else ends it stays; a plus without code is a
/// plus. What no character comes out of was none: in `+49 30` it is a telephone number.
pub(super) fn utf_7(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((plain, shift)) = split_before(rest, |octet| octet == b'+') {
        out.extend(plain.iter().copied().map(char::from));
        let shift = shift.strip_prefix(b"+").unwrap_or(shift);
        let (code, after) =
            split_before(shift, |octet| sextet(octet).is_none()).unwrap_or((shift, &[]));
        let units = units(code);
        let ended = after.strip_prefix(b"-");
        rest = if units.is_empty() {
            out.push('+');
            out.extend(code.iter().copied().map(char::from));
            ended.filter(|_| code.is_empty()).unwrap_or(after)
        } else {
            let letters = char::decode_utf16(units);
            out.extend(letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
            ended.unwrap_or(after)
        };
    }
    out.extend(rest.iter().copied().map(char::from));
    out
}

/// What stands before the first octet that `wanted` takes, and the rest; `None` where there is none.
fn split_before(octets: &[u8], wanted: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    let at = octets.iter().position(|octet| wanted(*octet))?;
    octets.split_at_checked(at)
}

/// The units of UTF-16 in modified Base64; the bits left over are padding.
fn units(code: &[u8]) -> Vec<u16> {
    let mut units = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for six in code.iter().filter_map(|octet| sextet(*octet)) {
        bits = (bits << 6) | u32::from(six);
        count = count.saturating_add(6);
        if count >= 16 {
            count = count.saturating_sub(16);
            units.extend(u16::try_from(bits >> count));
            bits &= (1 << count) - 1;
        }
    }
    units
}

/// The value of a letter of Base64.
fn sextet(octet: u8) -> Option<u8> {
    let (first, value) = match octet {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => return Some(62),
        b'/' => return Some(63),
        _ => return None,
    };
    octet.checked_sub(first)?.checked_add(value)
}

/// HZ (RFC 1843) as the same in GBK: what stands between `~{` and `~}`, with its eighth bits.
pub(super) fn hz(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut wide = false;
    let mut rest = octets.iter().copied().peekable();
    while let Some(octet) = rest.next() {
        match (octet, rest.peek().copied()) {
            (b'~', Some(b'{')) if !wide => wide = true,
            (b'~', Some(b'}')) if wide => wide = false,
            (b'~', Some(b'~')) if !wide => out.push(b'~'),
            // A line that goes on.
            (b'~', Some(b'\n')) if !wide => {}
            (b'\n', _) => {
                wide = false;
                out.push(octet);
                continue;
            }
            (first, Some(second)) if wide && first < 0x78 && is_half(first) && is_half(second) => {
                out.extend([first | 0x80, second | 0x80]);
            }
            _ => {
                out.push(octet);
                continue;
            }
        }
        rest.next();
    }
    out
}

/// ISO-2022-KR (RFC 1557) as the same in EUC-KR: what stands between SO and SI, with its eighth bits.
pub(super) fn iso_2022_kr(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut wide = false;
    let mut rest = octets;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match *octet {
            // The designation, which says no more than the charset does.
            0x1B if after.starts_with(b"$)C") => rest = after.get(3..).unwrap_or_default(),
            0x0E => wide = true,
            0x0F => wide = false,
            b'\n' => {
                wide = false;
                out.push(b'\n');
            }
            octet if wide && is_half(octet) => out.push(octet | 0x80),
            octet => out.push(octet),
        }
    }
    out
}

/// ISO-2022-JP (RFC 1468) without escapes that another one follows at once, as where two encoded words
/// meet: they are right, and decoders take them for an attack.
pub(super) fn iso_2022_jp(octets: &[u8]) -> Vec<u8> {
    let escape = |octets: &[u8]| {
        let known = [b"\x1b(B", b"\x1b(J", b"\x1b(I", b"\x1b$B", b"\x1b$@"];
        known.iter().any(|known| octets.starts_with(*known))
    };
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((octet, after)) = rest.split_first() {
        let beyond = rest.get(3..).unwrap_or_default();
        if escape(rest) && escape(beyond) {
            rest = beyond;
        } else {
            out.push(*octet);
            rest = after;
        }
    }
    out
}

/// Whether it is one of the two octets of a character.
fn is_half(octet: u8) -> bool {
    (0x21..=0x7E).contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_7_as_it_is_written() {
        for (text, read) in [
            // RFC 2152.
            ("A+ImIDkQ.", "A≢Α."),
            ("Hi Mom -+Jjo--!", "Hi Mom -☺-!"),
            ("+ZeVnLIqe-", "日本語"),
            ("Item 3 is +AKM-1.", "Item 3 is £1."),
            // A shift that no minus ends.
            ("Caf+AOk is", "Café is"),
            ("Caf+AOk", "Café"),
            ("+AOk,+AOk\n", "é,é\n"),
            // Beyond the first plane, and half of a pair.
            ("+2D3eAA-", "😀"),
            ("+2D0-a", "\u{FFFD}a"),
            // A plus.
            ("1 +- 1", "1 + 1"),
            ("+-49 30", "+49 30"),
            ("+49 30-1, +49-30", "+49 30-1, +49-30"),
            ("a + b +", "a + b +"),
            ("", ""),
        ] {
            assert_eq!(utf_7(text.as_bytes()), read, "{text}");
        }
        assert_eq!(utf_7(b"f\xfcr"), "für");
    }

    #[test]
    fn shifts_become_eighth_bits() {
        assert_eq!(
            hz(b"a~~b ~{VPND~}.~{<:Ky2;Sc~"),
            b"a~b \xd6\xd0\xce\xc4.\xbc\xba\xcb\xf9\xb2\xbb\xd3\xe3~"
        );
        assert_eq!(hz(b"~{VP\nab~\nc~"), b"\xd6\xd0\nabc~");
        assert_eq!(hz(b"~{V VP~}~"), b"V \xd6\xd0~");
        assert_eq!(
            iso_2022_kr(b"\x1b$)Ca \x0e>H3g\x0f b\x0e>H\n3g"),
            b"a \xbe\xc8\xb3\xe7 b\xbe\xc8\n3g"
        );
        assert_eq!(iso_2022_kr(b"\x1b$)"), b"\x1b$)");
    }
}
