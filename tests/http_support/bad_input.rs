//! Addresses that lead nowhere and values that no page of ours sends: the answer is a page that
//! says so, never a fault of the server.

use crate::http_support::client::{Request, encode};
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run};

const UIDS: [&str; 14] = [
    "0",
    "2147483647",
    "4294967295",
    "4294967296",
    "99999999999",
    "18446744073709551616",
    "abc",
    "-1",
    "1.5",
    "1,2",
    "1:*",
    "*",
    "%00",
    "%F0%9F%8E%BA",
];

/// Names that no folder has.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "Nowhere",
        "a\"b",
        "a\\b",
        "\"",
        "\\",
        "📎",
        "a\r\nb",
        "a\r\nx LOGOUT\r\n",
        "a\0b",
        "\r",
        "\n",
        "\0",
        " ",
        "{5}",
        "{5+}",
        "*",
        "%",
        "INBOX/*",
        "&AOQ",
        "&-",
        "~/mail",
        "/",
        "//",
        ".",
        "..",
        "../../etc/passwd",
        "a/b",
        "x\u{202e}y",
        "\u{feff}",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("x".repeat(10_000));
    names.push("ä".repeat(5_000));
    names.push("a/".repeat(2_000));
    names
}

#[test]
fn what_is_not_there_is_told_with_the_application_around_it() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        for path in ["/mail/Nowhere", "/mail/Nowhere/1", "/mail/Nowhere?page=3"] {
            let page = open(&mut reader, path, 404).await;
            assert!(page.has_folders(), "{path}");
            assert!(page.has_alert("There is no such folder."), "{path}");
            assert!(page.links().contains(&"/mail/INBOX"), "{path}");
        }
        for uid in UIDS {
            let path = format!("/mail/INBOX/{uid}");
            let page = open(&mut reader, &path, 404).await;
            assert!(page.has_folders(), "{path}");
            assert!(page.has_alert("There is no such message."), "{path}");
            assert!(
                page.text.contains("Newest message"),
                "{path}: the list beside it"
            );
            for more in ["/body", "/source", "/attachment/1", "/body?view=text"] {
                let path = format!("{path}{more}");
                let answer = reader.get(&path).await;
                let told = matches!(answer.status, 400 | 404);
                assert!(told, "{path}: {} {}", answer.status, answer.text());
                assert_eq!(answer.header("content-disposition"), "", "{path}");
            }
            for how in ["reply", "reply-all", "forward", "draft"] {
                let path = format!("/compose?{how}={uid}&folder=INBOX&v=");
                let answer = reader.get(&path).await;
                assert!(
                    matches!(answer.status, 200 | 404),
                    "{path}: {}",
                    answer.status
                );
            }
        }
        let page = open(&mut reader, "/nowhere", 404).await;
        assert_eq!(page.heading(), "Not found");
        let page = open(&mut site.browser(), "/nowhere/at/all", 404).await;
        assert_eq!(page.heading(), "Not found");
    });
}

#[test]
fn a_link_from_before_the_folder_was_renewed_is_gone() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let validity = Mailbox::of("demo").await.validity("INBOX").await;
        open(&mut reader, &format!("/mail/INBOX/1?v={validity}"), 200).await;
        for other in [validity + 1, validity - 1, 0, 1, u32::MAX] {
            let page = open(&mut reader, &format!("/mail/INBOX/1?v={other}"), 410).await;
            assert!(page.has_folders());
            assert!(page.has_alert("The mail server has renewed this folder."));
            assert!(!page.text.contains("Answers go to"), "the message is shown");
            assert!(page.links().contains(&"/mail/INBOX"), "a way on");
            for what in ["body", "source", "attachment/1"] {
                let path = format!("/mail/INBOX/1/{what}?v={other}");
                assert_eq!(reader.get(&path).await.status, 410, "{path}");
            }
            let path = format!("/compose?reply=1&folder=INBOX&v={other}");
            open(&mut reader, &path, 410).await;
        }
    });
}

#[test]
fn a_folder_of_any_name_is_a_folder_that_is_not_there() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        for name in names() {
            let folder = encode(&name);
            let short = format!("{name:.40?}");
            for path in [format!("/mail/{folder}"), format!("/mail/{folder}/1?v=1")] {
                let page = open(&mut reader, &path, 404).await;
                // A path with such a segment is another path (URL, section 4.4).
                let dots = matches!(name.as_str(), "." | "..");
                assert!(page.has_folders() || dots, "{short}");
                let told = page.has_alert("There is no such folder.");
                assert!(told || dots, "{short}: {}", page.text);
            }
            for what in ["body", "source", "attachment/1"] {
                let path = format!("/mail/{folder}/1/{what}");
                let answer = reader.get(&path).await;
                assert_eq!(answer.status, 404, "{short} {what}: {}", answer.text());
            }
            let path = format!("/compose?reply=1&folder={folder}");
            open(&mut reader, &path, 404).await;
        }
        // Not the encoding of any text.
        for folder in [
            "%FF",
            "%C3%28",
            "%",
            "%zz",
            "%F0%9F",
            "%ED%A0%80",
            "%00",
            "%0D%0A",
        ] {
            for rest in ["", "/1", "/1/body", "/1/source", "/1/attachment/1"] {
                let path = format!("/mail/{folder}{rest}");
                let answer = reader.get(&path).await;
                assert!(
                    matches!(answer.status, 400 | 404),
                    "{path}: {}",
                    answer.status
                );
            }
        }
    });
}

#[test]
fn a_part_of_any_name_is_a_part_that_is_not_there() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let long = "1.".repeat(5_000);
        for part in [
            "0",
            "99",
            "99999999999",
            "1.1.1.1.1",
            "1.MIME",
            "HEADER",
            "TEXT",
            "abc",
            "-1",
            "..",
            "2]",
            "2] BODY[",
            "2\r\nx LOGOUT",
            "\0",
            "📎",
            &long,
        ] {
            let path = format!("/mail/INBOX/5/attachment/{}", encode(part));
            let answer = reader.get(&path).await;
            assert_eq!(answer.status, 404, "{part:.50?}: {}", answer.text());
            assert_eq!(answer.header("content-disposition"), "", "{part:.50?}");
        }
        for query in [
            "v=abc",
            "v=-1",
            "v=",
            "v=99999999999",
            "v=1&v=2",
            "v[]=1",
            "%FF=%FF",
        ] {
            let answer = reader.get(&format!("/mail/INBOX/5/body?{query}")).await;
            assert!(answer.status < 500, "{query}: {}", answer.status);
            let answer = reader.get(&format!("/mail/INBOX/5?{query}")).await;
            assert!(answer.status < 500, "{query}: {}", answer.status);
        }
    });
}

#[test]
fn a_request_with_odd_headers_is_answered() {
    run(async {
        let site = Site::start().await;
        let session = site.reader().await.cookies["posthorn"].clone();
        let long = "x".repeat(20_000);
        for (name, value) in [
            ("Cookie", "posthorn-tz=../../etc/passwd; posthorn-lang=xx"),
            ("Cookie", "posthorn-tz=%00; posthorn-lang=\u{1f3ba}"),
            ("Cookie", "posthorn-flash=!!!; ;;=;=x; posthorn"),
            (
                "Cookie",
                "posthorn-tz=Europe%2FBerlin%2F..; posthorn-flash=",
            ),
            ("Cookie", long.as_str()),
            ("Accept-Language", "de;q=abc, *;q=99, \u{1f3ba}, en-"),
            ("Accept-Language", long.as_str()),
            ("X-Forwarded-For", "1.2.3.4, evil, ::1"),
            ("Accept", "text/html, \u{1f3ba}"),
            ("Sec-Fetch-Site", "\u{1f3ba}"),
            ("Range", "bytes=0-0,1-1"),
            ("If-None-Match", "*"),
        ] {
            for path in ["/login", "/mail/INBOX", "/mail/INBOX/1/body"] {
                let cookie = if name == "Cookie" {
                    format!("{value}; posthorn={session}")
                } else {
                    format!("posthorn={session}")
                };
                let mut request = Request::get(path).header(("Cookie", &cookie));
                if name != "Cookie" {
                    request = request.header((name, value));
                }
                let answer = site.browser().send(request).await;
                assert!(answer.status < 500, "{path} {name}: {}", answer.status);
            }
        }
    });
}
