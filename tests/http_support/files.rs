//! What is attached to a mail: all of it in one archive, as other programs read it.

use crate::http_support::client::Request;
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};
use std::path::Path;
use std::process::Command;

/// A mail with three files, two of one name, one of them large.
fn mail(subject: &str) -> (Vec<u8>, Vec<u8>) {
    use base64::Engine as _;
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|n| u8::try_from(n.wrapping_mul(n) % 251).unwrap())
        .collect();
    let coded = base64::engine::general_purpose::STANDARD.encode(&large);
    let lines: Vec<&str> = coded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let text = format!(
        "From: a@posthorn.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nThe text.\r\n\
         --b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\
         Content-Disposition: attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.txt\r\n\r\n=C3=BC\r\n\
         --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=large.bin\r\n\r\n{}\r\n\
         --b\r\nContent-Type: text/plain\r\n\
         Content-Disposition: attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.txt\r\n\r\nsecond\r\n\
         --b--\r\n",
        lines.join("\r\n")
    );
    (text.into_bytes(), large)
}

/// Unpacks the archive by a program that is none of ours; whether one is there.
fn unpacked(archive: &Path, to: &Path) -> bool {
    let programs: [(&str, &[&str]); 2] = [
        ("python3", &["-m", "zipfile", "-e"]),
        ("unzip", &["-q", "-d"]),
    ];
    programs.iter().any(|(program, arguments)| {
        let order = if *program == "unzip" {
            [to, archive]
        } else {
            [archive, to]
        };
        match Command::new(program).args(*arguments).args(order).status() {
            Ok(status) => {
                assert!(status.success(), "{program} cannot read the archive");
                true
            }
            Err(_) => false,
        }
    })
}

#[test]
fn all_attachments_come_as_one_archive() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("archive");
        let (source, large) = mail(&subject);
        let uid = mailbox.store("INBOX", &source).await;
        let page = open(&mut browser, &format!("/mail/INBOX/{uid}"), 200).await;
        let link = page
            .links()
            .into_iter()
            .find(|link| link.contains("/attachments.zip"))
            .expect("a link to all files")
            .to_owned();
        let answer = browser.get(&link).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"{subject}.zip\"")
        );
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("all.zip");
        std::fs::write(&archive, &answer.body).unwrap();
        let to = folder.path().join("files");
        if unpacked(&archive, &to) {
            let read = |name: &str| std::fs::read(to.join(name)).unwrap();
            assert_eq!(read("Größe.txt"), "ü".as_bytes());
            assert_eq!(read("Größe (2).txt"), b"second");
            assert!(read("large.bin") == large, "large.bin is another");
            assert_eq!(std::fs::read_dir(&to).unwrap().count(), 3);
        }
        mailbox.remove("INBOX", &subject).await;

        let mut reader = site.reader().await;
        // One file needs no archive, and a mail without files has none.
        let page = open(&mut reader, "/mail/INBOX/10", 200).await;
        assert!(!page.links().iter().any(|link| link.contains(".zip")));
        for path in [
            "/mail/INBOX/1/attachments.zip",
            "/mail/INBOX/999/attachments.zip",
        ] {
            assert_eq!(reader.get(path).await.status, 404, "{path}");
        }
        let stale = reader.get("/mail/INBOX/5/attachments.zip?v=1").await;
        assert_eq!(stale.status, 410);
    });
}

/// A mail with one file of `octets` that calls itself `kind`.
fn with_file(subject: &str, kind: &str, octets: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let coded = base64::engine::general_purpose::STANDARD.encode(octets);
    let lines: Vec<&str> = coded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "From: a@posthorn.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText.\r\n\
         --b\r\nContent-Type: {kind}; name=file\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

#[test]
fn a_preview_is_what_its_octets_are_and_runs_nothing() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("preview");
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
        let endless = b"GIF89a\xff\xff\xff\xff\0\0\0;";
        let text = "<script>alert('ü')</script>\n".repeat(20_000);
        for (kind, octets, expected) in [
            ("image/png", &gif[..], Some("image/gif")),
            ("application/octet-stream", &gif[..], Some("image/gif")),
            ("image/gif", &endless[..], None),
            (
                "image/png",
                b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
                Some("text/html; charset=utf-8"),
            ),
            (
                "text/html",
                text.as_bytes(),
                Some("text/html; charset=utf-8"),
            ),
            ("application/pdf", b"%PDF-1.7\0", None),
            ("video/mp4", b"\0\0\0\x20ftypisom", Some("video/mp4")),
        ] {
            let uid = mailbox
                .store("INBOX", &with_file(&subject, kind, octets))
                .await;
            let path = format!("/mail/INBOX/{uid}/preview/2");
            let answer = browser.get(&path).await;
            let Some(expected) = expected else {
                assert_eq!(answer.status, 404, "{kind}");
                continue;
            };
            assert_eq!(answer.status, 200, "{kind}");
            assert_eq!(answer.header("content-type"), expected);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("sandbox; default-src 'none';"),
                "{policy}"
            );
            if expected.starts_with("text/html") {
                let page = Page::of(&answer);
                assert_eq!(page.all("script").count() + page.all("svg").count(), 0);
                assert!(answer.body.len() < 3 << 20);
            } else {
                assert!(answer.body == octets, "{kind}");
            }
        }
        // Where a page has room for a picture, it gets one that is ours.
        let picture = Request::get("/mail/INBOX/1/preview/9").header(("Sec-Fetch-Dest", "image"));
        let answer = browser.send(picture).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "image/svg+xml")
        );
        mailbox.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_player_gets_the_range_it_asks_for() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("film");
        let film: Vec<u8> = b"\0\0\0\x20ftypisom"
            .iter()
            .copied()
            .chain((0..2_500_000_u32).map(|n| u8::try_from(n.wrapping_mul(n) % 251).unwrap()))
            .collect();
        let uid = mailbox
            .store("INBOX", &with_file(&subject, "video/mp4", &film))
            .await;
        let path = format!("/mail/INBOX/{uid}/preview/2");
        let whole = browser.get(&path).await;
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert!(whole.body == film);
        let size = film.len();
        for (range, first, last) in [
            ("bytes=0-", 0, size - 1),
            ("bytes=1-1", 1, 1),
            ("bytes=1048570-2097160", 1_048_570, 2_097_160),
            ("bytes=-1000", size - 1000, size - 1),
        ] {
            let request = Request::get(&path).header(("Range", range));
            let answer = browser.send(request).await;
            assert_eq!(answer.status, 206, "{range}");
            assert_eq!(
                answer.header("content-range"),
                format!("bytes {first}-{last}/{size}")
            );
            assert!(answer.body == film[first..=last], "{range}");
        }
        let beyond = Request::get(&path).header(("Range", "bytes=99999999-"));
        assert_eq!(browser.send(beyond).await.status, 416);
        mailbox.remove("INBOX", &subject).await;
    });
}

#[test]
fn an_attached_message_has_a_body_of_its_own() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let page = open(&mut reader, "/mail/INBOX/10", 200).await;
        let frame = page
            .all("iframe")
            .filter_map(|frame| frame.attribute("src"))
            .find(|src| src.contains("part=2"))
            .expect("a frame for the attached message")
            .to_owned();
        let body = reader.get(&frame).await;
        assert_eq!(body.status, 200);
        assert!(body.text().contains("I am the original."));
        // What is no message has no body.
        for path in [
            "/mail/INBOX/10/body?part=1",
            "/mail/INBOX/10/body?part=9",
            "/mail/INBOX/10/body?part=",
            "/mail/INBOX/10/body?part=2%5D%20x",
        ] {
            assert_eq!(reader.get(path).await.status, 404, "{path}");
        }
        let mailbox = Mailbox::of("test7").await;
        let subject = unique("nested");
        let inner = |charset: &str, text: &str| {
            format!(
                "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.example>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\
                 MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n{text}\r\n"
            )
        };
        let mail = format!(
            "From: a@posthorn.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n{}\r\n--b\r\n\r\n{}\r\n--b--\r\n",
            inner("iso-8859-1", "Ma=DFe"),
            inner("utf-8", "H=C3=B6he")
        );
        let uid = mailbox.store("INBOX", mail.as_bytes()).await;
        let mut browser = site.signed_in("test7").await;
        let page = open(&mut browser, &format!("/mail/INBOX/{uid}"), 200).await;
        assert!(page.text.contains("Grüße") && page.text.contains("Jürgen"));
        for (part, text) in [(1, "Maße"), (2, "Höhe")] {
            let path = format!("/mail/INBOX/{uid}/body?part={part}");
            let body = browser.get(&path).await.text();
            assert!(body.contains(text), "{body}");
        }
        mailbox.remove("INBOX", &subject).await;
    });
}

const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0,
];

/// A mail as a phone writes it: text, a picture, text.
fn pictured(subject: &str, part: &str) -> Vec<u8> {
    use base64::Engine as _;
    let dot = base64::engine::general_purpose::STANDARD.encode(DOT);
    format!(
        "From: a@posthorn.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/{part}\r\n\r\nBefore.\r\n\
         --b\r\nContent-Type: image/png; name=\"a\\\"><b>.png\"\r\nContent-ID: <dot@x>\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: inline\r\n\r\n{dot}\r\n\
         --b\r\nContent-Type: image/png\r\n\r\n<svg onload=alert(1)>\r\n\
         --b\r\n\r\nAfter.\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_picture_between_texts_is_shown_to_its_session_only() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let folder = mailbox.create("Placed").await;
        for part in ["plain", "html"] {
            let uid = mailbox.store(&folder, &pictured("Boat", part)).await;
            let folder = crate::http_support::client::encode(&folder);
            let body = browser.get(&format!("/mail/{folder}/{uid}/body")).await;
            let policy = body.header("content-security-policy").to_owned();
            assert!(
                policy.contains("/placed/") && !policy.contains("/remote/"),
                "{policy}"
            );
            let html = body.text();
            let at = |words: &str| html.find(words).unwrap();
            assert!(
                at("Before.") < at("/placed/") && at("/placed/") < at("After."),
                "{html}"
            );
            let page = Page::of(&body);
            let pictures: Vec<&str> = page
                .all("img")
                .filter_map(|image| image.attribute("src"))
                .collect();
            let [dot, none] = pictures.as_slice() else {
                panic!("{html}");
            };
            // The document has no cookie to show.
            let mut nobody = site.browser();
            let answer = nobody.get(dot).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-type"), "image/png");
            assert_eq!(
                answer.header("cross-origin-resource-policy"),
                "cross-origin"
            );
            assert!(answer.header("content-security-policy").contains("sandbox"));
            assert_eq!(answer.body, DOT);
            // What is no picture is never handed on, nor what nobody sealed.
            let forged = format!("{}x", &dot[..dot.len() - 1]);
            let elsewhere = dot.replace("/placed/", "/remote/");
            for other in [*none, "/placed/x", &forged] {
                let answer = nobody.get(other).await;
                assert_eq!(answer.header("content-type"), "image/svg+xml", "{other}");
                assert!(!answer.text().contains("onload"), "{other}");
            }
            assert_ne!(nobody.get(&elsewhere).await.status, 200);
            // Printed, it is there at once.
            let print = browser.get(&format!("/mail/{folder}/{uid}/print")).await;
            assert!(print.text().contains("/placed/"));
            assert!(print.header("content-security-policy").contains("/placed/"));
            assert!(!print.text().contains("lazy"));
        }
        // Where the HTML shows it itself, it is not shown twice.
        let mail = String::from_utf8(pictured("Twice", "html")).unwrap();
        let mail = mail.replace("Before.", "Before <img src=\"cid:dot@x\">.");
        let uid = mailbox.store(&folder, mail.as_bytes()).await;
        let path = crate::http_support::client::encode(&folder);
        let body = browser.get(&format!("/mail/{path}/{uid}/body")).await;
        assert_eq!(
            body.text().matches("/placed/").count(),
            1,
            "{}",
            body.text()
        );
        assert!(body.text().contains("data:image/png"));
        // Who has signed out has no pictures.
        let answer = browser.get(&format!("/mail/{path}/{uid}/body")).await;
        let page = Page::of(&answer);
        let picture = page
            .all("img")
            .filter_map(|image| image.attribute("src"))
            .find(|src| src.starts_with("/placed/"))
            .unwrap()
            .to_owned();
        browser.post("/api/sign_out", &[]).await;
        let answer = site.browser().get(&picture).await;
        assert_eq!(answer.header("content-type"), "image/svg+xml");
        mailbox.drop_folder(&folder).await;
    });
}

#[test]
fn parts_that_are_not_listed_are_told_of() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let folder = mailbox.create("Many").await;
        let file = "--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n";
        for (count, told) in [(1_500, None), (2_500, Some("502 further parts"))] {
            let mail = format!(
                "From: a@posthorn.example\r\nSubject: Many\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/mixed; boundary=b\r\n\r\n\
                 --b\r\n\r\nThe text.\r\n{}--b--\r\n",
                file.repeat(count)
            );
            let uid = mailbox.store(&folder, mail.as_bytes()).await;
            let folder = crate::http_support::client::encode(&folder);
            let page = open(&mut browser, &format!("/mail/{folder}/{uid}"), 200).await;
            let words = "of this message are not listed";
            assert_eq!(page.text.contains(words), told.is_some(), "{count}");
            assert!(told.is_none_or(|told| page.text.contains(told)), "{count}");
        }
        mailbox.drop_folder(&folder).await;
    });
}

#[test]
fn a_picture_that_no_browser_can_hold_is_a_file() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test6").await;
        let mailbox = Mailbox::of("test6").await;
        let folder = mailbox.create("Bombs").await;
        let base64 = |octets: &[u8]| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(octets)
        };
        let side = 20_000_u32;
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
        // A screen of one pixel, and a frame that is larger.
        let mut gif = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0".to_vec();
        gif.extend([&side.to_le_bytes()[..2], &side.to_le_bytes()[..2]].concat());
        gif.extend(b"\0\x02\x02\x44\x01\0\x3b");
        for (name, octets) in [("a.png", &png), ("a.gif", &gif)] {
            let kind = name.replace("a.", "image/");
            let mail = format!(
                "From: a@b.example\r\nSubject: Bomb\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\
                 Content-Type: text/html\r\n\r\n<p>Look <img src=\"cid:a@b\"> \
                 <img src=\"cid:dot@b\"></p>\r\n--b\r\nContent-Type: {kind}; name={name}\r\n\
                 Content-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\n\
                 Content-Type: image/png; name=dot.png\r\nContent-ID: <dot@b>\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
                base64(octets),
                base64(DOT)
            );
            let uid = mailbox.store(&folder, mail.as_bytes()).await;
            let path = format!(
                "/mail/{}/{uid}",
                crate::http_support::client::encode(&folder)
            );
            let body = browser.get(&format!("{path}/body")).await;
            let html = body.text();
            assert!(html.contains(&base64(DOT)), "{name}: {html}");
            assert!(!html.contains(&base64(octets)), "{name}: {html}");
            // The way to it.
            let page = Page::of(&body);
            let href = page
                .all("a")
                .filter_map(|link| link.attribute("href"))
                .find(|href| href.contains("/attachment/"))
                .unwrap_or_else(|| panic!("{name}: {html}"));
            let file = browser.get(href).await;
            assert_eq!(&file.body, octets, "{name}");
            assert!(file.header("content-disposition").contains(name));
            // Attached, it is no preview either.
            let answer = browser.get(&format!("{path}/preview/2")).await;
            assert_eq!(answer.status, 404, "{name}");
        }
        mailbox.drop_folder(&folder).await;
    });
}
