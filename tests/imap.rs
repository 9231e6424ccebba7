//! The IMAP engine against the real Dovecot of the mail stand, seeded for tests. Tests that only
//! read use the demo user, each test that changes something a user of its own.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use futures_util::StreamExt;
use posthorn::mail::structure::Part;
use posthorn::model::{Folder, FolderRole};
use posthorn::server::imap::{Engine, ImapError, PartRequest, Server, SignInError};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

fn server_at(port: u16) -> Server {
    let ca_file = PathBuf::from(variable("POSTHORN_CA_FILE"));
    Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port,
        },
        tls: tls::client_config(Some(&ca_file)).unwrap(),
    }
}

fn server() -> Server {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    server_at(port.parse().unwrap())
}

async fn sign_in(user: &str, password: &str) -> Arc<Engine> {
    let address = format!("{user}@posthorn.example");
    Engine::sign_in(&server(), &address, password.into(), None)
        .await
        .unwrap()
}

async fn demo() -> Arc<Engine> {
    sign_in("demo", "posthorn-demo").await
}

/// A user of the test's own, with an empty folder of the test's own.
async fn tester(number: u8) -> Arc<Engine> {
    sign_in(&format!("test{number}"), "test-secret").await
}

fn mail(subject: &str, id: &str) -> Vec<u8> {
    format!(
        "From: a@posthorn.example\r\nTo: b@posthorn.example\r\nSubject: {subject}\r\n\
         Message-ID: <{id}@imap.test>\r\n\r\nText of {subject}.\r\n"
    )
    .into_bytes()
}

async fn store(engine: &Engine, folder: &str, message: &[u8]) -> u32 {
    let size = u64::try_from(message.len()).unwrap();
    let mut source = message;
    let uid = engine
        .append(folder, &["\\Seen"], size, &mut source)
        .await
        .unwrap();
    uid.expect("the stand has UIDPLUS")
}

/// UIDVALIDITY, and an unused word for names.
async fn validity(engine: &Engine, folder: &str) -> u32 {
    engine
        .window(folder, 1, 1, false)
        .await
        .unwrap()
        .uid_validity
}

fn unique() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!("{}-{}", now.as_nanos(), std::process::id())
}

async fn uids(engine: &Engine, folder: &str) -> Vec<u32> {
    let window = engine.window(folder, 1, 500, false).await.unwrap();
    window.rows.iter().map(|row| row.uid).collect()
}

fn folder<'a>(folders: &'a [Folder], name: &str) -> &'a Folder {
    folders
        .iter()
        .find(|folder| folder.name == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let refused = Engine::sign_in(&server(), "demo@posthorn.example", "wrong".into(), None).await;
    assert_eq!(refused.unwrap_err(), SignInError::WrongPassword);
    let refused = Engine::sign_in(
        &server(),
        "nobody@posthorn.example",
        "a\0b\r\nc".into(),
        None,
    )
    .await;
    assert_eq!(refused.unwrap_err(), SignInError::WrongPassword);
}

#[tokio::test]
async fn a_password_may_hold_anything() {
    let engine = sign_in("umlaut", "Pässwört \"mit\" \\ und 'Leer zeichen").await;
    assert!(!engine.folders().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_browsers_address_is_passed_on() {
    let address = Some("2001:db8::7".parse().unwrap());
    let engine = Engine::sign_in(
        &server(),
        "demo@posthorn.example",
        "posthorn-demo".into(),
        address,
    )
    .await
    .unwrap();
    assert_eq!(engine.connections(), 1);
    engine.close().await;
    assert_eq!(engine.connections(), 0);
    assert!(engine.is_ended());
    assert!(engine.folders().await.is_err());
}

#[tokio::test]
async fn an_untrusted_certificate_and_a_dead_port_are_told_apart() {
    let untrusted = server_at(variable("STAND_IMAP_UNTRUSTED_PORT").parse().unwrap());
    let refused = Engine::sign_in(
        &untrusted,
        "demo@posthorn.example",
        "posthorn-demo".into(),
        None,
    )
    .await;
    assert!(matches!(
        refused,
        Err(SignInError::CertificateNotTrusted(_))
    ));
    let dead = Engine::sign_in(&server_at(1), "demo@posthorn.example", "x".into(), None).await;
    assert!(matches!(dead, Err(SignInError::Unreachable(_))));
}

#[tokio::test]
async fn folders_have_roles_levels_and_their_own_names() {
    let engine = demo().await;
    let folders = engine.folders().await.unwrap();
    let roles: Vec<_> = folders.iter().map_while(|folder| folder.role).collect();
    assert_eq!(
        roles,
        [
            FolderRole::Inbox,
            FolderRole::Drafts,
            FolderRole::Sent,
            FolderRole::Archive,
            FolderRole::Junk,
            FolderRole::Trash
        ]
    );
    assert!(folder(&folders, "INBOX").total >= 14);
    for name in [
        "Projekte/Neubau Süd",
        "Say \"hi\"",
        "back\\slash",
        "日本",
        "R&D",
        "Feier 🎉",
        "a/b/c/d/e/f",
        "Punkt. im. Namen",
        "100% <b>fett<b>",
    ] {
        let found = folder(&folders, name);
        assert!(
            found.selectable && found.subscribed && found.total == 1,
            "{name}"
        );
        let window = engine.window(name, 1, 50, true).await.unwrap();
        assert_eq!(window.rows.len(), 1, "{name}");
    }
    let deep = folder(&folders, "a/b/c/d/e/f");
    assert_eq!((deep.depth, deep.label.as_str()), (5, "f"));
    assert!(!folder(&folders, "a/b").selectable);
    assert!(!folder(&folders, "Unsubscribed").subscribed);
    assert_eq!(folder(&folders, "Many").total, 120);
    assert_eq!(folder(&folders, "Many").unseen, 10);
}

#[tokio::test]
async fn folders_that_are_none_are_told() {
    let engine = demo().await;
    for name in [
        "Nowhere",
        "a/b",
        "",
        "x\r\ny",
        "*",
        "Nowhere\" x",
        &"x".repeat(10_000),
    ] {
        let error = engine.window(name, 1, 50, true).await.unwrap_err();
        assert_eq!(error, ImapError::NoFolder, "{name}");
        let error = engine.open(name, 1, None).await.unwrap_err();
        assert_eq!(error, ImapError::NoFolder, "{name}");
    }
    assert_eq!(
        engine.window("inbox", 1, 3, true).await.unwrap().rows.len(),
        3
    );
}

#[tokio::test]
async fn pages_are_newest_first() {
    let engine = demo().await;
    let page = async |page| engine.window("Many", page, 50, true).await.unwrap();
    for number in [1, 2, 3] {
        let window = page(number).await;
        assert_eq!((window.total, window.page, window.pages), (120, number, 3));
        let newest = 120 - (number - 1) * 50;
        let subjects: Vec<String> = window
            .rows
            .iter()
            .map(|row| row.clone().read().subject.clone())
            .collect();
        assert_eq!(subjects.len(), usize::try_from(newest.min(50)).unwrap());
        for (number, subject) in (1..=newest).rev().zip(&subjects) {
            assert!(
                subject.contains(&format!("Message {number:03}")),
                "{subject}"
            );
        }
    }
    assert_eq!(page(99).await, page(3).await);
    let row = page(1).await.rows.swap_remove(0);
    assert!(!row.flags.seen && row.size > 100 && row.internal_date > 1_000_000_000);
    assert_eq!(row.preview.as_deref(), Some("This is message number 120."));
    assert!(page(3).await.rows.iter().all(|row| row.flags.seen));
    let plain = engine.window("Many", 1, 50, false).await.unwrap();
    assert!(
        plain
            .rows
            .iter()
            .all(|row| row.preview.is_none() && row.part_text.is_empty())
    );
    let empty = engine.window("Leer", 7, 50, true).await.unwrap();
    assert_eq!(
        (empty.total, empty.page, empty.pages, empty.rows.len()),
        (0, 1, 1, 0)
    );
}

#[tokio::test]
async fn messages_that_are_none_are_told() {
    let engine = demo().await;
    let validity = validity(&engine, "INBOX").await;
    for uid in [0, 4000, u32::MAX] {
        assert_eq!(
            engine.open("INBOX", uid, None).await.unwrap_err(),
            ImapError::NoMessage
        );
        let parts = engine.parts("INBOX", uid, None, &[]).await;
        let request = PartRequest {
            id: "1".to_owned(),
            mime: true,
            max: 10,
        };
        let one = engine.parts("INBOX", uid, None, &[request]).await;
        assert_eq!(one.unwrap_err(), ImapError::NoMessage);
        drop(parts);
        let mut stream = pin!(engine.stream_part("INBOX", uid, None, None));
        assert_eq!(
            stream.next().await.unwrap().unwrap_err(),
            ImapError::NoMessage
        );
    }
    let wrong = Some(validity + 1);
    assert_eq!(
        engine.open("INBOX", 1, wrong).await.unwrap_err(),
        ImapError::FolderChanged
    );
    assert_eq!(
        engine.open("Many", 1, Some(1)).await.unwrap_err(),
        ImapError::FolderChanged
    );
    assert_eq!(
        engine
            .set_flags("INBOX", validity + 1, &[1], "\\Seen", true)
            .await,
        Err(ImapError::FolderChanged)
    );
    let message = engine.open("INBOX", 1, Some(validity)).await.unwrap();
    assert!(message.flags.seen && message.flags.answered);
    assert!(String::from_utf8_lossy(&message.header).contains("Subject: Lunch on Friday?"));
    assert_eq!(
        (
            message.structure.id.as_str(),
            message.structure.subtype.as_str()
        ),
        ("1", "plain")
    );
}

fn leaves(part: &Part) -> Vec<&Part> {
    part.walk()
        .filter(|part| !part.id.is_empty() && part.kind != "multipart")
        .collect()
}

async fn collect(engine: &Arc<Engine>, folder: &str, uid: u32, part: Option<&str>) -> Vec<u8> {
    let mut stream = pin!(engine.stream_part(folder, uid, None, part));
    let mut whole = Vec::new();
    while let Some(piece) = stream.next().await {
        whole.extend(piece.unwrap());
    }
    whole
}

#[tokio::test]
async fn every_odd_mail_opens_and_its_parts_are_there() {
    let engine = demo().await;
    for folder in ["Odd", "INBOX"] {
        let window = engine.window(folder, 1, 500, true).await.unwrap();
        assert!(window.rows.len() >= 14);
        for row in window.rows {
            let message = engine
                .open(folder, row.uid, Some(window.uid_validity))
                .await
                .unwrap();
            assert_eq!(message.size, row.size);
            let requests: Vec<PartRequest> = leaves(&message.structure)
                .into_iter()
                .map(|part| PartRequest {
                    id: part.id.clone(),
                    mime: true,
                    max: 2_000_000,
                })
                .take(20)
                .collect();
            let parts = engine
                .parts(folder, row.uid, None, &requests)
                .await
                .unwrap();
            for part in parts {
                assert!(!part.truncated);
                let streamed = collect(&engine, folder, row.uid, Some(&part.id)).await;
                assert!(streamed == part.body, "{folder} {} {}", row.uid, part.id);
            }
            let source = collect(&engine, folder, row.uid, None).await;
            assert_eq!(u32::try_from(source.len()).unwrap(), message.size);
            assert!(source.starts_with(&message.header));
        }
    }
}

#[tokio::test]
async fn a_hundred_levels_are_no_hindrance() {
    let engine = demo().await;
    let window = engine.window("Odd", 1, 500, false).await.unwrap();
    let mut deep = 0;
    for row in &window.rows {
        let message = engine.open("Odd", row.uid, None).await.unwrap();
        let levels = |mut part: &Part| {
            let mut levels = 0;
            while let Some(child) = part.children.first() {
                part = child;
                levels += 1;
            }
            levels
        };
        deep = deep.max(levels(&message.structure));
    }
    assert!(deep >= 50, "{deep}");
}

#[tokio::test]
async fn a_part_can_be_cut() {
    let engine = demo().await;
    let request = |max| {
        [PartRequest {
            id: "1".to_owned(),
            mime: true,
            max,
        }]
    };
    let whole = engine
        .parts("INBOX", 1, None, &request(100_000))
        .await
        .unwrap()
        .remove(0);
    assert!(!whole.truncated && whole.body.starts_with(b"Hello,"));
    let header = String::from_utf8(whole.mime_header).unwrap().to_lowercase();
    assert!(header.contains("content-type: text/plain") && !header.contains("subject"));
    let exact = u32::try_from(whole.body.len()).unwrap();
    assert!(
        !engine
            .parts("INBOX", 1, None, &request(exact))
            .await
            .unwrap()[0]
            .truncated
    );
    let cut = engine
        .parts("INBOX", 1, None, &request(5))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (cut.body.as_slice(), cut.truncated),
        (b"Hello".as_slice(), true)
    );
    for id in ["", "1]<0.1> BODY[2", "1\r\nx NOOP", "MIME"] {
        let request = PartRequest {
            id: id.to_owned(),
            mime: true,
            max: 1,
        };
        assert_eq!(
            engine.parts("INBOX", 1, None, &[request]).await,
            Err(ImapError::BadInput)
        );
    }
}

#[tokio::test]
async fn flags_are_set_and_taken_away() {
    let engine = tester(1).await;
    let uid = store(&engine, "INBOX", &mail("flags", &unique())).await;
    let validity = validity(&engine, "INBOX").await;
    let flags = async || engine.open("INBOX", uid, None).await.unwrap().flags;
    assert!(flags().await.seen && !flags().await.flagged);
    for (flag, on) in [("\\Flagged", true), ("$Forwarded", true), ("\\Seen", false)] {
        engine
            .set_flags("INBOX", validity, &[uid, uid + 1000], flag, on)
            .await
            .unwrap();
    }
    let now = flags().await;
    assert!(now.flagged && now.forwarded && !now.seen && !now.answered);
    for bad in ["", "a b", "\\Seen) x", "x\r\n", "ä"] {
        let refused = engine.set_flags("INBOX", validity, &[uid], bad, true).await;
        assert_eq!(refused, Err(ImapError::BadInput));
    }
    engine
        .set_flags("INBOX", validity, &[], "\\Seen", true)
        .await
        .unwrap();
}

#[tokio::test]
async fn messages_move_there_and_back() {
    let engine = tester(2).await;
    let inbox = validity(&engine, "INBOX").await;
    let uid = store(&engine, "INBOX", &mail("move", &unique())).await;
    let trash = engine.role_folder(FolderRole::Trash, false).await.unwrap();
    assert_eq!(trash, "Trash");
    let there = engine
        .move_messages("INBOX", inbox, &[uid], &trash, false)
        .await
        .unwrap()
        .uids;
    assert_eq!(
        engine.open("INBOX", uid, None).await.unwrap_err(),
        ImapError::NoMessage
    );
    assert!(uids(&engine, &trash).await.contains(&there[0]));
    // Once more: the server says OK, and has moved nothing.
    let again = engine
        .move_messages("INBOX", inbox, &[uid], &trash, false)
        .await;
    assert_eq!(again.unwrap_err(), ImapError::NoMessage);
    let from = validity(&engine, &trash).await;
    let back = engine
        .move_messages(&trash, from, &there, "INBOX", false)
        .await
        .unwrap();
    assert_eq!(back.uid_validity, inbox);
    let back = back.uids;
    assert!(uids(&engine, "INBOX").await.contains(&back[0]));
    assert!(!uids(&engine, &trash).await.contains(&there[0]));

    let target = format!("Made {} \"ä\" \\", unique());
    let refused = engine
        .move_messages("INBOX", inbox, &back, &target, false)
        .await;
    assert_eq!(refused.unwrap_err(), ImapError::NoFolder);
    let there = engine
        .move_messages("INBOX", inbox, &back, &target, true)
        .await
        .unwrap()
        .uids;
    assert_eq!(uids(&engine, &target).await, there);
    assert!(folder(&engine.folders().await.unwrap(), &target).subscribed);
}

#[tokio::test]
async fn deleting_for_ever_takes_these_and_no_others() {
    let engine = tester(3).await;
    let validity = validity(&engine, "INBOX").await;
    let mut stored = Vec::new();
    for number in 0..4 {
        stored.push(store(&engine, "INBOX", &mail(&number.to_string(), &unique())).await);
    }
    engine
        .set_flags("INBOX", validity, &stored[..1], "\\Deleted", true)
        .await
        .unwrap();
    engine
        .delete_for_ever("INBOX", validity, &stored[1..3])
        .await
        .unwrap();
    let left = uids(&engine, "INBOX").await;
    assert!(left.contains(&stored[0]) && left.contains(&stored[3]));
    assert!(!left.contains(&stored[1]) && !left.contains(&stored[2]));
    assert_eq!(
        engine.delete_for_ever("INBOX", validity + 1, &stored).await,
        Err(ImapError::FolderChanged)
    );
}

#[tokio::test]
async fn what_is_stored_is_found_again_octet_for_octet() {
    let engine = tester(4).await;
    let id = unique();
    let mut message = mail("stored", &id);
    for line in 0..30_000 {
        message.extend(format!("{line} äöü a line of many, to be larger than a piece\r\n").bytes());
    }
    let drafts = engine.role_folder(FolderRole::Drafts, true).await.unwrap();
    // Another connection has the folder open from before.
    let other = tester(4).await;
    assert_eq!(
        other
            .find_by_message_id(&drafts, &format!("{id}@imap.test"))
            .await,
        Ok(None)
    );
    let uid = store(&engine, &drafts, &message).await;
    let find = async |engine: &Engine| {
        engine
            .find_by_message_id(&drafts, &format!("{id}@imap.test"))
            .await
            .unwrap()
    };
    assert_eq!(find(&engine).await, Some(uid));
    assert_eq!(find(&other).await, Some(uid));
    assert!(collect(&other, &drafts, uid, None).await == message);
    // Whoever stops reading while the next piece is on its way spoils nothing.
    for _ in 0..4 {
        let first = pin!(other.stream_part(&drafts, uid, None, None))
            .next()
            .await;
        assert!(message.starts_with(&first.unwrap().unwrap()));
        assert_eq!(find(&other).await, Some(uid));
    }
    assert!(other.connections() <= 3);
    assert!(collect(&other, &drafts, uid, None).await == message);

    let mut short: &[u8] = b"too short";
    let refused = engine
        .append(&drafts, &[], 100, &mut short)
        .await
        .unwrap_err();
    assert!(matches!(refused, ImapError::Source(_)));
    let mut source: &[u8] = b"x";
    let refused = engine
        .append("Nowhere", &[], 1, &mut source)
        .await
        .unwrap_err();
    assert_eq!(refused, ImapError::NoFolder);
    assert_eq!(find(&engine).await, Some(uid));
    for bad in ["", "x\r\ny", "\0"] {
        assert_eq!(
            engine.find_by_message_id(&drafts, bad).await,
            Err(ImapError::BadInput)
        );
    }
    assert_eq!(
        engine.find_by_message_id(&drafts, "\"ä\" \\").await,
        Ok(None)
    );
}

#[tokio::test]
async fn a_full_mailbox_is_told() {
    let engine = sign_in("voll", "voll-secret").await;
    let mut source = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), 400_000);
    let refused = engine.append("INBOX", &[], 400_000, &mut source).await;
    assert_eq!(refused, Err(ImapError::OverQuota));
    assert!(engine.window("INBOX", 1, 50, true).await.is_ok());
}

/// A connection that had looked for the newest, or for a UID that was never there, took all later
/// messages for seen.
#[tokio::test]
async fn what_comes_after_a_search_is_found() {
    let (one, two) = (tester(6).await, tester(6).await);
    assert_eq!(
        one.find_by_message_id("INBOX", "none@imap.test").await,
        Ok(None)
    );
    let uid = store(&two, "INBOX", &mail("after a search", &unique())).await;
    assert!(one.open("INBOX", uid, None).await.is_ok());
    assert_eq!(
        one.open("INBOX", u32::MAX, None).await,
        Err(ImapError::NoMessage)
    );
    let uid = store(&two, "INBOX", &mail("after a high UID", &unique())).await;
    assert!(one.open("INBOX", uid, None).await.is_ok());
}

#[tokio::test]
async fn what_another_does_is_seen() {
    let (one, two) = (tester(5).await, tester(5).await);
    let before = one.window("INBOX", 1, 50, true).await.unwrap();
    two.window("INBOX", 1, 50, true).await.unwrap();
    let uid = store(&two, "INBOX", &mail("news", &unique())).await;
    let after = one.window("INBOX", 1, 50, true).await.unwrap();
    assert_eq!((after.total, after.rows[0].uid), (before.total + 1, uid));
    // A connection that has not looked since.
    let late = store(&one, "INBOX", &mail("later", &unique())).await;
    two.set_flags("INBOX", after.uid_validity, &[late], "\\Flagged", true)
        .await
        .unwrap();
    assert!(two.open("INBOX", late, None).await.unwrap().flags.flagged);
    two.delete_for_ever("INBOX", after.uid_validity, &[uid])
        .await
        .unwrap();
    let last = one.window("INBOX", 1, 50, true).await.unwrap();
    assert_eq!((last.total, last.rows[0].uid), (before.total + 1, late));
    assert!(last.rows[0].flags.flagged);
}

/// A connection that has not looked since is told by EXPUNGEISSUED (RFC 9051, section 7.1), beside an
/// OK and NIL for all that was asked for where it is Dovecot.
#[tokio::test]
async fn what_another_removed_is_told() {
    let (one, two) = (tester(5).await, tester(5).await);
    let validity = validity(&one, "INBOX").await;
    let mut uids = Vec::new();
    for subject in ["opened", "read", "streamed", "known", "moved", "stays"] {
        uids.push(store(&two, "INBOX", &mail(subject, &unique())).await);
    }
    let gone = |uid: u32| {
        let (one, two) = (one.clone(), two.clone());
        async move {
            one.window("INBOX", 1, 50, true).await.unwrap();
            two.delete_for_ever("INBOX", validity, &[uid])
                .await
                .unwrap();
            uid
        }
    };
    let uid = gone(uids[0]).await;
    let opened = one.open("INBOX", uid, Some(validity)).await;
    assert_eq!(opened.unwrap_err(), ImapError::NoMessage);
    let uid = gone(uids[1]).await;
    let request = PartRequest {
        id: "1".to_owned(),
        mime: true,
        max: 10,
    };
    let parts = one.parts("INBOX", uid, Some(validity), &[request]).await;
    assert_eq!(parts.unwrap_err(), ImapError::NoMessage);
    let uid = gone(uids[2]).await;
    let mut stream = pin!(one.stream_part("INBOX", uid, Some(validity), None));
    assert_eq!(
        stream.next().await.unwrap().unwrap_err(),
        ImapError::NoMessage
    );
    let uid = gone(uids[3]).await;
    assert_eq!(
        one.flags("INBOX", uid, validity).await,
        Err(ImapError::NoMessage)
    );
    // What is left is moved.
    gone(uids[4]).await;
    one.move_messages("INBOX", validity, &uids[4..], "Trash", true)
        .await
        .unwrap();
    let left = self::uids(&one, "INBOX").await;
    assert!(uids.iter().all(|uid| !left.contains(uid)), "{left:?}");
}

#[tokio::test]
async fn a_dropped_call_poisons_nothing() {
    let engine = demo().await;
    for pause in 0..40 {
        let aborted = engine.clone();
        let task = tokio::spawn(async move { aborted.window("Many", 2, 50, true).await });
        tokio::time::sleep(Duration::from_micros(pause * 100)).await;
        task.abort();
        let message = engine.open("INBOX", 1, None).await.unwrap();
        let header = String::from_utf8_lossy(&message.header).into_owned();
        assert!(header.contains("Lunch on Friday?"), "{header}");
    }
    assert!(engine.connections() <= 3);
    drop(
        pin!(engine.stream_part("INBOX", 1, None, None))
            .next()
            .await,
    );
    assert!(engine.window("INBOX", 1, 5, true).await.is_ok());
}

#[tokio::test]
async fn many_calls_share_three_connections() {
    let engine = demo().await;
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let folder = ["INBOX", "Many", "Odd", "Archive"][number % 4];
                let window = engine.window(folder, 1, 10, true).await.unwrap();
                let uid = window.rows[0].uid;
                engine
                    .open(folder, uid, Some(window.uid_validity))
                    .await
                    .unwrap();
                assert!(engine.connections() <= 3);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn the_servers_limit_is_lived_with() {
    // Dovecot makes folders when they are first opened, and breaks its own connections where many
    // do that at once, which is another matter.
    let first = tester(7).await;
    for folder in ["INBOX", "Sent", "Trash", "Drafts"] {
        first.window(folder, 1, 10, true).await.unwrap();
    }
    first.close().await;
    // The stand gives a user ten connections; seven engines and what they want more are too many.
    let mut engines = Vec::new();
    for _ in 0..7 {
        engines.push(tester(7).await);
    }
    let tasks: Vec<_> = engines
        .iter()
        .cloned()
        .flat_map(|engine| {
            ["INBOX", "Sent", "Trash", "Drafts"].map(|folder| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.window(folder, 1, 10, true).await.map(drop) })
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for engine in engines {
        engine.close().await;
    }
}
