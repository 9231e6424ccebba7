//! The header of a message or of a part: its fields found however broken the block is, and read
//! into what the page shows. No field is trusted: what comes out is decoded, on one line, bounded.

use super::structure::Parameter;
use super::visible::{clip, one_line};
use super::{charset, date, encoded_word, params};
use crate::model::{Address, HeaderLine};
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Octets of a header block that are read. Servers refuse mail long before.
const BLOCK_LIMIT: usize = 1 << 20;
/// Fields that are kept.
const FIELD_LIMIT: usize = 2000;
/// Addresses of one field.
const ADDRESS_LIMIT: usize = 5000;
/// Message-IDs of one field.
const ID_LIMIT: usize = 100;
/// Longest Message-ID, in octets: what fits into one line of a header (RFC 5322, section 2.1.1).
const ID_LENGTH: usize = 900;
/// Longest name or subject, in characters.
const TEXT_LIMIT: usize = 4000;
/// Lines for the view of all headers, and octets of their values.
const LINE_LIMIT: usize = 500;
const LINES_OCTETS: usize = 64 * 1024;

/// A header block, split into fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Name as written, and value unfolded, in UTF-8, encoded words not yet decoded.
    fields: Vec<(String, String)>,
}

impl Header {
    /// Splits `bytes` into fields: a whole header or some of its fields, with the body or without.
    /// What is no field is skipped; 8-bit octets are read as UTF-8 where they are that, else as
    /// windows-1252; NULs are dropped.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        // Whether the last line belongs to a field that is kept.
        let mut open = false;
        let block = bytes.get(..BLOCK_LIMIT).unwrap_or(bytes);
        for line in block.split(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line.first() {
                None if fields.is_empty() => {}
                // The empty line ends the header.
                None => break,
                Some(b' ' | b'\t') => {
                    if open && let Some((_, value)) = fields.last_mut() {
                        value.push(b'\n');
                        value.extend_from_slice(line);
                    }
                }
                Some(_) => {
                    open = false;
                    if let Some((name, value)) = split_field(line)
                        && fields.len() < FIELD_LIMIT
                    {
                        fields.push((name, value.to_vec()));
                        open = true;
                    }
                }
            }
        }
        let fields = fields
            .into_iter()
            .map(|(name, value)| {
                let value = if name.eq_ignore_ascii_case("authentication-results") {
                    unfold(&marked(value))
                } else {
                    unfold(&value)
                };
                (name, value)
            })
            .collect();
        Self { fields }
    }

    /// Only what tells people which message it is, so that little is kept of a large header.
    #[must_use]
    pub fn summary(mut self) -> Self {
        const KEPT: [&str; 5] = ["subject", "from", "to", "cc", "date"];
        self.fields
            .retain(|(name, _)| KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept)));
        for (_, value) in &mut self.fields {
            value.truncate(clip(value, TEXT_LIMIT).len());
        }
        self
    }

    /// The authors (RFC 5322, section 3.6.2).
    pub fn from(&self) -> Vec<Address> {
        self.addresses("from")
    }

    /// Groups are flattened, here and in the others.
    pub fn to(&self) -> Vec<Address> {
        self.addresses("to")
    }

    pub fn cc(&self) -> Vec<Address> {
        self.addresses("cc")
    }

    pub fn bcc(&self) -> Vec<Address> {
        self.addresses("bcc")
    }

    pub fn reply_to(&self) -> Vec<Address> {
        self.addresses("reply-to")
    }

    /// Decoded, one line, at most 4,000 characters; empty where there is none.
    pub fn subject(&self) -> String {
        self.value("subject").map(text).unwrap_or_default()
    }

    /// Seconds since 1970-01-01T00:00:00Z; `None` where there is no date that makes sense.
    pub fn date(&self) -> Option<i64> {
        self.value("date").and_then(date::parse)
    }

    /// Without angle brackets; `None` where there is none that could be referred to.
    pub fn message_id(&self) -> Option<String> {
        self.ids("message-id").into_iter().next()
    }

    /// Without angle brackets, at most 100.
    pub fn in_reply_to(&self) -> Vec<String> {
        self.ids("in-reply-to")
    }

    /// Without angle brackets, oldest first; of more than 100 the first and the last 99.
    pub fn references(&self) -> Vec<String> {
        self.ids("references")
    }

    /// The first language of Content-Language (RFC 3282), if it is one that `lang` may name.
    pub fn language(&self) -> Option<String> {
        let value = self.value("content-language")?;
        let tag = value.split(',').next().unwrap_or_default().trim();
        let sane = (2..=35).contains(&tag.len())
            && tag
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        sane.then(|| tag.to_owned())
    }

    /// Type and subtype in lower case; `None` where the field is missing or has no slash.
    pub fn content_type(&self) -> Option<(String, String)> {
        let (main, _) = params::split(self.value("content-type")?);
        let (kind, subtype) = main.split_once('/')?;
        let token = |text: &str| {
            // What comes after a blank lacks its semicolon.
            let text = text.split_ascii_whitespace().next().unwrap_or_default();
            let sane = text.bytes().all(|b| b.is_ascii_graphic());
            (sane && !text.is_empty()).then(|| clip(text, 100).to_owned())
        };
        Some((token(kind)?, token(subtype)?))
    }

    /// The Content-Type's parameter `name` (in lower case), decoded.
    pub fn content_type_param(&self, name: &str) -> Option<String> {
        params::get(&params::split(self.value("content-type")?).1, name)
    }

    /// Content-Transfer-Encoding in lower case, `7bit` where it is missing (RFC 2045, section 6.1).
    pub fn transfer_encoding(&self) -> String {
        let value = self.value("content-transfer-encoding").unwrap_or_default();
        let (main, _) = params::split(value);
        if main.is_empty() {
            "7bit".to_owned()
        } else {
            main
        }
    }

    /// All fields in their order, unfolded and decoded, for people to read: at most 500, and
    /// values of 64 kB in all.
    pub fn lines(&self) -> Vec<HeaderLine> {
        let mut room = LINES_OCTETS;
        let mut lines = Vec::new();
        for (name, value) in self.fields.iter().take(LINE_LIMIT) {
            let mut value = one_line(&encoded_word::decode(value));
            if value.len() > room {
                value.truncate(clip(&value, room / 4).len());
            }
            room = room.saturating_sub(value.len());
            lines.push(HeaderLine {
                name: one_line(name),
                value,
            });
            if room < 4 {
                break;
            }
        }
        lines
    }

    /// The parameters of Content-Type, not yet decoded.
    pub(super) fn content_type_params(&self) -> Vec<Parameter> {
        self.value("content-type")
            .map(|value| params::split(value).1)
            .unwrap_or_default()
    }

    /// Content-Disposition in lower case with its parameters, not yet decoded.
    pub(super) fn disposition(&self) -> Option<(String, Vec<Parameter>)> {
        let (main, params) = params::split(self.value("content-disposition")?);
        (!main.is_empty()).then_some((main, params))
    }

    /// Without angle brackets.
    pub(super) fn content_id(&self) -> Option<String> {
        self.ids("content-id").into_iter().next()
    }

    /// The first field of this name (in lower case), encoded words not yet decoded.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All fields of this name (in lower case), topmost first.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The addresses of all fields of this name (in lower case).
    pub(super) fn addresses(&self, name: &str) -> Vec<Address> {
        // More than one is against RFC 5322, section 3.6, and seen nevertheless.
        self.values(name)
            .flat_map(address_list)
            .take(ADDRESS_LIMIT)
            .collect()
    }

    /// The Message-IDs of all fields of this name (in lower case).
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let mut ids: Vec<String> = self.values(name).flat_map(id_list).collect();
        if ids.len() > ID_LIMIT {
            // The first is the thread, the last are the neighbours.
            let surplus = ids.len().saturating_sub(ID_LIMIT).saturating_add(1);
            ids.drain(1..surplus);
        }
        ids
    }
}

/// The name and the value of a line that begins a field. Names are printable ASCII (RFC 5322,
/// section 2.2); blanks before the colon are obsolete and allowed (section 4.5.8).
fn split_field(line: &[u8]) -> Option<(String, &[u8])> {
    let at = line.iter().position(|octet| *octet == b':')?;
    let (name, value) = line.split_at_checked(at)?;
    let name = std::str::from_utf8(name).ok()?.trim_end();
    let sane = !name.is_empty() && name.len() <= 200 && name.bytes().all(|b| b.is_ascii_graphic());
    sane.then(|| (name.to_owned(), value.strip_prefix(b":").unwrap_or(value)))
}

/// The value with a mark for each control character, but for blanks and folding. A server takes out
/// the fields that claim to be its own by their octets: none may become its own because an octet, or
/// an escape of ISO-2022-JP, is left out when it is read.
fn marked(mut value: Vec<u8>) -> Vec<u8> {
    for octet in &mut value {
        if octet.is_ascii_control() && !matches!(octet, b'\t' | b'\n') {
            *octet = b'?';
        }
    }
    value
}

/// The value in UTF-8 on one line. A break goes, the blank after it stays (RFC 5322, section
/// 2.2.3).
fn unfold(value: &[u8]) -> String {
    let octets: Vec<u8> = value
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'\n' | b'\r' | 0))
        .collect();
    charset::decode(&octets, None).trim().to_owned()
}

/// Encoded words decoded, on one line, bounded.
fn text(value: &str) -> String {
    clip(&one_line(&encoded_word::decode(value)), TEXT_LIMIT).to_owned()
}

/// The addresses of one field.
fn address_list(value: &str) -> Vec<Address> {
    let value = format!("{}\n", bracketed(&encoded_word::canonical(value)));
    let parsed = guarded(
        || match MessageStream::new(value.as_bytes()).parse_address() {
            HeaderValue::Address(list) => list.into_owned().into_list(),
            _ => Vec::new(),
        },
    );
    let list = parsed
        .unwrap_or_default()
        .into_iter()
        .take(ADDRESS_LIMIT)
        .map(|address| {
            let name = address
                .name
                .map(|name| text(&name))
                .filter(|name| !name.is_empty());
            let addr = modern(&one_line(&address.address.unwrap_or_default()));
            Address {
                name,
                addr: clip(&addr, TEXT_LIMIT).to_owned(),
            }
        })
        .filter(|address| address.name.is_some() || !address.addr.is_empty())
        .collect();
    joined(list)
}

/// The list with the names that a comma cut in two put together again: `Berg, Jo <jo@x.org>` lacks its
/// quotes. A piece without an address belongs to the one that follows, where that has a name or is the
/// only one. What has an at sign is left alone: who reads it takes it for an author.
fn joined(list: Vec<Address>) -> Vec<Address> {
    let single = list.iter().filter(|one| !one.addr.is_empty()).count() == 1;
    let mut out: Vec<Address> = Vec::with_capacity(list.len());
    // Names that wait for an address.
    let mut names: Vec<String> = Vec::new();
    let alone = |name| Address {
        name: Some(name),
        addr: String::new(),
    };
    for mut address in list {
        let name = address.name.take().unwrap_or_default();
        if address.addr.is_empty() && !name.contains(['@', '＠', '﹫']) {
            names.push(name);
            continue;
        }
        if address.addr.is_empty() || (name.is_empty() && !single) {
            out.extend(names.drain(..).map(alone));
        }
        names.extend(Some(name).filter(|name| !name.is_empty()));
        let name = std::mem::take(&mut names).join(", ");
        address.name = (!name.is_empty()).then(|| clip(&name, TEXT_LIMIT).to_owned());
        out.push(address);
    }
    out.extend(names.into_iter().map(alone));
    out
}

/// The list with addresses such as `"foo."@example.org` in angle brackets where they stand bare: the
/// parser takes a quoted local part (RFC 5322, section 3.4.1) for a name there. One with a sign that
/// could end something stays as it is.
fn bracketed(list: &str) -> String {
    let mut out = String::with_capacity(list.len());
    let (mut quoted, mut angle, mut comments) = (false, false, 0_usize);
    // Whether an address may begin.
    let mut begins = true;
    let mut rest = list;
    while let Some(c) = rest.chars().next() {
        if c == '"'
            && begins
            && !(quoted || angle || comments > 0)
            && let Some((addr, after)) = quoted_addr(rest)
        {
            out.push('<');
            out.push_str(addr);
            out.push('>');
            (rest, begins) = (after, false);
            continue;
        }
        let mut taken = c.len_utf8();
        match c {
            '\\' if quoted || comments > 0 => {
                let next = rest.chars().nth(1);
                taken = taken.saturating_add(next.map_or(0, char::len_utf8));
            }
            '"' if comments == 0 => quoted = !quoted,
            _ if quoted => {}
            '(' => comments = comments.saturating_add(1),
            ')' => comments = comments.saturating_sub(1),
            '<' if comments == 0 => angle = true,
            '>' if comments == 0 => angle = false,
            _ => {}
        }
        let outside = !(quoted || angle) && comments == 0;
        begins = outside && (matches!(c, ',' | ';' | ':') || (begins && c.is_whitespace()));
        let (piece, after) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        out.push_str(piece);
        rest = after;
    }
    out
}

/// The address with a quoted local part that is all of the first entry of `list`, and what follows it.
fn quoted_addr(list: &str) -> Option<(&str, &str)> {
    let end = |text: &str, within: &dyn Fn(char) -> bool| {
        text.find(|c: char| !within(c)).unwrap_or(text.len())
    };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~. ".contains(c);
    let local = list.strip_prefix('"')?;
    let (local, after) = local.split_at_checked(end(local, &atom))?;
    let after = after.strip_prefix("\"@")?;
    let host = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    let (host, after) = after.split_at_checked(end(after, &host))?;
    let next = after.trim_start().chars().next();
    let whole = next.is_none_or(|c| matches!(c, ',' | ';' | '('));
    // An encoded word would be decoded.
    if local.is_empty() || host.is_empty() || local.contains("=?") || !whole {
        return None;
    }
    list.split_at_checked(list.len().saturating_sub(after.len()))
}

/// An address without what only RFC 5322, section 4.4 allows: a route before it, and blanks around
/// its dots and its at sign.
fn modern(addr: &str) -> String {
    let addr = addr.trim();
    let addr = match addr.strip_prefix('@').and_then(|_| addr.split_once(':')) {
        Some((_, mailbox)) => mailbox.trim(),
        None => addr,
    };
    if addr.contains('"') || !addr.contains(' ') {
        return addr.to_owned();
    }
    let mut out = String::with_capacity(addr.len());
    for word in addr.split(' ').filter(|word| !word.is_empty()) {
        let joined = out.is_empty() || out.ends_with(['.', '@']) || word.starts_with(['.', '@']);
        if !joined {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The Message-IDs in a field (RFC 5322, section 3.6.4): those in angle brackets, or, where there
/// are no brackets at all, the words that look like one.
fn id_list(value: &str) -> Vec<String> {
    let bracketed: Vec<&str> = value
        .split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>').map(|(id, _)| id.trim()))
        .collect();
    let candidates = if bracketed.is_empty() && !value.contains('<') {
        value
            .split([' ', '\t', ','])
            .filter(|word| word.contains('@'))
            .collect()
    } else {
        bracketed
    };
    candidates
        .into_iter()
        .filter(|id| is_sane_id(id))
        .map(str::to_owned)
        .collect()
}

/// Whether the ID can be written into a header and a search as it is.
fn is_sane_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= ID_LENGTH
        && id
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'))
}

/// The parser is another's code on a stranger's octets: what panics is as good as missing.
fn guarded<T>(parse: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(parse)).ok()
}

#[cfg(test)]
mod tests;
