//! One VEVENT (RFC 5545, section 3.6.1).

use super::recurrence::Recurrence;
use super::time::{RawTime, Span, When};
use super::zone::Zones;
use crate::mail::content_line::{ContentLine, unescape};
use crate::mail::visible::{clip, one_line, plain};
use crate::model::Address;

/// Attendees that are told.
const ATTENDEE_LIMIT: usize = 500;
/// Characters of a line, and of the description.
const LINE_LIMIT: usize = 1000;
const TEXT_LIMIT: usize = 20_000;
/// Octets of a UID.
pub(super) const UID_LIMIT: usize = 1000;

/// What happens, when and where, and who takes part. Texts are decoded and bounded, and one line
/// but for the description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What all mails about the same event share; never empty.
    pub uid: String,
    /// Counts the changes; an older one has nothing to say.
    pub sequence: u32,
    pub summary: String,
    pub location: String,
    pub description: String,
    pub organizer: Option<Address>,
    pub attendees: Vec<Attendee>,
    pub start: Option<When>,
    /// The moment it is over; for whole days the day after the last one.
    pub end: Option<When>,
    pub recurrence: Option<Recurrence>,
    /// Which date of a series this is about, as it was first planned.
    pub recurrence_id: Option<When>,
    pub status: Option<EventStatus>,
    /// What an attendee wrote along with an answer.
    pub comment: String,
}

/// Section 3.8.1.11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStatus {
    Tentative,
    Confirmed,
    Cancelled,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    pub address: Address,
    pub participation: Participation,
    /// Whether it matters that they come.
    pub optional: bool,
    /// Whether an answer is asked for.
    pub answer_wanted: bool,
}

/// An attendee's answer (section 3.2.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Participation {
    #[default]
    NeedsAction,
    Accepted,
    Tentative,
    Declined,
    Delegated,
}

impl Event {
    /// The attendee with this address.
    pub fn attendee(&self, addr: &str) -> Option<&Attendee> {
        self.attendees
            .iter()
            .find(|attendee| attendee.address.addr.eq_ignore_ascii_case(addr))
    }
}

/// An event whose times wait for the zones.
#[derive(Debug, Default)]
pub(super) struct Draft {
    event: Event,
    start: Option<RawTime>,
    end: Option<RawTime>,
    duration: Option<Span>,
    recurrence_id: Option<RawTime>,
    /// The value of RRULE.
    rule: Option<String>,
}

impl Draft {
    pub(super) fn take(&mut self, line: &ContentLine<'_>) {
        let event = &mut self.event;
        // Of two of the same the first counts.
        let set = |text: &mut String| {
            if text.is_empty() {
                *text = line_of(line.value);
            }
        };
        match line.name.as_str() {
            "UID" if event.uid.is_empty() => event.uid = uid(line.value),
            "SEQUENCE" => event.sequence = line.value.trim().parse().unwrap_or_default(),
            "SUMMARY" => set(&mut event.summary),
            "LOCATION" => set(&mut event.location),
            "COMMENT" => set(&mut event.comment),
            "DESCRIPTION" if event.description.is_empty() => {
                let text = plain(&unescape(clip(line.value, TEXT_LIMIT)));
                text.trim().clone_into(&mut event.description);
            }
            "ORGANIZER" if event.organizer.is_none() => event.organizer = person(line),
            "ATTENDEE" if event.attendees.len() < ATTENDEE_LIMIT => {
                event.attendees.extend(attendee(line));
            }
            "STATUS" => event.status = status(line.value),
            "DTSTART" if self.start.is_none() => self.start = RawTime::read(line),
            "DTEND" if self.end.is_none() => self.end = RawTime::read(line),
            "DURATION" if self.duration.is_none() => self.duration = Span::read(line.value),
            "RECURRENCE-ID" if self.recurrence_id.is_none() => {
                self.recurrence_id = RawTime::read(line);
            }
            "RRULE" if self.rule.is_none() => {
                self.rule = Some(clip(line.value, LINE_LIMIT).to_owned());
            }
            _ => {}
        }
    }

    pub(super) fn finish(self, zones: &Zones) -> Option<Event> {
        let mut event = self.event;
        if event.uid.is_empty() {
            return None;
        }
        let place = |raw: Option<RawTime>| raw.and_then(|raw| raw.place(zones));
        let start = self.start.clone();
        event.start = place(self.start);
        event.end = place(self.end).or_else(|| match self.duration {
            Some(span) => start?.plus(span)?.place(zones),
            // A day without an end is that day, a time without one has none (section 3.6.1).
            None => start.filter(RawTime::is_day)?.plus(Span::DAY)?.place(zones),
        });
        // What ends before it begins has no end that could be shown.
        if let (Some(start), Some(end)) = (&event.start, &event.end)
            && end.is_before(start)
        {
            event.end = None;
        }
        event.recurrence_id = place(self.recurrence_id);
        event.recurrence = self.rule.and_then(|rule| Recurrence::read(&rule, zones));
        Some(event)
    }
}

fn line_of(value: &str) -> String {
    one_line(&unescape(clip(value, LINE_LIMIT)))
}

/// The UID as it has to be given back, without what could break a line. One of [`UID_LIMIT`] octets
/// may have been longer.
fn uid(value: &str) -> String {
    // An escaped character takes two.
    let end = value.floor_char_boundary(UID_LIMIT.saturating_mul(2));
    let text = unescape(value.get(..end).unwrap_or_default());
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    let end = text.floor_char_boundary(UID_LIMIT);
    text.get(..end).unwrap_or_default().trim_end().to_owned()
}

/// A calendar user: `mailto:` and the address, the name as a parameter.
fn person(line: &ContentLine<'_>) -> Option<Address> {
    let value = line.value.trim();
    let addr = match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => value.get(7..)?,
        // Some write another identifier and the address as a parameter.
        _ => line
            .param("EMAIL")
            .or_else(|| value.contains('@').then_some(value))?,
    };
    let addr = percent_encoding::percent_decode_str(clip(addr, LINE_LIMIT)).decode_utf8_lossy();
    let addr = one_line(addr.split('?').next().unwrap_or_default());
    let name = one_line(line.param("CN").unwrap_or_default());
    let known = !addr.is_empty() && !addr.contains(char::is_whitespace);
    known.then(|| Address {
        name: (!name.is_empty() && name != addr).then_some(name),
        addr,
    })
}

fn attendee(line: &ContentLine<'_>) -> Option<Attendee> {
    let word = |name: &str| line.param(name).unwrap_or_default().to_ascii_uppercase();
    Some(Attendee {
        address: person(line)?,
        participation: match word("PARTSTAT").as_str() {
            "ACCEPTED" => Participation::Accepted,
            "TENTATIVE" => Participation::Tentative,
            "DECLINED" => Participation::Declined,
            "DELEGATED" => Participation::Delegated,
            _ => Participation::NeedsAction,
        },
        optional: matches!(word("ROLE").as_str(), "OPT-PARTICIPANT" | "NON-PARTICIPANT"),
        answer_wanted: word("RSVP") == "TRUE",
    })
}

fn status(value: &str) -> Option<EventStatus> {
    match value.trim().to_ascii_uppercase().as_str() {
        "TENTATIVE" => Some(EventStatus::Tentative),
        "CONFIRMED" => Some(EventStatus::Confirmed),
        "CANCELLED" => Some(EventStatus::Cancelled),
        _ => None,
    }
}
