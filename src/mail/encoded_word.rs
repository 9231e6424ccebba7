//! Encoded words (RFC 2047) as mail really has them: split in the middle of a character, with
//! blanks inside, in quoted strings where they don't belong.

use super::charset;
use super::decode::Decoder;

/// Longest charset label that is taken for one, in octets.
const LABEL_LIMIT: usize = 60;
/// Longest encoded text, in octets. The RFC has 75 for the whole word; whole subjects in one word
/// are seen, and without a bound a field of beginnings would take quadratic time.
const TEXT_LIMIT: usize = 8192;

/// One encoded word, its octets not yet turned into text.
struct Word<'a> {
    charset: &'a str,
    octets: Vec<u8>,
}

/// `text` with its encoded words decoded. What is no well-formed word stays as it is.
pub(super) fn decode(text: &str) -> String {
    replace(text, |decoded, out| out.push_str(decoded))
}

/// `text` with every run of encoded words written anew as one word in UTF-8, which any parser
/// understands, however odd the run was.
pub(super) fn canonical(text: &str) -> String {
    use base64::Engine as _;
    replace(text, |decoded, out| {
        out.push_str("=?utf-8?B?");
        base64::engine::general_purpose::STANDARD.encode_string(decoded, out);
        out.push_str("?=");
    })
}

/// Calls `write` with the text of each run of encoded words, copies the rest. Blanks between two
/// words belong to neither (RFC 2047, section 6.2), and words of one charset that follow each
/// other are turned into text together, since some writers cut characters in two.
fn replace(text: &str, mut write: impl FnMut(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find("=?").map(|at| rest.split_at(at)) {
        out.push_str(before);
        let Some((first, mut after)) = word(from) else {
            out.push_str("=?");
            rest = from.strip_prefix("=?").unwrap_or_default();
            continue;
        };
        let mut run = String::new();
        let mut current = first;
        while let Some((next, beyond)) = word(after.trim_start()) {
            if next.charset.eq_ignore_ascii_case(current.charset) {
                current.octets.extend_from_slice(&next.octets);
            } else {
                run.push_str(&charset::decode(&current.octets, Some(current.charset)));
                current = next;
            }
            after = beyond;
        }
        run.push_str(&charset::decode(&current.octets, Some(current.charset)));
        write(&run, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The encoded word that `text` begins with, and what follows it.
fn word(text: &str) -> Option<(Word<'_>, &str)> {
    let (charset, rest) = split_within(text.strip_prefix("=?")?, "?", LABEL_LIMIT)?;
    if charset.is_empty() || !charset.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    // RFC 2231, section 5: the language after an asterisk
    let charset = charset.split('*').next().unwrap_or(charset);
    let (encoding, rest) = split_within(rest, "?", 1)?;
    let (encoded, after) = split_text(rest)?;
    let octets = match encoding {
        "b" | "B" => Decoder::once("base64", encoded.as_bytes()),
        "q" | "Q" => {
            // Section 4.2: an underscore is a blank. Line breaks were never part of it.
            let spaced: Vec<u8> = encoded
                .bytes()
                .filter(|b| !matches!(b, b'\r' | b'\n'))
                .map(|b| if b == b'_' { b' ' } else { b })
                .collect();
            Decoder::once("quoted-printable", &spaced)
        }
        _ => return None,
    };
    Some((Word { charset, octets }, after))
}

/// The encoded text up to `?=`, and what follows it. It has no second beginning inside: that would
/// be the next word, this one being broken. Nor could it: an equals sign is encoded in Q, and a
/// question mark is none of B's letters. So each octet is looked at once.
fn split_text(text: &str) -> Option<(&str, &str)> {
    let octets = text.as_bytes();
    let end = TEXT_LIMIT.saturating_add(2).min(octets.len());
    for (at, pair) in octets.get(..end)?.windows(2).enumerate() {
        let next = octets.get(at.saturating_add(2));
        match pair {
            b"?=" => {
                let (encoded, from) = text.split_at_checked(at)?;
                return Some((encoded, from.strip_prefix("?=")?));
            }
            // `=?=` is padding and the end.
            b"=?" if next != Some(&b'=') => return None,
            _ => {}
        }
    }
    None
}

/// As `split_once`, with at most `limit` octets before the separator.
fn split_within<'a>(text: &'a str, separator: &str, limit: usize) -> Option<(&'a str, &'a str)> {
    let window = text.as_bytes();
    let end = limit.saturating_add(separator.len()).min(window.len());
    let at = window
        .get(..end)?
        .windows(separator.len())
        .position(|w| w == separator.as_bytes())?;
    let (before, from) = text.split_at_checked(at)?;
    Some((before, from.strip_prefix(separator)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;

    #[test]
    fn words_as_they_should_be() {
        for (text, decoded) in [
            (
                "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=",
                "Grüße aus Köln",
            ),
            ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
            ("=?iso-8859-1?q?f=FCr?= Dich", "für Dich"),
            ("Re: =?utf-8?q?a?= =?utf-8?q?b?= c", "Re: ab c"),
            ("=?utf-8*de?q?a_?= =?iso-8859-15?q?=A4?=", "a €"),
            ("nothing to do", "nothing to do"),
            ("", ""),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }

    #[test]
    fn words_as_they_are() {
        // A character cut in two, by B and by Q.
        assert_eq!(decode("=?utf-8?B?R3LD?=\r\n =?utf-8?B?vMOfZQ==?="), "Grüße");
        assert_eq!(decode("=?utf-8?Q?Gr=C3?= =?UTF-8?Q?=BC?="), "Grü");
        // Words that each end in ASCII, as RFC 1468 wants it.
        let word = "=?iso-2022-jp?B?GyRCJU8bKEI=?=";
        assert_eq!(decode(&format!("{word}\r\n {word}")), "ハハ");
        // Blanks inside, padding missing, question marks raw.
        assert_eq!(decode("=?utf-8?Q?a b c?="), "a b c");
        assert_eq!(decode("=?utf-8?B?R3LDvMOfZQ?="), "Grüße");
        assert_eq!(decode("=?utf-8?Q?who?_me?="), "who? me");
        // Not words at all.
        for text in [
            "=?",
            "=?utf-8",
            "=?utf-8?Q?abc",
            "=?utf-8?X?abc?=",
            "=??Q?a?=",
            "a =? b ?= c",
        ] {
            assert_eq!(decode(text), text);
        }
    }

    #[test]
    fn canonical_words_decode_to_the_same() {
        let text = "\"=?iso-8859-1?q?B=F6hm,?= =?utf-8?q?_K=2E?=\" <k@b>";
        assert_eq!(canonical(text), "\"=?utf-8?B?QsO2aG0sIEsu?=\" <k@b>");
        assert_eq!(decode(&canonical(text)), "\"Böhm, K.\" <k@b>");
    }

    /// Every look ahead is bounded, so nonsense costs its length times a constant; unbounded,
    /// this test would not end.
    #[test]
    fn long_nonsense_ends_and_stays_as_it_is() {
        let nonsense = "=?".repeat(500_000);
        assert_eq!(decode(&nonsense), nonsense);
        let start = Busy::new();
        for encoding in ['B', 'Q'] {
            let nonsense = format!("=?utf-8?{encoding}?R3LDvMOfZQ=ject: ").repeat(40_000);
            assert_eq!(decode(&nonsense), nonsense);
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
        let nonsense = "=?utf-8?Q?x".repeat(2_000);
        assert!(decode(&nonsense).len() <= nonsense.len());
    }
}
