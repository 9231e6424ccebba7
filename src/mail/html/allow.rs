//! What of HTML a mail may use: the elements, their attributes, and of each attribute the values.
//! Elements that load, run, or take input are none of them, nor are the attributes by which one
//! element reaches another (`id`, `name`, `for`). A class is one of our own names ([`media`]).

use super::media;
use crate::mail::{css, image_url, visible};
use std::borrow::Cow;

/// Elements that stay. What is not here loses its tags and keeps its text.
pub(super) const ELEMENTS: [&str; 76] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Attributes that any of them may have.
pub(super) const EVERYWHERE: [&str; 10] = [
    "align", "bgcolor", "class", "dir", "height", "lang", "style", "title", "valign", "width",
];

/// Attributes of single elements.
pub(super) const SINGLE: [(&str, &[&str]); 13] = [
    ("a", &["href"]),
    ("br", &["clear"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["color", "noshade", "size"]),
    ("img", &["alt", "border", "hspace", "src", "vspace"]),
    ("li", &["type", "value"]),
    ("ol", &["reversed", "start", "type"]),
    (
        "table",
        &["background", "border", "cellpadding", "cellspacing"],
    ),
    ("td", &["background", "colspan", "nowrap", "rowspan"]),
    ("th", &["background", "colspan", "nowrap", "rowspan"]),
    ("ul", &["type"]),
];

/// Longest address of a link, in octets.
const LINK_LIMIT: usize = 8 * 1024;
/// Longest text of an attribute, in characters.
const TEXT_LIMIT: usize = 1000;
/// What writing a piece of text may cost the serialiser of html5ever 0.40: for every character
/// that it escapes it searches the rest of the piece, so many of them in a long one take quadratic
/// time. This bounds their number times the length.
pub(super) const ESCAPE_LIMIT: usize = 1 << 20;

/// Whether images on the net stay, in order to be shown by another address in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Net {
    #[default]
    Closed,
    Images,
}

impl Net {
    /// The address of an image on the net, as it may stand.
    pub(super) fn image(self, address: &str) -> Option<String> {
        match self {
            Self::Closed => None,
            Self::Images => image_url::normal(address),
        }
    }
}

/// Whether it is one of [`ELEMENTS`]: asked for each tag, and so written that the compiler makes a
/// tree of comparisons of it.
pub(super) fn is_element(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"a" | b"abbr"
            | b"address"
            | b"article"
            | b"aside"
            | b"b"
            | b"bdi"
            | b"bdo"
            | b"big"
            | b"blockquote"
            | b"br"
            | b"caption"
            | b"center"
            | b"cite"
            | b"code"
            | b"col"
            | b"colgroup"
            | b"dd"
            | b"del"
            | b"details"
            | b"dfn"
            | b"dir"
            | b"div"
            | b"dl"
            | b"dt"
            | b"em"
            | b"figcaption"
            | b"figure"
            | b"font"
            | b"footer"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"i"
            | b"img"
            | b"ins"
            | b"kbd"
            | b"li"
            | b"main"
            | b"mark"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"q"
            | b"rp"
            | b"rt"
            | b"ruby"
            | b"s"
            | b"samp"
            | b"section"
            | b"small"
            | b"span"
            | b"strike"
            | b"strong"
            | b"sub"
            | b"summary"
            | b"sup"
            | b"table"
            | b"tbody"
            | b"td"
            | b"tfoot"
            | b"th"
            | b"thead"
            | b"time"
            | b"tr"
            | b"tt"
            | b"u"
            | b"ul"
            | b"var"
            | b"wbr"
    )
}

pub(super) fn is_attribute(element: &str, attribute: &str) -> bool {
    EVERYWHERE.contains(&attribute)
        || SINGLE
            .iter()
            .any(|(name, list)| *name == element && list.contains(&attribute))
}

/// The value of an allowed attribute as it may stand, its character references decoded; `None`
/// where the attribute has to go. Running it on its own result changes nothing.
pub(super) fn value<'a>(
    net: Net,
    element: &str,
    attribute: &str,
    value: &'a str,
) -> Option<Cow<'a, str>> {
    let keep = |fits: bool| fits.then_some(Cow::Borrowed(value));
    match attribute {
        "href" => link(value).map(Cow::Owned),
        "src" => image(value).or_else(|| net.image(value)).map(Cow::Owned),
        "background" => net.image(value).map(Cow::Owned),
        "style" => {
            let style = match net {
                Net::Closed => css::harmless(value),
                Net::Images => css::declarations_with(value, &mut |url| net.image(url)),
            };
            (!style.is_empty()).then_some(Cow::Owned(style))
        }
        "class" => keep(media::are_classes(value)),
        "title" | "alt" => {
            let line = visible::one_line(visible::clip(value, TEXT_LIMIT));
            Some(Cow::Owned(line))
        }
        "width" | "height" => keep(is_length(value)),
        "cellpadding" | "cellspacing" | "border" | "hspace" | "vspace" => {
            keep(is_number(value, 1000))
        }
        "rowspan" => keep(is_number(value, 1000)),
        "start" | "value" => keep(is_number(value, 1_000_000)),
        "size" if element == "font" => keep(is_number(
            value.strip_prefix(['+', '-']).unwrap_or(value),
            7,
        )),
        "colspan" | "span" | "size" => keep(is_number(value, 100)),
        "bgcolor" | "color" => keep(is_colour(value)),
        "face" => keep(is_font(value)),
        "lang" => keep(is_token(value, 35)),
        "dir" => keep(
            ["ltr", "rtl", "auto"]
                .iter()
                .any(|d| value.eq_ignore_ascii_case(d)),
        ),
        // align, valign, type, clear, nowrap, noshade, reversed
        _ => keep(value.is_empty() || is_token(value, 20)),
    }
}

/// The target of a link that leads to the net or to a letter, without what browsers skip.
fn link(target: &str) -> Option<String> {
    let target: String = target.trim().chars().filter(|c| !c.is_control()).collect();
    let target = target.trim();
    let scheme = ["http://", "https://", "mailto:"].iter().find(|s| {
        target
            .get(..s.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(s))
    })?;
    let beyond = target.get(scheme.len()..).unwrap_or_default();
    let somewhere = *scheme == "mailto:" || beyond.starts_with(|c: char| !matches!(c, '/' | '\\'));
    let escapes = target.bytes().filter(|b| *b == b'&').count();
    let fits = somewhere
        && !beyond.is_empty()
        && target.len() <= LINK_LIMIT
        && escapes.saturating_mul(target.len()) <= ESCAPE_LIMIT;
    fits.then(|| target.replace(' ', "%20"))
}

/// An image that lies in the mail: as a part, by `cid:` (RFC 2392), or in the address itself.
pub(super) fn image(source: &str) -> Option<String> {
    let source: String = source
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .collect();
    match source.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("cid:") && source.len() > 4 => {
            Some(format!("cid:{}", source.get(4..)?))
        }
        _ => is_raster_url(&source).then_some(source),
    }
}

/// Whether `url` is a `data:` URL (RFC 2397) of a raster image in Base64, and nothing else.
pub(super) fn is_raster_url(url: &str) -> bool {
    let kinds = ["png", "jpeg", "jpg", "gif", "webp"];
    url.strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"))
        .is_some_and(|(kind, code)| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
            kinds.contains(&kind) && !code.is_empty() && code.bytes().all(plain)
        })
}

fn is_number(value: &str, most: u32) -> bool {
    value.bytes().all(|b| b.is_ascii_digit()) && value.parse::<u32>().is_ok_and(|n| n <= most)
}

/// `600`, `600px`, `100%`, `*`, `2*`, `1.5`.
fn is_length(value: &str) -> bool {
    let number = value
        .strip_suffix(['%', '*'])
        .or_else(|| value.strip_suffix("px"))
        .unwrap_or(value);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    value == "*" || is_number(whole, 10_000) && is_number(fraction, 1_000_000)
}

fn is_colour(value: &str) -> bool {
    value.len() <= 30
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b" #(),.%".contains(&b))
}

fn is_font(value: &str) -> bool {
    value.chars().nth(200).is_none()
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || " -_,.'".contains(c))
}

fn is_token(value: &str, most: usize) -> bool {
    (1..=most).contains(&value.len())
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_lists_of_elements_agree() {
        assert!(ELEMENTS.iter().all(|name| is_element(name)));
        assert!(ELEMENTS.is_sorted());
        for name in ["", "script", "svg", "A", "ab", "h7", "tablex"] {
            assert!(!is_element(name), "{name}");
        }
    }

    #[test]
    fn links() {
        for (target, kept) in [
            ("https://x.org/a b", Some("https://x.org/a%20b")),
            (" HTTP://x ", Some("HTTP://x")),
            ("mailto:a@b?subject=c", Some("mailto:a@b?subject=c")),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("ht\ntps://x", Some("https://x")),
            ("data:text/html,x", None),
            ("vbscript:x", None),
            ("//x.org", None),
            ("/local", None),
            ("#anchor", None),
            ("", None),
            ("http:x", None),
            ("http:///x", None),
            ("file:///etc", None),
            ("cid:x", None),
        ] {
            assert_eq!(
                value(Net::Closed, "a", "href", target).as_deref(),
                kept,
                "{target}"
            );
        }
    }

    #[test]
    fn images() {
        for (source, kept) in [
            ("cid:a@b", Some("cid:a@b")),
            ("CID: a@b", Some("cid:a@b")),
            (
                "data:image/png;base64,iVBOR\n w0=",
                Some("data:image/png;base64,iVBORw0="),
            ),
            ("data:image/svg+xml;base64,PHN2", None),
            ("data:image/png,x", None),
            ("data:image/png;base64,", None),
            ("data:image/png;base64,\"onerror=", None),
            ("data:text/html;base64,PHN2", None),
            ("DATA:image/png;base64,iV", None),
            ("http://x/y.png", None),
            ("cid:", None),
            ("x.png", None),
        ] {
            assert_eq!(
                value(Net::Closed, "img", "src", source).as_deref(),
                kept,
                "{source}"
            );
        }
    }

    #[test]
    fn images_on_the_net_stay_where_they_may() {
        for (element, attribute, text, kept) in [
            ("img", "src", "HTTP://x/a b", Some("http://x/a%20b")),
            ("img", "src", "//x/y", Some("https://x/y")),
            ("img", "src", "cid:a", Some("cid:a")),
            ("img", "src", "javascript:x", None),
            ("img", "src", "/remote/x", None),
            ("td", "background", "http://x/y", Some("http://x/y")),
            ("td", "background", "cid:x", None),
            (
                "p",
                "style",
                "background:url(http://x/y)",
                Some("background: url('http://x/y')"),
            ),
            ("p", "style", "list-style:url(http://x/y)", None),
            ("a", "href", "/remote/x", None),
        ] {
            let open = value(Net::Images, element, attribute, text);
            assert_eq!(open.as_deref(), kept, "{text}");
        }
        assert_eq!(value(Net::Closed, "td", "background", "http://x/y"), None);
    }

    #[test]
    fn the_rest() {
        for (attribute, good, bad) in [
            ("width", "100%", "99999"),
            ("width", "600px", "expression(1)"),
            ("height", "1.5", "-1"),
            ("colspan", "2", "101"),
            ("rowspan", "2", "65534"),
            ("bgcolor", "#FF0000", "url(x)//"),
            ("color", "rgb(1,2,3)", "red;x"),
            ("face", "Arial, 'x y'", "a\"b"),
            ("lang", "de-DE", "a b"),
            ("dir", "rtl", "x"),
            ("align", "center", "a;b"),
            ("nowrap", "", "<"),
        ] {
            assert_eq!(
                value(Net::Closed, "td", attribute, good).as_deref(),
                Some(good),
                "{attribute}"
            );
            assert_eq!(
                value(Net::Closed, "td", attribute, bad),
                None,
                "{attribute}"
            );
        }
        assert_eq!(
            value(Net::Closed, "font", "size", "+1").as_deref(),
            Some("+1")
        );
        assert_eq!(value(Net::Closed, "font", "size", "99"), None);
        assert_eq!(
            value(Net::Closed, "td", "title", "a\nb").as_deref(),
            Some("a b")
        );
    }
}
