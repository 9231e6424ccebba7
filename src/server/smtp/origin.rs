//! How a stored draft remembers the message it answers or passes on, so that writing can go on
//! tomorrow, or on another machine, and `\Answered` or `$Forwarded` still be set at the end. The
//! line is in drafts only: nobody else learns the names of one's folders.

use crate::model::{Origin, Relation};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The header field that holds it.
pub const ORIGIN_HEADER: &str = "X-Posthorn-Origin";

/// Percent-encoded octets a line, so that the longest folder name folds into short lines.
const LINE: usize = 60;

/// The field's value, `<relation>;<uidvalidity>;<uid>;<folder>`, folded and pure ASCII.
pub(super) fn format_origin(origin: &Origin) -> String {
    let relation = match origin.relation {
        Relation::Reply => "reply",
        Relation::ReplyAll => "reply-all",
        Relation::Forward => "forward",
    };
    let mut value = format!("{relation};{};{};", origin.uid_validity, origin.uid);
    let mut on_line = LINE;
    for piece in utf8_percent_encode(&origin.folder, NON_ALPHANUMERIC) {
        for character in piece.chars() {
            if on_line >= LINE {
                value.push_str("\r\n ");
                on_line = 0;
            }
            value.push(character);
            on_line += 1;
        }
    }
    value
}

/// Reads the value of an `X-Posthorn-Origin` field; `None` where it is not one of ours.
pub fn parse_origin(value: &str) -> Option<Origin> {
    // Everything is percent-encoded, so all white space is folding.
    let value: String = value
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let mut fields = value.splitn(4, ';');
    let relation = match fields.next()? {
        "reply" => Relation::Reply,
        "reply-all" => Relation::ReplyAll,
        "forward" => Relation::Forward,
        _ => return None,
    };
    let uid_validity = fields.next()?.parse().ok()?;
    let uid = fields.next()?.parse().ok()?;
    let folder = percent_decode_str(fields.next()?)
        .decode_utf8()
        .ok()?
        .into_owned();
    if folder.is_empty() || folder.contains(char::is_control) {
        return None;
    }
    Some(Origin {
        relation,
        folder,
        uid_validity,
        uid,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_by_hand_reads_back() {
        let origin =
            parse_origin(" reply-all;17;4;\r\n INBOX%2FAnfragen%3B%20m%C3%BCnchen").unwrap();
        assert_eq!(origin.relation, Relation::ReplyAll);
        assert_eq!((origin.uid_validity, origin.uid), (17, 4));
        assert_eq!(origin.folder, "INBOX/Anfragen; münchen");
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for value in [
            "",
            "reply",
            "reply;1;2",
            "reply;1;2;",
            "answer;1;2;INBOX",
            "reply;-1;2;INBOX",
        ] {
            assert_eq!(parse_origin(value), None, "{value}");
        }
        assert_eq!(parse_origin("reply;1;4294967296;INBOX"), None);
        assert_eq!(parse_origin("reply;1;2;a%0D%0Ab"), None);
        assert_eq!(parse_origin("reply;1;2;%FF"), None);
    }

    proptest! {
        #[test]
        fn any_folder_survives(
            folder in "[^\\p{Cc}]{1,300}", uid_validity: u32, uid: u32, which in 0_u8..3
        ) {
            let relation = match which {
                0 => Relation::Reply,
                1 => Relation::ReplyAll,
                _ => Relation::Forward,
            };
            let origin = Origin { relation, folder, uid_validity, uid };
            let value = format_origin(&origin);
            prop_assert!(value.is_ascii());
            prop_assert!(value.split("\r\n").all(|line| line.len() <= 78));
            prop_assert_eq!(parse_origin(&value), Some(origin));
        }
    }
}
