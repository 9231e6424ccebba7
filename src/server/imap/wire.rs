//! Commands as they go over the wire (RFC 9051, sections 4.3 and 9). All that a person or another
//! mail can have written passes through here, and comes out as a quoted string or a literal: what
//! is said to the server is what Posthorn means, and nothing in it can become a command.

use super::error::ImapError;
use secrecy::zeroize::Zeroizing;
use std::time::Duration;

/// Longest string that is sent in quotes; beyond it a literal spares the server's line limit.
const QUOTED_LIMIT: usize = 1000;
/// Octets that LITERAL- allows without waiting (RFC 7888, section 5).
const LITERAL_MINUS_LIMIT: usize = 4096;
/// Sets of UIDs are cut at this length, for servers that bound their lines.
const SET_LENGTH: usize = 1000;

/// Which literals need not wait for the server (RFC 7888).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Literals {
    /// Each waits for a continuation request.
    #[default]
    Synchronizing,
    /// LITERAL-: small ones need not.
    SmallNonSynchronizing,
    /// LITERAL+: none has to.
    NonSynchronizing,
}

/// How long a command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the next response.
    pub next: Duration,
    /// Until the tagged response.
    pub all: Duration,
}

impl Patience {
    /// What people wait for.
    pub const ORDINARY: Self = Self {
        next: Duration::from_secs(30),
        all: Duration::from_mins(1),
    };
    /// What may be long over many messages: MOVE, EXPUNGE, SEARCH, the end of an APPEND.
    pub const LONG: Self = Self {
        next: Duration::from_mins(2),
        all: Duration::from_mins(5),
    };
}

enum Piece {
    Text(Zeroizing<Vec<u8>>),
    Literal(Zeroizing<Vec<u8>>),
    /// A line of its own after a continuation request, without tag (AUTHENTICATE).
    Reply(Zeroizing<Vec<u8>>),
}

/// A command without its tag. Never printed: it may hold a password.
pub struct Command {
    name: &'static str,
    pieces: Vec<Piece>,
    patience: Patience,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Command").field(&self.name).finish()
    }
}

impl Command {
    /// A command that begins with `name`, such as `UID FETCH`.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            pieces: Vec::new(),
            patience: Patience::ORDINARY,
        }
        .raw(name)
    }

    /// Syntax, which Posthorn writes itself. A line break in it fails the command.
    #[must_use]
    pub fn raw(mut self, text: &str) -> Self {
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.extend_from_slice(text.as_bytes());
        } else {
            self.pieces
                .push(Piece::Text(Zeroizing::new(text.as_bytes().to_vec())));
        }
        self
    }

    /// A space and a string, whatever it holds: `string` of the grammar.
    #[must_use]
    pub fn string(self, value: &str) -> Self {
        let value = Zeroizing::new(value.to_owned());
        let plain = value.len() <= QUOTED_LIMIT
            && value
                .bytes()
                .all(|byte| byte.is_ascii() && !byte.is_ascii_control());
        if plain {
            let quoted = Zeroizing::new(quote(&value));
            self.raw(" ").raw(&quoted)
        } else {
            let mut this = self.raw(" ");
            this.pieces
                .push(Piece::Literal(Zeroizing::new(value.as_bytes().to_vec())));
            this
        }
    }

    /// A line sent after the server's continuation request.
    pub(super) fn reply(mut self, line: Zeroizing<Vec<u8>>) -> Self {
        self.pieces.push(Piece::Reply(line));
        self
    }

    /// May take long.
    #[must_use]
    pub fn patiently(mut self) -> Self {
        self.patience = Patience::LONG;
        self
    }

    /// Has to be answered within this time.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.patience = Patience {
            next: time,
            all: time,
        };
        self
    }

    /// How the command begins, for the log.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    /// What is written: the first segment at once, each further one after a continuation request.
    pub(super) fn segments(
        &self,
        tag: &str,
        literals: Literals,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, ImapError> {
        let mut segments = Vec::new();
        let mut current = Zeroizing::new(format!("{tag} ").into_bytes());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    if text
                        .iter()
                        .any(|byte| matches!(byte, 0 | b'\r' | b'\n') || *byte > 126)
                    {
                        return Err(ImapError::BadInput);
                    }
                    current.extend_from_slice(text);
                }
                Piece::Literal(octets) => {
                    // No literal may hold NUL (RFC 9051, section 9, CHAR8).
                    if octets.contains(&0) {
                        return Err(ImapError::BadInput);
                    }
                    let waits = match literals {
                        Literals::Synchronizing => true,
                        Literals::SmallNonSynchronizing => octets.len() > LITERAL_MINUS_LIMIT,
                        Literals::NonSynchronizing => false,
                    };
                    let mark = if waits { "" } else { "+" };
                    current.extend_from_slice(format!("{{{}{mark}}}\r\n", octets.len()).as_bytes());
                    if waits {
                        segments.push(std::mem::take(&mut current));
                    }
                    current.extend_from_slice(octets);
                }
                Piece::Reply(line) => {
                    current.extend_from_slice(b"\r\n");
                    segments.push(std::mem::take(&mut current));
                    current.extend_from_slice(line);
                }
            }
        }
        current.extend_from_slice(b"\r\n");
        segments.push(current);
        Ok(segments)
    }
}

/// A quoted string of printable ASCII (RFC 9051, section 4.3).
fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// What a quoted string says: the parser leaves `\"` and `\\` as they are.
pub fn unquote(quoted: &str) -> String {
    let mut value = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        value.push(if character == '\\' {
            characters.next().unwrap_or(character)
        } else {
            character
        });
    }
    value
}

/// UIDs as sequence sets (RFC 9051, section 9): sorted, neighbours joined to ranges, cut at about
/// 1000 characters each. Zeros, which are no UIDs, are left out.
pub fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut sorted: Vec<u32> = uids.iter().copied().filter(|uid| *uid > 0).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in sorted {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let mut sets: Vec<String> = Vec::new();
    for (first, last) in ranges {
        let range = if first == last {
            first.to_string()
        } else {
            format!("{first}:{last}")
        };
        match sets.last_mut() {
            Some(set) if set.len() + range.len() < SET_LENGTH => {
                set.push(',');
                set.push_str(&range);
            }
            _ => sets.push(range),
        }
    }
    sets
}

/// Whether `flag` is a flag or keyword of the grammar (RFC 9051, section 9, `flag`).
pub fn is_flag(flag: &str) -> bool {
    let name = flag.strip_prefix('\\').unwrap_or(flag);
    !name.is_empty()
        && name.len() <= 100
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"(){}%*\"\\]".contains(&byte))
}

/// Whether `id` is a part number for BODY[…], such as `1.2` (RFC 9051, section 6.4.5).
pub fn is_part_number(id: &str) -> bool {
    id.len() <= 500
        && id.split('.').all(|level| {
            !level.starts_with('0')
                && level.bytes().all(|digit| digit.is_ascii_digit())
                && level.parse::<u32>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(command: &Command, literals: Literals) -> Result<Vec<String>, ImapError> {
        let segments = command.segments("a1", literals)?;
        Ok(segments
            .iter()
            .map(|segment| String::from_utf8(segment.to_vec()).unwrap())
            .collect())
    }

    #[test]
    fn plain_strings_are_quoted() {
        let command = Command::new("SELECT").string(r#"a "b" \c {3+}"#);
        assert_eq!(
            lines(&command, Literals::Synchronizing).unwrap(),
            ["a1 SELECT \"a \\\"b\\\" \\\\c {3+}\"\r\n"]
        );
    }

    #[test]
    fn all_else_is_a_literal() {
        let command = Command::new("LOGIN")
            .string("ä")
            .string("x\r\na2 DELETE INBOX")
            .raw(" z");
        assert_eq!(
            lines(&command, Literals::Synchronizing).unwrap(),
            [
                "a1 LOGIN {2}\r\n",
                "ä {18}\r\n",
                "x\r\na2 DELETE INBOX z\r\n"
            ]
        );
        assert_eq!(
            lines(&command, Literals::NonSynchronizing).unwrap(),
            ["a1 LOGIN {2+}\r\nä {18+}\r\nx\r\na2 DELETE INBOX z\r\n"]
        );
        let long = Command::new("X").string(&"y".repeat(5000));
        assert_eq!(
            lines(&long, Literals::SmallNonSynchronizing).unwrap().len(),
            2
        );
    }

    #[test]
    fn line_breaks_nul_and_8_bit_in_syntax_fail_the_command() {
        for bad in ["a\r\nb", "a\nb", "a\0b", "ä"] {
            let command = Command::new("NOOP").raw(bad);
            assert_eq!(
                lines(&command, Literals::default()),
                Err(ImapError::BadInput)
            );
        }
        let command = Command::new("LOGIN").string("a\0b");
        assert_eq!(
            lines(&command, Literals::default()),
            Err(ImapError::BadInput)
        );
    }

    #[test]
    fn sets_are_joined_and_cut() {
        assert_eq!(uid_sets(&[3, 1, 2, 2, 9, 0]), ["1:3,9"]);
        assert_eq!(
            uid_sets(&[u32::MAX, u32::MAX - 1]),
            ["4294967294:4294967295"]
        );
        assert!(uid_sets(&[]).is_empty());
        let many: Vec<u32> = (1..2000).map(|n| n * 2).collect();
        let sets = uid_sets(&many);
        assert!(sets.len() > 5 && sets.iter().all(|set| set.len() <= SET_LENGTH));
        let back: Vec<u32> = sets
            .iter()
            .flat_map(|set| set.split(','))
            .map(|uid| uid.parse().unwrap())
            .collect();
        assert_eq!(back, many);
    }

    #[test]
    fn flags_and_part_numbers() {
        assert!(is_flag("\\Seen") && is_flag("$Forwarded") && is_flag("NonJunk"));
        for bad in ["", "\\", "a b", "a)", "a\r\n", "\\\\x", "ä", "\\*"] {
            assert!(!is_flag(bad), "{bad}");
        }
        assert!(is_part_number("1") && is_part_number("1.2.30"));
        for bad in [
            "", "0", "1.", "1..2", "1]", "a", "1.0", "+1", "01", "1.MIME", "1] x",
        ] {
            assert!(!is_part_number(bad), "{bad}");
        }
    }

    proptest! {
        /// Whatever a person types is read back by a server as that one string.
        #[test]
        fn no_string_breaks_out(value in "[^\\x00]{0,60}") {
            let command = Command::new("X").string(&value);
            let sent = lines(&command, Literals::NonSynchronizing).unwrap().concat();
            let argument = sent.strip_prefix("a1 X ").unwrap().strip_suffix("\r\n").unwrap();
            if let Some(literal) = argument.strip_prefix('{') {
                let (length, octets) = literal.split_once("+}\r\n").unwrap();
                prop_assert_eq!(length.parse::<usize>().unwrap(), octets.len());
                prop_assert_eq!(octets, value);
            } else {
                let inner = argument.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                prop_assert!(!inner.contains(['\r', '\n']));
                prop_assert_eq!(unquote(inner), value);
            }
        }
    }
}
