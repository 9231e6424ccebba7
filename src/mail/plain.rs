//! Plain text as HTML: escaped, its links clickable, its quoting and its signature to be seen. What
//! comes out is ours to the last tag, so it needs no sanitiser; what goes in is a stranger's, so
//! every character of it is escaped here.

use super::address;

/// Deepest quoting that is shown as such.
const QUOTE_LIMIT: usize = 40;
/// Longest address on the net that is made a link, in octets.
const LINK_LIMIT: usize = 4096;
/// Links that are made of one text. A browser needs a millisecond for six of them.
const LINKS_LIMIT: usize = 2000;
/// Quotes of one text that are shown as such.
const QUOTES_LIMIT: usize = 10_000;
/// Octets that stand in one block. A browser lays out the text of a block as a whole, and looks for
/// its direction in all of it: what a block of a megabyte takes grows with the square of that.
const BLOCK: usize = 8 << 10;
/// Lines of what is quoted at the end that are not worth folding.
const FOLD_FROM: usize = 8;

/// `text` as a fragment of HTML: one `<div class="plain">` that keeps its line breaks, quoted lines
/// in nested `<blockquote>`, what follows the line `-- ` in `<div class="sig">`, and links made of
/// http, https and mailto addresses and of bare e-mail addresses, 2,000 at most. What is long is
/// parted into blocks, also within a line that is. Beyond 10,000 quotes the signs of further ones
/// stay. In linear time.
pub fn to_html(text: &str) -> String {
    to_html_folded(text, None, &mut Room::default())
}

/// The same, as far as there is room; what is quoted at the very end, which the reader mostly knows, is
/// folded below the words `fold` where it is long.
pub fn to_html_folded(text: &str, fold: Option<&str>, room: &mut Room) -> String {
    let folded = fold.and_then(|label| Some((quoted_end(text)?, label)));
    let mut writer = Writer {
        out: String::with_capacity(text.len().saturating_add(text.len() / 8)),
        links: room.links,
        block: 0,
        inner: false,
        begun: false,
        gap: false,
    };
    let out = &mut writer.out;
    out.push_str("<div class=\"plain\" style=\"white-space: pre-wrap; overflow-wrap: anywhere\">");
    let mut depth = 0_usize;
    let mut signature = false;
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let (quotes, content) = if signature {
            (0, line)
        } else {
            quoting(line, depth.saturating_add(room.quotes))
        };
        room.quotes = room.quotes.saturating_sub(quotes.saturating_sub(depth));
        let folds = |(first, _): &(usize, _)| *first == number && quotes > 0;
        if let Some((_, label)) = folded.filter(folds) {
            writer.part("<details class=\"quote\"><summary>");
            escape(label, &mut writer.out);
            writer.out.push_str("</summary>");
            open = true;
        }
        for _ in depth..quotes {
            writer.part("<blockquote>");
        }
        for _ in quotes..depth {
            writer.part("</blockquote>");
        }
        depth = quotes;
        if open && depth == 0 {
            writer.part("</details>");
            open = false;
        }
        if depth == 0 && !signature && content == "-- " {
            writer.part("<div class=\"sig\">");
            signature = true;
        }
        writer.line(content);
    }
    for _ in 0..depth {
        writer.part("</blockquote>");
    }
    if open {
        writer.part("</details>");
    }
    writer.part(if signature { "</div></div>" } else { "</div>" });
    room.links = writer.links;
    writer.out
}

/// What several texts may have together of what is dear to a browser.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    links: usize,
    quotes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            links: LINKS_LIMIT,
            quotes: QUOTES_LIMIT,
        }
    }
}

/// Writes lines into blocks.
struct Writer {
    out: String,
    /// Links that may still be made.
    links: usize,
    /// Octets in the block that is open.
    block: usize,
    /// Whether it has an element of its own.
    inner: bool,
    /// Whether a line of the same block came before, which a line break parts from the next.
    begun: bool,
    /// Whether that was an empty one, which shows only where another one follows.
    gap: bool,
}

impl Writer {
    /// Ends the block with a tag of the text's structure.
    fn part(&mut self, tag: &str) {
        if self.inner {
            self.out.push_str("</div>");
        }
        self.out.push_str(tag);
        (self.inner, self.begun, self.block) = (false, false, 0);
    }

    fn line(&mut self, line: &str) {
        if self.begun && self.block >= BLOCK && !self.gap {
            self.part("<div>");
            self.inner = true;
        }
        if self.begun {
            self.out.push('\n');
            self.block = self.block.saturating_add(1);
        }
        (self.begun, self.gap) = (true, line.is_empty());
        let mut rest = line;
        while !rest.is_empty() {
            let (piece, after) = piece(rest);
            if self.block >= BLOCK && piece.len() < line.len() {
                self.part("<div>");
                (self.inner, self.begun) = (true, true);
            }
            self.block = self.block.saturating_add(piece.len());
            linkify(piece, &mut self.links, &mut self.out);
            rest = after;
        }
    }
}

/// The beginning of a line that has room in a block, to a blank if there is one, and the rest.
fn piece(line: &str) -> (&str, &str) {
    if line.len() <= BLOCK {
        return (line, "");
    }
    let end = line.floor_char_boundary(BLOCK);
    let head = line.get(..end).unwrap_or(line);
    let end = head.rfind(' ').map_or(end, |blank| blank.saturating_add(1));
    line.split_at_checked(end).unwrap_or((line, ""))
}

/// The number of the line with which a long quote begins that ends the text; `None` where there is
/// none, or nothing before it.
fn quoted_end(text: &str) -> Option<usize> {
    let mut first = None;
    let (mut lines, mut written, mut gap) = (0_usize, false, false);
    for (number, line) in text.lines().enumerate() {
        if line == "-- " {
            // What follows is signature.
            return None;
        }
        if line.starts_with('>') {
            // A gap within what is quoted parts it.
            if gap {
                (first, lines) = (None, 0);
            }
            gap = false;
            first.get_or_insert(number);
            lines = lines.saturating_add(1);
        } else if line.trim().is_empty() {
            gap = first.is_some();
        } else {
            (first, lines, written, gap) = (None, 0, true, false);
        }
    }
    first.filter(|_| written && lines >= FOLD_FROM)
}

/// How often a line is quoted, `most` times at most, and what is quoted: `> > text`, `>> text`.
fn quoting(line: &str, most: usize) -> (usize, &str) {
    let most = most.min(QUOTE_LIMIT);
    let mut depth = 0_usize;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix('>').filter(|_| depth < most) {
        depth = depth.saturating_add(1);
        rest = match after.strip_prefix(' ') {
            Some(inner) if inner.starts_with('>') => inner,
            _ => after,
        };
    }
    if depth > 0 {
        (depth, rest.strip_prefix(' ').unwrap_or(rest))
    } else {
        (0, line)
    }
}

/// Escapes `text` for text and for attributes in double quotes, as the serialisation of the HTML
/// standard (section 13.3) does, and quotes besides.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A control character has no meaning in HTML, and NUL is an error.
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
}

/// `text` as [`escape`] writes it.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        escape(line, &mut out);
    }
    out
}

/// Whether the character can be no part of an address on the net.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`')
}

/// Writes a piece of a line, with at most so many links.
fn linkify(line: &str, links: &mut usize, out: &mut String) {
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(ends_word).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self::word(word, links, out);
        let next = after.find(|c| !ends_word(c)).unwrap_or(after.len());
        let (gap, after) = after.split_at_checked(next).unwrap_or((after, ""));
        escape(gap, out);
        rest = after;
    }
}

/// Writes one word, which in scripts without blanks is a whole sentence: the links in it, and what stands
/// around them.
fn word(word: &str, links: &mut usize, out: &mut String) {
    let mut rest = word;
    while let Some((before, url)) = find_url(rest).filter(|_| *links > 0) {
        let (whole, after) = url.split_at_checked(url_end(url)).unwrap_or((url, ""));
        let (url, trimmed) = trim_url(whole);
        if is_url(url) {
            emails(before, links, out);
            if *links > 0 {
                *links = links.saturating_sub(1);
                link(url, url, out);
            } else {
                escape(url, out);
            }
            escape(trimmed, out);
        } else {
            let end = before.len().saturating_add(whole.len());
            emails(rest.get(..end).unwrap_or(rest), links, out);
        }
        rest = after;
    }
    emails(rest, links, out);
}

/// Where in the word an address with a scheme begins, behind no letter or digit of ASCII: what has no
/// blanks may have any other letter before it.
fn find_url(word: &str) -> Option<(&str, &str)> {
    let mut start = 0_usize;
    loop {
        let at = word.get(start..)?.find(':')?.saturating_add(start);
        let (before, _) = word.split_at_checked(at)?;
        for scheme in ["http", "https", "mailto"] {
            let begin = at.checked_sub(scheme.len());
            if let Some((before, url)) = begin.and_then(|begin| word.split_at_checked(begin))
                && url
                    .get(..scheme.len())
                    .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
                && !before.ends_with(|c: char| c.is_ascii_alphanumeric())
            {
                return Some((before, url));
            }
        }
        start = before.len().saturating_add(1);
    }
}

/// Whether there is something behind the scheme that it can lead to.
fn is_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':').filter(|_| url.len() <= LINK_LIMIT) else {
        return false;
    };
    if scheme.eq_ignore_ascii_case("mailto") {
        return rest.contains('@');
    }
    rest.strip_prefix("//")
        .is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '['))
}

/// Where an address with a scheme ends: before the marks of a sentence that no address has unencoded, and
/// before the letters that go on behind its host.
fn url_end(url: &str) -> usize {
    let marks = |c: char| {
        matches!(
            c,
            '\u{3001}' | '\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301B}' // 、。〈…】〔…〛
                | '！' | '（' | '）' | '，' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝'
                | '\u{FF61}'..='\u{FF64}' // ｡｢｣､
                | '«' | '»' | '‹' | '›' | '„' | '“' | '”'
        )
    };
    // First the host, which is short: a line may be full of addresses that are none.
    let colon = url.find(':').unwrap_or_default();
    let after = url.get(colon..).and_then(|rest| rest.strip_prefix("://"));
    let host = after.map_or(0, |_| colon.saturating_add(3));
    let after = after.unwrap_or_default();
    let ends = |c: char| matches!(c, '/' | '?' | '#') || marks(c);
    let host_only = after.split(ends).next().unwrap_or_default();
    match host_end(host_only) {
        cut if host > 0 && cut < host_only.len() => host.saturating_add(cut),
        _ => url.find(marks).unwrap_or(url.len()),
    }
}

/// Where a host ends within letters that are not parted by blanks from what follows: `example.comまで`.
/// No top level begins with ASCII and goes on in such a script.
fn host_end(host: &str) -> usize {
    let (mut first, mut begun, mut ascii) = (true, false, false);
    for (at, c) in host.char_indices() {
        if c == '.' {
            (first, begun) = (false, false);
        } else if !begun {
            (begun, ascii) = (true, c.is_ascii());
        } else if !first && ascii && is_unparted(c) {
            return at;
        }
    }
    host.len()
}

/// Whether the letter is of a script that is written without blanks: Thai, Lao, Burmese and Khmer, kana
/// and Han, and Hangul, where particles stand behind an address.
fn is_unparted(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{312F}' | '\u{3131}'..='\u{318E}'
        | '\u{31A0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{323AF}')
}

/// Takes off what ends the sentence and not the address: punctuation, and brackets that were
/// opened before the address.
fn trim_url(url: &str) -> (&str, &str) {
    let count = |c: char| url.chars().filter(|x| *x == c).count();
    let mut pairs = [('(', ')'), ('[', ']'), ('{', '}')]
        .map(|(open, close)| (close, count(open), count(close)));
    let mut end = url.len();
    for (at, c) in url.char_indices().rev() {
        let surplus = match pairs.iter_mut().find(|(close, ..)| *close == c) {
            Some((_, open, closed)) if *closed > *open => {
                *closed = closed.saturating_sub(1);
                true
            }
            Some(_) => false,
            None => matches!(
                c,
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '…' | '’'
            ),
        };
        if !surplus {
            break;
        }
        end = at;
    }
    url.split_at_checked(end).unwrap_or((url, ""))
}

/// Writes a word, its bare e-mail addresses as links.
fn emails(word: &str, links: &mut usize, out: &mut String) {
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('@') {
        let end = after.find(|c: char| !is_domain(c)).unwrap_or(after.len());
        let end = host_end(after.get(..end).unwrap_or_default());
        let (domain, beyond) = after.split_at_checked(end).unwrap_or((after, ""));
        // An address in ASCII ends where the sentence around it, which has no blanks, goes on.
        let ascii = domain.is_ascii() && before.ends_with(|c: char| c.is_ascii());
        let local = before
            .rsplit(|c: char| !is_local(c) || (ascii && is_unparted(c)))
            .next()
            .unwrap_or_default();
        let local = local.trim_start_matches('.');
        let trimmed = domain.trim_end_matches(['.', '-']);
        let address = format!("{local}@{trimmed}");
        let lead = before.strip_suffix(local).unwrap_or(before);
        if *links > 0 && trimmed.contains('.') && address::valid(&address) {
            *links = links.saturating_sub(1);
            escape(lead, out);
            link(&format!("mailto:{address}"), &address, out);
            escape(domain.strip_prefix(trimmed).unwrap_or_default(), out);
            rest = beyond;
        } else {
            escape(before, out);
            out.push('@');
            rest = after;
        }
    }
    escape(rest, out);
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_{|}~.".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '.')
}

fn link(target: &str, text: &str, out: &mut String) {
    out.push_str("<a href=\"");
    escape(target, out);
    out.push('"');
    if !target
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
    {
        out.push_str(" rel=\"noopener noreferrer nofollow\" target=\"_blank\"");
    }
    out.push('>');
    escape(text, out);
    out.push_str("</a>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;
    use crate::mail::text::html_to_text;
    use proptest::prelude::*;

    /// The fragment without its frame, and links shortened to `[target|text]`.
    fn of(text: &str) -> String {
        let html = to_html(text);
        let inner = html
            .split_once('>')
            .unwrap()
            .1
            .strip_suffix("</div>")
            .unwrap();
        inner
            .replace(
                " rel=\"noopener noreferrer nofollow\" target=\"_blank\"",
                "",
            )
            .replace("<a href=\"", "[")
            .replace("\">", "|")
            .replace("</a>", "]")
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(
            of("a < b & \"c\" > 'd'\0"),
            "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;"
        );
        assert_eq!(of("a\n\n b\n"), "a\n\n b");
        assert_eq!(of(""), "");
    }

    #[test]
    fn links() {
        for (text, html) in [
            (
                "see http://x.org/a?b=1&c.",
                "see [http://x.org/a?b=1&amp;c|http://x.org/a?b=1&amp;c].",
            ),
            (
                "(https://x.org/a_(b))",
                "([https://x.org/a_(b)|https://x.org/a_(b)])",
            ),
            ("<https://x.org>", "&lt;[https://x.org|https://x.org]&gt;"),
            ("HTTPS://X.ORG!", "[HTTPS://X.ORG|HTTPS://X.ORG]!"),
            (
                "mail a.b@x.org, ok",
                "mail [mailto:a.b@x.org|a.b@x.org], ok",
            ),
            (
                "a@x.org;b@y.org.",
                "[mailto:a@x.org|a@x.org];[mailto:b@y.org|b@y.org].",
            ),
            (
                "mailto:a@x.org?subject=b",
                "[mailto:a@x.org?subject=b|mailto:a@x.org?subject=b]",
            ),
            ("https://[::1]/", "[https://[::1]/|https://[::1]/]"),
            (
                "https://müller.de/ü",
                "[https://müller.de/ü|https://müller.de/ü]",
            ),
            ("x:http://y.z", "x:[http://y.z|http://y.z]"),
        ] {
            assert_eq!(of(text), html);
        }
        assert!(
            to_html("http://x").contains("rel=\"noopener noreferrer nofollow\" target=\"_blank\"")
        );
        assert!(!to_html("a@b.c").contains("target"));
    }

    #[test]
    fn links_in_text_without_blanks() {
        for (text, html) in [
            (
                "お問い合わせはinfo@example.comまで",
                "お問い合わせは[mailto:info@example.com|info@example.com]まで",
            ),
            (
                "문의는info@example.co.kr으로",
                "문의는[mailto:info@example.co.kr|info@example.co.kr]으로",
            ),
            (
                "我的邮箱是12345@qq.com，谢谢",
                "我的邮箱是[mailto:12345@qq.com|12345@qq.com]，谢谢",
            ),
            (
                "詳細はhttps://example.com/a",
                "詳細は[https://example.com/a|https://example.com/a]",
            ),
            (
                "（https://example.com/a）。",
                "（[https://example.com/a|https://example.com/a]）。",
            ),
            (
                "「https://example.com」、info@example.comと、https://example.org/b。",
                "「[https://example.com|https://example.com]」、[mailto:info@example.com|info@example.com]と、\
                 [https://example.org/b|https://example.org/b]。",
            ),
            (
                "»https://example.com/a«, „https://example.com/b“",
                "»[https://example.com/a|https://example.com/a]«, „[https://example.com/b|https://example.com/b]“",
            ),
            (
                "https://example.comまで",
                "[https://example.com|https://example.com]まで",
            ),
            (
                "http:。https://example.com。a@b.c",
                "http:。[https://example.com|https://example.com]。[mailto:a@b.c|a@b.c]",
            ),
            // What is international stays whole.
            ("ü@müller.de", "[mailto:ü@müller.de|ü@müller.de]"),
            ("用户@例え.jp", "[mailto:用户@例え.jp|用户@例え.jp]"),
            ("用户1@例え.jp", "[mailto:用户1@例え.jp|用户1@例え.jp]"),
            (
                "почта@пример.рф",
                "[mailto:почта@пример.рф|почта@пример.рф]",
            ),
            (
                "https://例え.jp/東京_(都)",
                "[https://例え.jp/東京_(都)|https://例え.jp/東京_(都)]",
            ),
            (
                "https://ソニーstyle.jp",
                "[https://ソニーstyle.jp|https://ソニーstyle.jp]",
            ),
        ] {
            assert_eq!(of(text), html);
        }
    }

    #[test]
    fn what_is_no_link() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "xhttp://y.z",
            "http:",
            "http://",
            "https:x",
            "http:///x",
            "a@b",
            "@",
            "a@@b.c",
            "mailto:",
            "mailto:x",
            "vbscript:x",
            "a @ b.c",
        ] {
            assert!(!of(text).contains('['), "{text}: {}", of(text));
        }
    }

    #[test]
    fn links_cannot_be_broken_out_of() {
        for text in [
            "http://x\"onmouseover=alert(1)//",
            "http://x/'onmouseover='alert(1)",
            "http://x/<script>alert(1)</script>",
            "http://x/`onload=1`",
            "mailto:a@b.c\"><script>",
            "\"><script>\"@x.org",
            "'onclick='x'@x.org",
            "http://x\u{0}\" onx=",
            "http://x&quot;onx=1",
            "http://x\u{2028}onx=1",
        ] {
            let html = to_html(text);
            assert!(!html.contains("<script") && !html.contains('\0'), "{html}");
            // Every quote in the output is one that we wrote.
            let ours = html.matches("class=\"").count()
                + html.matches("style=\"").count()
                + html.matches("href=\"").count()
                + html.matches("rel=\"").count()
                + html.matches("target=\"").count();
            assert_eq!(html.matches('"').count(), ours * 2, "{html}");
            assert!(!html.contains('\''), "{html}");
        }
    }

    #[test]
    fn quotes_nest() {
        assert_eq!(
            of("On Monday:\n> one\n>> two\n> > deep\n>three\n\nAnswer"),
            "On Monday:<blockquote>one<blockquote>two\ndeep</blockquote>three</blockquote>\nAnswer"
        );
        assert_eq!(of(">a"), "<blockquote>a</blockquote>");
        assert_eq!(of(" > not quoted"), " &gt; not quoted");
    }

    #[test]
    fn a_long_quote_at_the_end_is_folded() {
        let quote = "> a\n".repeat(FOLD_FROM);
        let folded = |text: &str| to_html_folded(text, Some("<more>"), &mut Room::default());
        let html = folded(&format!("Answer\n{quote}\n"));
        assert!(html.contains(
            "Answer<details class=\"quote\"><summary>&lt;more&gt;</summary><blockquote>a\na"
        ));
        assert!(html.contains("</blockquote></details>"));
        for text in [
            format!("Answer\n{quote}below"),
            quote.clone(),
            "Answer\n> short".to_owned(),
            format!("Answer\n-- \n{quote}"),
        ] {
            assert_eq!(folded(&text), to_html(&text), "{text}");
        }
        let html = folded(&format!("{quote}between\n{quote}"));
        assert_eq!(html.matches("<details").count(), 1);
        assert!(html.ends_with("</details></div>"));
    }

    #[test]
    fn the_signature_is_set_apart() {
        assert_eq!(
            of("Bye\n-- \nJo\n> x"),
            "Bye<div class=\"sig|-- \nJo\n&gt; x</div>"
        );
        assert_eq!(of("> -- \nx"), "<blockquote>-- </blockquote>x");
    }

    /// The longest text that no tag parts.
    fn longest_block(html: &str) -> usize {
        html.split(['<', '>']).map(str::len).max().unwrap_or(0)
    }

    #[test]
    fn what_is_long_is_parted_and_nothing_of_it_lost() {
        let line = "QUJD".repeat(50_000);
        let words = "word and ".repeat(20_000);
        let lines = "a line of some length\n".repeat(5000);
        let quoted = format!("> {words}\n> end\n-- \n{line}");
        for text in [&line, &words, &lines, &quoted, &">".repeat(200_000)] {
            let html = to_html(text);
            assert!(
                longest_block(&html) <= 6 * BLOCK,
                "{}",
                longest_block(&html)
            );
            let inside = |c: &char| !c.is_whitespace() && *c != '>';
            let said: String = html_to_text(&html).chars().filter(inside).collect();
            assert_eq!(said, text.chars().filter(inside).collect::<String>());
        }
        // Blank lines at the seam stay.
        let gaps = "x\n\n".repeat(BLOCK);
        let blocks = to_html(&gaps);
        let inner: Vec<&str> = blocks.split("<div>").collect();
        assert!(inner.len() > 2);
        assert!(inner.iter().all(|block| !block.ends_with("\n</div>")));
        assert!(!to_html("short\n\nand sweet").contains("<div>"));
    }

    #[test]
    fn links_are_bounded() {
        let text = "https://a.example/ b@c.example ".repeat(5000);
        assert_eq!(to_html(&text).matches("<a ").count(), LINKS_LIMIT);
    }

    #[test]
    fn quotes_are_bounded_and_nothing_of_the_text_is_lost() {
        let quoted = format!("{}x\n", ">".repeat(QUOTE_LIMIT));
        let quote = format!("{quoted}x\n");
        let within = QUOTES_LIMIT / QUOTE_LIMIT;
        let html = to_html(&quote.repeat(within + 100));
        assert_eq!(html.matches("<blockquote>").count(), QUOTES_LIMIT);
        assert_eq!(html.matches("</blockquote>").count(), QUOTES_LIMIT);
        assert_eq!(html.matches("&gt;").count(), 100 * QUOTE_LIMIT);
        assert_eq!(html.matches('x').count(), 2 * (within + 100));
        // What is as deep as what stands before it costs nothing.
        let html = to_html(&format!("{}{quoted}{quoted}> x", quote.repeat(within - 1)));
        assert_eq!(html.matches("&gt;").count(), 0);
        // Nothing is folded that is shown as it is written.
        let mut room = Room {
            quotes: 0,
            ..Room::default()
        };
        let text = format!("Answer\n{}", "> a\n".repeat(FOLD_FROM));
        let html = to_html_folded(&text, Some("more"), &mut room);
        assert!(
            !html.contains("details") && html.contains("Answer\n&gt; a\n"),
            "{html}"
        );
    }

    #[test]
    fn linear_in_time() {
        let start = Busy::new();
        for piece in [
            "http://",
            "a@",
            "@",
            "(",
            "http://x)",
            "a@b.c",
            ">",
            "> ",
            ":",
            "mailto:",
            "x)http://",
            "http://x。",
            "http:。",
            "は",
            "はhttp://a.bは",
            "はa@b.cは",
            "a.は",
            "http://-.aは",
            "mailto:。",
        ] {
            to_html(&piece.repeat(100_000));
            to_html(&format!("http://x{}", piece.repeat(100_000)));
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn only_our_tags(text in "(https?://|mailto:|[a-z]@[a-z]\\.de|[ -~\n]|ü){0,40}") {
            let html = to_html(&text);
            for tag in html.split('<').skip(1) {
                let ours = ["div class=\"plain\"", "div class=\"sig\"", "/div", "blockquote>", "/blockquote>", "a href=\"http", "a href=\"mailto:", "/a>"];
                let ours = ours.iter().any(|t| tag.to_ascii_lowercase().starts_with(t));
                prop_assert!(ours, "{}", html);
            }
        }
    }
}
