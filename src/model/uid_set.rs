//! Sets of UIDs as text, `1:3,7` (RFC 9051, section 9, `sequence-set`): most of them are a few
//! ranges, however many messages they mean.

/// UIDs in a set at most.
pub const UID_LIMIT: usize = 500_000;

/// The set of these UIDs, sorted; zeros, which are no UIDs, are left out.
pub fn format(uids: &[u32]) -> String {
    use std::fmt::Write as _;
    let mut sorted: Vec<u32> = uids.iter().copied().filter(|uid| *uid > 0).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut text = String::new();
    let mut rest = sorted.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if(|next| last.checked_add(1) == Some(*next)) {
            last = next;
        }
        if !text.is_empty() {
            text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = if first == last {
            write!(text, "{first}")
        } else {
            write!(text, "{first}:{last}")
        };
    }
    text
}

/// The UIDs of a set; `None` for what is none, or means more than [`UID_LIMIT`].
pub fn parse(text: &str) -> Option<Vec<u32>> {
    let mut uids = Vec::new();
    for range in text.split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if first == 0 || last < first {
            return None;
        }
        let room = UID_LIMIT - uids.len();
        if usize::try_from(last - first).ok()? >= room {
            return None;
        }
        uids.extend(first..=last);
    }
    Some(uids)
}

/// How many UIDs a set has.
pub fn count(text: &str) -> u32 {
    let uids = parse(text).unwrap_or_default();
    u32::try_from(uids.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for (uids, text) in [
            (vec![3, 1, 2, 2, 7, 0], "1:3,7"),
            (vec![u32::MAX, u32::MAX - 1], "4294967294:4294967295"),
            (vec![5], "5"),
        ] {
            assert_eq!(format(&uids), text);
            let mut sorted = uids;
            sorted.retain(|uid| *uid > 0);
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(parse(text), Some(sorted));
        }
        assert_eq!(format(&[]), "");
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in [
            "",
            ",",
            "0",
            "1,",
            "3:1",
            "1:*",
            "x",
            "-1",
            "1:2:3",
            "1 OR",
            "4294967296",
            "1:4294967295",
            "1:499999,500001:500002",
            "1\r\n",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
