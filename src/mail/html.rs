//! The HTML of a mail made harmless. First it is brought into order ([`order`]), which bounds the
//! work; then ammonia builds the tree a browser would build and drops everything that is not on
//! the list ([`allow`], and for CSS `mail::css`). Both are repeated until nothing changes any more,
//! so that what was judged and what a browser reads are the same; what does not settle is shown as
//! text. Only then are the mail's own images put in, and colours for the dark ([`dark`]).

mod allow;
mod dark;
mod greater;
mod media;
mod order;
mod pipe;
mod report;
mod sheet;

use super::markup::{Attribute, Token, tokens};
use super::text::html_to_text;
use super::{css, entity, plain, visible};
use allow::Net;
use ammonia::{Builder, UrlRelative};
use dark::{Dark, Painted};
use greater::is_written_as;
use order::{order, order_into};
pub use pipe::Pipe;
pub use report::Report;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Octets of HTML that are read; what comes after is cut off.
const INPUT_LIMIT: usize = 16 << 20;
/// Octets of images that are put in, all uses taken together; also into a body of several texts.
pub const IMAGE_LIMIT: usize = 32 << 20;
/// Images of the net that are shown of one mail.
const REMOTE_LIMIT: usize = 1000;
/// How often the result may change before it is given up.
const PASSES: usize = 4;
/// Character references, and signs that are written as such, of which one takes the parser as long as
/// a thousand letters. HTML with more is shown as its text; no newsletter has a tenth of them.
const REFERENCE_LIMIT: usize = 100_000;

/// A mail's HTML, harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanitised {
    /// A fragment to stand in a body. It loads nothing but what the caller gave: images are
    /// `data:` URLs, or at the addresses that `remote` gave for them.
    pub html: String,
    /// A style sheet for the document that the fragment stands in, before all others: what the mail
    /// says about narrow windows. Empty where it says nothing.
    pub media: String,
    /// Whether the mail names content on the net, which was left out but for what `remote` gave.
    pub remote: bool,
    /// What the mail has that is not shown; images of the net are counted, shown or not.
    pub report: Report,
    /// Images of the net that are shown by the addresses that `remote` gave.
    pub shown: u32,
    /// Octets of the images that were put in.
    pub image_octets: usize,
}

impl Sanitised {
    /// [`Self::media`] for a fragment that stands in an element of the class `scope`, beside others.
    /// It weighs no more for that: our own styles go over it.
    #[must_use]
    pub fn media_within(&self, scope: &str) -> String {
        self.media.replace("{.m", &format!("{{:where(.{scope}) .m"))
    }
}

/// Gives for the address of an image of the net the local path to show it by.
pub type Paths<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Makes the HTML of a mail harmless. `cid` gives for a Content-ID (without angle brackets, as
/// the mail has it) the image as a `data:` URL in Base64 of a png, jpeg, gif or webp; anything else
/// is not taken.
///
/// Sanitising the result again changes nothing. Takes linear time and bounded stack.
pub fn sanitise(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> Sanitised {
    clean(html, Net::Closed, cid, &|_| None, false)
}

/// The same for somebody who wants to see the mail's images from the net: `remote` gives for the
/// address of one (http or https) the local path to show it by. Images that cannot be seen are
/// left out all the same.
pub fn sanitise_with(
    html: &str,
    cid: &dyn Fn(&str) -> Option<String>,
    remote: &dyn Fn(&str) -> Option<String>,
) -> Sanitised {
    clean(html, Net::Images, cid, remote, false)
}

/// The same, legible in a document of either colour scheme: what has colours has others in the dark.
/// Without `remote` no images of the net are shown.
pub fn sanitise_for_both(
    html: &str,
    cid: &dyn Fn(&str) -> Option<String>,
    remote: Option<&Paths<'_>>,
) -> Sanitised {
    match remote {
        Some(remote) => clean(html, Net::Images, cid, remote, true),
        None => clean(html, Net::Closed, cid, &|_| None, true),
    }
}

fn clean(
    html: &str,
    net: Net,
    cid: &dyn Fn(&str) -> Option<String>,
    remote: &Paths<'_>,
    dark: bool,
) -> Sanitised {
    let mut draft = Draft::of(html, net);
    let filtered = draft.filtered();
    draft.settle(&filtered);
    draft.finish(cid, remote, dark)
}

/// A mail's HTML in good order. It is not harmless before it is known that neither the filter nor
/// bringing it into order again changes anything, which is so with most mails: then another pass,
/// which is both, would not either. What is done last can be done while that is found out, by whoever
/// has another processor for it, and thrown away if need be. Never printed: it is a mail.
#[derive(Clone)]
pub struct Draft {
    /// What it was made of.
    source: String,
    html: String,
    media: String,
    report: Report,
    net: Net,
    /// Whether it is known to be harmless: it is text alone.
    text: bool,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Draft").finish_non_exhaustive()
    }
}

impl Draft {
    /// `html` in good order, which can be read from `pipe` while it is made; with `images`, those of
    /// the net stay. The thread keeps what it has learned of the mail's styles until
    /// [`finish`](Self::finish).
    pub fn new(html: &str, images: bool, pipe: &Pipe) -> Self {
        let pipe = pipe.writer();
        Self::made(html, net_of(images), Some(pipe))
    }

    fn of(html: &str, net: Net) -> Self {
        Self::made(html, net, None)
    }

    fn made(html: &str, net: Net, pipe: Option<pipe::Writer<'_>>) -> Self {
        let cut = html.floor_char_boundary(INPUT_LIMIT);
        let source = visible::plain(html.get(..cut).unwrap_or_default());
        if references(&source) > REFERENCE_LIMIT {
            return Self::of_text(source, net);
        }
        let ordered = order_into(&source, net, pipe);
        Self {
            source,
            html: ordered.html,
            media: ordered.media,
            report: ordered.report,
            net,
            text: false,
        }
    }

    /// The text of `source` alone, which no parser needs to see.
    fn of_text(source: String, net: Net) -> Self {
        let mut report = Report::default();
        for token in tokens(&source) {
            if matches!(token, Token::Start { .. }) {
                report.element();
            }
        }
        Self {
            html: text_of(&source),
            source,
            media: String::new(),
            report,
            net,
            text: true,
        }
    }

    fn filtered(&self) -> Filtered {
        if self.text {
            return Filtered::default();
        }
        Filtered::of(filter(&self.html, self.net), self.net)
    }

    /// Takes what the filter makes of it, and where that is something else, or would be changed by
    /// another pass, repeats the pass until it changes nothing; what goes on changing becomes text.
    /// Only where nothing had to be changed may anything be shown that was finished before.
    pub fn settle(&mut self, filtered: &Filtered) -> Change {
        if self.text {
            return Change::Nothing;
        }
        if filtered.ordered && is_written_as(&self.html, &filtered.html) {
            return Change::Nothing;
        }
        if let Some(html) = settle(filtered.html.clone(), self.net) {
            self.html = html;
        } else {
            self.html = as_text(&self.source);
            self.media.clear();
        }
        css::forget();
        Change::Something
    }

    /// Puts in what stands in it at last: `cid` and `remote` as for [`sanitise_with`], and with `dark`
    /// what [`sanitise_for_both`] adds.
    pub fn finish(
        &self,
        cid: &dyn Fn(&str) -> Option<String>,
        remote: &Paths<'_>,
        dark: bool,
    ) -> Sanitised {
        let mut finish = Finish {
            cid,
            remote,
            images: HashMap::new(),
            room: IMAGE_LIMIT,
            shown: 0,
        };
        let html = finish.whole(&self.html, dark.then(Dark::default));
        css::forget();
        Sanitised {
            html,
            media: self.media.clone(),
            remote: self.report.remote,
            report: self.report,
            shown: u32::try_from(finish.shown).unwrap_or(u32::MAX),
            image_octets: IMAGE_LIMIT.saturating_sub(finish.room),
        }
    }
}

fn net_of(images: bool) -> Net {
    if images { Net::Images } else { Net::Closed }
}

/// Whether something had to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Nothing,
    Something,
}

/// What the filter makes of a draft. Never printed: it is a mail.
#[derive(Default)]
pub struct Filtered {
    html: String,
    /// Whether bringing it into order again changes nothing.
    ordered: bool,
}

impl std::fmt::Debug for Filtered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Filtered").finish_non_exhaustive()
    }
}

impl Filtered {
    /// Of the draft that is written into the pipe. Begins with the first piece; the last one has to
    /// come.
    pub fn from(pipe: &Pipe, images: bool) -> Self {
        let net = net_of(images);
        let document = rules(net).clean_from_reader(pipe.reader());
        Self::of(document.map(written).unwrap_or_default(), net)
    }

    fn of(html: String, net: Net) -> Self {
        let html = visible::into_plain(html);
        let ordered = is_written_as(&order(&html, net).html, &html);
        css::forget();
        Self { html, ordered }
    }
}

/// One pass: `html` ordered and filtered. Control characters come back by character references.
fn pass(html: &str, net: Net) -> String {
    visible::into_plain(filter(&order(html, net).html, net))
}

/// What the sanitiser leaves of `html`.
fn filter(html: &str, net: Net) -> String {
    written(rules(net).clean(html))
}

fn written(document: ammonia::Document) -> String {
    // Written at once to where it stays: its Display would copy it twice.
    let mut out = Vec::new();
    match document.write_to(&mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// Repeats the pass until it changes nothing; `None` where it goes on changing. As ordering writes it,
/// if that is the same: it is what a later pass would leave as it is.
fn settle(mut html: String, net: Net) -> Option<String> {
    for _ in 0..PASSES {
        let ordered = order(&html, net).html;
        let again = visible::into_plain(filter(&ordered, net));
        if again == html {
            let same = is_written_as(&ordered, &again);
            return Some(if same { ordered } else { html });
        }
        html = again;
    }
    None
}

/// The last resort: the text of it.
fn as_text(html: &str) -> String {
    order(&pass(&text_of(html), Net::Closed), Net::Closed).html
}

/// What a reader of `html` would read, as HTML in which nothing but one element has a meaning.
fn text_of(html: &str) -> String {
    let mut out = String::from("<div style=\"white-space: pre-wrap\">");
    out.push_str(&plain::escaped(&html_to_text(html)));
    out.push_str("</div>");
    out
}

/// How many signs of `html` the parser reads as references, or as ones that are written as such.
fn references(html: &str) -> usize {
    let octets = html.as_bytes();
    let stray =
        |next: Option<&u8>| !next.is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b));
    let signs = octets.iter().enumerate().filter(|(at, octet)| match octet {
        b'&' => true,
        b'<' => stray(octets.get(at.saturating_add(1))),
        _ => false,
    });
    signs.count().saturating_add(html.matches('\u{A0}').count())
}

fn rules(net: Net) -> &'static Builder<'static> {
    static CLOSED: LazyLock<Builder<'static>> = LazyLock::new(|| build(Net::Closed));
    static IMAGES: LazyLock<Builder<'static>> = LazyLock::new(|| build(Net::Images));
    match net {
        Net::Closed => &CLOSED,
        Net::Images => &IMAGES,
    }
}

fn build(net: Net) -> Builder<'static> {
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
        .attribute_filter(move |element, attribute, value| {
            allow::value(net, element, attribute, value)
        });
    rules
}

/// The last step, after which nothing is judged any more.
struct Finish<'a> {
    cid: &'a dyn Fn(&str) -> Option<String>,
    remote: &'a dyn Fn(&str) -> Option<String>,
    images: HashMap<String, Option<String>>,
    /// Octets of images of the mail that may still be put in.
    room: usize,
    /// Images of the net that were put in.
    shown: usize,
}

impl Finish<'_> {
    /// Puts the images in, says of links how they open, and lets an image that is not shown speak
    /// by its alternative text. `html` is what the serialiser wrote: every `<` in it begins a tag,
    /// every value stands in double quotes.
    fn whole<'h>(&mut self, html: &'h str, mut dark: Option<Dark<'h>>) -> String {
        let mut out = String::with_capacity(html.len());
        // Whether a `<pre>` begins here: parsers skip its first line break, so where an image
        // before one goes, the break goes too.
        let mut pre = false;
        for token in tokens(html) {
            let length = out.len();
            let begins = matches!(&token, Token::Start { name, .. } if name == "pre");
            match token {
                Token::Text(text) if pre => out.push_str(text.trim_start_matches('\n')),
                Token::Text(text) => out.push_str(text),
                Token::End(name) => {
                    if let Some(dark) = &mut dark {
                        dark.end();
                    }
                    out.push_str("</");
                    out.push_str(&name);
                    out.push('>');
                }
                Token::Start { name, attributes } => {
                    self.start(&mut out, &name, &attributes, dark.as_mut());
                }
                // No element with raw content is allowed.
                Token::Raw { .. } => {}
            }
            pre = begins || pre && out.len() == length;
        }
        out
    }

    /// A start tag again, with the addresses by which its images are shown, and with what it looks
    /// like in the dark.
    fn start<'h>(
        &mut self,
        out: &mut String,
        name: &str,
        attributes: &[Attribute<'h>],
        dark: Option<&mut Dark<'h>>,
    ) {
        let mut source = None;
        if name == "img" {
            source = self.source(&entity::decode(find(attributes, "src")));
            if source.is_none() {
                self.alternative(out, attributes, dark);
                return;
            }
        }
        out.push('<');
        out.push_str(name);
        let mut painted = Painted::default();
        // The style where another was written than stands there, and where it ends.
        let (mut local, mut end) = (None, None);
        for attribute in attributes {
            let replaced = match &*attribute.name {
                "src" => source.take(),
                "background" => match self.remote(&entity::decode(attribute.value)) {
                    Some(address) => {
                        painted.image = true;
                        Some(address)
                    }
                    None => continue,
                },
                "style" if attribute.value.contains("url(") => {
                    let style = entity::decode(attribute.value);
                    let style = css::declarations_with(&style, &mut |url| self.remote(url));
                    let mut escaped = String::with_capacity(style.len());
                    escape(&style, &mut escaped);
                    local = dark.is_some().then(|| escaped.clone());
                    Some(escaped)
                }
                "style" => {
                    painted.style = attribute.value;
                    None
                }
                "bgcolor" => {
                    painted.bgcolor = attribute.value;
                    None
                }
                "color" => {
                    painted.color = attribute.value;
                    None
                }
                _ => None,
            };
            out.push(' ');
            out.push_str(&attribute.name);
            out.push_str("=\"");
            out.push_str(replaced.as_deref().unwrap_or(attribute.value));
            if attribute.name == "style" {
                end = Some(out.len());
            }
            out.push('"');
        }
        let added = dark.map(|dark| dark.start(name, painted, local.as_deref()));
        if let Some(added) = added.filter(|added| !added.is_empty()) {
            match end {
                Some(end) => out.insert_str(end, &format!("; {added}")),
                None => out.extend([" style=\"", &*added, "\""]),
            }
        }
        let target = find(attributes, "href");
        if name == "a" && !target.is_empty() && !target.to_ascii_lowercase().starts_with("mailto:")
        {
            out.push_str(" rel=\"noopener noreferrer nofollow\" target=\"_blank\"");
        }
        out.push('>');
    }

    /// The alternative text of an image in its place, in the image's style: on the ground that the
    /// mail has there, another colour may not be legible.
    fn alternative<'h>(
        &mut self,
        out: &mut String,
        image: &[Attribute<'h>],
        mut dark: Option<&mut Dark<'h>>,
    ) {
        let alt = entity::decode(find(image, "alt"));
        if alt.trim().is_empty() {
            return;
        }
        let style = image.iter().find(|a| a.name == "style");
        let style = style.map(std::slice::from_ref).unwrap_or_default();
        self.start(out, "span", style, dark.as_deref_mut());
        // As the serialiser writes text, in which quotes stand for themselves.
        for (at, piece) in alt.split('"').enumerate() {
            if at > 0 {
                out.push('"');
            }
            escape(piece, out);
        }
        out.push_str("</span>");
        if let Some(dark) = dark {
            dark.end();
        }
    }

    /// What stands as the source of an image, if it is shown.
    fn source(&mut self, source: &str) -> Option<String> {
        if source.is_empty() {
            return None;
        }
        if let Some(id) = source.strip_prefix("cid:") {
            let cid = self.cid;
            let data = self
                .images
                .entry(id.to_owned())
                .or_insert_with(|| image(id, cid))
                .as_deref()
                .filter(|data| data.len() <= self.room)?;
            self.room = self.room.saturating_sub(data.len());
            return Some(data.to_owned());
        }
        if source.starts_with("data:") {
            if source.len() > self.room {
                return None;
            }
            self.room = self.room.saturating_sub(source.len());
            return Some(source.to_owned());
        }
        self.remote(source)
    }

    /// The local path of an image of the net. Whatever the caller gives, it is no more than that.
    fn remote(&mut self, url: &str) -> Option<String> {
        if self.shown >= REMOTE_LIMIT {
            return None;
        }
        let path = (self.remote)(url)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
        let local = path.starts_with('/') && !path.starts_with("//") && path.bytes().all(plain);
        self.shown = self.shown.saturating_add(usize::from(local));
        local.then_some(path)
    }
}

/// The image for what follows `cid:`, which is percent-encoded (RFC 2392, section 2) or not.
fn image(id: &str, cid: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    let bare = decoded.trim_matches(['<', '>']);
    cid(bare)
        .or_else(|| cid(id))
        .filter(|data| allow::is_raster_url(data))
}

/// The Content-IDs of the images that `html` shows, each as written and decoded: what [`sanitise`]
/// asks for. In linear time.
pub fn images_named(html: &str) -> HashSet<String> {
    let mut named = HashSet::new();
    // Of what is shown as its text no image is.
    if references(&visible::plain(html)) > REFERENCE_LIMIT {
        return named;
    }
    for token in tokens(html) {
        let Token::Start { name, attributes } = token else {
            continue;
        };
        if !matches!(&*name, "img" | "image") {
            continue;
        }
        let source = attributes.iter().find(|a| a.name == "src");
        let source = source.and_then(|a| allow::image(&entity::decode(a.value)));
        if let Some(id) = source.as_deref().and_then(|url| url.strip_prefix("cid:")) {
            let decoded = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
            named.insert(decoded.trim_matches(['<', '>']).to_owned());
            named.insert(id.to_owned());
        }
    }
    named
}

/// As the serialiser writes the value of an attribute.
pub(super) fn escape(text: &str, out: &mut String) {
    for piece in text.split_inclusive(['&', '<', '>', '"', '\u{A0}']) {
        let escaped = match piece.chars().next_back() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\u{A0}') => "&nbsp;",
            _ => {
                out.push_str(piece);
                continue;
            }
        };
        let mut plain = piece.chars();
        plain.next_back();
        out.push_str(plain.as_str());
        out.push_str(escaped);
    }
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
