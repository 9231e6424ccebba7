//! What the search box suggests as one types: searches of before, operators, and people of the
//! list. Pure, and from what the browser has at hand: no request is made for it.

use super::letters::lower;
use crate::i18n::{Key, Locale};
use crate::model::Address;

/// Suggestions at a time.
const SHOWN: usize = 8;
/// People among them, and searches of before beside something typed.
const FEW: usize = 4;

/// The operators worth knowing, by their English and their German name; `mail::search` reads both
/// and more. Where nothing has to be typed behind, it is said what is found.
const OPERATORS: [(&str, &str, Key); 10] = [
    ("from:", "von:", Key::SuggestFrom),
    ("to:", "an:", Key::SuggestTo),
    ("subject:", "betreff:", Key::SuggestSubject),
    ("has:attachment", "hat:anhang", Key::FilterAttachment),
    ("is:unread", "ist:ungelesen", Key::FilterUnread),
    ("is:starred", "ist:markiert", Key::FilterStarred),
    ("before:", "vor:", Key::SuggestBefore),
    ("after:", "nach:", Key::SuggestAfter),
    ("larger:", "größer:", Key::SuggestLarger),
    (EVERYWHERE.0, EVERYWHERE.1, Key::SuggestEverywhere),
];

/// The operator for all folders, by its English and its German name.
const EVERYWHERE: (&str, &str) = ("in:all", "in:überall");

/// The operator for all folders, in the person's language.
pub fn everywhere(locale: Locale) -> &'static str {
    if locale == Locale::De {
        EVERYWHERE.1
    } else {
        EVERYWHERE.0
    }
}

/// Whether a query says itself where to look.
pub fn says_where(query: &str) -> bool {
    query.split_whitespace().any(|word| {
        let word = lower(word);
        ["in:", "folder:", "ordner:"]
            .iter()
            .any(|operator| word.starts_with(operator))
    })
}

/// The search for what somebody has sent, wherever it is, in the person's language.
pub fn sent_by(locale: Locale, addr: &str) -> String {
    format!("{}:{addr} {}", sender(locale), everywhere(locale))
}

/// The operator for senders.
fn sender(locale: Locale) -> &'static str {
    if locale == Locale::De { "von" } else { "from" }
}

/// Operators whose value is a person.
const PEOPLE: [&str; 6] = ["from", "von", "to", "an", "cc", "kopie"];

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What stands in the box once it is taken.
    pub text: String,
    /// What is shown of it.
    pub shown: String,
    /// What it means.
    pub hint: String,
    /// A whole search, to be done at once.
    pub whole: bool,
}

/// What suggestions are made from.
#[derive(Clone, Debug)]
pub struct Typed {
    pub locale: Locale,
    pub text: String,
    /// Searches of before, the latest first.
    pub recent: Vec<String>,
    pub people: Vec<Address>,
}

/// What to suggest for what was typed.
pub fn suggest(typed: &Typed) -> Vec<Suggestion> {
    let Typed {
        locale,
        text,
        recent,
        people,
    } = typed;
    let locale = *locale;
    let empty = text.trim().is_empty();
    let typed = lower(text);
    let former = recent
        .iter()
        .filter(|former| {
            let former = lower(former);
            former.starts_with(&typed) && former != typed
        })
        .take(if empty { SHOWN - 3 } else { FEW })
        .map(|former| Suggestion {
            text: former.clone(),
            shown: former.clone(),
            hint: locale.text(Key::SuggestRecent).to_owned(),
            whole: true,
        });
    let mut found: Vec<Suggestion> = former.collect();
    // Within quotation marks a colon is a colon.
    if text.matches('"').count().is_multiple_of(2) {
        let begin = text
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + text.get(at..).map_or(1, first_len));
        let (before, word) = text.split_at(begin);
        let (not, word) = match word.strip_prefix('-') {
            Some(word) => ("-", word),
            None => ("", word),
        };
        let mut put = |piece: &str, shown: String, hint: String, end: &str| {
            found.push(Suggestion {
                text: format!("{before}{not}{piece}{end}"),
                shown,
                hint,
                whole: false,
            });
        };
        for (piece, hint) in operators(locale, word) {
            let end = if piece.ends_with(':') { "" } else { " " };
            put(piece, piece.to_owned(), locale.text(hint).to_owned(), end);
        }
        for (piece, person) in addressed(locale, word, people) {
            put(&piece, piece.clone(), person, " ");
        }
    }
    found.truncate(SHOWN);
    found
}

/// Octets of the first character.
fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The operators that begin with `word`, in the language in which they do; one's own goes first.
fn operators(locale: Locale, word: &str) -> impl Iterator<Item = (&'static str, Key)> {
    let word = lower(word);
    OPERATORS.into_iter().filter_map(move |(en, de, hint)| {
        let (own, other) = if locale == Locale::De {
            (de, en)
        } else {
            (en, de)
        };
        [own, other]
            .into_iter()
            .find(|name| name.starts_with(&word) && *name != word)
            .map(|name| (name, hint))
    })
}

/// People whose name or address has what was typed, with the operator that was, or that for
/// senders.
fn addressed(locale: Locale, word: &str, people: &[Address]) -> Vec<(String, String)> {
    let sender = sender(locale);
    let (operator, value) = match word.split_once(':') {
        Some((operator, value)) if PEOPLE.contains(&lower(operator).as_str()) => (operator, value),
        Some(_) => return Vec::new(),
        None if word.chars().count() < 2 => return Vec::new(),
        None => (sender, word),
    };
    let value = lower(value);
    people
        .iter()
        .filter(|person| {
            let whole = lower(&person.addr) == value;
            !whole
                && (lower(&person.addr).contains(&value) || lower(person.label()).contains(&value))
        })
        .take(FEW)
        .map(|person| {
            let name = if person.label() == person.addr {
                String::new()
            } else {
                person.label().to_owned()
            };
            (format!("{operator}:{}", person.addr), name)
        })
        .collect()
}

/// `query` as the latest of the searches `recent`.
#[cfg(any(feature = "hydrate", test))]
pub fn remembered(query: &str, recent: &[String]) -> Vec<String> {
    /// Searches that are remembered, and the longest.
    const KEPT: usize = 10;
    const LENGTH: usize = 200;
    let query = query.trim();
    if query.is_empty() || query.chars().count() > LENGTH || query.contains(char::is_control) {
        return recent.to_vec();
    }
    let others = recent.iter().filter(|former| *former != query).cloned();
    std::iter::once(query.to_owned())
        .chain(others)
        .take(KEPT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, addr: &str) -> Address {
        Address {
            name: (!name.is_empty()).then(|| name.to_owned()),
            addr: addr.to_owned(),
        }
    }

    fn texts(locale: Locale, text: &str) -> Vec<String> {
        let recent = ["from:anna", "Rechnung Januar"].map(str::to_owned);
        let people = [
            person("Anna Berger", "anna@x.example"),
            person("", "jo@y.example"),
        ];
        let typed = Typed {
            locale,
            text: text.to_owned(),
            recent: recent.to_vec(),
            people: people.to_vec(),
        };
        suggest(&typed)
            .into_iter()
            .map(|suggestion| suggestion.text)
            .collect()
    }

    #[test]
    fn searches_of_before_come_first_then_what_can_be_typed() {
        let texts = texts(Locale::En, "");
        assert_eq!(texts.len(), SHOWN);
        assert_eq!(texts[..3], ["from:anna", "Rechnung Januar", "from:"]);
    }

    #[test]
    fn operators_are_known_in_both_languages() {
        assert_eq!(
            texts(Locale::En, "lunch is:"),
            ["lunch is:unread ", "lunch is:starred "]
        );
        assert_eq!(
            texts(Locale::De, "be"),
            ["betreff:", "before:", "von:anna@x.example "]
        );
        assert_eq!(texts(Locale::En, "betr"), ["betreff:"]);
        assert_eq!(texts(Locale::De, "-hat"), ["-hat:anhang "]);
        assert_eq!(texts(Locale::De, "Grö")[0], "größer:");
        assert_eq!(texts(Locale::De, "is:unr"), ["is:unread "]);
    }

    #[test]
    fn people_are_found_by_name_and_address() {
        assert_eq!(texts(Locale::En, "to:BERG"), ["to:anna@x.example "]);
        assert_eq!(texts(Locale::De, "lunch jo"), ["lunch von:jo@y.example "]);
        assert_eq!(texts(Locale::En, "-from:jo"), ["-from:jo@y.example "]);
        assert!(texts(Locale::En, "subject:anna").is_empty());
        assert!(texts(Locale::En, "from:anna@x.example").is_empty());
    }

    #[test]
    fn what_is_quoted_is_left_alone() {
        assert!(texts(Locale::En, "\"is:").is_empty());
        assert_eq!(texts(Locale::En, "\"a\" is:u"), ["\"a\" is:unread "]);
        assert_eq!(texts(Locale::En, "a\u{2003}is:u"), ["a\u{2003}is:unread "]);
    }

    #[test]
    fn searches_are_remembered_once_and_not_for_ever() {
        let mut recent = Vec::new();
        for number in 0..20 {
            recent = remembered(&format!("q{number}"), &recent);
        }
        assert_eq!((recent.len(), recent[0].as_str()), (10, "q19"));
        recent = remembered(" q15 ", &recent);
        assert_eq!((recent.len(), recent[0].as_str()), (10, "q15"));
        for odd in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(remembered(odd, &recent), recent);
        }
    }

    #[test]
    fn what_is_suggested_is_understood() {
        let today = jiff::civil::date(2026, 11, 25);
        for (en, de, _) in OPERATORS {
            for name in [en, de] {
                let value = if name.starts_with("larger") || name.starts_with("größer") {
                    "5M"
                } else {
                    "2026"
                };
                let whole = if name.ends_with(':') {
                    format!("{name}{value}")
                } else {
                    name.to_owned()
                };
                let query = crate::mail::search::Query::parse(&whole, today);
                assert!(query.problems.is_empty(), "{whole}");
                let plain = crate::mail::search::Query::parse(value, today);
                assert_ne!(query.clauses, plain.clauses, "{whole}");
            }
        }
    }
}
