//! winmail.dat: what Outlook wraps a mail in when it takes the receiver for another Outlook
//! (TNEF, [MS-OXTNEF]). The attachments are found in it, and the text where there is no other.
//! Checksums are not checked: a wrong one hides a file that may be whole.

mod mapi;
mod rtf;

use super::charset;
use super::filename::safe_file_name;
use super::visible::{clip, one_line, plain};
use mapi::Property;
use std::ops::Range;

/// Attributes and attachments that are read.
const ATTRIBUTE_LIMIT: usize = 10_000;
const ATTACHMENT_LIMIT: usize = 300;
/// Octets of a body.
const BODY_LIMIT: usize = 4 << 20;
const LINE_LIMIT: usize = 1000;

/// The signature a stream begins with (section 2.1.3.1).
const SIGNATURE: u32 = 0x223E_9F78;

/// What was found in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tnef {
    pub subject: String,
    /// The text, as such or taken from the RTF.
    pub text: Option<String>,
    /// HTML, not sanitised.
    pub html: Option<String>,
    pub attachments: Vec<TnefAttachment>,
}

/// A file in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TnefAttachment {
    /// Fit to be a file's name; never empty.
    pub name: String,
    /// `type/subtype` in lower case; a message within it is an `application/ms-tnef` again.
    pub mime: String,
    /// Without angle brackets.
    pub content_id: Option<String>,
    /// Where its octets stand in the stream.
    pub data: Range<usize>,
}

/// Reads a stream; `None` where it is none. What is cut off is read as far as it goes. In linear
/// time.
pub fn parse(stream: &[u8]) -> Option<Tnef> {
    let mut reader = Reader::new(stream, 0);
    if reader.u32()? != SIGNATURE {
        return None;
    }
    // The key, which nobody uses.
    reader.u16()?;
    let mut found = Draft::default();
    for _ in 0..ATTRIBUTE_LIMIT {
        let Some(attribute) = Attribute::read(&mut reader) else {
            break;
        };
        found.take(&attribute, stream);
    }
    Some(found.finish(stream))
}

/// Octets being read, with their place in the stream.
#[derive(Clone, Debug)]
struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8], at: usize) -> Self {
        Self { rest, at }
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        self.at = self.at.saturating_add(count);
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A length in four octets.
    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }
}

/// One attribute of the stream (section 2.1.3).
struct Attribute {
    attachment: bool,
    id: u32,
    data: Range<usize>,
}

impl Attribute {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let level = reader.u8()?;
        let id = reader.u32()?;
        let length = reader.length()?;
        let begin = reader.at;
        // The last one may be cut off.
        let length = length.min(reader.rest.len());
        reader.take(length)?;
        let end = reader.at;
        let _checksum = reader.u16();
        matches!(level, 1 | 2).then_some(Self {
            attachment: level == 2,
            id,
            data: begin..end,
        })
    }
}

/// A file whose attributes are being read.
#[derive(Debug, Default)]
struct FileDraft {
    title: Option<String>,
    long_name: Option<String>,
    mime: Option<String>,
    content_id: Option<String>,
    data: Option<Range<usize>>,
    /// Whether it is a message.
    message: bool,
}

#[derive(Debug, Default)]
struct Draft {
    code_page: Option<u32>,
    html_code_page: Option<u32>,
    subject: String,
    text: Option<String>,
    html: Option<Range<usize>>,
    html_text: Option<String>,
    rtf: Option<Range<usize>>,
    files: Vec<FileDraft>,
}

impl Draft {
    fn take(&mut self, attribute: &Attribute, stream: &[u8]) {
        let data = stream.get(attribute.data.clone()).unwrap_or_default();
        if attribute.attachment {
            // attAttachRendData begins the next file (section 2.1.3.4).
            if attribute.id == 0x0006_9002 && self.files.len() <= ATTACHMENT_LIMIT {
                self.files.push(FileDraft::default());
                return;
            }
            let code_page = self.code_page;
            let Some(file) = self.files.last_mut() else {
                return;
            };
            match attribute.id {
                0x0001_8010 => file.title = Some(octets_to_text(data, code_page)),
                0x0006_800F => file.data = Some(attribute.data.clone()),
                0x0006_9005 => {
                    for property in mapi::properties(data, attribute.data.start) {
                        file.take(&property, code_page, stream);
                    }
                }
                _ => {}
            }
            return;
        }
        match attribute.id {
            // attOemCodepage
            0x0006_9007 => self.code_page = Reader::new(data, 0).u32(),
            0x0001_8004 => self.subject = octets_to_text(data, self.code_page),
            0x0002_800C => self.text = Some(octets_to_text(bounded(data), self.code_page)),
            0x0006_9003 => {
                for property in mapi::properties(data, attribute.data.start) {
                    self.property(&property, stream);
                }
            }
            _ => {}
        }
    }

    fn property(&mut self, property: &Property, stream: &[u8]) {
        let data = stream.get(property.data.clone()).unwrap_or_default();
        match property.id {
            0x0037 => self.subject = property.text(stream, self.code_page),
            0x1000 => {
                let text = property.text(stream, self.code_page);
                if !text.trim().is_empty() {
                    self.text = Some(text);
                }
            }
            0x1009 => self.rtf = Some(property.data.clone()),
            0x1013 if property.is_text() => {
                self.html_text = Some(property.text(stream, self.code_page));
            }
            0x1013 => self.html = Some(property.data.clone()),
            0x3FDE => self.html_code_page = Reader::new(data, 0).u32(),
            _ => {}
        }
    }

    fn finish(self, stream: &[u8]) -> Tnef {
        // Only here is it known which charset the HTML is in.
        let octets = |range: Range<usize>| stream.get(range).unwrap_or_default();
        let html = self.html_text.or_else(|| {
            let page = self.html_code_page.or(self.code_page);
            Some(octets_to_text(bounded(octets(self.html?)), page))
        });
        let text = self.text.or_else(|| rtf::text(octets(self.rtf?)));
        let some = |text: String| {
            let text = plain(&text);
            (!text.trim().is_empty()).then_some(text)
        };
        Tnef {
            subject: one_line(clip(&self.subject, LINE_LIMIT)),
            text: text.and_then(some),
            html: html.and_then(some),
            attachments: self
                .files
                .into_iter()
                .take(ATTACHMENT_LIMIT)
                .filter_map(FileDraft::finish)
                .collect(),
        }
    }
}

impl FileDraft {
    fn take(&mut self, property: &Property, code_page: Option<u32>, stream: &[u8]) {
        let text = || Some(property.text(stream, code_page));
        match property.id {
            0x3704 if self.title.is_none() => self.title = text(),
            0x3707 => self.long_name = text(),
            // What a message is called that has no file's name.
            0x3001 if self.title.is_none() && self.message => self.title = text(),
            0x370E => self.mime = text(),
            0x3712 => self.content_id = text(),
            0x3701 => {
                self.message = property.is_object();
                // An object's first 16 octets say what it is (section 2.1.3.4.1).
                let skip = if self.message { 16 } else { 0 };
                let begin = property.data.start.saturating_add(skip);
                let data = begin.min(property.data.end)..property.data.end;
                if self.data.as_ref().is_none_or(Range::is_empty) {
                    self.data = Some(data);
                }
            }
            _ => {}
        }
    }

    fn finish(self) -> Option<TnefAttachment> {
        let data = self.data?;
        let full = |name: &String| !name.trim_matches(['\0', ' ']).is_empty();
        let name = self.long_name.filter(full).or(self.title.filter(full));
        let name = one_line(clip(&name.unwrap_or_default(), LINE_LIMIT));
        let mime = self.mime.map(|mime| mime.trim().to_ascii_lowercase());
        let mime = mime.filter(|mime| {
            let token = |part: &str| {
                let sane = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
                (1..=100).contains(&part.len()) && part.bytes().all(sane)
            };
            mime.split_once('/')
                .is_some_and(|(kind, subtype)| token(kind) && token(subtype))
        });
        let content_id = self.content_id.map(|id| {
            let id = one_line(clip(&id, LINE_LIMIT));
            id.trim_matches(['<', '>']).to_owned()
        });
        let missing = if self.message {
            ("message.dat", "application/ms-tnef")
        } else {
            ("attachment.bin", "application/octet-stream")
        };
        Some(TnefAttachment {
            name: safe_file_name(if name.is_empty() { missing.0 } else { &name }),
            mime: mime.unwrap_or_else(|| missing.1.to_owned()),
            content_id: content_id.filter(|id| !id.is_empty()),
            data,
        })
    }
}

fn bounded(data: &[u8]) -> &[u8] {
    data.get(..BODY_LIMIT).unwrap_or(data)
}

/// The text up to its NUL, in a Windows code page.
fn octets_to_text(data: &[u8], code_page: Option<u32>) -> String {
    let data = data.split(|octet| *octet == 0).next().unwrap_or_default();
    let label = match code_page {
        None | Some(0) => None,
        Some(65001) => Some("utf-8".to_owned()),
        Some(932) => Some("shift_jis".to_owned()),
        Some(936) => Some("gbk".to_owned()),
        Some(949) => Some("euc-kr".to_owned()),
        Some(950) => Some("big5".to_owned()),
        Some(20127) => Some("us-ascii".to_owned()),
        Some(20866) => Some("koi8-r".to_owned()),
        Some(page @ 28591..=28605) => Some(format!("iso-8859-{}", page.saturating_sub(28590))),
        Some(page) => Some(format!("windows-{page}")),
    };
    charset::decode(data, label.as_deref())
}

#[cfg(test)]
mod tests;
