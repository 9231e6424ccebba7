//! The responses SEARCH and SORT (RFC 3501, section 7.2.5; RFC 5256, section 4). The
//! parser could read them, but begins anew with every piece that comes: `guard` takes the line out
//! of the stream, and it is read once, when it is whole.

/// Reads a whole line `* SEARCH …` or `* SORT …`; `None` where it is not one. What CONDSTORE adds,
/// `(MODSEQ n)` (RFC 7162, section 3.1.5), is passed over.
pub fn read(line: &[u8]) -> Option<Vec<u32>> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let mut words = text.split_ascii_whitespace();
    let name = (words.next()? == "*").then(|| words.next()).flatten()?;
    if !name.eq_ignore_ascii_case("SEARCH") && !name.eq_ignore_ascii_case("SORT") {
        return None;
    }
    let mut numbers = Vec::new();
    for word in words.by_ref() {
        if word.eq_ignore_ascii_case("(MODSEQ") {
            let modseq = words.next()?.strip_suffix(')')?;
            modseq.parse::<u64>().ok()?;
            break;
        }
        numbers.push(word.parse().ok()?);
    }
    words.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn numbers_are_read_in_their_order() {
        for (line, numbers) in [
            ("* SEARCH\r\n", Some(vec![])),
            ("* SEARCH 2 84 882\r\n", Some(vec![2, 84, 882])),
            ("* sort 5 3 4\n", Some(vec![5, 3, 4])),
            ("* SEARCH 2 5 (MODSEQ 917162500)\r\n", Some(vec![2, 5])),
            ("* SEARCH 2 x\r\n", None),
            ("* SEARCH 4294967296\r\n", None),
            ("* SEARCH 1 (MODSEQ x)\r\n", None),
            ("* SEARCH 1 (MODSEQ 1) 2\r\n", None),
            ("* ESEARCH 1\r\n", None),
            ("", None),
        ] {
            assert_eq!(read(line.as_bytes()), numbers, "{line}");
        }
    }
}
