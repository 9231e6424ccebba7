//! Tests of the header: hostile and extreme values stay in their fields and read back.

use super::tests::{LIMIT, build, built, outline, parsed, person, run};
use super::*;
use crate::server::smtp::new_message_id;
use mail_parser::MimeHeaders;

#[test]
fn hostile_names_and_subjects_stay_in_their_fields() {
    for hostile in [
        "a\r\nBcc: eve@evil.example",
        "a\nX: y\r\n\r\n<html>",
        "nul\0nul",
        "quote\" back\\slash, <comma@x>;",
        "emoji 🦊 und ünïcödé",
        "=?utf-8?q?Bcc:_eve?=",
        "=?utf-8?b?DQpCY2M6IGV2ZQ==?= ascii",
        "(comment) [literal] :;@",
        "trailing\\",
        "\u{202e}fdp.exe",
        "  many    spaces   ",
    ] {
        let mut outline = outline("Text");
        outline.subject = hostile.to_owned();
        outline.to = vec![
            person(hostile, "anna@posthorn.example"),
            person("", "b@c.example"),
        ];
        let raw = built(outline, &[(hostile, hostile, b"x")]);
        let mail = parsed(&raw);
        let clean = hostile.replace(char::is_control, " ");
        assert_eq!(
            mail.subject().unwrap_or_default(),
            clean.trim(),
            "{hostile:?}"
        );
        let to: Vec<_> = mail.to().unwrap().iter().collect();
        assert_eq!(to.len(), 2, "{hostile:?}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(to[0].name(), Some(words(&clean).as_str()), "{hostile:?}");
        assert_eq!(to[0].address(), Some("anna@posthorn.example"));
        let file = mail.attachment(0).unwrap();
        let name = words(&clean).replace('/', "_").replace("=?", "=_");
        assert_eq!(file.attachment_name(), Some(name.as_str()));
        assert_eq!(mail.attachment_count(), 1);
        assert!(
            mail.bcc().is_none() && mail.header("X").is_none(),
            "{hostile:?}"
        );
        assert_eq!(
            mail.headers()
                .iter()
                .filter(|header| header.name() == "To")
                .count(),
            1
        );
    }
}

#[test]
fn addresses_with_control_characters_are_refused() {
    for bad in [
        "a@b.example\r\nX: y",
        "a\0@b.example",
        "a@b.example>",
        "ohne",
        "",
    ] {
        let mut outline = outline("");
        outline.cc = vec![person("Eve", bad)];
        let error = run(build(outline, LIMIT, &[])).unwrap_err();
        assert_eq!(error, BuildError::BadAddress(bad.to_owned()));
    }
}

#[test]
fn message_ids_are_checked_and_kept() {
    let mut hostile = outline("");
    hostile.message_id = "a@b>\r\nX: y".to_owned();
    assert!(matches!(
        run(build(hostile, LIMIT, &[])),
        Err(BuildError::BadInput(_))
    ));
    let mut long = outline("");
    long.in_reply_to = vec!["letzte@x.example".to_owned(), "a\r\nb@c".to_owned()];
    long.references = (0..300)
        .map(|number| format!("{number}.{}@x", "y".repeat(80)))
        .collect();
    let raw = built(long, &[]);
    let mail = parsed(&raw);
    assert_eq!(mail.in_reply_to().as_text(), Some("letzte@x.example"));
    let kept = mail.references().as_text_list().unwrap().to_vec();
    assert_eq!(kept.len(), 100);
    assert!(
        kept[0].starts_with("0.") && kept[1].starts_with("201.") && kept[99].starts_with("299.")
    );
}

#[test]
fn long_subjects_and_words_are_folded() {
    for subject in [
        "x".repeat(10_000),
        "ü ".repeat(5_000),
        "wort ".repeat(2_000),
    ] {
        let mut outline = outline("");
        outline.subject = subject.clone();
        let raw = built(outline, &[]);
        assert_eq!(parsed(&raw).subject(), Some(subject.trim()));
    }
    let mut outline = outline("");
    outline.to = vec![person(&"N".repeat(10_000), "a@b.example")];
    assert!(matches!(
        run(build(outline, LIMIT, &[])),
        Err(BuildError::BadInput(_))
    ));
}

#[test]
fn five_hundred_recipients_fit() {
    let mut outline = outline("an alle");
    outline.to = (0..500)
        .map(|number| {
            let name = if number % 2 == 0 {
                ""
            } else {
                "Ärztin, \"Nummer\""
            };
            person(name, &format!("person{number}@posthorn.example"))
        })
        .collect();
    let raw = built(outline, &[]);
    let mail = parsed(&raw);
    let to: Vec<_> = mail.to().unwrap().iter().collect();
    assert_eq!(to.len(), 500);
    assert_eq!(to[499].name(), Some("Ärztin, \"Nummer\""));
    assert_eq!(to[499].address(), Some("person499@posthorn.example"));
}

#[test]
fn domains_go_out_in_ascii() {
    let mut idn = outline("");
    idn.to = vec![person("Bücher", "laden@bücher.example")];
    let raw = built(idn, &[]);
    assert_eq!(
        parsed(&raw).to().unwrap().first().unwrap().address(),
        Some("laden@xn--bcher-kva.example")
    );
    let mut local = outline("");
    local.to = vec![person("", "jürgen@posthorn.example")];
    assert!(run(build(local, LIMIT, &[])).unwrap().needs_utf8());
    assert!(!run(build(outline("ü"), LIMIT, &[])).unwrap().needs_utf8());
}

#[test]
fn ids_are_random_and_tell_nothing() {
    let first = new_message_id("bücher.example");
    assert!(first.ends_with("@xn--bcher-kva.example") && header::is_message_id(&first));
    assert_ne!(first, new_message_id("bücher.example"));
    assert!(new_message_id("a b\r\n").ends_with("@posthorn.invalid"));
}

#[test]
fn dates_beyond_all_reason_do_not_panic() {
    for seconds in [0, 253_402_300_800, 1 << 62] {
        let mut far = outline("");
        far.date = SystemTime::UNIX_EPOCH
            .checked_add(std::time::Duration::from_secs(seconds))
            .unwrap();
        built(far, &[]);
    }
    let mut early = outline("");
    early.date = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
    built(early, &[]);
}
