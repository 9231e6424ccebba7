//! What is attached to a mail: all of it in one archive, as other programs read it.

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
