//! What every answer carries so that a browser cannot be talked into more: the policies, what may
//! be stored, and what a mail's own files are called.

use crate::http_support::client::{Answer, HTML, JSON, OWN, Request};
use crate::http_support::html::{Page, nonce};
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run};
use std::collections::HashSet;

/// The directives of a policy.
fn policy(answer: &Answer) -> Vec<(String, Vec<String>)> {
    let policy = answer.header("content-security-policy");
    let directives = policy.split(';').map(|directive| {
        let mut words = directive.split_whitespace().map(str::to_owned);
        (words.next().unwrap_or_default(), words.collect())
    });
    directives.collect()
}

fn directive(answer: &Answer, name: &str) -> Option<Vec<String>> {
    let policy = policy(answer);
    policy.into_iter().find(|(n, _)| n == name).map(|(_, v)| v)
}

fn assert_closed(answer: &Answer, what: &str) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(answer.header("permissions-policy").contains("camera=()"));
    let framed = directive(answer, "frame-ancestors").unwrap_or_default();
    assert!(framed == ["'none'"] || framed == ["'self'"], "{what}");
    assert_eq!(
        directive(answer, "default-src").unwrap(),
        ["'none'"],
        "{what}"
    );
    assert!(!answer.header("x-frame-options").is_empty(), "{what}");
    assert_eq!(answer.header("server"), "", "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
}

#[test]
fn a_page_runs_its_own_scripts_by_a_nonce_used_once() {
    run(async {
        let site = Site::start().await;
        let (mut visitor, mut reader) = (site.browser(), site.reader().await);
        let mut nonces = HashSet::new();
        for (path, status, signed_in) in [
            ("/login", 200, false),
            ("/login?next=%2Fmail%2FINBOX", 200, false),
            ("/nowhere", 404, false),
            ("/nowhere", 404, true),
            ("/mail/INBOX", 200, true),
            ("/mail/INBOX/1", 200, true),
            ("/mail/INBOX/3?headers=1", 200, true),
            ("/mail/Nowhere", 404, true),
            ("/mail/INBOX/1?v=1", 410, true),
            ("/compose", 200, true),
            ("/compose?reply=2&folder=INBOX", 200, true),
            ("/settings/appearance", 200, true),
        ] {
            let browser = if signed_in { &mut reader } else { &mut visitor };
            for _ in 0..2 {
                let answer = browser.get(path).await;
                assert_eq!(answer.status, status, "{path}");
                assert_closed(&answer, path);
                let nonce = nonce(&answer);
                assert!(nonce.len() >= 16, "{path}: a short nonce");
                Page::of(&answer).assert_safe(&nonce, path);
                assert!(Page::of(&answer).all("script").count() > 0, "{path}");
                assert!(nonces.insert(nonce), "{path}: a nonce used twice");

                let scripts = directive(&answer, "script-src").unwrap();
                assert!(scripts.iter().all(|source| source.starts_with("'nonce-")
                    || matches!(source.as_str(), "'strict-dynamic'" | "'wasm-unsafe-eval'")));
                for (name, sources) in policy(&answer) {
                    let loose = |source: &&String| {
                        source.contains("unsafe-inline")
                            || *source == "'unsafe-eval'"
                            || source.contains('*')
                            || source.contains("http")
                    };
                    assert!(
                        !sources.iter().any(|s| loose(&s)),
                        "{path}: {name} {sources:?}"
                    );
                }
                for (name, value) in [
                    ("frame-ancestors", "'none'"),
                    ("base-uri", "'none'"),
                    ("form-action", "'self'"),
                ] {
                    assert_eq!(directive(&answer, name).unwrap(), [value], "{path}: {name}");
                }
            }
        }
    });
}

#[test]
fn no_answer_is_stored_sniffed_framed_or_told_to_others() {
    run(async {
        let site = Site::start().await;
        let (mut visitor, mut reader) = (site.browser(), site.reader().await);
        for path in [
            "/",
            "/healthz",
            "/readyz",
            "/metrics",
            "/mail/INBOX",
            "/mail/INBOX/1/body",
            "/mail/INBOX/1/source",
            "/mail/INBOX/5/attachment/2",
            "/mail/INBOX/5/attachments.zip",
            "/mail/INBOX/5/preview/4",
            "/mail/INBOX/5/preview/7",
            "/mail/INBOX/1/nowhere",
            "/mail/INBOX/abc/body",
            "/mail/%FF/1/body",
            "/mail/INBOX/1/body?v=abc",
            "/mail/INBOX/1/body?v=1",
            "/api/window",
            "/pkg/nothing.js",
            "/pkg/../posthorn.toml",
            "/favicon.svg",
        ] {
            assert_closed(&visitor.get(path).await, &format!("visitor {path}"));
            assert_closed(&reader.get(path).await, path);
        }
        let window = [("folder", "INBOX"), ("page", "1")];
        assert_closed(&visitor.call("window", &window).await, "refused call");
        assert_closed(&reader.call("window", &window).await, "call");
        assert_closed(&reader.call("nothing", &window).await, "no call");
        let foreign = Request::post("/api/window", &window).header(JSON);
        assert_closed(&reader.send(foreign).await, "foreign");
        let options = Request::new("OPTIONS", "/api/window").headers(&[
            HTML,
            ("Origin", "https://evil.example"),
            ("Access-Control-Request-Method", "POST"),
        ]);
        assert_closed(&reader.send(options).await, "preflight");
        let wrong = visitor.sign_in("x@posthorn.example", "").await;
        assert_closed(&wrong, "refused sign-in");
    });
}

#[test]
fn the_body_of_a_mail_is_a_document_that_runs_and_loads_nothing() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        for path in [
            "/mail/INBOX/1/body",
            "/mail/INBOX/3/body",
            "/mail/INBOX/4/body",
            "/mail/INBOX/13/body?view=text",
            "/mail/Odd/21/body",
            "/mail/Odd/22/body",
            "/mail/Odd/23/body",
            "/mail/Odd/41/body",
            "/mail/INBOX/10/body?part=2",
            "/mail/INBOX/3/print",
            "/mail/Odd/20/print",
            "/mail/Odd/21/print",
            "/mail/Odd/22/print",
            "/mail-frame",
        ] {
            let answer = reader.get(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_closed(&answer, path);
            let sandbox = directive(&answer, "sandbox").expect("a sandbox");
            for token in &sandbox {
                assert!(token.starts_with("allow-popups"), "{path}: {token}");
            }
            assert!(directive(&answer, "script-src").is_none(), "{path}");
            assert_eq!(directive(&answer, "img-src").unwrap(), ["data:"]);
            assert_eq!(directive(&answer, "form-action").unwrap(), ["'none'"]);
            assert_eq!(directive(&answer, "frame-ancestors").unwrap(), ["'self'"]);
            assert_ne!(answer.header("x-frame-options"), "DENY", "it is framed");
            for element in Page::of(&answer).elements {
                let name = element.name.as_str();
                let banned = [
                    "script", "iframe", "object", "embed", "form", "input", "svg", "math", "link",
                    "video", "audio", "template", "noscript", "button", "label",
                ];
                // Empty ones of our own, by which the page knows what waits: they can load nothing.
                let ours = path == "/mail-frame"
                    && name == "iframe"
                    && element.attributes.iter().all(|(key, _)| key == "hidden");
                assert!(ours || !banned.contains(&name), "{path}: {element:?}");
                for (key, value) in &element.attributes {
                    assert!(
                        !key.starts_with("on") && key != "srcset",
                        "{path}: {element:?}"
                    );
                    if matches!(key.as_str(), "src" | "background" | "style") {
                        assert!(!value.contains("evil.example"), "{path}: {element:?}");
                    }
                    if key == "href" {
                        // To write a mail leads to the composer.
                        let good = ["http://", "https://", "/compose?to=mailto%3A"];
                        assert!(good.iter().any(|s| value.starts_with(s)), "{path}: {value}");
                    }
                }
            }
        }
        // The frame is closed too, should somebody take the header away.
        let page = open(&mut reader, "/mail/INBOX/3", 200).await;
        let frame = page.all("iframe").next().expect("a frame");
        let sandbox = frame.attribute("sandbox").unwrap();
        assert!(
            sandbox
                .split(' ')
                .all(|token| token.starts_with("allow-popups"))
        );
    });
}

#[test]
fn an_attachment_is_stored_and_never_shown_whatever_it_calls_itself() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let mut seen = 0;
        for path in [
            "/mail/INBOX/5",
            "/mail/INBOX/10",
            "/mail/Odd/28",
            "/mail/Odd/29",
            "/mail/Odd/30",
            "/mail/Odd/31",
            "/mail/Odd/40",
        ] {
            let page = open(&mut reader, path, 200).await;
            let links: Vec<String> = page
                .links()
                .into_iter()
                .filter(|link| link.contains("/attachment/"))
                .map(str::to_owned)
                .collect();
            assert!(!links.is_empty(), "{path}");
            for link in links {
                let answer = reader.get(&link).await;
                assert_eq!(answer.status, 200, "{link}");
                assert_closed(&answer, &link);
                assert_eq!(answer.header("content-type"), "application/octet-stream");
                assert!(directive(&answer, "sandbox").unwrap().is_empty());
                let disposition = answer.header("content-disposition");
                assert!(disposition.starts_with("attachment;"), "{disposition}");
                let name = disposition.replace("\\\"", "");
                for odd in [
                    "/",
                    "%2F",
                    "\\",
                    "<",
                    "%3C",
                    "\r",
                    "%0D",
                    "%0A",
                    "%E2%80%AE",
                ] {
                    assert!(!name.contains(odd), "{disposition}");
                }
                assert_eq!(answer.header("x-injected"), "");
                seen += 1;
            }
        }
        assert!(seen >= 12, "{seen}");
        let source = reader.get("/mail/Odd/21/source").await;
        assert_closed(&source, "source");
        assert_eq!(source.header("content-type"), "application/octet-stream");
        assert!(
            source
                .header("content-disposition")
                .starts_with("attachment;")
        );
        let mailbox = Mailbox::of("demo").await;
        assert_eq!(source.text(), mailbox.source("Odd", 21).await);
    });
}

#[test]
fn assets_are_immutable_and_what_is_none_is_not() {
    run(async {
        let site = Site::start().await;
        let package = site.root().join("pkg");
        std::fs::create_dir(&package).unwrap();
        std::fs::write(package.join("posthorn.0123.js"), "export default 1;").unwrap();
        std::fs::write(package.join("posthorn.js"), "export default 1;").unwrap();
        std::fs::write(site.root().join("favicon.svg"), "<svg/>").unwrap();
        std::fs::write(package.join("posthorn.js.gz"), "packed").unwrap();
        let mut browser = site.browser();
        // A cache in between must not give what one browser takes to another.
        for path in ["/pkg/posthorn.js", "/pkg/posthorn.0123.js", "/favicon.svg"] {
            for takes in ["gzip", "identity"] {
                let request = Request::get(path).headers(&[OWN, ("Accept-Encoding", takes)]);
                let answer = browser.send(request).await;
                assert_eq!(answer.header("vary"), "accept-encoding", "{path} {takes}");
                let packed = answer.header("content-encoding") == "gzip";
                let expected = takes == "gzip" && path == "/pkg/posthorn.js";
                assert_eq!(packed, expected, "{path} {takes}");
            }
        }
        let asset = browser.get("/pkg/posthorn.0123.js").await;
        assert_eq!(
            (asset.status, asset.text()),
            (200, "export default 1;".to_owned())
        );
        let life = asset.header("cache-control");
        assert!(life.contains("immutable") && life.contains("max-age=31536000"));
        assert!(asset.header("content-type").contains("javascript"));
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
        let plain = browser.get("/pkg/posthorn.js").await;
        assert_eq!(plain.header("cache-control"), "no-cache");
        let icon = browser.get("/favicon.svg").await;
        assert_eq!(icon.header("cache-control"), "public, max-age=3600");
        for path in [
            "/pkg/gone.js",
            "/pkg/",
            "/pkg/..%2F..%2Fetc%2Fpasswd",
            "/pkg/../../../../etc/passwd",
            "/pkg/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/pkg/posthorn.0123.js%00",
        ] {
            let answer = browser.get(path).await;
            assert!(
                (400..500).contains(&answer.status),
                "{path}: {}",
                answer.status
            );
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert!(!answer.text().contains("root:"), "{path}");
        }
    });
}
