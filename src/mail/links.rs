//! The links of a body that is about to be shown: each says where it leads, and beside those that are
//! not what they seem stands a mark. It is the very last step, after which nothing is judged any
//! more: what comes in is what the sanitiser or `mail::plain` wrote, and what is put in is ours.
//!
//! A mail has no say in it. It has no classes but for those of `html::media`, so the style sheet of the
//! document reaches the marks and the mail does not; titles of its own on a link or in one, which would lie about the target,
//! go. A mail can still put a link that is seen into something that is not, so all that was found is
//! also given as a list, to be shown outside of its reach.

use super::deception::{Detour, LinkDeceit, deceiving_link, leads_to, names_its_target};
use super::markup::{Attribute, Token, tokens};
use super::{entity, plain};

/// Marks of one body. Links that deceive beyond that lead nowhere.
const MARK_LIMIT: usize = 1000;
/// Octets of a link's text that are read. A place that is named after a page of text misleads
/// nobody.
const TEXT_LIMIT: usize = 2000;

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
    /// Of each link, in their order.
    fates: Vec<Fate>,
    deceits: Vec<LinkDeceit>,
    marks: usize,
}

impl Judged<'_> {
    fn close(&mut self, link: &mut Option<Link>) {
        if let Some(link) = link.take() {
            let fate = self.fate(&link);
            self.fates.push(fate);
        }
    }

    fn fate(&mut self, link: &Link) -> Fate {
        let judge = |said: &str| {
            deceiving_link(&link.target, said, self.sender)
                .filter(|deceit| deceit.detour != Detour::Redirector)
        };
        // What is hidden in the text must not stand in for what is seen, nor the other way round.
        let deceit = judge(&link.seen).or_else(|| judge(&link.all));
        let Some(deceit) = deceit else {
            let title =
                leads_to(&link.target).filter(|_| !names_its_target(&link.target, &link.seen));
            return Fate::Plain(title);
        };
        self.marks = self.marks.saturating_add(1);
        if self.marks > MARK_LIMIT {
            return Fate::Dead;
        }
        let known = self.deceits.iter().position(|known| *known == deceit);
        Fate::Deceives(known.unwrap_or_else(|| {
            self.deceits.push(deceit);
            self.deceits.len().saturating_sub(1)
        }))
    }
}

fn judge<'a>(html: &str, sender: Option<&'a str>) -> Judged<'a> {
    let mut judged = Judged {
        sender,
        fates: Vec::new(),
        deceits: Vec::new(),
        marks: 0,
    };
    let mut open: Option<Link> = None;
    for token in tokens(html) {
        match token {
            Token::Start { name, attributes } if name == "a" => {
                judged.close(&mut open);
                open = find(&attributes, "href").map(|target| Link::new(target, &attributes));
            }
            Token::End(name) if name == "a" => judged.close(&mut open),
            token => {
                if let Some(link) = &mut open {
                    link.read(&token);
                }
            }
        }
    }
    judged.close(&mut open);
    judged
}

/// A link that is open.
struct Link {
    target: String,
    /// All of its text, and what of it is seen.
    all: String,
    seen: String,
    /// How the elements in it that are open look, the link itself first.
    looks: Vec<Option<Look>>,
}

impl Link {
    fn new(target: &str, attributes: &[Attribute<'_>]) -> Self {
        Self {
            target: entity::decode(target).into_owned(),
            all: String::new(),
            seen: String::new(),
            looks: vec![Look::default().of(attributes)],
        }
    }

    fn read(&mut self, token: &Token<'_>) {
        match token {
            Token::Text(text) => self.text(&entity::decode(text)),
            Token::Start { name, attributes } => {
                // What stands on its own line parts words; what runs in the text does not.
                if !runs_in_text(name) {
                    self.text(" ");
                }
                let look = self.look().and_then(|look| look.of(attributes));
                if name == "img" {
                    self.looks.push(look);
                    let alternative = find(attributes, "alt").unwrap_or_default();
                    self.text(&entity::decode(alternative));
                    self.looks.pop();
                } else if !matches!(name.as_str(), "br" | "hr" | "wbr" | "col") {
                    self.looks.push(look);
                }
            }
            Token::End(name) => {
                if !runs_in_text(name) {
                    self.text(" ");
                }
                if self.looks.len() > 1 {
                    self.looks.pop();
                }
            }
            Token::Raw { .. } => {}
        }
    }

    fn look(&self) -> Option<Look> {
        self.looks.last().copied().flatten()
    }

    fn text(&mut self, text: &str) {
        add(&mut self.all, text);
        if self.look().is_some_and(Look::is_seen) {
            add(&mut self.seen, text);
        }
    }
}

/// Adds text, blanks only where they part words, as far as there is room.
fn add(to: &mut String, text: &str) {
    for c in text.chars() {
        if to.len() >= TEXT_LIMIT {
            return;
        }
        if !c.is_whitespace() {
            to.push(c);
        } else if !to.ends_with(' ') {
            to.push(' ');
        }
    }
}

fn runs_in_text(name: &str) -> bool {
    matches!(
        name,
        "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// How text is there and not seen; each is inherited, and can be taken back.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    hidden: bool,
    tiny: bool,
    clear: bool,
}

impl Look {
    /// How an element with these attributes looks within one of this look; `None` where it is gone
    /// with all that is in it. The style is as `mail::css` writes it.
    fn of(self, attributes: &[Attribute<'_>]) -> Option<Self> {
        let mut look = self;
        let style = entity::decode(find(attributes, "style").unwrap_or_default());
        for declaration in style.split("; ") {
            match declaration.split_once(": ") {
                Some(("display", "none")) => return None,
                Some(("opacity", value)) if value.parse::<f32>().is_ok_and(|n| n < 0.1) => {
                    return None;
                }
                Some(("visibility", value)) => look.hidden = value != "visible",
                Some(("color", value)) => look.clear = value == "transparent",
                Some(("font-size", value)) => look.tiny = is_tiny(value).unwrap_or(look.tiny),
                _ => {}
            }
        }
        Some(look)
    }

    fn is_seen(self) -> bool {
        !(self.hidden || self.tiny || self.clear)
    }
}

/// Whether letters of this size cannot be read; `None` where that depends on the text around.
fn is_tiny(size: &str) -> Option<bool> {
    let unit = size.find(|c: char| c.is_ascii_alphabetic() || c == '%');
    let (number, unit) = match unit {
        Some(at) => size.split_at_checked(at)?,
        None => (size, ""),
    };
    let number: f32 = number.parse().ok()?;
    match unit {
        _ if number <= 0.0 => Some(true),
        "px" | "pt" => Some(number < 4.0),
        _ => None,
    }
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
                            out.push('"');
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
    for (at, piece) in attribute.value.split('"').enumerate() {
        if at > 0 {
            out.push_str("&quot;");
        }
        out.push_str(piece);
    }
    out.push('"');
}

fn find<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    attributes.iter().find(|a| a.name == name).map(|a| a.value)
}

#[cfg(test)]
mod tests;
