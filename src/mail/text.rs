//! HTML read as text: for quoting in an answer, for the reader who prefers text, for the beginning
//! of a mail in the list. In linear time, on anything.

use super::markup::{Attribute, Token, tokens};
use super::{entity, visible};

/// Deepest quoting that is written out.
const QUOTE_LIMIT: usize = 20;

/// The readable text of an HTML body: paragraphs parted by empty lines, lists with dashes or
/// numbers, quotations with `> `, links followed by their address where the text does not say it,
/// images by their alternative text. Nothing of scripts, style sheets and the head.
pub fn html_to_text(html: &str) -> String {
    let mut writer = Writer::default();
    for token in tokens(html) {
        match token {
            Token::Text(text) => writer.text(&entity::decode(text)),
            Token::Start { name, attributes } => writer.start(&name, &attributes),
            Token::End(name) => writer.end(&name),
            // A textarea shows its content; all others hide it.
            Token::Raw { name, content } => match &*name {
                "textarea" | "xmp" | "plaintext" => writer.text(&entity::decode(content)),
                _ => {}
            },
        }
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Line breaks owed before the next text; two make a paragraph.
    breaks: usize,
    /// Whether a blank is owed before the next text.
    blank: bool,
    /// Whether something stands on the line.
    begun: bool,
    quotes: usize,
    /// How deep the line that was written last is quoted.
    quoted: usize,
    /// Depth of elements that keep their blanks.
    pre: usize,
    /// Of each open list the number of the next item; `None` where it has dashes.
    lists: Vec<Option<u32>>,
    /// What the next text is preceded by: the mark of a list item.
    mark: Option<String>,
    /// The target of the open link and where its text began.
    link: Option<(String, usize)>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.pre > 0 {
            for (index, line) in visible::plain(text).split('\n').enumerate() {
                if index > 0 {
                    self.breaks = self.breaks.saturating_add(1);
                }
                if !line.is_empty() {
                    self.word(line);
                }
            }
            return;
        }
        // A non-breaking blank is text.
        let white = |c: char| c.is_ascii_whitespace();
        if text.starts_with(white) {
            self.blank = true;
        }
        for (index, word) in text
            .split(white)
            .filter(|word| !word.is_empty())
            .enumerate()
        {
            self.blank |= index > 0;
            self.word(word);
        }
        if text.ends_with(white) {
            self.blank = true;
        }
    }

    /// Writes what is owed, then `word`.
    fn word(&mut self, word: &str) {
        if self.out.is_empty() {
            self.quote_marks(self.quotes);
        } else if self.breaks > 0 {
            if self.breaks > 1 {
                // The empty line belongs to what both sides share.
                self.out.push('\n');
                self.quote_marks(self.quotes.min(self.quoted));
            }
            self.out.push('\n');
            self.quote_marks(self.quotes);
            self.begun = false;
        }
        self.breaks = 0;
        if let Some(mark) = self.mark.take() {
            self.out.push_str(&mark);
        } else if self.blank && self.begun {
            self.out.push(' ');
        }
        self.blank = false;
        self.begun = true;
        self.out.push_str(word);
    }

    fn quote_marks(&mut self, depth: usize) {
        self.quoted = depth;
        for _ in 0..depth.min(QUOTE_LIMIT) {
            self.out.push_str("> ");
        }
    }

    /// Ends the line; `count` of two ends the paragraph.
    fn line(&mut self, count: usize) {
        self.breaks = self.breaks.max(count);
        self.blank = false;
    }

    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        match name {
            "br" => {
                self.breaks = self.breaks.saturating_add(1);
                self.blank = false;
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.line(2),
            "hr" => {
                self.line(1);
                self.word("---");
                self.line(1);
            }
            "ul" | "ol" => {
                self.line(if self.lists.is_empty() { 2 } else { 1 });
                if self.lists.len() < 100 {
                    self.lists.push((name == "ol").then_some(1));
                }
            }
            "li" => {
                self.line(1);
                let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(10));
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{indent}{number}. ");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => format!("{indent}- "),
                };
                self.mark = Some(mark);
            }
            "blockquote" => {
                self.line(2);
                self.quotes = self.quotes.saturating_add(1);
            }
            "pre" => {
                self.line(2);
                self.pre = self.pre.saturating_add(1);
            }
            "td" | "th" => self.blank = true,
            "img" => {
                let alt = entity::decode(value(attributes, "alt"));
                self.text(&alt);
            }
            "a" => {
                self.end_link();
                let target = entity::decode(value(attributes, "href")).trim().to_owned();
                self.link = Some((target, self.out.len()));
            }
            name if is_block(name) => self.line(1),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.line(2),
            "ul" | "ol" => {
                self.lists.pop();
                self.mark = None;
                self.line(if self.lists.is_empty() { 2 } else { 1 });
            }
            "blockquote" => {
                self.line(2);
                self.quotes = self.quotes.saturating_sub(1);
            }
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.line(2);
            }
            "a" => self.end_link(),
            name if is_block(name) => self.line(1),
            _ => {}
        }
    }

    /// The address of a link, where it leads to the net and its text does not say so itself.
    fn end_link(&mut self) {
        let Some((target, begin)) = self.link.take() else {
            return;
        };
        let target = visible::one_line(&target);
        let lower = target.to_ascii_lowercase();
        let net = lower.starts_with("http://") || lower.starts_with("https://");
        let text = self.out.get(begin..).unwrap_or_default();
        // Whether the text already is the address, with or without its beginning and end.
        let bare = target
            .split_once("//")
            .map_or(target.as_str(), |(_, rest)| rest);
        let said = text.contains(bare.trim_end_matches('/'));
        if net && !said && !text.trim().is_empty() {
            self.blank = true;
            self.word(&format!("<{target}>"));
        }
    }

    fn finish(mut self) -> String {
        self.end_link();
        let text: Vec<&str> = self.out.lines().map(str::trim_end).collect();
        text.join("\n").trim_matches('\n').to_owned()
    }
}

fn value<'a>(attributes: &[Attribute<'a>], name: &str) -> &'a str {
    attributes
        .iter()
        .find(|a| a.name == name)
        .map(|a| a.value)
        .unwrap_or_default()
}

/// Elements that stand on lines of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "div"
            | "dt"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "main"
            | "nav"
            | "section"
            | "table"
            | "title"
            | "tr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;

    #[test]
    fn a_letter() {
        let html = "<html><head><title>T</title><style>p{}</style></head><body>\n<p>Dear\n Jo,</p>\
            <p>Gr&uuml;&szlig;e<br>aus <b>K</b>&ouml;ln.</p><ul><li>one<li>two<ol><li>deep</ol></ul>\
            <div>a</div><div>b</div><!-- no --><script>no()</script><hr>\
            <table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table></body></html>";
        assert_eq!(
            html_to_text(html),
            "Dear Jo,\n\nGrüße\naus Köln.\n\n- one\n- two\n  1. deep\n\na\nb\n---\n1 2\n3"
        );
    }

    #[test]
    fn links_and_images() {
        assert_eq!(
            html_to_text(
                "See <a href='https://x.org/a?b=1&amp;c'>our page</a>, <a href=\"http://y.org/\">y.org</a>\
                <a href='mailto:a@b'>write</a> <a href=javascript:x>j</a> <img src=x alt='a &lt; b'>"
            ),
            "See our page <https://x.org/a?b=1&c>, y.orgwrite j a < b"
        );
    }

    #[test]
    fn quotations_and_preformatted_text() {
        assert_eq!(
            html_to_text(
                "x<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d<pre>  e\n\n f</pre>"
            ),
            "x\n\n> a\n> b\n>\n> > c\n\nd\n\n  e\n\n f"
        );
    }

    #[test]
    fn nothing_and_nonsense() {
        for html in [
            "",
            "<",
            "<p>",
            "<!--",
            "</p></ul></a></pre></blockquote>",
            "<style>x",
        ] {
            assert_eq!(html_to_text(html).trim_matches('<'), "");
        }
        assert_eq!(html_to_text("1 < 2 & 3 > 2"), "1 < 2 & 3 > 2");
    }

    #[test]
    fn linear_in_time() {
        let start = Busy::new();
        for piece in [
            "<blockquote>",
            "<ul><li>x",
            "<a href=http://x>y",
            "<br>",
            "&amp;",
            "<pre>\n",
            "x ",
        ] {
            html_to_text(&piece.repeat(100_000));
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
