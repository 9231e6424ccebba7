//! What was sent is sent once, is filed, and marks what it answers.

use crate::composing::clear;
use crate::http_support::form::Form;
use crate::http_support::mailbox::{Mailbox, mail};
use crate::http_support::{Site, open, run, unique};
use futures_util::future::join_all;

#[test]
fn a_button_pressed_twice_sends_once() {
    run(async {
        let site = Site::start().await;
        let browser = site.signed_in("test4").await;
        let mailbox = Mailbox::of("test4").await;
        for plain in [true, false] {
            let subject = unique("twice");
            let form = Form::mail("test4@posthorn.example", &subject, "Text.");
            let presses = (0..4).map(|_| {
                let (mut browser, form) = (browser.clone(), form.clone());
                async move {
                    if plain {
                        let answer = browser.submit("send", &form).await;
                        assert_eq!(answer.location(), "/mail/INBOX");
                    } else {
                        let outcome = browser.hand_in("send", &form).await;
                        assert!(outcome["Sent"].is_object(), "{outcome}");
                    }
                }
            });
            join_all(presses).await;
            let outcome = browser.clone().hand_in("send", &form).await;
            assert!(outcome["Sent"].is_object(), "{outcome}");
            mailbox.arrived("INBOX", &subject, 1).await;
            assert_eq!(mailbox.with("Sent", &subject).await.len(), 1);
            // Somebody who changed the text means another mail.
            let changed = form.field("text", "Another text.");
            browser.clone().hand_in("send", &changed).await;
            mailbox.arrived("INBOX", &subject, 2).await;
            clear(&mailbox, &subject).await;
        }
    });
}

#[test]
fn a_mail_sent_again_with_another_file_is_another_mail() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test4").await;
        let mailbox = Mailbox::of("test4").await;
        let subject = unique("file");
        let form = Form::mail("test4@posthorn.example", &subject, "See the file.");
        for content in ["wrong file", "right file"] {
            let form = form.clone().file("a.txt", "text/plain", content.as_bytes());
            let outcome = browser.hand_in("send", &form).await;
            assert!(outcome["Sent"].is_object(), "{outcome}");
        }
        mailbox.arrived("INBOX", &subject, 2).await;
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn an_answer_marks_the_original_and_belongs_to_its_thread() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let subject = unique("thread");
        let mail = String::from_utf8(mail(&subject)).unwrap();
        let id = mail.split_once("Message-ID: <").unwrap().1;
        let id = id.split_once('>').unwrap().0.to_owned();
        let uid = mailbox.store("INBOX", mail.as_bytes()).await;
        let path = format!("/compose?reply={uid}&folder=INBOX");
        let page = open(&mut browser, &path, 200).await;
        assert!(page.value("to").contains("somebody@posthorn.example"));
        assert_eq!(page.value("in_reply_to"), id);
        assert!(
            page.value("text").contains("> Text."),
            "{}",
            page.value("text")
        );
        let mut form = Form::default();
        for name in [
            "message_id",
            "in_reply_to",
            "references",
            "origin",
            "stored",
            "to",
            "cc",
            "bcc",
            "subject",
            "text",
        ] {
            form = form.field(name, page.value(name));
        }
        let form = form.field("to", "test6@posthorn.example");
        let answer = browser.submit("send", &form).await;
        assert_eq!(answer.location(), "/mail/INBOX", "{}", answer.text());
        assert!(mailbox.flags("INBOX", uid).await.unwrap().answered);
        let sent = mailbox.with("Sent", &subject).await;
        let source = mailbox.source("Sent", sent[0]).await;
        assert!(source.contains(&format!("In-Reply-To: <{id}>")), "{source}");
        mailbox.arrived("INBOX", &subject, 2).await;
        clear(&mailbox, &subject).await;
    });
}
