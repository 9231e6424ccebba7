//! The composer's form as it should not come: broken, too large, with too much in it, with line
//! breaks where none belong. What can be given back is given back; nothing gets into a header.

use crate::http_support::client::{HTML, JSON, OWN, Request, multipart};
use crate::http_support::form::{BOUNDARY, Form};
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[test]
fn a_form_that_cannot_be_read_is_refused() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("broken");
        let good = Form::mail("test7@posthorn.example", &subject, "Text.");
        let mut many = good.clone();
        for number in 0..3_000 {
            many = many.also(&format!("field{number}"), "x");
        }
        let mut kept = good.clone();
        for _ in 0..3_000 {
            kept = kept.also("keep", "x");
        }
        let broken = good.clone().file("a.bin", "x/y", &vec![7; 100_000]).open();
        let plain = Request::new("POST", "/api/submit/send");
        let kind = |kind: &str| {
            plain
                .clone()
                .header(("Content-Type", kind))
                .body(good.octets())
        };
        let long = format!("multipart/form-data; boundary={}", "b".repeat(10_000));
        for (what, request) in [
            ("3,000 fields", multipart("send", many.octets())),
            ("3,000 attachments", multipart("send", kept.octets())),
            ("broken off", multipart("send", good.open())),
            (
                "broken off in a file",
                multipart("send", broken[..50_000].to_vec()),
            ),
            ("nothing", multipart("send", Vec::new())),
            ("rubbish", multipart("send", vec![0xff; 10_000])),
            ("no type", plain.clone().body(good.octets())),
            ("no boundary", kind("multipart/form-data")),
            ("an empty boundary", kind("multipart/form-data; boundary=")),
            (
                "another boundary",
                kind("multipart/form-data; boundary=other"),
            ),
            ("a long boundary", kind(&long)),
            ("urlencoded", kind("application/x-www-form-urlencoded")),
            (
                "a head without an end",
                multipart(
                    "send",
                    format!("--{BOUNDARY}\r\n{}", "X: y\r\n".repeat(50_000)).into(),
                ),
            ),
        ] {
            for accept in [JSON, HTML] {
                let answer = browser.send(request.clone().headers(&[OWN, accept])).await;
                // An empty boundary is one, and what it separates no form.
                let emptied = what == "an empty boundary"
                    && (answer.text().contains("Refused") || answer.location().contains("?kept="));
                let refused = matches!(answer.status, 400 | 413) || emptied;
                assert!(refused, "{what}: {} {}", answer.status, answer.text());
            }
        }
        for intent in ["", "sends", "SEND", "send/x", "%00", "..%2Fsend"] {
            let request = multipart(intent, good.octets()).headers(&[OWN, HTML]);
            let answer = browser.send(request).await;
            assert!(
                matches!(answer.status, 404 | 405),
                "{intent}: {}",
                answer.status
            );
        }
        for folder in ["INBOX", "Sent", "Drafts"] {
            assert!(mailbox.with(folder, &subject).await.is_empty(), "{folder}");
        }
    });
}

#[test]
fn a_browser_that_goes_away_in_the_middle_harms_nobody() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("gone");
        let form = Form::mail("test7@posthorn.example", &subject, "Text.");
        let body = form.file("a.bin", "x/y", &vec![7; 500_000]).octets();
        let head = format!(
            "POST /api/submit/send HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: posthorn={}\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n",
            browser.session().unwrap(),
            body.len()
        );
        for sent in [0, 100, 1_000, 250_000, body.len() - 10] {
            let mut stream = TcpStream::connect(site.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body[..sent]).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            let answer = String::from_utf8_lossy(&answer);
            let told = answer.is_empty() || answer.starts_with("HTTP/1.1 400");
            assert!(told, "{sent}: {answer:.200}");
        }
        open(&mut browser, "/mail/INBOX", 200).await;
        for folder in ["INBOX", "Sent", "Drafts"] {
            assert!(mailbox.with(folder, &subject).await.is_empty(), "{folder}");
        }
    });
}

#[test]
fn a_form_without_an_end_is_not_read_on() {
    run(async {
        let site = Site::start().await;
        let browser = site.signed_in("test7").await;
        let cookie = format!("Cookie: posthorn={}\r\n", browser.session().unwrap());
        let file = "Content-Disposition: form-data; name=\"files\"; filename=\"a\"";
        let part = format!("--{BOUNDARY}\r\n{file}\r\n");
        // What is kept until something comes that never does, and what is thrown away: four mails, so
        // that one with a file too large gives back its text.
        let (soon, late) = (4 << 20, 220 << 20);
        for (cookie, begin, limit) in [
            ("", String::new(), soon),
            ("", part.clone(), soon),
            ("", format!("{part}\r\n"), late),
            (cookie.as_str(), String::new(), soon),
            (cookie.as_str(), part.clone(), soon),
        ] {
            let head = format!(
                "POST /api/submit/send HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n\
                 {cookie}Transfer-Encoding: chunked\r\n\
                 Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
            );
            let stream = TcpStream::connect(site.address).await.unwrap();
            let (mut reading, mut writing) = stream.into_split();
            writing.write_all(head.as_bytes()).await.unwrap();
            let sender = tokio::spawn(async move {
                let piece = "a".repeat(64 << 10);
                let begin = (!begin.is_empty()).then_some(begin);
                let pieces = begin.into_iter().chain(std::iter::repeat(piece));
                let mut sent = 0;
                for piece in pieces.take(6_400) {
                    let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
                    if writing.write_all(chunk.as_bytes()).await.is_err() {
                        break;
                    }
                    sent += piece.len();
                }
                sent
            });
            let mut answer = Vec::new();
            let _ = reading.read_to_end(&mut answer).await;
            drop(reading);
            let sent = sender.await.unwrap();
            let answer = String::from_utf8_lossy(&answer);
            let told = answer.is_empty() || answer.starts_with("HTTP/1.1 400");
            assert!(told && sent <= limit, "{sent}: {answer:.200}");
        }
    });
}

#[test]
fn a_call_over_the_limit_is_refused_quickly() {
    run(async {
        let site = Site::start().await;
        for browser in [&mut site.browser(), &mut site.reader().await] {
            for octets in [300 << 10, 5 << 20, 40 << 20] {
                let large = "x".repeat(octets);
                for path in ["window", "sign_in", "change", "set_language"] {
                    let fields = [("folder", large.as_str()), ("address", "x")];
                    let before = Instant::now();
                    let answer = browser.call(path, &fields).await;
                    let took = before.elapsed();
                    assert_eq!(answer.status, 413, "{path} {octets}: {}", answer.text());
                    assert!(took < Duration::from_secs(10), "{path}: {took:?}");
                }
            }
        }
    });
}

#[test]
fn a_text_that_is_too_long_is_told_and_the_rest_comes_back() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        // Lines that differ, so that a piece lost in the middle would show.
        let lines: Vec<String> = (0..250_000).map(|line| format!("{line:07}")).collect();
        let text = lines.join("\n");
        let subject = unique("long");
        let form = Form::mail("test7@posthorn.example", &subject, &text).field("cc", "Ä <a@b.c>");
        let outcome = browser.hand_in("send", &form).await;
        let problem = &outcome["Refused"]["problem"];
        assert!(problem["TooLarge"]["limit"].is_u64(), "{problem}");
        let answer = browser.submit("send", &form).await;
        assert!(
            answer.location().starts_with("/compose?kept="),
            "{answer:?}"
        );
        let page = open(&mut browser, answer.location(), 200).await;
        assert!(page.has_alert("larger than"), "{}", page.text);
        assert_eq!(page.value("subject"), subject);
        assert_eq!(page.value("to"), "test7@posthorn.example");
        assert_eq!(page.value("cc"), "Ä <a@b.c>");
        let back = page.value("text");
        assert!(back.len() >= 500_000, "{} octets came back", back.len());
        assert!(
            text.starts_with(back),
            "what came back is not how it was typed"
        );

        let long = "ä".repeat(200_000);
        for name in ["to", "cc", "bcc", "subject"] {
            let form = Form::mail("test7@posthorn.example", &subject, "Text.").field(name, &long);
            let outcome = browser.hand_in("save", &form).await;
            assert!(
                !outcome["Refused"]["problem"].is_null(),
                "{name}: {outcome:.200}"
            );
            let back = outcome["Refused"]["draft"][name].as_str().unwrap();
            assert!(long.starts_with(back), "{name} came back garbled");
        }
        let mailbox = Mailbox::of("test7").await;
        assert!(mailbox.with("Sent", &subject).await.is_empty());
    });
}

#[test]
fn odd_values_in_the_fields_get_into_no_header() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test8").await;
        let mailbox = Mailbox::of("test8").await;
        let names = [
            "to",
            "cc",
            "bcc",
            "subject",
            "text",
            "message_id",
            "in_reply_to",
            "references",
            "origin",
            "stored",
            "keep",
        ];
        let long = "x".repeat(10_000);
        let word = "y ".repeat(5_000);
        let address = format!("{}@posthorn.example", "z".repeat(10_000));
        for value in [
            "a\r\nX-Injected: yes\r\n\r\nbody",
            "a\nX-Injected: yes",
            "a\rX-Injected: yes",
            "test8@posthorn.example\r\nX-Injected: yes",
            "<a@b>\r\nX-Injected: yes",
            "a\0b",
            "\u{85}X-Injected: yes\u{2028}X-Injected: yes",
            "\"\r\nX-Injected: yes\" <test8@posthorn.example>",
            "{\"relation\":\"Reply\",\"folder\":\"a\\r\\nX-Injected: yes\",\"uid_validity\":1,\"uid\":1}",
            "[4294967295,4294967295]",
            "[0,0]",
            "[-1,99999999999]",
            "",
            &long,
            &word,
            &address,
        ] {
            for name in names {
                let what = format!("{name}={value:.50?}");
                let subject = unique("odd");
                let form = Form::mail("", &subject, "Text.").field(name, value);
                let outcome = browser.hand_in("save", &form).await;
                let told = outcome["Saved"].is_object() || outcome["Refused"].is_object();
                assert!(told, "{what}: {outcome}");
                assert!(
                    !outcome.to_string().contains("\"Internal\""),
                    "{what}: {outcome:.300}"
                );
                if outcome["Saved"].is_object() {
                    let stored = outcome["Saved"]["draft"]["stored"].clone();
                    let uid = u32::try_from(stored[0].as_u64().unwrap()).unwrap();
                    let source = mailbox.source("Drafts", uid).await;
                    let (head, _) = source.split_once("\r\n\r\n").unwrap();
                    for line in head.lines() {
                        assert!(!line.starts_with("X-Injected"), "{what}: {head}");
                        assert!(line.len() <= 998, "{what}: {} octets", line.len());
                    }
                    let path = format!("/compose?draft={uid}&v={}", stored[1]);
                    open(&mut browser, &path, 200).await;
                    let discard = Form::default().field("stored", &stored.to_string());
                    let outcome = browser.hand_in("discard", &discard).await;
                    assert_eq!(outcome, "Discarded", "{what}");
                }
                // The same without JavaScript: led on, to a page that can be shown.
                let answer = browser.submit("send", &form.clone().field("to", "x")).await;
                assert_eq!(answer.status, 303, "{what}: {}", answer.text());
                open(&mut browser, answer.location(), 200).await;
            }
        }
    });
}

#[test]
fn five_hundred_recipients_are_sent_to_and_one_more_is_told() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test8").await;
        let mailbox = Mailbox::of("test8").await;
        let subject = unique("many");
        let list = |count: u32| -> String {
            let all: Vec<String> = (0..count)
                .map(|number| format!("Person {number} <test8+{number}@posthorn.example>"))
                .collect();
            all.join(", ")
        };
        let form = Form::mail(&list(501), &subject, "Text.");
        let outcome = browser.hand_in("send", &form).await;
        assert_eq!(
            outcome["Refused"]["problem"]["TooManyRecipients"]["limit"], 500,
            "{outcome:.200}"
        );
        let answer = browser.submit("send", &form).await;
        let page = open(&mut browser, answer.location(), 200).await;
        assert!(page.has_alert("at most 500 recipients"), "{}", page.text);
        assert_eq!(page.value("to"), list(501));
        // Spread over the boxes they are as many.
        let spread = Form::mail(&list(300), &subject, "Text.")
            .field("cc", &list(400).replace("test8+", "test8+c"))
            .field("bcc", &list(1).replace("test8+", "test8+b"));
        let outcome = browser.hand_in("send", &spread).await;
        assert!(outcome["Refused"]["problem"]["TooManyRecipients"].is_object());
        assert!(mailbox.with("Sent", &subject).await.is_empty());

        let form = form.field("to", &list(500)).field("cc", &list(500));
        let outcome = browser.hand_in("send", &form).await;
        assert!(outcome["Sent"]["problem"].is_null(), "{outcome}");
        assert!(outcome["Sent"].is_object(), "{outcome}");
        assert_eq!(mailbox.with("Sent", &subject).await.len(), 1);
        mailbox.remove("Sent", &subject).await;
        // Five hundred copies are on their way; what is left here is the stand's own.
        let deadline = Instant::now() + Duration::from_mins(2);
        let mut removed = 0;
        while removed < 500 && Instant::now() < deadline {
            removed += mailbox.remove("INBOX", &subject).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(removed, 500, "copies arrived");
    });
}
