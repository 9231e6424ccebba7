//! The beginning of a message, as the list shows it, from the first few hundred octets of its first
//! part: whatever they are, and wherever they were cut off.

use super::text_of;
use crate::mail::header::Header;
use crate::mail::mime::{boundary_line, split_header, without_break};
use crate::mail::text::html_to_text;
use crate::mail::visible::clip;

/// Characters of a snippet.
const LENGTH: usize = 140;
/// Octets that are looked at.
const INPUT_LIMIT: usize = 32 * 1024;
/// Multiparts inside of multiparts that are entered.
const DEPTH: usize = 8;

/// The first 140 characters or so of the text one sees, on one line: of a part whose header is
/// `part_header` and whose body begins with `truncated_body`. The part may be a multipart, whose
/// boundary the header names; then the first of its parts that has something to say is taken.
/// Empty where there is nothing sensible.
pub fn snippet(part_header: &[u8], truncated_body: &[u8]) -> String {
    let body = truncated_body.get(..INPUT_LIMIT).unwrap_or(truncated_body);
    of_part(&Header::parse(part_header), body, 0)
}

fn of_part(header: &Header, body: &[u8], depth: usize) -> String {
    let (kind, subtype) = header
        .content_type()
        .unwrap_or_else(|| ("text".to_owned(), "plain".to_owned()));
    if header
        .disposition()
        .is_some_and(|(disposition, _)| disposition == "attachment")
    {
        return String::new();
    }
    match (kind.as_str(), subtype.as_str()) {
        ("text", "plain") => of_text(&text_of(header, body)),
        ("text", "html") => {
            let text = text_of(header, body);
            // A reference that was cut off at the end.
            let whole = match text.rsplit_once('&') {
                Some((before, end)) if end.len() < 8 && !end.contains([';', ' ', '<']) => before,
                _ => &text,
            };
            of_text(&html_to_text(whole))
        }
        ("multipart", "encrypted") => String::new(),
        ("multipart", _) if depth < DEPTH => {
            of_multipart(body, header.content_type_param("boundary"), depth)
        }
        _ => String::new(),
    }
}

/// The first piece between boundary lines that gives something.
fn of_multipart(body: &[u8], boundary: Option<String>, depth: usize) -> String {
    // Where the header does not name it, the first line that looks like one does.
    let boundary = match boundary {
        Some(boundary) => boundary.trim().as_bytes().to_vec(),
        None => body
            .split(|octet| *octet == b'\n')
            .find_map(|line| line.trim_ascii_end().strip_prefix(b"--"))
            .unwrap_or_default()
            .to_vec(),
    };
    if boundary.is_empty() {
        return String::new();
    }
    let mut begin: Option<usize> = None;
    let mut offset = 0_usize;
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        let next = offset.saturating_add(line.len());
        if boundary_line(line, &boundary).is_some() {
            if let Some(piece) = begin.and_then(|begin| body.get(begin..offset)) {
                let found = of_piece(without_break(piece), depth);
                if !found.is_empty() {
                    return found;
                }
            }
            begin = Some(next);
        }
        offset = next;
    }
    begin
        .and_then(|begin| body.get(begin..))
        .map(|p| of_piece(p, depth))
        .unwrap_or_default()
}

fn of_piece(piece: &[u8], depth: usize) -> String {
    let (header, body) = split_header(piece);
    of_part(&Header::parse(header), body, depth.saturating_add(1))
}

/// One line of what the writer wrote: without quotations, the signature, and what newsletters put
/// there to be invisible.
fn of_text(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0_usize;
    let own = text
        .lines()
        .take_while(|line| *line != "-- ")
        .filter(|line| !line.trim_start().starts_with('>'))
        // Rules and frames: nothing that is said.
        .filter(|line| line.chars().any(char::is_alphanumeric) || line.chars().any(is_picture));
    for word in own.flat_map(str::split_whitespace) {
        let word: String = word.chars().filter(|c| !is_padding(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
            length = length.saturating_add(1);
        }
        length = length.saturating_add(word.chars().count());
        line.push_str(&word);
        if length >= LENGTH {
            break;
        }
    }
    // The character that was cut in two.
    clip(&line, LENGTH)
        .trim_end_matches(['\u{FFFD}', ' '])
        .to_owned()
}

/// Characters without width of their own, which newsletters put behind their first words so that
/// nothing else is shown; joiners too, since in a snippet they part no letters.
fn is_padding(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{2800}'
        )
}

/// Emoji and other symbols that say something.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, body: &str) -> String {
        snippet(header.as_bytes(), body.as_bytes())
    }

    #[test]
    fn of_plain_text() {
        assert_eq!(of("", "Hello\r\n\r\n  world \t!"), "Hello world !");
        assert_eq!(of("", "> quoted\r\n=====\r\nAnswer\r\n-- \r\nJo"), "Answer");
        assert_eq!(of("", ""), "");
        assert_eq!(of("", "👍"), "👍");
        assert_eq!(of("", &"wort ".repeat(100)).chars().count(), 139);
        assert_eq!(of("", &"x".repeat(5000)).chars().count(), 140);
    }

    #[test]
    fn of_what_was_cut_off() {
        let qp =
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable";
        assert_eq!(of(qp, "Gr=C3=BC=C3=9Fe =\r\nund K=C3"), "Grüße und K");
        let base64 = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64";
        assert_eq!(of(base64, "R3LDvMOfZ"), "Grüß");
        assert_eq!(of(base64, "R3LD"), "Gr");
        let html = "Content-Type: text/html";
        assert_eq!(of(html, "<p>Hi &amp; bye<br>now &nb"), "Hi & bye now");
        assert_eq!(of(html, "<p>Hi <a href=\"http://x"), "Hi");
        assert_eq!(of(html, "<head><style>p { color: red"), "");
    }

    #[test]
    fn of_html() {
        assert_eq!(
            of(
                "Content-Type: text/html; charset=utf-8",
                "<!doctype html><head><title>no</title><style>no</style></head><!-- no --><body>\
                 <div style='display:none'>Preheader\u{34F}\u{200C}&nbsp;&zwnj;&shy;</div><b>Sale!</b>"
            ),
            "Preheader Sale!"
        );
    }

    #[test]
    fn of_multiparts() {
        let header = "Content-Type: multipart/mixed; boundary=a";
        let body = "preamble\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<i>Hi</i> the";
        assert_eq!(of(header, body), "Hi the");
        assert_eq!(
            of(
                "Content-Type: multipart/mixed",
                body.strip_prefix("preamble\r\n").unwrap()
            ),
            "Hi the"
        );
        assert_eq!(of(header, "--a\r\nContent-Type: image/png\r\n\r\nPNG"), "");
        assert_eq!(
            of(
                header,
                "--a\r\nContent-Disposition: attachment\r\n\r\nno\r\n--a\r\n\r\nyes"
            ),
            "yes"
        );
        assert_eq!(of(header, "--a\r\nContent-Type: text/pl"), "");
        assert_eq!(of("Content-Type: image/png", "PNG"), "");
        assert_eq!(
            of(
                "Content-Type: multipart/encrypted; boundary=a",
                "--a\r\n\r\nno"
            ),
            ""
        );
    }
}
