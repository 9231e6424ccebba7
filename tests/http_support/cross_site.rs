//! Requests of other sites: each way of asking for a change, with each way in which a browser says
//! that the request is not our own page's. Nothing but 403 may come of it.

use crate::http_support::client::{Browser, HTML, JSON, OWN, Request, multipart};
use crate::http_support::form::Form;
use crate::http_support::mailbox::{Mailbox, mail};
use crate::http_support::{Site, open, run, unique};
use std::time::{Duration, Instant};

/// A mailbox with an unread message and a draft, and the subject that they share.
struct Scene {
    mailbox: Mailbox,
    subject: String,
    uid: u32,
    validity: u32,
    stored: String,
}

impl Scene {
    async fn new(user: &str, browser: &mut Browser) -> Self {
        let mailbox = Mailbox::of(user).await;
        let subject = unique("cross");
        let uid = mailbox.store("INBOX", &mail(&subject)).await;
        let draft = Form::mail("", &format!("draft {subject}"), "Draft.");
        let saved = browser.hand_in("save", &draft).await;
        let stored = saved["Saved"]["draft"]["stored"].to_string();
        assert_ne!(stored, "null", "{saved}");
        Self {
            validity: mailbox.validity("INBOX").await,
            mailbox,
            subject,
            uid,
            stored,
        }
    }

    fn change(&self, change: &str) -> Request {
        let (validity, uid) = (self.validity.to_string(), self.uid.to_string());
        Request::post(
            "/api/change",
            &[
                ("folder", "INBOX"),
                ("uid_validity", &validity),
                ("uid", &uid),
                ("change", change),
                ("target", "Trash"),
                ("back", "/mail/INBOX"),
            ],
        )
    }

    fn submit(&self, intent: &str, user: &str) -> Request {
        let to = format!("{user}@posthorn.example");
        let form = Form::mail(&to, &format!("{intent} {}", self.subject), "Text.");
        let form = if intent == "discard" {
            form.field("stored", &self.stored)
        } else {
            form
        };
        multipart(intent, form.octets())
    }

    /// Every POST there is.
    fn posts(&self, user: &str) -> Vec<Request> {
        let uid = self.uid.to_string();
        let sign_in = [
            ("address", "anna@posthorn.example"),
            ("password", "anna-secret"),
        ];
        let query = Request::new("POST", "/api/composition")
            .header(("Content-Type", "application/json"))
            .body(format!(
                "{{\"query\":{{\"reply\":{uid},\"folder\":\"INBOX\"}}}}"
            ));
        let mut all = vec![
            Request::post("/api/sign_in", &sign_in),
            Request::post("/api/sign_out", &[]),
            Request::post("/api/set_language", &[("language", "de")]),
            Request::post("/api/folders", &[]),
            Request::post("/api/window", &[("folder", "INBOX"), ("page", "1")]),
            Request::post(
                "/api/message",
                &[("folder", "INBOX"), ("uid", &uid), ("headers", "false")],
            ),
            query,
        ];
        all.extend(["read", "star", "trash", "delete", "move"].map(|what| self.change(what)));
        all.extend(["send", "save", "discard"].map(|intent| self.submit(intent, user)));
        all
    }

    /// Panics where anything has happened.
    async fn assert_untouched(&self, browser: &mut Browser) {
        // What is opened is marked as read a moment later (`server/marking.rs`).
        tokio::time::sleep(Duration::from_millis(500)).await;
        let flags = self.mailbox.flags("INBOX", self.uid).await;
        let flags = flags.expect("the message is gone");
        assert!(!flags.seen && !flags.flagged);
        for (folder, count) in [("INBOX", 1), ("Drafts", 1), ("Sent", 0), ("Trash", 0)] {
            let found = self.mailbox.with(folder, &self.subject).await;
            assert_eq!(found.len(), count, "{folder}");
        }
        let page = open(browser, "/settings/appearance", 200).await;
        assert_eq!(page.heading(), "Settings", "the language was changed");
    }

    async fn clear(&self) {
        for folder in ["INBOX", "Drafts", "Sent", "Trash"] {
            self.mailbox.remove(folder, &self.subject).await;
        }
    }
}

#[test]
fn a_post_from_elsewhere_is_refused_and_changes_nothing() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test1").await;
        let scene = Scene::new("test1", &mut browser).await;
        let own = browser.origin();
        let sub = own.replace("127.0.0.1", "evil.127.0.0.1");
        let port = format!("{own}0");
        let cases: [&[(&str, &str)]; 12] = [
            &[],
            &[("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Site", "same-site")],
            &[("Sec-Fetch-Site", "none")],
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)],
            &[("Sec-Fetch-Site", "same-site"), ("Origin", &own)],
            &[("Origin", "null")],
            &[("Origin", "")],
            &[("Origin", "https://evil.example")],
            &[("Origin", &sub)],
            &[("Origin", &port)],
            &[("Referer", &own)],
        ];
        let before = browser.cookies.clone();
        for headers in cases {
            for accept in [HTML, JSON] {
                for request in scene.posts("test1") {
                    let what = format!("{headers:?} {}", request.path);
                    let answer = browser.send(request.headers(headers).header(accept)).await;
                    assert_eq!(answer.status, 403, "{what}");
                    assert_eq!(answer.header("set-cookie"), "", "{what}");
                    assert!(!answer.text().contains(&scene.subject), "{what}");
                }
            }
        }
        assert_eq!(browser.cookies, before);
        scene.assert_untouched(&mut browser).await;
        scene.clear().await;
    });
}

#[test]
fn nothing_is_changed_by_get_or_by_methods_that_are_not_served() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test1").await;
        let scene = Scene::new("test1", &mut browser).await;
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"] {
            for mut request in scene.posts("test1") {
                let query = String::from_utf8_lossy(&request.body).into_owned();
                if matches!(method, "GET" | "HEAD") && !query.contains('\r') && query.is_ascii() {
                    request.path = format!("{}?{}", request.path, query.replace(['"', ' '], ""));
                    request.body = Vec::new();
                }
                request.method = method.to_owned();
                let what = format!("{method} {}", request.path);
                let answer = browser.send(request.headers(&[OWN, HTML])).await;
                let refused = matches!(answer.status, 404 | 405);
                assert!(refused, "{what}: {}", answer.status);
                assert!(answer.cookies("posthorn").is_empty(), "{what}");
            }
        }
        scene.assert_untouched(&mut browser).await;
        scene.clear().await;
    });
}

#[test]
fn a_post_of_our_own_pages_does_what_it_says() {
    run(async {
        let site = Site::start().await;
        for by_origin in [false, true] {
            let mut browser = site.signed_in("test2").await;
            let scene = Scene::new("test2", &mut browser).await;
            let origin = browser.origin();
            let own = if by_origin {
                ("Origin", origin.as_str())
            } else {
                OWN
            };
            let mut post = async |request: Request| {
                let what = request.path.clone();
                let answer = browser.send(request.header(own).header(JSON)).await;
                assert_eq!(answer.status, 200, "{what}: {}", answer.text());
                answer.text()
            };
            let posts = scene.posts("test2");
            // What only looks: the folders, a page, a message, the composer.
            for look in &posts[3..7] {
                let text = post(look.clone()).await;
                assert!(text.contains("INBOX"), "{}: {text}", look.path);
            }
            // Nobody asks for its text, for which the mark would wait.
            let deadline = Instant::now() + Duration::from_secs(10);
            while !scene.mailbox.flags("INBOX", scene.uid).await.unwrap().seen {
                assert!(Instant::now() < deadline, "opening marks as read");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            post(scene.change("star")).await;
            let flags = scene.mailbox.flags("INBOX", scene.uid).await;
            assert!(flags.unwrap().flagged);
            post(scene.change("trash")).await;
            assert!(scene.mailbox.flags("INBOX", scene.uid).await.is_none());
            assert_eq!(scene.mailbox.with("Trash", &scene.subject).await.len(), 1);
            post(scene.submit("discard", "test2")).await;
            assert!(
                scene
                    .mailbox
                    .with("Drafts", &scene.subject)
                    .await
                    .is_empty()
            );
            post(scene.submit("save", "test2")).await;
            assert_eq!(scene.mailbox.with("Drafts", &scene.subject).await.len(), 1);
            post(scene.submit("send", "test2")).await;
            assert_eq!(scene.mailbox.with("Sent", &scene.subject).await.len(), 1);
            scene.mailbox.arrived("INBOX", &scene.subject, 1).await;
            post(posts[2].clone()).await;
            post(posts[1].clone()).await;
            assert!(browser.session().is_none(), "signed out");
            let answer = browser.get("/login").await;
            assert!(answer.text().contains("<html lang=\"de\""), "the language");
            scene.clear().await;
        }
    });
}
