//! Headers as they should be, as they are, and as an attacker writes them.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;

fn address(name: &str, addr: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        addr: addr.to_owned(),
    }
}

fn from(value: &str) -> Vec<Address> {
    Header::parse(format!("From: {value}\r\n").as_bytes()).from()
}

#[test]
fn obsolete_addresses_are_read_as_they_are_meant() {
    for (value, name, addr) in [
        (
            "Klara <@relay.example,@two.example:klara . winter@mitte . example>",
            "Klara",
            "klara.winter@mitte.example",
        ),
        (
            "ada @ nord.example (Ada Brook)",
            "Ada Brook",
            "ada@nord.example",
        ),
        (
            "\"a b\" <\"a . b\"@nord.example>",
            "a b",
            "\"a . b\"@nord.example",
        ),
    ] {
        assert_eq!(from(value), [address(name, addr)], "{value}");
    }
    assert_eq!(modern("\"a . b\"@x"), "\"a . b\"@x");
    assert_eq!(modern("@:"), "");
    assert_eq!(modern("a b@c"), "a b@c");
}

#[test]
fn a_quoted_local_part_needs_no_brackets() {
    for (value, list) in [
        (
            "\"foo.\"@docomo.ne.jp",
            vec![address("", "\"foo.\"@docomo.ne.jp")],
        ),
        (
            "Jo <jo@x.org>, \"foo.\"@docomo.ne.jp (Foo); \"a b\"@x.org,c@x.org",
            vec![
                address("Jo", "jo@x.org"),
                address("Foo", "\"foo.\"@docomo.ne.jp"),
                address("", "\"a b\"@x.org"),
                address("", "c@x.org"),
            ],
        ),
        (
            "\"foo.\" <jo@x.org>, <\"foo.\"@x.org>",
            vec![address("foo.", "jo@x.org"), address("", "\"foo.\"@x.org")],
        ),
        ("Team: \"foo.\"@x.org;", vec![address("", "\"foo.\"@x.org")]),
    ] {
        assert_eq!(from(value), list, "{value}");
    }
    // What is no such address is left as it is.
    for value in [
        "\"a\"@x.org <ceo@bank.example>",
        "\"a, <ceo@bank.example>\"@x.org",
        "\"ceo@bank.example\"@x.org",
        "\"a\\\"b\"@x.org",
        "\"\"@x.org",
        "\"a\"@",
        "\"=?utf-8?B?YQ==?=\"@x.org",
        "(\"a\"@x.org)",
        "Jo \"a\"@x.org",
        "\"b \\\" \"a\"@x.org",
        "\"",
        "\"\\",
    ] {
        assert_eq!(bracketed(value), value);
    }
}

#[test]
fn a_name_with_a_comma_may_lack_its_quotes() {
    for (value, list) in [
        ("Berg, Jo <jo@x.org>", vec![address("Berg, Jo", "jo@x.org")]),
        (
            "Berg, Jo, Dr. <jo@x.org>",
            vec![address("Berg, Jo, Dr.", "jo@x.org")],
        ),
        (
            "Berg GmbH, <jo@x.org>",
            vec![address("Berg GmbH", "jo@x.org")],
        ),
        (
            "Berg, Jo <jo@x.org>, Winter, Klara <k@x.org>",
            vec![
                address("Berg, Jo", "jo@x.org"),
                address("Winter, Klara", "k@x.org"),
            ],
        ),
        (
            "Berg, a@x.org, b@x.org, Jo",
            vec![
                address("Berg", ""),
                address("", "a@x.org"),
                address("", "b@x.org"),
                address("Jo", ""),
            ],
        ),
        // Each of these is an author to the reader.
        (
            "\"ceo@bank.example\", Jo <jo@evil.example>",
            vec![
                address("ceo@bank.example", ""),
                address("Jo", "jo@evil.example"),
            ],
        ),
        (
            "ceo@bank.example, Jo <jo@evil.example>",
            vec![
                address("", "ceo@bank.example"),
                address("Jo", "jo@evil.example"),
            ],
        ),
        (
            "Bank <ceo@bank.example>, Evil <jo@evil.example>",
            vec![
                address("Bank", "ceo@bank.example"),
                address("Evil", "jo@evil.example"),
            ],
        ),
    ] {
        assert_eq!(from(value), list, "{value}");
    }
    let many = from(&"a, ".repeat(4_000));
    assert_eq!(many.len(), 4_000);
    let name = from(&format!("{}b <a@b>", "a, ".repeat(4_000)));
    assert_eq!(name.len(), 1);
}

#[test]
fn a_type_that_lacks_its_semicolon() {
    for (value, kind) in [
        ("text/html charset=utf-8", Some(("text", "html"))),
        ("text / html", Some(("text", "html"))),
        ("text/ ", None),
        ("html", None),
    ] {
        let header = Header::parse(format!("Content-Type: {value}\r\n").as_bytes());
        let kind = kind.map(|(kind, subtype)| (kind.to_owned(), subtype.to_owned()));
        assert_eq!(header.content_type(), kind, "{value}");
    }
}

#[test]
fn an_ordinary_header() {
    let header = Header::parse(
        b"Date: Tue, 24 Nov 2026 09:42:00 +0100\r\n\
          From: =?utf-8?Q?Katharina_B=C3=B6hm?= <k@example.org>\r\n\
          To: a@example.org,\r\n \"Berg, Jo\" <jo@example.org>\r\n\
          Cc: Team: x@example.org, Y <y@example.org>;, z@example.org\r\n\
          Reply-To: <list@example.org>\r\n\
          Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\taus  Bremen\r\n\
          Message-ID: <1@example.org>\r\n\
          In-Reply-To: <0@example.org>\r\n\
          References: <a@b> <c@d>\r\n <0@example.org>\r\n\
          Content-Type: Text/HTML; charset=\"utf-8\"\r\n\
          Content-Transfer-Encoding: BASE64\r\n\
          \r\n\
          Subject: not this\r\n",
    );
    assert_eq!(header.from(), [address("Katharina Böhm", "k@example.org")]);
    assert_eq!(
        header.to(),
        [
            address("", "a@example.org"),
            address("Berg, Jo", "jo@example.org")
        ]
    );
    assert_eq!(
        header.cc(),
        [
            address("", "x@example.org"),
            address("Y", "y@example.org"),
            address("", "z@example.org"),
        ]
    );
    assert_eq!(header.bcc(), []);
    assert_eq!(header.reply_to(), [address("", "list@example.org")]);
    assert_eq!(header.subject(), "Grüße aus  Bremen");
    assert_eq!(header.date(), Some(1_795_509_720));
    assert_eq!(header.message_id().as_deref(), Some("1@example.org"));
    assert_eq!(header.in_reply_to(), ["0@example.org"]);
    assert_eq!(header.references(), ["a@b", "c@d", "0@example.org"]);
    assert_eq!(
        header.content_type(),
        Some(("text".to_owned(), "html".to_owned()))
    );
    assert_eq!(
        header.content_type_param("charset").as_deref(),
        Some("utf-8")
    );
    assert_eq!(header.transfer_encoding(), "base64");
    assert_eq!(header.lines().len(), 11);
    assert_eq!(header.lines().get(5).unwrap().value, "Grüße aus  Bremen");
}

#[test]
fn a_header_that_is_hardly_one() {
    let header = Header::parse(b"");
    assert_eq!(header, Header::default());
    assert_eq!(
        (header.subject(), header.date(), header.message_id()),
        (String::new(), None, None)
    );
    assert_eq!(header.transfer_encoding(), "7bit");
    assert_eq!(header.content_type(), None);
    // No blank line, no colon, a continuation of nothing, bare LF, NULs, a blank before the colon.
    let header = Header::parse(
        b" continued\nFrom someone Thu Jan  1 00:00:00 1970\nnonsense\n more\nSub\0ject\nSubject : a\0b\n\tc\nTo:x@y",
    );
    assert_eq!(header.subject(), "ab c");
    assert_eq!(header.to(), [address("", "x@y")]);
    assert_eq!(header.from(), []);
    // Line breaks in front, as some servers leave them.
    assert_eq!(Header::parse(b"\r\nSubject: x").subject(), "x");
}

#[test]
fn octets_beyond_ascii() {
    assert_eq!(
        Header::parse("Subject: Grüße".as_bytes()).subject(),
        "Grüße"
    );
    assert_eq!(Header::parse(b"Subject: Gr\xfc\xdfe").subject(), "Grüße");
    // Each field is judged alone.
    let header = Header::parse(b"Subject: \xc3\xbc\nFrom: \xfc <a@b>");
    assert_eq!(header.subject(), "ü");
    assert_eq!(header.from(), [address("ü", "a@b")]);
}

#[test]
fn names_cannot_deceive() {
    assert_eq!(from("\"a\r\n b\" <a@b>"), [address("a b", "a@b")]);
    assert_eq!(
        from("=?utf-8?B?YQ0KQmNjOiBldmls?= <a@b>"),
        [address("a Bcc: evil", "a@b")]
    );
    assert_eq!(
        from("=?utf-8?Q?x=E2=80=AEy=E2=81=A6z=00=1B?= <a@b>"),
        [address("xyz", "a@b")]
    );
    // Encoded specials stay in the name (RFC 2047, section 5).
    assert_eq!(
        from("=?utf-8?Q?=22Evil=22_=3Cx=40y=3E=2C_b?= <a@b>"),
        [address("\"Evil\" <x@y>, b", "a@b")]
    );
    assert_eq!(
        from("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?= <a@b>"),
        [address("Grüße", "a@b")]
    );
}

#[test]
fn address_fields_as_they_are() {
    assert_eq!(from("undisclosed-recipients:;"), []);
    assert_eq!(from(""), []);
    assert_eq!(from("a@b (Jo Berg)"), [address("Jo Berg", "a@b")]);
    assert_eq!(from("Jo Berg"), [address("Jo Berg", "")]);
    assert_eq!(
        from("\"=?utf-8?Q?J=C3=B6?=\" <a@b>"),
        [address("Jö", "a@b")]
    );
    assert_eq!(
        from("<a@b>, , <c@d>"),
        [address("", "a@b"), address("", "c@d")]
    );
    let two = Header::parse(b"To: a@b\nTo: c@d\n").to();
    assert_eq!(two, [address("", "a@b"), address("", "c@d")]);
    let many = format!("To: {}", vec!["a@b"; 20_000].join(", "));
    assert_eq!(Header::parse(many.as_bytes()).to().len(), ADDRESS_LIMIT);
}

#[test]
fn message_ids() {
    let references =
        |value: &str| Header::parse(format!("References: {value}\n").as_bytes()).references();
    assert_eq!(references("<a@b><c@d>"), ["a@b", "c@d"]);
    assert_eq!(references("a@b, c@d word"), ["a@b", "c@d"]);
    assert_eq!(references("<a b@c> <\u{e9}@x> <> <ok@x> <open"), ["ok@x"]);
    assert_eq!(
        references(&format!("<{}@x>", "a".repeat(2000))),
        Vec::<String>::new()
    );
    let many = (0..300)
        .map(|i| format!("<{i}@x>"))
        .collect::<Vec<_>>()
        .join("\n ");
    let kept = references(&many);
    assert_eq!((kept.len(), kept.first().unwrap().as_str()), (100, "0@x"));
    assert_eq!(kept.get(1).unwrap(), "201@x");
    assert_eq!(kept.last().unwrap(), "299@x");
}

#[test]
fn all_lines_are_bounded() {
    let header = Header::parse("X-A: b\n".repeat(5000).as_bytes());
    assert_eq!(header.lines().len(), 500);
    let header = Header::parse(format!("X-A: {}\nX-B: c", "ä".repeat(100_000)).as_bytes());
    let octets: usize = header.lines().iter().map(|line| line.value.len()).sum();
    assert!(octets <= 64 * 1024, "{octets}");
}

#[test]
fn hostile_fields_take_no_time() {
    let start = Busy::new();
    for piece in [
        "(",
        "<",
        "\"",
        "=?utf-8?Q?",
        "\\",
        ":",
        "a@b,",
        "a,",
        "\"a\"@b,",
        "\"a\"@",
        "\"a",
        "=?x?B?=?x?B?",
        "\n ",
    ] {
        let header = Header::parse(format!("From: {}\n", piece.repeat(50_000)).as_bytes());
        header.from();
        header.subject();
        header.lines();
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics_or_breaks_the_line(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        name in "(From|To|Subject|Date|Message-ID|References|Content-Type)",
    ) {
        let mut block = format!("{name}: ").into_bytes();
        block.extend(bytes);
        let header = Header::parse(&block);
        let bad = |text: &str| text.chars().any(char::is_control);
        prop_assert!(!bad(&header.subject()));
        for address in header.from().into_iter().chain(header.to()) {
            prop_assert!(!bad(&address.addr) && !bad(address.name.as_deref().unwrap_or_default()));
        }
        prop_assert!(header.references().iter().all(|id| is_sane_id(id)));
        prop_assert!(!header.lines().iter().any(|line| bad(&line.value) || bad(&line.name)));
        let _ = (header.date(), header.message_id(), header.content_type());
    }
}
