//! Mail servers that are not there, or not who they say: what the person is told, that there is a
//! way on, and that no password goes to a stranger.

use crate::http_support::faults::{Relay, dead_port};
use crate::http_support::form::Form;
use crate::http_support::mailbox::{Mailbox, account, port};
use crate::http_support::{Site, open, run, unique, variable};
use std::time::{Duration, Instant};

#[test]
fn a_sign_in_at_a_dead_mail_server_is_told_so() {
    run(async {
        let url = format!("imaps://localhost:{}", dead_port().await);
        let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
        let (address, password) = account("demo");
        let mut browser = site.browser();
        let fields = [("address", address.as_str()), ("password", password)];
        let before = Instant::now();
        let answer = browser.call("sign_in", &fields).await;
        assert!(before.elapsed() < Duration::from_secs(10));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["Refused"]["problem"], "Unreachable");
        let answer = browser.sign_in(&address, password).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"));
        let page = open(&mut browser, "/login", 200).await;
        assert!(
            page.has_alert("The mail server cannot be reached."),
            "{}",
            page.text
        );
        assert_eq!(page.value("address"), address);
        assert!(browser.session().is_none());
    });
}

#[test]
fn a_page_says_that_the_mail_server_is_gone_and_works_again_when_it_is_back() {
    run(async {
        let relay = Relay::to(port("POSTHORN_IMAP_URL")).await;
        let number = relay.port;
        let url = format!("imaps://localhost:{number}");
        let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
        let mut browser = site.reader().await;
        open(&mut browser, "/mail/INBOX", 200).await;
        open(&mut browser, "/mail/INBOX/1", 200).await;
        relay.close().await;
        for path in [
            "/mail/INBOX",
            "/mail/INBOX?page=2",
            "/mail/INBOX/1",
            "/mail/INBOX/2",
            "/compose?reply=1&folder=INBOX",
        ] {
            let before = Instant::now();
            let page = open(&mut browser, path, 503).await;
            let took = before.elapsed();
            assert!(took < Duration::from_secs(10), "{path}: {took:?}");
            assert!(
                page.has_alert("The mail server cannot be reached."),
                "{path}"
            );
            assert!(page.links().contains(&path), "{path}: no way to try again");
        }
        for path in [
            "/mail/INBOX/1/body",
            "/mail/INBOX/2/source",
            "/mail/INBOX/5/attachment/2",
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, 503, "{path}");
            assert_eq!(answer.header("content-disposition"), "", "{path}");
        }
        let window = [("folder", "INBOX"), ("page", "1")];
        let answer = browser.call("window", &window).await;
        assert_eq!(answer.json(), "Unreachable");
        assert_eq!(answer.status, 503);
        // Writing goes on, and nothing typed is lost.
        let subject = unique("gone");
        let form = Form::mail("test8@posthorn.example", &subject, "Text.");
        let answer = browser.submit("save", &form).await;
        let page = open(&mut browser, answer.location(), 503).await;
        assert_eq!(page.value("subject"), subject);
        assert_eq!(page.value("text"), "Text.");
        assert!(page.has_alert("The mail server cannot be reached."));
        // The sending server is there. What could not be filed comes back, and once more sends
        // nothing, but files the copy.
        let answer = browser.submit("send", &form).await;
        let kept = answer.location().to_owned();
        assert!(kept.starts_with("/compose?kept="), "{kept}");
        let page = open(&mut browser, &kept, 503).await;
        assert_eq!(page.value("text"), "Text.");
        assert!(page.has_alert("The message was sent, but no copy could be stored in Sent."));
        let outcome = browser.hand_in("send", &form).await;
        assert_eq!(outcome["Refused"]["problem"], "NotFiled");
        let back = Relay::at(number, port("POSTHORN_IMAP_URL")).await;
        open(&mut browser, "/mail/INBOX", 200).await;
        open(&mut browser, "/mail/INBOX/1", 200).await;
        let answer = browser.submit("send", &form).await;
        assert_eq!(answer.location(), "/mail/INBOX");
        back.close().await;
        let mailbox = Mailbox::of("test8").await;
        mailbox.arrived("INBOX", &subject, 1).await;
        let sender = Mailbox::of("demo").await;
        assert_eq!(sender.with("Sent", &subject).await.len(), 1);
        sender.remove("Sent", &subject).await;
        mailbox.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_mail_that_cannot_be_handed_in_stays_with_its_writer() {
    run(async {
        let url = format!("smtps://localhost:{}", dead_port().await);
        let site = Site::with(&[("POSTHORN_SMTP_URL", &url)]).await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("dead");
        let form = Form::mail("test7@posthorn.example", &subject, "Text.");
        let outcome = browser.hand_in("send", &form).await;
        assert_eq!(outcome["Refused"]["problem"], "Unreachable");
        let with_file = form.clone().file("a.txt", "text/plain", b"content");
        let answer = browser.submit("send", &with_file).await;
        let page = open(&mut browser, answer.location(), 200).await;
        assert_eq!(page.value("subject"), subject);
        assert!(page.has_alert("The sending server cannot be reached."));
        assert_eq!(mailbox.with("Drafts", &subject).await.len(), 1, "the file");
        assert!(mailbox.with("Sent", &subject).await.is_empty());
        mailbox.remove("Drafts", &subject).await;
    });
}

/// Types and lengths of the TLS records that a client sent (RFC 8446, section 5.1).
fn records(mut octets: &[u8]) -> Vec<(u8, usize)> {
    let mut records = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = octets {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        records.push((*kind, length));
        octets = rest.get(length..).unwrap_or_default();
    }
    records
}

#[test]
fn a_password_is_not_sent_to_a_server_that_is_not_trusted() {
    run(async {
        let target = variable("STAND_IMAP_UNTRUSTED_PORT").parse().unwrap();
        let relay = Relay::to(target).await;
        let url = format!("imaps://localhost:{}", relay.port);
        let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
        let (address, password) = account("demo");
        let mut browser = site.browser();
        let fields = [("address", address.as_str()), ("password", password)];
        let answer = browser.call("sign_in", &fields).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["Refused"]["problem"], "CertificateNotTrusted");
        assert!(browser.session().is_none());
        let heard = records(&relay.heard());
        assert_eq!(heard.first().map(|(kind, _)| *kind), Some(22), "{heard:?}");
        for (kind, length) in heard {
            // A greeting, a change of ciphers, an alert; encrypted an alert has 19 octets, and
            // everything with a password in it more.
            let fits = matches!(kind, 20..=22) || (kind == 23 && length <= 19);
            assert!(
                fits,
                "a record of type {kind} with {length} octets was sent"
            );
        }
        let answer = browser.sign_in(&address, password).await;
        assert_eq!(answer.location(), "/login");
        let page = open(&mut browser, "/login", 200).await;
        assert!(
            page.has_alert("your password was not sent"),
            "{}",
            page.text
        );
    });
}

#[test]
fn a_domain_that_is_not_served_is_told_without_asking_anybody() {
    run(async {
        let relay = Relay::to(port("POSTHORN_IMAP_URL")).await;
        let url = format!("imaps://localhost:{}", relay.port);
        let over = [
            ("POSTHORN_IMAP_URL", url.as_str()),
            ("POSTHORN_DOMAINS", "posthorn.example"),
        ];
        let site = Site::with(&over).await;
        let mut browser = site.browser();
        let fields = [("address", "maria@Zweite.example"), ("password", "x")];
        let answer = browser.call("sign_in", &fields).await.json();
        assert_eq!(
            answer["Refused"]["problem"]["UnknownDomain"],
            "zweite.example"
        );
        assert!(relay.heard().is_empty());
    });
}
