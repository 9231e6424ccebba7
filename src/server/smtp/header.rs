//! Header values. lettre's types encode names and subjects (RFC 2047), file names (RFC 2231) and
//! dates; here is what they leave open: CR, LF and NUL are refused or replaced before they get
//! there, domains become ASCII, lists and words that are longer than a line may be are broken, and
//! text that only looks like an encoded word is encoded.

use super::outgoing::BuildError;
use crate::model;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::{
    ContentDisposition, Date, HeaderName, HeaderValue, Headers, Subject, To, UserAgent,
};
use lettre::message::{Mailbox, Mailboxes};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// Display names beyond this many octets are refused: with an address they must fit into a line.
const LONGEST_NAME: usize = 400;
/// Message-IDs beyond this are not passed on.
const LONGEST_ID: usize = 250;
/// So many References are kept: the first and the newest (RFC 5322 sets no limit, servers do).
const MOST_REFERENCES: usize = 100;
/// File names beyond this many characters are cut.
const LONGEST_FILE_NAME: usize = 200;
/// A subject with a longer word cannot be folded as it is.
const LONGEST_WORD: usize = 66;
/// Octets of text in one encoded word: 45 make 60 characters of base64, 72 with what is around.
const ENCODED_WORD: usize = 45;
/// The year 9999 ends here; later dates have no form.
const LAST_SECOND: u64 = 253_402_300_799;

/// An address for header and envelope: the domain in ASCII (RFC 5890), no control characters.
pub(super) fn address(addr: &str) -> Result<lettre::Address, BuildError> {
    let bad = || BuildError::BadAddress(addr.to_owned());
    if addr.contains(|character: char| character.is_control() || character.is_whitespace()) {
        return Err(bad());
    }
    let (local, domain) = addr.rsplit_once('@').ok_or_else(bad)?;
    let domain: Cow<'_, str> = if domain.starts_with('[') || domain.is_ascii() {
        domain.into()
    } else {
        idna::domain_to_ascii(domain).map_err(|_| bad())?.into()
    };
    lettre::Address::new(local, &domain).map_err(|_| bad())
}

/// A field with a list of addresses, one a line, or nothing where there is none.
///
/// lettre would write all of them into one line, and 500 are more than the 998 octets that a line
/// may have (RFC 5322, section 2.1.1). So it encodes each alone.
pub(super) fn addresses(
    field: &'static str,
    list: &[model::Address],
) -> Result<Option<HeaderValue>, BuildError> {
    let mut encoded = Vec::with_capacity(list.len());
    for entry in list {
        let email = address(&entry.addr)?;
        let name = entry
            .name
            .as_deref()
            .map(one_line)
            .filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME) {
            return Err(BuildError::BadInput("a display name is too long"));
        }
        let mut alone = Headers::new();
        alone.set(To::from(Mailboxes::from(Mailbox::new(name, email))));
        let line = alone.to_string();
        encoded.push(line.trim_start_matches("To: ").trim_end().to_owned());
    }
    if encoded.is_empty() {
        return Ok(None);
    }
    let value = encoded.join(",\r\n ");
    let name = HeaderName::new_from_ascii_str(field);
    Ok(Some(HeaderValue::dangerous_new_pre_encoded(
        name,
        value.clone(),
        value,
    )))
}

/// The subject: line breaks and other control characters become spaces.
pub(super) fn subject(headers: &mut Headers, subject: &str) {
    let subject = subject.replace(char::is_control, " ");
    let subject = subject.trim();
    let simple = subject.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !subject.contains("=?")
        && !subject.contains("  ")
        && subject.split(' ').all(|word| word.len() <= LONGEST_WORD);
    if simple {
        headers.set(Subject::from(subject.to_owned()));
    } else {
        headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
            HeaderName::new_from_ascii_str("Subject"),
            subject.to_owned(),
            encoded_words(subject),
        ));
    }
}

/// Text as encoded words (RFC 2047), each on a line of its own and of whole characters.
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = ENCODED_WORD.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let Some((word, after)) = rest.split_at_checked(end) else {
            break;
        };
        words.push(format!("=?utf-8?b?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words.join("\r\n ")
}

/// The date, in UTC: where the person is, is theirs to tell.
pub(super) fn date(headers: &mut Headers, date: SystemTime) {
    // lettre's form takes 1970 to 9999 and panics beyond.
    let since = date
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let since = since.min(Duration::from_secs(LAST_SECOND));
    headers.set(Date::new(SystemTime::UNIX_EPOCH + since));
}

/// The program's name, where it is to be told.
pub(super) fn user_agent(headers: &mut Headers, name: &str) {
    let name = one_line(name);
    if !name.is_empty() {
        headers.set(UserAgent::from(name));
    }
}

/// A field of Message-IDs in angle brackets, one a line. Those that are none are left out: they
/// come from other people's mails.
pub(super) fn message_ids(headers: &mut Headers, field: &'static str, ids: &[String]) {
    let good: Vec<String> = ids
        .iter()
        .filter(|id| is_message_id(id))
        .map(|id| format!("<{id}>"))
        .collect();
    let skipped = good.len().saturating_sub(MOST_REFERENCES);
    let kept: Vec<&str> = good
        .iter()
        .enumerate()
        .filter(|(place, _)| *place == 0 || *place > skipped)
        .map(|(_, id)| id.as_str())
        .collect();
    if kept.is_empty() {
        return;
    }
    let value = kept.join("\r\n ");
    let name = HeaderName::new_from_ascii_str(field);
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
        name,
        value.clone(),
        value,
    ));
}

/// Whether it can stand between angle brackets (RFC 5322, section 3.6.4, and what is in use).
pub(super) fn is_message_id(id: &str) -> bool {
    id.len() <= LONGEST_ID
        && id.contains('@')
        && id
            .bytes()
            .all(|byte| matches!(byte, b'!'..=b'~') && byte != b'<' && byte != b'>')
}

/// A new Message-ID without angle brackets: 128 random bits at the domain of the sender's address,
/// nothing of the machine or the time.
pub fn new_message_id(domain: &str) -> String {
    let domain = idna::domain_to_ascii(domain)
        .ok()
        .filter(|domain| {
            !domain.is_empty()
                && domain.len() <= 200
                && domain
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        })
        .unwrap_or_else(|| "posthorn.invalid".to_owned());
    format!("{:032x}@{domain}", rand::random::<u128>())
}

/// A MIME type that can go into a header: `type/subtype` of RFC 6838's characters, without
/// parameters, else `application/octet-stream`. Composite types are not for base64 (RFC 2045,
/// section 6.4) and so become that too; `message/rfc822` is the caller's to treat.
pub(super) fn mime_type(mime: &str) -> String {
    let token = |text: &str| {
        (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let essence = mime
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) => {
            let composite = matches!(kind, "multipart" | "message");
            if composite && essence != "message/rfc822" {
                "application/octet-stream".to_owned()
            } else {
                essence
            }
        }
        _ => "application/octet-stream".to_owned(),
    }
}

/// A file name without path and control characters, cut in the middle where it is too long so
/// that the extension stays; never empty. Nor does it look like an encoded word: programs decode
/// those in parameters too, against RFC 2047, section 5.
pub(super) fn file_name(name: &str) -> String {
    let name = one_line(name).replace('/', "_").replace("=?", "=_");
    let length = name.chars().count();
    if length == 0 {
        return "attachment".to_owned();
    }
    if length <= LONGEST_FILE_NAME {
        return name;
    }
    let tail = 20;
    let head: String = name.chars().take(LONGEST_FILE_NAME - tail - 1).collect();
    let end: String = name.chars().skip(length.saturating_sub(tail)).collect();
    format!("{head}…{end}")
}

/// The fields of an attachment, with the empty line after them.
///
/// The name stands twice: in Content-Disposition by RFC 2231, and in Content-Type for programs
/// that know only this, as encoded words where it is not ASCII.
pub(super) fn attachment(mime: &str, name: &str, encoding: &'static str) -> String {
    let simple = name.len() <= LONGEST_WORD && name.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let fallback = if simple {
        name.replace('\\', "\\\\").replace('"', "\\\"")
    } else {
        encoded_words(name)
    };
    let mut headers = Headers::new();
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str("Content-Type"),
        mime.to_owned(),
        format!("{mime};\r\n name=\"{fallback}\""),
    ));
    headers.set(ContentDisposition::attachment(name));
    headers.insert_raw(HeaderValue::new(
        HeaderName::new_from_ascii_str("Content-Transfer-Encoding"),
        encoding.to_owned(),
    ));
    format!("{headers}\r\n")
}

/// Control characters are spaces, and runs of spaces are one.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_control() || character.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
