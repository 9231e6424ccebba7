//! What people type, what they paste, and what someone types who wants a header of his own.

use super::*;
use proptest::prelude::*;

fn address(name: &str, addr: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        addr: addr.to_owned(),
    }
}

#[test]
fn lists_as_typed() {
    let list = |text: &str| parse_list(text).unwrap();
    assert_eq!(list(""), []);
    assert_eq!(list(" , ;\r\n"), []);
    assert_eq!(
        list("a@b, c@d; e@f\ng@h\r\n"),
        ["a@b", "c@d", "e@f", "g@h"].map(|a| address("", a))
    );
    assert_eq!(list("Jo Berg <jo@x.org>"), [address("Jo Berg", "jo@x.org")]);
    assert_eq!(
        list("\"Böhm, Katharina\" <k@b>"),
        [address("Böhm, Katharina", "k@b")]
    );
    assert_eq!(
        list("\"a \\\"b\\\" \\\\c\" <k@b>"),
        [address("a \"b\" \\c", "k@b")]
    );
    assert_eq!(list("<a@b>"), [address("", "a@b")]);
    assert_eq!(
        list(" a@b (Jo (the) Berg) "),
        [address("Jo (the) Berg", "a@b")]
    );
    assert_eq!(list("Jo (at home) <a@b>"), [address("Jo", "a@b")]);
    assert_eq!(list("(note)"), []);
    assert_eq!(
        list("Team: a@b, Jo <c@d>;, e@f"),
        [address("", "a@b"), address("Jo", "c@d"), address("", "e@f")]
    );
    assert_eq!(list("undisclosed-recipients:;"), []);
    assert_eq!(
        list("mailto:a@b, <MAILTO:c@d>"),
        [address("", "a@b"), address("", "c@d")]
    );
    assert_eq!(
        list("O'Neil & Söhne <x@müller.de>"),
        [address("O'Neil & Söhne", "x@müller.de")]
    );
    assert_eq!(list("x <\"a, b\"@c>"), [address("x", "\"a, b\"@c")]);
    assert_eq!(list(&"a@b,".repeat(500)).len(), 500);
}

#[test]
fn what_is_no_address_is_named() {
    let bad = |text: &str| parse_list(text).unwrap_err().0;
    assert_eq!(bad("a@b, Jo Berg, c@d"), "Jo Berg");
    assert_eq!(bad("Böhm, Katharina <k@b>"), "Böhm");
    assert_eq!(bad("a@b c@d"), "a@b c@d");
    assert_eq!(bad("a@b <c@d> e"), "a@b <c@d> e");
    assert_eq!(bad("<a@b> <c@d>"), "<a@b> <c@d>");
    assert_eq!(bad("Jo <a@b"), "Jo <a@b");
    assert_eq!(bad("\"Jo <a@b>"), "\"Jo <a@b>");
    assert_eq!(bad("Jo (x <a@b>"), "Jo (x <a@b>");
    assert_eq!(bad("\"a@b\""), "\"a@b\"");
    assert_eq!(bad("Jo <>"), "Jo <>");
    assert_eq!(bad("@"), "@");
    assert_eq!(bad("\"x\\"), "\"x\\");
    assert_eq!(bad(&"x".repeat(5000)).len(), 200);
}

#[test]
fn nobody_gets_a_header_of_his_own() {
    for text in [
        "\"Jo\r\nBcc: evil@x\" <a@b>",
        "Jo\r\nBcc: <evil\r\n@x>",
        "Jo\0 <a@b>",
        "a@b\0",
        "a@b (x\ny)",
        "<a@b\r\nRCPT TO:<c@d>>",
        "a@b\u{85}c",
        "\"a\\\r\nb\" <a@b>",
    ] {
        assert!(parse_list(text).is_err(), "{text:?}");
    }
    // Outside of quotes a line break parts addresses, and nothing else.
    assert_eq!(parse_list("a@b\r\nc@d").unwrap().len(), 2);
    assert!(!format(&[address("a\r\nBcc: x@y", "a@b")]).contains(['\r', '\n']));
}

#[test]
fn which_addresses_are_valid() {
    for addr in [
        "a@b",
        "user@localhost",
        "first.last+tag@sub.example.org",
        "o'neil@example.org",
        "\"a b\"@example.org",
        "\"a\\\"@b\"@example.org",
        "x@müller.de",
        "jörg@example.org",
        "x@[192.0.2.1]",
        "x@[IPv6:2001:db8::1]",
        "x@1.de",
    ] {
        assert!(valid(addr), "{addr}");
    }
    let long_local = format!("{}@b", "a".repeat(65));
    let long_domain = format!("a@{}", "b.".repeat(150));
    let long_label = format!("a@{}", "b".repeat(64));
    for addr in [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a@-b",
        "a@b-",
        "a@b..c",
        "a@.b",
        "a@b.",
        "a@b_c",
        "a@[x]",
        "a@[1.2.3]",
        "a@b c",
        "a@b\r\n",
        "\"a@b",
        "\"a\"b@c",
        "\"\r\n\"@b",
        "a<b@c",
        "a,b@c",
        "a\u{202E}b@c",
        "a@b>c",
        &long_local,
        &long_domain,
        &long_label,
    ] {
        assert!(!valid(addr), "{addr}");
    }
}

#[test]
fn domains_in_ascii() {
    assert_eq!(domain("x@MÜLLER.de").as_deref(), Some("xn--mller-kva.de"));
    assert_eq!(domain("x@Example.ORG").as_deref(), Some("example.org"));
    assert_eq!(domain("x@[192.0.2.1]").as_deref(), Some("[192.0.2.1]"));
    assert_eq!(domain("x"), None);
    assert_eq!(
        ascii_domain("Jo@Müller.de").as_deref(),
        Some("Jo@xn--mller-kva.de")
    );
    assert_eq!(ascii_domain("a@b c"), None);
}

#[test]
fn names_are_quoted_where_they_must_be() {
    for (name, text) in [
        ("", "a@b"),
        ("Jo Berg", "Jo Berg <a@b>"),
        ("Böhm, K.", "\"Böhm, K.\" <a@b>"),
        ("a \"b\" \\c", "\"a \\\"b\\\" \\\\c\" <a@b>"),
        ("<x@y>", "\"<x@y>\" <a@b>"),
        ("日本", "日本 <a@b>"),
    ] {
        assert_eq!(format(&[address(name, "a@b")]), text);
    }
    assert_eq!(
        format(&[address("", "\"a b\"@c"), address("x", "d@e")]),
        "<\"a b\"@c>, x <d@e>"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn parsing_undoes_formatting(
        list in proptest::collection::vec(
            ("[^\\p{C}\\p{Z}]?|[a-zäé\"\\\\<>(),;:@. ]{0,12}", "[a-z!#'+]{1,5}(\\.[a-z]{1,3})?|\"[a-z ,<>@]{0,5}\"", "[a-z0-9]{1,5}(\\.[a-zü]{1,3})?"),
            0..5,
        )
    ) {
        let list: Vec<Address> = list
            .into_iter()
            .map(|(name, local, domain)| address(&one_line(&name), &format!("{local}@{domain}")))
            .collect();
        prop_assert_eq!(parse_list(&format(&list)), Ok(list));
    }

    #[test]
    fn what_is_read_is_valid_and_reads_back(text in "[a-z@<>\"(),;: \\\\\r\n\0ü.]{0,30}|\\PC{0,30}") {
        if let Ok(list) = parse_list(&text) {
            for address in &list {
                prop_assert!(valid(&address.addr));
            }
            let clean = |a: &Address| a.name.as_ref().is_none_or(|n| one_line(n) == *n);
            if list.iter().all(clean) {
                prop_assert_eq!(parse_list(&format(&list)), Ok(list));
            }
        }
    }
}
