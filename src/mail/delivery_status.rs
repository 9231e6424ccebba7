//! Reports of mail servers about what became of a mail (RFC 3464): the part
//! message/delivery-status of a multipart/report, for a card that says in plain words who did not
//! get it and why.

use super::header::Header;
use super::visible::{clip, one_line};
use super::{date, encoded_word};

/// Octets of the part that are read.
const INPUT_LIMIT: usize = 1 << 20;
/// Recipients that are told.
const RECIPIENT_LIMIT: usize = 500;
/// Characters of a line that is shown.
const LINE_LIMIT: usize = 1000;

/// What a server reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The server that writes.
    pub server: Option<String>,
    pub recipients: Vec<RecipientReport>,
}

/// What became of the mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientReport {
    /// Whom the mail was to reach in the end; one line, and not always an address.
    pub recipient: String,
    /// Whom it was sent to, where that is told and another.
    pub original: Option<String>,
    pub action: Action,
    pub status: Option<Status>,
    /// What the refusing server said, as it said it.
    pub diagnostic: Option<String>,
    /// The server that said it.
    pub remote_server: Option<String>,
    /// Until when it is tried again, in seconds since 1970-01-01T00:00:00Z.
    pub retry_until: Option<i64>,
}

/// RFC 3464, section 2.3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    /// Handed to a server that makes no such reports.
    Relayed,
    /// To several others.
    Expanded,
}

/// An enhanced status code (RFC 3463): `5.1.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub class: u16,
    pub subject: u16,
    pub detail: u16,
}

/// Reads the decoded part; `None` where it tells of no recipient.
pub fn delivery_report(part: &[u8]) -> Option<DeliveryReport> {
    let mut report = DeliveryReport::default();
    for group in groups(part.get(..INPUT_LIMIT).unwrap_or(part)) {
        let header = Header::parse(group);
        if report.server.is_none() {
            report.server = field(&header, "reporting-mta").and_then(typed);
        }
        if report.recipients.len() < RECIPIENT_LIMIT {
            report.recipients.extend(recipient(&header));
        }
    }
    (!report.recipients.is_empty()).then_some(report)
}

/// The groups of fields between empty lines.
pub(super) fn groups(part: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = part;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let mut end = 0_usize;
            let mut next = rest.len();
            for line in rest.split_inclusive(|octet| *octet == b'\n') {
                if line.trim_ascii().is_empty() {
                    next = end.saturating_add(line.len());
                    break;
                }
                end = end.saturating_add(line.len());
            }
            let group = rest.get(..end).unwrap_or_default();
            rest = rest.get(next..).unwrap_or_default();
            if !group.is_empty() {
                return Some(group);
            }
        }
        None
    })
}

fn recipient(header: &Header) -> Option<RecipientReport> {
    let last = field(header, "final-recipient").and_then(typed);
    let original = field(header, "original-recipient").and_then(typed);
    let recipient = last.or_else(|| original.clone())?;
    let status = field(header, "status").and_then(|value| status(&value));
    Some(RecipientReport {
        original: original.filter(|original| !original.eq_ignore_ascii_case(&recipient)),
        recipient,
        action: action(field(header, "action").as_deref(), status)?,
        status,
        diagnostic: field(header, "diagnostic-code").and_then(typed),
        remote_server: field(header, "remote-mta").and_then(typed),
        retry_until: header.value("will-retry-until").and_then(date::parse),
    })
}

/// The value for people, on one bounded line.
pub(super) fn field(header: &Header, name: &str) -> Option<String> {
    let value = one_line(&encoded_word::decode(header.value(name)?));
    let value = clip(&value, LINE_LIMIT).to_owned();
    (!value.is_empty()).then_some(value)
}

/// What follows the type: `rfc822; jo@example.org`, `smtp; 550 no`, `dns; mx.example.org`.
pub(super) fn typed(value: String) -> Option<String> {
    let plain = match value.split_once(';') {
        Some((kind, rest)) if !kind.contains([' ', '@']) || kind.ends_with(' ') => rest.trim(),
        _ => value.trim(),
    };
    let plain = plain.trim_matches(['<', '>']).trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// The action; by the class of the status where it is missing.
fn action(word: Option<&str>, status: Option<Status>) -> Option<Action> {
    let word = word.map(|word| {
        let first = word.split([' ', '(']).next().unwrap_or_default();
        first.to_ascii_lowercase()
    });
    match word.as_deref() {
        Some("failed" | "failure") => Some(Action::Failed),
        Some("delayed") => Some(Action::Delayed),
        Some("delivered") => Some(Action::Delivered),
        Some("relayed") => Some(Action::Relayed),
        Some("expanded") => Some(Action::Expanded),
        _ => match status?.class {
            2 => Some(Action::Delivered),
            4 => Some(Action::Delayed),
            _ => Some(Action::Failed),
        },
    }
}

/// `5.1.1`, which a comment may follow.
fn status(value: &str) -> Option<Status> {
    let code = value.split([' ', '(', '\t']).next()?;
    let mut numbers = code.split('.').map(|number| {
        (number.len() <= 3)
            .then(|| number.parse::<u16>().ok())
            .flatten()
    });
    let status = Status {
        class: numbers.next()??,
        subject: numbers.next()??,
        detail: numbers.next()??,
    };
    (numbers.next().is_none() && matches!(status.class, 2 | 4 | 5)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;
    use proptest::prelude::*;

    #[test]
    fn a_report_of_two_recipients() {
        let report = delivery_report(
            b"Reporting-MTA: dns; mx.example.net\r\nArrival-Date: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\n\
            Final-Recipient: rfc822; nobody@example.org\r\nOriginal-Recipient: rfc822;alias@example.org\r\n\
            Action: failed\r\nStatus: 5.1.1 (no such user)\r\nRemote-MTA: dns; mx.example.org\r\n\
            Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.org>:\r\n    User unknown\r\n\r\n\r\n\
            Final-Recipient: RFC822 ; <slow@example.org>\r\nAction: Delayed\r\nStatus: 4.4.1\r\n\
            Will-Retry-Until: Tue, 24 Nov 2026 12:00:00 +0000\r\n",
        )
        .unwrap();
        assert_eq!(report.server.as_deref(), Some("mx.example.net"));
        let [first, second] = report.recipients.as_slice() else {
            panic!("{report:?}");
        };
        assert_eq!(first.recipient, "nobody@example.org");
        assert_eq!(first.original.as_deref(), Some("alias@example.org"));
        assert_eq!(first.action, Action::Failed);
        let expected = Status {
            class: 5,
            subject: 1,
            detail: 1,
        };
        assert_eq!(first.status, Some(expected));
        assert_eq!(
            first.diagnostic.as_deref(),
            Some("550 5.1.1 <nobody@example.org>:    User unknown")
        );
        assert_eq!(first.remote_server.as_deref(), Some("mx.example.org"));
        assert_eq!(second.recipient, "slow@example.org");
        assert_eq!(second.action, Action::Delayed);
        assert_eq!(second.retry_until, Some(1_795_521_600));
    }

    #[test]
    fn reports_as_they_are_written() {
        // One group for all, no type, no action.
        let report = delivery_report(b"Final-Recipient: jo@example.org\nStatus: 5.0.0\n").unwrap();
        assert_eq!(report.recipients[0].action, Action::Failed);
        assert_eq!(report.recipients[0].recipient, "jo@example.org");
        let report = delivery_report(
            b"\n\nOriginal-Recipient: rfc822;jo@example.org\nAction: relayed (x)\nStatus: 9.9\n",
        )
        .unwrap();
        assert_eq!(report.recipients[0].action, Action::Relayed);
        assert_eq!(report.recipients[0].status, None);
        for nothing in [
            &b""[..],
            b"\n\n\n",
            b"Reporting-MTA: dns; x\n",
            b"Final-Recipient: rfc822;\nAction: failed\n",
            b"Final-Recipient: rfc822; a@b\n",
            b"\0\xff",
        ] {
            assert_eq!(delivery_report(nothing), None);
        }
    }

    #[test]
    fn many_recipients_are_bounded_and_take_no_time() {
        let start = Busy::new();
        let part = "Final-Recipient: rfc822; a@b\nAction: failed\n\n".repeat(20_000);
        let report = delivery_report(part.as_bytes()).unwrap();
        assert_eq!(report.recipients.len(), RECIPIENT_LIMIT);
        delivery_report(&b"\n".repeat(1 << 20));
        delivery_report(&b"a:\n\n".repeat(1 << 18));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_octets_at_all(octets in proptest::collection::vec(any::<u8>(), 0..300), text in any::<String>()) {
            delivery_report(&octets);
            let part = format!("Final-Recipient: {text}\nAction: failed\nStatus: {text}\n");
            if let Some(report) = delivery_report(part.as_bytes()) {
                prop_assert!(report.recipients.iter().all(|r| !r.recipient.contains('\n')));
            }
        }
    }
}
