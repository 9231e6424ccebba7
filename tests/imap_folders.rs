//! What is done to folders as wholes, against the real Dovecot of the mail stand. Each test works
//! below folders of its own names and takes them away again.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use posthorn::mail::search::Query;
use posthorn::model::{Filter, Folder, FolderProblem, FolderRole, Sort, Space};
use posthorn::server::imap::{Demand, Engine, ImapError, Server};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

async fn sign_in(user: &str, password: &str) -> Arc<Engine> {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    let ca_file = PathBuf::from(variable("POSTHORN_CA_FILE"));
    let server = Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port: port.parse().unwrap(),
        },
        tls: tls::client_config(Some(&ca_file)).unwrap(),
    };
    let address = format!("{user}@posthorn.example");
    Engine::sign_in(&server, &address, password.into(), None)
        .await
        .unwrap()
}

async fn tester(number: u8) -> Arc<Engine> {
    sign_in(&format!("test{number}"), "test-secret").await
}

fn unique(word: &str) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!("{word}-{}-{}", now.as_nanos(), std::process::id())
}

async fn store(engine: &Engine, folder: &str, flags: &[&str]) -> u32 {
    let mail = b"From: a@posthorn.example\r\nSubject: In a folder\r\n\r\nText.\r\n";
    let size = u64::try_from(mail.len()).unwrap();
    let mut source = mail.as_slice();
    let uid = engine.append(folder, flags, size, &mut source).await;
    uid.unwrap().expect("the stand has UIDPLUS")
}

async fn find(engine: &Engine, name: &str) -> Option<Folder> {
    let folders = engine.folders().await.unwrap();
    folders.into_iter().find(|folder| folder.name == name)
}

async fn uids(engine: &Engine, folder: &str) -> Vec<u32> {
    let window = engine.window(folder, 1, 500, false).await.unwrap();
    window.rows.iter().map(|row| row.uid).collect()
}

fn refused(problem: FolderProblem) -> ImapError {
    ImapError::Folder(problem)
}

#[tokio::test]
async fn a_folder_of_any_name_is_made_filled_renamed_and_deleted() {
    let engine = tester(4).await;
    let base = engine.create_folder("", &unique("names")).await.unwrap();
    for label in [
        "Say \"hi\"",
        "back\\slash",
        "Feier 🎉",
        "100%",
        "a*b%",
        "日本",
        "R&D",
        "Punkt. im. Namen",
        "{5+}",
        "(x) [y]",
        "'; DROP",
        "Entwürfe für später",
    ] {
        let name = engine.create_folder(&base, label).await.unwrap();
        assert_eq!(name, format!("{base}/{label}"));
        let found = find(&engine, &name).await;
        let found = found.unwrap_or_else(|| panic!("no {label}"));
        assert!(found.selectable && found.subscribed, "{label}");
        assert_eq!((found.label.as_str(), found.space), (label, Space::Own));
        assert_eq!(
            engine.create_folder(&base, label).await,
            Err(refused(FolderProblem::Exists)),
            "{label}"
        );
        store(&engine, &name, &[]).await;
        // Open in a connection while it is renamed and deleted.
        assert_eq!(uids(&engine, &name).await.len(), 1, "{label}");
        let other = format!("{label} (neu)");
        let renamed = engine.rename_folder(&name, &base, &other).await.unwrap();
        assert_eq!(uids(&engine, &renamed).await.len(), 1, "{label}");
        let gone = engine.window(&name, 1, 50, false).await;
        assert_eq!(gone.unwrap_err(), ImapError::NoFolder, "{label}");
        assert!(find(&engine, &renamed).await.unwrap().subscribed);
        engine.delete_folder(&renamed, 1, 0).await.unwrap();
        assert_eq!(find(&engine, &renamed).await, None, "{label}");
    }
    engine.delete_folder(&base, 0, 0).await.unwrap();
    assert!(find(&engine, &base).await.is_none());
}

#[tokio::test]
async fn a_parent_takes_its_children_along_with_their_subscriptions() {
    let engine = tester(5).await;
    let a = engine.create_folder("", &unique("a")).await.unwrap();
    let b = engine.create_folder("", &unique("b")).await.unwrap();
    let child = engine.create_folder(&a, "Süd").await.unwrap();
    let deep = engine.create_folder(&child, "tief").await.unwrap();
    let quiet = engine.create_folder(&child, "still").await.unwrap();
    engine.subscribe_folder(&quiet, false).await.unwrap();
    store(&engine, &deep, &[]).await;
    assert_eq!(
        engine.rename_folder(&a, &deep, "x").await,
        Err(refused(FolderProblem::IntoItself))
    );
    assert_eq!(
        engine.rename_folder(&a, &a, "x").await,
        Err(refused(FolderProblem::IntoItself))
    );
    let moved = engine.rename_folder(&a, &b, "Neu & gut").await.unwrap();
    assert_eq!(moved, format!("{b}/Neu & gut"));
    for (tail, subscribed) in [
        ("", true),
        ("/Süd", true),
        ("/Süd/tief", true),
        ("/Süd/still", false),
    ] {
        let found = find(&engine, &format!("{moved}{tail}")).await.unwrap();
        assert_eq!(found.subscribed, subscribed, "{tail}");
    }
    assert_eq!(uids(&engine, &format!("{moved}/Süd/tief")).await.len(), 1);
    assert!(find(&engine, &a).await.is_none());
    // The same name again is no change, and a name that is taken is none.
    let same = engine.rename_folder(&moved, &b, "Neu & gut").await;
    assert_eq!(same.unwrap(), moved);
    let taken = engine.create_folder(&b, "taken").await.unwrap();
    assert_eq!(
        engine.rename_folder(&taken, &b, "Neu & gut").await,
        Err(refused(FolderProblem::Exists))
    );
    engine.delete_folder(&b, 1, 5).await.unwrap();
    let left = engine.folders().await.unwrap();
    assert!(left.iter().all(|folder| !folder.name.starts_with(&b)));
}

#[tokio::test]
async fn deleting_takes_no_more_than_was_said() {
    let engine = tester(6).await;
    let top = engine.create_folder("", &unique("delete")).await.unwrap();
    let child = engine.create_folder(&top, "child").await.unwrap();
    let begins_the_same = engine.create_folder("", &format!("{top}x")).await.unwrap();
    store(&engine, &child, &[]).await;
    // As it is on a page that was made before the message came, and before the folder.
    for (messages, folders) in [(0, 1), (1, 0), (0, 0)] {
        assert_eq!(
            engine.delete_folder(&top, messages, folders).await,
            Err(refused(FolderProblem::HoldsMore))
        );
    }
    assert_eq!(uids(&engine, &child).await.len(), 1);
    engine.delete_folder(&top, 1, 1).await.unwrap();
    assert!(find(&engine, &top).await.is_none());
    assert!(find(&engine, &begins_the_same).await.is_some());
    engine.delete_folder(&begins_the_same, 0, 0).await.unwrap();
    assert_eq!(
        engine.delete_folder(&top, 9, 9).await,
        Err(ImapError::NoFolder)
    );
}

#[tokio::test]
async fn a_level_without_a_folder_goes_with_its_children() {
    let engine = tester(3).await;
    let top = engine.create_folder("", &unique("level")).await.unwrap();
    let middle = engine.create_folder(&top, "middle").await.unwrap();
    let inner = engine.create_folder(&middle, "inner").await.unwrap();
    // Without the folder in the middle there is a mere level; a folder can be made of it again.
    engine.delete_folder(&inner, 0, 0).await.unwrap();
    engine.delete_folder(&middle, 0, 0).await.unwrap();
    let again = engine.create_folder(&top, "middle").await.unwrap();
    assert_eq!(again, middle);
    engine.create_folder(&middle, "inner").await.unwrap();
    engine.delete_folder(&top, 0, 2).await.unwrap();
    assert!(find(&engine, &top).await.is_none());
}

#[tokio::test]
async fn folders_with_a_purpose_stay() {
    let engine = tester(1).await;
    for (name, role) in [
        ("INBOX", FolderRole::Inbox),
        ("Trash", FolderRole::Trash),
        ("Sent", FolderRole::Sent),
    ] {
        let special = Err(refused(FolderProblem::Special(role)));
        assert_eq!(
            engine.rename_folder(name, "", "Other").await,
            special.clone()
        );
        let deleted = engine.delete_folder(name, 1_000_000, 1_000).await;
        assert_eq!(deleted, special.map(drop));
    }
    for name in ["INBOX", "inbox", "Trash"] {
        assert_eq!(
            engine.create_folder("", name).await,
            Err(refused(FolderProblem::Exists)),
            "{name}"
        );
    }
    // It is there already, so none is made.
    let archive = engine.role_folder(FolderRole::Archive, true).await;
    assert_eq!(archive.unwrap(), "Archive");
}

#[tokio::test]
async fn what_is_no_name_makes_no_folder() {
    let engine = tester(7).await;
    let before = engine.folders().await.unwrap().len();
    for (name, problem) in [
        ("", FolderProblem::NoName),
        ("  ", FolderProblem::NoName),
        ("a/b", FolderProblem::Delimiter('/')),
        ("a\r\nA1 DELETE INBOX", FolderProblem::Invisible),
        ("a\0b", FolderProblem::Invisible),
        (&"x".repeat(10_000), FolderProblem::TooLong),
    ] {
        assert_eq!(
            engine.create_folder("", name).await,
            Err(refused(problem)),
            "{name:?}"
        );
    }
    assert_eq!(
        engine.create_folder("Nowhere", "x").await,
        Err(ImapError::NoFolder)
    );
    // Only the server knows that it does not take this one.
    assert!(matches!(
        engine.create_folder("", "..").await,
        Err(ImapError::Refused { .. })
    ));
    assert_eq!(engine.folders().await.unwrap().len(), before);
}

#[tokio::test]
async fn emptying_leaves_what_came_later() {
    let engine = tester(7).await;
    let old = store(&engine, "Trash", &[]).await;
    let marked = store(&engine, "Trash", &["\\Seen"]).await;
    let trash = find(&engine, "Trash").await.unwrap();
    assert!(trash.uid_next > marked && trash.uid_validity > 0);
    let late = store(&engine, "Trash", &[]).await;
    let (validity, next) = (trash.uid_validity, trash.uid_next);
    assert_eq!(
        engine.empty_folder("Trash", validity + 1, next).await,
        Err(ImapError::FolderChanged)
    );
    engine.empty_folder("Trash", validity, next).await.unwrap();
    let left = uids(&engine, "Trash").await;
    assert!(!left.contains(&old) && !left.contains(&marked), "{left:?}");
    assert!(left.contains(&late), "{left:?}");
    // Twice is no fault, and an empty folder none either.
    engine.empty_folder("Trash", validity, next).await.unwrap();
    engine
        .empty_folder("Trash", validity, late + 1)
        .await
        .unwrap();
    assert!(uids(&engine, "Trash").await.is_empty());
    engine.empty_folder("Trash", validity, 1).await.unwrap();
    // Only these two can be emptied.
    let inbox = find(&engine, "INBOX").await.unwrap();
    assert_eq!(
        engine
            .empty_folder("INBOX", inbox.uid_validity, inbox.uid_next)
            .await,
        Err(ImapError::BadInput)
    );
}

#[tokio::test]
async fn marking_all_as_read_marks_what_was_there() {
    let engine = tester(8).await;
    let folder = engine.create_folder("", &unique("read")).await.unwrap();
    for number in 0..30 {
        let flags: &[&str] = if number % 3 == 0 { &["\\Seen"] } else { &[] };
        store(&engine, &folder, flags).await;
    }
    let known = find(&engine, &folder).await.unwrap();
    assert_eq!((known.total, known.unseen), (30, 20));
    let unread = async || {
        let filter = Filter {
            unread: true,
            ..Filter::default()
        };
        let today = jiff::civil::date(2026, 1, 1);
        let demand = Demand::new(Sort::Arrival, filter, &Query::parse("", today));
        let until = Instant::now() + Duration::from_secs(10);
        let listed = engine.listed_page(&folder, &demand, 1, 50, until).await;
        listed.unwrap().window.total
    };
    assert_eq!(unread().await, 20);
    let late = store(&engine, &folder, &[]).await;
    engine
        .mark_all_read(&folder, known.uid_validity, known.uid_next)
        .await
        .unwrap();
    let window = engine.window(&folder, 1, 50, false).await.unwrap();
    let left: Vec<u32> = window
        .rows
        .iter()
        .filter(|row| !row.flags.seen)
        .map(|row| row.uid)
        .collect();
    assert_eq!(left, [late]);
    // A list of them that was got before is not handed out again.
    assert_eq!(unread().await, 1);
    assert_eq!(
        engine
            .mark_all_read(&folder, known.uid_validity + 1, 0)
            .await,
        Err(ImapError::FolderChanged)
    );
    // Without a bound: all that is there when the server is asked.
    engine
        .mark_all_read(&folder, known.uid_validity, 0)
        .await
        .unwrap();
    assert_eq!(find(&engine, &folder).await.unwrap().unseen, 0);
    engine.delete_folder(&folder, 31, 0).await.unwrap();
}

#[tokio::test]
async fn a_subscription_is_made_and_ended() {
    let engine = tester(8).await;
    let folder = engine
        .create_folder("", &unique("日本 & \"x\""))
        .await
        .unwrap();
    for on in [false, false, true, true] {
        engine.subscribe_folder(&folder, on).await.unwrap();
        assert_eq!(find(&engine, &folder).await.unwrap().subscribed, on);
    }
    engine.delete_folder(&folder, 0, 0).await.unwrap();
}

#[tokio::test]
async fn the_quota_comes_with_the_folders() {
    let full = sign_in("voll", "voll-secret").await;
    assert_eq!(full.quota(), None);
    full.folders().await.unwrap();
    let quota = full.quota().unwrap();
    assert_eq!(quota.limit, 256 * 1024);
    assert!(quota.percent() >= 95, "{quota:?}");
    let roomy = tester(8).await;
    roomy.folders().await.unwrap();
    let quota = roomy.quota().unwrap();
    assert_eq!(quota.limit, 5 << 30);
    assert!(quota.percent() < 5, "{quota:?}");
}

#[tokio::test]
async fn the_quota_is_believed_until_something_is_stored() {
    let (one, other) = (tester(8).await, tester(8).await);
    one.folders().await.unwrap();
    let before = one.quota().unwrap();
    let append = |engine: std::sync::Arc<posthorn::server::imap::Engine>| async move {
        let mut source = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), 100_000);
        engine.append("INBOX", &[], 100_000, &mut source).await
    };
    append(other).await.unwrap();
    one.folders().await.unwrap();
    assert_eq!(one.quota(), Some(before));
    let asked = one.ask_quota().await.unwrap().unwrap();
    assert!(asked.used >= before.used + 90_000, "{asked:?} {before:?}");
    append(one.clone()).await.unwrap();
    one.folders().await.unwrap();
    assert!(one.quota().unwrap().used >= asked.used + 90_000);
}

#[tokio::test]
async fn a_folder_deleted_by_another_program_is_told() {
    let (one, other) = (tester(5).await, tester(5).await);
    let folder = one.create_folder("", &unique("gone")).await.unwrap();
    assert!(uids(&one, &folder).await.is_empty());
    other.delete_folder(&folder, 0, 0).await.unwrap();
    let error = one.rename_folder(&folder, "", "x").await.unwrap_err();
    assert_eq!(error, ImapError::NoFolder);
    let error = one.window(&folder, 1, 50, false).await.unwrap_err();
    assert!(
        matches!(error, ImapError::NoFolder | ImapError::Unreachable(_)),
        "{error}"
    );
}

/// Dovecot ends a connection whose folder was deleted with the next command, which is done all the
/// same. Its index of texts may not know the message yet.
#[tokio::test]
async fn what_was_stored_before_the_connection_ended_is_found_at_once() {
    let (engine, other) = (tester(4).await, tester(4).await);
    let kept = other.create_folder("", &unique("kept")).await.unwrap();
    let mut lost = 0;
    for round in 1..=3 {
        let gone = other.create_folder("", &unique("gone")).await.unwrap();
        engine.window(&gone, 1, 10, false).await.unwrap();
        other.delete_folder(&gone, 0, 0).await.unwrap();
        let id = format!("{}@posthorn.example", unique("id"));
        let mail = format!("From: a@posthorn.example\r\nMessage-ID: <{id}>\r\n\r\nText.\r\n");
        let size = u64::try_from(mail.len()).unwrap();
        let stored = engine.append(&kept, &[], size, &mut mail.as_bytes()).await;
        assert!(matches!(stored, Ok(_) | Err(ImapError::Unreachable(_))));
        lost += usize::from(stored.is_err());
        let found = engine.find_by_message_id(&kept, &id).await.unwrap();
        assert_eq!(found, uids(&other, &kept).await.first().copied());
        assert_eq!(uids(&other, &kept).await.len(), round);
    }
    assert!(lost > 0);
    other.delete_folder(&kept, 3, 0).await.unwrap();
}
