//! Images from the net: who may say that they be shown, and by which addresses they are.

use crate::http_support::client::{Answer, Request};
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};

/// Who reads in these tests: bodies that are opened with their images are marked as read, and the
/// demo mailbox stays as it is.
const READER: &str = "test6";

/// Stores a newsletter with an image of a server that does not exist, and says where it is opened.
async fn newsletter() -> String {
    let mail = format!(
        "From: Shop <shop@sender.example>\r\nTo: {READER}@posthorn.example\r\n\
         Subject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>News</p><img src=\"http://images.sender.example/a.png\" alt=\"A\">",
        unique("remote")
    );
    let uid = Mailbox::of(READER)
        .await
        .store("INBOX", mail.as_bytes())
        .await;
    format!("/mail/INBOX/{uid}")
}

/// Whether the answer shows images from the net, by its policy and by its elements.
fn shows(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let policy = answer.header("content-security-policy").to_owned();
    let sources: Vec<String> = Page::of(answer)
        .all("img")
        .filter_map(|img| img.attribute("src").map(str::to_owned))
        .filter(|source| !source.starts_with("data:"))
        .collect();
    assert!(sources.iter().all(|source| source.starts_with("/remote/")));
    assert_eq!(policy.contains("/remote/"), !sources.is_empty(), "{policy}");
    !sources.is_empty()
}

#[test]
fn only_the_reader_of_a_message_says_that_its_images_be_shown() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.signed_in(READER).await;
        let message = newsletter().await;
        let body = format!("{message}/body");
        let page = open(&mut reader, &message, 200).await;
        let word = page.value("images").to_owned();
        let asking = format!("{body}?images={word}");
        reader.prefetches = true;
        assert!(!shows(&reader.get(&asking).await), "loaded in advance");
        reader.prefetches = false;
        assert!(shows(&reader.get(&asking).await));
        assert!(!shows(&reader.get(&body).await));
        for made_up in ["show", "always", "", &word[1..]] {
            let path = format!("{body}?images={made_up}");
            assert!(!shows(&reader.get(&path).await), "{made_up}");
        }
        let other_site = Request::get(&asking).header(("Sec-Fetch-Site", "cross-site"));
        assert!(!shows(&reader.send(other_site).await), "another site asks");
        let mut other = site.signed_in(READER).await;
        assert!(!shows(&other.get(&asking).await), "another session");
        let opened = open(&mut other, &newsletter().await, 200).await;
        let path = format!("{body}?images={}", opened.value("images"));
        assert!(!shows(&other.get(&path).await), "another message");
    });
}

#[test]
fn the_address_of_an_image_ends_with_its_session() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.signed_in(READER).await;
        let message = newsletter().await;
        let body = format!("{message}/body");
        let page = open(&mut reader, &message, 200).await;
        let asking = format!("{body}?images={}", page.value("images"));
        let shown = reader.get(&asking).await;
        let address = Page::of(&shown)
            .all("img")
            .filter_map(|img| img.attribute("src"))
            .find(|source| source.starts_with("/remote/"))
            .unwrap()
            .to_owned();
        // The document that asks has no origin, and so no cookie. There is no such sender.
        let mut nobody = site.browser();
        let answer = nobody.get(&address).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert!(!answer.text().contains("sender.example"));
        for other in [
            "/remote/x",
            "/remote/AAAA",
            &format!("{address}A"),
            &address[..40],
        ] {
            assert_eq!(nobody.get(other).await.status, 403, "{other}");
        }
        assert_eq!(reader.post("/api/sign_out", &[]).await.status, 303);
        assert_eq!(nobody.get(&address).await.status, 403);
    });
}

#[test]
fn a_sender_is_trusted_by_the_person_who_said_so() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.signed_in(READER).await;
        let message = newsletter().await;
        let body = format!("{message}/body");
        let page = open(&mut reader, &message, 200).await;
        let sender = page.value("sender").to_owned();
        let form = [("sender", sender.as_str()), ("back", message.as_str())];
        let answer = reader.post("/api/trust_sender", &form).await;
        assert_eq!((answer.status, answer.location()), (303, message.as_str()));
        assert!(shows(&reader.get(&body).await));
        let settings = open(&mut reader, "/settings/appearance", 200).await;
        assert!(settings.text.contains(&sender));
        for nonsense in ["", "x", "a@b, c@d", "<script>@x"] {
            let form = [("sender", nonsense), ("back", "/settings/appearance")];
            reader.post("/api/trust_sender", &form).await;
        }
        let settings = open(&mut reader, "/settings/appearance", 200).await;
        assert_eq!(
            settings
                .all("form")
                .filter(|f| f.attribute("action") == Some("/api/distrust_sender"))
                .count(),
            1
        );
        assert_eq!(reader.post("/api/distrust_sender", &form).await.status, 303);
        assert!(!shows(&reader.get(&body).await));
    });
}
