//! Pages as a browser's parser reads them, as far as it takes to see which elements there are: the
//! states of the tokeniser that decide whether text is markup (HTML, section 13.2.5). A search for
//! text in a page would neither find an attack in all its spellings nor leave harmless text alone.

use super::client::Answer;

#[derive(Clone, Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// What follows up to the next tag; for `script`, `style`, `textarea` and `title` all of it.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A page, read.
#[derive(Clone, Debug)]
pub struct Page {
    pub elements: Vec<Element>,
    /// All text but that of scripts and styles.
    pub text: String,
}

const RAW: [&str; 8] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
];

impl Page {
    pub fn of(answer: &Answer) -> Self {
        let kind = answer.header("content-type");
        assert!(
            kind.starts_with("text/html"),
            "{} {kind}: {}",
            answer.status,
            answer.text()
        );
        Self::parse(&answer.text())
    }

    pub fn parse(html: &str) -> Self {
        let mut page = Self {
            elements: Vec::new(),
            text: String::new(),
        };
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            page.say(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("<!--") {
                rest = comment(after);
            } else if rest.starts_with("<!") || rest.starts_with("<?") {
                rest = rest.split_once('>').map_or("", |(_, after)| after);
            } else if let Some(after) = rest.strip_prefix("</") {
                rest = if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    tag(after).1
                } else {
                    after.split_once('>').map_or("", |(_, after)| after)
                };
            } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                let (mut element, after) = tag(&rest[1..]);
                rest = after;
                if RAW.contains(&element.name.as_str()) {
                    let (text, after) = raw(&element.name, rest);
                    element.text = match element.name.as_str() {
                        "textarea" => decode(text.strip_prefix('\n').unwrap_or(text)),
                        "title" => decode(text),
                        _ => text.to_owned(),
                    };
                    rest = after;
                }
                page.elements.push(element);
            } else {
                page.say("<");
                rest = &rest[1..];
            }
        }
        page.say(rest);
        page
    }

    fn say(&mut self, text: &str) {
        let text = decode(text);
        self.text.push_str(&text);
        if let Some(last) = self.elements.last_mut()
            && !RAW.contains(&last.name.as_str())
        {
            last.text.push_str(&text);
        }
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |e| e.name == name)
    }

    /// The text of the one level-1 heading.
    pub fn heading(&self) -> &str {
        let mut headings = self.all("h1");
        let heading = headings.next().expect("no heading");
        assert!(headings.next().is_none(), "two headings");
        heading.text.trim()
    }

    pub fn title(&self) -> &str {
        &self.all("title").last().expect("no title").text
    }

    /// The value of a form's field.
    pub fn value(&self, name: &str) -> &str {
        let named = |e: &&Element| e.attribute("name") == Some(name);
        if let Some(area) = self.all("textarea").find(named) {
            return &area.text;
        }
        let input = self.all("input").find(named);
        let input = input.unwrap_or_else(|| panic!("no field {name}"));
        input.attribute("value").unwrap_or_default()
    }

    pub fn links(&self) -> Vec<&str> {
        self.all("a").filter_map(|a| a.attribute("href")).collect()
    }

    /// What stands in elements of role alert, with what follows in the page.
    pub fn has_alert(&self, words: &str) -> bool {
        let alert = |e: &&Element| e.attribute("role") == Some("alert");
        self.elements.iter().any(|e| alert(&e)) && self.text.contains(words)
    }

    /// The application is around it: the folders at the side.
    pub fn has_folders(&self) -> bool {
        self.all("nav")
            .any(|nav| nav.attribute("aria-label") == Some("Folders"))
    }

    /// Whether nothing in the page runs but the scripts with this nonce, whatever a mail wrote.
    pub fn assert_safe(&self, nonce: &str, what: &str) {
        for element in &self.elements {
            let name = element.name.as_str();
            if name == "script" {
                assert_eq!(
                    element.attribute("nonce"),
                    Some(nonce),
                    "{what}: {element:?}"
                );
                let text = element.text.to_lowercase();
                for end in ["<!--", "<script", "</"] {
                    assert!(!text.contains(end), "{what}: {end} in {text}");
                }
            }
            let foreign = [
                "img", "image", "style", "base", "object", "embed", "b", "x", "math", "marquee",
                "video", "audio", "template", "noscript",
            ];
            // Previews and players are ours, and show what the server found out to be that.
            let preview = matches!(name, "img" | "video" | "audio")
                && element
                    .attribute("src")
                    .is_some_and(|src| src.starts_with("/mail/") && src.contains("/preview/"));
            assert!(preview || !foreign.contains(&name), "{what}: {element:?}");
            if name == "iframe" {
                let own = element.attribute("title") == Some("Message body");
                let nested = element.attribute("class") == Some("nested-body");
                assert!(own || nested, "{what}: {element:?}");
                let src = element.attribute("src").unwrap_or_default();
                let body = src.starts_with("/mail/") && src.contains("/body");
                assert!(body || src.is_empty(), "{what}: {element:?}");
                let sandbox = element.attribute("sandbox").expect("a sandbox");
                assert!(!sandbox.contains("script") && !sandbox.contains("origin"));
            }
            if name == "meta" {
                assert!(element.attribute("http-equiv").is_none(), "{what}");
            }
            for (key, value) in &element.attributes {
                assert!(!key.starts_with("on"), "{what}: {element:?}");
                assert!(
                    !matches!(key.as_str(), "style" | "srcdoc" | "xlink:href"),
                    "{what}: {element:?}"
                );
                if matches!(key.as_str(), "href" | "src" | "action" | "formaction") {
                    let local = value.starts_with('/') && !value.starts_with("//");
                    assert!(local || value.starts_with('#'), "{what}: {element:?}");
                }
            }
        }
    }
}

/// A comment ends at `-->`, `--!>`, or at once.
fn comment(after: &str) -> &str {
    if let Some(rest) = after.strip_prefix('>').or(after.strip_prefix("->")) {
        return rest;
    }
    let ends = ["-->", "--!>"];
    let ends = ends.iter().filter_map(|e| Some((after.find(e)?, e.len())));
    ends.min().map_or("", |(at, length)| &after[at + length..])
}

/// A tag, from its name on.
fn tag(html: &str) -> (Element, &str) {
    let end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let length = html.find(end).unwrap_or(html.len());
    let mut element = Element {
        name: html[..length].to_lowercase(),
        attributes: Vec::new(),
        text: String::new(),
    };
    let mut rest = &html[length..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (element, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (element, after);
        }
        // A name may begin with "=".
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..]
            .find(|c: char| end(c) || c == '=')
            .map_or(rest.len(), |at| at + first);
        let name = rest[..length].to_lowercase();
        rest = rest[length..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((after, "")),
                _ => after.split_at(
                    after
                        .find(|c: char| c.is_ascii_whitespace() || c == '>')
                        .unwrap_or(after.len()),
                ),
            };
        }
        element.attributes.push((name, decode(value)));
    }
}

/// The text of an element that holds no markup, and what follows its end tag.
fn raw<'a>(name: &str, html: &'a str) -> (&'a str, &'a str) {
    let lower = html.to_ascii_lowercase();
    let close = format!("</{name}");
    let mut from = 0;
    while let Some(at) = lower[from..].find(&close).map(|at| at + from) {
        let after = &html[at + close.len()..];
        if after.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')) {
            return (
                &html[..at],
                after.split_once('>').map_or("", |(_, rest)| rest),
            );
        }
        from = at + close.len();
    }
    (html, "")
}

/// Character references, as far as our own pages write them.
fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let known = after.split_once(';').and_then(|(name, after)| {
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => '\u{a0}',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((character, after))
        });
        let (character, after) = known.unwrap_or(('&', after));
        decoded.push(character);
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

/// The nonce of a page's policy.
pub fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let (_, after) = policy.split_once("'nonce-").expect("a nonce in the policy");
    after.split_once('\'').unwrap().0.to_owned()
}

#[test]
fn the_tests_see_elements_as_a_browser_does() {
    let names = |html: &str| {
        let elements = Page::parse(html).elements;
        let names: Vec<String> = elements.into_iter().map(|e| e.name).collect();
        names.join(" ")
    };
    assert_eq!(names("<p title=\"<b>\">&lt;i></p>"), "p");
    assert_eq!(names("<textarea></textarea><ScRiPt/x>"), "textarea script");
    assert_eq!(
        names("<script>'</script ><img src=x onerror=y>"),
        "script img"
    );
    assert_eq!(names("<!--> <a><!-- --!><br><!---->"), "a br");
    assert_eq!(names("<input value='\"><u>'><u>"), "input u");
    let page = Page::parse("<textarea name=t>\n\n&lt;a&amp;</textarea><input name=i value=1>");
    assert_eq!((page.value("t"), page.value("i")), ("\n<a&", "1"));
}
