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

/// Names that were known before the semicolon was demanded, besides those of Latin-1.
const OLD: [&str; 10] = [
    "amp", "lt", "gt", "quot", "AMP", "LT", "GT", "QUOT", "COPY", "REG",
];

/// `text` with its references replaced just as a parser of HTML replaces them, in a text or in the
/// value of an `attribute`. `None` where there is one that only the parser knows: it has all the names
/// and their oddities, and control characters are its affair.
pub(super) fn resolved(text: &str, attribute: bool) -> Option<Cow<'_, str>> {
    let Some((before, mut rest)) = text.split_once('&') else {
        return Some(Cow::Borrowed(text));
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    loop {
        let (character, after) = exact(rest, attribute)?;
        out.push(character);
        rest = after;
        let Some((before, after)) = rest.split_once('&') else {
            break;
        };
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// `text` so that nothing which is written after it becomes a part of its last reference.
pub(super) fn closed(text: &str) -> Cow<'_, str> {
    let Some((before, tail)) = text.rsplit_once('&') else {
        return Cow::Borrowed(text);
    };
    let open = tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    let Some((character, after)) = exact(tail, false).filter(|_| open) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::from(before);
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        character => out.push(character),
    }
    out.push_str(after);
    Cow::Owned(out)
}

/// The character that the text after `&` stands for and what follows it, which is the `&` itself where
/// there is no reference; `None` where that is not known here.
fn exact(text: &str, attribute: bool) -> Option<(char, &str)> {
    let literal = Some(('&', text));
    if let Some(number) = text.strip_prefix('#') {
        let Some(found) = numeric(number) else {
            return literal;
        };
        return Some(found).filter(|(character, _)| !character.is_control());
    }
    let end = text.bytes().position(|b| !b.is_ascii_alphanumeric());
    let (name, after) = text.split_at_checked(end.unwrap_or(text.len()))?;
    if name.is_empty() {
        return literal;
    }
    if let Some(after) = after.strip_prefix(';') {
        return named(name).map(|character| (character, after));
    }
    // The longest of the old names that it begins with; but in a value not where `=` or more of a word
    // comes after it.
    let names = OLD.iter().chain(&LATIN_1);
    let Some(old) = names
        .filter(|old| name.starts_with(**old))
        .max_by_key(|old| old.len())
    else {
        return literal;
    };
    if attribute && (old.len() < name.len() || after.starts_with('=')) {
        return literal;
    }
    named(old).zip(text.get(old.len()..))
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
    let end = digits.find(|c: char| !c.is_digit(radix));
    let (digits, after) = digits.split_at_checked(end.unwrap_or(digits.len()))?;
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

    #[test]
    fn what_only_a_parser_knows_is_left_to_it() {
        for (text, attribute, found) in [
            ("plain", false, Some("plain")),
            ("a & b &&amp;&", true, Some("a & b &&&")),
            (
                "&uuml;&#8364;&#x20AC &nbsp;&lt;",
                false,
                Some("ü€€ \u{A0}<"),
            ),
            ("AT&T &k", false, Some("AT&T &k")),
            ("?a=1&k=2&copy=3", true, Some("?a=1&k=2&copy=3")),
            ("?a=1&copy=3", false, Some("?a=1©=3")),
            ("?a=1&copyx", true, Some("?a=1&copyx")),
            ("&copy", true, Some("©")),
            ("&notit &nbsp", false, Some("¬it \u{A0}")),
            ("&notit;", false, None),
            ("&COPY", false, None),
            ("&#1;", false, None),
            ("&#;", false, Some("&#;")),
            ("&#x", true, Some("&#x")),
        ] {
            assert_eq!(resolved(text, attribute).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn what_is_written_after_it_is_no_part_of_it() {
        for (text, closed_text) in [
            ("&alpha;&am", "&alpha;&amp;am"),
            ("&alpha;&amp;", "&alpha;&amp;"),
            ("&alpha;&lt", "&alpha;&lt;"),
            ("&alpha;&#65", "&alpha;A"),
            ("&alpha;&#", "&alpha;&amp;#"),
            ("&alpha;&am x", "&alpha;&am x"),
            ("none", "none"),
        ] {
            assert_eq!(closed(text), closed_text);
        }
    }

    /// A mail of a megabyte once took seconds for them.
    #[test]
    fn many_references_take_linear_time() {
        use crate::mail::busy::Busy;
        for one in ["&#65;", "&#x41", "&#6", "&amp;", "&", "&#"] {
            let text = one.repeat(200_000);
            let start = Busy::new();
            decode(&text);
            resolved(&text, false);
            let took = start.elapsed();
            assert!(took < std::time::Duration::from_secs(3), "{one}: {took:?}");
        }
    }

    /// What is resolved is what the parser makes of it.
    #[test]
    fn the_parser_agrees() {
        let pieces = [
            "&", "amp", ";", "=", "#", "x41", "65", "copy", "uuml", "k", " ", "euro", "notin",
            "128", "&lt",
        ];
        let count = pieces.len();
        for number in 0..count.pow(4) {
            let text: String = (0..4)
                .map(|place| pieces[number / count.pow(place) % count])
                .collect();
            if let Some(found) = resolved(&text, false) {
                let parsed = ammonia::Builder::empty()
                    .clean(&format!("x{text}"))
                    .to_string();
                assert_eq!(decode(&parsed), format!("x{found}"), "{text}");
            }
            if let Some(found) = resolved(&text, true) {
                let mut rules = ammonia::Builder::empty();
                rules
                    .tags(["b"].into())
                    .generic_attributes(["title"].into());
                let parsed = rules.clean(&format!("<b title=\"{text}\">")).to_string();
                let mut expected = String::new();
                crate::mail::html::escape(&found, &mut expected);
                assert_eq!(parsed, format!("<b title=\"{expected}\"></b>"), "{text}");
            }
        }
    }
}
