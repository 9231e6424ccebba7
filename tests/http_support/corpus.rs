//! The mails of `tests/corpus` in a real mailbox: each opens, and what the server says of its
//! structure leads to the same body as what Posthorn reads itself.

use crate::corpus_support::{Shown, own_mails, show};
use crate::http_support::client::encode;
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run};
use posthorn::mail::structure::{BodyChoice, Part};

/// Mails of which Dovecot makes another tree than Posthorn: what it sees, and why both may be
/// right. They open all the same, by the server's numbers.
const OTHERWISE: [&str; 0] = [];

/// Structure and choice in words, for the two sides to be compared.
fn told(structure: &Part, choice: &BodyChoice) -> String {
    let tree: Vec<String> = structure
        .walk()
        .map(|part| format!("{} {}", part.id, part.content_type()))
        .collect();
    let images: Vec<&str> = choice.inline.iter().map(|i| i.part.as_str()).collect();
    format!(
        "html {:?}, text {:?}, images {images:?}, tree {tree:?}",
        choice.html, choice.text
    )
}

/// Runs of white space as one space.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the frame shows is what the pure half makes of the mail.
fn assert_shown(name: &str, page: &Page, shown: &Shown) {
    if shown
        .html
        .as_ref()
        .is_some_and(|html| html.contains("<img"))
    {
        // What an image says in words is no text of the page.
        return;
    }
    let words = shown
        .html
        .clone()
        .or_else(|| shown.text_html.clone())
        .map(|html| posthorn::mail::text::html_to_text(&html))
        .unwrap_or_default();
    for line in words.lines().map(spaced).filter(|line| !line.is_empty()) {
        // Links and quotes are written otherwise in a text than in a page.
        if line.contains("://") || line.starts_with(['>', '*', '-', '|']) {
            continue;
        }
        assert!(
            spaced(&page.text).contains(&line),
            "{name}: {line:?} is not in {:?}",
            page.text
        );
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
            let theirs = told(&theirs, &theirs.body_choice());
            let ours = shown
                .structure
                .as_ref()
                .map(|structure| told(structure, &shown.choice))
                .unwrap_or_default();
            if theirs == ours {
                assert_shown(&name, &page, &shown);
            } else {
                println!("{name}\n  Dovecot:  {theirs}\n  Posthorn: {ours}");
                otherwise.push(name);
            }
        }
        mailbox.drop_folder(&folder).await;
        assert_eq!(otherwise, OTHERWISE);
    });
}
