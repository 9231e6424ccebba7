//! A query as pieces: words, phrases, operators with their values, and OR. Quotes of all kinds are
//! quotes, since telephones type curly ones.

use super::LENGTH_LIMIT;
use super::operator::{self, Operator};
use std::iter::Peekable;
use std::vec::IntoIter;

/// Pieces that are read; the terms among them are bounded further.
const LEXEME_LIMIT: usize = 200;
/// Longest name of an operator.
const NAME_LIMIT: usize = 20;
/// Characters of one text. Longer than anything that is looked for.
const TEXT_LIMIT: usize = 300;

/// One piece of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    Or,
    Piece { negated: bool, piece: Piece },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word or phrase, not empty.
    Text(String),
    Operator {
        operator: Operator,
        /// Its name as it was typed.
        typed: String,
        /// Empty where nothing follows that could be one.
        value: String,
    },
}

/// The pieces of `text`, and whether some of it was left out for its length.
pub(super) fn lexemes(text: &str) -> (Vec<Lexeme>, bool) {
    let mut characters = text.chars().map(tame);
    let read: Vec<char> = characters.by_ref().take(LENGTH_LIMIT).collect();
    let mut cut = characters.next().is_some();
    let mut lexer = Lexer {
        rest: read.into_iter().peekable(),
    };
    let mut lexemes = Vec::new();
    while let Some(lexeme) = lexer.next() {
        if lexemes.len() == LEXEME_LIMIT {
            cut = true;
            break;
        }
        lexemes.push(lexeme);
    }
    (lexemes, cut)
}

/// Line breaks and other controls are blanks, all quotes are one.
fn tame(character: char) -> char {
    match character {
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        character if character.is_control() || character.is_whitespace() => ' ',
        character => character,
    }
}

struct Lexer {
    rest: Peekable<IntoIter<char>>,
}

impl Lexer {
    /// The next piece that says something.
    fn next(&mut self) -> Option<Lexeme> {
        let mut negated = false;
        loop {
            self.skip_blanks();
            self.rest.peek()?;
            let minus = self.rest.next_if(|c| matches!(c, '-' | '−')).is_some();
            if minus && self.rest.peek().is_none_or(|next| *next == ' ') {
                // A dash between words.
                continue;
            }
            negated |= minus;
            if let Some(text) = self.quoted() {
                if let Some(text) = presentable(&text) {
                    return Some(Lexeme::Piece {
                        negated,
                        piece: Piece::Text(text),
                    });
                }
                continue;
            }
            if let Some((operator, typed)) = self.operator() {
                self.skip_blanks();
                let value = self.value();
                return Some(Lexeme::Piece {
                    negated,
                    piece: Piece::Operator {
                        operator,
                        typed,
                        value,
                    },
                });
            }
            let word = self.word();
            match word.as_str() {
                _ if minus => {}
                "OR" | "ODER" | "|" | "||" => return Some(Lexeme::Or),
                "AND" | "UND" | "&" | "&&" | "+" => continue,
                "NOT" | "NICHT" => {
                    negated = true;
                    continue;
                }
                _ => {}
            }
            if let Some(text) = presentable(&word) {
                return Some(Lexeme::Piece {
                    negated,
                    piece: Piece::Text(text),
                });
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.rest.next_if_eq(&' ').is_some() {}
    }

    /// What stands in quotes, if a quote comes next; the last may be missing.
    fn quoted(&mut self) -> Option<String> {
        self.rest.next_if_eq(&'"')?;
        Some(self.rest.by_ref().take_while(|c| *c != '"').collect())
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(character) = self.rest.next_if(|c| *c != ' ') {
            word.push(character);
        }
        word
    }

    /// An operator with its colon, if one comes next.
    fn operator(&mut self) -> Option<(Operator, String)> {
        let (operator, typed) = self.look_at_operator()?;
        for _ in typed.chars() {
            self.rest.next();
        }
        self.rest.next();
        Some((operator, typed))
    }

    fn look_at_operator(&self) -> Option<(Operator, String)> {
        let mut name = String::new();
        for character in self.rest.clone().take(NAME_LIMIT + 1) {
            match character {
                ':' => return operator::named(&name).map(|operator| (operator, name)),
                ' ' | '"' => return None,
                character => name.push(character),
            }
        }
        None
    }

    /// The value of an operator; `from: anna` is `from:anna`, but in `from: to:anna` nothing
    /// stands for From.
    fn value(&mut self) -> String {
        if let Some(text) = self.quoted() {
            return presentable(&text).unwrap_or_default();
        }
        if self.look_at_operator().is_some() {
            return String::new();
        }
        presentable(&self.word()).unwrap_or_default()
    }
}

/// A text without what is only decoration: blanks around it, and the asterisk that others need
/// for what is meant here anyway. `None` where nothing is left.
fn presentable(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .trim_end_matches('*')
        .trim_end()
        .chars()
        .take(TEXT_LIMIT)
        .collect();
    (!text.is_empty()).then_some(text)
}
