//! Cards as programs write them, in three versions and several charsets, and as nobody should.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;

fn one(lines: &str) -> Card {
    let text = format!("BEGIN:VCARD\r\n{lines}\r\nEND:VCARD\r\n");
    let mut cards = parse(text.as_bytes(), None);
    assert_eq!(cards.len(), 1, "{cards:?}");
    cards.remove(0)
}

fn labelled(value: &str, label: Label) -> Labelled {
    Labelled {
        value: value.to_owned(),
        label,
    }
}

#[test]
fn version_4() {
    let card = one(
        "VERSION:4.0\r\nFN:Jo Berg\r\nN:Berg;Jo;;Dr.;\r\nORG:Example\\, Ltd;Sales\r\n\
        TITLE:Head\r\nEMAIL;TYPE=work:jo@example.org\r\nitem1.EMAIL:jo@example.net\r\n\
        TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+49-1\r\nTEL;TYPE=home:+49-2\r\n\
        ADR;TYPE=work:;;Way 1;Town;;12345;Land\r\nURL:https://example.org/\r\n\
        URL:javascript:alert(1)\r\nBDAY:--0229\r\nNOTE:one\\ntwo\r\n\
        PHOTO:data:image/png;base64,AAAA",
    );
    assert_eq!(card.name, "Jo Berg");
    assert_eq!(
        (card.family_name.as_str(), card.given_name.as_str()),
        ("Berg", "Jo")
    );
    assert_eq!(card.organization, "Example, Ltd, Sales");
    assert_eq!(card.title, "Head");
    assert_eq!(
        card.emails,
        [
            labelled("jo@example.org", Label::Work),
            labelled("jo@example.net", Label::Other)
        ]
    );
    assert_eq!(
        card.phones,
        [
            labelled("+49-1", Label::Mobile),
            labelled("+49-2", Label::Home)
        ]
    );
    assert_eq!(
        card.addresses,
        [labelled("Way 1, Town, 12345, Land", Label::Work)]
    );
    assert_eq!(card.urls, ["https://example.org/"]);
    let expected = Birthday {
        year: None,
        month: 2,
        day: 29,
    };
    assert_eq!(card.birthday, Some(expected));
    assert_eq!(card.note, "one\ntwo");
}

#[test]
fn version_3_with_folds() {
    let card = one(
        "VERSION:3.0\r\nFN:Jo\r\n hanna\r\nEMAIL;TYPE=INTERNET,HOME:a@b\r\n\
        TEL;TYPE=WORK;TYPE=FAX:1\r\nBDAY:1970-01-31T00:00:00Z",
    );
    assert_eq!(card.name, "Johanna");
    assert_eq!(card.emails, [labelled("a@b", Label::Home)]);
    assert_eq!(card.phones, [labelled("1", Label::Fax)]);
    let expected = Birthday {
        year: Some(1970),
        month: 1,
        day: 31,
    };
    assert_eq!(card.birthday, Some(expected));
}

#[test]
fn version_2_1_in_its_charsets() {
    let text = b"BEGIN:VCARD\r\nVERSION:2.1\r\n\
        N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=B6hm;J=\r\n=C3=BCrgen\r\n\
        ORG;CHARSET=ISO-8859-1:Gr\xfc\xdfe\r\n\
        NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=\r\n three\r\nTEL;CELL:1\r\n\
        ADR;QUOTED-PRINTABLE;CHARSET=windows-1252;HOME:;;Stra=DFe 1;K=F6ln\r\n\
        TITLE:M\xfcller\r\nEND:VCARD\r\n";
    let cards = parse(text, None);
    let [card] = cards.as_slice() else {
        panic!("{cards:?}");
    };
    assert_eq!(card.name, "Jürgen Böhm");
    assert_eq!(card.organization, "Grüße");
    assert_eq!(card.note, "one\ntwo three");
    assert_eq!(card.phones, [labelled("1", Label::Mobile)]);
    assert_eq!(card.addresses, [labelled("Straße 1, Köln", Label::Home)]);
    assert_eq!(card.title, "Müller");
}

#[test]
fn several_broken_and_none() {
    let cards = parse(
        b"BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\nFN:X\nBEGIN:VCARD\nORG:C\n",
        None,
    );
    let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C"]);
    for text in [
        &b""[..],
        b"FN:A",
        b"BEGIN:VCARD",
        b"BEGIN:VCARD\nEND:VCARD",
        b"\0\xff:\n",
    ] {
        assert_eq!(parse(text, None), []);
    }
    for date in [
        "",
        "1970",
        "1970-13-01",
        "19700230",
        "--0230",
        "é970-01-01",
        "--1",
    ] {
        assert_eq!(birthday(date), None, "{date}");
    }
}

#[test]
fn names_stay_on_their_line() {
    let card = one("FN:a\\nb\u{202E}c\u{0}\r\nEMAIL:x\\n@y");
    assert_eq!(card.name, "a bc");
    assert_eq!(card.odd_emails[0].value, "x @y");
}

#[test]
fn only_one_valid_address_is_one_to_write_to() {
    for odd in [
        "a@b.example\\,jo@posthorn.example",
        "a@b.example,jo@posthorn.example",
        "mailto:anna@b.example?bcc=jo@posthorn.example",
        "Jo <jo@posthorn.example>",
        "a@b.example jo@posthorn.example",
        "nobody",
    ] {
        let card = one(&format!("EMAIL:{odd}"));
        assert_eq!(card.emails, [], "{odd}");
        let shown = odd.trim_start_matches("mailto:").replace('\\', "");
        assert_eq!(card.odd_emails, [labelled(&shown, Label::Other)], "{odd}");
        assert_eq!(card.name, shown);
    }
    let card = one("EMAIL:x\r\nEMAIL:jo@posthorn.example");
    assert_eq!(card.name, "jo@posthorn.example");
    assert_eq!((card.emails.len(), card.odd_emails.len()), (1, 1));
}

#[test]
fn bombs() {
    let start = Busy::new();
    for piece in [
        "BEGIN:VCARD\nFN:a\n",
        "EMAIL:a@b\n",
        "NOTE;ENCODING=QUOTED-PRINTABLE:=\n",
        "=\n",
        "TEL;;;;:1\n",
        " x\n",
    ] {
        let text = format!(
            "BEGIN:VCARD\nFN:x\nNOTE;QUOTED-PRINTABLE:=\n{}",
            piece.repeat(200_000)
        );
        let cards = parse(text.as_bytes(), None);
        assert!(cards.len() <= CARD_LIMIT);
        assert!(cards.iter().all(|card| card.emails.len() <= VALUE_LIMIT));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_octets_at_all(octets in proptest::collection::vec(any::<u8>(), 0..200), text in any::<String>()) {
        parse(&octets, None);
        for name in ["FN", "N;CHARSET=utf-16", "ADR;ENCODING=QUOTED-PRINTABLE", "BDAY", "URL"] {
            let card = format!("BEGIN:VCARD\nFN:x\n{name}:{text}\n");
            for card in parse(card.as_bytes(), Some(&text)) {
                prop_assert!(!card.name.is_empty());
                prop_assert!(!card.name.contains(['\r', '\n']));
            }
        }
    }
}
