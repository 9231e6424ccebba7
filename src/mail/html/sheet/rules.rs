//! The rules of a style sheet, read: selectors of elements, classes and ids with their declarations,
//! and of the at-rules those about media.

use super::super::media::{self, Condition};
use super::{CLASS_LIMIT, NAME_LIMIT, PART_LIMIT, Subject};
use crate::mail::css::{self, Declaration, Images};
use cssparser::{
    AtRuleParser, CowRcStr, ParseError, Parser, ParserState, QualifiedRuleParser, StyleSheetParser,
    Token as Css,
};
use std::rc::Rc;

/// `td.a.b#c`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compound {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
}

impl Compound {
    /// What [`fits`](Self::fits) costs at most, in comparisons.
    pub(super) fn cost(&self, subject: &Subject) -> usize {
        let classes = self.classes.len().saturating_mul(subject.classes.len());
        classes.saturating_add(1)
    }

    pub(super) fn fits(&self, subject: &Subject) -> bool {
        self.name.as_ref().is_none_or(|name| *name == subject.name)
            && self.id.as_ref().is_none_or(|id| *id == subject.id)
            && self
                .classes
                .iter()
                .all(|class| subject.classes.contains(class))
    }
}

/// A selector, read.
pub(super) struct Selector {
    pub(super) subject: Compound,
    pub(super) above: Vec<(bool, Compound)>,
    pub(super) weight: (usize, usize, usize),
}

/// A rule, read.
pub(super) struct Block {
    pub(super) selectors: Vec<Selector>,
    pub(super) declarations: Vec<Declaration>,
    pub(super) media: Option<Rc<str>>,
}

/// Reads the rules of a sheet, and of the at-rules those about media.
pub(super) struct Reader<'r, 'f> {
    pub(super) images: &'r mut Images<'f>,
    /// The queries that what is read depends on.
    pub(super) media: Option<Rc<str>>,
    /// Whether it is in an at-rule.
    pub(super) within: bool,
}

type Failure<'i> = ParseError<'i, ()>;

impl<'i> QualifiedRuleParser<'i> for Reader<'_, '_> {
    type Prelude = Vec<Selector>;
    type QualifiedRule = Vec<Block>;
    type Error = ();

    fn parse_prelude<'t>(
        &mut self,
        input: &mut Parser<'i, 't>,
    ) -> Result<Vec<Selector>, Failure<'i>> {
        let mut selectors = Vec::new();
        // One that is not understood does not take the others with it.
        input.parse_comma_separated(|one| {
            selectors.extend(selector(one));
            while one.next_including_whitespace_and_comments().is_ok() {}
            Ok::<_, Failure<'i>>(())
        })?;
        Ok(selectors)
    }

    fn parse_block<'t>(
        &mut self,
        selectors: Vec<Selector>,
        _: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Result<Self::QualifiedRule, Failure<'i>> {
        let start = input.position();
        while input.next_including_whitespace_and_comments().is_ok() {}
        let mut none = |_: &str| None;
        let images: &mut Images<'_> = match self.media {
            None => self.images,
            // What is loaded does not depend on the window.
            Some(_) => &mut none,
        };
        Ok(vec![Block {
            selectors,
            declarations: css::parse(input.slice_from(start), images),
            media: self.media.clone(),
        }])
    }
}

impl<'i> AtRuleParser<'i> for Reader<'_, '_> {
    type Prelude = Condition;
    type AtRule = Vec<Block>;
    type Error = ();

    fn parse_prelude<'t>(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i, 't>,
    ) -> Result<Condition, Failure<'i>> {
        let known = name.eq_ignore_ascii_case("media") && !self.within;
        let condition = known.then(|| media::condition(input)).flatten();
        // One within another: where both depend on the window, which no mail needs, it does not apply.
        condition
            .filter(|condition| self.media.is_none() || *condition == Condition::Screen)
            .ok_or_else(|| input.new_custom_error(()))
    }

    fn parse_block<'t>(
        &mut self,
        condition: Condition,
        _: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Result<Vec<Block>, Failure<'i>> {
        let mut inner = Reader {
            images: &mut *self.images,
            media: match condition {
                Condition::Screen => self.media.clone(),
                Condition::Queries(queries) => Some(queries.into()),
            },
            within: true,
        };
        let rules = StyleSheetParser::new(input, &mut inner);
        Ok(rules.flatten().flatten().collect())
    }
}

/// One selector; `None` where it asks for more than elements, classes and ids, or for a name that is
/// too long to be known.
fn selector(input: &mut Parser<'_, '_>) -> Option<Selector> {
    // From the outside in, each with whether the next one must be its child.
    let mut parts: Vec<(Compound, bool)> = Vec::new();
    let mut current = Compound::default();
    let (mut any, mut child) = (false, false);
    input.skip_whitespace();
    while let Ok(token) = input.next_including_whitespace() {
        match token {
            Css::WhiteSpace(_) | Css::Delim('>') => {
                child = child || matches!(token, Css::Delim('>'));
                if any {
                    parts.push((std::mem::take(&mut current), false));
                    any = false;
                }
                continue;
            }
            _ => {}
        }
        if !any && child {
            parts.last_mut()?.1 = true;
        }
        (child, any) = (false, true);
        match token.clone() {
            Css::Ident(name) => current.name = Some(name.to_ascii_lowercase()),
            Css::IDHash(id) if id.len() <= NAME_LIMIT => current.id = Some(id.to_string()),
            Css::Delim('*') => {}
            Css::Delim('.') => match input.next_including_whitespace() {
                Ok(Css::Ident(class)) if class.len() <= NAME_LIMIT => {
                    current.classes.push(class.to_string());
                }
                _ => return None,
            },
            _ => return None,
        }
        if parts.len() > PART_LIMIT || current.classes.len() > CLASS_LIMIT {
            return None;
        }
    }
    if any {
        parts.push((current, false));
    }
    if child {
        return None;
    }
    let (subject, _) = parts.pop()?;
    let mut weight = (0, 0, 0_usize);
    for compound in parts.iter().map(|(part, _)| part).chain([&subject]) {
        weight.0 += usize::from(compound.id.is_some());
        weight.1 += compound.classes.len();
        weight.2 += usize::from(compound.name.is_some());
    }
    // These two are around everything, and not among the elements that are looked at.
    let everywhere = |part: &Compound| {
        matches!(part.name.as_deref(), Some("html" | "body"))
            && part.id.is_none()
            && part.classes.is_empty()
    };
    let outer = parts
        .iter()
        .take_while(|(part, _)| everywhere(part))
        .count();
    let above = parts
        .into_iter()
        .skip(outer)
        .rev()
        .map(|(part, child)| (child, part))
        .collect();
    Some(Selector {
        subject,
        above,
        weight,
    })
}
