//! The Date field (RFC 5322, section 3.3) as it is really written: without seconds, without a zone,
//! with a zone by name, with two digits of a year, in the order of asctime. The parsers at hand
//! refuse some of these, and a message without a date sinks to the end of the list.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Seconds since 1970-01-01T00:00:00Z; `None` where the text is no date, or one before 1970.
/// Without a zone UTC is taken.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut day: Option<i8> = None;
    let mut month: Option<i8> = None;
    let mut year: Option<i16> = None;
    let mut time: Option<(i8, i8, i8)> = None;
    let mut offset: Option<i64> = None;
    let text = without_comments(text);
    for word in words(&text) {
        if let Some(zone) = zone(word).filter(|_| time.is_some()) {
            offset = offset.or(Some(zone));
        } else if word.contains(':') {
            time = Some(time_of_day(word)?);
        } else if word.starts_with(|c: char| c.is_ascii_digit()) {
            match (day, word.len()) {
                (None, 1 | 2) => day = Some(word.parse().ok()?),
                _ if year.is_none() => year = Some(full_year(word)?),
                _ => {}
            }
        } else if month.is_none() {
            month = month_number(word);
        }
    }
    let (hour, minute, second) = time?;
    let civil = DateTime::new(year?, month?, day?, hour, minute, second, 0).ok()?;
    let epoch = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    epoch
        .checked_sub(offset.unwrap_or_default())
        .filter(|epoch| *epoch >= 0)
}

/// Comments nest (section 3.2.2); they stand for a blank.
fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .take(200)
        .filter_map(|c| match c {
            '(' => {
                depth = depth.saturating_add(1);
                Some(' ')
            }
            ')' => {
                depth = depth.saturating_sub(1);
                Some(' ')
            }
            c => (depth == 0).then_some(c),
        })
        .collect()
}

/// Words between blanks and commas; `24-Nov-2026` is three, `-0500` and `GMT-0500` are one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
        .flat_map(|word| {
            let whole = word.starts_with(['-', '+']) || zone(word).is_some();
            let separator = if whole { '\0' } else { '-' };
            word.split(separator).filter(|piece| !piece.is_empty())
        })
}

/// `hour:minute[:second[.fraction]]`; a leap second counts as the one before.
fn time_of_day(word: &str) -> Option<(i8, i8, i8)> {
    // A parser takes a sign, too.
    let number = |digits: &str| -> Option<i8> {
        let plain = digits.bytes().all(|octet| octet.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    };
    let mut numbers = word.split(':');
    let hour = number(numbers.next()?)?;
    let minute = number(numbers.next()?)?;
    let second = match numbers.next() {
        Some(second) => number(second.split('.').next()?)?,
        None => 0,
    };
    Some((hour, minute, if second == 60 { 59 } else { second }))
}

/// Section 4.3: two digits below 50 are of this century, three digits count from 1900.
fn full_year(word: &str) -> Option<i16> {
    let year: i16 = word.parse().ok()?;
    match word.len() {
        2 if year < 50 => Some(year.saturating_add(2000)),
        2 | 3 => Some(year.saturating_add(1900)),
        4 => Some(year),
        _ => None,
    }
}

fn month_number(word: &str) -> Option<i8> {
    let start: String = word
        .chars()
        .take(3)
        .collect::<String>()
        .to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| *month == start)?;
    i8::try_from(index).ok()?.checked_add(1)
}

/// Seconds east of Greenwich: `+hhmm` or `+hh:mm`, which may stand behind `GMT`, or one of the names
/// of section 4.3.
fn zone(word: &str) -> Option<i64> {
    let offset = ["GMT", "UTC", "UT"]
        .into_iter()
        .find_map(|name| {
            let (start, rest) = word.split_at_checked(name.len())?;
            (start.eq_ignore_ascii_case(name) && rest.starts_with(['-', '+'])).then_some(rest)
        })
        .unwrap_or(word);
    let signed = offset.strip_prefix('-').map(|digits| (-1, digits));
    if let Some((sign, digits)) = signed.or_else(|| offset.strip_prefix('+').map(|d| (1, d))) {
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None => digits.split_at_checked(2)?,
        };
        let number = |digits: &str| -> Option<i64> {
            let plain = digits.len() == 2 && digits.bytes().all(|octet| octet.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        return (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60));
    }
    let hours = match word.to_ascii_uppercase().as_str() {
        "GMT" | "UT" | "UTC" | "Z" => 0,
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" | "MEZ" => 1,
        "CEST" | "MESZ" => 2,
        _ => return None,
    };
    Some(hours * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_they_are_written() {
        for text in [
            "Tue, 24 Nov 2026 12:00:00 +0000",
            "24 Nov 2026 12:00:00 GMT",
            "Tue, 24 Nov 2026 07:00:00 -0500 (EST)",
            "Tue (nested (comment)), 24 November 2026 07:00:00 EST",
            "Tue,24 Nov 26 12:00 Z",
            "24 Nov 126 12:00",
            "Tue, 24 Nov 2026 12:00:00.123",
            "tue, 24 nov 2026 17:30:00 +0530",
            "24-Nov-2026 13:00:00 +0100",
            "Tue Nov 24 12:00:00 2026",
            "Tue Nov 24 12:00:00 UTC 2026",
            // .NET and JavaScript.
            "Tue, 24 Nov 2026 17:30:00 +05:30",
            "Tue, 24 Nov 2026 07:00:00 -05:00",
            "Tue Nov 24 2026 13:00:00 GMT+0100 (Central European Standard Time)",
            "Tue Nov 24 2026 07:00:00 GMT-0500",
            "24 Nov 2026 07:00 UTC-05:00",
            "24-Nov-2026 07:00 gmt-0500",
        ] {
            assert_eq!(parse(text), Some(1_795_521_600), "{text}");
        }
        assert_eq!(parse("Thu, 1 Jan 1970 00:00:00 +0000"), Some(0));
        assert_eq!(
            parse("Sat, 31 Dec 2016 23:59:60 +0000"),
            Some(1_483_228_799)
        );
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "yesterday",
            "32 Nov 2026 12:00:00 +0000",
            "29 Feb 2026 12:00:00 +0000",
            "24 Foo 2026 12:00:00 +0000",
            "24 Nov 99999 12:00:00 +0000",
            "24 Nov 2026 25:00:00 +0000",
            "24 Nov 2026",
            "1 Jan 1960 00:00:00 +0000",
            "((((",
            "::: :: :",
            "24 Nov 2026 +12:00",
            "24 Nov 2026 12:+0:00",
            "24 Nov 2026 -1:00:00",
            "é é é é:é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
