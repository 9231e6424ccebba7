//! The ESEARCH response (RFC 4731; RFC 9051, section 7.3.4; PARTIAL of RFC 9394), which imap-proto
//! cannot read: `guard` takes the line out of the stream, and here it becomes numbers.

use super::wire::unquote;

/// One ESEARCH response. What was not asked for, or was not found, is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Esearch {
    /// The tag of the command it answers, where the server says it.
    pub tag: Option<String>,
    /// Whether the numbers are UIDs.
    pub uid: bool,
    pub min: Option<u32>,
    pub max: Option<u32>,
    pub count: Option<u32>,
    /// ALL, as ranges in the server's order: a set can claim four billion numbers.
    pub all: Vec<(u32, u32)>,
    /// PARTIAL: the window it is about, as the server writes it, and what is in it.
    pub partial: Option<(String, Vec<(u32, u32)>)>,
    /// HIGHESTMODSEQ of what was found (RFC 7162, section 3.1.10).
    pub modseq: Option<u64>,
}

/// The numbers of `ranges` in their order, at most `limit` of them. A range may be written from
/// either end.
pub fn numbers(ranges: &[(u32, u32)], limit: usize) -> Vec<u32> {
    ranges
        .iter()
        .flat_map(|(one, other)| *one.min(other)..=*one.max(other))
        .take(limit)
        .collect()
}

/// Reads a whole line `* ESEARCH …`; `None` where it is not one.
pub fn read(line: &[u8]) -> Option<Esearch> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let (head, mut rest) = text.split_at_checked("* ESEARCH".len())?;
    if !head.eq_ignore_ascii_case("* ESEARCH") {
        return None;
    }
    let mut found = Esearch::default();
    rest = rest.trim_start();
    if rest.starts_with('(') {
        let (correlator, after) = value(rest)?;
        found.tag = tag(correlator);
        rest = after.trim_start();
    }
    while !rest.is_empty() {
        let (name, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let name = name.to_ascii_uppercase();
        if name == "UID" {
            found.uid = true;
            rest = after.trim_start();
            continue;
        }
        let (text, after) = value(after.trim_start())?;
        rest = after.trim_start();
        match name.as_str() {
            "MIN" => found.min = Some(text.parse().ok()?),
            "MAX" => found.max = Some(text.parse().ok()?),
            "COUNT" => found.count = Some(text.parse().ok()?),
            "ALL" => found.all = set(text)?,
            "MODSEQ" => found.modseq = Some(text.parse().ok()?),
            "PARTIAL" => {
                let inner = text.strip_prefix('(')?.strip_suffix(')')?;
                let (window, members) = inner.split_once(' ')?;
                let members = if members.eq_ignore_ascii_case("NIL") {
                    Vec::new()
                } else {
                    set(members)?
                };
                found.partial = Some((window.to_owned(), members));
            }
            // Another extension's, stepped over (RFC 4466, section 2.6.2).
            _ => {}
        }
    }
    Some(found)
}

/// A value and what follows: a list in parentheses, whatever it nests, or all up to a space.
fn value(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let mut end = text.len();
    for (index, octet) in text.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            b' ' if depth == 0 => {
                end = index;
                break;
            }
            _ => {}
        }
    }
    (end > 0 && depth == 0 && !quoted)
        .then(|| text.split_at_checked(end))
        .flatten()
}

/// `(TAG "p1")`.
fn tag(correlator: &str) -> Option<String> {
    let inner = correlator.strip_prefix('(')?.strip_suffix(')')?;
    let (name, value) = inner.split_once(' ')?;
    if !name.eq_ignore_ascii_case("TAG") {
        return None;
    }
    let value = value.trim();
    Some(
        value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .map_or_else(|| value.to_owned(), unquote),
    )
}

/// A sequence set without `*`.
fn set(text: &str) -> Option<Vec<(u32, u32)>> {
    text.split(',')
        .map(|range| match range.split_once(':') {
            Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
            None => range.parse().ok().map(|number| (number, number)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_that_servers_say() {
        let found = read(
            b"* ESEARCH (TAG \"p\\\"1\") UID MIN 2 MAX 9 COUNT 4 ALL 2,4:5,9 MODSEQ 917162500\r\n",
        )
        .unwrap();
        let expected = Esearch {
            tag: Some("p\"1".to_owned()),
            uid: true,
            min: Some(2),
            max: Some(9),
            count: Some(4),
            all: vec![(2, 2), (4, 5), (9, 9)],
            partial: None,
            modseq: Some(917_162_500),
        };
        assert_eq!(found, expected);
        assert_eq!(numbers(&found.all, 3), [2, 4, 5]);
        assert_eq!(numbers(&[(5, 3)], 9), [3, 4, 5]);
        assert_eq!(numbers(&[(1, u32::MAX)], 2), [1, 2]);
    }

    #[test]
    fn nothing_found_and_what_is_not_known() {
        assert_eq!(read(b"* ESEARCH\r\n"), Some(Esearch::default()));
        let found = read(b"* esearch (tag p1) uid count 0\r\n").unwrap();
        assert_eq!(
            (found.tag.as_deref(), found.uid, found.count),
            (Some("p1"), true, Some(0))
        );
        let found = read(b"* ESEARCH X-A (1 (\")\" 2) 3) COUNT 1\r\n").unwrap();
        assert_eq!(found.count, Some(1));
        let found = read(b"* ESEARCH (TAG \"a\") UID PARTIAL (-1:-3 7:8,2)\r\n").unwrap();
        assert_eq!(
            found.partial,
            Some(("-1:-3".to_owned(), vec![(7, 8), (2, 2)]))
        );
        let found = read(b"* ESEARCH (TAG \"a\") UID PARTIAL (1:50 NIL)\r\n").unwrap();
        assert_eq!(found.partial, Some(("1:50".to_owned(), vec![])));
    }

    #[test]
    fn what_is_none_is_refused() {
        for line in [
            "* SEARCH 1",
            "* ESEARCH (TAG \"x",
            "* ESEARCH UID ALL 1:*",
            "* ESEARCH UID ALL",
            "* ESEARCH COUNT x",
            "* ESEARCH COUNT 4294967296",
            "* ESEARCH X )",
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(line in "\\* ESEARCH ?[A-Z()\" \\\\:,0-9é]{0,100}") {
            let _ = read(line.as_bytes());
        }
    }
}
