//! Sessions: what the cookie is, when it begins and ends, and that without it nothing of a mailbox
//! is told.

use crate::http_support::client::{HTML, JSON, OWN, Request};
use crate::http_support::mailbox::account;
use crate::http_support::{Site, open, run, stays};

fn attributes(cookie: &str) -> Vec<&str> {
    cookie.split(';').skip(1).map(str::trim).collect()
}

#[test]
fn the_session_cookie_is_closed_to_scripts_and_other_sites() {
    run(async {
        let (address, password) = account("demo");
        for (over, name, secure) in [
            (None, "posthorn", false),
            (Some("http://mail.example"), "posthorn", false),
            (Some("https://mail.example"), "__Host-posthorn", true),
        ] {
            let over = over.map(|url| ("POSTHORN_PUBLIC_URL", url));
            let site = Site::with(over.as_slice()).await;
            let mut browser = site.browser();
            let answer = browser.sign_in(&address, password).await;
            let cookies = answer.cookies(name);
            assert_eq!(cookies.len(), 1, "{:?}", answer.headers);
            let attributes = attributes(cookies[0]);
            assert!(attributes.contains(&"HttpOnly") && attributes.contains(&"SameSite=Lax"));
            assert!(attributes.contains(&"Path=/"), "{attributes:?}");
            assert_eq!(attributes.contains(&"Secure"), secure, "{attributes:?}");
            // __Host- is refused by browsers with a domain (RFC 6265bis, section 4.1.3.2).
            assert!(!attributes.iter().any(|a| a.starts_with("Domain")));
            assert!(browser.cookies[name].len() >= 43);
            assert!(!answer.text().contains(password));
            let answer = browser.get("/").await;
            assert_eq!(answer.location(), "/mail/INBOX");
            if secure {
                // The name without the prefix, which a neighbouring site can set, is nobody.
                let value = browser.cookies.remove(name).unwrap();
                browser.cookies.insert("posthorn".to_owned(), value);
                assert_eq!(browser.get("/").await.location(), "/login");
            }
        }
    });
}

#[test]
fn every_sign_in_has_an_identifier_of_its_own() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.browser();
        let planted = "A".repeat(43);
        browser
            .cookies
            .insert("posthorn".to_owned(), planted.clone());
        let (address, password) = account("demo");
        let mut known = vec![planted];
        for _ in 0..3 {
            let mut former = browser.clone();
            assert_eq!(browser.sign_in(&address, password).await.status, 303);
            let id = browser.session().unwrap().clone();
            assert!(!known.contains(&id), "an identifier twice");
            known.push(id);
            let answer = former.get("/mail/INBOX").await;
            assert_eq!(answer.status, 303, "the former identifier still works");
        }
        // By the browser's half too, and another person in the same browser.
        let (address, password) = account("leer");
        let fields = [("address", address.as_str()), ("password", password)];
        let answer = browser.call("sign_in", &fields).await;
        assert_eq!(answer.json()["SignedIn"]["account"]["address"], address);
        assert!(!known.contains(browser.session().unwrap()));
        let page = open(&mut browser, "/settings/appearance", 200).await;
        assert!(page.text.contains(&address));
    });
}

#[test]
fn signing_out_ends_the_session_at_the_server() {
    run(async {
        let site = Site::start().await;
        for plain in [true, false] {
            let mut browser = site.reader().await;
            let mut second = site.reader().await;
            let mut thief = browser.clone();
            assert_eq!(thief.get("/mail/INBOX").await.status, 200);
            let answer = if plain {
                browser.post("/api/sign_out", &[]).await
            } else {
                browser.call("sign_out", &[]).await
            };
            if plain {
                assert_eq!((answer.status, answer.location()), (303, "/login"));
                let page = open(&mut browser, "/login", 200).await;
                assert!(page.text.contains("You are signed out."), "{}", page.text);
                let page = open(&mut browser, "/login", 200).await;
                assert!(!page.text.contains("You are signed out."), "told twice");
            } else {
                assert_eq!(answer.status, 200);
            }
            assert!(answer.cookies("posthorn")[0].contains("Max-Age=0"));
            assert!(browser.session().is_none());
            for path in ["/mail/INBOX", "/mail/INBOX/1", "/compose"] {
                let answer = thief.get(path).await;
                assert_eq!(answer.status, 303, "{path}");
                assert!(answer.location().starts_with("/login"), "{path}");
            }
            assert_eq!(thief.get("/mail/INBOX/1/body").await.status, 401);
            assert_eq!(thief.get("/mail/INBOX/1/source").await.status, 401);
            let window = [("folder", "INBOX"), ("page", "1")];
            assert_eq!(thief.call("window", &window).await.json(), "NotSignedIn");
            // The same person in another browser goes on.
            assert_eq!(second.get("/mail/INBOX").await.status, 200);
            assert_eq!(second.get("/mail/INBOX/1/body").await.status, 200);
        }
    });
}

#[test]
fn without_a_session_a_page_leads_to_the_sign_in_and_back() {
    run(async {
        let site = Site::start().await;
        let (address, password) = account("demo");
        for (path, login) in [
            ("/", "/login"),
            ("/mail/INBOX", "/login?next=%2Fmail%2FINBOX"),
            (
                "/mail/Say%20%22hi%22/1?v=3&page=2",
                "/login?next=%2Fmail%2FSay%2520%2522hi%2522%2F1%3Fv%3D3%26page%3D2",
            ),
            ("/compose?to=a%40b", "/login?next=%2Fcompose%3Fto%3Da%2540b"),
            ("/settings", "/login?next=%2Fsettings"),
        ] {
            let mut browser = site.browser();
            browser.prefetches = true;
            let answer = browser.get(path).await;
            assert_eq!((answer.status, answer.location()), (303, login));
            assert!(answer.body.is_empty());
            let answer = browser.send(Request::new("HEAD", path).header(HTML)).await;
            assert_eq!((answer.status, answer.location()), (303, login));
            let page = open(&mut browser, login, 200).await;
            let next = page.value("next").to_owned();
            let fields = [
                ("address", address.as_str()),
                ("password", password),
                ("next", &next),
            ];
            let answer = browser.post("/api/sign_in", &fields).await;
            let back = if path == "/" { "/" } else { path };
            assert_eq!((answer.status, answer.location()), (303, back));
            // Who is signed in is led past the sign-in page.
            let answer = browser.get(login).await;
            assert_eq!(answer.status, 303, "{login}");
            assert!(answer.location() == back || answer.location() == "/");
        }
    });
}

#[test]
fn without_a_session_nothing_of_a_mailbox_is_told() {
    run(async {
        let site = Site::start().await;
        // Somebody is signed in, and has just opened what is asked for.
        let mut reader = site.reader().await;
        for path in ["/mail/INBOX", "/mail/INBOX/1", "/mail/INBOX/5"] {
            open(&mut reader, path, 200).await;
        }
        let secrets = ["Lunch on Friday", "Our autumn offers", "Documents of many"];
        let mut strangers = vec![site.browser()];
        for cookie in ["", "x", "AAAA\"", &"A".repeat(43), &"A".repeat(8_000)] {
            let mut stranger = site.browser();
            stranger
                .cookies
                .insert("posthorn".to_owned(), cookie.to_owned());
            strangers.push(stranger);
        }
        for stranger in &mut strangers {
            for path in [
                "/mail/INBOX/1/body",
                "/mail/INBOX/1/source",
                "/mail/INBOX/5/attachment/2",
                "/mail/INBOX/5/attachment/1",
            ] {
                let answer = stranger.get(path).await;
                assert_eq!(answer.status, 401, "{path}");
                // In the frame of a body it is a document, which runs nothing.
                let kind = if path.ends_with("/body") {
                    assert!(
                        answer
                            .header("content-security-policy")
                            .starts_with("sandbox")
                    );
                    "text/html"
                } else {
                    "text/plain"
                };
                assert!(answer.header("content-type").starts_with(kind), "{path}");
                assert_eq!(answer.header("content-disposition"), "", "{path}");
                assert!(!secrets.iter().any(|s| answer.text().contains(s)), "{path}");
            }
            for path in [
                "//mail/INBOX",
                "/mail//INBOX",
                "/mail/INBOX/",
                "/mail/INBOX/1/",
                "/mail/INBOX/1/body/",
                "/./mail/INBOX",
                "/login/../mail/INBOX",
                "/%6Dail/INBOX",
                "/MAIL/INBOX",
                "/mail/INBOX;x",
                "/compose/",
                "/api/window?folder=INBOX&page=1",
            ] {
                let answer = stranger.get(path).await;
                assert!(answer.status < 500, "{path}: {}", answer.status);
                assert!(!secrets.iter().any(|s| answer.text().contains(s)), "{path}");
                assert!(!answer.text().contains("demo@posthorn.example"), "{path}");
                let to = answer.location();
                assert!(to.is_empty() || stays(to), "{path}: {to}");
            }
        }
    });
}

#[test]
fn without_a_session_a_call_is_told_so_with_its_status() {
    run(async {
        let site = Site::start().await;
        let mut stranger = site.browser();
        let change = [
            ("folder", "INBOX"),
            ("uid_validity", "1"),
            ("uid", "1"),
            ("change", "read"),
            ("back", "/mail/INBOX"),
        ];
        let message = [("folder", "INBOX"), ("uid", "1"), ("headers", "true")];
        let window = [("folder", "INBOX"), ("page", "1")];
        for (name, fields) in [
            ("folders", [].as_slice()),
            ("window", &window),
            ("message", &message),
            ("change", &change),
        ] {
            let answer = stranger.call(name, fields).await;
            assert_eq!(answer.json(), "NotSignedIn", "{name}");
            assert_eq!(answer.status, 401, "{name}");
        }
        let query = Request::new("POST", "/api/composition")
            .headers(&[OWN, JSON, ("Content-Type", "application/json")])
            .body("{\"query\":{}}");
        let answer = stranger.send(query).await;
        assert_eq!(answer.json(), "NotSignedIn");
        assert_eq!(answer.status, 401);
        // A plain form is led to the sign-in page, and from there back.
        let answer = stranger.post("/api/change", &change).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, "/login?next=%2Fmail%2FINBOX")
        );
    });
}
