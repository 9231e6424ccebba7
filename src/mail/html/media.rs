//! Media queries of a mail: what its author says about narrow windows, which newsletters need to be
//! read on a phone. They cannot stand in a style attribute, so they become a sheet of our own: its
//! selectors are names that we give (`m0`, `m1` …), the elements that the mail's selectors meant get
//! these as their class, and nothing of what the mail wrote as a name is in it.
//!
//! Only the width of the window can be asked for, and only layout can be changed: colours stay, so
//! that what was made legible in the dark and what was judged to be hidden does not depend on it.
//! In a link even less changes, since its text was judged as it stands.

use crate::mail::css::Declaration;
use cssparser::{ParseError, Parser, Token as Css};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Queries of one condition, and features of a query.
const QUERY_LIMIT: usize = 8;
const FEATURE_LIMIT: usize = 4;
/// Sets of declarations of a mail.
const SET_LIMIT: usize = 2000;
/// Octets of the sheet.
const SHEET_LIMIT: usize = 128 << 10;
/// Sets that one element gets.
pub(super) const ELEMENT_LIMIT: usize = 16;
/// Widest window that is asked for, in whatever unit.
const WIDEST: f32 = 10_000.0;

type Failure<'i> = ParseError<'i, ()>;

/// When rules apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// On every screen.
    Screen,
    /// Where one of these queries holds, in our own writing.
    Queries(String),
}

/// A list of media queries (Media Queries 4, section 3), as far as it is about screens and the width of the
/// window; `None` where none of them is. The width of the device, an older way to say the same, is
/// taken for that of the window: a frame is narrower than what shows it.
pub(super) fn condition(input: &mut Parser<'_, '_>) -> Option<Condition> {
    let mut queries: Vec<String> = Vec::new();
    let mut always = false;
    // Each of them is read to its end, so this cannot fail.
    let _ = input.parse_comma_separated(|one| {
        let query = query(one);
        while one.next().is_ok() {}
        match query {
            Some(query) if query.is_empty() => always = true,
            Some(query) if queries.len() < QUERY_LIMIT && !queries.contains(&query) => {
                queries.push(query);
            }
            _ => {}
        }
        Ok::<_, Failure<'_>>(())
    });
    if always {
        return Some(Condition::Screen);
    }
    (!queries.is_empty()).then(|| Condition::Queries(queries.join(",")))
}

/// One query; empty where it holds on every screen.
fn query(input: &mut Parser<'_, '_>) -> Option<String> {
    let mut features: Vec<String> = Vec::new();
    let mut words = 0_u8;
    let mut joined = true;
    while let Ok(token) = input.next() {
        match token.clone() {
            Css::Ident(word) if word.eq_ignore_ascii_case("and") && !joined => joined = true,
            Css::Ident(word) if word.eq_ignore_ascii_case("only") && words == 0 => words = 1,
            Css::Ident(word)
                if words < 2
                    && features.is_empty()
                    && ["screen", "all"]
                        .iter()
                        .any(|known| word.eq_ignore_ascii_case(known)) =>
            {
                words = 2;
                joined = false;
            }
            Css::ParenthesisBlock if joined && words != 1 && features.len() < FEATURE_LIMIT => {
                let feature = input.parse_nested_block(|inner| {
                    feature(inner).ok_or_else(|| inner.new_custom_error::<_, ()>(()))
                });
                features.push(feature.ok()?);
                (words, joined) = (2, false);
            }
            _ => return None,
        }
    }
    (!joined || words == 0).then(|| features.join(" and "))
}

/// `max-width:600px`, or `width <= 600px`, which is the same.
fn feature(input: &mut Parser<'_, '_>) -> Option<String> {
    let name = input.expect_ident().ok()?.to_ascii_lowercase();
    let side = match name.as_str() {
        "min-width" | "min-device-width" | "max-width" | "max-device-width" => {
            input.expect_colon().ok()?;
            name.get(..3)?.to_owned()
        }
        "width" | "device-width" => {
            let side = match input.next().ok()? {
                Css::Delim('<') => "max",
                Css::Delim('>') => "min",
                _ => return None,
            };
            input.expect_delim('=').ok()?;
            side.to_owned()
        }
        _ => return None,
    };
    let length = match input.next().ok()? {
        Css::Dimension { value, unit, .. } => {
            let unit = unit.to_ascii_lowercase();
            let known = matches!(unit.as_str(), "px" | "em" | "rem" | "pt");
            let fits = known && value.is_finite() && (0.0..=WIDEST).contains(value);
            fits.then(|| format!("{value}{unit}"))?
        }
        Css::Number { value: 0.0, .. } => "0".to_owned(),
        _ => return None,
    };
    input.expect_exhausted().ok()?;
    Some(format!("({side}-width:{length})"))
}

/// Where an element stands, as far as its text was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Anywhere,
    /// A link.
    Link,
    /// An image in a link.
    LinkImage,
    /// Something else in a link: it stays as it is.
    InLink,
}

/// Whether a declaration is about layout, and may depend on the window.
pub(super) fn may_depend(declaration: &Declaration, spot: Spot) -> bool {
    let Declaration {
        property, value, ..
    } = declaration;
    let (property, value) = (property.as_str(), value.as_str());
    let first = property.split('-').next().unwrap_or_default();
    match spot {
        Spot::InLink => return false,
        Spot::Link if property == "font-size" || value == "none" && property == "display" => {
            return false;
        }
        Spot::LinkImage if property == "display" => return false,
        _ => {}
    }
    match property {
        "font-size" => is_legible(value),
        "display" | "float" | "clear" | "width" | "height" | "min-width" | "min-height"
        | "max-width" | "max-height" | "text-align" | "vertical-align" | "line-height"
        | "overflow" | "overflow-x" | "overflow-y" | "box-sizing" | "table-layout"
        | "white-space" | "word-break" | "overflow-wrap" | "word-wrap" => true,
        _ => matches!(first, "margin" | "padding"),
    }
}

/// Whether text of this size can be read, wherever it stands.
fn is_legible(size: &str) -> bool {
    let Some(at) = size.find(|c: char| c.is_ascii_alphabetic() || c == '%') else {
        return false;
    };
    let (number, unit) = size.split_at(at);
    let Ok(number) = number.parse::<f32>() else {
        // A word; the smallest of them is legible.
        return at == 0 && !size.contains('(');
    };
    match unit {
        "px" => number >= 8.0,
        "pt" => number >= 6.0,
        "em" | "rem" => number >= 0.6,
        "%" => number >= 60.0,
        _ => false,
    }
}

/// Declarations that apply together: of one strength, of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Set {
    /// Those that the mail has as important stand over those that it has not.
    pub important: bool,
    /// The place of the rule in the cascade.
    pub rule: usize,
    /// Which of the rule's declarations.
    pub members: Vec<usize>,
}

/// The sets that elements got.
#[derive(Debug, Default)]
pub(super) struct Sets {
    names: HashMap<Set, usize>,
}

impl Sets {
    /// The class of a set; `None` where there are too many.
    pub(super) fn class(&mut self, set: Set) -> Option<String> {
        let next = self.names.len();
        if next >= SET_LIMIT && !self.names.contains_key(&set) {
            return None;
        }
        let number = *self.names.entry(set).or_insert(next);
        Some(format!("m{number}"))
    }

    /// The sheet: for each set, in the order of the cascade, what `declared` gives of it, the condition and the
    /// declarations. They have to stand over the style attributes, so all are important in it.
    pub(super) fn sheet<'a>(
        &self,
        declared: impl Fn(&Set) -> Option<(&'a str, Vec<&'a Declaration>)>,
    ) -> String {
        let mut sets: Vec<(&Set, &usize)> = self.names.iter().collect();
        sets.sort_unstable();
        let mut out = String::new();
        for (set, number) in sets {
            let Some((queries, declarations)) = declared(set) else {
                continue;
            };
            let before = out.len();
            // Writing to a String cannot fail.
            let _ = write!(out, "@media {queries}{{.m{number}{{");
            for Declaration {
                property, value, ..
            } in declarations
            {
                let _ = write!(out, "{property}:{value}!important;");
            }
            out.push_str("}}\n");
            if out.len() > SHEET_LIMIT {
                out.truncate(before);
                break;
            }
        }
        // Nothing in it can end the element that it stands in; if it could, it would not stand.
        if out.replace("@media", "").contains(['<', '\\', '@']) {
            return String::new();
        }
        out
    }
}

/// Whether a class attribute holds names that [`Sets`] gives and nothing else.
pub(super) fn are_classes(value: &str) -> bool {
    let mut count = 0_usize;
    value.split(' ').all(|name| {
        count = count.saturating_add(1);
        count <= ELEMENT_LIMIT
            && name.len() <= 5
            && name.strip_prefix('m').is_some_and(|number| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            })
    })
}

#[cfg(test)]
mod tests;
