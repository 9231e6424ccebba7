//! The THREAD response (RFC 5256, section 4), which imap-proto cannot read: `guard` takes the line
//! out of the stream, and here it becomes conversations. The nesting, who answered whom, is read
//! and let go: a conversation is shown as a list by date.

/// Messages that are read of one response. Whoever has more is asked about the newest only.
const MESSAGE_LIMIT: usize = 1_000_000;
/// Deepest nesting. Nothing here recurses: an answer deeper than this is no conversation of people.
const DEPTH_LIMIT: u32 = 100_000;

/// Conversations as one list of numbers and where each ends: a mailbox has a hundred thousand, and
/// a `Vec` for each would cost ten times as much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversations {
    uids: Vec<u32>,
    /// For each conversation the index after its last member.
    ends: Vec<u32>,
}

impl Conversations {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Messages in all of them.
    pub fn messages(&self) -> usize {
        self.uids.len()
    }

    /// Adds one; an empty one is none.
    pub fn push(&mut self, members: &[u32]) {
        if !members.is_empty() {
            self.uids.extend_from_slice(members);
            self.close();
        }
    }

    fn close(&mut self) {
        let end = u32::try_from(self.uids.len()).unwrap_or(u32::MAX);
        if self.ends.last().copied().unwrap_or_default() < end {
            self.ends.push(end);
        }
    }

    /// The members of the conversation at `index`; none beyond the last.
    pub fn get(&self, index: usize) -> &[u32] {
        let end = self.ends.get(index).copied().unwrap_or_default();
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        usize::try_from(start)
            .ok()
            .zip(usize::try_from(end).ok())
            .and_then(|(start, end)| self.uids.get(start..end))
            .unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The same with the members in the order of their UIDs, which is that of arrival, and the
    /// conversation with the newest arrival first.
    #[must_use]
    pub fn by_arrival(self) -> Self {
        let mut order: Vec<(u32, usize)> = self
            .iter()
            .enumerate()
            .map(|(index, members)| (members.iter().copied().max().unwrap_or_default(), index))
            .collect();
        order.sort_unstable_by(|one, other| other.cmp(one));
        let mut sorted = Self {
            uids: Vec::with_capacity(self.uids.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        for (_, index) in order {
            let mut members = self.get(index).to_vec();
            members.sort_unstable();
            members.dedup();
            sorted.push(&members);
        }
        sorted
    }
}

/// Reads a whole line `* THREAD …`; `None` where it is not one, or larger than anything honest.
pub fn read(line: &[u8]) -> Option<Conversations> {
    let line = line.trim_ascii_end();
    let (head, mut rest) = line.split_at_checked(b"* THREAD".len())?;
    if !head.eq_ignore_ascii_case(b"* THREAD") {
        return None;
    }
    let mut found = Conversations::default();
    let mut depth = 0_u32;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b' ' => {}
            b'(' => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return None;
                }
            }
            b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    found.close();
                }
            }
            b'1'..=b'9' if depth > 0 => {
                let mut number = u32::from(octet - b'0');
                while let Some((digit, after)) = rest.split_first()
                    && digit.is_ascii_digit()
                {
                    number = number
                        .checked_mul(10)?
                        .checked_add(u32::from(digit - b'0'))?;
                    rest = after;
                }
                if found.uids.len() >= MESSAGE_LIMIT {
                    return None;
                }
                found.uids.push(number);
            }
            _ => return None,
        }
    }
    (depth == 0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn threads(line: &str) -> Option<Vec<Vec<u32>>> {
        let found = read(line.as_bytes())?;
        Some(found.iter().map(<[u32]>::to_vec).collect())
    }

    #[test]
    fn the_examples_of_the_standard() {
        for (line, expected) in [
            ("* THREAD\r\n", vec![]),
            ("* THREAD \r\n", vec![]),
            (
                "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n",
                vec![vec![2], vec![3, 6, 4, 23, 44, 7, 96]],
            ),
            ("* thread ((3)(5))\r\n", vec![vec![3, 5]]),
            (
                "* THREAD (166)(167)(168) (169)\n",
                vec![vec![166], vec![167], vec![168], vec![169]],
            ),
            ("* THREAD ()(4294967295)\r\n", vec![vec![u32::MAX]]),
        ] {
            assert_eq!(threads(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for line in [
            "",
            "* THREAD (1",
            "* THREAD 1)",
            "* THREAD (1))",
            "* THREAD 1 2",
            "* THREAD (0)",
            "* THREAD (4294967296)",
            "* THREAD (1 \"x\")",
            "* THREAD (1:3)",
            "* SEARCH 1 2 3",
        ] {
            assert_eq!(threads(line), None, "{line}");
        }
        let deep = format!("* THREAD {}1{}", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(threads(&deep), Some(vec![vec![1]]));
        let bomb = format!("* THREAD {}", "(".repeat(8 << 20));
        assert_eq!(threads(&bomb), None);
    }

    #[test]
    fn the_newest_arrival_comes_first() {
        let found = read(b"* THREAD (9)(3 (20)(1))(10 10)\r\n")
            .unwrap()
            .by_arrival();
        let found: Vec<_> = found.iter().map(<[u32]>::to_vec).collect();
        assert_eq!(found, [vec![1, 3, 20], vec![10], vec![9]]);
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(line in "\\* THREAD [ ()0-9]{0,200}") {
            if let Some(found) = read(line.as_bytes()) {
                prop_assert_eq!(found.iter().map(<[u32]>::len).sum::<usize>(), found.messages());
            }
        }
    }
}
