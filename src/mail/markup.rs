//! HTML cut into tags and text, in linear time and without a tree. Two things need it: reading a
//! mail's HTML as text, and bringing it into good order before the sanitiser's own parser, which
//! is the one that decides about safety, sees it. The cuts follow the tokenisation of the HTML
//! standard (section 13.2.5) as far as mail needs it.

use std::borrow::Cow;

/// Attributes of one tag that are read; the rest is skipped.
const ATTRIBUTE_LIMIT: usize = 64;

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text with its character references as they stand. May begin with a `<` that opens no tag.
    Text(&'a str),
    /// A start tag; names in lower case.
    Start {
        name: Cow<'a, str>,
        attributes: Vec<Attribute<'a>>,
    },
    /// An end tag; the name in lower case.
    End(Cow<'a, str>),
    /// What stands in an element whose content is no markup, `style` and the like. Its start tag
    /// came before, its end tag does not come.
    Raw {
        name: Cow<'a, str>,
        content: &'a str,
    },
}

/// An attribute as it stands; of several by one name the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    /// In lower case.
    pub name: Cow<'a, str>,
    /// Without quotes, with its character references.
    pub value: &'a str,
}

/// Cuts `html` into pieces. Comments, declarations and what is cut off at the end are left out.
pub(super) fn tokens(html: &str) -> Tokens<'_> {
    Tokens {
        rest: html,
        raw: None,
    }
}

#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The element whose raw content comes next.
    raw: Option<Cow<'a, str>>,
}

/// A name in lower case, in which most stand.
fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Elements whose content is text up to their end tag.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
    )
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let content = self.raw_content(&name);
            return Some(Token::Raw { name, content });
        }
        loop {
            let after = match self.rest.strip_prefix('<') {
                None if self.rest.is_empty() => return None,
                None => return Some(self.text(0)),
                Some(after) => after,
            };
            match after.as_bytes() {
                [b'!', b'-', b'-', ..] => self.skip_comment(),
                [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                    self.rest = after.strip_prefix('/').unwrap_or(after);
                    if let Some((name, _)) = self.tag() {
                        return Some(Token::End(name));
                    }
                }
                [b'!' | b'?' | b'/', ..] => self.skip_to('>'),
                [letter, ..] if letter.is_ascii_alphabetic() => {
                    self.rest = after;
                    if let Some((name, attributes)) = self.tag() {
                        if is_raw(&name) {
                            self.raw = Some(name.clone());
                        }
                        return Some(Token::Start { name, attributes });
                    }
                }
                // A `<` that is a less-than sign.
                _ => return Some(self.text(1)),
            }
        }
    }
}

impl<'a> Tokens<'a> {
    /// Octets that are not cut yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Text up to the next `<`, which is looked for from octet `from` on.
    fn text(&mut self, from: usize) -> Token<'a> {
        let at = self.rest.get(from..).and_then(|rest| rest.find('<'));
        let end = at.map_or(self.rest.len(), |at| at.saturating_add(from));
        Token::Text(self.take(end))
    }

    /// The next `end` octets, which must end between characters.
    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_to(&mut self, end: char) {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
    }

    /// A comment ends at `-->` or `--!>`, and at once where it begins with `>` or `->`.
    fn skip_comment(&mut self) {
        let inner = self.rest.strip_prefix("<!--").unwrap_or_default();
        if let Some(rest) = inner.strip_prefix('>').or_else(|| inner.strip_prefix("->")) {
            self.rest = rest;
            return;
        }
        let mut rest = inner;
        self.rest = loop {
            let Some((_, after)) = rest.split_once("--") else {
                break "";
            };
            let after = after.trim_start_matches('-');
            if let Some(end) = after.strip_prefix('>').or_else(|| after.strip_prefix("!>")) {
                break end;
            }
            rest = after;
        };
    }

    /// The content up to `</name`, and past the end tag.
    fn raw_content(&mut self, name: &str) -> &'a str {
        let whole = self.rest;
        if name == "plaintext" {
            self.rest = "";
            return whole;
        }
        let mut rest = whole;
        while let Some((_, after)) = rest.split_once("</") {
            let found = after
                .get(..name.len())
                .is_some_and(|n| n.eq_ignore_ascii_case(name));
            let beyond = after.get(name.len()..).unwrap_or_default();
            if found
                && beyond.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
            {
                let end = whole.len().saturating_sub(after.len()).saturating_sub(2);
                self.rest = after;
                // The end tag may carry attributes, which mean nothing.
                let _ = self.tag();
                return whole.get(..end).unwrap_or_default();
            }
            rest = after;
        }
        self.rest = "";
        whole
    }

    /// Name and attributes up to the closing `>`; `None` where it is missing, and then nothing is
    /// left.
    fn tag(&mut self) -> Option<(Cow<'a, str>, Vec<Attribute<'a>>)> {
        let name = self.until(0, |b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        let name = lower(name);
        let mut attributes: Vec<Attribute<'a>> = Vec::new();
        loop {
            self.until(0, |b| !b.is_ascii_whitespace() && b != b'/');
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Some((name, attributes));
            }
            if self.rest.is_empty() {
                return None;
            }
            let key = lower(self.attribute_name());
            let value = self.attribute_value()?;
            let known = attributes.iter().any(|attribute| attribute.name == key);
            if attributes.len() < ATTRIBUTE_LIMIT && !known {
                attributes.push(Attribute { name: key, value });
            }
        }
    }

    fn attribute_name(&mut self) -> &'a str {
        // A `=` in front belongs to the name.
        let skip = usize::from(self.rest.starts_with('='));
        self.until(skip, |b| {
            b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'=')
        })
    }

    /// Empty where there is none; `None` where its quote is never closed.
    fn attribute_value(&mut self) -> Option<&'a str> {
        let Some(after) = self.rest.trim_ascii_start().strip_prefix('=') else {
            return Some("");
        };
        self.rest = after.trim_ascii_start();
        for quote in ['"', '\''] {
            if let Some(after) = self.rest.strip_prefix(quote) {
                let Some((value, rest)) = after.split_once(quote) else {
                    self.rest = "";
                    return None;
                };
                self.rest = rest;
                return Some(value);
            }
        }
        Some(self.until(0, |b| b.is_ascii_whitespace() || b == b'>'))
    }

    /// What comes before the first octet from `skip` on that ends it. Ends are ASCII, which is never
    /// part of another character, or anything but some of ASCII.
    fn until(&mut self, skip: usize, ends: impl Fn(u8) -> bool) -> &'a str {
        let octets = self.rest.as_bytes().get(skip..).unwrap_or_default();
        let at = octets.iter().position(|octet| ends(*octet));
        let end = at.map_or(self.rest.len(), |at| at.saturating_add(skip));
        self.take(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;

    /// `<b a=1>` as `+b a=1`, `</b>` as `-b`, raw content as `!style:…`.
    fn cut(html: &str) -> Vec<String> {
        tokens(html)
            .map(|token| match token {
                Token::Text(text) => text.to_owned(),
                Token::Start { name, attributes } => {
                    attributes.iter().fold(format!("+{name}"), |tag, a| {
                        format!("{tag} {}={}", a.name, a.value)
                    })
                }
                Token::End(name) => format!("-{name}"),
                Token::Raw { name, content } => format!("!{name}:{content}"),
            })
            .collect()
    }

    #[test]
    fn ordinary_markup() {
        assert_eq!(
            cut("a<B Class='x y' ID=1 hidden>b</b >c<br/>"),
            ["a", "+b class=x y id=1 hidden=", "b", "-b", "c", "+br",]
        );
        assert_eq!(cut("<a href=\"x>y\" HREF=z>"), ["+a href=x>y"]);
        assert_eq!(cut("<img src=a/b/>"), ["+img src=a/b/"]);
        assert_eq!(cut("<td width = 5>"), ["+td width=5"]);
    }

    #[test]
    fn what_is_no_tag() {
        assert_eq!(cut("1 < 2 <3 <"), ["1 ", "< 2 ", "<3 ", "<"]);
        assert_eq!(
            cut("<!doctype html>a<?xml?>b</>c</ x>d<![if mso]>e"),
            ["a", "b", "c", "d", "e"]
        );
        assert_eq!(
            cut("a<!-- <b> -- > -->b<!-->c<!--->d<!--x--!>e<!-- open"),
            ["a", "b", "c", "d", "e"]
        );
        assert_eq!(cut("a<b c"), ["a"]);
        assert_eq!(cut("a<b c=\"d>e"), ["a"]);
    }

    #[test]
    fn raw_content() {
        assert_eq!(
            cut("<style a>p>b{}</p></styles></STYLE x>y"),
            ["+style a=", "!style:p>b{}</p></styles>", "y"]
        );
        assert_eq!(
            cut("<script><!-- </script>x"),
            ["+script", "!script:<!-- ", "x"]
        );
        assert_eq!(cut("<title>open<b>"), ["+title", "!title:open<b>"]);
        assert_eq!(cut("<style></style>"), ["+style", "!style:"]);
    }

    #[test]
    fn linear_in_time() {
        let start = Busy::new();
        for piece in [
            "<",
            "<a ",
            "<!--",
            "<!-- --",
            "</",
            "<style></",
            "<a b='",
            "<a =",
            "x='y",
            "é<",
        ] {
            tokens(&piece.repeat(200_000)).count();
        }
        tokens(&format!(
            "<a {}>",
            (0..100_000)
                .map(|i| format!("a{i} "))
                .collect::<Vec<_>>()
                .concat()
        ))
        .count();
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}
