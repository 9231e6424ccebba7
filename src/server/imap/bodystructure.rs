//! BODYSTRUCTURE (RFC 9051, section 7.5.2) as the part tree that `mail` asks its questions of,
//! with the part numbers that BODY[…] wants (section 6.4.5), which the answer itself leaves out.

use super::answer::Raw;
use crate::mail::header::Header;
use crate::mail::structure::{Parameter, Part};
use async_imap::imap_proto::{
    Address, BodyContentCommon, BodyContentSinglePart, BodyParams, BodyStructure, ContentEncoding,
    Envelope,
};
use std::borrow::Cow;

/// Levels that are converted; what lies deeper is left out. The guard lets no deeper nesting
/// through, so this is a second line only.
const DEPTH_LIMIT: u32 = 64;
/// Addresses of a field of an attached message that are read.
const ENVELOPE_ADDRESSES: usize = 50;

/// The tree of a whole message.
pub fn part(root: &BodyStructure<'_>, raw: Raw<'_>) -> Part {
    convert(root, raw, &Number::root(), 0)
}

/// Where a part stands.
struct Number {
    /// Its own number; empty for the multipart that is a whole message.
    id: String,
    /// What the numbers of the parts in it begin with.
    prefix: String,
}

impl Number {
    fn root() -> Self {
        Self::message("")
    }

    /// The body of the message with the number `id`: a multipart has no number of its own and
    /// numbers its parts below the message's, any other body is the message's part 1.
    fn message(id: &str) -> Self {
        Self {
            id: String::new(),
            prefix: id.to_owned(),
        }
    }

    /// The part number `index` in here.
    fn child(&self, index: usize) -> Self {
        let number = index.saturating_add(1);
        let id = if self.prefix.is_empty() {
            number.to_string()
        } else {
            format!("{}.{number}", self.prefix)
        };
        Self {
            prefix: id.clone(),
            id,
        }
    }
}

fn convert(body: &BodyStructure<'_>, raw: Raw<'_>, number: &Number, depth: u32) -> Part {
    let deeper = depth < DEPTH_LIMIT;
    if let BodyStructure::Multipart { common, bodies, .. } = body {
        let mut part = of_common(common, raw);
        part.id.clone_from(&number.id);
        if deeper {
            part.children = bodies
                .iter()
                .enumerate()
                .map(|(index, body)| convert(body, raw, &number.child(index), depth + 1))
                .collect();
        }
        return part;
    }
    // A message that is no multipart is its own part 1.
    let alone = if number.id.is_empty() {
        Some(number.child(0))
    } else {
        None
    };
    let number = alone.as_ref().unwrap_or(number);
    let mut part = match body {
        BodyStructure::Basic { common, other, .. }
        | BodyStructure::Text { common, other, .. }
        | BodyStructure::Message { common, other, .. } => of_single(common, other, raw),
        BodyStructure::Multipart { .. } => Part::default(),
    };
    if let BodyStructure::Message { body, envelope, .. } = body
        && deeper
    {
        part.summary = Some(summary(envelope, raw));
        part.children = vec![convert(body, raw, &Number::message(&number.id), depth + 1)];
    }
    part.id.clone_from(&number.id);
    part
}

/// An ENVELOPE as the header that it was made of, as far as it is shown: what is in it is still
/// encoded.
fn summary(envelope: &Envelope<'_>, raw: Raw<'_>) -> Header {
    let mut fields = String::new();
    let mut add = |name: &str, value: &str| {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        fields.push_str(name);
        fields.push_str(": ");
        fields.push_str(&value);
        fields.push_str("\r\n");
    };
    for (name, value) in [("Subject", &envelope.subject), ("Date", &envelope.date)] {
        if let Some(value) = value {
            add(name, &octets(value, raw));
        }
    }
    for (name, list) in [
        ("From", &envelope.from),
        ("To", &envelope.to),
        ("Cc", &envelope.cc),
    ] {
        let list = list.iter().flatten().take(ENVELOPE_ADDRESSES);
        let list: Vec<String> = list.filter_map(|one| address(one, raw)).collect();
        if !list.is_empty() {
            add(name, &list.join(", "));
        }
    }
    Header::parse(fields.as_bytes()).summary()
}

/// As it stands in a header; `None` for what begins or ends a group.
fn address(address: &Address<'_>, raw: Raw<'_>) -> Option<String> {
    let text = |value: &Option<Cow<'_, [u8]>>| value.as_ref().map(|value| octets(value, raw));
    let (local, host) = (text(&address.mailbox)?, text(&address.host)?);
    Some(match text(&address.name) {
        // Encoded words are none within quotes (RFC 2047, section 5).
        Some(name) if name.contains("=?") => format!("{name} <{local}@{host}>"),
        Some(name) => {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{name}\" <{local}@{host}>")
        }
        None => format!("<{local}@{host}>"),
    })
}

/// The text of a string that the parser left as octets.
#[allow(clippy::ptr_arg)]
fn octets(value: &Cow<'_, [u8]>, raw: Raw<'_>) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => raw.text(text, matches!(value, Cow::Borrowed(_))),
        Err(_) => String::from_utf8_lossy(value).into_owned(),
    }
}

fn of_common(common: &BodyContentCommon<'_>, raw: Raw<'_>) -> Part {
    Part {
        kind: raw.cow(&common.ty.ty).to_ascii_lowercase(),
        subtype: raw.cow(&common.ty.subtype).to_ascii_lowercase(),
        params: params(&common.ty.params, raw),
        disposition: common.disposition.as_ref().map(|disposition| {
            (
                raw.cow(&disposition.ty).to_ascii_lowercase(),
                params(&disposition.params, raw),
            )
        }),
        encoding: "7bit".to_owned(),
        ..Part::default()
    }
}

fn of_single(
    common: &BodyContentCommon<'_>,
    other: &BodyContentSinglePart<'_>,
    raw: Raw<'_>,
) -> Part {
    Part {
        content_id: other.id.as_ref().map(|id| {
            let id = raw.cow(id);
            let id = id.trim();
            id.strip_prefix('<')
                .and_then(|id| id.strip_suffix('>'))
                .unwrap_or(id)
                .to_owned()
        }),
        description: other
            .description
            .as_ref()
            .map(|description| raw.cow(description)),
        encoding: match &other.transfer_encoding {
            ContentEncoding::SevenBit => "7bit".to_owned(),
            ContentEncoding::EightBit => "8bit".to_owned(),
            ContentEncoding::Binary => "binary".to_owned(),
            ContentEncoding::Base64 => "base64".to_owned(),
            ContentEncoding::QuotedPrintable => "quoted-printable".to_owned(),
            ContentEncoding::Other(name) => raw.cow(name).to_ascii_lowercase(),
        },
        octets: other.octets,
        ..of_common(common, raw)
    }
}

fn params(params: &BodyParams<'_>, raw: Raw<'_>) -> Vec<Parameter> {
    params
        .iter()
        .flatten()
        .map(|(name, value)| (raw.cow(name).to_ascii_lowercase(), raw.cow(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Untagged, untagged};
    use super::*;
    use async_imap::imap_proto::Response;

    fn tree(structure: &str) -> Part {
        let line = format!("* 1 FETCH (BODYSTRUCTURE {structure})\r\n");
        let (_, response) = Response::parse(line.as_bytes()).unwrap();
        let Some(Untagged::Fetch(fetched)) = untagged(&response, Raw(line.as_bytes())) else {
            panic!("no FETCH")
        };
        fetched.structure.unwrap()
    }

    fn ids(part: &Part) -> String {
        let children: Vec<String> = part.children.iter().map(ids).collect();
        format!("{}:{}({})", part.id, part.subtype, children.join(" "))
    }

    const TEXT: &str =
        r#"("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 10 1 NIL NIL NIL NIL)"#;
    const ENVELOPE: &str = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";

    #[test]
    fn a_single_part_is_part_1() {
        let part = tree(
            r#"("TEXT" "HTML" ("Charset" "a\"b" "NAME" "x") "<id@x>" "a \\ b" "X-UUE" 10 1 NIL ("ATTACHMENT" ("FileName" "f")))"#,
        );
        assert_eq!(part.id, "1");
        assert_eq!(
            (part.kind.as_str(), part.subtype.as_str()),
            ("text", "html")
        );
        assert_eq!(part.params[0], ("charset".to_owned(), "a\"b".to_owned()));
        assert_eq!(part.content_id.as_deref(), Some("id@x"));
        assert_eq!(part.description.as_deref(), Some("a \\ b"));
        assert_eq!(part.encoding, "x-uue");
        assert_eq!(part.octets, 10);
        let (kind, params) = part.disposition.unwrap();
        assert_eq!(
            (kind.as_str(), params[0].0.as_str()),
            ("attachment", "filename")
        );
    }

    #[test]
    fn parts_of_multiparts_are_numbered() {
        let part = tree(&format!(r#"(({TEXT}{TEXT} "alternative"){TEXT} "mixed")"#));
        assert_eq!(
            ids(&part),
            ":mixed(1:alternative(1.1:plain() 1.2:plain()) 2:plain())"
        );
    }

    #[test]
    fn nested_messages_are_numbered_as_the_rfc_says() {
        let message = |body: &str| {
            format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 10 {ENVELOPE} {body} 1)"#)
        };
        let multi = format!(r#"({TEXT}{TEXT} "mixed")"#);
        let part = tree(&format!(
            r#"({TEXT}{}{} "mixed")"#,
            message(&multi),
            message(TEXT)
        ));
        assert_eq!(
            ids(&part),
            ":mixed(1:plain() 2:rfc822(:mixed(2.1:plain() 2.2:plain())) 3:rfc822(3.1:plain()))"
        );
        assert_eq!(ids(&tree(&message(TEXT))), "1:rfc822(1.1:plain())");
    }

    #[test]
    fn an_attached_message_tells_its_subject_and_its_people() {
        let part = tree(&format!(
            r#"("message" "rfc822" NIL NIL NIL "7bit" 10 ("Mon, 2 Nov 2026 10:00:00 +0100" "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=" (("a \"b\"" NIL "x" "y.example")) NIL NIL (("=?utf-8?Q?=C3=9C?=" NIL "u" "y.example") (NIL NIL "z" "y.example")) NIL NIL NIL NIL) {TEXT} 1)"#
        ));
        let header = part.summary.unwrap();
        assert_eq!(header.subject(), "Grüße");
        assert_eq!(header.date(), Some(1_793_610_000));
        let from = header.from();
        assert_eq!(from[0].name.as_deref(), Some("a \"b\""));
        assert_eq!(from[0].addr, "x@y.example");
        let to: Vec<_> = header
            .to()
            .iter()
            .map(|one| one.label().to_owned())
            .collect();
        assert_eq!(to, ["Ü", "z@y.example"]);
    }

    #[test]
    fn nesting_that_the_guard_lets_through_is_converted() {
        let mut structure = TEXT.to_owned();
        for _ in 0..28 {
            structure = format!(r#"({structure} "mixed")"#);
        }
        let mut part = &tree(&structure);
        let mut depth = 0;
        while let Some(child) = part.children.first() {
            part = child;
            depth += 1;
        }
        assert_eq!((depth, part.subtype.as_str()), (28, "plain"));
    }
}
