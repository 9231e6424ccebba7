//! Content lines, the common grammar of iCalendar (RFC 5545, section 3.1) and vCard (RFC 6350,
//! section 3.3): `name;parameter=value:value`, folded.

use super::visible::clip;

/// Octets of a file that are read.
const INPUT_LIMIT: usize = 1 << 20;
/// Lines that are read.
const LINE_LIMIT: usize = 20_000;
/// Parameters of a line, and characters of each of their values, that are read.
const PARAMETER_LIMIT: usize = 50;
const PARAMETER_LENGTH: usize = 1000;

/// One unfolded line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContentLine<'a> {
    /// In upper case, without vCard's group.
    pub name: String,
    /// Names in upper case; values unquoted. A value without a name, as vCard 2.1 has them, stands
    /// under `TYPE`.
    pub params: Vec<(String, String)>,
    /// As it stands, still escaped.
    pub value: &'a str,
}

impl<'a> ContentLine<'a> {
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = line;
        let value = loop {
            let end = unquoted(rest, |c| matches!(c, ';' | ':'))?;
            let (piece, after) = rest.split_at_checked(end)?;
            if pieces.len() <= PARAMETER_LIMIT {
                pieces.push(piece);
            }
            if let Some(value) = after.strip_prefix(':') {
                break value;
            }
            rest = after.strip_prefix(';')?;
        };
        let mut pieces = pieces.into_iter();
        let name = pieces.next()?.trim();
        // vCard's groups: `item1.TEL`.
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
        let sane = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.is_empty() || name.len() > 100 || !name.chars().all(sane) {
            return None;
        }
        let params = pieces
            .filter(|piece| !piece.is_empty())
            .map(|piece| match piece.split_once('=') {
                Some((name, value)) => (name.trim().to_ascii_uppercase(), parameter(value)),
                None => ("TYPE".to_owned(), parameter(piece)),
            })
            .collect();
        Some(Self {
            name: name.to_ascii_uppercase(),
            params,
            value,
        })
    }

    /// The first parameter of this name (in upper case).
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether one of the parameters of this name is or lists `value`.
    pub(super) fn lists(&self, name: &str, value: &str) -> bool {
        self.params
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, list)| list.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case(value))
    }
}

/// Where the first character outside of quotes stands that `wanted` takes. A quote that is not
/// closed is a letter like others.
fn unquoted(text: &str, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut quoted = false;
    let mut first = None;
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        } else if wanted(c) {
            if !quoted {
                return Some(at);
            }
            first = first.or(Some(at));
        }
    }
    if quoted { first } else { None }
}

/// A parameter's value without its quotes, `^n`, `^'` and `^^` read (RFC 6868).
fn parameter(value: &str) -> String {
    let mut out = String::new();
    let mut chars = clip(value.trim(), PARAMETER_LENGTH).chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '^' => match chars.clone().next() {
                Some('n') => {
                    chars.next();
                    out.push('\n');
                }
                Some('\'') => {
                    chars.next();
                    out.push('"');
                }
                Some('^') => {
                    chars.next();
                    out.push('^');
                }
                _ => out.push('^'),
            },
            c => out.push(c),
        }
    }
    out
}

/// The lines of a file, unfolded: a line that begins with a blank belongs to the one before it.
/// What is too long is cut off.
pub(super) fn unfold(text: &str) -> Vec<String> {
    let text = text
        .get(..text.floor_char_boundary(INPUT_LIMIT))
        .unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(more) = line.strip_prefix([' ', '\t'])
            && let Some(last) = lines.last_mut()
        {
            last.push_str(more);
        } else if lines.len() >= LINE_LIMIT {
            break;
        } else if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// A part's octets without its folds. Who writes it may fold within a character (RFC 5545, section
/// 3.1), so this comes before its charset is looked at.
pub(super) fn without_folds(part: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for line in part
        .get(..INPUT_LIMIT)
        .unwrap_or(part)
        .split_inclusive(|octet| *octet == b'\n')
    {
        let more = match line.split_first() {
            Some((b' ' | b'\t', more)) if out.ends_with(b"\n") => Some(more),
            _ => None,
        };
        if more.is_some() {
            out.pop();
            if out.ends_with(b"\r") {
                out.pop();
            }
        }
        out.extend_from_slice(more.unwrap_or(line));
    }
    out
}

/// A text as it is meant: `\n`, `\,`, `\;` and `\\` read (RFC 5545, section 3.3.11).
pub(super) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => out.push('\n'),
            Some(c) => out.push(c),
            None => out.push('\\'),
        }
    }
    out
}

/// The values between separators that are not escaped, still escaped themselves.
pub(super) fn split(value: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0_usize;
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == separator {
            pieces.extend(value.get(begin..at));
            begin = at.saturating_add(separator.len_utf8());
        }
    }
    pieces.extend(value.get(begin..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;
    use proptest::prelude::*;

    #[test]
    fn lines() {
        let line = ContentLine::parse("attendee;CN=\"Berg; Jo: x\";rsvp=true:mailto:a@b").unwrap();
        assert_eq!(line.name, "ATTENDEE");
        assert_eq!(line.param("CN"), Some("Berg; Jo: x"));
        assert_eq!(line.param("RSVP"), Some("true"));
        assert_eq!(line.value, "mailto:a@b");
        let line = ContentLine::parse("item1.TEL;HOME;TYPE=cell,voice;X=^n^'^^^x:1").unwrap();
        assert_eq!(line.name, "TEL");
        assert!(line.lists("TYPE", "home") && line.lists("TYPE", "Voice"));
        assert_eq!(line.param("X"), Some("\n\"^^x"));
        let line = ContentLine::parse("X;CN=\"open:value").unwrap();
        assert_eq!(line.value, "value");
        for text in ["", ":", "no colon", "b d:x", "é:x", ";x:y"] {
            assert_eq!(ContentLine::parse(text), None, "{text}");
        }
    }

    #[test]
    fn folding_and_escapes() {
        assert_eq!(unfold("a\r\n b\n\tc\r\n\r\nd\n"), ["abc", "d"]);
        assert_eq!(unfold(" a"), [" a"]);
        let folded = b"a\xC3\r\n \xBC\n\tb\r\n\r\nc\r\r\n d\n";
        assert_eq!(without_folds(folded), b"a\xC3\xBCb\r\n\r\nc\rd\n");
        assert_eq!(without_folds(b" a\n"), b" a\n");
        assert_eq!(unescape("a\\nb\\, \\; \\\\ \\x\\"), "a\nb, ; \\ x\\");
        assert_eq!(split("a\\;b;c\\\\;;", ';'), ["a\\;b", "c\\\\", "", ""]);
    }

    #[test]
    fn long_files_take_no_time() {
        let start = Busy::new();
        for piece in ["a\n", "\n a", "\r\n ", "A;\"", "A;", ";", "\"", "\\", "\n"] {
            without_folds(piece.repeat(1 << 19).as_bytes());
            for line in unfold(&piece.repeat(1 << 19)) {
                ContentLine::parse(&line);
                unescape(&line);
                split(&line, ';');
            }
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_text_at_all(text in any::<String>()) {
            for line in unfold(&text) {
                ContentLine::parse(&line);
                unescape(&line);
                prop_assert_eq!(split(&line, ';').join(";"), line);
            }
        }
    }
}
