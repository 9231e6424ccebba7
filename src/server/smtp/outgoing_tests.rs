//! Tests of the built mail: what hostile or extreme input becomes, read back by mail-parser.

use super::*;
use crate::mail::decode::text_part;
use crate::server::smtp::flowed::unflow;
use crate::server::smtp::{SendError, View, new_message_id, parse_origin};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use tokio::io::AsyncReadExt;

pub(super) fn person(name: &str, addr: &str) -> Address {
    Address {
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        addr: addr.to_owned(),
    }
}

pub(super) fn outline(text: &str) -> Outline {
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

pub(super) const LIMIT: u64 = 100 * 1024 * 1024;

pub(super) type Files<'a> = &'a [(&'a str, &'a str, &'a [u8])];

pub(super) async fn build(
    outline: Outline,
    limit: u64,
    files: Files<'_>,
) -> Result<Spooled, BuildError> {
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

pub(super) async fn read(mail: &Spooled, view: View) -> Vec<u8> {
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

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

pub(super) fn built(outline: Outline, files: Files<'_>) -> Vec<u8> {
    run(async { read(&build(outline, LIMIT, files).await.unwrap(), View::Outgoing).await })
}

pub(super) fn parsed(raw: &[u8]) -> mail_parser::Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

pub(super) fn text_of(raw: &[u8]) -> String {
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
