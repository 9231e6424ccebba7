//! When an event is and how it repeats, in words, by the person's clock. Done on the server as all
//! dates are, so that no calendar has to travel.

use super::stamp::Clock;
use crate::i18n::{Key, Locale};
use crate::mail::calendar::{Frequency, Recurrence, Weekday, When};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// From when to when, by the person's clock.
pub fn when(clock: &Clock, start: &When, end: Option<&When>) -> String {
    match (start, end) {
        (When::Day(first), end) => {
            // The end is the day after the last one (RFC 5545, section 3.6.1).
            let last = match end {
                Some(When::Day(end)) => end.yesterday().unwrap_or(*end),
                _ => *first,
            };
            days(clock, *first, last)
        }
        (start, end) => {
            let local = |when: &When| match when {
                When::Moment { epoch, .. } => Timestamp::from_second(*epoch)
                    .ok()
                    .map(|moment| moment.to_zoned(clock.zone()).datetime()),
                When::Floating(time) => Some(*time),
                When::Day(_) => None,
            };
            match local(start) {
                Some(start) => times(clock, start, end.and_then(local)),
                None => String::new(),
            }
        }
    }
}

/// The same by the clock of the event's own zone; `None` where that says the same.
pub fn when_there(clock: &Clock, start: &When, end: Option<&When>) -> Option<String> {
    let When::Moment {
        epoch,
        local,
        zone: Some(zone),
    } = start
    else {
        return None;
    };
    let here = Timestamp::from_second(*epoch).ok()?.to_zoned(clock.zone());
    if here.datetime() == *local {
        return None;
    }
    let end = match end {
        Some(When::Moment { local, .. }) => Some(*local),
        _ => None,
    };
    let times = times(clock, *local, end);
    let zone = zone.replace('_', " ");
    let values = [("when", times.as_str()), ("zone", zone.as_str())];
    Some(clock.locale().fill(Key::EventWhenThere, &values))
}

fn days(clock: &Clock, first: Date, last: Date) -> String {
    let locale = clock.locale();
    if last <= first {
        return locale.fill(Key::EventWholeDay, &[("day", &clock.day(first))]);
    }
    let (first, last) = (clock.day(first), clock.day(last));
    locale.fill(Key::EventDays, &[("first", &first), ("last", &last)])
}

fn times(clock: &Clock, start: DateTime, end: Option<DateTime>) -> String {
    let time = |at: DateTime| format!("{:02}:{:02}", at.hour(), at.minute());
    let moment = |at: DateTime| format!("{}, {}", clock.day(at.date()), time(at));
    match end.filter(|end| *end > start) {
        None => moment(start),
        Some(end) if end.date() == start.date() => format!("{}–{}", moment(start), time(end)),
        Some(end) => format!("{} – {}", moment(start), moment(end)),
    }
}

/// How it repeats.
pub fn repeats(clock: &Clock, rule: &Recurrence) -> String {
    let locale = clock.locale();
    let (one, other) = match rule.frequency {
        Frequency::Hourly => (Key::RepeatsHourlyOne, Key::RepeatsHourlyOther),
        Frequency::Daily => (Key::RepeatsDailyOne, Key::RepeatsDailyOther),
        Frequency::Weekly => (Key::RepeatsWeeklyOne, Key::RepeatsWeeklyOther),
        Frequency::Monthly => (Key::RepeatsMonthlyOne, Key::RepeatsMonthlyOther),
        Frequency::Yearly => (Key::RepeatsYearlyOne, Key::RepeatsYearlyOther),
    };
    let mut words = locale.count(one, other, u64::from(rule.interval));
    if !rule.weekdays.is_empty() {
        let days: Vec<String> = rule
            .weekdays
            .iter()
            .map(|(nth, day)| weekday(clock, *nth, *day))
            .collect();
        words.push(' ');
        words.push_str(&locale.fill(Key::RepeatsOn, &[("days", &joined(locale, &days))]));
    }
    if let Some(count) = rule.count {
        words.push_str(", ");
        words.push_str(&locale.count(
            Key::RepeatsTimesOne,
            Key::RepeatsTimesOther,
            u64::from(count),
        ));
    }
    if let Some(until) = &rule.until {
        let day = match until {
            When::Day(day) => *day,
            When::Floating(time) => time.date(),
            When::Moment { epoch, local, .. } => Timestamp::from_second(*epoch)
                .map_or(local.date(), |moment| moment.to_zoned(clock.zone()).date()),
        };
        words.push_str(", ");
        words.push_str(&locale.fill(Key::RepeatsUntil, &[("day", &clock.day(day))]));
    }
    if rule.more {
        words.push_str(", ");
        words.push_str(locale.text(Key::RepeatsMore));
    }
    words
}

/// `Monday`, `first Monday`, `last Friday`.
fn weekday(clock: &Clock, nth: i8, day: Weekday) -> String {
    let name = clock.weekday_name(day);
    let key = match nth {
        1 => Key::RepeatsFirst,
        2 => Key::RepeatsSecond,
        3 => Key::RepeatsThird,
        4 => Key::RepeatsFourth,
        5 => Key::RepeatsFifth,
        -1 => Key::RepeatsLast,
        _ => return name.to_owned(),
    };
    clock.locale().fill(key, &[("day", name)])
}

/// `a, b and c`
fn joined(locale: Locale, words: &[String]) -> String {
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => locale.fill(
            Key::ListAnd,
            &[("before", &before.join(", ")), ("last", last)],
        ),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::calendar::parse;

    fn clock(locale: Locale) -> Clock {
        Clock::at(locale, "2026-11-24T10:00[Europe/Berlin]".parse().unwrap())
    }

    fn told(locale: Locale, lines: &str) -> (String, Option<String>, Option<String>) {
        let text =
            format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
        let event = parse(&text).unwrap().events.remove(0);
        let clock = clock(locale);
        let start = event.start.unwrap();
        (
            when(&clock, &start, event.end.as_ref()),
            when_there(&clock, &start, event.end.as_ref()),
            event.recurrence.map(|rule| repeats(&clock, &rule)),
        )
    }

    #[test]
    fn times_are_those_of_the_persons_clock() {
        let lines = "DTSTART;TZID=America/New_York:20261201T090000\nDTEND;TZID=America/New_York:20261201T103000";
        let (here, there, _) = told(Locale::En, lines);
        assert_eq!(here, "Tuesday, 1 December 2026, 15:00–16:30");
        assert_eq!(
            there.as_deref(),
            Some("Tuesday, 1 December 2026, 09:00–10:30 in America/New York")
        );
        let lines =
            "DTSTART;TZID=Europe/Berlin:20261201T230000\nDTEND;TZID=Europe/Berlin:20261202T010000";
        let (here, there, _) = told(Locale::De, lines);
        assert_eq!(
            here,
            "Dienstag, 1. Dezember 2026, 23:00 – Mittwoch, 2. Dezember 2026, 01:00"
        );
        assert_eq!(there, None);
    }

    #[test]
    fn whole_days_end_with_their_last() {
        let lines = "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202";
        assert_eq!(
            told(Locale::En, lines).0,
            "Tuesday, 1 December 2026, all day"
        );
        let lines = "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261204";
        assert_eq!(
            told(Locale::De, lines).0,
            "Dienstag, 1. Dezember 2026 bis Donnerstag, 3. Dezember 2026"
        );
    }

    #[test]
    fn repetitions_are_told() {
        let rule = |locale, rule: &str| {
            told(locale, &format!("DTSTART:20261201T090000Z\nRRULE:{rule}"))
                .2
                .unwrap()
        };
        assert_eq!(
            rule(Locale::En, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=10"),
            "Every 2 weeks on Monday, Wednesday and Friday, 10 times"
        );
        assert_eq!(
            rule(Locale::De, "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270131T225959Z"),
            "Jeden Monat am letzten Freitag, bis Sonntag, 31. Januar 2027"
        );
        assert_eq!(
            rule(Locale::En, "FREQ=MONTHLY;BYDAY=-2FR"),
            "Every month, by further rules"
        );
        assert_eq!(
            rule(Locale::En, "FREQ=YEARLY;BYDAY=20MO,1FR"),
            "Every year on first Friday, by further rules"
        );
        assert_eq!(
            rule(Locale::En, "FREQ=DAILY;BYMONTH=1"),
            "Every day, by further rules"
        );
    }
}
