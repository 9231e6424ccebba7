//! Invitations: the text/calendar parts of mails (iCalendar, RFC 5545), read into what a card
//! shows, and the answers to them (iTIP, RFC 5546). Nothing is computed that a card does not show:
//! a repetition is told, not unrolled.

mod event;
mod recurrence;
mod reply;
mod time;
mod zone;

pub use event::{Attendee, Event, EventStatus, Participation};
pub use recurrence::{Frequency, Recurrence, Weekday};
pub use reply::{Answer, reply};
pub use time::When;

use super::content_line::{ContentLine, unfold, without_folds};
use super::{charset, visible};
use event::Draft;
use zone::{ZoneDraft, Zones};

/// Events of one calendar that are read.
const EVENT_LIMIT: usize = 100;
/// Components within each other.
const DEPTH_LIMIT: usize = 16;

/// A calendar as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What the sender wants; `None` where it is only told.
    pub method: Option<Method>,
    /// In their order; the series first where there is one, then single dates of it.
    pub events: Vec<Event>,
}

/// What is to be done with the events (RFC 5546, section 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Publish,
    Request,
    Reply,
    Add,
    Cancel,
    Refresh,
    Counter,
    DeclineCounter,
}

impl Method {
    fn read(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_uppercase().as_str() {
            "PUBLISH" => Self::Publish,
            "REQUEST" => Self::Request,
            "REPLY" => Self::Reply,
            "ADD" => Self::Add,
            "CANCEL" => Self::Cancel,
            "REFRESH" => Self::Refresh,
            "COUNTER" => Self::Counter,
            "DECLINECOUNTER" => Self::DeclineCounter,
            _ => return None,
        })
    }
}

/// Reads a part, decoded from its transfer encoding; `label` is its charset.
pub fn parse_part(part: &[u8], label: Option<&str>) -> Option<Calendar> {
    let octets = without_folds(part);
    parse(&visible::plain(&charset::decode(&octets, label)))
}

/// Reads the decoded text of a part; `None` where there is no event in it. In linear time.
pub fn parse(text: &str) -> Option<Calendar> {
    let lines = unfold(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let mut stack: Vec<String> = Vec::new();
    let mut too_deep = 0_usize;
    let mut method = None;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut zones = Zones::default();
    let mut zone = ZoneDraft::default();
    for line in lines.iter().filter_map(|line| ContentLine::parse(line)) {
        match line.name.as_str() {
            "BEGIN" => {
                if stack.len() >= DEPTH_LIMIT {
                    too_deep = too_deep.saturating_add(1);
                    continue;
                }
                let name = line.value.trim().to_ascii_uppercase();
                let parent = stack.last().map(String::as_str);
                match (parent, name.as_str()) {
                    (Some("VCALENDAR"), "VEVENT") => {
                        if drafts.len() >= EVENT_LIMIT {
                            break;
                        }
                        drafts.push(Draft::default());
                    }
                    (Some("VTIMEZONE"), "STANDARD" | "DAYLIGHT") => zone.begin(),
                    _ => {}
                }
                stack.push(name);
            }
            "END" if too_deep > 0 => too_deep = too_deep.saturating_sub(1),
            "END" => {
                if stack.pop().as_deref() == Some("VTIMEZONE") {
                    zones.add(std::mem::take(&mut zone));
                }
            }
            _ if too_deep > 0 => {}
            _ => match stack.last().map(String::as_str) {
                Some("VCALENDAR") if line.name == "METHOD" => {
                    method = method.or(Method::read(line.value));
                }
                // An alarm in it is another's property.
                Some("VEVENT") => {
                    if let Some(draft) = drafts.last_mut() {
                        draft.take(&line);
                    }
                }
                Some("VTIMEZONE" | "STANDARD" | "DAYLIGHT") => zone.take(&line),
                _ => {}
            },
        }
    }
    // A zone may stand behind the events that name it.
    let events: Vec<Event> = drafts
        .into_iter()
        .filter_map(|draft| draft.finish(&zones))
        .collect();
    (!events.is_empty()).then_some(Calendar { method, events })
}

#[cfg(test)]
mod tests;
