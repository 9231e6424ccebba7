//! What a server says, as values of our own: the parser's borrow from its buffer, leave quoted
//! strings escaped, and know fewer response codes than servers use.

use super::bodystructure;
use super::date;
use super::error::Code;
use super::esearch::{self, Esearch};
use super::found;
use super::namespace::{self, Namespaces};
use super::preview;
use super::quota;
use super::thread::{self, Conversations};
use super::wire::unquote;
use crate::mail::structure::Part;
use crate::model::Quota;
use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, MessageSection, NameAttribute, Outcome, Response,
    ResponseCode, SectionPath, Status, StatusAttribute, rfc4315::UidSetMember,
};
use std::borrow::Cow;

/// The answer to one command: its tagged OK and the untagged data before it, in order.
#[derive(Debug, Default)]
pub struct Answer {
    pub code: Option<Code>,
    pub untagged: Vec<Untagged>,
}

impl Answer {
    /// The answer with this code after these data. Where the code says that messages have gone
    /// (EXPUNGEISSUED, RFC 9051, section 7.1), FETCH responses without a header are about those:
    /// Dovecot says NIL for what it can no longer read. They are dropped.
    pub fn new(code: Option<Code>, mut untagged: Vec<Untagged>) -> Self {
        if code == Some(Code::ExpungeIssued) {
            untagged.retain(|data| !matches!(data, Untagged::Fetch(fetched) if fetched.is_gone()));
        }
        Self { code, untagged }
    }
}

/// One untagged response, as far as Posthorn uses it.
#[derive(Debug)]
pub enum Untagged {
    Capability(Vec<String>),
    Exists(u32),
    Expunge(u32),
    /// Uids of a VANISHED response that tells of removals now (RFC 7162, section 3.2.10).
    Vanished(u32),
    Fetch(Box<Fetched>),
    List(Listed),
    Status(Counts),
    Search(Vec<u32>),
    /// By `imap::thread`, not by the parser.
    Thread(Conversations),
    /// By `imap::esearch`, not by the parser.
    Esearch(Box<Esearch>),
    /// The code of an untagged OK, NO or BAD.
    Code(Code),
    /// The room in one quota root, where it is bounded by octets.
    Quota(Quota),
    Namespaces(Namespaces),
}

/// One LIST or LSUB response (RFC 9051, section 7.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// In lower case, with the backslash.
    pub attributes: Vec<String>,
    pub delimiter: Option<char>,
    /// The name in the form of the wire, unescaped.
    pub wire: String,
}

impl Listed {
    /// Whether it is a folder that can be opened, and no mere level.
    pub fn is_selectable(&self) -> bool {
        !self
            .attributes
            .iter()
            .any(|name| name == "\\noselect" || name == "\\nonexistent")
    }
}

/// One STATUS response (RFC 9051, section 7.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The name in the form of the wire, unescaped.
    pub wire: String,
    /// What was not asked for or has not changed is `None`.
    pub messages: Option<u32>,
    pub unseen: Option<u32>,
    pub uid_next: Option<u32>,
    pub uid_validity: Option<u32>,
    pub mod_seq: Option<u64>,
}

/// One FETCH response (RFC 9051, section 7.5.2).
#[derive(Debug, Default)]
pub struct Fetched {
    pub sequence: u32,
    pub uid: Option<u32>,
    pub flags: Option<Vec<String>>,
    /// Seconds since 1970.
    pub internal_date: Option<i64>,
    pub size: Option<u32>,
    pub sections: Vec<Section>,
    pub structure: Option<Part>,
    /// PREVIEW (RFC 8970), where it was asked for and the server has one.
    pub preview: Option<String>,
}

impl Fetched {
    /// Whether a header was asked for and nothing is there.
    fn is_gone(&self) -> bool {
        let header = self.sections.iter().find(|found| found.name == "HEADER");
        header.is_some_and(|header| header.octets.is_empty())
    }

    /// Takes the octets of the section `name`.
    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.sections
            .iter_mut()
            .find(|section| section.name == name)
            .map(|section| std::mem::take(&mut section.octets))
    }

    /// Takes the octets of the section `name` from `origin` on; `None` where the answer is about
    /// anything else. A server that leaves the origin away means the beginning.
    pub fn take_from(&mut self, name: &str, origin: u32) -> Option<Vec<u8>> {
        self.sections
            .iter_mut()
            .find(|section| section.name == name && section.origin.unwrap_or(0) == origin)
            .map(|section| std::mem::take(&mut section.octets))
    }
}

/// A BODY[…] of a FETCH response.
#[derive(Debug)]
pub struct Section {
    /// What stands in the brackets, in upper case and without the list of fields: ``, `HEADER`,
    /// `1.2`, `1.2.MIME`.
    pub name: String,
    /// Where in the section the octets begin, if it was asked for in part (`<0>`).
    pub origin: Option<u32>,
    pub octets: Vec<u8>,
}

/// A response and the octets it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a>(pub &'a [u8]);

impl Raw<'_> {
    /// The text of a string: where it was quoted its escapes are taken away, where it was a
    /// literal it has none. Where it stood tells.
    pub fn text(self, parsed: &str, borrowed: bool) -> String {
        let quoted = if borrowed {
            // Compared as numbers only; the octet before a quoted string is its quote.
            parsed
                .as_ptr()
                .addr()
                .checked_sub(self.0.as_ptr().addr())
                .and_then(|offset| offset.checked_sub(1))
                .and_then(|offset| self.0.get(offset))
                == Some(&b'"')
        } else {
            // Copied since it is no UTF-8: nothing to compare, and mostly quoted.
            true
        };
        if quoted && parsed.contains('\\') {
            unquote(parsed)
        } else {
            parsed.to_owned()
        }
    }

    /// [`Self::text`] of what the parser made, which the `Cow` tells about.
    #[allow(clippy::ptr_arg)]
    pub fn cow(self, parsed: &Cow<'_, str>) -> String {
        self.text(parsed, matches!(parsed, Cow::Borrowed(_)))
    }
}

/// An untagged response as ours; `None` for what is not used.
pub fn untagged(response: &Response<'_>, raw: Raw<'_>) -> Option<Untagged> {
    match response {
        Response::Capabilities(found) => Some(Untagged::Capability(capabilities(found))),
        Response::Expunge(sequence) => Some(Untagged::Expunge(*sequence)),
        Response::Vanished {
            earlier: false,
            uids,
        } => Some(Untagged::Vanished(uids.iter().fold(0, |count, range| {
            let more = range.end().saturating_sub(*range.start()).saturating_add(1);
            count.saturating_add(more)
        }))),
        Response::Fetch(sequence, attributes) => Some(Untagged::Fetch(Box::new(fetched(
            *sequence, attributes, raw,
        )))),
        Response::MailboxData(datum) => mailbox_data(datum, raw),
        Response::Data { outcome, .. } => outcome_of(outcome).0.map(Untagged::Code),
        Response::Quota(found) => quota::read(found).map(Untagged::Quota),
        _ => None,
    }
}

/// A line that the guard kept from the parser, as ours; `None` where it cannot be read.
pub fn diverted(line: &[u8]) -> Option<Untagged> {
    found::read(line)
        .map(Untagged::Search)
        .or_else(|| thread::read(line).map(Untagged::Thread))
        .or_else(|| esearch::read(line).map(|found| Untagged::Esearch(Box::new(found))))
        .or_else(|| {
            let text = std::str::from_utf8(line).ok()?;
            namespace::read(text).map(Untagged::Namespaces)
        })
}

/// The code and the text of a status response.
pub fn outcome_of(outcome: &Outcome<'_>) -> (Option<Code>, String) {
    let text = outcome.information.as_deref().unwrap_or_default();
    if let Some(code) = outcome.code.as_ref().map(code_of) {
        return (Some(code), text.to_owned());
    }
    // What the parser does not know as a code it leaves in the text.
    if let Some((code, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return (Some(Code::from_text(code)), rest.trim_start().to_owned());
    }
    (None, text.to_owned())
}

/// Whether a tagged or untagged status response is OK.
pub fn is_ok(status: &Status) -> bool {
    matches!(status, Status::Ok | Status::PreAuth)
}

fn code_of(code: &ResponseCode<'_>) -> Code {
    match code {
        ResponseCode::Alert => Code::Alert,
        ResponseCode::AppendUid(uid_validity, uids) => Code::AppendUid {
            uid_validity: *uid_validity,
            uids: members(uids),
        },
        ResponseCode::Capabilities(found) => Code::Capability(capabilities(found)),
        ResponseCode::CopyUid(uid_validity, from, to) => Code::CopyUid {
            uid_validity: *uid_validity,
            from: members(from),
            to: members(to),
        },
        ResponseCode::HighestModSeq(value) => Code::HighestModSeq(*value),
        ResponseCode::PermanentFlags(flags) => {
            Code::PermanentFlags(flags.iter().map(ToString::to_string).collect())
        }
        ResponseCode::ReadOnly => Code::ReadOnly,
        ResponseCode::ReadWrite => Code::ReadWrite,
        ResponseCode::TryCreate => Code::TryCreate,
        ResponseCode::UidNext(value) => Code::UidNext(*value),
        ResponseCode::UidNotSticky => Code::UidNotSticky,
        ResponseCode::UidValidity(value) => Code::UidValidity(*value),
        ResponseCode::Unseen(value) => Code::Unseen(*value),
        other => Code::Other(format!("{other:?}")),
    }
}

/// The UIDs of a set, in its order. Bounded: a set can claim four billion.
fn members(set: &[UidSetMember]) -> Vec<u32> {
    const LIMIT: usize = 200_000;
    set.iter()
        .flat_map(|member| match member {
            UidSetMember::Uid(uid) => *uid..=*uid,
            UidSetMember::UidRange(range) => range.clone(),
        })
        .take(LIMIT)
        .collect()
}

fn capabilities(found: &[Capability<'_>]) -> Vec<String> {
    found
        .iter()
        .map(|capability| match capability {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_ascii_uppercase()),
            Capability::Atom(name) => name.to_ascii_uppercase(),
        })
        .collect()
}

fn mailbox_data(datum: &MailboxDatum<'_>, raw: Raw<'_>) -> Option<Untagged> {
    match datum {
        MailboxDatum::Exists(count) => Some(Untagged::Exists(*count)),
        MailboxDatum::List(data) => Some(Untagged::List(Listed {
            attributes: data.name_attributes.iter().map(attribute).collect(),
            delimiter: data
                .delimiter
                .as_ref()
                .and_then(|delimiter| raw.cow(delimiter).chars().next()),
            wire: raw.cow(&data.name),
        })),
        MailboxDatum::Search(found) | MailboxDatum::Sort(found) => {
            Some(Untagged::Search(found.clone()))
        }
        MailboxDatum::Status { mailbox, status } => {
            let mut counts = Counts {
                wire: raw.cow(mailbox),
                ..Counts::default()
            };
            for value in status {
                match value {
                    StatusAttribute::Messages(count) => counts.messages = Some(*count),
                    StatusAttribute::Unseen(count) => counts.unseen = Some(*count),
                    StatusAttribute::UidNext(uid) => counts.uid_next = Some(*uid),
                    StatusAttribute::UidValidity(value) => counts.uid_validity = Some(*value),
                    StatusAttribute::HighestModSeq(value) => counts.mod_seq = Some(*value),
                    _ => {}
                }
            }
            Some(Untagged::Status(counts))
        }
        _ => None,
    }
}

fn attribute(attribute: &NameAttribute<'_>) -> String {
    match attribute {
        NameAttribute::NoInferiors => "\\noinferiors".to_owned(),
        NameAttribute::NoSelect => "\\noselect".to_owned(),
        NameAttribute::Marked => "\\marked".to_owned(),
        NameAttribute::Unmarked => "\\unmarked".to_owned(),
        NameAttribute::All => "\\all".to_owned(),
        NameAttribute::Archive => "\\archive".to_owned(),
        NameAttribute::Drafts => "\\drafts".to_owned(),
        NameAttribute::Flagged => "\\flagged".to_owned(),
        NameAttribute::Junk => "\\junk".to_owned(),
        NameAttribute::Sent => "\\sent".to_owned(),
        NameAttribute::Trash => "\\trash".to_owned(),
        NameAttribute::Extension(name) => name.to_ascii_lowercase(),
        _ => String::new(),
    }
}

fn fetched(sequence: u32, attributes: &[AttributeValue<'_>], raw: Raw<'_>) -> Fetched {
    let mut fetched = Fetched {
        sequence,
        ..Fetched::default()
    };
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => fetched.uid = Some(*uid),
            AttributeValue::Flags(flags) => {
                fetched.flags = Some(flags.iter().map(ToString::to_string).collect());
            }
            AttributeValue::InternalDate(text) => fetched.internal_date = date::epoch(text),
            AttributeValue::Rfc822Size(size) => fetched.size = Some(*size),
            AttributeValue::BodyStructure(structure) => {
                fetched.structure = Some(bodystructure::part(structure, raw));
            }
            AttributeValue::BodySection {
                section,
                index,
                data,
            } => fetched.sections.push(Section {
                name: section.as_ref().map(section_name).unwrap_or_default(),
                origin: *index,
                octets: data
                    .as_deref()
                    .map(|data| octets(data, raw))
                    .unwrap_or_default(),
            }),
            // What the parser does not know it drops; what was asked for is found again.
            AttributeValue::Unknown => fetched.preview = preview::find(raw.0),
            _ => {}
        }
    }
    fetched
}

/// The octets of a section; short ones come quoted from some servers.
fn octets(data: &[u8], raw: Raw<'_>) -> Vec<u8> {
    match std::str::from_utf8(data) {
        Ok(text) if text.contains('\\') => raw.text(text, true).into_bytes(),
        _ => data.to_vec(),
    }
}

fn section_name(section: &SectionPath) -> String {
    let text = |section: &MessageSection| match section {
        MessageSection::Header => "HEADER",
        MessageSection::Mime => "MIME",
        MessageSection::Text => "TEXT",
    };
    match section {
        SectionPath::Full(section) => text(section).to_owned(),
        SectionPath::Part(numbers, section) => {
            let mut name = numbers
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(".");
            if let Some(section) = section {
                name.push('.');
                name.push_str(text(section));
            }
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Untagged> {
        let (rest, response) = Response::parse(line.as_bytes()).unwrap();
        assert!(rest.is_empty());
        untagged(&response, Raw(line.as_bytes()))
    }

    #[test]
    fn names_are_unescaped_where_they_were_quoted() {
        for (line, delimiter, wire) in [
            (
                "* LIST (\\HasNoChildren) \"/\" \"Say \\\"hi\\\"\"\r\n",
                Some('/'),
                "Say \"hi\"",
            ),
            ("* LIST () \"\\\\\" \"a\\\\b\"\r\n", Some('\\'), "a\\b"),
            ("* LIST () NIL {6}\r\na\\\"b\\c\r\n", None, "a\\\"b\\c"),
            ("* LIST () \".\" inbox\r\n", Some('.'), "INBOX"),
        ] {
            let Some(Untagged::List(listed)) = read(line) else {
                panic!("{line}")
            };
            assert_eq!(
                (listed.delimiter, listed.wire.as_str()),
                (delimiter, wire),
                "{line}"
            );
        }
    }

    #[test]
    fn sections_have_names() {
        let line = "* 3 FETCH (UID 7 BODY[HEADER.FIELDS (DATE)] {2}\r\n\r\n BODY[1.MIME] NIL \
                    BODY[1.2]<0> \"a\\\\b\" BODY[] {3}\r\n\\\\x)\r\n";
        let Some(Untagged::Fetch(mut fetched)) = read(line) else {
            panic!()
        };
        assert_eq!((fetched.sequence, fetched.uid), (3, Some(7)));
        assert_eq!(fetched.take("HEADER").unwrap(), b"\r\n");
        assert_eq!(fetched.take("1.MIME").unwrap(), b"");
        assert_eq!(fetched.take("1.2").unwrap(), b"a\\b");
        assert_eq!(fetched.take("").unwrap(), b"\\\\x");
        assert!(fetched.take("2").is_none());
    }

    #[test]
    fn codes_that_the_parser_does_not_know_are_found() {
        let code = |line: &str| {
            let (_, response) = Response::parse(line.as_bytes()).unwrap();
            let Response::Done { outcome, .. } = &response else {
                panic!()
            };
            outcome_of(outcome)
        };
        assert_eq!(
            code("a NO [LIMIT] Too many\r\n"),
            (Some(Code::Limit), "Too many".to_owned())
        );
        assert_eq!(
            code("a OK [APPENDUID 5 3:4] Done\r\n").0,
            Some(Code::AppendUid {
                uid_validity: 5,
                uids: vec![3, 4]
            })
        );
        assert_eq!(code("a NO plain\r\n"), (None, "plain".to_owned()));
        assert_eq!(
            code("a NO [X-A b] c\r\n").0,
            Some(Code::Other("X-A b".to_owned()))
        );
    }
}
