//! Calls of the browser's half with values that it never sends: each is told what is wrong, with the
//! status that goes with it, and nothing but what was named is changed.

use crate::bad_input::names;
use crate::http_support::client::{Answer, HTML, JSON, OWN, Request};
use crate::http_support::mailbox::{Mailbox, mail};
use crate::http_support::{Site, run, unique};

fn assert_told(answer: &Answer, what: &str) {
    assert!(
        answer.status < 500,
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    assert!(answer.header("content-type").contains("json"), "{what}");
    assert!(
        !answer.text().contains("Internal"),
        "{what}: {}",
        answer.text()
    );
}

#[test]
fn calls_with_odd_values_are_told_so() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let long = "x".repeat(10_000);
        let mut values = names();
        values.extend([
            String::new(),
            "99999999999".to_owned(),
            "-1".to_owned(),
            long,
        ]);
        let usual = [
            ("folder", "Nowhere"),
            ("uid_validity", "1"),
            ("uid", "1"),
            ("change", "star"),
            ("target", ""),
            ("back", "/"),
            ("page", "1"),
            ("headers", "true"),
            ("first", "0"),
            ("last", "9"),
        ];
        for value in &values {
            for (name, _) in usual {
                let fields = usual.map(|(key, usual)| {
                    let value = if key == name { value.as_str() } else { usual };
                    (key, value)
                });
                for call in [
                    "change",
                    "window",
                    "message",
                    "conversations",
                    "conversation",
                ] {
                    let what = format!("{call} {name}={value:.40?}");
                    assert_told(&reader.call(call, &fields).await, &what);
                }
                let answer = reader.post("/api/change", &fields).await;
                let what = format!("form {name}={value:.40?}: {}", answer.status);
                assert!(answer.status < 500, "{what}");
            }
            let language = [("language", value.as_str()), ("back", "/login")];
            assert_told(&reader.call("set_language", &language).await, "language");
            let query = serde_json::json!({ "query": {
                "to": value, "folder": value, "kept": value, "reply": 1
            }});
            let request = Request::new("POST", "/api/composition")
                .headers(&[OWN, JSON, ("Content-Type", "application/json")])
                .body(query.to_string());
            assert_told(
                &reader.send(request).await,
                &format!("compose {value:.40?}"),
            );
        }
    });
}

#[test]
fn a_call_that_cannot_be_read_is_a_bad_request() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        for (path, kind, body) in [
            ("window", "application/x-www-form-urlencoded", &b""[..]),
            ("window", "application/x-www-form-urlencoded", b"folder"),
            (
                "window",
                "application/x-www-form-urlencoded",
                b"folder=%FF&page=1",
            ),
            (
                "window",
                "application/x-www-form-urlencoded",
                b"\xff\xfe\x00",
            ),
            (
                "window",
                "application/json",
                b"{\"folder\":\"INBOX\",\"page\":1}",
            ),
            ("window", "text/plain", b"folder=INBOX"),
            (
                "change",
                "application/x-www-form-urlencoded",
                b"folder=INBOX&uid=1",
            ),
            ("sign_in", "application/x-www-form-urlencoded", b"address=a"),
            ("composition", "application/json", b"{"),
            ("composition", "application/json", b"null"),
            ("composition", "application/json", b"\xff"),
            ("composition", "text/plain", b"{\"query\":{}}"),
        ] {
            for accept in [JSON, HTML] {
                let request = Request::new("POST", &format!("/api/{path}"))
                    .headers(&[OWN, accept, ("Content-Type", kind)])
                    .body(body);
                let answer = reader.send(request).await;
                let what = format!("{path} {kind} {:?}", String::from_utf8_lossy(body));
                let status = answer.status;
                assert!(
                    (200..500).contains(&status),
                    "{what}: {status} {}",
                    answer.text()
                );
            }
        }
        let deep = format!(
            "{{\"query\":{}1{}}}",
            "[".repeat(50_000),
            "]".repeat(50_000)
        );
        let request = Request::new("POST", "/api/composition")
            .headers(&[OWN, JSON, ("Content-Type", "application/json")])
            .body(deep);
        assert!(reader.send(request).await.status < 500);
    });
}

#[test]
fn changes_mean_nothing_but_the_message_they_name() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let subject = unique("change");
        let uid = mailbox.store("INBOX", &mail(&subject)).await.to_string();
        let validity = mailbox.validity("INBOX").await;
        let other = (validity + 1).to_string();
        let validity = validity.to_string();
        for (folder, validity, uid, target) in [
            ("INBOX", other.as_str(), uid.as_str(), "Trash"),
            ("INBOX", "0", &uid, "Trash"),
            ("INBOX", &validity, "1:*", "Trash"),
            ("INBOX", &validity, "*", "Trash"),
            ("Nowhere", &validity, &uid, "Trash"),
            ("INBOX", &validity, &uid, "Nowhere"),
            ("INBOX", &validity, &uid, ""),
            ("INBOX", &validity, &uid, "Trash\r\nx LOGOUT"),
        ] {
            for change in ["move", "delete", "star", "trash", "archive"] {
                let own = target == "Trash";
                let fits = !own && change != "move";
                if fits {
                    continue;
                }
                let fields = [
                    ("folder", folder),
                    ("uid_validity", validity),
                    ("uid", uid),
                    ("change", change),
                    ("target", target),
                ];
                let answer = browser.call("change", &fields).await;
                let what = format!("{fields:?}: {}", answer.text());
                assert!(answer.text() != "null" && answer.status != 200, "{what}");
                assert!(answer.status < 500, "{} {what}", answer.status);
            }
        }
        // What is not there is moved by doing nothing.
        for other in ["0", "4294967295"] {
            let fields = [
                ("folder", "INBOX"),
                ("uid_validity", &validity),
                ("uid", other),
                ("change", "trash"),
            ];
            assert!(browser.call("change", &fields).await.status < 500);
        }
        let found = mailbox.with("INBOX", &subject).await;
        assert_eq!(found.len(), 1);
        let flags = mailbox.flags("INBOX", found[0]).await.unwrap();
        assert!(!flags.flagged && !flags.seen);
        mailbox.remove("INBOX", &subject).await;
    });
}
