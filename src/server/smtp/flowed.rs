//! Text that flows (RFC 3676): long lines go out in short ones that end in a space, so that old
//! programs show them well and new ones join them again to any width. Quoted lines are wrapped
//! with their marks repeated.
//!
//! What is written as typed comes back as typed, with two exceptions that RFC 3676
//! demands or recommends: spaces at the ends of lines are gone, and the marks of nested quotes
//! stand together (`>> ` for `> > `).

/// Lines up to this many characters stay whole.
const WHOLE: usize = 78;
/// Lines that are wrapped are wrapped at this many.
const WRAP: usize = 74;
/// Marks beyond this are not repeated for every line: such a line is not wrapped.
const DEEPEST_WRAPPED: usize = 40;
/// What separates a signature; its space does not make it flow (RFC 3676, section 4.3).
const SIGNATURE: &str = "-- ";

/// The lines of `text` as they go out, without line ends. LF, CRLF and CR all end a line.
pub(super) fn flow(text: &str) -> Flow<'_> {
    Flow {
        text: (!text.is_empty()).then_some(text),
        paragraph: None,
    }
}

/// See [`flow`].
pub(super) struct Flow<'a> {
    /// What follows the current line.
    text: Option<&'a str>,
    paragraph: Option<Paragraph<'a>>,
}

/// What is left of a line that is being wrapped.
struct Paragraph<'a> {
    depth: usize,
    /// Whether a space stands between the marks and the content.
    spaced: bool,
    content: &'a str,
}

impl<'a> Flow<'a> {
    /// The next line as typed.
    fn next_line(&mut self) -> Option<&'a str> {
        let text = self.text?;
        let Some((line, rest)) = text.split_once(['\r', '\n']) else {
            self.text = None;
            return Some(text);
        };
        let crlf = text
            .strip_prefix(line)
            .is_some_and(|end| end.starts_with("\r\n"));
        let rest = if crlf {
            rest.strip_prefix('\n').unwrap_or(rest)
        } else {
            rest
        };
        self.text = (!rest.is_empty()).then_some(rest);
        Some(line)
    }
}

impl Iterator for Flow<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut paragraph = match self.paragraph.take() {
            Some(paragraph) => paragraph,
            None => Paragraph::new(self.next_line()?),
        };
        let (line, rest) = paragraph.split();
        let out = paragraph.emit(line);
        if let Some(rest) = rest {
            paragraph.content = rest;
            self.paragraph = Some(paragraph);
        }
        Some(out)
    }
}

impl<'a> Paragraph<'a> {
    fn new(line: &'a str) -> Self {
        let (depth, mut content) = quote_marks(line);
        let mut spaced = false;
        if depth > 0
            && let Some(rest) = content.strip_prefix(' ')
        {
            (spaced, content) = (true, rest);
        }
        if content != SIGNATURE {
            // A space left at the end would make the line flow into the next.
            content = content.trim_end_matches(' ');
        }
        Self {
            depth,
            spaced: spaced && !content.is_empty(),
            content,
        }
    }

    /// The content of the next line to go out, and what is left after it.
    fn split(&self) -> (&'a str, Option<&'a str>) {
        let marks = self.depth + usize::from(self.spaced);
        let whole = self
            .content
            .chars()
            .nth(WHOLE.saturating_sub(marks))
            .is_none();
        if whole || self.depth > DEEPEST_WRAPPED {
            return (self.content, None);
        }
        let room = WRAP.saturating_sub(marks);
        let mut best = None;
        let mut after_space = false;
        let mut seen_word = false;
        for (width, (at, character)) in self.content.char_indices().enumerate() {
            if character == ' ' {
                after_space = seen_word;
                continue;
            }
            if after_space && (best.is_none() || width <= room) {
                // Alone on its line it would be taken for the beginning of a signature.
                let signature = self.content.starts_with(SIGNATURE) && at == SIGNATURE.len();
                if !signature {
                    best = Some(at);
                }
            }
            if width > room && best.is_some() {
                break;
            }
            after_space = false;
            seen_word = true;
        }
        match best.and_then(|at| self.content.split_at_checked(at)) {
            Some((line, rest)) => (line, Some(rest)),
            None => (self.content, None),
        }
    }

    /// A line with its marks, stuffed where it must be (RFC 3676, section 4.4).
    fn emit(&self, content: &str) -> String {
        let stuff = self.spaced
            || content.starts_with([' ', '>'])
            || (self.depth == 0 && content.starts_with("From "));
        let mut line = ">".repeat(self.depth);
        if stuff {
            line.push(' ');
        }
        line.push_str(content);
        line
    }
}

/// How many quote marks a line begins with, as `>>` or as `> > `, and what follows them.
fn quote_marks(line: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix(" >")
            && depth > 0
            // "> >= 10" quotes a line that begins with a sign, not a quote.
            && (after.is_empty() || after.starts_with([' ', '>']))
        {
            rest = after;
        } else {
            return (depth, rest);
        }
        depth += 1;
    }
}

/// Joins the lines of a format=flowed text (RFC 3676, section 4; `DelSp=no`), to the letter: what
/// `mail::decode` makes of it for reading is a little less exact about white space after marks.
#[cfg(test)]
pub(super) fn unflow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut flowing = None;
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_start_matches('>');
        let depth = line.len().saturating_sub(content.len());
        let (stuffed, content) = content
            .strip_prefix(' ')
            .map_or((false, content), |content| (true, content));
        let signature = content == SIGNATURE;
        if flowing != Some(depth) || signature {
            if flowing.is_some() {
                out.push('\n');
            }
            out.push_str(&">".repeat(depth));
            if depth > 0 && stuffed {
                out.push(' ');
            }
        }
        out.push_str(content);
        if content.ends_with(' ') && !signature {
            flowing = Some(depth);
        } else {
            out.push('\n');
            flowing = None;
        }
    }
    if flowing.is_some() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        flow(text).collect()
    }

    fn round(text: &str) -> String {
        let mut sent = String::new();
        for line in flow(text) {
            sent.push_str(&line);
            sent.push_str("\r\n");
        }
        unflow(&sent)
    }

    /// What cannot come back: spaces at line ends, kinds of line end.
    fn essence(text: &str) -> String {
        let mut out = String::new();
        let unified = text.replace("\r\n", "\n").replace('\r', "\n");
        for line in unified.split_inclusive('\n') {
            let line = line.strip_suffix('\n').unwrap_or(line);
            let (depth, content) = quote_marks(line);
            let signature = content == SIGNATURE || (depth > 0 && content == " -- ");
            let content = if signature {
                content
            } else {
                content.trim_end_matches(' ')
            };
            out.push_str(&">".repeat(depth));
            out.push_str(content);
            out.push('\n');
        }
        out
    }

    #[test]
    fn short_lines_stay() {
        assert_eq!(
            lines("eins\nzwei\r\ndrei\rvier\n"),
            ["eins", "zwei", "drei", "vier"]
        );
        assert_eq!(lines(""), Vec::<String>::new());
        assert_eq!(lines("\n"), [""]);
        assert_eq!(lines("a\n\nb"), ["a", "", "b"]);
    }

    #[test]
    fn long_lines_flow_and_quotes_keep_their_marks() {
        let words = "Wort ".repeat(40);
        for (mark, begin) in [("", ""), ("> ", "> "), ("> > ", ">> ")] {
            let text = format!("{mark}{words}");
            let out = lines(&text);
            assert!(out.len() > 2);
            assert!(
                out.iter()
                    .all(|line| line.chars().count() <= WRAP && line.starts_with(begin))
            );
            assert!(out.iter().rev().skip(1).all(|line| line.ends_with(' ')));
            assert!(!out.last().unwrap().ends_with(' '));
            assert_eq!(round(&text), format!("{begin}{}\n", words.trim_end()));
        }
    }

    #[test]
    fn a_word_is_never_broken() {
        let url = format!("https://posthorn.example/{}", "x".repeat(5000));
        let text = format!("siehe {url} und weiter");
        assert_eq!(lines(&text).len(), 3);
        assert_eq!(round(&text), format!("{text}\n"));
        assert_eq!(round(&"漢".repeat(3000)), "漢".repeat(3000) + "\n");
    }

    #[test]
    fn stuffing_protects_what_looks_like_something_else() {
        assert_eq!(lines(" eingerückt"), ["  eingerückt"]);
        assert_eq!(lines("From hier"), [" From hier"]);
        let text = format!("{} > 5 {}", "x".repeat(70), "y".repeat(70));
        assert!(
            lines(&text)
                .iter()
                .skip(1)
                .all(|line| !line.starts_with('>'))
        );
        assert_eq!(round(&text), format!("{text}\n"));
    }

    #[test]
    fn the_signature_does_not_flow() {
        assert_eq!(lines("Gruß\n-- \nAnna"), ["Gruß", "-- ", "Anna"]);
        assert_eq!(round("Gruß\n-- \nAnna"), "Gruß\n-- \nAnna\n");
        assert_eq!(round("> -- \n> Anna"), "> -- \n> Anna\n");
        let text = format!("-- {}", "x".repeat(100));
        assert_eq!(round(&text), format!("{text}\n"));
        let text = format!("-- {} y", "x".repeat(100));
        assert_eq!(round(&text), format!("{text}\n"));
    }

    #[test]
    fn a_quoted_sign_is_no_quote() {
        assert_eq!(round("> >= 10"), "> >= 10\n");
        assert_eq!(round(">:-)"), ">:-)\n");
    }

    #[test]
    fn thousands_of_marks_do_not_multiply() {
        let text = format!("{}{}", ">".repeat(100_000), "a ".repeat(50_000));
        let octets: usize = flow(&text).map(|line| line.len()).sum();
        assert!(octets <= text.len());
    }

    #[test]
    fn an_open_flow_at_the_end_is_closed() {
        assert_eq!(unflow("a \r\n> b \r\n"), "a \n> b \n");
        assert_eq!(unflow("a \r\nb"), "a b\n");
    }

    proptest! {
        #[test]
        fn what_is_typed_comes_back(text in "([ >a\\-ü\\r\\n]|-- \n|From |[a-z]{70}|> > |\\PC){0,120}") {
            prop_assert_eq!(round(&text), essence(&text));
        }

        #[test]
        fn no_line_but_a_word_is_long(text in "([a-zß]{1,12} {1,2}){0,200}") {
            prop_assert!(flow(&text).all(|line| line.chars().count() <= WHOLE));
        }
    }
}
