//! File names of attachments: from a mail into a name that is safe to show and to save under, and
//! from there into the header of a download.

use super::visible::{is_bidi_control, one_line};
use std::fmt::Write as _;

/// Longest name, in characters.
const LIMIT: usize = 120;
/// Longest extension that is kept when a name is cut, in characters.
const EXTENSION_LIMIT: usize = 16;

/// `name` as it can be shown and saved under on any system: no path separators nor what looks like
/// one, no characters that Windows refuses, no name of a device of Windows, no control, invisible or
/// direction-turning characters, no dots or blanks in front, no dots or blanks at the end, one blank
/// where there are more and none before the extension, at most 120 characters with the extension
/// kept, not empty.
pub fn safe_file_name(name: &str) -> String {
    let mut mapped = String::with_capacity(name.len());
    for c in one_line(name).chars().filter(|c| !is_bidi_control(*c)) {
        match c {
            // The last five look like slashes.
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2044}' | '\u{2215}'
            | '\u{29F8}' | '\u{FF0F}' | '\u{FF3C}' => mapped.push('_'),
            // Many of them would push the extension out of sight.
            c if is_blank(c) => {
                if !mapped.ends_with(is_blank) {
                    mapped.push(if c.is_whitespace() { c } else { ' ' });
                }
            }
            c => mapped.push(c),
        }
    }
    let trimmed = mapped.trim_start_matches(edge).trim_end_matches(edge);
    let together = match trimmed.rsplit_once('.') {
        Some((stem, extension)) => format!("{}.{extension}", stem.trim_end_matches(is_blank)),
        None => trimmed.to_owned(),
    };
    let mut short = shorten(&together);
    if is_device(&short) {
        short.insert(0, '_');
        short = shorten(&short);
    }
    if short.chars().all(|c| c == '_' || is_blank(c)) {
        "file".to_owned()
    } else {
        short
    }
}

/// Whether the character has no place at the ends of a name.
fn edge(c: char) -> bool {
    c == '.' || is_blank(c)
}

/// Whether the character looks like a blank: some that do are letters to a program.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}'
        )
}

/// Whether Windows takes the name for a device, which it does whatever extension it has.
fn is_device(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(is_blank).to_lowercase();
    let port = || {
        let number = stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"))?;
        let mut digits = number.chars();
        let digit = digits.next()?;
        (digits.next().is_none() && (digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³')))
            .then_some(())
    };
    DEVICES.contains(&stem.as_str()) || port().is_some()
}

/// Cuts the stem, so that the extension stays.
fn shorten(name: &str) -> String {
    if name.chars().nth(LIMIT).is_none() {
        return name.to_owned();
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .filter(|extension| extension.chars().nth(EXTENSION_LIMIT).is_none())
        .unwrap_or_default();
    if extension.is_empty() {
        return name
            .chars()
            .take(LIMIT)
            .collect::<String>()
            .trim_end_matches(edge)
            .to_owned();
    }
    let room = LIMIT.saturating_sub(extension.chars().count().saturating_add(1));
    let stem: String = name.chars().take(room).collect();
    format!("{}.{extension}", stem.trim_end_matches(edge))
}

/// The value of a Content-Disposition header for a download under `name`, which goes through
/// [`safe_file_name`] first: an ASCII name for the old, the true name for all others (RFC 6266,
/// section 4.3; RFC 8187, section 3.2). Pure printable ASCII, whatever `name` holds.
pub fn content_disposition(name: &str) -> String {
    let name = safe_file_name(name);
    // A percent sign in the plain form is decoded by some browsers, so it goes too.
    let ascii: String = name
        .chars()
        .map(|c| match c {
            ' '..='~' if !matches!(c, '"' | '\\' | '%') => c,
            _ => '_',
        })
        .collect();
    let mut value = format!("attachment; filename=\"{ascii}\"");
    if ascii != name {
        value.push_str("; filename*=UTF-8''");
        for octet in name.bytes() {
            // attr-char of RFC 8187, section 3.2.1
            if octet.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&octet) {
                value.push(char::from(octet));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(value, "%{octet:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_lose_what_is_dangerous() {
        for (name, safe) in [
            ("Rechnung März.pdf", "Rechnung März.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\Windows\\system32\\x.dll", "C__Windows_system32_x.dll"),
            (".htaccess", "htaccess"),
            ("in\u{202E}fdp.exe", "infdp.exe"),
            ("a\r\nSet-Cookie: x", "a Set-Cookie_ x"),
            ("a\0b.txt", "ab.txt"),
            ("note.txt. . .", "note.txt"),
            ("", "file"),
            ("...", "file"),
            ("///", "file"),
            (" \u{200B}\u{FEFF}", "file"),
            ("写真.jpg", "写真.jpg"),
            (
                "a\u{2044}b\u{2215}c\u{29F8}d\u{FF0F}e\u{FF3C}f",
                "a_b_c_d_e_f",
            ),
            ("a  b \u{A0}\u{3164}c", "a b c"),
            ("a.b .c .pdf", "a.b .c.pdf"),
        ] {
            assert_eq!(safe_file_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn blanks_do_not_push_the_extension_away() {
        for blank in [" ", "\u{3000}", "\u{2800}", "\u{A0}", "\t"] {
            let name = format!("x.pdf{}.exe", blank.repeat(65));
            assert_eq!(safe_file_name(&name), "x.pdf.exe", "{blank:?}");
        }
    }

    #[test]
    fn no_name_is_a_device_of_windows() {
        for name in [
            "CON",
            "con.txt",
            "aux.txt",
            "nul.tar.gz",
            "Prn",
            "COM1.txt",
            "com0",
            "LPT9.a.b",
            "COM¹",
            "lpt³.txt",
            "CONIN$",
            "conout$.txt",
        ] {
            assert_eq!(safe_file_name(name), format!("_{name}"));
        }
        assert_eq!(safe_file_name("con .txt"), "_con.txt");
        assert_eq!(safe_file_name("con .a.txt"), "_con .a.txt");
        for name in [
            "Contract.pdf",
            "com10.txt",
            "com.txt",
            "COMx",
            "auxiliary",
            "_con",
        ] {
            assert_eq!(safe_file_name(name), name);
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe_file_name(&format!("{}.tar.gz", "ä".repeat(500)));
        assert_eq!(name.chars().count(), 120);
        assert_eq!(name.rsplit('.').next(), Some("gz"));
        assert_eq!(safe_file_name(&"b".repeat(500)).len(), 120);
        assert_eq!(safe_file_name(&format!("a.{}", "b".repeat(500))).len(), 120);
    }

    #[test]
    fn the_header_cannot_be_broken_out_of() {
        assert_eq!(
            content_disposition("a.txt"),
            "attachment; filename=\"a.txt\""
        );
        assert_eq!(
            content_disposition("\u{20AC} 100%.txt"),
            "attachment; filename=\"_ 100_.txt\"; filename*=UTF-8''%E2%82%AC%20100%25.txt"
        );
        assert_eq!(
            content_disposition("a\"; filename=\"evil.exe\r\nX: y"),
            "attachment; filename=\"a_; filename=_evil.exe X_ y\""
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The names that any text would seldom be.
        #[test]
        fn always_the_same(name in "(con|com|lpt|nul)?[1¹$]?[ .a_/\u{2800}\u{3000}]{0,130}(.[a-z]{1,20})?") {
            let safe = safe_file_name(&name);
            prop_assert!(safe.chars().count() <= LIMIT);
            prop_assert_eq!(safe_file_name(&safe), safe.clone());
        }

        #[test]
        fn always_safe(name in any::<String>()) {
            let safe = safe_file_name(&name);
            prop_assert!(!safe.is_empty() && safe.chars().count() <= LIMIT);
            prop_assert!(!safe.starts_with('.') && !safe.contains(['/', '\\', '\r', '\n', '\0']));
            prop_assert_eq!(safe_file_name(&safe), safe.clone());
            let header = content_disposition(&name);
            prop_assert!(header.bytes().all(|b| (0x20..0x7f).contains(&b)));
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
