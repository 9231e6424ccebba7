//! Letters that look like others, and the skeleton of a text: what is left when such letters are
//! taken for the Latin ones they look like. The Unicode consortium's table has thousands of pairs;
//! these are the ones whose likeness holds in the fonts that people read mail in.

/// A script, as far as mixing tells something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Digits, hyphens, marks: goes with any.
    Common,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
    /// Han, kana, bopomofo and Hangul, which stand together and beside Latin in honest names.
    EastAsian,
    Other,
}

#[expect(clippy::match_same_arms, reason = "one arm a block of Unicode")]
pub(super) fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' | 'ª' | 'º' => Script::Latin,
        '\u{00C0}'..='\u{00D6}' | '\u{00D8}'..='\u{00F6}' | '\u{00F8}'..='\u{02B8}' => {
            Script::Latin
        }
        '\u{1E00}'..='\u{1EFF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A722}'..='\u{A7FF}' => {
            Script::Latin
        }
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => Script::Latin,
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => Script::Greek,
        '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' => Script::Cyrillic,
        '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' => Script::Cyrillic,
        '\u{0530}'..='\u{058F}' => Script::Armenian,
        '\u{13A0}'..='\u{13FF}' | '\u{AB70}'..='\u{ABBF}' => Script::Cherokee,
        '\u{3040}'..='\u{312F}' | '\u{3131}'..='\u{318F}' | '\u{31A0}'..='\u{31FF}' => {
            Script::EastAsian
        }
        '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => {
            Script::EastAsian
        }
        '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' => {
            Script::EastAsian
        }
        c if c.is_alphabetic() => Script::Other,
        _ => Script::Common,
    }
}

/// The Latin letter, digit or sign that the character looks like; `None` where it looks like none
/// or is one.
#[expect(clippy::match_same_arms, reason = "one group of arms a script")]
pub(super) fn latin_for(c: char) -> Option<char> {
    Some(match c {
        // Cyrillic.
        'а' | 'А' => 'a',
        'В' | 'ь' | 'Ь' => 'b',
        'с' | 'С' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'ё' | 'Ё' | 'ҽ' => 'e',
        'ԍ' => 'g',
        'һ' | 'Н' => 'h',
        'і' | 'І' | 'ї' | 'Ї' => 'i',
        'ј' | 'Ј' => 'j',
        'К' | 'к' => 'k',
        'ӏ' | 'Ӏ' => 'l',
        'М' | 'м' => 'm',
        'п' => 'n',
        'о' | 'О' => 'o',
        'р' | 'Р' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' | 'Ѕ' => 's',
        'Т' | 'т' => 't',
        'ц' => 'u',
        'ѵ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'Х' => 'x',
        'у' | 'У' | 'ү' => 'y',
        // Greek.
        'α' | 'Α' | 'ά' => 'a',
        'Β' | 'β' => 'b',
        'ϲ' => 'c',
        'Ε' | 'ε' => 'e',
        'Η' => 'h',
        'ι' | 'Ι' | 'ί' | 'ϊ' => 'i',
        'Κ' | 'κ' => 'k',
        'Μ' => 'm',
        'Ν' | 'η' => 'n',
        'ο' | 'Ο' | 'ό' | 'σ' => 'o',
        'ρ' | 'Ρ' => 'p',
        'Τ' | 'τ' => 't',
        'υ' | 'μ' => 'u',
        'ν' => 'v',
        'ω' => 'w',
        'χ' | 'Χ' => 'x',
        'Υ' | 'γ' => 'y',
        'Ζ' => 'z',
        // Armenian.
        'ց' => 'g',
        'հ' => 'h',
        'յ' => 'j',
        'ո' => 'n',
        'օ' => 'o',
        'զ' => 'q',
        'ս' => 'u',
        // Latin with a body like another.
        'ı' | 'ɩ' | 'ɪ' => 'i',
        'ɑ' => 'a',
        'ɡ' | 'ƍ' => 'g',
        'ʟ' | 'ǀ' => 'l',
        'ɴ' => 'n',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ʏ' => 'y',
        'ʙ' => 'b',
        'ᴀ' => 'a',
        'ᴄ' => 'c',
        'ᴏ' => 'o',
        // Signs.
        '＠' | '﹫' => '@',
        '．' | '。' | '｡' | '․' => '.',
        '‐' | '‑' | '‒' | '–' | '−' | '－' => '-',
        // Full width.
        '！'..='～' => char::from_u32(u32::from(c).saturating_sub(0xFEE0))?.to_ascii_lowercase(),
        _ => return None,
    })
}

/// The letter without its marks, for the Latin letters of European languages.
fn unmarked(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' => {
            'a'
        }
        'ḃ' | 'ḅ' | 'ḇ' => 'b',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ḍ' | 'ḏ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ệ' => {
            'e'
        }
        'ĝ' | 'ğ' | 'ġ' | 'ģ' | 'ǧ' => 'g',
        'ĥ' | 'ħ' | 'ḥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ị' | 'ỉ' => 'i',
        'ĵ' => 'j',
        'ķ' | 'ḳ' | 'ḵ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' | 'ḷ' | 'ḻ' => 'l',
        'ṁ' | 'ṃ' => 'm',
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ṅ' | 'ṇ' | 'ṉ' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ọ' | 'ỏ' | 'ơ' | 'ộ' => 'o',
        'ṗ' | 'ṕ' => 'p',
        'ŕ' | 'ŗ' | 'ř' | 'ṛ' | 'ṟ' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ṡ' | 'ṣ' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' | 'ṭ' | 'ṯ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ' | 'ủ' => 'u',
        'ṿ' => 'v',
        'ŵ' | 'ẁ' | 'ẃ' | 'ẅ' | 'ẉ' => 'w',
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỵ' => 'y',
        'ź' | 'ż' | 'ž' | 'ẓ' => 'z',
        c => c,
    }
}

/// `text` in lower case with its confusable letters as the Latin ones they look like; nothing else
/// is changed, so that what comes out can be read.
pub(super) fn latin(text: &str) -> String {
    text.chars()
        .map(|c| latin_for(c).unwrap_or(c))
        .flat_map(char::to_lowercase)
        .map(|c| latin_for(c).unwrap_or(c))
        .collect()
}

/// The skeleton: two texts that look alike have the same one. It is for comparing, not for people.
pub(super) fn skeleton(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in latin(text).chars() {
        let c = match unmarked(c) {
            // But not j: its hook below the line tells it from an l.
            'i' | '1' | '|' | '!' => 'l',
            '0' => 'o',
            '5' | '$' => 's',
            '3' => 'e',
            '8' => 'b',
            // A combining mark, or what takes no room.
            '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}' | '\u{AD}' => continue,
            c => c,
        };
        // Two letters that read as one.
        let joined = match (out.chars().next_back(), c) {
            (Some('r'), 'n') => Some('m'),
            (Some('v'), 'v') => Some('w'),
            (Some('c'), 'l') => Some('d'),
            _ => None,
        };
        if joined.is_some() {
            out.pop();
        }
        out.push(joined.unwrap_or(c));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skeletons_of_look_alikes_are_the_same() {
        for (one, other) in [
            ("paypal", "pаypаl"),
            ("paypal", "PayPaI"),
            ("paypal", "paypa1"),
            ("microsoft", "rnicrosoft"),
            ("microsoft", "micr0s0ft"),
            ("wwf", "vvwf"),
            ("commerzbank", "commerzbаnḳ"),
            ("apple", "аррӏе"),
            ("example", "ｅｘａｍｐｌｅ"),
            ("dora", "clora"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        for (one, other) in [
            ("example", "sample"),
            ("j.meyer", "l.meyer"),
            ("jan", "ian"),
        ] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn scripts() {
        assert_eq!(script('ä'), Script::Latin);
        assert_eq!(script('я'), Script::Cyrillic);
        assert_eq!(script('ω'), Script::Greek);
        assert_eq!(script('語'), Script::EastAsian);
        assert_eq!(script('ع'), Script::Other);
        assert_eq!(script('-'), Script::Common);
    }
}
