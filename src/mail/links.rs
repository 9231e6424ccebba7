//! The links of a body that is about to be shown: each says where it leads, and beside those that are
//! not what they seem stands a mark. It is the very last step, after which nothing is judged any
//! more: what comes in is what the sanitiser or `mail::plain` wrote, and what is put in is ours.
//!
//! A mail has no say in it. It has no classes but for those of `html::media`, so the style sheet of the
//! document reaches the marks and the mail does not; titles of its own on a link or in one, which would lie about the target,
//! go. A mail can still put a link that is seen into something that is not, so all that was found is
//! also given as a list, to be shown outside of its reach.

use self::link::{LEFTWARD, Link, add};
use self::look::Looks;
use super::deception::{Destination, Detour, LinkDeceit};
use super::markup::{Attribute, Token, tokens};
use super::{entity, plain};

mod link;
mod look;

/// Marks of one body. Links that deceive beyond that lead nowhere.
const MARK_LIMIT: usize = 1000;

/// What is said about a link that deceives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// As text, for the link itself.
    pub title: String,
    /// As HTML of one line, to stand behind the link.
    pub html: String,
}

/// A body with its links marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    pub html: String,
    /// What was found, each once.
    pub deceits: Vec<LinkDeceit>,
}

/// Marks the links of `html`, which is a fragment that the sanitiser or `mail::plain` wrote. `sender`
/// is the domain of the mail's From where that is confirmed. In linear time.
pub fn mark(html: &str, sender: Option<&str>, words: &dyn Fn(&LinkDeceit) -> Mark) -> Marked {
    if !html.contains("<a ") {
        return Marked {
            html: html.to_owned(),
            deceits: Vec::new(),
        };
    }
    let Judged { fates, deceits, .. } = judge(html, sender);
    let marks: Vec<Mark> = deceits.iter().map(words).collect();
    Marked {
        html: write(html, fates, &marks),
        deceits,
    }
}

/// What becomes of a link.
enum Fate {
    /// It stays, and says where it leads, unless its text does.
    Plain(Option<String>),
    /// It gets the mark of this deceit.
    Deceives(usize),
    /// It leads nowhere any more.
    Dead,
}

struct Judged<'a> {
    sender: Option<&'a str>,
    /// Whether a character turns text somewhere, in a link or around it.
    turned: bool,
    /// Of each link, in their order.
    fates: Vec<Fate>,
    deceits: Vec<LinkDeceit>,
    marks: usize,
}

impl Judged<'_> {
    fn close(&mut self, link: &mut Option<Link>) {
        if let Some(link) = link.take() {
            let fate = self.fate(link);
            self.fates.push(fate);
        }
    }

    fn fate(&mut self, mut link: Link) -> Fate {
        let target = std::mem::take(&mut link.target);
        let Some(target) = Destination::of(&target) else {
            return Fate::Plain(None);
        };
        let (seen, readings) = link.readings(&target, self.turned);
        let deceit = readings.iter().find_map(|(said, words)| {
            target
                .belied_by(said, *words, self.sender)
                .filter(|deceit| deceit.detour != Detour::Redirector)
        });
        let Some(deceit) = deceit else {
            return Fate::Plain((!target.is_named_by(&seen)).then(|| target.in_words()));
        };
        self.marks = self.marks.saturating_add(1);
        if self.marks > MARK_LIMIT {
            return Fate::Dead;
        }
        let known = self
            .deceits
            .iter()
            .position(|known| known.reads_like(&deceit));
        Fate::Deceives(known.unwrap_or_else(|| {
            self.deceits.push(deceit);
            self.deceits.len().saturating_sub(1)
        }))
    }
}

fn judge<'a>(html: &str, sender: Option<&'a str>) -> Judged<'a> {
    let mut judged = Judged {
        sender,
        turned: html.contains(LEFTWARD),
        fates: Vec::new(),
        deceits: Vec::new(),
        marks: 0,
    };
    let mut open: Option<Link> = None;
    let mut looks = Looks::default();
    for token in tokens(html) {
        match token {
            Token::Start { name, attributes } => {
                if name == "a" {
                    judged.close(&mut open);
                    let target = find(&attributes, "href");
                    open = target.map(|target| Link::new(target, looks.with(&name, &attributes)));
                } else if let Some(link) = &mut open {
                    let look = looks.with(&name, &attributes);
                    link.start(&attributes, &name, look, looks.last());
                }
                if !matches!(&*name, "img" | "br" | "hr" | "wbr" | "col") {
                    looks.push(name, attributes);
                }
            }
            Token::End(name) if name == "a" => {
                looks.pop();
                judged.close(&mut open);
            }
            Token::End(_) => match &mut open {
                Some(link) => {
                    let look = looks.last();
                    looks.pop();
                    link.end(look, looks.last());
                }
                None => looks.pop(),
            },
            token => {
                if let Some(link) = &mut open {
                    link.read(&token, looks.last());
                }
            }
        }
    }
    judged.close(&mut open);
    judged
}

/// The fragment again, each link with what was decided about it.
fn write(html: &str, fates: Vec<Fate>, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(html.len().saturating_add(html.len() / 8));
    let mut fates = fates.into_iter();
    let mut inside = false;
    let mut mark: Option<&Mark> = None;
    for token in tokens(html) {
        match token {
            // No gap between what the link says and its mark.
            Token::Text(text) if mark.is_some() => {
                let mut line = String::new();
                add(&mut line, &entity::decode(text));
                plain::escape(&line, &mut out);
            }
            Token::Text(text) => out.push_str(text),
            Token::Start { name, attributes } if name == "a" => {
                let fate = find(&attributes, "href").and_then(|_| fates.next());
                inside = fate.is_some();
                mark = match fate {
                    Some(Fate::Deceives(at)) => marks.get(at),
                    _ => None,
                };
                out.push_str("<a");
                let dead = matches!(fate, Some(Fate::Dead));
                let kept = |a: &&Attribute<'_>| {
                    a.name != "title"
                        && (a.name != "href" || !dead)
                        && (a.name != "class" || mark.is_none())
                };
                for a in attributes.iter().filter(kept) {
                    match letter(a) {
                        Some(address) => {
                            out.push_str(" href=\"");
                            out.push_str(&address);
                            out.push_str("\" rel=\"noopener\"");
                        }
                        None => attribute(a, &mut out),
                    }
                }
                let title = match (&fate, mark) {
                    (_, Some(mark)) => Some(&mark.title),
                    (Some(Fate::Plain(title)), _) => title.as_ref(),
                    _ => None,
                };
                if let Some(title) = title {
                    out.push_str(" title=\"");
                    plain::escape(title, &mut out);
                    out.push('"');
                }
                if mark.is_some() {
                    out.push_str(" class=\"wary\"");
                }
                out.push('>');
            }
            Token::Start { name, attributes } => {
                out.push('<');
                out.push_str(&name);
                let kept = |a: &&Attribute<'_>| a.name != "title" || !inside;
                attributes
                    .iter()
                    .filter(kept)
                    .for_each(|a| attribute(a, &mut out));
                out.push('>');
            }
            Token::End(name) => {
                out.push_str("</");
                out.push_str(&name);
                out.push('>');
                if name == "a" {
                    inside = false;
                    if let Some(mark) = mark.take() {
                        out.push_str("<span class=\"posthorn-mark\">");
                        out.push_str(&mark.html);
                        out.push_str("</span>");
                    }
                }
            }
            // No element with raw content is allowed.
            Token::Raw { .. } => {}
        }
    }
    out
}

/// Where a link leads that is to write a mail: to our own composer, since hardly a browser is told
/// to open it for such links.
fn letter(link: &Attribute<'_>) -> Option<String> {
    let target = entity::decode(link.value);
    let scheme = target.trim_start().get(..7)?;
    (link.name == "href" && scheme.eq_ignore_ascii_case("mailto:")).then(|| {
        let target = percent_encoding::utf8_percent_encode(
            target.trim(),
            percent_encoding::NON_ALPHANUMERIC,
        );
        format!("/compose?to={target}")
    })
}

/// An attribute as it stood, in double quotes.
fn attribute(attribute: &Attribute<'_>, out: &mut String) {
    out.push(' ');
    out.push_str(&attribute.name);
    out.push_str("=\"");
    // There is none in it but where what came in is not what it should be.
    if attribute.value.contains('"') {
        out.push_str(&attribute.value.replace('"', "&quot;"));
    } else {
        out.push_str(attribute.value);
    }
    out.push('"');
}

fn find<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    attributes.iter().find(|a| a.name == name).map(|a| a.value)
}

#[cfg(test)]
mod tests;
