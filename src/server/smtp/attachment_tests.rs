//! Tests of attachments: whole, well named, of a clean type, and never over the limit.

use super::tests::{Files, LIMIT, build, built, outline, parsed, person, read, run, text_of};
use super::*;
use crate::server::smtp::View;
use mail_parser::MimeHeaders;

#[test]
fn attachments_come_back_octet_for_octet() {
    let all: Vec<u8> = (0..=255).cycle().take(100_001).collect();
    let names = [
        "Vertrag Größe.pdf",
        "a\"b\\c.txt",
        "",
        &format!("{}.tar.gz", "lang".repeat(200)),
    ];
    let files = names.map(|name| (name, "Application/PDF; x=y", all.as_slice()));
    let raw = built(outline("mit Anlagen"), &files);
    let mail = parsed(&raw);
    assert_eq!(text_of(&raw), "mit Anlagen\n");
    assert_eq!(mail.attachment_count(), 4);
    let found: Vec<_> = mail
        .attachments()
        .map(|part| part.attachment_name().unwrap())
        .collect();
    assert_eq!(
        found[..3],
        ["Vertrag Größe.pdf", "a\"b\\c.txt", "attachment"]
    );
    assert!(found[3].ends_with("lang.tar.gz") && found[3].chars().count() == 200);
    for part in mail.attachments() {
        assert!(part.contents() == all);
        let kind = part.content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype()), ("application", Some("pdf")));
    }
}

#[test]
fn types_are_cleaned() {
    for (given, clean) in [
        ("image/png", "image/png"),
        ("Text/HTML; charset=x", "text/html"),
        ("multipart/mixed", "application/octet-stream"),
        ("message/partial", "application/octet-stream"),
        ("a/b\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("image/", "application/octet-stream"),
        ("a/b/c", "application/octet-stream"),
    ] {
        assert_eq!(header::mime_type(given), clean, "{given:?}");
    }
}

#[test]
fn an_attached_mail_goes_as_it_is_if_it_can() {
    let seven = b"Subject: a\n\nHallo\n";
    let eight = "Subject: b\r\n\r\nGrüße\r\n".as_bytes();
    let long = [b"Subject: c\r\n\r\n".as_slice(), &[b'x'; 999]].concat();
    let lone = b"Subject: d\r\n\r\na\rb\r\n";
    let run_one = |content: &[u8]| {
        run(async {
            let files: Files<'_> = &[("Weiter.eml", "message/rfc822", content)];
            let mail = build(outline("siehe Anlage"), LIMIT, files).await.unwrap();
            (
                mail.needs_8bit(),
                String::from_utf8(read(&mail, View::Outgoing).await).unwrap(),
            )
        })
    };
    let (wide, raw) = run_one(seven);
    assert!(
        !wide && raw.contains("7bit\r\n\r\nSubject: a\r\n\r\nHallo\r\n\r\n--=_"),
        "{raw}"
    );
    let (wide, raw) = run_one(eight);
    assert!(
        wide && raw.contains("8bit\r\n\r\nSubject: b\r\n\r\nGrüße\r\n\r\n--=_"),
        "{raw}"
    );
    assert_eq!(
        raw.matches("Content-Transfer-Encoding: 8bit").count(),
        2,
        "{raw}"
    );
    let inner = parsed(raw.as_bytes())
        .attachment(0)
        .unwrap()
        .message()
        .unwrap()
        .clone();
    assert_eq!(inner.subject(), Some("b"));
    for content in [
        &long,
        lone.as_slice(),
        b"",
        b"Subject: e\r\n\r\n\0",
        b"Subject: f\r",
    ] {
        let (wide, raw) = run_one(content);
        assert!(!wide && raw.contains("application/octet-stream"), "{raw}");
        assert_eq!(
            parsed(raw.as_bytes()).attachment(0).unwrap().contents(),
            content
        );
    }
}

#[test]
fn the_limit_is_held_to_the_octet() {
    let files: Files<'_> = &[
        ("a.bin", "application/x-a", &[7; 10_000]),
        ("b.eml", "message/rfc822", b"Subject: x\r\n\r\ny\r\n"),
    ];
    let mut bcc = outline("Text");
    bcc.bcc = vec![person("", "eve@posthorn.example")];
    let length = run(build(bcc.clone(), LIMIT, files))
        .unwrap()
        .len(View::Outgoing);
    assert_eq!(
        run(build(bcc.clone(), length, files))
            .unwrap()
            .len(View::Outgoing),
        length
    );
    let limit = length - 1;
    assert_eq!(
        run(build(bcc, limit, files)).unwrap_err(),
        BuildError::TooLarge { limit }
    );
    // At once, not at the end.
    run(async {
        let start = Builder::start(outline(""), 100_000, &std::env::temp_dir()).await;
        let mut builder = start.unwrap();
        for mime in ["image/png", "message/rfc822"] {
            builder.begin_attachment("a", mime).await.unwrap();
            let error = builder.write(&vec![b'a'; 200_000]).await.unwrap_err();
            assert_eq!(error, BuildError::TooLarge { limit: 100_000 });
            builder = Builder::start(outline(""), 100_000, &std::env::temp_dir())
                .await
                .unwrap();
        }
    });
    let error = run(build(outline(&"x\n".repeat(100_000)), 1000, &[])).unwrap_err();
    assert_eq!(error, BuildError::TooLarge { limit: 1000 });
}
