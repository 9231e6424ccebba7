//! `mailto:` URIs (RFC 6068): what a link on the web wants to be written. Only the recipients,
//! the subject and the text are taken; other fields are the writer's own to set (section 4).

use crate::model::Draft;
use percent_encoding::percent_decode_str;

/// Characters of a value that are taken.
const LIMIT: usize = 50_000;
/// Fields that are read.
const FIELD_LIMIT: usize = 50;

/// The draft that `uri` asks for.
pub fn draft(uri: &str) -> Draft {
    let mut draft = Draft::default();
    let (to, fields) = split(uri);
    draft.to = one_line(&decode(to));
    for (name, value) in fields {
        let value = decode(value);
        match name.as_str() {
            "to" => join(&mut draft.to, &value),
            "cc" => join(&mut draft.cc, &value),
            "subject" => draft.subject = one_line(&value),
            "body" => draft.text = value.replace("\r\n", "\n").replace('\r', "\n"),
            _ => {}
        }
    }
    draft
}

/// All whom `uri` names, as in an address box; also those that [`draft`] does not take, for other
/// programs may.
pub(super) fn recipients(uri: &str) -> String {
    let (to, fields) = split(uri);
    let mut list = one_line(&decode(to));
    for (name, value) in fields {
        if matches!(name.as_str(), "to" | "cc" | "bcc") {
            join(&mut list, &decode(value));
        }
    }
    list
}

/// What stands before the fields, and the fields with their names in lower case.
fn split(uri: &str) -> (&str, impl Iterator<Item = (String, &str)>) {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let (to, fields) = rest.split_once('?').unwrap_or((rest, ""));
    let fields = fields.split('&').take(FIELD_LIMIT).map(|field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        (name.to_ascii_lowercase(), value)
    });
    (to, fields)
}

// A plus is a plus here (section 2), unlike in a form.
fn decode(text: &str) -> String {
    percent_decode_str(text)
        .decode_utf8_lossy()
        .chars()
        .filter(|c| *c != '\0')
        .take(LIMIT)
        .collect()
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn join(list: &mut String, more: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(&one_line(more));
}

#[cfg(test)]
mod tests {
    use super::{draft, recipients};

    #[test]
    fn the_examples_of_the_rfc() {
        let one = draft("mailto:addr1@an.example,addr2@an.example?cc=c%40an.example");
        assert_eq!(one.to, "addr1@an.example,addr2@an.example");
        assert_eq!(one.cc, "c@an.example");
        let two = draft("MAILTO:?to=a@an.example&subject=caf%C3%A9&body=one%0D%0Atwo+three");
        assert_eq!(two.to, "a@an.example");
        assert_eq!(two.subject, "café");
        assert_eq!(two.text, "one\ntwo+three");
    }

    #[test]
    fn whom_a_link_names() {
        for (uri, list) in [
            ("mailto:a@an.example?subject=x@y.example", "a@an.example"),
            ("mailto:a@x%2Cb@x?CC=c%40x&bcc=d@x", "a@x,b@x, c@x, d@x"),
            ("mailto:?to=a@x", "a@x"),
            ("mailto:", ""),
        ] {
            assert_eq!(recipients(uri), list, "{uri}");
        }
    }

    #[test]
    fn a_hostile_link_sets_nothing_else() {
        let mail = draft(
            "mailto:a@an.example?bcc=spy@evil.example&attach=/etc/passwd&subject=a%0D%0ABcc:%20x@evil.example",
        );
        assert_eq!(mail.bcc, "");
        assert!(mail.attachments.is_empty());
        assert!(!mail.subject.contains(['\r', '\n']));
    }
}
