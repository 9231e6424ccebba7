//! Links that deceive, and senders who look like somebody written to, as a page without JavaScript
//! and the browser's half get to know of them.

use crate::http_support::client::Browser;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};
use serde_json::{Value, json};

const OWN: &str = "test8@posthorn.example";

fn mail(subject: &str, from: &str, to: &str, kind: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{}@http.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}\r\n",
        unique("links"),
    )
    .into_bytes()
}

async fn body_of(browser: &mut Browser, uid: u32) -> String {
    let answer = browser.get(&format!("/mail/INBOX/{uid}/body")).await;
    assert_eq!(answer.status, 200);
    answer.text()
}

#[test]
fn links_that_deceive_are_marked_in_every_form_of_a_body() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test8").await;
        let mailbox = Mailbox::of("test8").await;
        let subject = unique("links");
        let stored = |kind: &str, text: &str| {
            mail(&subject, "Anna <anna@posthorn.example>", OWN, kind, text)
        };
        let html = "<p class=posthorn-note>All links are safe</p>\
            <a title='https://www.bank.example' href='https://evil.example/\"><script>'>www.bank.example</a>\
            <a href='https://shop.example/'>Shop</a>";
        let rich = mailbox.store("INBOX", &stored("text/html", html)).await;
        let text = "Sign in: https://www.bank.example@evil.example/ or https://shop.example/";
        let plain = mailbox.store("INBOX", &stored("text/plain", text)).await;
        for uid in [rich, plain] {
            let body = body_of(&mut browser, uid).await;
            assert_eq!(
                body.matches("<span class=\"posthorn-mark\">").count(),
                1,
                "{body}"
            );
            assert!(
                body.contains("leads to <bdi><b>evil.example</b></bdi></span>"),
                "{body}"
            );
            // The mail's own note is none of ours, which stands above all of the mail.
            let note = body.find("<div class=\"posthorn-note alarm\">").unwrap();
            assert!(note < body.find("bank.example</a>").unwrap_or(usize::MAX));
            assert_eq!(body.matches("class=\"posthorn-note").count(), 1, "{body}");
            let print = browser.get(&format!("/mail/INBOX/{uid}/print")).await;
            assert!(print.text().contains("posthorn-mark\">leads to"));
        }
        let body = body_of(&mut browser, rich).await;
        assert!(body.contains("title=\"shop.example\">Shop</a>"), "{body}");
        assert!(!body.contains("title=\"https://www.bank.example\""));
        assert!(!body.contains("<script"), "{body}");
        mailbox.remove("INBOX", &subject).await;
    });
}

async fn resemblances(browser: &mut Browser, uid: u32, validity: u32) -> Value {
    let (validity, uid) = (validity.to_string(), uid.to_string());
    let fields = [
        ("folder", "INBOX"),
        ("uid_validity", validity.as_str()),
        ("uid", uid.as_str()),
    ];
    let answer = browser.call("resemblances", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn whom_was_written_to_is_asked_for_once() {
    run(async {
        let site = Site::start().await;
        let mailbox = Mailbox::of("test8").await;
        let subject = unique("resemblance");
        let written = |from: &str, to: &str| mail(&subject, from, to, "text/plain", "Text.");
        let jo = written(OWN, "Jo <jo@wiesenau.example>");
        mailbox.store("Sent", &jo).await;
        let like_jo = written("jo@w1esenau.example", OWN);
        let feigned = mailbox.store("INBOX", &like_jo).await;
        let like_ada = written("ada@ne1kenhof.example", OWN);
        let other = mailbox.store("INBOX", &like_ada).await;
        let mut browser = site.signed_in("test8").await;
        let validity = mailbox.validity("INBOX").await;
        // A page waits for it.
        let page = open(&mut browser, &format!("/mail/INBOX/{feigned}"), 200).await;
        assert!(
            page.text.contains("looks like jo@wiesenau.example"),
            "{}",
            page.text
        );
        let found = resemblances(&mut browser, feigned, validity).await;
        assert_eq!(found, json!([{"Resembles": "jo@wiesenau.example"}]));
        // What comes into Sent by others within ten minutes is not asked for.
        let ada = written(OWN, "ada@nelkenhof.example");
        mailbox.store("Sent", &ada).await;
        assert_eq!(resemblances(&mut browser, other, validity).await, json!([]));
        // Known, it comes with the message.
        let page = open(&mut browser, &format!("/mail/INBOX/{feigned}"), 200).await;
        assert_eq!(
            page.text.matches("looks like jo@wiesenau.example").count(),
            1
        );
        mailbox.remove("Sent", &subject).await;
        mailbox.remove("INBOX", &subject).await;
    });
}
