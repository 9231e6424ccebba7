//! Brings a mail's HTML into good order before the sanitiser's parser builds a tree of it: only
//! allowed elements and attributes, every element closed, none nested too deep, nothing that makes
//! a parser of the standard's kind work in quadratic time (formatting elements that are reopened
//! again and again, cells that are thrown out of tables). What is safe is decided afterwards, on
//! the tree; here it is only about order, and about what was left out that wanted to load.

use super::allow::{self, Net};
use super::escape;
use super::greater;
use super::media::{self, Spot};
use super::pipe;
use super::report::{Report, hides_all, is_pixel};
use super::sheet::{Sheet, Styled, Subject};
use crate::mail::markup::{Attribute, Token, tokens};
use crate::mail::{css, entity};
use std::borrow::Cow;

/// Deepest nesting; below, tags go and the text stays. Browsers stop at 512.
const DEPTH_LIMIT: usize = 256;
/// Elements that are kept; of what comes after them the tags go and the text stays. So many take a
/// parser a quarter of a second, and a browser longer; no newsletter has a tenth of them.
const ELEMENT_LIMIT: usize = 60_000;
/// Things inside a table but in no cell that are left for the parser to move out, which costs it a
/// search each.
const STRAY_LIMIT: usize = 200;
/// Elements between that are opened anew when a link inside a link ends the first.
const REOPEN_LIMIT: usize = 8;
/// Longest tag that is opened anew, in octets.
const REOPEN_LENGTH: usize = 1024;

/// HTML in good order, and what of it was left out.
pub(super) struct Ordered {
    pub html: String,
    /// The sheet for what depends on the width of the window.
    pub media: String,
    pub report: Report,
}

/// Brings `html` into order, its style sheets into its style attributes. In linear time.
pub(super) fn order(html: &str, net: Net) -> Ordered {
    order_into(html, net, None)
}

/// The same for somebody who reads it at the other end of a pipe meanwhile.
pub(super) fn order_into(html: &str, net: Net, mut pipe: Option<pipe::Writer<'_>>) -> Ordered {
    let mut writer = Writer {
        net,
        sheet: Sheet::read(html, net),
        out: String::with_capacity(html.len()),
        ..Writer::default()
    };
    for token in tokens(html) {
        match token {
            Token::Text(text) => writer.text(text),
            Token::Start { name, attributes } => {
                writer.styled(&name, attributes);
            }
            Token::End(name) => writer.end(&name),
            Token::Raw { name, content } => match &*name {
                "style" => writer.report.css(content),
                // What a browser would show as text.
                "textarea" | "xmp" | "plaintext" => writer.text(content),
                _ => {}
            },
        }
        if let Some(pipe) = &mut pipe {
            pipe.grown(&writer.out);
        }
    }
    writer.close_to(0);
    if let Some(pipe) = pipe {
        pipe.whole(&writer.out);
    }
    Ordered {
        media: writer.sheet.media(),
        html: writer.out,
        report: writer.report,
    }
}

/// An element that is open.
struct Open {
    name: String,
    /// The start tag as it was written, where it is short enough to write it again.
    tag: Option<String>,
    /// Its end tag came while blocks inside it were open; it ends with them.
    ended: bool,
    /// For the selectors of style sheets; empty where there are none.
    subject: Subject,
    /// Whether nothing in it can be seen.
    hides: bool,
}

#[derive(Default)]
struct Writer {
    out: String,
    open: Vec<Open>,
    net: Net,
    sheet: Sheet,
    /// The element that comes next, for when it is opened.
    subject: Subject,
    report: Report,
    strays: usize,
    /// Elements that were written.
    elements: usize,
    /// Signs `>` that have been written as references.
    greater: usize,
    /// Whether anything came that is to be seen.
    begun: bool,
    /// Of the text since the last tag: its length in octets as it will be written, and how many of
    /// its characters the serialiser stops at.
    run: usize,
    stops: usize,
    /// Whether a `<pre>` was just opened: its first line breaks vanish in every parser, one at a
    /// time.
    pre: bool,
}

/// Elements that stand on their own lines; all other allowed ones run in the text.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "ul"
    ) || is_heading(name)
        || is_table_part(name)
        || name == "table"
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "caption" | "col" | "colgroup" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr"
    )
}

/// Elements inside of which nothing outside is ended.
fn is_wall(name: &str) -> bool {
    matches!(name, "table" | "td" | "th" | "caption")
}

/// Elements in which only rows and cells belong.
fn is_grid(name: &str) -> bool {
    matches!(name, "table" | "tbody" | "tfoot" | "thead" | "tr")
}

impl Writer {
    fn top(&self) -> &str {
        self.open
            .last()
            .map(|open| open.name.as_str())
            .unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        // Written as the serialiser writes it, where that is sure; else the references stay for the
        // parser, but for one that means nothing in a text and is dear in great numbers; a tag that goes
        // may have parted the last one from what comes.
        let resolved = entity::resolved(text, false);
        let sure = resolved.is_some();
        let text = resolved.unwrap_or_else(|| {
            let text = entity::closed(text);
            if text.contains("&gt;") {
                Cow::Owned(text.replace("&gt;", ">"))
            } else {
                text
            }
        });
        let text = if self.pre {
            text.trim_start_matches('\n')
        } else {
            &*text
        };
        let blank = text.bytes().all(|b| b.is_ascii_whitespace());
        if !blank {
            self.content();
            self.begun = true;
        }
        if !text.is_empty() {
            self.pre = false;
        }
        // Runs of what is nothing special are copied whole.
        let special = |c: char| matches!(c, '<' | '>' | '&' | '\u{80}'..='\u{BF}');
        for piece in text.split_inclusive(special) {
            let last = piece.chars().next_back().filter(|c| special(*c));
            let plain = last.map_or(piece.len(), |c| piece.len().saturating_sub(c.len_utf8()));
            self.run = self.run.saturating_add(plain);
            self.out.push_str(piece.get(..plain).unwrap_or_default());
            let Some(c) = last else { continue };
            if c != '>' {
                self.stops = self.stops.saturating_add(1);
                if self.stops.saturating_mul(self.run) > allow::ESCAPE_LIMIT {
                    // A place where a line may break, and which parts the text into two pieces.
                    self.emit("<wbr>");
                }
            }
            let (written, length) = match c {
                '<' => ("&lt;", 4),
                '&' if sure => ("&amp;", 5),
                '>' if sure && self.greater < greater::LIMIT => {
                    self.greater = self.greater.saturating_add(1);
                    ("&gt;", 1)
                }
                '\u{A0}' => ("&nbsp;", 6),
                _ => (piece.get(plain..).unwrap_or_default(), c.len_utf8()),
            };
            self.run = self.run.saturating_add(length);
            self.out.push_str(written);
        }
    }

    /// Something comes that is no part of a table: in the bare grid of one it is a stray.
    fn content(&mut self) {
        if self.top() == "colgroup" {
            self.pop();
        }
        if is_grid(self.top()) {
            self.strays = self.strays.saturating_add(1);
            if self.strays > STRAY_LIMIT {
                self.cell("td", None);
            }
        }
    }

    /// A start tag, with what the style sheets say of it.
    fn styled(&mut self, name: &str, attributes: Vec<Attribute<'_>>) {
        let mut styled = None;
        self.subject = Subject::default();
        // What goes anyway, or is too much, is not worth the work.
        let kept = matches!(name, "body" | "image") || allow::is_element(name);
        if kept && self.elements < ELEMENT_LIMIT && !self.sheet.is_empty() {
            self.subject = Subject::new(name, &attributes);
            let own = attributes
                .iter()
                .find(|a| a.name == "style")
                .map(|a| entity::decode(a.value))
                .unwrap_or_default();
            let above = self.open.iter().rev().map(|open| &open.subject);
            let link = self.open.iter().any(|open| open.name == "a");
            let spot = match (name, link) {
                ("a", _) => Spot::Link,
                ("img" | "image", true) => Spot::LinkImage,
                (_, true) => Spot::InLink,
                (_, false) => Spot::Anywhere,
            };
            styled = self.sheet.style(&self.subject, above, &own, self.net, spot);
        }
        let Styled { style, class } = styled.unwrap_or_default();
        // As it stands in HTML: an address has these.
        let style = style.map(|style| style.replace('&', "&amp;"));
        let mut attributes: Vec<Attribute<'_>> = attributes;
        // Names that a sheet gave in an earlier pass; while there is one, only its own.
        let given = |a: &Attribute<'_>| self.sheet.is_empty() && media::are_classes(a.value);
        attributes.retain(|a| a.name != "class" || given(a));
        for (name, value) in [("style", &style), ("class", &class)] {
            if let Some(value) = value {
                attributes.retain(|a| a.name != name);
                attributes.push(Attribute {
                    name: name.into(),
                    value,
                });
            }
        }
        let hides = kept && hides_all(&attributes);
        let hidden = self.open.last().is_some_and(|open| open.hides);
        let pixel = matches!(name, "img" | "image") && (hidden || is_pixel(&attributes));
        self.report.tag(name, &attributes, pixel);
        let elements = self.elements;
        self.start(name, &attributes, pixel);
        // What was opened last is the element itself, if it was opened.
        if hides
            && self.elements > elements
            && let Some(open) = self.open.last_mut().filter(|open| open.name == name)
        {
            open.hides = true;
        }
    }

    fn start(&mut self, name: &str, attributes: &[Attribute<'_>], pixel: bool) {
        if name == "body" && !self.begun && self.open.is_empty() {
            self.body(attributes);
            return;
        }
        // Old names and slips.
        let name = if name == "image" { "img" } else { name };
        if !allow::is_element(name) {
            return;
        }
        if self.elements >= ELEMENT_LIMIT {
            self.report.element();
            return;
        }
        let tag = tag(name, attributes, self.net);
        if matches!(name, "br" | "wbr" | "img") {
            // What cannot be seen is there to be counted when it is fetched.
            let tag = if pixel {
                without_source(attributes)
            } else {
                tag
            };
            self.content();
            let run = (self.run, self.stops);
            self.element(&tag);
            if name == "img" {
                // It may be left out in the end, and what stands around it is one text then.
                (self.run, self.stops) = run;
            }
            return;
        }
        if self.open.len() >= DEPTH_LIMIT {
            return;
        }
        if is_table_part(name) {
            self.table_part(name, tag);
            return;
        }
        if name == "a" {
            // An anchor without a target does nothing, and is often left open. Quotes in a value are
            // escaped, so this is the attribute.
            if !tag.contains(" href=\"") || !self.end_link() {
                return;
            }
        }
        // What this ends goes first: it may have been all that stood between a table's grid and here.
        self.make_room(name);
        if name == "table" && is_grid(self.top()) {
            // A table in a table but in no cell ends the first.
            let first = self.find("table", |_| false).unwrap_or_default();
            self.close_to(first);
        } else {
            self.content();
        }
        if name == "hr" {
            self.element(&tag);
            return;
        }
        self.push(name, tag);
        self.pre = name == "pre";
    }

    /// Ends what the start of `name` ends without saying so.
    fn make_room(&mut self, name: &str) {
        let item = |stop: &'static str| {
            move |other: &str| {
                other != stop
                    && is_block(other)
                    && !matches!(other, "address" | "div" | "p" | "dd" | "dt")
            }
        };
        match name {
            "li" => {
                if let Some(at) = self.find("li", item("li")) {
                    self.close_to(at);
                }
            }
            "dd" | "dt" => {
                let found = ["dd", "dt"]
                    .iter()
                    .filter_map(|n| self.find(n, item("dd")))
                    .max();
                if let Some(at) = found {
                    self.close_to(at);
                }
            }
            _ => {}
        }
        if is_block(name) {
            if let Some(at) = self.find("p", is_wall) {
                self.close_to(at);
            }
            if is_heading(name) && is_heading(self.top()) {
                self.pop();
            }
        }
    }

    /// Ends an open link. The blocks between it and here are ended and opened anew; `false` where
    /// that is too much.
    fn end_link(&mut self) -> bool {
        let link = self.open.iter().rposition(|open| open.name == "a");
        let wall = self.open.iter().rposition(|open| is_wall(&open.name));
        // One that has ended already and waits for its blocks counts too.
        let Some(at) = link.filter(|at| wall.is_none_or(|wall| wall < *at)) else {
            return true;
        };
        let between = self.open.get(at.saturating_add(1)..).unwrap_or_default();
        if between.len() > REOPEN_LIMIT || between.iter().any(|open| open.tag.is_none()) {
            return false;
        }
        let again: Vec<(String, String, bool)> = between
            .iter()
            .filter(|open| !open.ended)
            .filter_map(|open| Some((open.name.clone(), open.tag.clone()?, open.hides)))
            .collect();
        self.close_to(at);
        for (name, tag, hides) in again {
            self.push(&name, tag);
            if let Some(open) = self.open.last_mut() {
                open.hides = hides;
            }
        }
        true
    }

    fn table_part(&mut self, name: &str, tag: String) {
        // Without a table, or outside of it, cells are nothing but their text.
        let Some(table) = self.find("table", |_| false) else {
            return;
        };
        match name {
            "td" | "th" => self.cell(name, Some(tag)),
            "tr" => self.row(table, tag),
            "col" => {
                self.close_until(table, |top| top == "colgroup");
                if self.top() != "colgroup" {
                    self.push_bare("colgroup");
                }
                self.element(&tag);
            }
            _ => {
                self.close_to(table.saturating_add(1));
                self.push(name, tag);
            }
        }
    }

    /// Opens a cell, and a row where there is none.
    fn cell(&mut self, name: &str, tag: Option<String>) {
        let Some(table) = self.find("table", |_| false) else {
            return;
        };
        self.close_until(table, is_grid);
        if self.top() != "tr" {
            self.row(table, "<tr>".to_owned());
        }
        self.push(name, tag.unwrap_or_else(|| format!("<{name}>")));
    }

    /// Opens a row, and what rows stand in where there is none.
    fn row(&mut self, table: usize, tag: String) {
        let holds = |top: &str| matches!(top, "tbody" | "tfoot" | "thead");
        self.close_until(table, holds);
        if !holds(self.top()) {
            self.push_bare("tbody");
        }
        self.push("tr", tag);
    }

    /// Opens an element that is not written in the mail, but that every parser puts there.
    fn push_bare(&mut self, name: &str) {
        let subject = std::mem::take(&mut self.subject);
        self.push(name, format!("<{name}>"));
        self.subject = subject;
    }

    /// Ends what is open above the table at `table`, but not what `stop` says.
    fn close_until(&mut self, table: usize, stop: impl Fn(&str) -> bool) {
        while self.open.len() > table.saturating_add(1) && !stop(self.top()) {
            self.pop();
        }
    }

    /// The body's own colours are the ground the mail was painted on: they go to a frame.
    fn body(&mut self, attributes: &[Attribute<'_>]) {
        let value = |name: &str| {
            attributes
                .iter()
                .find(|a| a.name == name)
                .map(|a| a.value)
                .unwrap_or_default()
        };
        let mut style = String::new();
        for (property, attribute) in [("background-color", "bgcolor"), ("color", "text")] {
            let colour = value(attribute).trim();
            if !colour.is_empty()
                && colour
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'#')
            {
                let hex =
                    matches!(colour.len(), 3 | 6) && colour.bytes().all(|b| b.is_ascii_hexdigit());
                let mark = if hex { "#" } else { "" };
                style.extend([property, ":", mark, colour, ";"]);
            }
        }
        if let Some(image) = self.net.image(&entity::decode(value("background"))) {
            style.extend([
                "background-image:url('",
                &image.replace('&', "&amp;"),
                "');",
            ]);
        }
        style.push_str(value("style"));
        let mut frame: Vec<Attribute<'_>> = Vec::new();
        for name in ["dir", "lang"] {
            if !value(name).is_empty() {
                frame.push(Attribute {
                    name: name.into(),
                    value: value(name),
                });
            }
        }
        if style.is_empty() && frame.is_empty() {
            return;
        }
        frame.push(Attribute {
            name: "style".into(),
            value: &style,
        });
        let tag = tag("div", &frame, self.net);
        self.push("body", tag);
    }

    fn end(&mut self, name: &str) {
        if name == "br" && self.elements < ELEMENT_LIMIT {
            self.content();
            self.element("<br>");
            return;
        }
        let name = if name == "image" { "img" } else { name };
        if !allow::is_element(name) {
            return;
        }
        let found = match name {
            name if is_heading(name) => ["h1", "h2", "h3", "h4", "h5", "h6"]
                .iter()
                .filter_map(|h| self.find(h, is_wall))
                .max(),
            name if is_table_part(name) => self.find(name, |other| other == "table"),
            "table" => self.find(name, |_| false),
            "li" => self.find(name, |other| {
                is_wall(other) || matches!(other, "ol" | "ul" | "dir")
            }),
            _ => self.find(name, is_wall),
        };
        let Some(at) = found else { return };
        let above = self.open.get(at.saturating_add(1)..).unwrap_or_default();
        if !is_block(name) && above.iter().any(|open| is_block(&open.name)) {
            if let Some(open) = self.open.get_mut(at) {
                open.ended = true;
            }
            return;
        }
        self.close_to(at);
    }

    /// The innermost open element of this name that no wall hides.
    fn find(&self, name: &str, wall: impl Fn(&str) -> bool) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == name && !open.ended {
                return Some(at);
            }
            if wall(&open.name) {
                return None;
            }
        }
        None
    }

    /// A start tag.
    fn element(&mut self, tag: &str) {
        self.elements = self.elements.saturating_add(1);
        self.emit(tag);
    }

    fn emit(&mut self, tag: &str) {
        self.pre = false;
        self.begun = true;
        (self.run, self.stops) = (0, 0);
        self.out.push_str(tag);
    }

    fn push(&mut self, name: &str, tag: String) {
        self.element(&tag);
        let hides = self.open.last().is_some_and(|open| open.hides);
        let tag = (tag.len() <= REOPEN_LENGTH).then_some(tag);
        self.open.push(Open {
            name: name.to_owned(),
            tag,
            ended: false,
            subject: std::mem::take(&mut self.subject),
            hides,
        });
    }

    /// Ends the innermost element, and those around it that wait for that.
    fn pop(&mut self) {
        while let Some(open) = self.open.pop() {
            self.pre = false;
            self.out.push_str("</");
            self.out.push_str(if open.name == "body" {
                "div"
            } else {
                &open.name
            });
            self.out.push('>');
            if !self.open.last().is_some_and(|outer| outer.ended) {
                break;
            }
        }
    }

    /// Ends elements until `count` are open.
    fn close_to(&mut self, count: usize) {
        while self.open.len() > count {
            self.pop();
        }
    }
}

/// The tag of an image on the net that is never fetched; one of the mail's own stays.
fn without_source(attributes: &[Attribute<'_>]) -> String {
    let kept: Vec<Attribute<'_>> = attributes
        .iter()
        .filter(|a| a.name != "src" || !css::is_remote(&entity::decode(a.value)))
        .map(|a| Attribute {
            name: a.name.clone(),
            value: a.value,
        })
        .collect();
    tag("img", &kept, Net::Closed)
}

/// The start tag with the allowed attributes, their values as the filter leaves them and the
/// serialiser writes them; but as they stand where they have references that only the parser knows.
/// There only addresses of images that stay are written out, since the tree's builder knows none that
/// begin with slashes.
fn tag(name: &str, attributes: &[Attribute<'_>], net: Net) -> String {
    let length = attributes.iter().map(|a| a.name.len() + a.value.len() + 4);
    let mut tag = String::with_capacity(name.len() + 2 + length.sum::<usize>());
    tag.push('<');
    tag.push_str(name);
    for attribute in attributes
        .iter()
        .filter(|a| allow::is_attribute(name, &a.name))
    {
        let resolved = entity::resolved(attribute.value, true);
        let known = resolved.as_deref();
        let known = known.map(|value| allow::value(net, name, &attribute.name, value));
        if matches!(known, Some(None)) {
            continue;
        }
        tag.push(' ');
        tag.push_str(&attribute.name);
        tag.push_str("=\"");
        if let Some(Some(value)) = known {
            escape(&value, &mut tag);
            tag.push('"');
            continue;
        }
        let image = matches!(&*attribute.name, "src" | "background")
            .then(|| net.image(&entity::decode(attribute.value)))
            .flatten()
            .map(|address| address.replace('&', "&amp;"));
        let value = image.as_deref().unwrap_or(attribute.value);
        for piece in value.split_inclusive(['"', '<', '>']) {
            let (before, escape) = match piece.as_bytes().last() {
                Some(b'"') => (piece.strip_suffix('"'), "&quot;"),
                Some(b'<') => (piece.strip_suffix('<'), "&lt;"),
                Some(b'>') => (piece.strip_suffix('>'), "&gt;"),
                _ => (None, ""),
            };
            tag.push_str(before.unwrap_or(piece));
            tag.push_str(escape);
        }
        tag.push('"');
    }
    tag.push('>');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> String {
        order(html, Net::Closed).html
    }

    #[test]
    fn good_order_stays() {
        for html in [
            "<p>a <b>b</b></p><ul><li>x</li><li>y<ol><li>z</li></ol></li></ul>",
            "<table><tbody><tr><td>1</td><td><p>2</p><table><tbody><tr><td>3</td></tr></tbody></table></td></tr></tbody></table>",
            "<dl><dt>a</dt><dd>b</dd></dl><blockquote><p>c</p></blockquote><hr>d<br>e",
            "<a href=\"http://x\"><div>block</div></a>",
            "a &amp; b ü &lt;c&gt;",
            "&notin; a > b",
        ] {
            assert_eq!(of(html), html);
        }
    }

    #[test]
    fn what_is_left_open_is_closed() {
        for (html, ordered) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c"),
            (
                "<table><tr><td>a<td>b<tr><td>c</table>d",
                "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>d",
            ),
            (
                "<dl><dt>a<dd>b<dt>c</dl>",
                "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>",
            ),
            ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
            ("<b><div>a</b>b</div>c", "<b><div>ab</div></b>c"),
            ("<h1>a</h2>b", "<h1>a</h1>b"),
            ("<p>a<div>b</div>", "<p>a</p><div>b</div>"),
            ("</p></div></td>a", "a"),
            ("<td>a</td>", "a"),
            (
                "<table><tr><td></table></table>a",
                "<table><tbody><tr><td></td></tr></tbody></table>a",
            ),
            (
                "<div><table><tr><td></div>a",
                "<div><table><tbody><tr><td>a</td></tr></tbody></table></div>",
            ),
            (
                "<table><td>a",
                "<table><tbody><tr><td>a</td></tr></tbody></table>",
            ),
            (
                "<table><colgroup><col><tr><td>a",
                "<table><colgroup><col></colgroup><tbody><tr><td>a</td></tr></tbody></table>",
            ),
            ("<pre>\n\na</pre>", "<pre>a</pre>"),
        ] {
            assert_eq!(of(html), ordered, "{html}");
        }
    }

    #[test]
    fn links_do_not_swallow_the_rest() {
        assert_eq!(
            of("<a name=top>a <a href=http://x>b</a>"),
            "a <a href=\"http://x\">b</a>"
        );
        assert_eq!(
            of("<a href=http://x>a<a href=http://y>b"),
            "<a href=\"http://x\">a</a><a href=\"http://y\">b</a>"
        );
        assert_eq!(
            of("<a href=http://x><div>a</a><a href=http://y>b</a></div>c"),
            "<a href=\"http://x\"><div>a</div></a><div><a href=\"http://y\">b</a></div>c"
        );
    }

    #[test]
    fn strays_are_counted_whatever_they_end() {
        for piece in [
            "<h1>a<h1>b</h1>",
            "<h1>a",
            "<a href='https://x.example'>a",
            "<p>a",
            "<p>a<hr>",
            "<li>a",
            "<p><table>",
        ] {
            let html = of(&format!("<table>{}", piece.repeat(1000)));
            let cell = html.find("<td>").unwrap_or(html.len());
            let before = html.get(..cell).unwrap_or_default();
            let strays = before.matches("<h1").count()
                + before.matches("<a ").count()
                + before.matches("<p>").count()
                + before.matches("<hr").count();
            assert!(strays <= STRAY_LIMIT + 2, "{piece}: {strays}");
        }
    }

    #[test]
    fn only_what_is_allowed() {
        assert_eq!(
            of(
                "<form action=x><b id=a class=b onclick=c style='color:red' title='\"<'>a</b><input></form>"
            ),
            "<b style=\"color: red\" title=\"&quot;&lt;\">a</b>"
        );
        assert_eq!(
            of("<svg><script>a</script><text>b</text></svg><style>c</style>"),
            "b"
        );
        assert_eq!(of("<image src=cid:x>"), "<img src=\"cid:x\">");
    }

    #[test]
    fn the_body_becomes_a_frame() {
        assert_eq!(
            of(
                "<html><body bgcolor=FF0000 text=white style='margin:0' dir=rtl onload=x>a</body></html>"
            ),
            "<div dir=\"rtl\" style=\"background-color: #FF0000; color: white; margin: 0\">a</div>"
        );
        assert_eq!(of("<body bgcolor='x\"y'>a"), "a");
        assert_eq!(of("<body>a<body bgcolor=red>"), "a");
    }

    #[test]
    fn what_goes_gets_no_styles() {
        let css = "<style>xy,p{background:url(http://x/y.png)}</style>";
        for (html, images) in [("<xy>a</xy>", 1), ("<p>a</p>", 2)] {
            let report = order(&format!("{css}{html}"), Net::Images).report;
            assert_eq!(report.images, images, "{html}");
        }
        let many = format!("{css}{}<p>a", "<br>".repeat(ELEMENT_LIMIT));
        assert_eq!(order(&many, Net::Images).report.images, 1);
    }

    #[test]
    fn depth_is_bounded() {
        let html = of(&format!("{}x", "<div>".repeat(100_000)));
        assert_eq!(html.matches("<div>").count(), DEPTH_LIMIT);
        assert!(html.contains('x'));
    }

    #[test]
    fn elements_are_bounded_and_their_text_stays() {
        for piece in [
            "<b>x</b>",
            "<h2>x",
            "x<br>",
            "<p>x",
            "<img src=cid:a>x",
            "<hr>x",
            "<table><td>x",
            "<table><tr><td>x</table>",
            "<li>x",
            "x<wbr>",
            "x</br>",
        ] {
            let html = of(&piece.repeat(ELEMENT_LIMIT + 1_000));
            let tags = html.matches('<').count() - html.matches("</").count();
            assert!(tags <= ELEMENT_LIMIT + 4, "{piece}: {tags}");
            assert_eq!(html.matches('x').count(), ELEMENT_LIMIT + 1_000, "{piece}");
        }
    }

    #[test]
    fn what_wants_to_load_is_noticed() {
        for html in [
            "<img src=http://x>",
            "<img src='//x'>",
            "<img src=' &#104;ttps://x'>",
            "<img srcset='https://x 2x'>",
            "<body background=http://x>",
            "<td background=http://x>",
            "<div style='background:url(http://x)'>",
            "<link rel=stylesheet href=http://x>",
            "<style>p{background:url(//x)}</style>",
            "<style>@import 'http://x'</style>",
            "<video poster=http://x>",
            "<object data=http://x>",
            "<iframe src=http://x>",
            "<svg><image xlink:href=http://x>",
            "<svg><use href=http://x>",
        ] {
            assert!(order(html, Net::Closed).report.remote, "{html}");
        }
        for html in [
            "<img src=cid:x>",
            "<a href=http://x>",
            "<img src=x.png>",
            "<base href=http://x>",
            "http://x",
        ] {
            assert!(!order(html, Net::Closed).report.remote, "{html}");
        }
    }
}
