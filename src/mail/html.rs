//! The HTML of a mail made harmless. First it is brought into order ([`order`]), which bounds the
//! work; then ammonia builds the tree a browser would build and drops everything that is not on
//! the list ([`allow`], and for CSS `mail::css`). Both are repeated until nothing changes any more,
//! so that what was judged and what a browser reads are the same; what does not settle is shown as
//! text. Only then are the mail's own images put in.

mod allow;
mod order;

use super::markup::{Attribute, Token, tokens};
use super::text::html_to_text;
use super::{entity, plain, visible};
use ammonia::{Builder, UrlRelative};
use order::order;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Octets of HTML that are read; what comes after is cut off.
const INPUT_LIMIT: usize = 16 << 20;
/// Octets of images that are put in, all uses taken together.
const IMAGE_LIMIT: usize = 32 << 20;
/// How often the result may change before it is given up.
const PASSES: usize = 4;

/// A mail's HTML, harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanitised {
    /// A fragment to stand in a body. It loads nothing: images are `data:` URLs.
    pub html: String,
    /// Whether the mail names content on the net that was left out.
    pub remote: bool,
}

/// Makes the HTML of a mail harmless. `cid` gives for a Content-ID (without angle brackets, as
/// the mail has it) the image as a `data:` URL in Base64 of a png, jpeg, gif or webp; anything else
/// is not taken.
///
/// Sanitising the result again changes nothing. Takes linear time and bounded stack.
pub fn sanitise(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> Sanitised {
    let cut = html.floor_char_boundary(INPUT_LIMIT);
    let clean = visible::plain(html.get(..cut).unwrap_or_default());
    let ordered = order(&clean);
    let settled = settle(RULES.clean(&ordered.html).to_string());
    let html = settled.unwrap_or_else(|| as_text(&clean));
    Sanitised {
        html: finish(&html, cid),
        remote: ordered.remote,
    }
}

/// One pass: `html` ordered and filtered. Control characters come back by character references.
fn pass(html: &str) -> String {
    visible::plain(&RULES.clean(&order(html).html).to_string())
}

/// Repeats the pass until it changes nothing; `None` where it goes on changing.
fn settle(mut html: String) -> Option<String> {
    for _ in 0..PASSES {
        let again = pass(&html);
        if again == html {
            return Some(html);
        }
        html = again;
    }
    None
}

/// The last resort: the text of it.
fn as_text(html: &str) -> String {
    let mut out = String::from("<div style=\"white-space: pre-wrap\">");
    plain::escape(&html_to_text(html), &mut out);
    out.push_str("</div>");
    pass(&out)
}

static RULES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut rules = Builder::empty();
    rules
        .tags(allow::ELEMENTS.into())
        .clean_content_tags(
            [
                "script", "style", "title", "template", "noscript", "iframe", "object", "svg",
                "math",
            ]
            .into(),
        )
        .generic_attributes(allow::EVERYWHERE.into())
        .tag_attributes(
            allow::SINGLE
                .map(|(name, list)| (name, list.iter().copied().collect()))
                .into(),
        )
        .url_schemes(["http", "https", "mailto", "cid", "data"].into())
        .url_relative(UrlRelative::Deny)
        // Written at the end, to links that leave only.
        .link_rel(None)
        .attribute_filter(allow::value);
    rules
});

/// Puts the images in, says of links how they open, and lets an image that is not shown speak by
/// its alternative text. `html` is what the serialiser wrote: every `<` in it begins a tag, every
/// value stands in double quotes.
fn finish(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut images: HashMap<String, Option<String>> = HashMap::new();
    let mut room = IMAGE_LIMIT;
    for token in tokens(html) {
        match token {
            Token::Text(text) => out.push_str(text),
            Token::End(name) => {
                out.push_str("</");
                out.push_str(&name);
                out.push('>');
            }
            Token::Start { name, attributes } if name == "img" => {
                let source = find(&attributes, "src");
                let source = entity::decode(source);
                let data = match source.strip_prefix("cid:") {
                    Some(id) => images
                        .entry(id.to_owned())
                        .or_insert_with(|| image(id, cid))
                        .as_deref()
                        .filter(|data| data.len() <= room),
                    None => Some(source.as_ref()).filter(|source| !source.is_empty()),
                };
                if let Some(data) = data {
                    room = room.saturating_sub(data.len());
                    start(&mut out, &name, &attributes, Some(data));
                } else {
                    alternative(&mut out, find(&attributes, "alt"));
                }
            }
            Token::Start { name, attributes } => start(&mut out, &name, &attributes, None),
            // No element with raw content is allowed.
            Token::Raw { .. } => {}
        }
    }
    out
}

/// The image for what follows `cid:`, which is percent-encoded (RFC 2392, section 2) or not.
fn image(id: &str, cid: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    let bare = decoded.trim_matches(['<', '>']);
    cid(bare)
        .or_else(|| cid(id))
        .filter(|data| allow::is_raster_url(data))
}

/// A start tag again, with `source` for the image's source.
fn start(out: &mut String, name: &str, attributes: &[Attribute<'_>], source: Option<&str>) {
    out.push('<');
    out.push_str(name);
    for attribute in attributes {
        out.push(' ');
        out.push_str(&attribute.name);
        out.push_str("=\"");
        out.push_str(
            source
                .filter(|_| attribute.name == "src")
                .unwrap_or(attribute.value),
        );
        out.push('"');
    }
    let target = find(attributes, "href");
    if name == "a" && !target.is_empty() && !target.to_ascii_lowercase().starts_with("mailto:") {
        out.push_str(" rel=\"noopener noreferrer nofollow\" target=\"_blank\"");
    }
    out.push('>');
}

/// The alternative text as text, written as the serialiser would.
fn alternative(out: &mut String, alt: &str) {
    let alt = entity::decode(alt);
    if alt.trim().is_empty() {
        return;
    }
    out.push_str("<span>");
    for c in alt.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{A0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
    out.push_str("</span>");
}

fn find<'a>(attributes: &[Attribute<'a>], name: &str) -> &'a str {
    attributes
        .iter()
        .find(|a| a.name == name)
        .map(|a| a.value)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
