//! Parts as they come from the wire: encodings whole and cut, charsets right and wrong.

use super::*;
use proptest::prelude::*;

fn once(encoding: &str, input: &[u8]) -> String {
    String::from_utf8(Decoder::once(encoding, input)).unwrap()
}

#[test]
fn base64_is_lenient() {
    for (input, output) in [
        ("R3LDvMOfZQ==", "Grüße"),
        ("R3LD\r\nvMOf\r\nZQ==\r\n", "Grüße"),
        ("R3LDvMOfZQ", "Grüße"),
        ("R3 L!D\0vMOf*ZQ=", "Grüße"),
        ("YQ==Yg==", "ab"),
        ("====", ""),
        ("Y", ""),
        ("", ""),
    ] {
        assert_eq!(once("BASE64", input.as_bytes()), output, "{input}");
    }
}

#[test]
fn quoted_printable_is_lenient() {
    for (input, output) in [
        ("Gr=C3=BC=c3=9fe", "Grüße"),
        ("soft=\r\nbreak=\nhere= \t\r\n!", "softbreakhere!"),
        ("blanks  \t\r\ngo  \nhere ", "blanks\r\ngo\nhere "),
        ("a=20\r\n", "a \r\n"),
        ("1+1=2, a=zz, =C", "1+1=2, a=zz, "),
        ("x=  y", "x=  y"),
        ("=", ""),
        ("==41", "=A"),
    ] {
        assert_eq!(
            once("quoted-printable", input.as_bytes()),
            output,
            "{input:?}"
        );
    }
    assert_eq!(once("8bit", "ü=C3".as_bytes()), "ü=C3");
    assert_eq!(once("x-unknown", b"a"), "a");
}

#[test]
fn text_parts() {
    for (header, body, text) in [
        ("", &b"plain\r\ntext\0"[..], "plain\ntext"),
        ("", b"f\xfcr", "für"),
        ("", "für".as_bytes(), "für"),
        (
            "Content-Type: text/plain; charset=iso-8859-1",
            b"\x80 f\xfcr\r\n",
            "€ für\n",
        ),
        (
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            b"R3LDvMOf\r\nZQ==",
            "Grüße",
        ),
        (
            "Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable",
            b"One=20\r\ntwo.\r\n> quoted=20\r\n> text\r\n",
            "One two.\n> quoted text\n",
        ),
        (
            "Content-Type: text/plain; format=flowed; delsp=yes",
            b"foot \r\nball",
            "football",
        ),
        (
            "Content-Type: text/html; format=flowed",
            b"<p> \r\nx",
            "<p> \nx",
        ),
        (
            "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64",
            b"/P8=",
            "\u{fffc}",
        ),
        ("Content-Type: nonsense", b"\x1b[31mred\x07", "[31mred"),
    ] {
        assert_eq!(text_part(header.as_bytes(), body), text, "{header}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_chunking_gives_the_same(
        encoding in "(base64|quoted-printable|8bit)",
        input in "[A-Za-z0-9+/= \t\r\nC]{0,200}|(=[0-9A-F]{2}|= ?\r?\n| ){0,60}",
        size in 1_usize..7,
    ) {
        let whole = Decoder::once(&encoding, input.as_bytes());
        let mut decoder = Decoder::new(&encoding);
        let mut out = Vec::new();
        for chunk in input.as_bytes().chunks(size) {
            out.extend(decoder.push(chunk));
        }
        out.extend(decoder.finish());
        prop_assert_eq!(out, whole);
    }

    #[test]
    fn base64_decodes_what_was_encoded(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(&octets);
        let lines = encoded.as_bytes().chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..]);
        prop_assert_eq!(Decoder::once("base64", &lines), &octets[..]);
        prop_assert_eq!(Decoder::once("base64", encoded.as_bytes()), octets);
    }

    #[test]
    fn text_never_has_control_characters(
        header in "Content-Type: text/plain; charset=(utf-8|utf-16|utf-7|gb18030|koi8-r|iso-2022-jp|x); format=flowed",
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let text = text_part(header.as_bytes(), &body);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        snippet(header.as_bytes(), &body);
    }
}

#[test]
fn html_without_a_label_says_itself_what_it_is() {
    let part = |header: &str| {
        let header = format!("Content-Type: {header}\r\n\r\n");
        text_part(
            header.as_bytes(),
            b"<meta charset=iso-8859-2><p>\xb1\xe6</p>",
        )
    };
    assert!(part("text/html").ends_with("<p>ąć</p>"));
    assert!(part("text/html; charset=windows-1252").ends_with("<p>±æ</p>"));
    assert!(part("text/plain").ends_with("<p>±æ</p>"));
    // What is UTF-8 is not taken for anything else.
    let html = "<meta charset=iso-8859-2><p>ą</p>";
    assert_eq!(
        text_part(b"Content-Type: text/html\r\n\r\n", html.as_bytes()),
        html
    );
}
