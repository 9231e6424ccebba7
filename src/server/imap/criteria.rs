//! A query as search keys (RFC 9051, section 6.4.4). What a person typed goes out as strings and
//! nothing else; all syntax is written here.
//!
//! What stands for what, where IMAP leaves a choice:
//!
//! * A plain word is looked for in From, To, Cc, Subject and the text, not by TEXT, which would find
//!   it in Received, in message ids and in the names of servers as well.
//! * Days are those of the Date field, which the list shows, and not of INTERNALDATE, which after a
//!   move to another server is the day of the move, and which costs Dovecot four times as much.
//! * `has:attachment` is what the row shows: the server's `$HasAttachment` where it sets it, else
//!   that the mail is multipart/mixed. A server that finds none that way is not believed (see
//!   `super::search`).
//! * A text that must not be there is looked for by itself and what has it taken away, rather than by
//!   NOT: Dovecot's index with Xapian finds nothing at all for that, and says OK.
//! * IMAP has no key for names of files: they are looked for in the text of multiparts, where most
//!   servers find them if the name is plain ASCII.

use super::wire::Command;
use crate::mail::search::{Clause, Condition, Days, Query, Term};
use crate::model::{Filter, Sort};
use jiff::civil::Date;

/// What is wanted of a folder: which messages, in which order. All that decides about the answer,
/// and so the name under which it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Demand {
    pub sort: Sort,
    pub filter: Filter,
    pub clauses: Vec<Clause>,
}

impl Demand {
    /// The query in this order.
    pub fn new(sort: Sort, filter: Filter, query: &Query) -> Self {
        Self {
            sort,
            filter,
            clauses: query.clauses.clone(),
        }
    }

    /// Whether all messages are wanted by arrival: the folder as it is.
    pub fn is_plain(&self) -> bool {
        self.sort == Sort::Arrival && self.is_all()
    }

    /// Whether all messages are wanted.
    pub fn is_all(&self) -> bool {
        self.filter == Filter::default() && self.clauses.is_empty()
    }

    /// Whether a change of flags may change the answer.
    pub fn depends_on_flags(&self) -> bool {
        let query = Query {
            clauses: self.clauses.clone(),
            ..Query::default()
        };
        self.filter.unread
            || self.filter.starred
            || matches!(self.sort, Sort::UnreadFirst | Sort::StarredFirst)
            || query.asks_for_flags()
    }

    /// Whether texts have to be read, where the server has no index of them.
    pub fn is_dear(&self) -> bool {
        self.clauses
            .iter()
            .flatten()
            .any(|condition| cost(condition) == 3)
    }

    /// Whether texts of any kind are looked for.
    pub fn has_text(&self) -> bool {
        self.clauses
            .iter()
            .flatten()
            .any(|condition| cost(condition) >= 2)
    }

    /// Whether mails have to have attachments, or must not.
    pub fn attachment(&self) -> Option<bool> {
        let asked = self
            .clauses
            .iter()
            .find_map(|clause| match clause.as_slice() {
                [condition] if condition.term == Term::Attachment => Some(!condition.negated),
                _ => None,
            });
        asked.or(self.filter.attachment.then_some(true))
    }

    /// The same without a word about attachments.
    #[must_use]
    pub fn whatever_attachment(&self) -> Self {
        let about = |clause: &Clause| matches!(clause.as_slice(), [condition] if condition.term == Term::Attachment);
        Self {
            sort: self.sort,
            filter: Filter {
                attachment: false,
                ..self.filter
            },
            clauses: self
                .clauses
                .iter()
                .filter(|clause| !about(clause))
                .cloned()
                .collect(),
        }
    }

    /// Without the texts that must not be there, and with one of them: what is wanted is the
    /// former without the latter. `None` where no text is unwanted.
    pub fn apart(&self) -> Option<(Self, Self)> {
        let unwanted = |clause: &&Clause| {
            matches!(clause.as_slice(), [condition] if condition.negated && cost(condition) >= 2
                && condition.term != Term::Attachment)
        };
        let (out, rest): (Vec<&Clause>, Vec<&Clause>) = self.clauses.iter().partition(unwanted);
        if out.is_empty() {
            return None;
        }
        let wanted: Vec<Clause> = rest.into_iter().cloned().collect();
        let any: Clause = out
            .into_iter()
            .flatten()
            .map(|condition| Condition {
                negated: false,
                term: condition.term.clone(),
            })
            .collect();
        let with = |clauses| Self {
            clauses,
            ..self.clone()
        };
        let both = wanted.iter().cloned().chain([any]).collect();
        Some((with(wanted), with(both)))
    }

    /// The same without the plain words that are too short for many an index of texts, which then
    /// finds nothing at all; `None` where there are none, or no others.
    pub fn without_short_words(&self) -> Option<Self> {
        let short = |clause: &Clause| {
            matches!(
                clause.as_slice(),
                [Condition { negated: false, term: Term::Word(word) }] if word.len() < 3
            )
        };
        let clauses: Vec<Clause> = self
            .clauses
            .iter()
            .filter(|clause| !short(clause))
            .cloned()
            .collect();
        (!clauses.is_empty() && clauses.len() < self.clauses.len()).then(|| Self {
            clauses,
            ..self.clone()
        })
    }

    /// See [`Query::has_quick_look`].
    pub fn has_quick_look(&self) -> bool {
        let query = Query {
            clauses: self.clauses.clone(),
            ..Query::default()
        };
        query.has_quick_look()
    }
}

/// How much a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Plain words in addresses and subject only.
    Quick,
    Whole,
}

/// Which characters a server can look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// A server that refuses UTF-8 is asked for what is ASCII in each text.
    Ascii,
}

/// Search keys, ready for a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Syntax(String),
    Text(String),
}

impl Criteria {
    /// The keys for `demand`, without those of its order.
    pub fn of(demand: &Demand, depth: Depth, charset: Charset) -> Self {
        let mut writer = Writer {
            out: Self::default(),
            depth,
            charset,
        };
        for (on, key) in [
            (demand.filter.unread, "UNSEEN"),
            (demand.filter.starred, "FLAGGED"),
        ] {
            if on {
                writer.syntax(key);
            }
        }
        // What the server knows from its index comes first, for those that look in this order.
        let mut clauses: Vec<&Clause> = demand.clauses.iter().collect();
        clauses.sort_by_key(|clause| clause.iter().map(cost).max());
        if demand.filter.attachment {
            writer.term(&Term::Attachment);
        }
        for clause in clauses {
            writer.clause(clause);
        }
        if writer.out.0.is_empty() {
            writer.syntax("ALL");
        }
        writer.out
    }

    /// Whether the strings need UTF-8.
    pub fn is_ascii(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Syntax(text) | Piece::Text(text) => text.is_ascii(),
        })
    }

    /// `UID SEARCH` for these, and for what `also` says, such as a sequence set.
    pub fn search(&self, also: &str) -> Command {
        let mut command = Command::new("UID SEARCH");
        if !self.is_ascii() {
            command = command.raw(" CHARSET UTF-8");
        }
        self.add_to(command, also).patiently()
    }

    /// `UID SORT` (RFC 5256, section 3) by `order`, such as `REVERSE DATE`. Its charset is not
    /// optional.
    pub fn sort(&self, order: &str, also: &str) -> Command {
        let charset = if self.is_ascii() { "US-ASCII" } else { "UTF-8" };
        let command = Command::new("UID SORT").raw(&format!(" ({order}) {charset}"));
        self.add_to(command, also).patiently()
    }

    fn add_to(&self, mut command: Command, also: &str) -> Command {
        if !also.trim().is_empty() {
            command = command.raw(" ").raw(also.trim());
        }
        self.0.iter().fold(command, |command, piece| match piece {
            Piece::Syntax(text) => command.raw(" ").raw(text),
            Piece::Text(text) => command.string(text),
        })
    }
}

/// What looking costs a server, roughly.
fn cost(condition: &Condition) -> u8 {
    match condition.term {
        Term::Seen | Term::Flagged | Term::Answered | Term::Forwarded | Term::Draft => 0,
        Term::Before(_) | Term::Since(_) | Term::Within(_) | Term::Larger(_) | Term::Smaller(_) => {
            1
        }
        Term::Body(_) | Term::Word(_) | Term::FileName(_) => 3,
        _ => 2,
    }
}

struct Writer {
    out: Criteria,
    depth: Depth,
    charset: Charset,
}

impl Writer {
    fn syntax(&mut self, text: &str) {
        self.out.0.push(Piece::Syntax(text.to_owned()));
    }

    /// OR takes two keys (section 6.4.4), so it stands before each but the last.
    fn clause(&mut self, clause: &[Condition]) {
        let mut rest = clause.len();
        for condition in clause {
            rest = rest.saturating_sub(1);
            if rest > 0 {
                self.syntax("OR");
            }
            self.condition(condition);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        // In ASCII, what is left of a text finds too much: that is better than nothing, but not
        // for what must not be there.
        let text = match &condition.term {
            Term::Word(text)
            | Term::From(text)
            | Term::To(text)
            | Term::Cc(text)
            | Term::Bcc(text)
            | Term::Subject(text)
            | Term::Body(text)
            | Term::FileName(text) => text.as_str(),
            _ => "",
        };
        if self.charset == Charset::Ascii
            && !text.is_ascii()
            && (condition.negated || ascii_part(text).is_none())
        {
            return self.syntax("ALL");
        }
        if condition.negated {
            self.syntax("NOT");
        }
        self.term(&condition.term);
    }

    /// One search key, in parentheses where it is made of several.
    fn term(&mut self, term: &Term) {
        match term {
            Term::Word(text) => {
                let mut keys = vec!["SUBJECT", "FROM", "TO", "CC"];
                if self.depth == Depth::Whole {
                    keys.push("BODY");
                }
                let last = keys.pop();
                self.syntax("(");
                for key in keys {
                    self.syntax("OR");
                    self.key(key, text);
                }
                if let Some(last) = last {
                    self.key(last, text);
                }
                self.syntax(")");
            }
            Term::From(text) => self.key("FROM", text),
            Term::To(text) => self.key("TO", text),
            Term::Cc(text) => self.key("CC", text),
            Term::Bcc(text) => self.key("BCC", text),
            Term::Subject(text) => self.key("SUBJECT", text),
            Term::Body(text) => self.key("BODY", text),
            Term::FileName(text) => {
                self.syntax("( HEADER Content-Type multipart");
                self.key("BODY", text);
                self.syntax(")");
            }
            Term::Attachment => self.syntax(
                "( OR KEYWORD $HasAttachment \
                 ( UNKEYWORD $HasNoAttachment HEADER Content-Type multipart/mixed ) )",
            ),
            Term::Seen => self.syntax("SEEN"),
            Term::Flagged => self.syntax("FLAGGED"),
            Term::Answered => self.syntax("ANSWERED"),
            Term::Forwarded => self.syntax("KEYWORD $Forwarded"),
            Term::Draft => self.syntax("DRAFT"),
            Term::Before(day) => self.syntax(&format!("SENTBEFORE {}", date(*day))),
            Term::Since(day) => self.syntax(&format!("SENTSINCE {}", date(*day))),
            Term::Within(Days { first, end }) => {
                let (first, end) = (date(*first), date(*end));
                self.syntax(&format!("( SENTSINCE {first} SENTBEFORE {end} )"));
            }
            Term::Larger(octets) => self.syntax(&format!("LARGER {octets}")),
            Term::Smaller(octets) => self.syntax(&format!("SMALLER {octets}")),
        }
    }

    fn key(&mut self, key: &str, text: &str) {
        self.syntax(key);
        let text = match self.charset {
            Charset::Ascii if !text.is_ascii() => ascii_part(text).unwrap_or_default(),
            _ => text,
        };
        self.out.0.push(Piece::Text(text.to_owned()));
    }
}

/// `date` of the grammar (section 9).
fn date(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = usize::try_from(day.month() - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .unwrap_or(&"Jan");
    format!("{}-{month}-{:04}", day.day(), day.year())
}

/// The longest run of ASCII in `text`, of two characters at least.
fn ascii_part(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii())
        .max_by_key(|run| run.len())
        .map(str::trim)
        .filter(|run| run.len() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::imap::wire::Literals;
    use proptest::prelude::*;

    fn demand(query: &str) -> Demand {
        let query = Query::parse(query, jiff::civil::date(2026, 11, 25));
        Demand::new(Sort::Arrival, Filter::default(), &query)
    }

    fn sent(command: &Command) -> String {
        let segments = command.segments("a", Literals::NonSynchronizing).unwrap();
        let octets: Vec<u8> = segments.iter().flat_map(|s| s.iter().copied()).collect();
        String::from_utf8(octets).unwrap()
    }

    fn keys(query: &str, depth: Depth, charset: Charset) -> String {
        let sent = sent(&Criteria::of(&demand(query), depth, charset).search(""));
        let sent = sent.strip_prefix("a UID SEARCH ").unwrap();
        sent.strip_suffix("\r\n").unwrap().to_owned()
    }

    #[test]
    fn queries_become_keys() {
        for (query, expected) in [
            ("", "ALL"),
            (
                "a",
                "( OR SUBJECT \"a\" OR FROM \"a\" OR TO \"a\" OR CC \"a\" BODY \"a\" )",
            ),
            ("-from:a is:unread", "NOT SEEN NOT FROM \"a\""),
            (
                "from:a OR -to:b OR cc:c",
                "OR FROM \"a\" OR NOT TO \"b\" CC \"c\"",
            ),
            (
                "subject:\"a b\" larger:5k before:2026-11-05",
                "LARGER 5000 SENTBEFORE 5-Nov-2026 SUBJECT \"a b\"",
            ),
            ("after:2026", "SENTSINCE 1-Jan-2026"),
            (
                "-on:heute",
                "NOT ( SENTSINCE 25-Nov-2026 SENTBEFORE 26-Nov-2026 )",
            ),
            ("subject:a\\b", "SUBJECT \"a\\\\b\""),
            ("subject:ü", "CHARSET UTF-8 SUBJECT {2+}\r\nü"),
        ] {
            assert_eq!(
                keys(query, Depth::Whole, Charset::Utf8),
                expected,
                "{query}"
            );
        }
        assert_eq!(
            keys("a", Depth::Quick, Charset::Utf8),
            "( OR SUBJECT \"a\" OR FROM \"a\" OR TO \"a\" CC \"a\" )"
        );
    }

    #[test]
    fn without_utf8_what_is_ascii_is_looked_for() {
        for (query, expected) in [
            ("subject:größe", "SUBJECT \"gr\""),
            ("subject:日本 from:a", "ALL FROM \"a\""),
            ("-subject:größe", "ALL"),
        ] {
            assert_eq!(keys(query, Depth::Whole, Charset::Ascii), expected);
        }
    }

    #[test]
    fn what_is_unwanted_is_looked_for_by_itself() {
        let (wanted, both) = demand("from:a -subject:b -c -is:read").apart().unwrap();
        let keys = |demand| sent(&Criteria::of(demand, Depth::Quick, Charset::Utf8).search(""));
        assert_eq!(keys(&wanted), "a UID SEARCH NOT SEEN FROM \"a\"\r\n");
        assert_eq!(
            keys(&both),
            "a UID SEARCH NOT SEEN FROM \"a\" OR SUBJECT \"b\" \
             ( OR SUBJECT \"c\" OR FROM \"c\" OR TO \"c\" CC \"c\" )\r\n"
        );
        assert_eq!(demand("a OR -b -has:attachment").apart(), None);
    }

    #[test]
    fn short_words_can_be_left_out() {
        let left = |query| demand(query).without_short_words();
        assert_eq!(left("lunch on friday"), Some(demand("lunch friday")));
        assert_eq!(left("on"), None);
        assert_eq!(left("lunch 日本"), None);
    }

    #[test]
    fn filters_and_windows_stand_before() {
        let mut demand = demand("subject:x");
        demand.filter = Filter {
            unread: true,
            starred: true,
            attachment: false,
        };
        let criteria = Criteria::of(&demand, Depth::Whole, Charset::Utf8);
        assert_eq!(
            sent(&criteria.search("5:9")),
            "a UID SEARCH 5:9 UNSEEN FLAGGED SUBJECT \"x\"\r\n"
        );
        assert_eq!(
            sent(&criteria.sort("REVERSE DATE", " ")),
            "a UID SORT (REVERSE DATE) US-ASCII UNSEEN FLAGGED SUBJECT \"x\"\r\n"
        );
        assert!(demand.depends_on_flags());
    }

    proptest! {
        /// Whatever is typed, it is one command, in which nothing is 8-bit or a line break but
        /// within literals.
        #[test]
        fn nothing_breaks_out(query in "(?s)[a-z:\"\\\\ {}0-9+\\-ü\r\n\0]{0,80}") {
            let sent = sent(&Criteria::of(&demand(&query), Depth::Whole, Charset::Utf8).search("1:2"));
            let line = sent.strip_suffix("\r\n").unwrap();
            // Texts hold no line break, so that each CRLF ends the count of a literal.
            for (index, _) in line.match_indices("\r\n") {
                let counted = line.get(..index).unwrap().ends_with("+}");
                prop_assert!(counted);
            }
        }
    }
}
