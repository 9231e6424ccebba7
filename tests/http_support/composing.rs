//! Writing without JavaScript: whatever goes wrong, what was typed and attached is there again on
//! the next page, for its writer and nobody else.

use crate::http_support::client::Browser;
use crate::http_support::form::Form;
use crate::http_support::html::Page;
use crate::http_support::mailbox::{Mailbox, account};
use crate::http_support::{Site, open, run, unique};

const NOBODY: &str = "nobody-here@posthorn.example";

/// A form as a person fills it in.
fn typed(to: &str, subject: &str) -> Form {
    let text = "\n  Grüße  \n\n> zitiert\n-- \nA & B <x> \"y\" 🎺\n\n";
    Form::mail(to, subject, text)
        .field("cc", "\"Böhm, Ä.\" <nobody-else@posthorn.example>")
        .field("bcc", "demo+x@posthorn.example,")
        .field("in_reply_to", "one@b.example")
        .field("references", "zero@b.example one@b.example")
        .field(
            "origin",
            "{\"relation\":\"Reply\",\"folder\":\"INBOX\",\"uid_validity\":1,\"uid\":1}",
        )
}

fn assert_whole(page: &Page, form: &Form) {
    for name in [
        "to",
        "cc",
        "bcc",
        "subject",
        "text",
        "message_id",
        "in_reply_to",
        "references",
        "origin",
    ] {
        assert_eq!(page.value(name), form.value(name), "{name}");
    }
}

/// The values of the boxes of attachments that are kept.
fn kept(page: &Page) -> Vec<String> {
    let boxes = page.all("input");
    let boxes = boxes.filter(|input| input.attribute("name") == Some("keep"));
    boxes
        .map(|input| {
            assert!(input.attribute("checked").is_some());
            input.attribute("value").unwrap().to_owned()
        })
        .collect()
}

/// Removes what a test has left in the folders that sending and saving use.
pub async fn clear(mailbox: &Mailbox, subject: &str) {
    for folder in ["INBOX", "Sent", "Drafts"] {
        mailbox.remove(folder, subject).await;
    }
}

#[test]
fn a_refused_recipient_leads_back_to_all_that_was_typed() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test1").await;
        let mailbox = Mailbox::of("test1").await;
        let subject = unique("refused");
        let form = typed(&format!("test1@posthorn.example, {NOBODY}"), &subject);
        let answer = browser.submit("send", &form).await;
        assert_eq!(answer.status, 303);
        let kept = answer.location().to_owned();
        assert!(kept.starts_with("/compose?kept="), "{kept}");
        for _ in 0..2 {
            let page = open(&mut browser, &kept, 200).await;
            assert_whole(&page, &form);
            assert!(
                page.has_alert("Nothing was sent to anybody."),
                "{}",
                page.text
            );
            assert!(page.text.contains(NOBODY) && page.text.contains("550"));
        }
        // Put right, the page's own form sends; to everybody once.
        let form = form
            .field("to", "test1@posthorn.example")
            .field("cc", "")
            .field("bcc", "");
        let answer = browser.submit("send", &form).await;
        assert_eq!((answer.status, answer.location()), (303, "/mail/INBOX"));
        let page = open(&mut browser, "/mail/INBOX", 200).await;
        assert!(page.text.contains("Message sent."));
        mailbox.arrived("INBOX", &subject, 1).await;
        assert_eq!(mailbox.with("Sent", &subject).await.len(), 1);
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn a_form_without_a_good_recipient_leads_back_too() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test1").await;
        let mailbox = Mailbox::of("test1").await;
        let subject = unique("nobody");
        for (to, words) in [
            ("", "Enter at least one recipient."),
            (" , ; ", "Enter at least one recipient."),
            ("anna", "is not an email address"),
            ("anna@posthorn.example, x y z", "is not an email address"),
            ("a@elsewhere.example", "Nothing was sent"),
        ] {
            let form = typed(to, &subject).field("cc", "").field("bcc", "");
            let answer = browser.submit("send", &form).await;
            assert_eq!(answer.status, 303, "{to}");
            let page = open(&mut browser, answer.location(), 200).await;
            assert_whole(&page, &form);
            assert!(page.has_alert(words), "{to}: {}", page.text);
        }
        assert!(mailbox.with("Sent", &subject).await.is_empty());
    });
}

#[test]
fn a_kept_form_is_its_writers_only() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test1").await;
        let subject = unique("private");
        let answer = browser.submit("send", &typed(NOBODY, &subject)).await;
        let kept = answer.location().to_owned();
        let mut other = site.signed_in("leer").await;
        let answer = other.get(&kept).await;
        assert!(!answer.text().contains(&subject), "another user reads it");
        let answer = site.browser().get(&kept).await;
        assert_eq!(answer.status, 303, "a stranger signs in first");
        assert!(!answer.text().contains(&subject));
        let page = open(&mut browser, &kept, 200).await;
        assert_eq!(page.value("subject"), subject);
        for id in ["x", "", "%00", &"A".repeat(43), &"A".repeat(10_000)] {
            let page = open(&mut browser, &format!("/compose?kept={id}"), 200).await;
            assert_eq!(page.value("subject"), "");
        }
    });
}

/// A browser whose session has ended elsewhere.
async fn expired(site: &Site, user: &str) -> Browser {
    let browser = site.signed_in(user).await;
    let mut same = browser.clone();
    same.post("/api/sign_out", &[]).await;
    browser
}

#[test]
fn a_form_sent_after_the_session_ended_is_there_after_signing_in() {
    run(async {
        let site = Site::start().await;
        let (address, password) = account("test2");
        for intent in ["send", "save"] {
            let mut browser = expired(&site, "test2").await;
            let subject = unique("expired");
            let form = typed("test2@posthorn.example", &subject);
            let with_file = form.clone().file("a.txt", "text/plain", b"content");
            let answer = browser.submit(intent, &with_file).await;
            assert_eq!(answer.status, 303);
            let login = answer.location().to_owned();
            assert!(
                login.starts_with("/login?next=%2Fcompose%3Fkept%3D"),
                "{login}"
            );
            let page = open(&mut browser, &login, 200).await;
            assert!(
                page.text.contains("Your session has ended."),
                "{}",
                page.text
            );
            let next = page.value("next").to_owned();
            let fields = [
                ("address", address.as_str()),
                ("password", password),
                ("next", &next),
            ];
            let answer = browser.post("/api/sign_in", &fields).await;
            assert_eq!((answer.status, answer.location()), (303, next.as_str()));
            let page = open(&mut browser, &next, 200).await;
            assert_whole(&page, &form);
            // From now on it is the writer's.
            let answer = site.signed_in("leer").await.get(&next).await;
            assert!(!answer.text().contains(&subject), "another user reads it");
            let mailbox = Mailbox::of("test2").await;
            assert!(mailbox.with("Sent", &subject).await.is_empty());
        }
        // The browser's half still has the form, and is told to sign in.
        let mut browser = expired(&site, "test2").await;
        let form = typed("test2@posthorn.example", "x");
        let outcome = browser.hand_in("send", &form).await;
        assert_eq!(outcome["Refused"]["problem"]["Mailbox"], "NotSignedIn");
        assert_eq!(outcome["Refused"]["draft"]["text"], form.value("text"));
    });
}

#[test]
fn uploads_survive_a_refusal_as_attachments_of_a_draft() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test3").await;
        let mailbox = Mailbox::of("test3").await;
        let subject = unique("uploads");
        let name = "Größe \"1\" <b>.bin";
        let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let form = Form::mail(NOBODY, &subject, "Text.")
            .file(name, "application/pdf", &content)
            .file("empty.txt", "text/plain", b"")
            .file("", "application/octet-stream", b"");
        let answer = browser.submit("send", &form).await;
        let path = answer.location().to_owned();
        let page = open(&mut browser, &path, 200).await;
        assert!(page.has_alert("Nothing was sent"), "{}", page.text);
        let keep = kept(&page);
        assert_eq!(keep.len(), 2, "{keep:?}");
        let stored = page.value("stored").to_owned();
        assert!(!stored.is_empty());
        assert_eq!(mailbox.with("Drafts", &subject).await.len(), 1);

        // A second refusal changes nothing but the draft.
        let mut again = Form::mail(NOBODY, &subject, "More text.")
            .field("message_id", &form.value("message_id"))
            .field("stored", &stored);
        for value in &keep {
            again = again.also("keep", value);
        }
        let more = again.clone().file("more.txt", "text/plain", b"more");
        let answer = browser.submit("send", &more).await;
        let path = answer.location().to_owned();
        let page = open(&mut browser, &path, 200).await;
        let keep = kept(&page);
        assert_eq!(keep.len(), 3, "{keep:?}");
        assert_eq!(page.value("text"), "More text.");
        assert_eq!(mailbox.with("Drafts", &subject).await.len(), 1, "never two");

        let mut last = again
            .field("to", "test3@posthorn.example")
            .field("stored", page.value("stored"))
            .field("keep", &keep[0]);
        for value in &keep[1..] {
            last = last.also("keep", value);
        }
        let answer = browser.submit("send", &last).await;
        assert_eq!(answer.location(), "/mail/INBOX");
        let uid = mailbox.arrived("INBOX", &subject, 1).await[0];
        assert!(
            mailbox.with("Drafts", &subject).await.is_empty(),
            "the draft stays"
        );
        let page = open(&mut browser, &format!("/mail/INBOX/{uid}"), 200).await;
        let links = page.links();
        let links: Vec<&&str> = links
            .iter()
            .filter(|l| l.contains("/attachment/"))
            .collect();
        assert_eq!(links.len(), 3);
        let file = browser.get(links[0]).await;
        assert!(file.body == content, "the file has changed");
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn a_draft_is_stored_continued_replaced_and_discarded() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        let subject = unique("draft");
        let form = typed("half an addr", &subject);
        let answer = browser.submit("save", &form).await;
        let refused = open(&mut browser, answer.location(), 200).await;
        assert_whole(&refused, &form);
        let form = typed("Anna <anna@posthorn.example>", &subject)
            .field("cc", "")
            .field("bcc", "leer@posthorn.example");
        let answer = browser.submit("save", &form).await;
        let path = answer.location().to_owned();
        assert!(path.starts_with("/compose?draft="), "{path}");
        let page = open(&mut browser, &path, 200).await;
        assert!(page.text.contains("Draft saved."), "{}", page.text);
        for name in [
            "to",
            "bcc",
            "subject",
            "message_id",
            "in_reply_to",
            "origin",
        ] {
            assert_eq!(page.value(name), form.value(name), "{name}");
        }
        // Spaces before a line break do not survive in a mail (RFC 3676, section 4.2).
        let text = form.value("text").replace("Grüße  ", "Grüße");
        assert_eq!(page.value("text").trim_end(), text.trim_end());
        let stored = page.value("stored").to_owned();
        let form = form.field("text", "Other text.").field("stored", &stored);
        let answer = browser.submit("save", &form).await;
        let path = answer.location().to_owned();
        let page = open(&mut browser, &path, 200).await;
        assert_eq!(page.value("text").trim_end(), "Other text.");
        assert_ne!(page.value("stored"), stored);
        assert_eq!(mailbox.with("Drafts", &subject).await.len(), 1, "never two");
        let form = form.field("stored", page.value("stored"));
        let answer = browser.submit("discard", &form).await;
        assert_eq!((answer.status, answer.location()), (303, "/mail/INBOX"));
        assert!(mailbox.with("Drafts", &subject).await.is_empty());
        open(&mut browser, &path, 404).await;
        // Discarding what is gone is no fault.
        let answer = browser.submit("discard", &form).await;
        assert_eq!(answer.location(), "/mail/INBOX");
    });
}
