//! The style sheets in a mail, written into the style attributes of the elements they are about:
//! `<style>` itself does not stay, since its selectors could reach what is not the mail's. Read are
//! selectors of elements, classes and ids, below each other; what else there is (states, siblings)
//! does not apply. What depends on the width of the window becomes a sheet of our own ([`media`]).
//! What a hostile sheet may cost is bounded: past the bound the rest of the mail goes without.

mod rules;

use super::allow::Net;
use super::media::{self, Condition, Set, Sets, Spot};
use crate::mail::css::{self, Declaration, Known};
use crate::mail::markup::{Attribute, Token, tokens};
use crate::mail::{css::Images, entity};
use cssparser::{Parser, ParserInput, StyleSheetParser};
use rules::{Block, Compound, Reader, Selector};
use std::collections::HashMap;
use std::rc::Rc;

/// Octets of style sheets that are read, and selectors that are kept.
const INPUT_LIMIT: usize = 512 << 10;
const SELECTOR_LIMIT: usize = 4000;
/// Parts of one selector.
const PART_LIMIT: usize = 16;
/// Comparisons of a selector's part with an element, in one mail: of its name and id, and of each of
/// its classes with each of the element's. A declaration counts as some.
const WORK_LIMIT: usize = 2_000_000;
const DECLARATION_WORK: usize = 8;
/// Declarations that an element gets.
const DECLARATION_LIMIT: usize = 60;
/// Octets of styles that are written into one mail beyond four times its own.
const OUTPUT_ROOM: usize = 256 << 10;
/// Classes of an element that are looked at.
const CLASS_LIMIT: usize = 32;
/// Longest class or id, in octets, that anything is known by: what a comparison costs is bounded.
const NAME_LIMIT: usize = 100;

/// What selectors ask of an element.
#[derive(Clone, Debug, Default)]
pub(super) struct Subject {
    name: String,
    id: String,
    classes: Vec<String>,
}

impl Subject {
    pub(super) fn new(name: &str, attributes: &[Attribute<'_>]) -> Self {
        let value = |name: &str| {
            attributes
                .iter()
                .find(|a| a.name == name)
                .map(|a| entity::decode(a.value))
                .unwrap_or_default()
        };
        Self {
            name: name.to_owned(),
            id: Some(value("id").trim())
                .filter(|id| id.len() <= NAME_LIMIT)
                .unwrap_or_default()
                .to_owned(),
            classes: value("class")
                .split_ascii_whitespace()
                .filter(|class| class.len() <= NAME_LIMIT)
                .take(CLASS_LIMIT)
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// A selector with the declarations of its rule.
#[derive(Debug)]
struct Rule {
    subject: Compound,
    /// Outwards; `true` where it must be the parent.
    above: Vec<(bool, Compound)>,
    /// By which rules are ordered (Selectors 4, section 17): ids, classes, elements.
    weight: (usize, usize, usize),
    block: Rc<Vec<Declaration>>,
    /// The queries that it depends on.
    media: Option<Rc<str>>,
}

/// What the sheets say of an element.
#[derive(Debug, Default)]
pub(super) struct Styled {
    /// Its style attribute, where they say anything about it.
    pub style: Option<String>,
    /// Its class attribute, for what depends on the window.
    pub class: Option<String>,
}

/// The style sheets of a mail.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// In the order of the cascade, the strongest last.
    rules: Vec<Rule>,
    /// Rules by an id, a class or an element that their subject must have, and those of which none
    /// of them is asked.
    ids: HashMap<String, Vec<usize>>,
    classes: HashMap<String, Vec<usize>>,
    names: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
    /// Style attributes that were read.
    known: Known<Rc<Vec<Declaration>>>,
    /// What depends on the window.
    sets: Sets,
    work: usize,
    room: usize,
}

impl Sheet {
    /// Reads the `<style>` elements of a mail.
    pub(super) fn read(html: &str, net: Net) -> Self {
        let mut sheet = Self {
            work: WORK_LIMIT,
            room: html.len().saturating_mul(4).saturating_add(OUTPUT_ROOM),
            ..Self::default()
        };
        let mut room = INPUT_LIMIT;
        let named = |(at, _): &(usize, &str)| {
            let name = html.get(*at..).and_then(|rest| rest.get(..6));
            name.is_some_and(|name| name.eq_ignore_ascii_case("<style"))
        };
        // Most mails have them all at their beginning, and behind the last one there is nothing to read.
        let Some((last, _)) = html.match_indices('<').rfind(named) else {
            return sheet;
        };
        let mut applies = None;
        let mut images = move |url: &str| net.image(url);
        let mut tokens = tokens(html);
        loop {
            let begins = html.len().saturating_sub(tokens.left());
            // The content of the last one comes after its tag.
            let Some(token) = tokens
                .next()
                .filter(|_| begins <= last || applies.is_some())
            else {
                break;
            };
            match token {
                Token::Start { name, attributes } if name == "style" => {
                    let media = attributes.iter().find(|a| a.name == "media");
                    let media = media.map(|media| entity::decode(media.value));
                    let media = media.as_deref().unwrap_or_default();
                    applies = media::condition(&mut Parser::new(&mut ParserInput::new(media)));
                }
                Token::Raw { name, content } if name == "style" => {
                    let Some(condition) = applies.take() else {
                        continue;
                    };
                    let Some(left) = room.checked_sub(content.len()) else {
                        continue;
                    };
                    room = left;
                    sheet.add(content, condition, &mut images);
                }
                _ => {}
            }
        }
        // The sort keeps the order of what weighs the same.
        sheet.rules.sort_by_key(|rule| rule.weight);
        for (at, rule) in sheet.rules.iter().enumerate() {
            let subject = &rule.subject;
            let rules = match (&subject.id, subject.classes.first(), &subject.name) {
                (Some(id), ..) => sheet.ids.entry(id.clone()).or_default(),
                (_, Some(class), _) => sheet.classes.entry(class.clone()).or_default(),
                (_, _, Some(name)) => sheet.names.entry(name.clone()).or_default(),
                _ => &mut sheet.others,
            };
            rules.push(at);
        }
        sheet
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn add(&mut self, css: &str, condition: Condition, images: &mut Images<'_>) {
        let mut input = ParserInput::new(css);
        let mut parser = Parser::new(&mut input);
        let mut reader = Reader {
            images,
            media: match condition {
                Condition::Screen => None,
                Condition::Queries(queries) => Some(queries.into()),
            },
            within: false,
        };
        let rules = StyleSheetParser::new(&mut parser, &mut reader).flatten();
        for Block {
            selectors,
            declarations,
            media,
        } in rules.flatten()
        {
            if declarations.is_empty() {
                continue;
            }
            let block = Rc::new(declarations);
            for Selector {
                subject,
                above,
                weight,
            } in selectors
            {
                if self.rules.len() >= SELECTOR_LIMIT {
                    return;
                }
                self.rules.push(Rule {
                    subject,
                    above,
                    weight,
                    block: block.clone(),
                    media: media.clone(),
                });
            }
        }
    }

    /// What the sheets say of an element. `above` are the elements around it, the nearest first;
    /// `own` is its style attribute. `None` where there is nothing to be said, or no room for it.
    pub(super) fn style<'a>(
        &mut self,
        subject: &Subject,
        above: impl Iterator<Item = &'a Subject> + Clone,
        own: &str,
        net: Net,
        spot: Spot,
    ) -> Option<Styled> {
        let mut found: Vec<usize> = Vec::new();
        let id = self.ids.get(&subject.id);
        let name = self.names.get(&subject.name);
        let classes = subject.classes.iter();
        let classes = classes.filter_map(|class| self.classes.get(class));
        for rules in [id, name, Some(&self.others)]
            .into_iter()
            .flatten()
            .chain(classes)
        {
            for at in rules {
                let rule = self.rules.get(*at)?;
                self.work = self.work.checked_sub(rule.subject.cost(subject))?;
                if rule.subject.fits(subject)
                    && fits_above(&rule.above, above.clone(), &mut self.work)?
                {
                    let cost = rule.block.len().saturating_mul(DECLARATION_WORK);
                    self.work = self.work.checked_sub(cost)?;
                    found.push(*at);
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        found.sort_unstable();
        found.dedup();
        let own = self
            .known
            .of(own, || Rc::new(css::parse(own, &mut |url| net.image(url))));
        let class = self.class(&found, &own, spot);
        let always = |at: &&usize| {
            self.rules
                .get(**at)
                .is_some_and(|rule| rule.media.is_none())
        };
        let mut sheets = found
            .iter()
            .filter(always)
            .filter_map(|at| self.rules.get(*at))
            .flat_map(|rule| rule.block.iter())
            .peekable();
        if sheets.peek().is_none() {
            return class.map(|class| Styled {
                class: Some(class),
                style: None,
            });
        }
        let (strong, weak): (Vec<_>, Vec<_>) = sheets.partition(|d| d.important);
        let (own_strong, own_weak): (Vec<_>, Vec<_>) = own.iter().partition(|d| d.important);
        // What comes last wins (CSS Cascade 4, section 6): own over sheets, important over all.
        let all: Vec<&Declaration> = [weak, own_weak, strong, own_strong].concat();
        let mut kept: Vec<&Declaration> = Vec::new();
        for declaration in all.into_iter().rev() {
            // Of one property the last; a shorthand and its parts stay in their order.
            if kept.len() >= DECLARATION_LIMIT {
                break;
            }
            if kept
                .iter()
                .all(|known| known.property != declaration.property)
            {
                kept.push(declaration);
            }
        }
        let kept: Vec<Declaration> = kept.into_iter().rev().cloned().collect();
        let style = css::write(&kept);
        self.room = self.room.checked_sub(style.len())?;
        Some(Styled {
            style: Some(style),
            class,
        })
    }

    /// The class of an element for those of the rules that depend on the window, without what its own
    /// style or a stronger rule says anyway.
    fn class(&mut self, found: &[usize], own: &[Declaration], spot: Spot) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        for at in found {
            let Some(rule) = self.rules.get(*at).filter(|rule| rule.media.is_some()) else {
                continue;
            };
            // Each of its declarations is held against all rules that were found.
            let cost = found.len().saturating_mul(rule.block.len());
            self.work = self.work.checked_sub(cost)?;
            for important in [false, true] {
                let beaten = |declaration: &Declaration| {
                    let by = |other: &Declaration| {
                        (other.important || !important) && concern_the_same(other, declaration)
                    };
                    own.iter().any(by)
                        || found
                            .iter()
                            .filter_map(|other| Some((other, self.rules.get(*other)?)))
                            .filter(|(_, rule)| rule.media.is_none())
                            .any(|(other, rule)| {
                                rule.block
                                    .iter()
                                    .any(|d| (other > at || d.important && !important) && by(d))
                            })
                };
                let members: Vec<usize> = rule
                    .block
                    .iter()
                    .enumerate()
                    .filter(|(_, d)| {
                        d.important == important && media::may_depend(d, spot) && !beaten(d)
                    })
                    .map(|(member, _)| member)
                    .collect();
                if members.is_empty() || names.len() >= media::ELEMENT_LIMIT {
                    continue;
                }
                let set = Set {
                    important,
                    rule: *at,
                    members,
                };
                names.extend(self.sets.class(set));
            }
        }
        let class = names.join(" ");
        self.room = self.room.checked_sub(class.len())?;
        (!class.is_empty()).then_some(class)
    }

    /// The sheet for what depends on the window; its classes are those that [`Sheet::style`] gave.
    pub(super) fn media(&self) -> String {
        self.sets.sheet(|set| {
            let rule = self.rules.get(set.rule)?;
            let declarations = set.members.iter().filter_map(|at| rule.block.get(*at));
            Some((rule.media.as_deref()?, declarations.collect()))
        })
    }
}

/// Whether two declarations are about one property, or about one and a part of it.
fn concern_the_same(one: &Declaration, other: &Declaration) -> bool {
    let part = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    part(&one.property, &other.property) || part(&other.property, &one.property)
}

/// Whether the elements around are those that a selector wants, as far as a walk outwards without
/// a way back tells: the nearest that fits is taken.
fn fits_above<'a>(
    wanted: &[(bool, Compound)],
    mut above: impl Iterator<Item = &'a Subject>,
    work: &mut usize,
) -> Option<bool> {
    'wanted: for (parent, compound) in wanted {
        for element in above.by_ref() {
            *work = work.checked_sub(compound.cost(element))?;
            if compound.fits(element) {
                continue 'wanted;
            }
            if *parent {
                return Some(false);
            }
        }
        return Some(false);
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::{CLASS_LIMIT, NAME_LIMIT, Sheet, Spot, Subject, WORK_LIMIT};
    use crate::mail::busy::Busy;
    use crate::mail::html::allow::Net;
    use crate::mail::html::sanitise;
    use crate::mail::markup::Attribute;
    use std::time::Duration;

    fn of(html: &str) -> String {
        sanitise(html, &|_| None).html
    }

    #[test]
    fn rules_reach_their_elements() {
        for (css, html, result) in [
            ("p{color:red}", "<p>a</p>", "<p style=\"color: red\">a</p>"),
            (
                ".x{color:red}",
                "<p class='y x'>a</p><p class=X>b</p>",
                "<p style=\"color: red\">a</p><p>b</p>",
            ),
            (
                "#x{color:red}",
                "<p id=x>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            (
                "P.x,b{color:red}",
                "<p class=x><b>a</b></p>",
                "<p style=\"color: red\"><b style=\"color: red\">a</b></p>",
            ),
            (
                "div b{color:red}",
                "<div><p><b>a</b></p></div><b>c</b>",
                "<div><p><b style=\"color: red\">a</b></p></div><b>c</b>",
            ),
            (
                "div>b{color:red}",
                "<div><b>a</b><i><b>c</b></i></div>",
                "<div><b style=\"color: red\">a</b><i><b>c</b></i></div>",
            ),
            (
                "html body .x b{color:red}",
                "<p class=x><b>a</b></p>",
                "<p><b style=\"color: red\">a</b></p>",
            ),
            ("*{color:red}", "<b>a</b>", "<b style=\"color: red\">a</b>"),
            // By weight, not by place; own styles over all of them; what is important over those.
            (
                "p.x{color:red}p{color:blue}",
                "<p class=x>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            (
                "p{color:red}p{color:blue}",
                "<p>a</p>",
                "<p style=\"color: blue\">a</p>",
            ),
            (
                "p{color:red;margin:0}",
                "<p style='color:blue'>a</p>",
                "<p style=\"margin: 0; color: blue\">a</p>",
            ),
            (
                "p{color:red!important}",
                "<p style='color:blue'>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            // A sheet that hides from old browsers, rules that are not understood.
            (
                "<!-- p{color:red} -->",
                "<p>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            (
                "p:hover,a[x],b~i,p + p{color:red}p{}",
                "<p>a</p>",
                "<p>a</p>",
            ),
            (
                "b::before,p{color:red}",
                "<p>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            (
                "@media (max-width:600px){p{color:red}}b{color:red}",
                "<p><b>a</b></p>",
                "<p><b style=\"color: red\">a</b></p>",
            ),
            (
                "@import 'x';p{position:fixed;color:red}",
                "<p>a</p>",
                "<p style=\"color: red\">a</p>",
            ),
            ("p{background:url(http://x/y)}", "<p>a</p>", "<p>a</p>"),
        ] {
            assert_eq!(of(&format!("<style>{css}</style>{html}")), result, "{css}");
        }
        assert_eq!(
            of("<style media=print>p{color:red}</style><p>a</p>"),
            "<p>a</p>"
        );
        assert_eq!(
            of("<html><head><style>body{color:red}</style></head><body><p>a</p></body></html>"),
            "<div style=\"color: red\"><p>a</p></div>"
        );
    }

    #[test]
    fn long_names_are_nobodys() {
        for (length, style) in [(NAME_LIMIT, " style=\"color: red\""), (NAME_LIMIT + 1, "")] {
            let name = "a".repeat(length);
            for (css, html) in [
                (
                    format!(".{name}{{color:red}}"),
                    format!("<p class='{name}'>a</p>"),
                ),
                (
                    format!("#{name}{{color:red}}"),
                    format!("<p id='{name}'>a</p>"),
                ),
            ] {
                let result = of(&format!("<style>{css}</style>{html}"));
                assert_eq!(result, format!("<p{style}>a</p>"), "{length}");
            }
        }
    }

    #[test]
    fn every_comparison_of_classes_is_work() {
        let classes = |first: char| {
            let names = (0..CLASS_LIMIT).map(|n| format!("{first}{n}"));
            names.collect::<Vec<_>>()
        };
        let css = format!("<style>.{} br{{color:red}}</style>", classes('a').join("."));
        let mut sheet = Sheet::read(&css, Net::Closed);
        let class = classes('b').join(" ");
        let attributes = [Attribute {
            name: "class".into(),
            value: &class,
        }];
        let around = Subject::new("div", &attributes);
        let inner = Subject::new("br", &[]);
        let above = [&around].into_iter();
        let styled = sheet.style(&inner, above, "", Net::Closed, Spot::Anywhere);
        assert!(styled.is_none());
        assert!(sheet.work + CLASS_LIMIT * CLASS_LIMIT < WORK_LIMIT);
    }

    #[test]
    fn many_rules_for_many_elements_take_no_time() {
        let (rules, elements) = if cfg!(debug_assertions) {
            (200, 500)
        } else {
            (4000, 50_000)
        };
        let deep: String = "<div class=a>".repeat(200);
        for (rule, element) in [
            (
                ".a .b .c{color:red}".to_owned(),
                "<b class=c>x</b>".to_owned(),
            ),
            (
                "*{color:red;margin:0;padding:1px}".to_owned(),
                "<b>x</b>".to_owned(),
            ),
            (
                format!("{}b{{color:red}}", "div ".repeat(15)),
                "<b>x</b>".to_owned(),
            ),
            (
                format!("p{{{}}}", "color:red;".repeat(90)),
                "<p>x</p>".to_owned(),
            ),
            (
                ".a{color:red}".to_owned(),
                format!("<b class='{}'>x</b>", "a ".repeat(100)),
            ),
            (
                "*{width:1px!important}@media (max-width:9px){*{width:2px}}".to_owned(),
                "<b>x</b>".to_owned(),
            ),
            (
                format!("{}.b br{{color:red}}", ".a".repeat(31)),
                format!("<p class='{}'><br></p>", "c ".repeat(32)),
            ),
        ] {
            let html = format!(
                "<style>{}</style>{deep}{}",
                rule.repeat(rules),
                element.repeat(elements)
            );
            let start = Busy::new();
            let out = of(&html);
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{rule}: {:?}",
                start.elapsed()
            );
            assert!(
                out.len() < html.len() * 12 + (2 << 20),
                "{rule}: {}",
                out.len()
            );
        }
        for sheet in [
            "{", "}", "a{", "a,", "(", "@media{", "a>", "/*", "#", ".", "'",
        ] {
            of(&format!("<style>{}</style><a>x", sheet.repeat(100_000)));
        }
    }
}
