//! Mailbox names between the wire and people: modified UTF-7 (RFC 3501, section 5.1.3) on the one
//! side, UTF-8 on the other. The transport leaves this to its caller, and a name written without
//! it is a name no server finds.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// Base64 with `,` for `/`, and no padding.
const ENGINE: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// The name behind `wire`, `None` where that is no modified UTF-7.
///
/// Strict, so that a name means one mailbox: `decode(wire) == Some(name)` says that
/// `encode(&name) == wire`. Whoever shows a mailbox whose name is malformed has to keep its wire
/// form beside the name, since no other way leads back.
pub fn decode(wire: &str) -> Option<String> {
    let mut name = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (code, after) = shifted.split_once('-')?;
        if code.is_empty() {
            name.push('&');
        } else {
            let octets = ENGINE.decode(code).ok()?;
            let (pairs, odd) = octets.as_chunks::<2>();
            if !odd.is_empty() {
                return None;
            }
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            for unit in char::decode_utf16(units) {
                name.push(unit.ok()?);
            }
        }
        rest = after;
    }
    name.push_str(rest);
    // One comparison refuses all that section 5.1.3 forbids: printable ASCII in Base64, shifts
    // that follow each other, stray bits at the end, and 8-bit or control characters outside.
    (encode(&name) == wire).then_some(name)
}

/// The name behind `wire`, or `wire` itself where it is malformed: for showing, not for asking.
pub fn decode_lossy(wire: &str) -> String {
    decode(wire).unwrap_or_else(|| wire.to_owned())
}

/// The name as it stands in a command: printable ASCII only, whatever `name` holds. It still has
/// to be quoted.
pub fn encode(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut shifted = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            shift(&mut wire, &mut shifted);
            wire.push(character);
            if character == '&' {
                wire.push('-');
            }
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                shifted.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    shift(&mut wire, &mut shifted);
    wire
}

/// Writes what waits to be shifted, and empties it.
fn shift(wire: &mut String, octets: &mut Vec<u8>) {
    if !octets.is_empty() {
        wire.push('&');
        ENGINE.encode_string(&octets, wire);
        wire.push('-');
        octets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_rfc() {
        let wire = "~peter/mail/&U,BTFw-/&ZeVnLIqe-";
        let name = "~peter/mail/台北/日本語";
        assert_eq!(decode(wire).as_deref(), Some(name));
        assert_eq!(encode(name), wire);
    }

    #[test]
    fn everyday_names() {
        for (wire, name) in [
            ("INBOX", "INBOX"),
            ("", ""),
            ("Entw&APw-rfe", "Entwürfe"),
            ("R&-D", "R&D"),
            ("&AOQ-&-&APY-", "ä&ö"),
            ("&2D3cjA-", "💌"),
            ("a\"b\\c", "a\"b\\c"),
        ] {
            assert_eq!(decode(wire).as_deref(), Some(name), "{wire}");
            assert_eq!(encode(name), wire, "{name}");
        }
    }

    #[test]
    fn malformed_names_are_refused_and_shown_as_they_are() {
        for wire in [
            "&",
            "a&b",
            "&A-",
            "&APw",
            "&AGE-",      // printable ASCII in Base64
            "&APw-&APY-", // two shifts where one would do
            "&2D0-",      // half a surrogate pair
            "&APx-",      // stray bits
            "Entwürfe",   // 8-bit
            "a\tb",
            "&AP w-",
            "&AP/8-",
        ] {
            assert_eq!(decode(wire), None, "{wire}");
            assert_eq!(decode_lossy(wire), wire);
        }
    }

    #[test]
    fn nothing_that_could_end_a_command_gets_through() {
        let wire = encode("a\r\nA1 LOGOUT\0é");
        assert!(wire.bytes().all(|b| (0x20..0x7f).contains(&b)), "{wire}");
        assert_eq!(decode(&wire).as_deref(), Some("a\r\nA1 LOGOUT\0é"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn decoding_undoes_encoding(name in any::<String>()) {
            prop_assert_eq!(decode(&encode(&name)), Some(name));
        }

        #[test]
        fn what_decodes_encodes_to_the_same(wire in "[ -~é]{0,12}|(&[A-Za-z0-9+,]{0,8}-){0,3}") {
            if let Some(name) = decode(&wire) {
                prop_assert_eq!(encode(&name), wire);
            }
        }
    }
}
