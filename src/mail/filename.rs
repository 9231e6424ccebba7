//! File names of attachments: from a mail into a name that is safe to show and to save under, and
//! from there into the header of a download.

use super::visible::{is_bidi_control, one_line};
use std::fmt::Write as _;

/// Longest name, in characters.
const LIMIT: usize = 120;
/// Longest extension that is kept when a name is cut, in characters.
const EXTENSION_LIMIT: usize = 16;

/// `name` as it can be shown and saved under on any system: no path separators, no characters that
/// Windows refuses, no control, invisible or direction-turning characters, no dots or blanks in
/// front, no dots or blanks at the end, at most 120 characters with the extension kept, not empty.
pub fn safe_file_name(name: &str) -> String {
    let mapped: String = one_line(name)
        .chars()
        .filter(|c| !is_bidi_control(*c))
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c => c,
        })
        .collect();
    let trimmed = mapped
        .trim_start_matches(|c: char| c == '.' || c.is_whitespace())
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let short = shorten(trimmed);
    if short.chars().all(|c| c == '_' || c.is_whitespace()) {
        "file".to_owned()
    } else {
        short
    }
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
            .trim_end_matches([' ', '.'])
            .to_owned();
    }
    let room = LIMIT.saturating_sub(extension.chars().count().saturating_add(1));
    let stem: String = name.chars().take(room).collect();
    format!("{}.{extension}", stem.trim_end_matches([' ', '.']))
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
        ] {
            assert_eq!(safe_file_name(name), safe, "{name:?}");
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
