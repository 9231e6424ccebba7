//! The answer to an invitation: an iTIP REPLY (RFC 5546, section 3.2.3).

use super::event::{Event, UID_LIMIT};
use super::time::utc;
use crate::mail::address;

/// Octets of a line without its break (RFC 5545, section 3.1).
const LINE_LENGTH: usize = 75;
/// Characters of a comment.
const COMMENT_LIMIT: usize = 2000;

/// What the person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accept,
    Tentative,
    Decline,
}

/// The text of a `text/calendar; method=REPLY` part with which `me`, an address that was invited,
/// answers the organizer; `now` in seconds since 1970-01-01T00:00:00Z. `None` where the event has
/// no organizer to answer to, or an address that cannot be written to, or a UID too long to give back.
pub fn reply(event: &Event, me: &str, answer: Answer, comment: &str, now: i64) -> Option<String> {
    let organizer = event.organizer.as_ref()?;
    if !address::valid(&organizer.addr) || !address::valid(me) || event.uid.len() >= UID_LIMIT {
        return None;
    }
    let invited = event.attendee(me);
    let me = invited.map_or(me, |attendee| attendee.address.addr.as_str());
    let name = invited.and_then(|attendee| attendee.address.name.as_deref());
    let word = match answer {
        Answer::Accept => "ACCEPTED",
        Answer::Tentative => "TENTATIVE",
        Answer::Decline => "DECLINED",
    };
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Posthorn//Posthorn//EN");
    line("METHOD:REPLY");
    line("BEGIN:VEVENT");
    line(&format!("UID:{}", escape(&event.uid)));
    line(&format!("SEQUENCE:{}", event.sequence));
    line(&format!("DTSTAMP:{}", utc(now)));
    // Moments are written in UTC, which needs no zone to be sent along.
    for (property, when) in [
        ("RECURRENCE-ID", &event.recurrence_id),
        ("DTSTART", &event.start),
    ] {
        if let Some(when) = when {
            let (parameter, value) = when.write();
            line(&format!("{property}{parameter}:{value}"));
        }
    }
    if !event.summary.is_empty() {
        line(&format!("SUMMARY:{}", escape(&event.summary)));
    }
    line(&format!("ORGANIZER:mailto:{}", organizer.addr));
    let name = name.map(|name| format!(";CN=\"{}\"", parameter(name)));
    line(&format!(
        "ATTENDEE;PARTSTAT={word}{}:mailto:{me}",
        name.unwrap_or_default()
    ));
    let comment = crate::mail::visible::clip(comment.trim(), COMMENT_LIMIT);
    if !comment.is_empty() {
        line(&format!("COMMENT:{}", escape(comment)));
    }
    line("END:VEVENT");
    line("END:VCALENDAR");
    Some(out)
}

/// A text (RFC 5545, section 3.3.11).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::mail::visible::plain(text).chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A parameter between quotes, in which no quote may stand.
fn parameter(text: &str) -> String {
    crate::mail::visible::one_line(text).replace('"', "'")
}

/// Writes a line, folded between characters.
fn fold(text: &str, out: &mut String) {
    let mut length = 0_usize;
    for c in text.chars() {
        if length.saturating_add(c.len_utf8()) > LINE_LENGTH {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length = length.saturating_add(c.len_utf8());
    }
    out.push_str("\r\n");
}
