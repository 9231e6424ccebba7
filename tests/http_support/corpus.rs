//! The mails of `tests/corpus` in a real mailbox: each opens, and what the server says of its
//! structure leads to the same body as what Posthorn reads itself.

use crate::corpus_support::{Shown, own_mails, show};
use crate::http_support::client::encode;
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run};
use posthorn::mail::structure::{BodyChoice, BodyText, Part};

/// Mails of which Dovecot makes another tree than Posthorn, and so chooses another body. They open all
/// the same, by the server's numbers. Where an inner multipart has its parent's boundary, what comes
/// next is the inner one's for Dovecot, the outer one's for RFC 2046, section 5.1.2. A mail of one line
/// break has an empty text for Dovecot.
const OTHERWISE: [&str; 2] = ["boundary-same", "one-line-break"];

/// What is chosen, in words.
fn chosen(choice: &BodyChoice) -> String {
    let images: Vec<&str> = choice.inline.iter().map(|i| i.part.as_str()).collect();
    let parts = |texts: &[BodyText]| -> Vec<String> {
        texts.iter().map(|text| text.part.clone()).collect()
    };
    format!(
        "html {:?}, text {:?}, images {images:?}",
        parts(&choice.html),
        parts(&choice.text)
    )
}

/// The parts that have numbers and octets of their own.
fn leaves(structure: &Part) -> Vec<String> {
    structure
        .walk()
        .filter(|part| part.kind != "multipart")
        .map(|part| format!("{} {}", part.id, part.content_type()))
        .collect()
}

/// Without any white space.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What the frame shows is what the pure half makes of the mail.
fn assert_shown(name: &str, page: &Page, shown: &Shown) {
    let html = shown.html.as_ref().or(shown.text_html.as_ref());
    let Some(html) = html.filter(|html| !html.contains("<img")) else {
        // What an image says in words is no text of the page.
        return;
    };
    for line in posthorn::mail::text::html_to_text(html).lines() {
        // Links and quotes are written otherwise in a text than in a page.
        let line = dense(line);
        if !line.contains("://") && !line.starts_with(['>', '*', '-', '|']) {
            let text = dense(&page.text);
            assert!(text.contains(&line), "{name}: {line:?} is not in {text:?}");
        }
    }
}

#[test]
fn every_mail_of_the_corpus_opens_with_the_body_that_was_chosen() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test2").await;
        let mailbox = Mailbox::of("test2").await;
        let folder = mailbox.create("Corpus").await;
        let mut otherwise = Vec::new();
        for (name, raw) in own_mails() {
            if raw.is_empty() {
                // No server takes that.
                continue;
            }
            let uid = mailbox.store(&folder, &raw).await;
            let shown = show(&raw);
            let path = format!("/mail/{}/{uid}", encode(&folder));
            for view in ["", "?headers=1", "?view=text"] {
                open(&mut browser, &format!("{path}{view}"), 200).await;
            }
            let answer = browser.get(&format!("{path}/body")).await;
            assert_eq!(answer.status, 200, "{name}");
            let page = Page::of(&answer);
            let theirs = mailbox.structure(&folder, uid).await;
            let ours = shown.structure.clone().unwrap_or_default();
            let (their_choice, our_choice) = (chosen(&theirs.body_choice()), chosen(&shown.choice));
            if their_choice != our_choice {
                println!("{name}\n  Dovecot:  {their_choice}\n  Posthorn: {our_choice}");
                otherwise.push(name);
            } else if leaves(&theirs) == leaves(&ours) && !raw.contains(&0) {
                // Dovecot gives 0x80 for a NUL.
                assert_shown(&name, &page, &shown);
            }
        }
        mailbox.drop_folder(&folder).await;
        assert_eq!(otherwise, OTHERWISE);
    });
}
