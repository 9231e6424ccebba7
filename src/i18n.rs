//! German and English. The texts stand in `locales/`, one file a language; `build.rs` makes a
//! [`Key`] of each and refuses to build when one language lacks a text of the other.
//!
//! Own code instead of a crate since this is all there is to it, and what the crates bring along
//! (plural rules of all languages, loaders) would cost every visitor more than both languages'
//! texts do.

use serde::{Deserialize, Serialize};

/// A language of the user interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locale {
    #[default]
    En,
    De,
}

// The generated part: `Key` and `table`.
include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The place of a text among all.
#[allow(
    clippy::as_conversions,
    reason = "the place of a variant without content; widening"
)]
fn place(key: Key) -> usize {
    usize::from(key as u16)
}

#[cfg(not(feature = "hydrate"))]
fn lookup(locale: Locale, key: Key) -> &'static str {
    table(locale).get(place(key)).copied().unwrap_or_default()
}

/// The text, of those that stand one after the other, each so many octets long.
#[cfg(feature = "hydrate")]
fn lookup(locale: Locale, key: Key) -> &'static str {
    let (texts, lengths) = table(locale);
    let place = place(key);
    let mut lengths = lengths.iter().map(|length| usize::from(*length));
    let begin = lengths.by_ref().take(place).sum::<usize>();
    let length = lengths.next().unwrap_or_default();
    texts.get(begin..begin + length).unwrap_or_default()
}

impl Locale {
    /// The language tag (BCP 47), for `lang` attributes and the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The locale of a language tag, by its primary language.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            _ => None,
        }
    }

    /// The best of an Accept-Language header (RFC 9110, section 12.5.4); English if none fits.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (0.0_f32, Self::default());
        for range in header.split(',').take(32) {
            let mut pieces = range.split(';');
            let Some(locale) = pieces.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(Some(1.0), |value| value.trim().parse::<f32>().ok())
                .unwrap_or(0.0);
            if quality > best.0 {
                best = (quality, locale);
            }
        }
        best.1
    }

    /// The text for `key`.
    pub fn text(self, key: Key) -> &'static str {
        lookup(self, key)
    }

    /// The text for `key` with `{name}` replaced by each value.
    pub fn fill(self, key: Key, values: &[(&str, &str)]) -> String {
        let mut rest = lookup(self, key);
        let mut filled = String::with_capacity(rest.len());
        // One pass, so that a value that looks like a placeholder stays a value.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                filled.push_str(value);
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    /// One of two texts by number, with `{n}` filled in. English and German both tell one from
    /// all else.
    pub fn count(self, one: Key, other: Key, n: u64) -> String {
        self.fill(if n == 1 { one } else { other }, &[("n", &self.number(n))])
    }

    /// A whole number with the thousands marked.
    pub fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(match self {
                    Self::En => ',',
                    Self::De => '.',
                });
            }
            grouped.push(digit);
        }
        grouped
    }

    /// A size in octets as people read it, in decimal units.
    pub fn size(self, octets: u64) -> String {
        let (unit, name) = match octets {
            0..1_000 => return format!("{octets} B"),
            1_000..1_000_000 => (1_000, "kB"),
            1_000_000..1_000_000_000 => (1_000_000, "MB"),
            _ => (1_000_000_000, "GB"),
        };
        let tenths = (octets * 10 + unit / 2) / unit;
        if tenths >= 100 {
            return format!("{} {name}", self.number((octets + unit / 2) / unit));
        }
        let point = match self {
            Self::En => '.',
            Self::De => ',',
        };
        format!("{}{point}{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Locale};

    #[test]
    fn accept_language_picks_the_highest_quality() {
        for (header, expected) in [
            ("", Locale::En),
            ("de", Locale::De),
            ("de-AT,de;q=0.9,en;q=0.8", Locale::De),
            ("fr, en;q=0.3, de;q=0.7", Locale::De),
            ("fr", Locale::En),
            ("en-GB,en;q=0.9,de;q=0.8", Locale::En),
            ("de;q=0, en;q=0.1", Locale::En),
            ("de;q=nonsense", Locale::En),
        ] {
            assert_eq!(Locale::negotiate(header), expected, "{header}");
        }
    }

    #[test]
    fn numbers_and_sizes_follow_the_language() {
        assert_eq!(Locale::De.number(104_318), "104.318");
        assert_eq!(Locale::En.number(1_000), "1,000");
        assert_eq!(Locale::En.number(7), "7");
        assert_eq!(Locale::De.size(2_400_000), "2,4 MB");
        assert_eq!(Locale::En.size(999), "999 B");
        assert_eq!(Locale::En.size(640_300), "640 kB");
        assert_eq!(Locale::En.size(52_428_800), "52 MB");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_a_value() {
        let text = Locale::En.fill(Key::DateTodayAt, &[("time", "{time}")]);
        assert_eq!(text, "Today, {time}");
    }
}
