//! Signing in: where it may lead, how guessing is slowed down, and which passwords there are.

use crate::http_support::mailbox::account;
use crate::http_support::{Site, open, run, stays};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

const ELSEWHERE: [&str; 22] = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTPS:/evil.example",
    "http:\\\\evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\0/evil.example",
    "/\u{2028}/evil.example",
    "／／evil.example",
    "?next=//evil.example",
];

#[test]
fn the_sign_in_never_leads_off_the_site() {
    run(async {
        let site = Site::start().await;
        let (address, password) = account("demo");
        let mut signed_in = site.reader().await;
        for next in ELSEWHERE {
            let login = format!("/login?next={}", crate::http_support::client::encode(next));
            // The page: all its links and forms are looked at.
            open(&mut site.browser(), &login, 200).await;
            let good = [
                ("address", address.as_str()),
                ("password", password),
                ("next", next),
            ];
            let answer = site.browser().post("/api/sign_in", &good).await;
            assert_eq!(answer.status, 303, "{next:?}");
            assert!(stays(answer.location()), "{next:?}: {}", answer.location());
            assert_eq!(answer.location(), "/", "{next:?}");
            let answer = site.browser().call("sign_in", &good).await.json();
            assert_eq!(answer["SignedIn"]["next"], "/", "{next:?}");
            let bad = [("address", "nobody"), ("password", "x"), ("next", next)];
            let mut stranger = site.browser();
            let answer = stranger.post("/api/sign_in", &bad).await;
            assert_eq!(answer.status, 303, "{next:?}");
            assert!(stays(answer.location()), "{next:?}: {}", answer.location());
            open(&mut stranger, answer.location(), 200).await;
            let answer = signed_in.get(&login).await;
            assert_eq!(answer.status, 303, "{next:?}");
            assert!(stays(answer.location()), "{next:?}: {}", answer.location());
            let language = [("language", "en"), ("back", next)];
            let answer = signed_in.post("/api/set_language", &language).await;
            assert_eq!(answer.status, 303, "{next:?}");
            assert!(stays(answer.location()), "{next:?}: {}", answer.location());
            let change = [
                ("folder", "Nowhere"),
                ("uid_validity", "1"),
                ("uid", "1"),
                ("change", "read"),
                ("back", next),
            ];
            let answer = signed_in.post("/api/change", &change).await;
            assert_eq!(answer.status, 303, "{next:?}");
            assert!(stays(answer.location()), "{next:?}: {}", answer.location());
        }
    });
}

#[test]
fn a_refused_sign_in_says_why_and_keeps_the_address_but_not_the_password() {
    run(async {
        let site = Site::start().await;
        let secret = "Very-secret-0815";
        for (address, words) in [
            ("anna@posthorn.example", "Address or password is wrong"),
            ("anna", "not a complete email address"),
            ("", "Enter your email address"),
            ("\"><img src=x onerror=y>@x", "not a complete email address"),
        ] {
            let mut browser = site.browser();
            let answer = browser.sign_in(address, secret).await;
            assert_eq!(
                (answer.status, answer.location()),
                (303, "/login"),
                "{address}"
            );
            for (name, value) in &answer.headers {
                assert!(!value.contains(secret), "{name}: {value}");
            }
            let page = open(&mut browser, "/login", 200).await;
            assert!(page.has_alert(words), "{address}: {}", page.text);
            assert_eq!(page.value("address"), address);
            assert_eq!(page.value("password"), "");
            let again = open(&mut browser, "/login", 200).await;
            assert!(!again.text.contains(words), "{address}: told twice");
            assert!(browser.session().is_none());
        }
        let mut german = site.browser();
        german.sign_in("anna@posthorn.example", "x").await;
        german
            .cookies
            .insert("posthorn-lang".to_owned(), "de".to_owned());
        let page = open(&mut german, "/login", 200).await;
        assert!(!page.text.contains("Address or password"), "{}", page.text);
        let empty = [("address", "anna@posthorn.example"), ("password", "")];
        let answer = german.call("sign_in", &empty).await;
        assert_eq!(answer.json()["Refused"]["problem"], "BadInput");
    });
}

#[test]
fn guessing_a_password_is_slowed_down_also_in_parallel() {
    run(async {
        let site = Site::start().await;
        let guesses = (0..20).map(|number| {
            let mut browser = site.browser();
            async move {
                // Capital letters and spaces make no other account.
                let address = match number % 3 {
                    0 => "test3@posthorn.example",
                    1 => "TEST3@Posthorn.Example",
                    _ => " test3@posthorn.example ",
                };
                let password = format!("guess {number}");
                let fields = [("address", address), ("password", &password)];
                let answer = browser.call("sign_in", &fields).await;
                assert!(browser.session().is_none());
                answer.json()["Refused"]["problem"].clone()
            }
        });
        let told = join_all(guesses).await;
        let asked = told.iter().filter(|told| **told == "WrongPassword").count();
        assert!((1..=5).contains(&asked), "{told:?}");
        for told in told.iter().filter(|told| **told != "WrongPassword") {
            let seconds = told["Throttled"]
                .as_u64()
                .unwrap_or_else(|| panic!("{told}"));
            assert!((1..=60).contains(&seconds), "{told}");
        }
        // Now the right password too is told to wait, and the mail server is not asked.
        let mut browser = site.browser();
        let (address, password) = account("test3");
        let fields = [("address", address.as_str()), ("password", password)];
        let before = Instant::now();
        let answer = browser.call("sign_in", &fields).await.json();
        assert!(
            answer["Refused"]["problem"]["Throttled"].is_u64(),
            "{answer}"
        );
        assert!(before.elapsed() < Duration::from_secs(1));
        let answer = browser.sign_in(&address, password).await;
        assert_eq!(answer.location(), "/login");
        let page = open(&mut browser, "/login", 200).await;
        assert!(page.has_alert("Too many attempts."), "{}", page.text);
        assert!(browser.session().is_none());
        // Somebody else at the same place is not held up.
        site.signed_in("leer").await;
    });
}

#[test]
fn signing_in_rightly_is_never_slowed_down() {
    run(async {
        let site = Site::start().await;
        for _ in 0..12 {
            site.signed_in("leer").await;
        }
        let (address, password) = account("leer");
        let mut browser = site.browser();
        for _ in 0..2 {
            browser.sign_in(&address, "wrong").await;
        }
        let answer = browser.sign_in(&address, password).await;
        assert_eq!(answer.location(), "/", "two slips of the finger are none");
    });
}

#[test]
fn a_password_may_hold_umlauts_quotes_and_spaces() {
    run(async {
        let site = Site::start().await;
        let (address, password) = account("umlaut");
        let mut browser = site.browser();
        let answer = browser.sign_in(&address, password).await;
        assert_eq!((answer.status, answer.location()), (303, "/"));
        open(&mut browser, "/mail/INBOX", 200).await;
        let fields = [("address", address.as_str()), ("password", password)];
        let answer = site.browser().call("sign_in", &fields).await.json();
        assert!(answer["SignedIn"].is_object(), "{answer}");
        let address = format!("  {} ", address.to_uppercase());
        let fields = [("address", address.as_str()), ("password", password)];
        let answer = site.browser().call("sign_in", &fields).await.json();
        assert!(answer["SignedIn"].is_object(), "{answer}");
    });
}

#[test]
fn addresses_and_passwords_that_are_none_are_refused_in_words() {
    run(async {
        let site = Site::start().await;
        let long = "x".repeat(10_000);
        let at = format!("{long}@posthorn.example");
        for address in [
            "",
            " ",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@posthorn.example",
            "a@posthorn.example\r\nx",
            "a\0@posthorn.example",
            "demo@posthorn.example\nA1 LOGOUT",
            "{5}@posthorn.example",
            "\"@posthorn.example",
            "demo@posthorn.example/../..",
            "demo@[127.0.0.1]",
            "demo@127.0.0.1:22",
            "🎺@posthorn.example",
            "demo@🎺.example",
            &long,
            &at,
        ] {
            for password in ["x", "", "a\r\nb", "a\0b", &long, "{5}", "\\\"", "🎺"] {
                let fields = [("address", address), ("password", password)];
                let mut browser = site.browser();
                let answer = browser.call("sign_in", &fields).await;
                assert_eq!(answer.status, 200, "{address:.50?} {password:.50?}");
                let told = &answer.json()["Refused"]["problem"];
                assert!(
                    !told.is_null(),
                    "{address:.50?} {password:.50?}: {answer:?}"
                );
                assert!(browser.session().is_none());
                let answer = browser.sign_in(address, password).await;
                assert_eq!(answer.status, 303, "{address:.50?} {password:.50?}");
                open(&mut browser, "/login", 200).await;
            }
        }
    });
}
