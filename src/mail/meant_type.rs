//! What is meant by a Content-Type that breaks the syntax or names a kind of text that nobody
//! registered: `html`, `TEXT`, `text/htm`, `text/html charset=utf-8`. RFC 2045, section 5.2, takes
//! such a type for plain text; Dovecot says in BODYSTRUCTURE that it knows none, and what would be the
//! body is a file. Of a mail of one part the header is at hand, and says what is meant.

use super::header::Header;
use super::params;
use super::structure::Part;

impl Part {
    /// Reads the type of a message's only part anew from its header, where the structure has none
    /// that can be shown. What comes of it is text/plain or text/html, or all stays as it is.
    pub fn read_meant_type(&mut self, header: &Header) {
        let lone = self.id == "1" && self.children.is_empty() && !self.is_message();
        let unknown = self.kind.is_empty() || self.subtype.is_empty();
        if !lone || !(unknown || odd_text(&self.kind, &self.subtype)) {
            return;
        }
        let value = header.value("content-type").unwrap_or_default();
        if let Some(subtype) = meant(value) {
            "text".clone_into(&mut self.kind);
            subtype.clone_into(&mut self.subtype);
            self.params = header.content_type_params();
        }
    }
}

/// The type that the header of a part means, where it says none that can be shown.
pub(super) fn meant_by(header: &Header) -> Option<(String, String)> {
    let value = header.value("content-type")?;
    let broken = header
        .content_type()
        .is_none_or(|(kind, subtype)| odd_text(&kind, &subtype));
    let subtype = meant(value).filter(|_| broken)?;
    Some(("text".to_owned(), subtype.to_owned()))
}

fn odd_text(kind: &str, subtype: &str) -> bool {
    kind == "text" && !matches!(subtype, "plain" | "html")
}

/// The subtype of text that the value of a Content-Type field means, if it is plain or html. A type
/// that is none of these stays a file: what calls itself `image` or `application/pdf name=a.pdf` is
/// no text.
fn meant(value: &str) -> Option<&'static str> {
    let (main, _) = params::split(value);
    let mut words = main
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !matches!(*word, "" | "x"));
    match (words.next(), words.next()) {
        (Some("html" | "htm" | "xhtml"), _)
        | (Some("text" | "txt"), Some("html" | "htm" | "xhtml")) => Some("html"),
        (None | Some("plain" | "txt" | "ascii" | "charset" | "format"), _)
        | (Some("us"), Some("ascii"))
        | (Some("text"), None | Some("plain" | "txt" | "text" | "ascii" | "charset")) => {
            Some("plain")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_by_a_broken_type() {
        for (value, subtype) in [
            ("html", Some("html")),
            ("HTML; charset=utf-8", Some("html")),
            ("text/htm", Some("html")),
            ("text/x-html", Some("html")),
            ("text.html", Some("html")),
            ("text/html charset=\"utf-8\"", Some("html")),
            ("\"text/html\"", Some("html")),
            ("text", Some("plain")),
            ("TEXT", Some("plain")),
            ("text; charset=utf-8", Some("plain")),
            ("text/", Some("plain")),
            ("text/*", Some("plain")),
            ("text/plain, text/html", Some("plain")),
            ("plain", Some("plain")),
            ("us-ascii", Some("plain")),
            ("charset=utf-8", Some("plain")),
            ("", Some("plain")),
            ("; charset=utf-8", Some("plain")),
            ("image", None),
            ("application", None),
            ("message", None),
            ("multipart", None),
            ("application/pdf name=html", None),
            ("text/calendar", None),
            ("text/rtf", None),
            ("image/svg+xml text/html", None),
            ("müll", None),
        ] {
            assert_eq!(meant(value), subtype, "{value:?}");
        }
    }

    fn read(kind: &str, subtype: &str, header: &str) -> Part {
        let mut part = Part {
            id: "1".to_owned(),
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            ..Part::default()
        };
        part.read_meant_type(&Header::parse(header.as_bytes()));
        part
    }

    #[test]
    fn a_lone_text_of_a_broken_type_is_the_body() {
        let part = read("html", "", "Content-Type: html; charset=utf-8\r\n");
        assert_eq!(part.content_type(), "text/html");
        assert_eq!(part.param("charset").as_deref(), Some("utf-8"));
        assert_eq!(part.body_choice().html[0].part, "1");
        assert!(part.attachments().is_empty());
        let part = read("text", "", "Content-Type: TEXT\r\n");
        assert_eq!(part.body_choice().text[0].part, "1");
        assert_eq!(read("", "", "").content_type(), "text/plain");
    }

    #[test]
    fn what_the_server_knows_stays_and_files_stay_files() {
        // The server has read another type than the header says to us: the server's counts.
        let part = read("image", "png", "Content-Type: html\r\n");
        assert_eq!(part.content_type(), "image/png");
        let part = read("", "", "Content-Type: application/pdf name=a.pdf\r\n");
        assert_eq!(part.attachments().len(), 1);
        let part = read("text", "calendar", "Content-Type: text/calendar\r\n");
        assert_eq!(part.content_type(), "text/calendar");
        let mut file = Part {
            id: "1".to_owned(),
            disposition: Some(("attachment".to_owned(), Vec::new())),
            ..Part::default()
        };
        file.read_meant_type(&Header::parse(b"Content-Type: html\r\n"));
        assert_eq!(file.attachments().len(), 1);
        // One of several says nothing of its own header in the message's.
        let mut inner = Part {
            id: "2".to_owned(),
            ..Part::default()
        };
        inner.read_meant_type(&Header::parse(b"Content-Type: html\r\n"));
        assert_eq!(inner.content_type(), "application/octet-stream");
    }
}
