//! The MIME structure of a message, as BODYSTRUCTURE tells it (RFC 9051, section 7.5.2), and the
//! questions asked of it: which part is the body, which are attachments. `server::imap` fills it,
//! nothing here reads a message; `mime` does, where a server's BODYSTRUCTURE cannot be read.

use super::filename::safe_file_name;
use super::header::Header;
use super::html::images_named;
use super::params;
use super::visible::one_line;
use crate::model::{Attachment, Protection};
use std::collections::HashSet;
use std::fmt::Write as _;

/// A `name=value` pair of a Content-Type or Content-Disposition, the name in lower case, the
/// value as on the wire (RFC 2231 and RFC 2047 are decoded when it is read).
pub type Parameter = (String, String);

/// Levels below the root that are looked at. Deeper ones are a bomb, not a mail.
pub const MAX_DEPTH: usize = 128;
/// Parts that are looked at.
const MAX_PARTS: usize = 2000;
/// Texts of a body, and pictures between them; further ones are files.
const MAX_TEXTS: usize = 50;
/// Encoded octets of one image that is put into the HTML.
pub const INLINE_LIMIT: u32 = 4 << 20;
/// Encoded octets of all of them, and how many they may be.
const INLINES_LIMIT: u32 = 12 << 20;
const MAX_INLINES: usize = 100;

/// One part of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The number for BODY[…]: empty for the root of a multipart message, `1` for the body of a
    /// message that is no multipart, else `1.2`.
    pub id: String,
    /// The type in lower case, `multipart` with the children in `children`.
    pub kind: String,
    /// The subtype in lower case.
    pub subtype: String,
    pub params: Vec<Parameter>,
    /// Without angle brackets.
    pub content_id: Option<String>,
    pub description: Option<String>,
    /// In lower case, `7bit` where it is missing.
    pub encoding: String,
    /// Octets as encoded.
    pub octets: u32,
    /// The disposition in lower case with its parameters.
    pub disposition: Option<(String, Vec<Parameter>)>,
    /// Of a message/rfc822 what is told of its header: subject, date and people.
    pub summary: Option<Header>,
    /// Of a multipart the parts; of a message/rfc822 its body as the only child.
    pub children: Vec<Part>,
}

/// What to show of a message: texts one below the other, in one form or the other, and the pictures
/// that stand between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyChoice {
    /// The rich form; empty where nothing of it is HTML.
    pub html: Vec<BodyText>,
    /// The plain form; empty where some of it is there as HTML only.
    pub text: Vec<BodyText>,
    /// Raster images that the HTML may name by `cid:`, as many as there is room for; each
    /// Content-ID once.
    pub inline: Vec<Inline>,
}

/// One text of a body, or a picture in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyText {
    /// The part's number.
    pub part: String,
    pub form: Form,
    /// Octets as encoded.
    pub octets: u32,
}

/// How a part of a body is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As plain text, whatever its subtype.
    Plain,
    Html,
    /// As a raster image. It is in the list of files as well: what is too large is shown nowhere else.
    Picture,
}

impl BodyText {
    /// Whether it is a text.
    pub fn is_written(&self) -> bool {
        self.form != Form::Picture
    }
}

impl BodyChoice {
    /// The texts to show: the rich form, or the plain one where that is preferred or all there is.
    pub fn shown(&self, prefer_text: bool) -> &[BodyText] {
        if self.html.is_empty() || (prefer_text && !self.text.is_empty()) {
            &self.text
        } else {
            &self.html
        }
    }

    /// Takes what is in both forms.
    fn put(&mut self, text: BodyText) {
        self.html.push(text.clone());
        self.text.push(text);
    }

    /// Takes those of another that come after its own.
    fn append(&mut self, mut other: Self) {
        self.html.append(&mut other.html);
        self.text.append(&mut other.text);
    }

    fn is_rich(&self) -> bool {
        self.html.iter().any(|text| text.form == Form::Html)
    }

    fn is_plain(&self) -> bool {
        self.text.iter().any(BodyText::is_written)
            && self.text.iter().all(|text| text.form != Form::Html)
    }

    /// Whether nothing of it can be read.
    fn is_wordless(&self) -> bool {
        !self.html.iter().any(BodyText::is_written)
    }
}

/// An image that lies in the mail for its HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// Without angle brackets.
    pub content_id: String,
    /// The part's number.
    pub part: String,
    /// `image/png` and the like, in lower case.
    pub mime: String,
    /// Octets as encoded.
    pub octets: u32,
}

impl Part {
    /// `type/subtype` in lower case; `application/octet-stream` where there is none.
    pub fn content_type(&self) -> String {
        if self.kind.is_empty() || self.subtype.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            format!("{}/{}", self.kind, self.subtype)
        }
    }

    /// The Content-Type's parameter `name` (in lower case), decoded.
    pub fn param(&self, name: &str) -> Option<String> {
        params::get(&self.params, name)
    }

    /// The file name as the mail says it, decoded and on one line, but not yet safe to save under
    /// (that is [`safe_file_name`]): the disposition's `filename`, else the type's `name`.
    pub fn file_name(&self) -> Option<String> {
        self.disposition
            .as_ref()
            .and_then(|(_, list)| params::get(list, "filename"))
            .or_else(|| self.param("name"))
            .map(|name| one_line(&name))
            .filter(|name| !name.is_empty())
    }

    /// This part and all below it, parents first, children in order; at most [`MAX_DEPTH`] levels
    /// and 2,000 parts.
    pub fn walk(&self) -> impl Iterator<Item = &Part> {
        self.all().take(MAX_PARTS)
    }

    fn all(&self) -> impl Iterator<Item = &Part> {
        Walk {
            stack: vec![(self, 0)],
            into_messages: true,
        }
    }

    /// The part with this number, wherever it is: an attached message lists its own parts, which may
    /// lie beyond the 2,000 of the whole.
    pub fn find(&self, id: &str) -> Option<&Part> {
        self.all().find(|part| part.id == id)
    }

    /// The message itself, or the one that is attached to it as `part`; `None` where that is none.
    pub fn message_at(&self, part: Option<&str>) -> Option<&Part> {
        let Some(id) = part else {
            return Some(self);
        };
        let found = self.all().find(|part| part.id == id && part.is_message())?;
        found.children.first()
    }

    /// The messages that are attached to this one, not those within them: with their headers, as
    /// far as they are told.
    pub fn messages(&self) -> impl Iterator<Item = &Part> {
        Walk {
            stack: vec![(self, 0)],
            into_messages: false,
        }
        .take(MAX_PARTS)
        .filter(|part| part.is_message() && !part.children.is_empty())
    }

    /// How the message is signed or encrypted, as its structure says (RFC 1847, RFC 8551). Nothing
    /// is checked and nothing decrypted.
    pub fn protection(&self) -> Option<Protection> {
        Walk {
            stack: vec![(self, 0)],
            into_messages: false,
        }
        .take(MAX_PARTS)
        .find_map(|part| match (part.kind.as_str(), part.subtype.as_str()) {
            ("multipart", "encrypted") => Some(Protection::Encrypted),
            ("multipart", "signed") => Some(Protection::Signed),
            ("application", "pkcs7-mime" | "x-pkcs7-mime") => {
                let kind = part.param("smime-type").unwrap_or_default();
                Some(if kind.eq_ignore_ascii_case("signed-data") {
                    Protection::SignedOpaque
                } else {
                    Protection::Encrypted
                })
            }
            _ => None,
        })
    }

    /// Whether it is a message of its own.
    pub fn is_message(&self) -> bool {
        self.kind == "message" && matches!(self.subtype.as_str(), "rfc822" | "global")
    }

    /// Which parts to show as the body, much as RFC 8621, section 4.1.4 has it: of alternatives
    /// both forms, of related parts the root, of signed ones the signed, of a report its
    /// explanation, of a mixture all that are texts or pictures and no attachments, as phones mix
    /// them. The pictures that lie beside a root which is HTML come below it: it may name none of
    /// them, and who shows the body leaves out those that it names. Nothing of what is encrypted, and nothing of an attached message. Pictures alone are no
    /// body: as files they are shown, too.
    pub fn body_choice(&self) -> BodyChoice {
        let mut choice = self.choose(0, true);
        for form in [&mut choice.html, &mut choice.text] {
            let (mut texts, mut pictures) = (0_usize, 0_usize);
            form.retain(|text| {
                let count = if text.is_written() {
                    &mut texts
                } else {
                    &mut pictures
                };
                *count = count.saturating_add(1);
                *count <= MAX_TEXTS
            });
        }
        if !choice.is_plain() {
            choice.text.clear();
        }
        if !choice.is_rich() {
            choice.html.clear();
        }
        if !choice.html.is_empty() {
            let images = Walk {
                stack: vec![(self, 0)],
                into_messages: false,
            }
            .take(MAX_PARTS)
            .filter(|part| part.is_raster())
            .filter_map(Part::as_inline);
            choice.inline = affordable(images);
        }
        choice
    }

    /// All that can be downloaded: every leaf and every attached message, but for the parts of the
    /// body and for raster images with a Content-ID inside a multipart/related that the HTML shows,
    /// or that are shown below it. What there is no room for is in neither, and so in the list. See
    /// [`Part::attachments_beside`] where the HTML is at hand.
    pub fn attachments(&self) -> Vec<Attachment> {
        self.list_attachments(|_| true).0
    }

    /// How many parts [`Part::attachments`] leaves out because there are too many, or too deep.
    pub fn unlisted(&self) -> u32 {
        self.list_attachments(|_| true).1
    }

    /// As [`Part::attachments`], but an image of a multipart/related counts as shown only where
    /// `html` has its Content-ID: what no one shows has to be in the list, or it would be lost.
    pub fn attachments_beside(&self, html: &str) -> Vec<Attachment> {
        let named = images_named(html);
        self.list_attachments(|content_id| named.contains(content_id))
            .0
    }

    /// The list, and how many parts are beyond what is looked at.
    fn list_attachments(&self, shown: impl Fn(&str) -> bool) -> (Vec<Attachment>, u32) {
        let choice = self.body_choice();
        let inline: HashSet<&str> = choice.inline.iter().map(|i| i.part.as_str()).collect();
        let placed: HashSet<&str> = choice.html.iter().map(|t| t.part.as_str()).collect();
        let mut list = Vec::new();
        // The part, its depth, whether it lies within a multipart/related.
        let mut stack = vec![(self, 0_usize, false)];
        let mut seen = 0_usize;
        let mut beyond = 0_u32;
        while let Some((part, depth, related)) = stack.pop() {
            seen = seen.saturating_add(1);
            if part.kind == "multipart" {
                let related = related || part.subtype == "related";
                let below = part.children.iter().rev();
                stack.extend(below.map(|child| (child, depth.saturating_add(1), related)));
                continue;
            }
            if seen > MAX_PARTS || depth > MAX_DEPTH {
                beyond = beyond.saturating_add(1);
                continue;
            }
            let body = [&choice.html, &choice.text]
                .into_iter()
                .flatten()
                .any(|text| text.is_written() && text.part == part.id);
            let pictured = related
                && !part.is_attachment()
                && inline.contains(part.id.as_str())
                && placed.contains(part.id.as_str())
                && part.content_id.as_deref().is_some_and(&shown);
            // Google's and Apple's other HTML has nothing that the first hasn't.
            let twin = !choice.html.is_empty()
                && part.kind == "text"
                && matches!(part.subtype.as_str(), "x-amp-html" | "watch-html");
            // Nothing is lost with a text that is empty and has no name.
            let nothing = part.is_blank() && !part.is_attachment() && part.file_name().is_none();
            if !(body || pictured || twin || nothing) {
                list.push(part.as_attachment());
            }
        }
        (list, beyond)
    }

    /// `first` says whether the part leads its multipart: a name makes an attachment of a text
    /// only in the others. What is no alternative to anything is in both forms.
    fn choose(&self, depth: usize, first: bool) -> BodyChoice {
        let mut choice = BodyChoice::default();
        if depth > MAX_DEPTH {
            return choice;
        }
        let below = depth.saturating_add(1);
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("text", _) if self.is_written() && (first || self.file_name().is_none()) => {
                choice.put(self.in_body(if self.subtype == "html" {
                    Form::Html
                } else {
                    Form::Plain
                }));
            }
            ("image", _) if self.is_raster() && !self.is_attachment() => {
                choice.put(self.in_body(Form::Picture));
            }
            ("multipart", "alternative") => {
                // The last is the richest (RFC 2046, section 5.1.4), the first the plainest; one
                // that is empty says nothing, as long as another says something.
                let any = self.children.iter().any(|child| !child.is_blank());
                let children = self.children.iter();
                for child in children.filter(|child| !any || !child.is_blank()) {
                    let found = child.choose(below, true);
                    if found.is_plain() && choice.text.is_empty() {
                        choice.text.clone_from(&found.text);
                    }
                    if found.is_rich() {
                        choice.html = found.html;
                    }
                }
                if choice.html.is_empty() {
                    choice.html.clone_from(&choice.text);
                } else if choice.text.is_empty() {
                    choice.text.clone_from(&choice.html);
                }
            }
            ("multipart", "related") => {
                let start = self.param("start");
                let start = start.as_deref().map(|id| id.trim_matches(['<', '>']));
                let root = self
                    .children
                    .iter()
                    .find(|child| start.is_some() && child.content_id.as_deref() == start)
                    .or_else(|| self.children.first());
                choice = root
                    .map(|root| root.choose(below, true))
                    .unwrap_or_default();
                if choice.is_rich() {
                    let pictures = self.children.iter().filter(|child| {
                        child.is_raster() && !child.is_attachment() && child.content_id.is_some()
                    });
                    choice
                        .html
                        .extend(pictures.map(|child| child.in_body(Form::Picture)));
                }
            }
            ("multipart", "signed" | "report") => {
                let root = self.children.first();
                choice = root
                    .map(|root| root.choose(below, true))
                    .unwrap_or_default();
            }
            ("multipart", "encrypted" | "digest") => {}
            ("multipart", _) => {
                // An empty text in front is what some gateways leave; what follows is meant.
                let (full, empty): (Vec<_>, Vec<_>) = self
                    .children
                    .iter()
                    .enumerate()
                    .partition(|(_, child)| !child.is_blank());
                for (index, child) in full {
                    choice.append(child.choose(below, index == 0));
                }
                // A file that is to be seen in place, where nothing else is a text.
                if choice.is_wordless() {
                    let inline = self.children.iter().find(|child| child.is_inline_text());
                    choice = inline
                        .or_else(|| empty.first().map(|(_, child)| *child))
                        .map_or(choice, |child| child.choose(below, true));
                }
            }
            _ => {}
        }
        choice
    }

    fn in_body(&self, form: Form) -> BodyText {
        BodyText {
            part: self.id.clone(),
            form,
            octets: self.octets,
        }
    }

    /// Whether it is a text to be read. Of a subtype that nobody knows it is plain text (RFC 2046,
    /// section 4.1.4), but what programs read stays a file.
    fn is_written(&self) -> bool {
        const FILES: [&str; 14] = [
            "calendar",
            "css",
            "csv",
            "directory",
            "javascript",
            "rfc822-headers",
            "tab-separated-values",
            "vcard",
            "watch-html",
            "x-amp-html",
            "x-calendar",
            "x-vcalendar",
            "x-vcard",
            "xml",
        ];
        self.kind == "text" && !self.is_attachment() && !FILES.contains(&self.subtype.as_str())
    }

    fn is_inline_text(&self) -> bool {
        let inline = |(disposition, _): &(String, _)| disposition == "inline";
        self.is_written() && self.disposition.as_ref().is_some_and(inline)
    }

    fn is_attachment(&self) -> bool {
        self.disposition
            .as_ref()
            .is_some_and(|(disposition, _)| disposition == "attachment")
    }

    /// A text with nothing in it but perhaps a line break.
    fn is_blank(&self) -> bool {
        self.kind == "text" && self.octets <= 2
    }

    /// An image of a kind that is shown. SVG is none: it is a program.
    fn is_raster(&self) -> bool {
        self.kind == "image"
            && matches!(
                self.subtype.as_str(),
                "png" | "jpeg" | "jpg" | "pjpeg" | "gif" | "webp"
            )
    }

    fn as_inline(&self) -> Option<Inline> {
        let content_id = self.content_id.as_ref().filter(|id| !id.is_empty())?;
        Some(Inline {
            content_id: content_id.clone(),
            part: self.id.clone(),
            mime: match self.subtype.as_str() {
                "jpg" | "pjpeg" => "image/jpeg".to_owned(),
                _ => self.content_type(),
            },
            octets: self.octets,
        })
    }

    /// How it stands in the list of attachments.
    pub fn as_attachment(&self) -> Attachment {
        let mime = self.content_type();
        let name = match self.file_name() {
            Some(name) => safe_file_name(&name),
            None if self.is_message() => "message.eml".to_owned(),
            None if self.id.is_empty() => format!("part.{}", extension(&mime)),
            None => format!("part-{}.{}", self.id, extension(&mime)),
        };
        Attachment {
            part: self.id.clone(),
            name,
            mime,
            size: self.decoded_size(),
        }
    }

    /// A MIME header that says of the part what the structure says.
    pub fn mime_header(&self) -> Vec<u8> {
        let mut header = format!("Content-Type: {}", self.content_type());
        // Writing to a String cannot fail.
        for name in ["charset", "format", "delsp"] {
            let token: String = self
                .param(name)
                .unwrap_or_default()
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+'))
                .collect();
            if !token.is_empty() {
                let _ = write!(header, "; {name}=\"{token}\"");
            }
        }
        let encoding = self.encoding.lines().next().unwrap_or_default();
        let _ = write!(header, "\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
        header.into_bytes()
    }

    /// Octets after decoding, estimated: of Base64 three for four, less the line breaks, two after
    /// every 76 (RFC 2045, section 6.8).
    pub fn decoded_size(&self) -> u32 {
        if self.encoding.eq_ignore_ascii_case("base64") {
            let payload = u64::from(self.octets).saturating_mul(76) / 78;
            u32::try_from(payload.saturating_mul(3) / 4).unwrap_or(self.octets)
        } else {
            self.octets
        }
    }
}

/// The images there is room for. Of two by one Content-ID the first is meant; the other is a file.
fn affordable(images: impl Iterator<Item = Inline>) -> Vec<Inline> {
    let mut room = INLINES_LIMIT;
    let mut known = HashSet::new();
    images
        .filter(|image| {
            let fits = image.octets <= INLINE_LIMIT
                && image.octets <= room
                && known.insert(image.content_id.clone());
            if fits {
                room = room.saturating_sub(image.octets);
            }
            fits
        })
        .take(MAX_INLINES)
        .collect()
}

struct Walk<'a> {
    stack: Vec<(&'a Part, usize)>,
    into_messages: bool,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a Part;

    fn next(&mut self) -> Option<&'a Part> {
        let (part, depth) = self.stack.pop()?;
        if depth < MAX_DEPTH && (self.into_messages || part.kind == "multipart") {
            let below = depth.saturating_add(1);
            self.stack
                .extend(part.children.iter().rev().map(|child| (child, below)));
        }
        Some(part)
    }
}

/// The file extension for a type, for parts that have no name.
fn extension(mime: &str) -> &'static str {
    match mime {
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "text/vcard" | "text/x-vcard" => "vcf",
        "image/png" => "png",
        "image/jpeg" | "image/jpg" | "image/pjpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "image/heic" => "heic",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "video/mp4" => "mp4",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/json" => "json",
        "application/xml" | "text/xml" => "xml",
        "application/pgp-signature" | "application/pgp-encrypted" => "asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "p7s",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "p7m",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "pptx",
        "application/vnd.oasis.opendocument.text" => "odt",
        "application/vnd.oasis.opendocument.spreadsheet" => "ods",
        "message/rfc822" | "message/global" => "eml",
        "text/plain"
        | "text/rfc822-headers"
        | "message/delivery-status"
        | "message/disposition-notification" => "txt",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests;
