//! Repetition rules (RFC 5545, section 3.3.10), as far as they can be told in a sentence.

use super::time::{RawTime, When};
use super::zone::Zones;

/// How an event repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    pub frequency: Frequency,
    /// Every so many days, weeks …; at least 1.
    pub interval: u32,
    /// How often in all.
    pub count: Option<u32>,
    /// Up to when.
    pub until: Option<When>,
    /// On which weekdays, each with the how-manieth of the month or year; 0 for each, -1 for the
    /// last.
    pub weekdays: Vec<(i8, Weekday)>,
    /// Whether the rule says more than this.
    pub more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A day of the week.
pub type Weekday = jiff::civil::Weekday;

impl Recurrence {
    /// The value of RRULE; `None` for what cannot be told, as every second.
    pub(super) fn read(rule: &str, zones: &Zones) -> Option<Self> {
        let mut frequency = None;
        let mut found = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            weekdays: Vec::new(),
            more: false,
        };
        for (name, value) in rule.split(';').take(30).filter_map(|p| p.split_once('=')) {
            let value = value.trim();
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => frequency = Some(Frequency::read(value)?),
                "INTERVAL" => found.interval = value.parse().unwrap_or(1).max(1),
                "COUNT" => found.count = value.parse().ok(),
                "UNTIL" => {
                    found.until = RawTime::parse(value, None).and_then(|raw| raw.place(zones));
                }
                "BYDAY" => {
                    // Which one it is can be told of the first five and of the last.
                    let told = |(nth, _): &(i8, Weekday)| matches!(nth, -1..=5);
                    let days: Vec<_> = value
                        .split(',')
                        .take(7)
                        .map(|day| byday(day).filter(told))
                        .collect();
                    found.more |= days.contains(&None) || value.split(',').count() > 7;
                    found.weekdays = days.into_iter().flatten().collect();
                }
                "WKST" => {}
                _ => found.more = true,
            }
        }
        found.frequency = frequency?;
        Some(found)
    }
}

impl Frequency {
    fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_uppercase().as_str() {
            "HOURLY" => Self::Hourly,
            "DAILY" => Self::Daily,
            "WEEKLY" => Self::Weekly,
            "MONTHLY" => Self::Monthly,
            "YEARLY" => Self::Yearly,
            _ => return None,
        })
    }
}

/// `MO`, `1SU`, `-1FR`.
pub(super) fn byday(text: &str) -> Option<(i8, Weekday)> {
    let text = text.trim();
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let nth = if nth.is_empty() { 0 } else { nth.parse().ok()? };
    (-53..=53).contains(&nth).then_some((nth, day))
}
