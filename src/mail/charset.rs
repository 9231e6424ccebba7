//! From octets in some charset to text. Labels in mail are often missing and sometimes wrong; what
//! comes out is always text, never an error.

use mail_parser::decoders::charsets::map::charset_decoder;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of `octets`, which claim to be in the charset `label`. Latin-1 and ASCII are read as
/// windows-1252, as every mail program does. Without a label, or with one nobody knows, it is
/// UTF-8 where that is valid, else windows-1252; and so is what says UTF-8 but has no single
/// character of it beyond ASCII.
pub(super) fn decode(octets: &[u8], label: Option<&str>) -> String {
    let label = label
        .map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
        .unwrap_or_default();
    match label.as_str() {
        "utf-8" | "utf8" | "utf_8" | "unicode-1-1-utf-8" => utf_8(octets),
        // Mail labelled ASCII that has 8-bit octets is unlabelled in truth.
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "utf-8mb4" => guess(octets),
        label => known(label, octets).unwrap_or_else(|| guess(octets)),
    }
}

/// What says it is UTF-8. Octets that are none become U+FFFD, unless no other than such are there:
/// then the label is wrong. Fewer than three may be damage.
fn utf_8(octets: &[u8]) -> String {
    let mut wrong = 0_usize;
    let mut right = false;
    for chunk in octets.utf8_chunks() {
        right = right || !chunk.valid().is_ascii();
        wrong = wrong.saturating_add(usize::from(!chunk.invalid().is_empty()));
        if right {
            break;
        }
    }
    if right || wrong < 3 {
        String::from_utf8_lossy(octets).into_owned()
    } else {
        guess(octets)
    }
}

/// The charset that HTML names itself: the one in the first `<meta>` that names any, within the
/// first 1,024 octets (HTML standard, section 4.2.5.4). One in which this could not stand is none.
pub(super) fn of_html(octets: &[u8]) -> Option<String> {
    let start = octets.get(..1024).unwrap_or(octets);
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let label = start.split("<meta").skip(1).find_map(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        let (_, after) = tag.split_once("charset")?;
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let value = value.trim_start_matches(['"', '\'']);
        let end = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ';' | '/');
        value.split(end).next().filter(|label| !label.is_empty())
    })?;
    (!label.starts_with("utf-16") && !label.starts_with("utf-7")).then(|| label.to_owned())
}

/// UTF-8 where that is valid, else windows-1252.
fn guess(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        // A multi-byte character that was cut off at the very end is still UTF-8.
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            String::from_utf8_lossy(octets).into_owned()
        }
        Err(_) => known("windows-1252", octets)
            .unwrap_or_else(|| String::from_utf8_lossy(octets).into_owned()),
    }
}

/// `None` for an unknown label.
fn known(label: &str, octets: &[u8]) -> Option<String> {
    // The decoders are another's code on a stranger's octets.
    catch_unwind(AssertUnwindSafe(|| {
        charset_decoder(label.as_bytes()).map(|decode| decode(octets))
    }))
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        assert_eq!(
            decode(b"\x80 f\xfcr \x84Gr\xfc\xdfe\x93", Some("iso-8859-1")),
            "€ für „Grüße“"
        );
        assert_eq!(decode("für".as_bytes(), Some("UTF-8")), "für");
        assert_eq!(
            decode(b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("windows-1251")),
            "Привет"
        );
        assert_eq!(decode(b"\xb1\xe6", Some("\"iso-8859-2\"")), "ąć");
        assert_eq!(decode(b"\xff\xfeh\0i\0", Some("utf-16")), "hi");
    }

    #[test]
    fn missing_and_wrong_labels() {
        assert_eq!(decode("für".as_bytes(), None), "für");
        assert_eq!(decode(b"f\xfcr", None), "für");
        assert_eq!(decode(b"f\xfcr", Some("us-ascii")), "für");
        assert_eq!(decode(b"f\xfcr", Some("no-such-charset-ä")), "für");
        assert_eq!(decode(b"f\xfcr", Some("utf-8")), "f\u{FFFD}r");
        assert_eq!(
            decode(b"Gr\xfc\xdfe aus K\xf6ln f\xfcr M\xf6rs", Some("utf-8")),
            "Grüße aus Köln für Mörs"
        );
        assert_eq!(
            decode(b"\xff \xff \xff \xff \xc3\xbc", Some("utf-8")),
            "\u{FFFD} \u{FFFD} \u{FFFD} \u{FFFD} ü"
        );
        assert_eq!(
            decode("fü".as_bytes().split_last().unwrap().1, None),
            "f\u{FFFD}"
        );
        assert_eq!(decode(b"", Some(&"x".repeat(5000))), "");
    }

    #[test]
    fn html_names_its_charset() {
        for (html, label) in [
            (
                "<html><head><META CHARSET='ISO-8859-2'>",
                Some("iso-8859-2"),
            ),
            (
                "<meta name=x><meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\">",
                Some("koi8-r"),
            ),
            ("<meta charset=big5/>", Some("big5")),
            ("<meta charset=utf-7>", None),
            ("<meta charset=utf-16>", None),
            ("<meta charset=>", None),
            ("<meta name=charset>", None),
            ("<p>charset=koi8-r", None),
            ("", None),
        ] {
            assert_eq!(of_html(html.as_bytes()).as_deref(), label, "{html}");
        }
        let late = format!("{}<meta charset=koi8-r>", " ".repeat(1100));
        assert_eq!(of_html(late.as_bytes()), None);
    }

    #[test]
    fn east_asian_charsets() {
        for (label, octets, text) in [
            ("shift_jis", &b"\x83n\x83\x8D\x81["[..], "ハロー"),
            ("iso-2022-jp", b"\x1b$B%O%m!<\x1b(B", "ハロー"),
            ("gb2312", b"\xc4\xe3\xba\xc3", "你好"),
            ("big5", b"\xa7A\xa6n", "你好"),
            ("euc-kr", b"\xbe\xc8\xb3\xe7", "안녕"),
        ] {
            let got = decode(octets, Some(label));
            assert_eq!(
                got, text,
                "{label}: turn on mail-parser's feature `full_encoding`"
            );
        }
    }
}
