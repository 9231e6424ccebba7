//! Sending through a real Postfix, and finding by IMAP what arrived in a real Dovecot.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod smtp_support;

use mail_parser::{MessageParser, MimeHeaders};
use posthorn::server::smtp::{SendError, View, send};
use secrecy::SecretString;
use smtp_support::imap::Imap;
use smtp_support::{address, built, outline, stand, test_password};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

const DOMAIN: &str = "posthorn.example";

fn user(number: u8) -> String {
    format!("test{number}@{DOMAIN}")
}

#[tokio::test]
async fn a_plain_mail_arrives_as_it_was_built() {
    let password = SecretString::from("posthorn-demo");
    let demo = "demo@posthorn.example";
    let text = ".\n..zwei Punkte\nGrüße\n\n.\n-- \nDemo\n";
    let mut draft = outline(demo, &["anna@posthorn.example"], text);
    draft.bcc = vec![address(&user(1))];
    let id = draft.message_id.clone();
    let mail = built(draft, &[]).await;
    let to = ["anna@posthorn.example".to_owned(), user(1)];
    send(&stand(), demo, &password, demo, &to, &mail)
        .await
        .unwrap();

    let mut expected = Vec::new();
    mail.reader(View::Outgoing)
        .read_to_end(&mut expected)
        .await
        .unwrap();
    for (reader, password) in [
        ("anna@posthorn.example", "anna-secret"),
        (&user(1), "test-secret"),
    ] {
        let mut imap = Imap::login(reader, password).await;
        let uids = imap.arrived(&id, 1).await;
        let raw = imap.fetch(uids[0]).await;
        assert!(
            raw.windows(expected.len()).any(|window| window == expected),
            "{reader}"
        );
        let found = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(found.body_text(0).unwrap().replace("\r\n", "\n"), text);
        assert!(found.bcc().is_none() && found.subject() == Some("Prüfung des Versands"));
        imap.remove(&id).await;
    }
}

#[tokio::test]
async fn three_attachments_arrive_octet_for_octet() {
    let binary: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let inner = "Subject: innen\r\n\r\nÄöü in acht Bit\r\n".as_bytes();
    let files = [
        ("Ein \"Bild\".png", "image/png", binary.as_slice()),
        ("Größe 🦊.txt", "text/plain", b"\r\n.\r\nQUIT\r\n"),
        ("weiter.eml", "message/rfc822", inner),
    ];
    let draft = outline(&user(2), &[&user(3)], "mit drei Anlagen");
    let id = draft.message_id.clone();
    let mail = built(draft, &files).await;
    assert!(mail.needs_8bit());
    send(
        &stand(),
        &user(2),
        &test_password(),
        &user(2),
        &[user(3)],
        &mail,
    )
    .await
    .unwrap();

    let mut imap = Imap::login(&user(3), "test-secret").await;
    let uids = imap.arrived(&id, 1).await;
    let raw = imap.fetch(uids[0]).await;
    let found = MessageParser::default().parse(&raw).unwrap();
    let parts: Vec<_> = found.attachments().collect();
    assert_eq!(parts.len(), 3);
    for (part, (name, _, content)) in parts.iter().zip(&files) {
        assert_eq!(part.attachment_name(), Some(*name));
        if let Some(message) = part.message() {
            assert_eq!(message.subject(), Some("innen"));
            assert_eq!(message.body_text(0).unwrap().trim_end(), "Äöü in acht Bit");
        } else {
            assert!(part.contents() == *content, "{name}");
        }
    }
    imap.remove(&id).await;
}

#[tokio::test]
async fn all_refused_recipients_are_told_and_nobody_gets_it() {
    let unknown: Vec<String> = (0..3)
        .map(|number| format!("niemand{number}@{DOMAIN}"))
        .collect();
    let draft = outline(&user(4), &[&user(4)], "nicht zuzustellen");
    let id = draft.message_id.clone();
    let mail = built(draft, &[]).await;
    let to = [
        unknown[0].clone(),
        user(4),
        unknown[1].clone(),
        unknown[2].clone(),
    ];
    let error = send(&stand(), &user(4), &test_password(), &user(4), &to, &mail)
        .await
        .unwrap_err();
    let SendError::Recipients(refused) = error else {
        panic!("{error:?}")
    };
    let names: Vec<_> = refused.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, unknown);
    for (name, line) in &refused {
        assert!(
            line.starts_with("550 5.1.1 ") && line.contains(name.as_str()),
            "{line}"
        );
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(
        Imap::login(&user(4), "test-secret")
            .await
            .uids(&id)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn relaying_is_refused_in_the_servers_words() {
    let mail = built(outline(&user(4), &["a@outside.example"], ""), &[]).await;
    let to = ["a@outside.example".to_owned()];
    let error = send(&stand(), &user(4), &test_password(), &user(4), &to, &mail)
        .await
        .unwrap_err();
    let SendError::Recipients(refused) = error else {
        panic!("{error:?}")
    };
    assert!(
        refused[0].1.starts_with("55") && refused[0].1.contains(" 5.7.1 "),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let mail = built(outline(&user(4), &[&user(4)], ""), &[]).await;
    for password in ["falsch", "", "mit nul\0", "ümläut \" \\ "] {
        let password = SecretString::from(password);
        let to = [user(4)];
        let error = send(&stand(), &user(4), &password, &user(4), &to, &mail)
            .await
            .unwrap_err();
        let SendError::Authentication(line) = error else {
            panic!("{error:?}")
        };
        assert!(
            line.starts_with("535 5.7.8 ") || line.contains("NUL"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn another_ones_address_as_sender_is_refused() {
    let mail = built(outline(&user(5), &[&user(4)], ""), &[]).await;
    let error = send(
        &stand(),
        &user(4),
        &test_password(),
        &user(5),
        &[user(4)],
        &mail,
    )
    .await
    .unwrap_err();
    let SendError::Sender(line) = error else {
        panic!("{error:?}")
    };
    assert!(line.starts_with("553 5.7.1 "), "{line}");
}

#[tokio::test]
async fn five_hundred_recipients_get_it() {
    let to: Vec<String> = (0..500)
        .map(|number| format!("test6+{number}@{DOMAIN}"))
        .collect();
    // In the envelope alone: the stand's full-text index would be busy for minutes with 500 times
    // 500 addresses.
    let draft = outline(&user(6), &[&user(6)], "an alle");
    let id = draft.message_id.clone();
    let mail = built(draft, &[]).await;
    // Beside one that is wrong, none of them.
    let mut wrong = to.clone();
    wrong.insert(250, format!("niemand@{DOMAIN}"));
    let error = send(
        &stand(),
        &user(6),
        &test_password(),
        &user(6),
        &wrong,
        &mail,
    )
    .await;
    assert!(
        matches!(&error, Err(SendError::Recipients(refused)) if refused.len() == 1),
        "{error:?}"
    );
    let start = Instant::now();
    send(&stand(), &user(6), &test_password(), &user(6), &to, &mail)
        .await
        .unwrap();
    println!("500 recipients: {:?}", start.elapsed());
    let mut imap = Imap::login(&user(6), "test-secret").await;
    imap.arrived(&id, 500).await;
    imap.remove(&id).await;
}

#[tokio::test]
async fn five_hundred_addresses_stand_in_the_header() {
    let to: Vec<String> = (0..500)
        .map(|number| format!("person{number}@{DOMAIN}"))
        .collect();
    let names: Vec<&str> = to.iter().map(String::as_str).collect();
    let draft = outline(&user(5), &names, "");
    let id = draft.message_id.clone();
    let mail = built(draft, &[]).await;
    send(
        &stand(),
        &user(5),
        &test_password(),
        &user(5),
        &[user(5)],
        &mail,
    )
    .await
    .unwrap();
    let mut imap = Imap::login(&user(5), "test-secret").await;
    let uids = imap.arrived(&id, 1).await;
    let raw = imap.fetch(uids[0]).await;
    let found = MessageParser::default().parse(&raw).unwrap();
    let found: Vec<_> = found
        .to()
        .unwrap()
        .iter()
        .map(|to| to.address().unwrap())
        .collect();
    assert_eq!(found, names);
    imap.remove(&id).await;
}

#[tokio::test]
async fn an_address_outside_ascii_is_sent_where_the_server_can() {
    // Postfix offers SMTPUTF8 and then knows no such user.
    let umlaut = format!("jürgen@{DOMAIN}");
    let mail = built(outline(&user(4), &[&umlaut], ""), &[]).await;
    let error = send(
        &stand(),
        &user(4),
        &test_password(),
        &user(4),
        &[umlaut],
        &mail,
    )
    .await
    .unwrap_err();
    let SendError::Recipients(refused) = error else {
        panic!("{error:?}")
    };
    assert!(refused[0].1.starts_with("550 5.1.1 "), "{refused:?}");
}
