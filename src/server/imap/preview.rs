//! The value of PREVIEW (RFC 8970) in a FETCH response: the parser knows the attribute no further
//! than to step over it. Reads the response's octets again, just as far as needed.

use super::wire::unquote;

/// The preview in a FETCH response, `None` where there is none or it is NIL.
pub fn find(response: &[u8]) -> Option<String> {
    let start = response.iter().position(|octet| *octet == b'(')?;
    let mut rest = response.get(start + 1..)?;
    loop {
        rest = skip_spaces(rest);
        let (name, after) = attribute_name(rest)?;
        rest = skip_spaces(after);
        if name.eq_ignore_ascii_case(b"PREVIEW") {
            return string(rest).map(|(text, _)| text);
        }
        rest = skip_value(rest)?;
    }
}

fn skip_spaces(octets: &[u8]) -> &[u8] {
    octets.trim_ascii_start()
}

/// A name such as `UID` or `BODY[HEADER.FIELDS (DATE)]<0>`; `None` at the list's end.
fn attribute_name(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut within = false;
    let end = octets.iter().position(|octet| {
        match octet {
            b'[' => within = true,
            b']' => within = false,
            b' ' | b')' | b'\r' | b'\n' if !within => return true,
            _ => {}
        }
        false
    })?;
    if end == 0 {
        None
    } else {
        octets.split_at_checked(end)
    }
}

/// A quoted string or a literal, and what follows.
fn string(octets: &[u8]) -> Option<(String, &[u8])> {
    let (first, inner) = octets.split_first()?;
    match first {
        b'"' => {
            let end = quoted_end(inner)?;
            let text = String::from_utf8_lossy(inner.get(..end)?).into_owned();
            Some((unquote(&text), inner.get(end + 1..)?))
        }
        b'{' => {
            let close = inner.iter().position(|octet| *octet == b'}')?;
            let count: usize = std::str::from_utf8(inner.get(..close)?)
                .ok()?
                .parse()
                .ok()?;
            let content = inner.get(close + 1..)?.strip_prefix(b"\r\n")?;
            let (text, rest) = content.split_at_checked(count)?;
            Some((String::from_utf8_lossy(text).into_owned(), rest))
        }
        _ => None,
    }
}

/// Where the closing quote stands.
fn quoted_end(inner: &[u8]) -> Option<usize> {
    let mut escaped = false;
    inner.iter().position(|octet| {
        let end = *octet == b'"' && !escaped;
        escaped = *octet == b'\\' && !escaped;
        end
    })
}

/// What follows a value: a string, a list, or an atom.
fn skip_value(octets: &[u8]) -> Option<&[u8]> {
    let mut rest = octets;
    let mut depth = 0_u32;
    loop {
        match rest.first()? {
            b' ' | b')' if depth == 0 => return Some(rest),
            b'"' | b'{' => rest = string(rest)?.1,
            b'(' => {
                depth += 1;
                rest = rest.get(1..)?;
            }
            b')' => {
                depth -= 1;
                rest = rest.get(1..)?;
            }
            _ => rest = rest.get(1..)?,
        }
        if depth == 0 && matches!(rest.first()?, b' ' | b')') {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn found_wherever_it_stands() {
        for (response, preview) in [
            (
                "* 1 FETCH (UID 7 PREVIEW \"a \\\"b\\\" (c)\")\r\n",
                Some("a \"b\" (c)"),
            ),
            (
                "* 1 FETCH (PREVIEW {5}\r\nx)\"y  FLAGS (\\Seen))\r\n",
                Some("x)\"y "),
            ),
            (
                "* 1 FETCH (FLAGS (\\Seen $A) BODY[HEADER.FIELDS (DATE TO)]<0> {9}\r\nPREVIEW x \
                 ENVELOPE ((\"(\" NIL) \"PREVIEW\") INTERNALDATE \"1\" preview \"z\")\r\n",
                Some("z"),
            ),
            ("* 1 FETCH (PREVIEW NIL)\r\n", None),
            ("* 1 FETCH (PREVIEW \"\")\r\n", Some("")),
            ("* 1 FETCH (UID 7)\r\n", None),
            ("* 1 FETCH (PREVIEW \"cut", None),
            ("* 1 FETCH (PREVIEW {99}\r\ncut", None),
            ("* 1 FETCH", None),
            ("* 1 FETCH ()", None),
        ] {
            assert_eq!(find(response.as_bytes()).as_deref(), preview, "{response}");
        }
    }
}
