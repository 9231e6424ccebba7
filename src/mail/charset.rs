//! From octets in some charset to text. Labels in mail are often missing and sometimes wrong; what
//! comes out is always text, never an error.

mod seven_bit;

use mail_parser::decoders::charsets::map::charset_decoder;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of `octets`, which claim to be in the charset `label`. Latin-1 and ASCII are read as
/// windows-1252, as every mail program does. Without a label, or with one nobody knows, it is
/// ISO-2022-JP where its escapes are there, UTF-8 where that is valid, else windows-1252; and so is
/// what says UTF-8 but has no single character of it beyond ASCII.
pub(super) fn decode(octets: &[u8], label: Option<&str>) -> String {
    let label = label
        .map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
        .map(|label| label.replace('_', "-"))
        .unwrap_or_default();
    let decoded = match usual(&label) {
        "utf-8" => return utf_8(octets),
        // Mail labelled ASCII that has 8-bit octets is unlabelled in truth. Of the last ones no decoder
        // is at hand, but for one that makes a single U+FFFD of everything, as browsers do.
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "utf-8mb4" | "iso-2022-cn"
        | "iso-2022-cn-ext" | "replacement" => None,
        "utf-7" => Some(seven_bit::utf_7(octets)),
        "hz-gb-2312" => known("gbk", &seven_bit::hz(octets)),
        "iso-2022-kr" => known("euc-kr", &seven_bit::iso_2022_kr(octets)),
        "iso-2022-jp" => iso_2022_jp(octets),
        label => known(label, octets),
    };
    decoded.unwrap_or_else(|| guess(octets))
}

/// What a charset is called by the decoders, of which mail programs say other names: those of code
/// pages above all.
fn usual(label: &str) -> &str {
    match label {
        "utf8" | "unicode-1-1-utf-8" | "cp65001" | "x-utf-8" => "utf-8",
        "utf7" | "unicode-1-1-utf-7" | "csutf7" | "x-utf-7" => "utf-7",
        "utf16" => "utf-16",
        "hz" => "hz-gb-2312",
        "csiso2022kr" => "iso-2022-kr",
        "cp932" | "ms-932" | "windows-932" | "x-ms-cp932" | "sjis-win" | "shift-jis-ms"
        | "shiftjis" | "x-shift-jis" => "shift-jis",
        "csiso2022jp" | "iso-2022-jp-ms" | "iso-2022-jp-1" | "iso-2022-jp-2" | "iso-2022-jp-3"
        | "iso-2022-jp-2004" | "iso2022-jp" | "iso2022jp" | "cp50220" | "cp50221" | "cp50222" => {
            "iso-2022-jp"
        }
        "eucjp" | "eucjp-ms" | "eucjp-win" | "cp51932" => "euc-jp",
        "cp949" | "ms949" | "ms-949" | "x-windows-949" | "uhc" | "euckr" | "ks-c-5601" => "euc-kr",
        "cp950" | "ms950" | "ms-950" | "windows-950" | "x-windows-950" | "big-5" | "x-big5" => {
            "big5"
        }
        "x-gb2312" | "gb-18030" | "gb18030-2000" | "euc-cn" | "euccn" | "x-euc-cn" => "gb18030",
        "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "cp874" => "windows-874",
        label => code_page(label).unwrap_or(label),
    }
}

/// `windows1251`, `win-1251` and the like.
fn code_page(label: &str) -> Option<&'static str> {
    let label = label.strip_prefix("x-").unwrap_or(label);
    let number = ["windows", "win", "cp", "ms"]
        .into_iter()
        .find_map(|start| label.strip_prefix(start))?;
    Some(match number.trim_start_matches('-') {
        "1250" => "windows-1250",
        "1251" => "windows-1251",
        "1252" => "windows-1252",
        "1253" => "windows-1253",
        "1254" => "windows-1254",
        "1255" => "windows-1255",
        "1256" => "windows-1256",
        "1257" => "windows-1257",
        "1258" => "windows-1258",
        _ => return None,
    })
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

/// ISO-2022-JP where it escapes to that, UTF-8 where that is valid, else windows-1252.
fn guess(octets: &[u8]) -> String {
    if is_iso_2022_jp(octets)
        && let Some(text) = iso_2022_jp(octets)
    {
        return text;
    }
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

/// Whether an escape of ISO-2022-JP (RFC 1468) is there, which nothing else has. Japanese programs long
/// left the label out, since they took all mail for this.
fn is_iso_2022_jp(octets: &[u8]) -> bool {
    let escape = |three: &[u8]| matches!(three, b"\x1b$B" | b"\x1b$@" | b"\x1b(J");
    octets.is_ascii() && octets.windows(3).any(escape)
}

fn iso_2022_jp(octets: &[u8]) -> Option<String> {
    known("iso-2022-jp", &seven_bit::iso_2022_jp(octets))
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
    fn charsets_of_seven_bits() {
        for (label, octets, text) in [
            ("utf-7", &b"Caf+AOk is"[..], "Café is"),
            ("UNICODE-1-1-UTF-7", b"+-49", "+49"),
            ("hz-gb-2312", b"Hi ~{VPND~}", "Hi 中文"),
            ("iso-2022-kr", b"\x1b$)CHi \x0e>H3g\x0f", "Hi 안녕"),
            ("iso_2022_kr", b"Hi", "Hi"),
            ("csISO2022KR", b"Hi", "Hi"),
            ("iso-2022-cn", b"Hi", "Hi"),
            ("iso-2022-cn-ext", b"Hi", "Hi"),
            ("replacement", b"Hi", "Hi"),
        ] {
            assert_eq!(decode(octets, Some(label)), text, "{label}");
        }
    }

    #[test]
    fn escapes_tell_japanese_without_a_label() {
        for octets in [
            &b"\x1b$B%O%m!<\x1b(B!"[..],
            b"\x1b$@%O%m!<\x1b(J!",
            b"\x1b(J\x1b$B%O%m!<\x1b(B!",
        ] {
            assert_eq!(decode(octets, None), "ハロー!");
            assert_eq!(decode(octets, Some("us-ascii")), "ハロー!");
            assert_eq!(decode(octets, Some("csISO2022JP")), "ハロー!");
        }
        assert_eq!(decode(b"\x1b[1m a \x1b(B", None), "\x1b[1m a \x1b(B");
        assert_eq!(decode("\x1b$B ü".as_bytes(), None), "\x1b$B ü");
    }

    #[test]
    fn names_that_mail_programs_say() {
        for (label, octets, text) in [
            ("cp932", &b"\x83n\x83\x8D\x81["[..], "ハロー"),
            ("windows-932", b"\x83n", "ハ"),
            ("iso-2022-jp-ms", b"\x1b$B%O\x1b(B", "ハ"),
            ("cp949", b"\xbe\xc8", "안"),
            ("MS949", b"\xbe\xc8", "안"),
            ("x-windows-949", b"\xbe\xc8", "안"),
            ("cp950", b"\xa7A", "你"),
            ("windows1251", b"\xcf", "П"),
            ("win-1251", b"\xcf", "П"),
            ("x-windows-1251", b"\xcf", "П"),
            ("koi8r", b"\xf0", "П"),
            ("shift_jis", b"\x83n", "ハ"),
            ("x-gbk", b"\xc4\xe3", "你"),
            ("utf_8", "ü".as_bytes(), "ü"),
            ("x-mac-cyrillic", b"\x8f", "П"),
        ] {
            assert_eq!(decode(octets, Some(label)), text, "{label}");
        }
    }

    #[test]
    fn hostile_octets_take_no_time() {
        let start = crate::mail::busy::Busy::new();
        for piece in [
            "+", "+-", "+A", "-+AAA", "~{", "~}", "~", "\x0e\x0f", "\x1b$B", "\x1b(J", "\x1b",
        ] {
            let octets = piece.repeat(1_000_000 / piece.len());
            for label in ["utf-7", "hz", "iso-2022-kr", ""] {
                decode(octets.as_bytes(), Some(label));
            }
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
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
