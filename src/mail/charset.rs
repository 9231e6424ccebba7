//! From octets in some charset to text. Labels in mail are often missing and sometimes wrong; what
//! comes out is always text, never an error.

use mail_parser::decoders::charsets::map::charset_decoder;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of `octets`, which claim to be in the charset `label`. Latin-1 and ASCII are read as
/// windows-1252, as every mail program does. Without a label, or with one nobody knows, it is
/// UTF-8 where that is valid, else windows-1252.
pub(super) fn decode(octets: &[u8], label: Option<&str>) -> String {
    let label = label
        .map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
        .unwrap_or_default();
    match label.as_str() {
        "utf-8" | "utf8" | "utf_8" | "unicode-1-1-utf-8" => {
            String::from_utf8_lossy(octets).into_owned()
        }
        // Mail labelled ASCII that has 8-bit octets is unlabelled in truth.
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "utf-8mb4" => guess(octets),
        label => known(label, octets).unwrap_or_else(|| guess(octets)),
    }
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
            decode("fü".as_bytes().split_last().unwrap().1, None),
            "f\u{FFFD}"
        );
        assert_eq!(decode(b"", Some(&"x".repeat(5000))), "");
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
