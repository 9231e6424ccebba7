//! Days and sizes as people write them.

use jiff::ToSpan;
use jiff::civil::Date;

/// Days in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days {
    pub first: Date,
    /// The day after the last.
    pub end: Date,
}

impl Days {
    fn one(day: Date) -> Option<Self> {
        Some(Self {
            first: day,
            end: day.tomorrow().ok()?,
        })
    }

    fn month(year: i16, month: i8) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        Some(Self {
            first,
            end: first.checked_add(1.month()).ok()?,
        })
    }

    fn year(year: i16) -> Option<Self> {
        Some(Self {
            first: Date::new(year, 1, 1).ok()?,
            end: Date::new(year.checked_add(1)?, 1, 1).ok()?,
        })
    }
}

/// The days that `text` names: `2026-11-25`, `25.11.2026`, `25.11.` (the last one there was),
/// `2026-11`, `11.2026`, `2026`, `today`, `gestern`, or a time ago such as `7d` (German `7t`), `2w`,
/// `3m`, `1y` (`1j`).
pub fn days(text: &str, today: Date) -> Option<Days> {
    let text = text.to_lowercase();
    match text.as_str() {
        "today" | "heute" => return Days::one(today),
        "yesterday" | "gestern" => return Days::one(today.yesterday().ok()?),
        _ => {}
    }
    if let Some(day) = ago(&text, today) {
        return Days::one(day);
    }
    if text.contains('.') {
        let numbers: Vec<&str> = text.trim_end_matches('.').split('.').collect();
        return match *numbers.as_slice() {
            [day, month, year] => Days::one(date(full_year(year)?, month, day)?),
            [month, year] if year.len() == 4 => Days::month(full_year(year)?, small(month)?),
            [day, month] => {
                let day = date(today.year(), month, day).filter(|day| *day <= today);
                Days::one(day.or_else(|| earlier(numbers.as_slice(), today))?)
            }
            _ => None,
        };
    }
    let numbers: Vec<&str> = text.split(['-', '/']).collect();
    match *numbers.as_slice() {
        [year] if year.len() == 4 => Days::year(full_year(year)?),
        [year, month] if year.len() == 4 => Days::month(full_year(year)?, small(month)?),
        [year, month, day] if year.len() == 4 => Days::one(date(full_year(year)?, month, day)?),
        _ => None,
    }
}

/// A day and month of last year.
fn earlier(numbers: &[&str], today: Date) -> Option<Date> {
    let [day, month] = *numbers else { return None };
    date(today.year().checked_sub(1)?, month, day)
}

fn date(year: i16, month: &str, day: &str) -> Option<Date> {
    Date::new(year, small(month)?, small(day)?).ok()
}

/// One or two digits.
fn small(text: &str) -> Option<i8> {
    text.parse().ok().filter(|_| digits(text, 2))
}

fn digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Four digits, or two of this century. Mail is younger than 1970, and beyond 2200 it is a slip.
fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok().filter(|_| digits(text, 4))?;
    let year = if text.len() == 2 { year + 2000 } else { year };
    (1970..=2200).contains(&year).then_some(year)
}

/// A number and a unit, counted back from today.
fn ago(text: &str, today: Date) -> Option<Date> {
    let (number, unit) = number_and_unit(text)?;
    // More than a thousand of any is before all mail, and within the calendar.
    let number = number
        .parse::<i32>()
        .ok()
        .filter(|n| (0..=36_500).contains(n))?;
    let span = match unit {
        "d" | "t" | "day" | "days" | "tag" | "tage" => number.days(),
        "w" | "week" | "weeks" | "woche" | "wochen" if number <= 5_200 => number.weeks(),
        "m" | "month" | "months" | "monat" | "monate" if number <= 1_200 => number.months(),
        "y" | "j" | "year" | "years" | "jahr" | "jahre" if number <= 100 => number.years(),
        _ => return None,
    };
    today.checked_sub(span).ok()
}

fn number_and_unit(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
        .unwrap_or(text.len());
    text.split_at_checked(end)
}

/// A size in octets: `5M`, `1,5 MB`, `200k`, `1G`, or a mere number of octets. In steps of 1,000, as
/// sizes are shown.
pub fn octets(text: &str) -> Option<u32> {
    let text = text.to_lowercase();
    let (number, unit) = number_and_unit(&text)?;
    let unit: u64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1_000,
        "m" | "mb" | "mib" => 1_000_000,
        "g" | "gb" | "gib" => 1_000_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if !digits(whole, usize::MAX) {
        return None;
    }
    // Digits that are too many are a number too large.
    let mut octets = whole.parse().unwrap_or(u64::MAX).saturating_mul(unit);
    if !part.is_empty() {
        let places = u32::try_from(part.len()).ok().filter(|_| digits(part, 3))?;
        let part: u64 = part.parse().ok()?;
        octets = octets.saturating_add(part.checked_mul(unit)? / 10_u64.checked_pow(places)?);
    }
    // SEARCH knows 32 bits (RFC 3501, section 9, `number`); no mail is larger.
    Some(u32::try_from(octets).unwrap_or(u32::MAX))
}

/// Whether `in:` means all folders.
pub(super) fn is_anywhere(value: &str) -> bool {
    matches!(
        value.to_lowercase().as_str(),
        "anywhere" | "everywhere" | "all" | "überall" | "ueberall" | "alle" | "allem"
    )
}
