//! Tests of the built mail: what hostile or extreme input becomes, read back by mail-parser.

use super::*;
use crate::mail::decode::text_part;
use crate::server::smtp::flowed::unflow;
use crate::server::smtp::{SendError, View, new_message_id, parse_origin};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use tokio::io::AsyncReadExt;

fn person(name: &str, addr: &str) -> Address {
    Address {
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        addr: addr.to_owned(),
    }
}

fn outline(text: &str) -> Outline {
    Outline {
        from: person("Demo Möller", "demo@posthorn.example"),
        to: vec![person("Anna", "anna@posthorn.example")],
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: "Betreff".to_owned(),
        text: text.to_owned(),
        message_id: new_message_id("posthorn.example"),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        date: SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000),
        user_agent: "Posthorn".to_owned(),
        origin: None,
    }
}

const LIMIT: u64 = 100 * 1024 * 1024;

type Files<'a> = &'a [(&'a str, &'a str, &'a [u8])];

async fn build(outline: Outline, limit: u64, files: Files<'_>) -> Result<Spooled, BuildError> {
    let mut builder = Builder::start(outline, limit, &std::env::temp_dir()).await?;
    for (name, mime, content) in files {
        builder.begin_attachment(name, mime).await?;
        for piece in content.chunks(1000) {
            builder.write(piece).await?;
        }
        builder.end_attachment().await?;
    }
    builder.finish().await
}

async fn read(mail: &Spooled, view: View) -> Vec<u8> {
    let mut out = Vec::new();
    mail.reader(view).read_to_end(&mut out).await.unwrap();
    assert_eq!(octets(out.len()), mail.len(view));
    assert!(!mail.is_empty(view));
    check_lines(&out);
    out
}

/// What must hold for any mail: CRLF only, lines of at most 998, ASCII unless it says otherwise.
fn check_lines(mail: &[u8]) {
    let text: Vec<u8> = mail
        .windows(2)
        .filter(|pair| pair == b"\r\n")
        .flatten()
        .copied()
        .collect();
    let ends = mail
        .iter()
        .filter(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    assert_eq!(text.len(), ends, "a lone CR or LF");
    assert!(!mail.contains(&0), "a NUL");
    for line in mail.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 999, "a line of {}", line.len());
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn built(outline: Outline, files: Files<'_>) -> Vec<u8> {
    run(async { read(&build(outline, LIMIT, files).await.unwrap(), View::Outgoing).await })
}

fn parsed(raw: &[u8]) -> mail_parser::Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

fn text_of(raw: &[u8]) -> String {
    unflow(&parsed(raw).body_text(0).unwrap_or_default())
}

#[test]
fn a_plain_mail_is_plain() {
    let raw = built(outline("Hallo Anna,\n\nbis morgen.\n-- \nDemo"), &[]);
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(raw.is_ascii());
    assert!(!text.contains("multipart"), "{text}");
    assert!(
        text.contains("Content-Transfer-Encoding: 7bit\r\n\r\nHallo Anna,\r\n\r\n"),
        "{text}"
    );
    assert!(
        text.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"),
        "{text}"
    );
    assert_eq!(text_of(&raw), "Hallo Anna,\n\nbis morgen.\n-- \nDemo\n");
    let mail = parsed(&raw);
    assert_eq!(mail.subject(), Some("Betreff"));
    assert_eq!(
        mail.from().unwrap().first().unwrap().name(),
        Some("Demo Möller")
    );
    assert_eq!(mail.attachment_count(), 0);
}

#[test]
fn an_empty_text_is_a_mail() {
    assert_eq!(text_of(&built(outline(""), &[])), "");
    assert_eq!(text_of(&built(outline(""), &[("a", "text/x-a", b"a")])), "");
}

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
fn texts_of_all_kinds_come_back() {
    for text in [
        ".\n..\n.a\n",
        "lone\rcr\n",
        "nul\0\n",
        "\u{7}bell\ttab\n",
        "From here\n>From there\n",
        "= equals =3D\n",
        "漢字🦊\n",
    ] {
        let expected = text.replace('\r', "\n").replace('\0', "\u{fffd}");
        assert_eq!(text_of(&built(outline(text), &[])), expected);
    }
    let long = format!("{}\n{}\n", "x".repeat(5000), "ü".repeat(5000));
    assert_eq!(text_of(&built(outline(&long), &[])), long);
}

#[test]
fn ten_megabytes_of_text() {
    let text =
        "Zeile mit Umlaut ä und mehr, weit über achtzig Zeichen, damit sie umbrochen wird.\n"
            .repeat(10 * 1024 * 1024 / 84);
    let raw = built(outline(&text), &[]);
    assert!(text_of(&raw) == text);
}

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

#[test]
fn views_differ_in_their_private_lines_only() {
    run(async {
        let mut private = outline("Text ü");
        private.bcc = vec![person("Geheim", "eve@posthorn.example")];
        let origin = Origin {
            relation: model::Relation::Forward,
            folder: "Ablage/日本".repeat(20),
            uid_validity: 7,
            uid: 8,
        };
        private.origin = Some(origin.clone());
        let mail = build(private, LIMIT, &[("a", "image/png", &[1; 100])])
            .await
            .unwrap();
        let [draft, sent, outgoing] = [View::Draft, View::Sent, View::Outgoing];
        let (draft, sent, outgoing) =
            tokio::join!(read(&mail, draft), read(&mail, sent), read(&mail, outgoing));
        assert!(draft.ends_with(&sent) && sent.ends_with(&outgoing));
        let found = parsed(&draft)
            .header(ORIGIN_HEADER)
            .unwrap()
            .as_text()
            .unwrap()
            .to_owned();
        assert_eq!(parse_origin(&found), Some(origin));
        assert_eq!(
            parsed(&sent).bcc().unwrap().first().unwrap().name(),
            Some("Geheim")
        );
        assert!(parsed(&sent).header(ORIGIN_HEADER).is_none());
        let outgoing = String::from_utf8(outgoing).unwrap();
        assert!(!outgoing.contains("Geheim") && !outgoing.contains("eve@"));
        assert!(!outgoing.contains("Bcc") && !outgoing.contains(ORIGIN_HEADER));
    });
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

#[test]
fn debug_and_errors_tell_no_content() {
    let mail = run(build(
        outline("GEHEIM"),
        LIMIT,
        &[("GEHEIM", "a/b", b"GEHEIM")],
    ))
    .unwrap();
    let builder = run(Builder::start(
        outline("GEHEIM"),
        LIMIT,
        &std::env::temp_dir(),
    ))
    .unwrap();
    let error = SendError::Recipients(vec![("GEHEIM".to_owned(), "GEHEIM".to_owned())]);
    let said = format!("{mail:?} {builder:?} {:?} {error}", outline("GEHEIM"));
    assert!(!said.contains("GEHEIM"), "{said}");
}

/// The text as the composer gets it from a stored draft.
fn reopened(text: &str) -> String {
    let raw = built(outline(text), &[]);
    let body = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    text_part(&raw[..body], &raw[body..])
}

#[test]
fn a_draft_reopens_as_it_was_left() {
    let long = "Ein Satz mit Wörtern, der über die Zeile hinausgeht. ".repeat(5);
    for text in [
        "Hallo,\n\nkurz.\n-- \nDemo\n".to_owned(),
        format!("> {long}x\n>> {long}x\n>\n{long}x\n  eingerückt\n"),
        format!("From {long}x\n.\n\ttab\n"),
    ] {
        assert_eq!(reopened(&text), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_comes_back(text in "(\\PC|[ .>=\\n\\r\\t]|[a-z]{90} ){0,80}") {
        // Spaces at line ends and between quote marks are not kept: see `flowed`.
        let essence = |text: &str| text.replace("\r\n", "\n").replace(['\r', '\n'], "¶")
            .replace(' ', "").trim_end_matches('¶').to_owned();
        let raw = built(outline(&text), &[]);
        prop_assert_eq!(essence(&text_of(&raw)), essence(&text));
    }

    #[test]
    fn saving_again_and_again_changes_nothing(text in "(\\PC|[ .>\\-\\n]|> |[a-z]{90} ){0,80}") {
        let once = reopened(&text);
        prop_assert_eq!(reopened(&once), once);
    }

    #[test]
    fn any_subject_and_names_come_back(subject in "\\PC{0,200}", name in "\\PC{0,90}") {
        let mut outline = outline("");
        outline.subject.clone_from(&subject);
        outline.to = vec![person(&name, "anna@posthorn.example")];
        let raw = built(outline, &[(&name, "image/png", b"x")]);
        let mail = parsed(&raw);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(words(mail.subject().unwrap_or_default()), words(&subject));
        let to = mail.to().unwrap().first().unwrap();
        prop_assert_eq!(words(to.name().unwrap_or_default()), words(&name));
        let expected = words(&name).replace('/', "_").replace("=?", "=_");
        let expected = if expected.is_empty() { "attachment" } else { &expected };
        prop_assert_eq!(mail.attachment(0).unwrap().attachment_name(), Some(expected));
    }
}
