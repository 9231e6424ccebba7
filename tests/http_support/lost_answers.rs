//! Answers that are lost on their way: the mail server's after it has stored a message, and ours after
//! a draft was saved or while messages are moved. Nothing is there twice for it, and nothing is missing.

use crate::composing::clear;
use crate::fault_support::hostile::{Hostile, Reply, say};
use crate::fault_support::proxy::{Fault, Proxy};
use crate::http_support::client::Browser;
use crate::http_support::form::Form;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, run, unique};
use posthorn::server::smtp::new_message_id;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

/// A mail to `to` as the composer names it.
fn mail(to: &str, subject: &str) -> Form {
    Form::mail(to, subject, "Text.").field("message_id", &new_message_id("posthorn.example"))
}

async fn site(without: &[&'static str]) -> (Proxy, Site) {
    let proxy = Proxy::without(without).await;
    let url = format!("imaps://localhost:{}", proxy.port);
    let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
    (proxy, site)
}

/// Saves a draft; what the answer says it is now.
async fn save(browser: &mut Browser, form: &Form) -> Value {
    let outcome = browser.hand_in("save", form).await;
    let draft = outcome["Saved"]["draft"].clone();
    assert!(draft.is_object(), "{outcome}");
    draft
}

/// Sent and filed.
fn assert_sent(outcome: &Value) {
    let said = outcome["Sent"].as_object();
    assert!(
        said.is_some_and(|said| said["problem"].is_null()),
        "{outcome}"
    );
}

#[test]
fn what_was_stored_without_a_word_is_not_stored_again() {
    run(async {
        let (proxy, site) = site(&[]).await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        let subject = unique("lost word");
        let form = mail("test5@posthorn.example", &subject);
        proxy.set(Fault::CutAt("APPENDUID"));
        let draft = save(&mut browser, &form).await;
        let drafts = mailbox.with("Drafts", &subject).await;
        assert_eq!(drafts.len(), 1);
        assert_eq!(draft["stored"][0], drafts[0]);
        proxy.set(Fault::CutAt("APPENDUID"));
        assert_sent(&browser.hand_in("send", &form).await);
        mailbox.arrived("INBOX", &subject, 1).await;
        assert_eq!(mailbox.with("Sent", &subject).await.len(), 1);
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn a_save_whose_answer_was_lost_costs_no_attachment() {
    run(async {
        let (_proxy, site) = site(&[]).await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let subject = unique("lost save");
        let form = mail("test6@posthorn.example", &subject);
        let first = save(
            &mut browser,
            &form.clone().file("a.txt", "text/plain", b"content"),
        )
        .await;
        let form = form
            .field("stored", &first["stored"].to_string())
            .field("keep", &first["attachments"][0].to_string());
        save(&mut browser, &form).await;
        // The browser does not know that the first one is gone.
        let again = save(&mut browser, &form).await;
        assert_eq!(again["attachments"][0]["name"], "a.txt", "{again}");
        assert_eq!(mailbox.with("Drafts", &subject).await.len(), 1);
        assert_sent(&browser.hand_in("send", &form).await);
        let uids = mailbox.arrived("INBOX", &subject, 1).await;
        assert!(mailbox.source("INBOX", uids[0]).await.contains("a.txt"));
        assert!(mailbox.with("Drafts", &subject).await.is_empty());
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn a_draft_whose_save_was_not_told_goes_with_the_next_one() {
    run(async {
        let (_proxy, site) = site(&[]).await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        for intent in ["send", "discard"] {
            let subject = unique("lost first save");
            let form = mail("test5@posthorn.example", &subject);
            // Another program's copy of the same draft is its own affair.
            let id = form.value("message_id");
            let copy = format!("Subject: {subject}\r\nMessage-ID: <{id}>\r\n\r\nText.\r\n");
            let copy = mailbox.store("Drafts", copy.as_bytes()).await;
            save(&mut browser, &form).await;
            let last = save(&mut browser, &form).await;
            let stored = last["stored"][0].clone();
            let there = mailbox.with("Drafts", &subject).await;
            assert_eq!(serde_json::json!(there), serde_json::json!([stored, copy]));
            browser.hand_in(intent, &form).await;
            assert_eq!(mailbox.with("Drafts", &subject).await, [copy], "{intent}");
            if intent == "send" {
                mailbox.arrived("INBOX", &subject, 1).await;
            }
            clear(&mailbox, &subject).await;
        }
    });
}

#[test]
fn a_draft_is_discarded_when_the_browser_has_gone() {
    run(async {
        let (proxy, site) = site(&[]).await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("left draft");
        let form = mail("test7@posthorn.example", &subject);
        let draft = save(&mut browser, &form).await;
        let form = form.field("stored", &draft["stored"].to_string());
        // It is gone while the first command is answered, the one before EXPUNGE.
        proxy.set(Fault::Delay(Duration::from_secs(1)));
        let asked = timeout(
            Duration::from_millis(700),
            browser.hand_in("discard", &form),
        );
        let answer = asked.await;
        assert!(answer.is_err(), "{answer:?}");
        for _ in 0..40 {
            if mailbox.with("Drafts", &subject).await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let left = mailbox.with("Drafts", &subject).await;
        clear(&mailbox, &subject).await;
        assert!(left.is_empty());
    });
}

#[test]
fn a_copy_that_may_be_in_sent_is_looked_for_before_it_is_stored_again() {
    run(async {
        let (proxy, site) = site(&[]).await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        let subject = unique("lost copy");
        let form = mail("test5@posthorn.example", &subject);
        proxy.set(Fault::DownAt("APPENDUID"));
        let outcome = browser.hand_in("send", &form).await;
        assert!(outcome.to_string().contains("NotFiled"), "{outcome}");
        proxy.heal();
        assert_sent(&browser.hand_in("send", &form).await);
        mailbox.arrived("INBOX", &subject, 1).await;
        let copies = mailbox.with("Sent", &subject).await.len();
        clear(&mailbox, &subject).await;
        assert_eq!(copies, 1);
    });
}

#[test]
fn where_a_copy_is_in_sent_is_not_asked() {
    run(async {
        let server = Hostile::start(|_, command| {
            if command.starts_with("LIST") {
                return say(
                    "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Sent\r\n{tag} OK done\r\n",
                );
            }
            if command.contains("SEARCH") {
                return say("{tag} NO too many to search\r\n");
            }
            // APPEND is answered without APPENDUID.
            Reply::Usual
        })
        .await;
        let url = format!("imaps://localhost:{}", server.port);
        let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let subject = unique("no word");
        let form = mail("test6@posthorn.example", &subject);
        let outcome = browser.hand_in("send", &form).await;
        mailbox.arrived("INBOX", &subject, 1).await;
        clear(&mailbox, &subject).await;
        assert_sent(&outcome);
        let heard = server.heard();
        let stored = heard.iter().filter(|one| one.starts_with("APPEND"));
        assert_eq!(stored.count(), 1);
    });
}

/// A server that has lost the folders for drafts and sent mails since it listed them.
async fn forgetful() -> (Hostile, Arc<AtomicBool>) {
    let lost = Arc::new(AtomicBool::new(false));
    let (gone, made) = (lost.clone(), Mutex::new(HashSet::new()));
    let server = Hostile::start(move |_, command| {
        let mut made = made.lock().unwrap();
        let gone = gone.load(Ordering::SeqCst);
        let there = |made: &HashSet<&str>, name: &str| !gone || made.contains(name);
        for name in ["Drafts", "Sent"] {
            if command.starts_with(&format!("CREATE \"{name}\"")) {
                made.insert(name);
            }
            let about = |verb: &str| command.starts_with(&format!("{verb} \"{name}\""));
            if !there(&made, name) {
                if about("SELECT") {
                    return say("{tag} NO [NONEXISTENT] gone\r\n");
                }
                if about("APPEND") {
                    return say("{tag} NO [TRYCREATE] gone\r\n");
                }
            } else if about("APPEND") {
                return say("{tag} OK [APPENDUID 7 20] stored\r\n");
            }
        }
        if !command.starts_with("LIST") {
            return Reply::Usual;
        }
        let names = ["Drafts", "Sent"].into_iter();
        let lines = names
            .filter(|name| there(&made, name))
            .map(|name| format!("* LIST (\\{name}) \"/\" {name}\r\n"));
        let lines: String = lines.collect();
        Reply::Say(format!(
            "* LIST () \"/\" INBOX\r\n{lines}{{tag}} OK done\r\n"
        ))
    })
    .await;
    (server, lost)
}

#[test]
fn a_folder_that_another_program_has_deleted_is_made_again() {
    run(async {
        let (server, lost) = forgetful().await;
        let url = format!("imaps://localhost:{}", server.port);
        let site = Site::with(&[("POSTHORN_IMAP_URL", &url)]).await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        browser.call("folders", &[]).await;
        lost.store(true, Ordering::SeqCst);
        let subject = unique("deleted folder");
        let form = mail("test5@posthorn.example", &subject);
        let draft = save(&mut browser, &form).await;
        assert_eq!(draft["stored"][0], 20);
        assert_sent(&browser.hand_in("send", &form).await);
        let heard = server.heard();
        for name in ["Drafts", "Sent"] {
            let create = format!("CREATE \"{name}\"");
            let made = heard.iter().filter(|one| one.starts_with(&create)).count();
            assert_eq!(made, 1, "{name}");
        }
        mailbox.arrived("INBOX", &subject, 1).await;
        clear(&mailbox, &subject).await;
    });
}

#[test]
fn a_move_is_finished_when_the_browser_has_gone() {
    run(async {
        let (proxy, site) = site(&["MOVE"]).await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("left");
        let folder = mailbox.create(&unique("Left for")).await;
        let form = mail("test7@posthorn.example", &subject);
        let uid = mailbox.store("INBOX", &letter(&form)).await;
        let validity = mailbox.validity("INBOX").await.to_string();
        let fields = [
            ("folder", "INBOX"),
            ("uid_validity", &validity),
            ("uids[0]", &uid.to_string()),
            ("change", "move"),
            ("target", &folder),
        ];
        let window = [("folder", "INBOX"), ("page", "1")];
        browser.call("window", &window).await;
        proxy.set(Fault::Delay(Duration::from_millis(300)));
        let asked = timeout(
            Duration::from_millis(500),
            browser.call("change_many", &fields),
        );
        let answer = asked.await.map(|answer| answer.text());
        assert!(answer.is_err(), "{answer:?}");
        mailbox.arrived(&folder, &subject, 1).await;
        for _ in 0..40 {
            if mailbox.with("INBOX", &subject).await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        assert!(mailbox.with("INBOX", &subject).await.is_empty());
        mailbox.drop_folder(&folder).await;
    });
}

/// The mail as somebody else would send it.
fn letter(form: &Form) -> Vec<u8> {
    let subject = form.value("subject");
    format!("From: a@posthorn.example\r\nSubject: {subject}\r\n\r\nText.\r\n").into_bytes()
}
