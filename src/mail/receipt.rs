//! Receipts (RFC 8098): who asks to be told that a mail was read, the notification that tells it,
//! and the one that comes back. A receipt tells a stranger that an address is alive and when its
//! owner reads, so nothing here is sent by itself: the person is asked each time.

use super::delivery_status::{field, groups, typed};
use super::header::Header;
use super::{address, params};
use crate::model::Address;

/// Who asks that are told.
const ASKING_LIMIT: usize = 5;
/// Octets of a notification that are read.
const INPUT_LIMIT: usize = 64 * 1024;
/// Longest field that is written, in octets (RFC 5322, section 2.1.1).
const LINE_LIMIT: usize = 900;

/// A wish for a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRequest {
    /// Where it is to go; never empty.
    pub to: Vec<Address>,
    /// Whether it goes to another address than the mail came from, which is to be said when the
    /// person is asked (section 2.1).
    pub elsewhere: bool,
}

/// Reads the wish of a mail; `None` where there is none that may be granted.
pub fn receipt_request(header: &Header) -> Option<ReceiptRequest> {
    // A report is never answered by a report (section 3), nor what no person wrote.
    let report = header
        .content_type()
        .is_some_and(|(kind, subtype)| kind == "multipart" && subtype == "report");
    let automatic = header
        .value("auto-submitted")
        .is_some_and(|value| !value.trim().eq_ignore_ascii_case("no"));
    // An option that is required and not known means that no receipt fits (section 2.2).
    let required = header
        .value("disposition-notification-options")
        .is_some_and(|value| {
            params::pieces(value).any(|piece| {
                piece.split_once('=').is_some_and(|(_, value)| {
                    let word = value.split(',').next().unwrap_or_default();
                    word.trim().eq_ignore_ascii_case("required")
                })
            })
        });
    if report || automatic || required {
        return None;
    }
    let to: Vec<Address> = header
        .addresses("disposition-notification-to")
        .into_iter()
        .filter(|asking| address::valid(&asking.addr))
        .take(ASKING_LIMIT)
        .collect();
    let from = header.from();
    let sender = header.addresses("return-path");
    let known = |asking: &Address| {
        let is = |other: &Address| other.addr.eq_ignore_ascii_case(&asking.addr);
        from.iter().any(is) && (sender.is_empty() || sender.iter().any(is))
    };
    (!to.is_empty()).then(|| ReceiptRequest {
        elsewhere: to.len() > 1 || !to.iter().all(known),
        to,
    })
}

/// What a receipt has to say.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The program and the host it runs for: `mail.example.org; Posthorn`.
    pub reporting_agent: &'a str,
    /// The address the mail was read at.
    pub recipient: &'a str,
    /// The header of the mail that was read.
    pub original: &'a Header,
    /// For the person who asked, in their language as far as it is known.
    pub text: &'a str,
}

/// The parts of the multipart/report with `report-type=disposition-notification` (section 3), in
/// their order. Whoever builds the mail adds `Auto-Submitted: auto-replied`, an empty envelope
/// sender and the original's Message-ID in References.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptParts {
    /// text/plain.
    pub text: String,
    /// message/disposition-notification: ASCII lines that end with CRLF.
    pub notification: String,
}

/// The type of the whole, without its boundary.
pub const REPORT_TYPE: &str = "multipart/report; report-type=disposition-notification";
/// The type of the second part.
pub const NOTIFICATION_TYPE: &str = "message/disposition-notification";

/// Writes the parts of a receipt that the person agreed to; `None` where the recipient is no
/// address that can be written in ASCII.
pub fn receipt(receipt: &Receipt<'_>) -> Option<ReceiptParts> {
    let recipient = address::ascii_domain(receipt.recipient).filter(|a| a.is_ascii())?;
    let mut lines = vec![];
    let agent = safe(receipt.reporting_agent);
    if !agent.is_empty() {
        lines.push(format!("Reporting-UA: {agent}"));
    }
    // Carried over as it came (section 3.2.3).
    if let Some(original) = receipt.original.value("original-recipient").map(safe)
        && original.contains(';')
    {
        lines.push(format!("Original-Recipient: {original}"));
    }
    lines.push(format!("Final-Recipient: rfc822;{recipient}"));
    if let Some(id) = receipt.original.message_id() {
        lines.push(format!("Original-Message-ID: <{id}>"));
    }
    // The person saw it and agreed to tell (section 3.2.6).
    lines.push("Disposition: manual-action/MDN-sent-manually; displayed".to_owned());
    lines.push(String::new());
    Some(ReceiptParts {
        text: super::visible::plain(receipt.text),
        notification: lines.join("\r\n"),
    })
}

/// What can stand in a field: printable ASCII, bounded.
fn safe(value: &str) -> String {
    let value: String = value
        .chars()
        .filter(|c| matches!(c, ' '..='~'))
        .take(LINE_LIMIT)
        .collect();
    value.trim().to_owned()
}

/// A receipt that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Who read it; one line, and not always an address.
    pub recipient: String,
    /// The Message-ID of what was read, without angle brackets.
    pub message_id: Option<String>,
    pub disposition: Disposition,
}

/// What became of the mail (section 3.2.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Displayed,
    Deleted,
    /// Sent on, printed or the like by a program.
    Processed,
    /// Something else, or a word nobody knows.
    Other,
}

/// Reads a decoded message/disposition-notification.
pub fn notification(part: &[u8]) -> Option<Notification> {
    let block = groups(part.get(..INPUT_LIMIT).unwrap_or(part)).next()?;
    let header = Header::parse(block);
    let recipient = field(&header, "final-recipient")
        .or_else(|| field(&header, "original-recipient"))
        .and_then(typed)?;
    let disposition = field(&header, "disposition")?;
    let kind = disposition.rsplit(';').next().unwrap_or_default();
    let kind = kind.split(['/', ',']).next().unwrap_or_default();
    Some(Notification {
        recipient,
        message_id: header.ids("original-message-id").into_iter().next(),
        disposition: match kind.trim().to_ascii_lowercase().as_str() {
            "displayed" => Disposition::Displayed,
            "deleted" => Disposition::Deleted,
            "processed" | "dispatched" => Disposition::Processed,
            _ => Disposition::Other,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(fields: &str) -> Option<ReceiptRequest> {
        receipt_request(&Header::parse(fields.as_bytes()))
    }

    #[test]
    fn who_asks() {
        let wish = asked(
            "From: Jo <jo@example.org>\nReturn-Path: <jo@example.org>\n\
            Disposition-Notification-To: Jo <JO@example.org>\n",
        )
        .unwrap();
        assert_eq!(wish.to[0].addr, "JO@example.org");
        assert!(!wish.elsewhere);
        for fields in [
            "From: jo@example.org\nDisposition-Notification-To: eve@evil.example\n",
            "From: jo@example.org\nReturn-Path: <b@list.example>\nDisposition-Notification-To: jo@example.org\n",
            "From: jo@example.org\nDisposition-Notification-To: jo@example.org, eve@evil.example\n",
        ] {
            assert!(asked(fields).unwrap().elsewhere, "{fields}");
        }
    }

    #[test]
    fn wishes_that_are_not_granted() {
        for fields in [
            "From: a@b.example\n",
            "Disposition-Notification-To: nobody\n",
            "Disposition-Notification-To:\n",
            "Disposition-Notification-To: a@b.example\nAuto-Submitted: auto-replied\n",
            "Disposition-Notification-To: a@b.example\nContent-Type: multipart/report; boundary=x\n",
            "Disposition-Notification-To: a@b.example\nDisposition-Notification-Options: x=required,y\n",
        ] {
            assert_eq!(asked(fields), None, "{fields}");
        }
        let many = format!(
            "Disposition-Notification-To: {}\n",
            "a@b.example, ".repeat(1000)
        );
        assert_eq!(asked(&many).unwrap().to.len(), ASKING_LIMIT);
    }

    #[test]
    fn a_receipt_reads_back() {
        let original = Header::parse(
            b"Message-ID: <1@example.org>\nOriginal-Recipient: rfc822;alias@b\xc3\xbc.example\n",
        );
        let parts = receipt(&Receipt {
            reporting_agent: "mail.example.net; Posthorn\r\nX-Evil: 1",
            recipient: "me@bücher.example",
            original: &original,
            text: "Read.\r\nBye",
        })
        .unwrap();
        assert_eq!(parts.text, "Read.\nBye");
        assert_eq!(
            parts.notification,
            "Reporting-UA: mail.example.net; PosthornX-Evil: 1\r\n\
            Original-Recipient: rfc822;alias@b.example\r\n\
            Final-Recipient: rfc822;me@xn--bcher-kva.example\r\n\
            Original-Message-ID: <1@example.org>\r\n\
            Disposition: manual-action/MDN-sent-manually; displayed\r\n"
        );
        assert_eq!(
            notification(parts.notification.as_bytes()),
            Some(Notification {
                recipient: "me@xn--bcher-kva.example".to_owned(),
                message_id: Some("1@example.org".to_owned()),
                disposition: Disposition::Displayed,
            })
        );
    }

    #[test]
    fn recipients_that_cannot_be_written() {
        for recipient in ["", "nobody", "jö@example.org", "a@b\r\nX: y"] {
            let parts = receipt(&Receipt {
                reporting_agent: "",
                recipient,
                original: &Header::default(),
                text: "",
            });
            assert_eq!(parts, None, "{recipient}");
        }
    }

    #[test]
    fn notifications_of_others() {
        let read = |disposition: &str| {
            let part =
                format!("\r\nFinal-Recipient: rfc822; a@b\r\nDisposition: {disposition}\r\n");
            notification(part.as_bytes()).map(|n| n.disposition)
        };
        for (text, expected) in [
            (
                "automatic-action/MDN-sent-automatically; displayed",
                Disposition::Displayed,
            ),
            (
                "manual-action/MDN-sent-manually;deleted/error",
                Disposition::Deleted,
            ),
            (
                "automatic-action/MDN-sent-automatically; dispatched",
                Disposition::Processed,
            ),
            ("displayed", Disposition::Displayed),
            ("x; y", Disposition::Other),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        assert_eq!(read(""), None);
        assert_eq!(notification(b""), None);
    }

    proptest! {
        #[test]
        fn nothing_breaks_out_of_its_field(agent in any::<String>(), original in any::<String>()) {
            let header = Header::parse(format!("Original-Recipient: {original}\nMessage-ID: <{original}>\n").as_bytes());
            let parts = receipt(&Receipt { reporting_agent: &agent, recipient: "a@b", original: &header, text: &agent }).unwrap();
            prop_assert!(parts.notification.is_ascii());
            prop_assert!(parts.notification.lines().count() <= 5);
            prop_assert!(!parts.notification.replace("\r\n", "").contains(['\r', '\n']));
            notification(original.as_bytes());
            receipt_request(&Header::parse(format!("Disposition-Notification-To: {original}\n").as_bytes()));
        }
    }
}
