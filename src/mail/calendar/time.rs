//! Dates and times of iCalendar (RFC 5545, sections 3.3.4 to 3.3.6).

use super::zone::{Place, Zones};
use crate::mail::content_line::ContentLine;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// When something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A whole day, wherever one is.
    Day(Date),
    /// A time of the clock, wherever one is.
    Floating(DateTime),
    /// A moment.
    Moment {
        /// Seconds since 1970-01-01T00:00:00Z.
        epoch: i64,
        /// What the clock says there.
        local: DateTime,
        /// The IANA name of the zone; `None` for UTC and for a zone of the calendar's own.
        zone: Option<String>,
    },
}

impl When {
    /// Whether it is before the other. Between different kinds nothing is.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Day(one), Self::Day(other)) => one < other,
            (Self::Floating(one), Self::Floating(other)) => one < other,
            (Self::Moment { epoch: one, .. }, Self::Moment { epoch: other, .. }) => one < other,
            _ => false,
        }
    }

    /// In the form of iCalendar that needs no zone: with the parameter that goes before the colon.
    pub(super) fn write(&self) -> (&'static str, String) {
        match self {
            Self::Day(date) => (";VALUE=DATE", date.strftime("%Y%m%d").to_string()),
            Self::Floating(time) => ("", time.strftime("%Y%m%dT%H%M%S").to_string()),
            Self::Moment { epoch, .. } => ("", utc(*epoch)),
        }
    }
}

/// `19700101T000000Z`.
pub(super) fn utc(epoch: i64) -> String {
    jiff::Timestamp::from_second(epoch)
        .unwrap_or_default()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

/// A date or time whose zone is a name still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawTime {
    kind: Kind,
    /// Seconds to be added once the moment is known.
    more: i64,
    zone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Day(Date),
    Local(DateTime),
    Utc(DateTime),
}

impl RawTime {
    /// Reads a property. Of a list the first.
    pub(super) fn read(line: &ContentLine<'_>) -> Option<Self> {
        Self::parse(line.value, line.param("TZID"))
    }

    pub(super) fn parse(value: &str, zone: Option<&str>) -> Option<Self> {
        let value = value.split([',', '/']).next().unwrap_or_default().trim();
        let (date, time) = match value.split_once(['T', 't']) {
            Some((date, time)) => (date, Some(time)),
            None => (value, None),
        };
        let date = date_of(date)?;
        let kind = match time {
            None => Kind::Day(date),
            Some(time) => match time.strip_suffix(['Z', 'z']) {
                Some(time) => Kind::Utc(date.to_datetime(time_of(time)?)),
                None => Kind::Local(date.to_datetime(time_of(time)?)),
            },
        };
        Some(Self {
            kind,
            more: 0,
            zone: zone.map(|zone| zone.trim().to_owned()),
        })
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self.kind, Kind::Day(_))
    }

    /// Days are the calendar's, seconds the clock's: a day later is at the same hour, whatever the
    /// summer time does in between (section 3.3.6).
    pub(super) fn plus(self, span: Span) -> Option<Self> {
        let days = jiff::Span::new().try_days(span.days).ok()?;
        let kind = match self.kind {
            Kind::Day(date) => {
                let whole = span.seconds / 86_400;
                let days = days.try_days(span.days.checked_add(whole)?).ok()?;
                return Some(Self {
                    kind: Kind::Day(date.checked_add(days).ok()?),
                    ..self
                });
            }
            Kind::Local(time) => Kind::Local(time.checked_add(days).ok()?),
            Kind::Utc(time) => Kind::Utc(time.checked_add(days).ok()?),
        };
        Some(Self {
            kind,
            more: span.seconds,
            ..self
        })
    }

    pub(super) fn place(&self, zones: &Zones) -> Option<When> {
        match self.kind {
            Kind::Day(date) => Some(When::Day(date)),
            Kind::Utc(time) => self.moment(time, &Place::Fixed(Offset::UTC)),
            Kind::Local(time) => {
                let name = self.zone.as_deref();
                if let Some(place) = name.and_then(|name| zones.place(name, time)) {
                    return self.moment(time, &place);
                }
                // A zone that nobody knows: at least the clock is right.
                let more = jiff::Span::new().try_seconds(self.more).ok()?;
                Some(When::Floating(time.checked_add(more).ok()?))
            }
        }
    }

    fn moment(&self, time: DateTime, place: &Place) -> Option<When> {
        let (zone, name) = place.zone();
        let begin = time.to_zoned(zone.clone()).ok()?.timestamp().as_second();
        let epoch = begin.checked_add(self.more)?;
        let local = jiff::Timestamp::from_second(epoch).ok()?.to_zoned(zone);
        Some(When::Moment {
            epoch,
            local: local.datetime(),
            zone: name,
        })
    }
}

fn date_of(text: &str) -> Option<Date> {
    let text = text.get(..8).filter(|_| text.len() == 8)?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    let month = text.get(4..6)?.parse().ok()?;
    let day = text.get(6..8)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

/// `hhmmss`, or `hhmm` as some write; a leap second counts as the one before.
fn time_of(text: &str) -> Option<Time> {
    if !matches!(text.len(), 4 | 6) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let second: i8 = match text.get(4..6) {
        Some(second) => second.parse().ok()?,
        None => 0,
    };
    Time::new(
        text.get(..2)?.parse().ok()?,
        text.get(2..4)?.parse().ok()?,
        second.min(59),
        0,
    )
    .ok()
}

/// A duration (section 3.3.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub days: i64,
    pub seconds: i64,
}

impl Span {
    pub(super) const DAY: Self = Self {
        days: 1,
        seconds: 0,
    };

    /// `P1W`, `P1DT2H3M4S`; negative ones make no sense for an event.
    pub(super) fn read(value: &str) -> Option<Self> {
        let value = value.trim().to_ascii_uppercase();
        let rest = value
            .strip_prefix('+')
            .unwrap_or(&value)
            .strip_prefix('P')?;
        let mut span = Self::default();
        let mut number = String::new();
        let mut any = false;
        for c in rest.chars() {
            if c.is_ascii_digit() && number.len() < 9 {
                number.push(c);
                continue;
            }
            if c == 'T' && number.is_empty() {
                continue;
            }
            let count: i64 = number.parse().ok()?;
            number.clear();
            any = true;
            let (days, seconds) = match c {
                'W' => (7, 0),
                'D' => (1, 0),
                'H' => (0, 3600),
                'M' => (0, 60),
                'S' => (0, 1),
                _ => return None,
            };
            span.days = span.days.checked_add(count.checked_mul(days)?)?;
            span.seconds = span.seconds.checked_add(count.checked_mul(seconds)?)?;
        }
        (any && number.is_empty()).then_some(span)
    }
}
