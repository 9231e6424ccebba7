//! Moments written out for a person: in their time zone, their language, and relative to today.
//! Done on the server, so that the page before WebAssembly and after it says the same and no
//! calendar has to travel.

use crate::i18n::{Key, Locale};
use crate::model::Stamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Writes moments for one person, relative to one "now".
#[derive(Clone, Debug)]
pub struct Clock {
    locale: Locale,
    now: Zoned,
}

impl Clock {
    pub fn new(locale: Locale, zone: TimeZone) -> Self {
        Self::at(locale, Timestamp::now().to_zoned(zone))
    }

    pub(super) fn at(locale: Locale, now: Zoned) -> Self {
        Self { locale, now }
    }

    /// `epoch` in seconds since 1970; a moment no calendar knows is an empty stamp.
    pub fn stamp(&self, epoch: i64) -> Stamp {
        let Ok(moment) = Timestamp::from_second(epoch) else {
            return Stamp::default();
        };
        let then = moment.to_zoned(self.now.time_zone().clone());
        let (date, today) = (then.date(), self.now.date());
        let time = format!("{:02}:{:02}", then.hour(), then.minute());
        let age = days_between(date, today);
        let short = match age {
            0 => time.clone(),
            1 => self.locale.text(Key::DateYesterday).to_owned(),
            2..=6 => self.weekday(date, true).to_owned(),
            _ if date.year() == today.year() => match self.locale {
                Locale::De => format!("{}.{}.", date.day(), date.month()),
                Locale::En => format!("{} {}", date.day(), self.month(date, true)),
            },
            _ => match self.locale {
                Locale::De => format!("{}.{}.{}", date.day(), date.month(), date.year()),
                Locale::En => {
                    format!("{} {} {}", date.day(), self.month(date, true), date.year())
                }
            },
        };
        let long = match age {
            0 => self.locale.fill(Key::DateTodayAt, &[("time", &time)]),
            1 => self.locale.fill(Key::DateYesterdayAt, &[("time", &time)]),
            _ => self.locale.fill(
                Key::DateLong,
                &[
                    ("weekday", self.weekday(date, false)),
                    ("day", &date.day().to_string()),
                    ("month", self.month(date, false)),
                    ("year", &date.year().to_string()),
                    ("time", &time),
                ],
            ),
        };
        Stamp {
            epoch,
            short,
            long,
            iso: moment.to_string(),
        }
    }

    /// The person's language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The person's time zone.
    pub fn zone(&self) -> TimeZone {
        self.now.time_zone().clone()
    }

    /// A day, whole: `Tuesday, 24 November 2026`.
    pub fn day(&self, date: Date) -> String {
        self.locale.fill(
            Key::DateDay,
            &[
                ("weekday", self.weekday(date, false)),
                ("day", &date.day().to_string()),
                ("month", self.month(date, false)),
                ("year", &date.year().to_string()),
            ],
        )
    }

    /// What a day of the week is called.
    pub fn weekday_name(&self, day: jiff::civil::Weekday) -> &'static str {
        let names = self.locale.text(Key::DateWeekdays);
        pick(names, day.to_monday_zero_offset())
    }

    /// The person's today.
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// For the line above a quoted text: always whole, since "today" does not travel.
    pub fn for_quote(&self, epoch: i64) -> String {
        let Ok(moment) = Timestamp::from_second(epoch) else {
            return String::new();
        };
        let then = moment.to_zoned(self.now.time_zone().clone());
        let date = then.date();
        let time = format!("{:02}:{:02}", then.hour(), then.minute());
        self.locale.fill(
            Key::DateLong,
            &[
                ("weekday", self.weekday(date, false)),
                ("day", &date.day().to_string()),
                ("month", self.month(date, false)),
                ("year", &date.year().to_string()),
                ("time", &time),
            ],
        )
    }

    fn weekday(&self, date: Date, short: bool) -> &'static str {
        let names = self.locale.text(if short {
            Key::DateWeekdaysShort
        } else {
            Key::DateWeekdays
        });
        pick(names, date.weekday().to_monday_zero_offset())
    }

    fn month(&self, date: Date, short: bool) -> &'static str {
        let names = self.locale.text(if short {
            Key::DateMonthsShort
        } else {
            Key::DateMonths
        });
        pick(names, date.month() - 1)
    }
}

/// One of several names in a text that separates them by spaces.
fn pick(names: &'static str, index: i8) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.split(' ').nth(index))
        .unwrap_or_default()
}

/// Whole days from `date` to `today`; negative for the future.
fn days_between(date: Date, today: Date) -> i32 {
    date.until(today).map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use crate::i18n::Locale;

    fn clock(locale: Locale) -> Clock {
        Clock::at(locale, "2026-11-24T10:00[Europe/Berlin]".parse().unwrap())
    }

    fn epoch(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    #[test]
    fn the_list_is_short_and_relative_to_the_persons_today() {
        for (moment, de, en) in [
            ("2026-11-24T08:42:00Z", "09:42", "09:42"),
            // 23:30 UTC is the next day in Berlin.
            ("2026-11-23T23:30:00Z", "00:30", "00:30"),
            ("2026-11-23T08:00:00Z", "Gestern", "Yesterday"),
            ("2026-11-20T08:00:00Z", "Fr", "Fri"),
            ("2026-11-17T08:00:00Z", "17.11.", "17 Nov"),
            ("2024-03-02T08:00:00Z", "2.3.2024", "2 Mar 2024"),
            ("2026-12-24T08:00:00Z", "24.12.", "24 Dec"),
        ] {
            assert_eq!(clock(Locale::De).stamp(epoch(moment)).short, de, "{moment}");
            assert_eq!(clock(Locale::En).stamp(epoch(moment)).short, en, "{moment}");
        }
    }

    #[test]
    fn the_reader_shows_it_whole() {
        let stamp = clock(Locale::De).stamp(epoch("2026-11-17T08:05:00Z"));
        assert_eq!(stamp.long, "Dienstag, 17. November 2026, 09:05");
        assert_eq!(stamp.iso, "2026-11-17T08:05:00Z");
        assert_eq!(
            clock(Locale::En).stamp(epoch("2026-11-24T08:05:00Z")).long,
            "Today, 09:05"
        );
    }

    #[test]
    fn a_date_no_calendar_knows_is_empty() {
        assert_eq!(clock(Locale::De).stamp(i64::MAX).short, "");
    }
}
