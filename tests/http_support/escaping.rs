//! What people and mails write is text, wherever it is shown: in the list, the heading, the title,
//! the composer's boxes, the body, and the data that the page hands to the browser's half.

use crate::http_support::client::{Browser, encode};
use crate::http_support::form::Form;
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const ATTACKS: [&str; 14] = [
    "</textarea><script>window.pwned=1</script>",
    "</script><script>window.pwned=2</script>",
    "<!--<script>window.pwned=3</script>",
    "<!-- x --!> <![CDATA[ ]]> <?x?>",
    "\"><img src=x onerror=window.pwned=4>",
    "'><svg/onload=window.pwned=5>",
    "</title></head><body onload=window.pwned=6>",
    "<b>fett</b><style>*{display:none}</style>",
    "\" autofocus onfocus=\"window.pwned=7",
    "&lt;script&gt;window.pwned=8&lt;/script&gt; &amp;lt;",
    "\\u003c/script>\\x3cscript>window.pwned=9\\",
    "${7*7} {{7*7}} `window.pwned=10`",
    "</SCRIPT\t><IMG SRC=javascript:window.pwned=11>",
    "</p></main></textarea\t><iframe srcdoc=\"<script>\">",
];

fn word(text: &str) -> String {
    let pieces: Vec<String> = text
        .as_bytes()
        .chunks(42)
        .map(|piece| format!("=?utf-8?B?{}?=", STANDARD.encode(piece)))
        .collect();
    pieces.join("\r\n ")
}

/// A mail that says `attack` wherever a mail can say something.
fn mail(attack: &str, mark: &str) -> Vec<u8> {
    let encoded = word(attack);
    let text = format!("{mark}\n{attack}\n> {attack}\n");
    let escaped = attack.replace('&', "&amp;").replace('<', "&lt;");
    let name = encode(attack);
    format!(
        "From: {encoded} <mallory@evil.example>\r\nTo: {encoded} <test4@posthorn.example>\r\n\
         Cc: {encoded} <x@evil.example>\r\nReply-To: {encoded} <y@evil.example>\r\n\
         Subject: {encoded}\r\n {mark}\r\nMessage-ID: <{mark}@evil.example>\r\n\
         X-Evil: {encoded}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
         --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {}\r\n\
         --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{attack}</p><p>{escaped}</p>\r\n\
         --a--\r\n\
         --b\r\nContent-Type: text/plain\r\n\
         Content-Disposition: attachment; filename*=utf-8''{name}\r\n\r\ncontent\r\n--b--\r\n",
        STANDARD.encode(text)
    )
    .into_bytes()
}

/// Nothing in the body's document runs or loads, whatever its policy.
fn assert_still(page: &Page, what: &str) {
    for element in &page.elements {
        let name = element.name.as_str();
        let banned = [
            "script", "img", "svg", "iframe", "object", "form", "textarea", "input", "math",
        ];
        assert!(!banned.contains(&name), "{what}: {element:?}");
        for (key, _) in &element.attributes {
            assert!(!key.starts_with("on"), "{what}: {element:?}");
        }
    }
    assert_eq!(page.all("body").count(), 1, "{what}");
    assert_eq!(page.all("style").count(), 1, "{what}");
}

#[test]
fn a_mail_is_text_in_every_page_that_shows_it() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test4").await;
        let mailbox = Mailbox::of("test4").await;
        for attack in ATTACKS {
            let mark = unique("attack");
            let uid = mailbox.store("INBOX", &mail(attack, &mark)).await;
            let said = format!("{attack} {mark}");

            let list = open(&mut browser, "/mail/INBOX", 200).await;
            assert!(
                list.text.contains(&spaced(attack)),
                "{attack}: {}",
                list.text
            );
            let page = open(&mut browser, &format!("/mail/INBOX/{uid}?headers=1"), 200).await;
            assert_eq!(spaced(page.heading()), spaced(&said));
            assert!(page.title().contains(&mark), "{}", page.title());
            assert!(spaced(&page.text).contains(&spaced(attack)), "{attack}");
            let files = page.links();
            let files = files.iter().filter(|link| link.contains("/attachment/"));
            assert_eq!(files.count(), 1, "{attack}");

            for view in ["", "?view=text"] {
                let answer = browser.get(&format!("/mail/INBOX/{uid}/body{view}")).await;
                assert_eq!(answer.status, 200);
                let body = Page::of(&answer);
                assert_still(&body, &format!("{view} {attack}"));
                if !view.is_empty() {
                    let text = spaced(&body.text);
                    assert!(
                        text.contains(&format!("{mark} {}", spaced(attack))),
                        "{text}"
                    );
                }
            }
            for how in ["reply", "reply-all", "forward"] {
                let path = format!("/compose?{how}={uid}&folder=INBOX");
                let page = open(&mut browser, &path, 200).await;
                let text = page.value("text");
                let quoted = if how == "forward" {
                    format!("{mark}\n{attack}")
                } else {
                    format!("> {attack}\n>> {attack}")
                };
                assert!(text.contains(&quoted), "{how} {attack}: {text}");
                assert!(page.value("subject").contains(&mark), "{how}");
            }
            mailbox.remove("INBOX", &mark).await;
        }
    });
}

/// Runs of white space as one space: a header's words are folded.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn assert_echoed(browser: &mut Browser, path: &str, attack: &str) {
    let page = open(browser, path, 200).await;
    for name in ["to", "cc", "subject"] {
        let value = page.value(name);
        assert_eq!(spaced(value), spaced(attack), "{name} of {path:.100}");
    }
    assert_eq!(page.value("text"), attack, "{path:.100}");
}

#[test]
fn what_was_typed_comes_back_as_text() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        for attack in ATTACKS {
            let a = encode(attack);
            let path = format!("/compose?to={a}&cc={a}&subject={a}&body={a}");
            assert_echoed(&mut browser, &path, attack).await;
            let form = Form::mail(attack, attack, attack)
                .field("cc", attack)
                .field("bcc", attack)
                .field("message_id", attack)
                .field("references", attack)
                .field("origin", attack)
                .field("keep", attack);
            let answer = browser.submit("send", &form).await;
            assert_eq!(answer.status, 303, "{attack}");
            assert!(answer.location().starts_with("/compose?kept="), "{attack}");
            assert_echoed(&mut browser, answer.location(), attack).await;

            open(&mut site.browser(), &format!("/login?next=%2F{a}"), 200).await;
            open(&mut site.browser(), &format!("/nowhere/{a}?x={a}"), 404).await;
            for (path, status) in [
                (format!("/mail/{a}"), 404),
                (format!("/mail/{a}/1?v=1"), 404),
                (format!("/mail/INBOX/{a}"), 404),
                (format!("/mail/INBOX/1?v=1&x={a}"), 410),
                (format!("/compose?draft=1&folder={a}&kept={a}&v=1"), 410),
            ] {
                open(&mut browser, &path, status).await;
            }
            let page = open(&mut browser, &format!("/mail/INBOX?page={a}&q={a}"), 200).await;
            assert!(page.has_folders());
        }
    });
}

#[test]
fn a_forged_word_to_the_next_page_is_text() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        for attack in ATTACKS {
            for flash in [
                serde_json::json!({ "error": { "Refused": attack } }),
                serde_json::json!({ "sign_in": [attack, { "UnknownDomain": attack }] }),
                serde_json::json!({ "sign_in": [attack, { "Throttled": 4_294_967_295_u32 }] }),
                serde_json::json!({ "notice": attack }),
                serde_json::json!(attack),
            ] {
                let cookie = URL_SAFE_NO_PAD.encode(flash.to_string());
                for (path, browser) in [
                    ("/login", &mut site.browser()),
                    ("/mail/INBOX", &mut reader),
                ] {
                    let name = "posthorn-flash".to_owned();
                    browser.cookies.insert(name.clone(), cookie.clone());
                    open(browser, path, 200).await;
                    assert!(!browser.cookies.contains_key(&name), "it is told once");
                }
            }
        }
    });
}
