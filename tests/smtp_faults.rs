//! Sending to servers that misbehave as no Postfix would: scripted ones, with the stand's
//! certificate.

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

use posthorn::server::smtp::{SendError, SmtpServer, View, send, send_from_nobody};
use posthorn::server::tls::{self, Endpoint};
use secrecy::SecretString;
use smtp_support::fake::Do::{self, Babble, Hear, HearMail, Stall, Take};
use smtp_support::fake::{
    EHLO, Say, and, data_begun, fake, fake_each, greeted, mail_taken, recipient_taken,
    sender_taken, signed_in,
};
use smtp_support::{built, ca_file, client_config, outline};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

fn password() -> SecretString {
    SecretString::from("geheim")
}

async fn send_to(server: &SmtpServer, to: &[&str], text: &str) -> Result<(), SendError> {
    let mail = built(outline("a@b.example", to, text), &[]).await;
    let to: Vec<String> = to.iter().map(|to| (*to).to_owned()).collect();
    let start = Instant::now();
    let outcome = send(
        server,
        "a@b.example",
        &password(),
        "a@b.example",
        &to,
        &mail,
    )
    .await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "took {:?}",
        start.elapsed()
    );
    outcome
}

async fn send_one(script: Vec<Do>) -> Result<(), SendError> {
    let (server, _heard) = fake(script).await;
    send_to(&server, &["c@d.example"], "Text\n").await
}

/// Far more than fits between two sockets.
fn large() -> String {
    "Ein Satz, der das Netz füllt.\n".repeat(300_000)
}

#[tokio::test]
async fn a_mail_that_was_not_confirmed_is_uncertain() {
    for end in [
        vec![],
        vec![Stall],
        vec![Say("Unsinn")],
        vec![Say("354 noch einmal")],
        vec![Babble],
        vec![Do::Say("250 o".to_owned())],
    ] {
        let outcome = send_one(and(mail_taken(), &end)).await;
        assert_eq!(outcome, Err(SendError::Uncertain), "{end:?}");
    }
}

#[tokio::test]
async fn before_the_final_dot_nothing_is_uncertain() {
    for script in [
        vec![],
        signed_in()[..3].to_vec(),
        signed_in(),
        sender_taken(),
        recipient_taken(),
        and(
            recipient_taken(),
            &[Hear("DATA"), Say("250 oder doch nicht")],
        ),
    ] {
        for end in [vec![], vec![Stall], vec![Babble], vec![Say("Unsinn")]] {
            let outcome = send_one(and(script.clone(), &end)).await;
            assert!(
                matches!(outcome, Err(SendError::Unreachable(_))),
                "{script:?} {end:?}"
            );
        }
    }
    for end in [vec![Take(100_000)], vec![Take(100_000), Stall]] {
        let (server, _heard) = fake(and(data_begun(), &end)).await;
        let mail = built(outline("a@b.example", &["c@d.example"], &large()), &[]).await;
        let to = ["c@d.example".to_owned()];
        let outcome = send(
            &server,
            "a@b.example",
            &password(),
            "a@b.example",
            &to,
            &mail,
        )
        .await;
        assert!(
            matches!(outcome, Err(SendError::Unreachable(_))),
            "{end:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn the_last_words_of_a_server_that_breaks_off_are_heard() {
    let full = "452 4.3.1 Insufficient system storage";
    let (server, _heard) = fake(and(data_begun(), &[Take(100_000), Say(full), Stall])).await;
    let mail = built(outline("a@b.example", &["c@d.example"], &large()), &[]).await;
    let to = ["c@d.example".to_owned()];
    let outcome = send(
        &server,
        "a@b.example",
        &password(),
        "a@b.example",
        &to,
        &mail,
    )
    .await;
    assert_eq!(outcome, Err(SendError::TryLater(full.to_owned())));
}

#[tokio::test]
async fn what_a_refusal_means_depends_on_the_step() {
    type Meaning = fn(String) -> SendError;
    let recipient: Meaning = |line| SendError::Recipients(vec![("c@d.example".to_owned(), line)]);
    let cases: Vec<(Vec<Do>, &str, Meaning)> = vec![
        (
            vec![],
            "421 4.3.2 down for maintenance",
            SendError::TryLater,
        ),
        (vec![], "554 5.7.1 go away", SendError::Refused),
        (greeted(EHLO), "535 5.7.8 no", SendError::Authentication),
        (
            greeted(EHLO),
            "534 5.7.9 application password",
            SendError::Authentication,
        ),
        (greeted(EHLO), "454 4.7.0 temporary", SendError::TryLater),
        (signed_in(), "553 5.7.1 not yours", SendError::Sender),
        (signed_in(), "552 5.3.4 too big", |_| SendError::TooLarge {
            limit: 100_000_000,
        }),
        (signed_in(), "452 4.3.1 full", SendError::TryLater),
        (signed_in(), "421 4.7.0 bye", SendError::TryLater),
        (sender_taken(), "550 5.7.1 relay not permitted", recipient),
        (
            sender_taken(),
            "553 5.7.1 <a@b.example>: Sender address rejected",
            SendError::Sender,
        ),
        (sender_taken(), "452 4.5.3 too many recipients", recipient),
        (sender_taken(), "450 4.2.0 greylisted", SendError::TryLater),
        (sender_taken(), "421 4.7.0 bye", SendError::TryLater),
        (recipient_taken(), "554 5.5.1 no", SendError::Refused),
        (recipient_taken(), "451 4.3.0 later", SendError::TryLater),
        (mail_taken(), "554 5.7.1 spam", SendError::Refused),
        (mail_taken(), "552 5.2.2 mailbox full", SendError::Refused),
        (mail_taken(), "552 too big", |_| SendError::TooLarge {
            limit: 100_000_000,
        }),
        (mail_taken(), "451 4.3.0 later", SendError::TryLater),
        (mail_taken(), "421 4.3.2 shutting down", SendError::TryLater),
    ];
    for (script, line, meaning) in cases {
        let mut script = script;
        // The command whose answer the line is, unless it is the greeting or follows the mail.
        if !script.is_empty() && !matches!(script.last(), Some(HearMail)) {
            script.push(Hear(""));
        }
        let outcome = send_one(and(script, &[Say(line), Stall])).await;
        assert_eq!(outcome, Err(meaning(line.to_owned())), "{line}");
    }
}

#[tokio::test]
async fn the_servers_words_are_made_harmless() {
    let said = format!(
        "554-5.7.1 one\r\n554 5.7.1 \u{1b}[2Jtwo \u{202e}{}",
        "ü".repeat(400)
    );
    let outcome = send_one(and(signed_in(), &[Hear("MAIL"), Say(&said), Stall])).await;
    let Err(SendError::Sender(line)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(line.starts_with("554 5.7.1 one [2Jtwo üüü"), "{line}");
    assert!(line.chars().count() <= 500);
}

#[tokio::test]
async fn refused_recipients_are_told_even_if_the_server_then_hangs_up() {
    let refused = "550 5.1.1 unknown";
    let script = and(
        sender_taken(),
        &[
            Hear("RCPT"),
            Say(refused),
            Hear("RCPT"),
            Say("250 ok"),
            Hear("RCPT"),
        ],
    );
    for end in [
        vec![Say("421 4.7.0 too many errors")],
        vec![],
        vec![Say("550 5.1.1 unknown")],
    ] {
        let (server, _heard) = fake(and(script.clone(), &end)).await;
        let outcome = send_to(&server, &["x@d.example", "y@d.example", "z@d.example"], "").await;
        let Err(SendError::Recipients(list)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(list[0], ("x@d.example".to_owned(), refused.to_owned()));
        assert_eq!(
            list.len(),
            if format!("{end:?}").contains("550") {
                2
            } else {
                1
            }
        );
    }
}

#[tokio::test]
async fn recipients_go_in_groups_where_the_server_pipelines() {
    let ehlo = "250-fake\r\n250-AUTH PLAIN\r\n250 PIPELINING";
    let mut script = greeted(ehlo);
    script.extend([Hear("AUTH"), Say("235 ok"), Hear("MAIL"), Say("250 ok")]);
    // All commands of a group are heard before any is answered.
    script.extend(vec![Hear("RCPT"); 50]);
    script.push(Say(&["250 ok"; 50].join("\r\n")));
    script.extend([Hear("RCPT"), Say("250 ok"), Hear("DATA"), Say("354 ok")]);
    script.extend([HearMail, Say("250 ok")]);
    let (server, heard) = fake(script).await;
    let to: Vec<String> = (0..51)
        .map(|number| format!("{number}@d.example"))
        .collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    assert_eq!(send_to(&server, &to, "").await, Ok(()));
    let heard = String::from_utf8(heard.await.unwrap()).unwrap();
    assert!(
        heard.contains("MAIL FROM:<a@b.example>\r\n"),
        "no SIZE, no BODY"
    );
}

#[tokio::test]
async fn what_goes_over_the_wire() {
    let script = and(
        mail_taken(),
        &[Say("250 2.0.0 queued"), Hear("QUIT"), Say("221 bye")],
    );
    let (server, heard) = fake(script).await;
    let mail = built(
        outline("a@b.example", &["c@d.example"], ".\n..a\nb\n.\n"),
        &[],
    )
    .await;
    let to = ["c@d.example".to_owned(), "c@d.example".to_owned()];
    send(
        &server,
        "a@b.example",
        &password(),
        "a@b.example",
        &to,
        &mail,
    )
    .await
    .unwrap();
    let heard = String::from_utf8(heard.await.unwrap()).unwrap();
    let mut expected = String::new();
    mail.reader(View::Outgoing)
        .read_to_string(&mut expected)
        .await
        .unwrap();
    assert!(
        heard.contains("\r\n\r\n..\r\n...a\r\nb\r\n..\r\n.\r\nQUIT\r\n"),
        "{heard}"
    );
    let (_, data) = heard.split_once("DATA\r\n").unwrap();
    let (data, _) = data.split_once("\r\n.\r\nQUIT").unwrap();
    assert_eq!(data.replace("\r\n.", "\r\n") + "\r\n", expected);
    assert!(
        heard.contains(&format!("SIZE={}\r\n", mail.len(View::Outgoing))),
        "{heard}"
    );
    assert!(heard.starts_with("EHLO [127.0.0.1]\r\n"), "{heard}");
}

#[tokio::test]
async fn sign_in_by_login_where_there_is_no_plain() {
    let mut script = greeted("250-fake\r\n250 AUTH=LOGIN");
    script.extend([Hear("AUTH LOGIN\r\n"), Say("334 VXNlcm5hbWU6")]);
    script.extend([Hear("YUBiLmV4YW1wbGU=\r\n"), Say("334 UGFzc3dvcmQ6")]);
    script.extend([Hear("Z2VoZWlt\r\n"), Say("535 5.7.8 wrong"), Stall]);
    let refused = SendError::Authentication("535 5.7.8 wrong".to_owned());
    assert_eq!(send_one(script).await, Err(refused));
    let outcome = send_one(greeted("250 fake")).await;
    assert!(
        matches!(outcome, Err(SendError::Authentication(_))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn what_the_server_does_not_offer_is_said_before_anything_is_sent() {
    // SMTPUTF8
    let (server, _heard) = fake(and(signed_in(), &[Stall])).await;
    let outcome = send_to(&server, &["jürgen@d.example", "c@d.example"], "").await;
    let Err(SendError::Recipients(list)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        list.len() == 1 && list[0].1.contains("SMTPUTF8"),
        "{list:?}"
    );
    // SIZE
    let small = "250-fake\r\n250-SIZE 1000\r\n250 AUTH PLAIN";
    let script = and(greeted(small), &[Hear("AUTH"), Say("235 ok"), Stall]);
    let (server, _heard) = fake(script).await;
    let outcome = send_to(&server, &["c@d.example"], &"x\n".repeat(1000)).await;
    assert_eq!(outcome, Err(SendError::TooLarge { limit: 1000 }));
    // 8BITMIME
    let script = and(
        greeted("250-fake\r\n250 AUTH PLAIN"),
        &[Hear("AUTH"), Say("235 ok"), Stall],
    );
    let (server, _heard) = fake(script).await;
    let eml = (
        "a.eml",
        "message/rfc822",
        "Subject: a\r\n\r\nä\r\n".as_bytes(),
    );
    let mail = built(outline("a@b.example", &["c@d.example"], ""), &[eml]).await;
    let to = ["c@d.example".to_owned()];
    let outcome = send(
        &server,
        "a@b.example",
        &password(),
        "a@b.example",
        &to,
        &mail,
    )
    .await;
    assert!(matches!(&outcome, Err(SendError::Refused(line)) if line.contains("8BITMIME")));
}

#[tokio::test]
async fn no_server_and_no_trust() {
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    let endpoint = Endpoint {
        host: "localhost".to_owned(),
        port: listener.local_addr().unwrap().port(),
    };
    drop(listener);
    let nobody = SmtpServer::new(endpoint, client_config());
    let outcome = send_to(&nobody, &["c@d.example"], "").await;
    assert!(
        matches!(outcome, Err(SendError::Unreachable(_))),
        "{outcome:?}"
    );

    let (server, _heard) = fake(vec![Stall]).await;
    let other = ca_file().parent().unwrap().join("certs/other-ca.pem");
    let stranger = SmtpServer {
        tls: tls::client_config(Some(&other)).unwrap(),
        ..server
    };
    let outcome = send_to(&stranger, &["c@d.example"], "").await;
    assert!(
        matches!(&outcome, Err(SendError::Unreachable(why)) if why.contains("not trusted")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn nobody_and_no_address() {
    let server = SmtpServer::new(
        Endpoint {
            host: "localhost".to_owned(),
            port: 1,
        },
        client_config(),
    );
    assert_eq!(send_to(&server, &[], "").await, Err(SendError::NoRecipient));
    let mail = built(outline("a@b.example", &[], ""), &[]).await;
    let bad = "x@y.example>\r\nRCPT TO:<z@y.example".to_owned();
    let to = ["c@d.example".to_owned(), bad.clone()];
    let outcome = send(
        &server,
        "a@b.example",
        &password(),
        "a@b.example",
        &to,
        &mail,
    )
    .await;
    assert_eq!(outcome, Err(SendError::BadAddress(bad)));
}

/// A dialogue in which a mail from nobody is refused, at MAIL or, as Postfix does, at RCPT.
fn nobody_refused(reply: &str, late: bool) -> Vec<Do> {
    let mut script = and(signed_in(), &[Hear("MAIL FROM:<> SIZE=")]);
    if late {
        script.extend([Say("250 ok"), Hear("RCPT TO:<c@d.example>")]);
    }
    and(script, &[Say(reply), Hear("QUIT"), Say("221 bye")])
}

async fn send_report(scripts: Vec<Vec<Do>>) -> (Result<(), SendError>, JoinHandle<Vec<u8>>) {
    let (server, heard) = fake_each(scripts).await;
    let mail = built(outline("a@b.example", &["c@d.example"], "Read.\n"), &[]).await;
    let to = ["c@d.example".to_owned()];
    let outcome = send_from_nobody(&server, "a@b.example", &password(), &to, &mail).await;
    (outcome, heard)
}

#[tokio::test]
async fn what_is_from_nobody_is_sent_from_the_person_where_that_is_refused() {
    let sent = and(mail_taken(), &[Say("250 ok"), Hear("QUIT"), Say("221 bye")]);
    for (reply, late) in [
        ("550 5.7.1 empty sender not allowed", false),
        ("501 syntax", false),
        (
            "553 5.7.1 <>: Sender address rejected: not owned by user a@b.example",
            true,
        ),
    ] {
        let (outcome, heard) = send_report(vec![nobody_refused(reply, late), sent.clone()]).await;
        assert_eq!(outcome, Ok(()), "{reply}");
        let heard = heard.await.unwrap();
        let heard = String::from_utf8_lossy(&heard);
        assert_eq!(heard.matches("MAIL FROM:").count(), 2, "{heard}");
        assert_eq!(heard.matches("Read.").count(), 1, "{heard}");
    }
}

#[tokio::test]
async fn the_persons_own_address_is_tried_once_and_only_for_that() {
    let refused = "550 5.7.1 no";
    let again = and(
        signed_in(),
        &[
            Hear("MAIL FROM:<a@b.example> SIZE="),
            Say(refused),
            Hear("QUIT"),
            Say("221 bye"),
        ],
    );
    let (outcome, _) = send_report(vec![nobody_refused(refused, false), again]).await;
    assert_eq!(outcome, Err(SendError::Sender(refused.to_owned())));
    // Another time is another matter, and so is a recipient that is not there.
    let later = "451 4.3.0 later";
    let (outcome, _) = send_report(vec![nobody_refused(later, false)]).await;
    assert_eq!(outcome, Err(SendError::TryLater(later.to_owned())));
    let unknown = "550 5.1.1 unknown";
    let (outcome, _) = send_report(vec![nobody_refused(unknown, true)]).await;
    assert!(
        matches!(outcome, Err(SendError::Recipients(_))),
        "{outcome:?}"
    );
}
