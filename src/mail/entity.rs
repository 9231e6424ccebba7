//! Character references of HTML (section 13.2.5.72) turned into characters: the numeric ones, and
//! those by name that mail has. What is shown as HTML never goes through here; this is for reading
//! HTML as text.

use std::borrow::Cow;

/// Longest reference by name that is known, in octets.
const NAME_LIMIT: usize = 8;

/// Names of U+00A0 to U+00FF, in their order.
const LATIN_1: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// Others that are met.
const OTHERS: [(&str, char); 44] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("colon", ':'),
    ("lpar", '('),
    ("rpar", ')'),
    ("euro", '€'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("bull", '•'),
    ("trade", '™'),
    ("larr", '←'),
    ("rarr", '→'),
    ("hearts", '♥'),
    ("check", '✓'),
    ("minus", '−'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
];

/// `text` with its references replaced; what is none stays.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let Some((before, mut rest)) = text.split_once('&') else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    loop {
        match reference(rest) {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => out.push('&'),
        }
        let Some((before, after)) = rest.split_once('&') else {
            break;
        };
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that the text after `&` stands for, and what follows it.
fn reference(text: &str) -> Option<(char, &str)> {
    if let Some(number) = text.strip_prefix('#') {
        return numeric(number);
    }
    let end = text
        .bytes()
        .take(NAME_LIMIT)
        .position(|b| !b.is_ascii_alphanumeric());
    let end = end.unwrap_or(text.len().min(NAME_LIMIT));
    let (name, after) = text.split_at_checked(end)?;
    if let Some(after) = after.strip_prefix(';') {
        return Some((named(name)?, after));
    }
    // Some were known before the semicolon was demanded, and are written without it.
    let old = matches!(name, "nbsp" | "amp" | "lt" | "gt" | "quot" | "copy" | "reg");
    Some((named(name).filter(|_| old)?, after))
}

fn named(name: &str) -> Option<char> {
    if let Some((_, character)) = OTHERS.iter().find(|(other, _)| *other == name) {
        return Some(*character);
    }
    let index = LATIN_1.iter().position(|latin| *latin == name)?;
    char::from_u32(u32::try_from(index).ok()?.saturating_add(0xA0))
}

/// `#8364;` or `#x20AC;`, the semicolon may be missing.
fn numeric(text: &str) -> Option<(char, &str)> {
    let (radix, digits) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, text),
    };
    let after = digits.trim_start_matches(|c: char| c.is_digit(radix));
    let digits = digits.strip_suffix(after)?;
    if digits.is_empty() {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let code = match significant.len() {
        0 => 0,
        1..=7 => u32::from_str_radix(significant, radix).ok()?,
        _ => u32::MAX,
    };
    let character = match code {
        // Written by those who take windows-1252 for Unicode, and read so by every browser.
        0x80..=0x9F => {
            let octet = u8::try_from(code).ok()?;
            super::charset::decode(&[octet], Some("windows-1252"))
                .chars()
                .next()?
        }
        0 => '\u{FFFD}',
        code => char::from_u32(code).unwrap_or('\u{FFFD}'),
    };
    Some((character, after.strip_prefix(';').unwrap_or(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, decoded) in [
            (
                "Gr&uuml;&szlig;e &amp; K&uuml;sse&nbsp;&hellip;",
                "Grüße & Küsse\u{A0}…",
            ),
            ("&#8364;&#x20ac;&#X20AC;&#128;", "€€€€"),
            ("&lt;b&gt &quot x&copy y&auml z", "<b> \" x© y&auml z"),
            (
                "a & b && c &; &unknown; &#; &#x;",
                "a & b && c &; &unknown; &#; &#x;",
            ),
            (
                "&#0;&#xD800;&#99999999999999999999;",
                "\u{FFFD}\u{FFFD}\u{FFFD}",
            ),
            ("&amp;lt;", "&lt;"),
            ("&", "&"),
            ("&uüml;", "&uüml;"),
            ("&yuml;&ETH;", "ÿÐ"),
        ] {
            assert_eq!(decode(text), decoded);
        }
        assert!(matches!(decode("plain"), Cow::Borrowed("plain")));
    }
}
