//! What a person types into the search box, as a [`Query`]: the operators that people know from
//! other mail programs, in English and German. Pure; what a mail server is asked is made of it by
//! `server::imap::criteria`.
//!
//! Whatever is typed is a query. What cannot be meant, such as a date that no calendar has, is
//! left out and told as a [`QueryProblem`]; all else still counts. A word with a colon that is no
//! operator (`Re:`, `https://…`) is a plain word.
//!
//! | typed | meant |
//! |---|---|
//! | `anna rechnung` | both words, each in From, To, Cc, Subject or the text |
//! | `"neue rechnung"` | the phrase |
//! | `-anna`, `NOT anna` | all without |
//! | `anna OR jonas` | one of them; binds closer than the rest, as with others |
//! | `from:` `to:` `cc:` `bcc:` `subject:` `body:` `filename:` | in this place |
//! | `has:attachment` `is:unread` `is:read` `is:starred` `is:answered` `is:draft` … | state |
//! | `before:` `after:` `on:` `until:` | days: before the first, from the first, within, until the last |
//! | `larger:` `smaller:` | of the whole mail, `5M`, `200k` |
//! | `in:` | another folder, or `anywhere` |

mod lex;
mod operator;
#[cfg(test)]
mod tests;
mod value;

use crate::model::{QueryProblem, QueryProblemKind};
use jiff::civil::Date;
use lex::{Lexeme, Piece};
use operator::Operator;
pub use value::{Days, days, octets};

/// Characters of a query that are read.
pub const LENGTH_LIMIT: usize = 4_000;
/// Conditions of a query that count.
pub const TERM_LIMIT: usize = 50;
/// Problems that are told: more help nobody.
const PROBLEM_LIMIT: usize = 5;

/// A query as it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All of these hold; within one, any.
    pub clauses: Vec<Clause>,
    pub scope: Scope,
    /// What was left out, and why.
    pub problems: Vec<QueryProblem>,
}

/// Conditions joined by OR. Never empty.
pub type Clause = Vec<Condition>;

/// A term, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub negated: bool,
    pub term: Term,
}

/// Where a query looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In the folder that is open.
    #[default]
    Here,
    /// In this one, as it was typed.
    Folder(String),
    /// In all but the bin and the spam.
    Anywhere,
}

/// One thing a mail has or has not. No text is empty or holds a control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// In the addresses, the subject or the text.
    Word(String),
    From(String),
    To(String),
    Cc(String),
    Bcc(String),
    Subject(String),
    Body(String),
    FileName(String),
    Attachment,
    Seen,
    Flagged,
    Answered,
    Forwarded,
    Draft,
    /// Sent before this day.
    Before(Date),
    /// Sent on this day or later.
    Since(Date),
    /// Sent within these.
    Within(Days),
    /// More octets than this.
    Larger(u32),
    /// Fewer octets than this.
    Smaller(u32),
}

impl Query {
    /// What `text` means on the day `today`.
    pub fn parse(text: &str, today: Date) -> Self {
        let mut reader = Reader {
            today,
            query: Self::default(),
            terms: 0,
            joins: false,
        };
        let (lexemes, cut) = lex::lexemes(text);
        for lexeme in lexemes {
            reader.read(lexeme);
        }
        if cut {
            reader.problem(QueryProblemKind::TooLong, "");
        }
        reader.query
    }

    /// Whether nothing is asked for: all mails match.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether plain words are looked for, so that a first look at addresses and subjects alone
    /// finds some of the hits and nothing else: the text of mails is dear where the server has no
    /// index. A word that must not be there has to be looked for in the text at once.
    pub fn has_quick_look(&self) -> bool {
        let mut words = self
            .conditions()
            .filter(|condition| matches!(condition.term, Term::Word(_)))
            .peekable();
        words.peek().is_some() && words.all(|condition| !condition.negated)
    }

    /// Whether what matches changes with flags.
    pub fn asks_for_flags(&self) -> bool {
        self.conditions().any(|condition| {
            matches!(
                condition.term,
                Term::Seen | Term::Flagged | Term::Answered | Term::Forwarded | Term::Draft
            )
        })
    }

    /// The texts that hits hold, for marking them.
    pub fn words(&self) -> Vec<&str> {
        self.conditions()
            .filter(|condition| !condition.negated)
            .filter_map(|condition| match &condition.term {
                Term::Word(text)
                | Term::From(text)
                | Term::To(text)
                | Term::Cc(text)
                | Term::Bcc(text)
                | Term::Subject(text)
                | Term::Body(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.clauses.iter().flatten()
    }
}

struct Reader {
    today: Date,
    query: Query,
    terms: usize,
    /// The former lexeme was OR.
    joins: bool,
}

impl Reader {
    fn read(&mut self, lexeme: Lexeme) {
        let (negated, piece) = match lexeme {
            Lexeme::Or => {
                self.joins = !self.query.clauses.is_empty();
                return;
            }
            Lexeme::Piece { negated, piece } => (negated, piece),
        };
        match piece {
            Piece::Text(text) => self.push(negated, Term::Word(text)),
            Piece::Operator { typed, value, .. } if value.is_empty() => {
                self.problem(QueryProblemKind::Empty, &format!("{typed}:"));
            }
            // All folders but one are no place that can be looked in.
            Piece::Operator {
                operator: Operator::In,
                typed,
                value,
            } if negated => {
                self.problem(QueryProblemKind::Folder, &format!("-{typed}:{value}"));
            }
            Piece::Operator {
                operator: Operator::In,
                value,
                ..
            } => {
                self.query.scope = if value::is_anywhere(&value) {
                    Scope::Anywhere
                } else {
                    Scope::Folder(value)
                };
            }
            Piece::Operator {
                operator,
                typed,
                value,
            } => match operator::term(operator, value.clone(), self.today) {
                Ok((term, opposite)) => self.push(negated != opposite, term),
                Err(kind) => self.problem(kind, &format!("{typed}:{value}")),
            },
        }
    }

    fn push(&mut self, negated: bool, term: Term) {
        self.terms += 1;
        if self.terms > TERM_LIMIT {
            if self.terms == TERM_LIMIT + 1 {
                self.problem(QueryProblemKind::TooMany, "");
            }
            return;
        }
        let condition = Condition { negated, term };
        let joins = std::mem::take(&mut self.joins);
        match self.query.clauses.last_mut() {
            Some(clause) if joins => clause.push(condition),
            _ => self.query.clauses.push(vec![condition]),
        }
    }

    fn problem(&mut self, kind: QueryProblemKind, piece: &str) {
        // What stood beside an OR is not there to be joined.
        self.joins = false;
        if self.query.problems.len() < PROBLEM_LIMIT {
            self.query.problems.push(QueryProblem {
                kind,
                piece: piece.chars().take(60).collect(),
            });
        }
    }
}
