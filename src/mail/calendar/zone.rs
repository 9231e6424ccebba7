//! Time zones by the names that calendars use: those of IANA, those of Windows, and names of the
//! calendar's own with a VTIMEZONE (RFC 5545, section 3.6.5) that says what they mean. The bundled
//! data is used and no file of the machine.

use super::recurrence::byday;
use crate::mail::content_line::ContentLine;
use crate::mail::visible::clip;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// Zones of a calendar, and changes of each, that are read.
const ZONE_LIMIT: usize = 50;
const OBSERVANCE_LIMIT: usize = 100;
/// Characters of a zone's name.
const NAME_LIMIT: usize = 200;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Windows' names and a place of IANA that keeps that time, for the zones that mail comes from.
const WINDOWS: [(&str, &str); 59] = [
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Afghanistan Standard Time", "Asia/Kabul"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Arab Standard Time", "Asia/Riyadh"),
    ("Arabian Standard Time", "Asia/Dubai"),
    ("Argentina Standard Time", "America/Argentina/Buenos_Aires"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Azores Standard Time", "Atlantic/Azores"),
    ("Bangladesh Standard Time", "Asia/Dhaka"),
    ("Belarus Standard Time", "Europe/Minsk"),
    ("Cen. Australia Standard Time", "Australia/Adelaide"),
    ("Central America Standard Time", "America/Guatemala"),
    ("Central Asia Standard Time", "Asia/Almaty"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("Central Standard Time", "America/Chicago"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"),
    ("China Standard Time", "Asia/Shanghai"),
    ("E. Africa Standard Time", "Africa/Nairobi"),
    ("E. Australia Standard Time", "Australia/Brisbane"),
    ("E. Europe Standard Time", "Europe/Chisinau"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Eastern Standard Time", "America/New_York"),
    ("Egypt Standard Time", "Africa/Cairo"),
    ("FLE Standard Time", "Europe/Kyiv"),
    ("GMT Standard Time", "Europe/London"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("Georgian Standard Time", "Asia/Tbilisi"),
    ("Greenland Standard Time", "America/Nuuk"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Iran Standard Time", "Asia/Tehran"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("Middle East Standard Time", "Asia/Beirut"),
    ("Morocco Standard Time", "Africa/Casablanca"),
    ("Mountain Standard Time", "America/Denver"),
    ("Nepal Standard Time", "Asia/Kathmandu"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("Pacific SA Standard Time", "America/Santiago"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Pakistan Standard Time", "Asia/Karachi"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("SA Eastern Standard Time", "America/Cayenne"),
    ("SA Pacific Standard Time", "America/Bogota"),
    ("SA Western Standard Time", "America/La_Paz"),
    ("SE Asia Standard Time", "Asia/Bangkok"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("Taipei Standard Time", "Asia/Taipei"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("UTC", "Etc/UTC"),
    ("W. Australia Standard Time", "Australia/Perth"),
    ("W. Europe Standard Time", "Europe/Berlin"),
];

/// A zone as far as one time needs it.
pub(super) enum Place {
    Named(TimeZone, String),
    Fixed(Offset),
}

impl Place {
    pub(super) fn zone(&self) -> (TimeZone, Option<String>) {
        match self {
            Self::Named(zone, name) => (zone.clone(), Some(name.clone())),
            Self::Fixed(offset) => (TimeZone::fixed(*offset), None),
        }
    }
}

/// The zones that a calendar brings along.
#[derive(Debug, Default)]
pub(super) struct Zones {
    list: Vec<ZoneDraft>,
}

impl Zones {
    pub(super) fn add(&mut self, zone: ZoneDraft) {
        if self.list.len() < ZONE_LIMIT {
            self.list.push(zone);
        }
    }

    /// Where the clock of the zone `name` says `local`; `None` for a zone that nobody knows. What
    /// the name says goes before what the calendar says it means.
    pub(super) fn place(&self, name: &str, local: DateTime) -> Option<Place> {
        let name = clip(name, NAME_LIMIT);
        if let Some(place) = known(name) {
            return Some(place);
        }
        let own = self.list.iter().find(|zone| zone.name == name)?;
        known(&own.location).or_else(|| Some(Place::Fixed(own.offset(local)?)))
    }
}

/// A zone by its IANA or Windows name, or one that ends in it: `/example.org/1/Europe/Berlin`.
fn known(name: &str) -> Option<Place> {
    let windows = WINDOWS
        .iter()
        .find(|(windows, _)| windows.eq_ignore_ascii_case(name))
        .map(|(_, place)| *place);
    let name = windows.unwrap_or(name).trim_matches('/');
    let tail = |count: usize| {
        let from = name.rmatch_indices('/').nth(count).map(|(at, _)| at)?;
        name.get(from..)?.strip_prefix('/')
    };
    [Some(name), tail(1), tail(2)]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty() && name.is_ascii())
        .find_map(|name| {
            let zone = DATABASE.get(name).ok()?;
            let name = zone.iana_name().unwrap_or(name).to_owned();
            Some(Place::Named(zone, name))
        })
}

/// A VTIMEZONE.
#[derive(Debug, Default)]
pub(super) struct ZoneDraft {
    name: String,
    location: String,
    observances: Vec<Observance>,
}

/// From when on which offset holds.
#[derive(Debug, Default)]
struct Observance {
    start: Option<DateTime>,
    to: Option<Offset>,
    from: Option<Offset>,
    /// In which month on which weekday it begins each year.
    yearly: Option<(i8, Option<(i8, jiff::civil::Weekday)>)>,
}

impl ZoneDraft {
    pub(super) fn begin(&mut self) {
        if self.observances.len() < OBSERVANCE_LIMIT {
            self.observances.push(Observance::default());
        }
    }

    pub(super) fn take(&mut self, line: &ContentLine<'_>) {
        match line.name.as_str() {
            "TZID" => clip(line.value.trim(), NAME_LIMIT).clone_into(&mut self.name),
            "X-LIC-LOCATION" => clip(line.value.trim(), NAME_LIMIT).clone_into(&mut self.location),
            name => {
                if let Some(observance) = self.observances.last_mut() {
                    observance.take(name, line.value);
                }
            }
        }
    }

    /// The offset of the change that came last before `local`.
    fn offset(&self, local: DateTime) -> Option<Offset> {
        let onsets = self
            .observances
            .iter()
            .filter_map(|observance| Some((observance.onset(local)?, observance.to?)));
        onsets
            .max_by_key(|(onset, _)| *onset)
            .map(|(_, offset)| offset)
            .or_else(|| self.observances.iter().find_map(|o| o.from.or(o.to)))
    }
}

impl Observance {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "DTSTART" => self.start = start(value),
            "TZOFFSETTO" => self.to = offset(value),
            "TZOFFSETFROM" => self.from = offset(value),
            "RRULE" => self.yearly = yearly(clip(value, 1000)),
            _ => {}
        }
    }

    /// The last time up to `local` that this began.
    fn onset(&self, local: DateTime) -> Option<DateTime> {
        let start = self.start?;
        let Some((month, day)) = self.yearly else {
            return (start <= local).then_some(start);
        };
        let in_year = |year: i16| {
            let date = match day {
                Some((nth, weekday)) => Date::new(year, month, 1)
                    .ok()?
                    .nth_weekday_of_month(nth, weekday)
                    .ok()?,
                None => Date::new(year, month, start.day()).ok()?,
            };
            let onset = date.to_datetime(start.time());
            (onset <= local && onset.date().year() >= start.year()).then_some(onset)
        };
        in_year(local.year()).or_else(|| in_year(local.year().checked_sub(1)?))
    }
}

fn start(value: &str) -> Option<DateTime> {
    let text = value.trim();
    let text = clip(text, 15);
    DateTime::strptime("%Y%m%dT%H%M%S", text).ok()
}

fn yearly(rule: &str) -> Option<(i8, Option<(i8, jiff::civil::Weekday)>)> {
    let find = |wanted: &str| {
        rule.split(';')
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    find("FREQ").filter(|freq| freq.eq_ignore_ascii_case("YEARLY"))?;
    let month = find("BYMONTH")?.parse().ok()?;
    let day = find("BYDAY").and_then(byday);
    Some((
        month,
        day.map(|(nth, day)| (if nth == 0 { 1 } else { nth }, day)),
    ))
}

/// `+0100`, `-053000`.
fn offset(value: &str) -> Option<Offset> {
    let value = value.trim();
    let sign = match value.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = value.get(1..)?;
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |range| digits.get(range).unwrap_or("0").parse::<i32>().ok();
    let (hours, minutes) = (number(0..2)?, number(2..4)?);
    let seconds = number(4..6)?;
    if hours > 24 || minutes > 59 || seconds > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60 + seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_name_has_a_place() {
        for (windows, place) in WINDOWS {
            let Some(Place::Named(_, name)) = known(windows) else {
                panic!("{windows}: {place}");
            };
            assert!(!name.is_empty());
        }
    }

    #[test]
    fn names() {
        let name = |text: &str| known(text).and_then(|place| place.zone().1);
        assert_eq!(name("europe/berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(
            name("/example.org/20050126_1/Europe/Berlin").as_deref(),
            Some("Europe/Berlin")
        );
        assert_eq!(
            name("/x/America/Argentina/Ushuaia").as_deref(),
            Some("America/Argentina/Ushuaia")
        );
        for text in [
            "",
            "/",
            "../../etc/passwd",
            "Mars/Phobos",
            "é",
            "Europe/Berlin\0",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(offset("+0530").map(Offset::seconds), Some(19_800));
        assert_eq!(offset("-003059").map(Offset::seconds), Some(-1859));
        for text in ["", "0100", "+1", "+9900", "+01é0", "é"] {
            assert_eq!(offset(text), None, "{text}");
        }
    }
}
