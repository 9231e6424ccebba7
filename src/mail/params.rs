//! Parameters of Content-Type and Content-Disposition: taken apart, and put together again from
//! what RFC 2231 spread over several and what RFC 2047 was never meant for.

use super::structure::Parameter;
use super::{charset, encoded_word};

/// Most parameters read from one field.
const LIMIT: usize = 200;

/// Takes a field value `main; name=value; …` (RFC 2045, section 5.1) apart: the main value in
/// lower case without comments, and the parameters as BODYSTRUCTURE would give them, names in
/// lower case and values unquoted but not decoded.
pub(super) fn split(value: &str) -> (String, Vec<Parameter>) {
    let mut pieces = Pieces { rest: value };
    let main = pieces
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mut params = Vec::new();
    for piece in pieces.take(LIMIT) {
        if let Some((name, value)) = piece.split_once('=') {
            let name = name.trim().to_ascii_lowercase();
            if !name.is_empty() {
                params.push((name, unquote(value.trim())));
            }
        }
    }
    (main, params)
}

/// The pieces of a structured field between semicolons, comments taken out, quoted strings whole.
pub(super) fn pieces(value: &str) -> impl Iterator<Item = String> {
    Pieces { rest: value }
}

/// See [`pieces`].
struct Pieces<'a> {
    rest: &'a str,
}

impl Iterator for Pieces<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        let mut piece = String::new();
        let mut depth = 0_u32;
        let mut quoted = false;
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if quoted || depth > 0 => {
                    let escaped = chars.next();
                    if depth == 0 {
                        piece.push(c);
                        piece.extend(escaped);
                    }
                }
                '"' if depth == 0 => {
                    quoted = !quoted;
                    piece.push(c);
                }
                '(' if !quoted => depth = depth.saturating_add(1),
                ')' if !quoted && depth > 0 => depth = depth.saturating_sub(1),
                ';' if !quoted && depth == 0 => {
                    self.rest = chars.as_str();
                    return Some(piece);
                }
                // A quoted string that was folded.
                '\r' | '\n' => {}
                c if depth == 0 => piece.push(c),
                _ => {}
            }
        }
        self.rest = "";
        Some(piece)
    }
}

/// The content of a quoted string; anything else as it is.
fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '"' => break,
            c => out.push(c),
        }
    }
    out
}

/// The value of the parameter `name` (in lower case), decoded: RFC 2231 with charset and
/// continuations before the plain form, and in that encoded words, which many write there.
pub(super) fn get(params: &[Parameter], name: &str) -> Option<String> {
    extended(params, name).or_else(|| {
        let (_, value) = params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(encoded_word::decode(value))
    })
}

/// The parameter by RFC 2231, sections 3 and 4.
fn extended(params: &[Parameter], name: &str) -> Option<String> {
    let mut segments: Vec<(u32, bool, &str)> = Vec::new();
    for (key, value) in params {
        let Some((base, suffix)) = key.split_once('*') else {
            continue;
        };
        if !base.eq_ignore_ascii_case(name) {
            continue;
        }
        let (number, encoded) = match suffix.strip_suffix('*') {
            Some(number) => (number, true),
            // `name*=` has no number and is encoded.
            None => (suffix, suffix.is_empty()),
        };
        if number.is_empty() {
            segments.push((0, true, value));
        } else if let Ok(number) = number.parse() {
            segments.push((number, encoded, value));
        }
    }
    segments.sort_by_key(|(number, ..)| *number);
    let mut charset = None;
    let mut octets = Vec::new();
    for (index, (_, encoded, value)) in segments.iter().enumerate() {
        let mut value = *value;
        if *encoded {
            // Only the first segment names the charset, and not all writers do.
            if index == 0
                && let Some((label, rest)) = value.split_once('\'')
                && let Some((_language, rest)) = rest.split_once('\'')
            {
                charset = Some(label);
                value = rest;
            }
            octets.extend(percent_encoding::percent_decode_str(value));
        } else {
            octets.extend_from_slice(value.as_bytes());
        }
    }
    (!segments.is_empty()).then(|| charset::decode(&octets, charset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(value: &str, name: &str) -> Option<String> {
        get(&split(value).1, name)
    }

    #[test]
    fn plain_fields() {
        let (main, params) = split(
            "Text/Plain (hi; there); charset=\"utf-8\" ; FORMAT=flowed; x; =y; q=\"a;\\\"b\"",
        );
        assert_eq!(main, "text/plain");
        assert_eq!(
            params,
            [("charset", "utf-8"), ("format", "flowed"), ("q", "a;\"b")]
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        assert_eq!(split("").0, "");
        assert_eq!(split(";;;").1, []);
        assert_eq!(
            find("a/b; name=\"unclosed", "name").as_deref(),
            Some("unclosed")
        );
    }

    #[test]
    fn rfc_2231() {
        for (field, name) in [
            ("a; filename*=UTF-8''%e2%82%ac%20rates", "€ rates"),
            ("a; filename*=iso-8859-1'en'%A3%20rates", "£ rates"),
            (
                "a; filename*1*=%C3%9F.pdf; filename*0*=UTF-8''Gr%C3%BC",
                "Grüß.pdf",
            ),
            (
                "a; filename*0=\"long \"; filename*1=name; filename*2=\".txt\"",
                "long name.txt",
            ),
            (
                "a; filename*0*=UTF-8''%C3; filename*1*=%BC; filename*2=\"%41.x\"",
                "ü%41.x",
            ),
            ("a; filename=fallback; filename*=UTF-8''%C3%BC", "ü"),
            ("a; filename*=%C3%BC", "ü"),
            ("a; filename*=no-such'de'%FC", "ü"),
        ] {
            assert_eq!(find(field, "filename").as_deref(), Some(name), "{field}");
        }
    }

    #[test]
    fn what_others_write() {
        assert_eq!(
            find("a; name=\"=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?=\"", "name").as_deref(),
            Some("Grüße.pdf")
        );
        assert_eq!(
            find("a; name=\"Grüße.pdf\"", "name").as_deref(),
            Some("Grüße.pdf")
        );
        assert_eq!(find("a; name=b", "filename"), None);
        assert_eq!(find("a; filename*x=1", "filename"), None);
    }
}
