//! From the octets of a part to what they mean: transfer encodings, charsets, format=flowed, and
//! the beginning of a message as the list shows it.

mod flowed;
mod snippet;
mod transfer;

pub use snippet::snippet;
pub use transfer::Decoder;

use super::header::Header;
use super::{charset, visible};

/// The decoded text of a text/* part: `mime_header` as BODY[n.MIME] gives it (or the message's
/// header, where the message is the part), `body` as BODY[n]. With LF for line breaks and without
/// control characters; never fails, whatever the part claims to be.
///
/// Text that is format=flowed (RFC 3676) comes with its paragraphs joined and its quoting kept.
pub fn text_part(mime_header: &[u8], body: &[u8]) -> String {
    let header = Header::parse(mime_header);
    let text = text_of(&header, body);
    let flowed = |name: &str, value: &str| {
        header
            .content_type_param(name)
            .is_some_and(|v| v.trim().eq_ignore_ascii_case(value))
    };
    let plain = header
        .content_type()
        .is_none_or(|(_, subtype)| subtype == "plain");
    if plain && flowed("format", "flowed") {
        flowed::unflow(&text, flowed("delsp", "yes"))
    } else {
        text
    }
}

/// An attached text, decoded from its transfer encoding already; `None` where it is none.
pub fn text_of_file(octets: &[u8], charset: Option<&str>) -> Option<String> {
    let wide = charset.is_some_and(|label| {
        let label = label.trim().to_ascii_lowercase();
        label.starts_with("utf-16") || label.starts_with("utf-32")
    });
    // Text in octets has no NUL, and nearly all else has.
    if octets.contains(&0) && !wide {
        return None;
    }
    Some(visible::plain(&self::charset::decode(octets, charset)))
}

/// The text behind transfer encoding and charset.
fn text_of(header: &Header, body: &[u8]) -> String {
    let octets = Decoder::once(&header.transfer_encoding(), body);
    let label = header.content_type_param("charset").or_else(|| {
        let html = header.content_type().is_some_and(|(_, s)| s == "html");
        // HTML that nobody has labelled may say itself what it is.
        charset::of_html(&octets).filter(|_| html && std::str::from_utf8(&octets).is_err())
    });
    visible::plain(&charset::decode(&octets, label.as_deref()))
}

#[cfg(test)]
mod tests;
