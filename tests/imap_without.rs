//! The engine before a Dovecot that lacks an extension, or all of them: each has a way around it
//! that comes to the same, and what is not offered is not used.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::operations::{ALL, Told, read};
use fault_support::proxy::Proxy;
use fault_support::{bounded, mail, server_at, sign_in, unique};
use posthorn::model::Folder;
use posthorn::server::imap::{Engine, ImapError, Pace};
use std::sync::Arc;

/// An extension, and what is not said to a server without it.
const EXTENSIONS: &[(&str, &[&str])] = &[
    ("PREVIEW", &[" PREVIEW"]),
    ("MOVE", &["UID MOVE"]),
    ("UIDPLUS", &["UID EXPUNGE"]),
    ("SPECIAL-USE", &["SPECIAL-USE"]),
    ("LIST-EXTENDED", &["RETURN ("]),
    ("LIST-STATUS", &["STATUS (MESSAGES UNSEEN))"]),
    ("IDLE", &["IDLE\r\n"]),
    ("ESEARCH", &["SEARCH RETURN"]),
    ("SORT", &["SORT ("]),
    ("THREAD=REFERENCES", &["THREAD REFERENCES"]),
    ("THREAD=REFS", &["THREAD REFS"]),
    ("THREAD=ORDEREDSUBJECT", &["THREAD ORDEREDSUBJECT"]),
    ("CONDSTORE", &["CHANGEDSINCE", "(CONDSTORE)"]),
    ("QRESYNC", &["QRESYNC"]),
    ("ENABLE", &["ENABLE"]),
    ("QUOTA", &["GETQUOTA"]),
    ("NAMESPACE", &["NAMESPACE\r\n"]),
    ("ID", &[" ID ("]),
    ("LITERAL+", &["+}"]),
    ("SASL-IR", &["AUTHENTICATE PLAIN "]),
    ("AUTH=PLAIN", &["AUTHENTICATE"]),
    ("BINARY", &["BINARY"]),
    ("NOTIFY", &["NOTIFY"]),
];

/// What all have to be the same in, whether the server makes previews or not.
fn comparable(told: Told, previews: bool) -> Told {
    match told {
        Told::Window(mut window) => {
            for row in &mut window.rows {
                assert_eq!(row.preview.is_some(), previews);
                let overview = row.overview.take().unwrap();
                let text = row.preview.take();
                let text = text.unwrap_or_else(|| overview.snippet.clone());
                assert!(text.starts_with("This is message number"), "{text}");
            }
            Told::Window(window)
        }
        told => told,
    }
}

async fn reads(engine: &Arc<Engine>, previews: bool) -> Vec<Told> {
    let mut told = Vec::new();
    for what in ALL {
        told.push(comparable(
            bounded(read(engine, what)).await.unwrap(),
            previews,
        ));
    }
    told
}

async fn find(engine: &Engine, folder: &str, id: &str) -> Option<u32> {
    let id = format!("{id}@faults.test");
    bounded(engine.find_by_message_id(folder, &id))
        .await
        .unwrap()
}

/// Stores, flags, moves there and back, and deletes, by what a person would see of it.
async fn changes(engine: &Arc<Engine>, uidplus: bool) {
    let word = unique();
    // What is no ASCII goes as a literal.
    assert_eq!(find(engine, "INBOX", "ü").await, None);
    let validity = async |folder| {
        let window = bounded(engine.window(folder, 1, 1, false)).await.unwrap();
        window.uid_validity
    };
    let mut uids = Vec::new();
    for name in ["ä", "b", "c"] {
        let id = format!("{}-{word}", name.len());
        let id = format!("{id}-{name}").replace('ä', "a");
        let message = mail(name, &id);
        let size = u64::try_from(message.len()).unwrap();
        let mut source = message.as_slice();
        let told = bounded(engine.append("INBOX", &["\\Seen"], size, &mut source)).await;
        let uid = find(engine, "INBOX", &id).await.unwrap();
        // Dovecot tells it unasked too.
        let told = told.unwrap();
        assert!(told == Some(uid) || !uidplus && told.is_none());
        uids.push((uid, id));
    }
    let inbox = validity("INBOX").await;
    let [(one, _), (two, two_id), (three, _)] = uids.as_slice() else {
        panic!()
    };
    // Marked by another program, and not to be removed with what Posthorn removes.
    bounded(engine.set_flags("INBOX", inbox, &[*one], "\\Deleted", true))
        .await
        .unwrap();
    let target = format!("Entwürfe \"{word}\"");
    for folder in ["Archive", &target] {
        let uid = find(engine, "INBOX", two_id).await.unwrap();
        let there = bounded(engine.move_messages("INBOX", inbox, &[uid], folder, true)).await;
        let moved = find(engine, folder, two_id).await.unwrap();
        let there = there.unwrap();
        assert!(
            there.uids == [moved] || !uidplus && there.uids.is_empty(),
            "{there:?}"
        );
        assert_eq!(find(engine, "INBOX", two_id).await, None);
        let again = bounded(engine.move_messages("INBOX", inbox, &[uid], folder, true)).await;
        assert_eq!(again, Err(ImapError::NoMessage));
        let away = validity(folder).await;
        bounded(engine.move_messages(folder, away, &[moved], "INBOX", false))
            .await
            .unwrap();
    }
    let two_again = find(engine, "INBOX", two_id).await.unwrap();
    assert_ne!(two_again, *two);
    bounded(engine.delete_for_ever("INBOX", inbox, &[two_again]))
        .await
        .unwrap();
    assert_eq!(find(engine, "INBOX", two_id).await, None);
    for uid in [*one, *three] {
        bounded(engine.open("INBOX", uid, Some(inbox)))
            .await
            .unwrap();
    }
    bounded(engine.delete_for_ever("INBOX", inbox, &[*one, *three]))
        .await
        .unwrap();
    for uid in [*one, *three] {
        let gone = bounded(engine.open("INBOX", uid, Some(inbox))).await;
        assert_eq!(gone, Err(ImapError::NoMessage));
    }
    let folders: Vec<Folder> = bounded(engine.folders()).await.unwrap();
    let made = folders.iter().find(|folder| folder.name == target);
    assert!(made.is_some_and(|folder| folder.subscribed));
}

/// Nothing that is missing is used, and all comes to what it comes to with everything there.
async fn assert_same(user: &str, missing: &[&'static str], unsaid: &[&str], right: &[Told]) {
    let proxy = Proxy::without(missing).await;
    let has = |name| !missing.contains(&name);
    let engine = bounded(Engine::sign_in(
        &server_at(proxy.port),
        "demo@posthorn.example",
        "posthorn-demo".into(),
        Some("192.0.2.7".parse().unwrap()),
    ))
    .await
    .unwrap();
    let told = reads(&engine, has("PREVIEW")).await;
    for (told, right) in told.iter().zip(right) {
        assert_eq!(told, right, "without {missing:?}");
    }
    engine.close().await;
    let engine = sign_in(proxy.port, user, Pace::default()).await;
    changes(&engine, has("UIDPLUS")).await;
    engine.close().await;
    let heard = proxy.heard();
    for words in unsaid {
        assert!(!heard.contains(words), "{words} without {missing:?}");
    }
}

/// What it all comes to with everything there.
async fn right(user: &str) -> Vec<Told> {
    let proxy = Proxy::start().await;
    let engine = sign_in(proxy.port, "demo", Pace::default()).await;
    let right = reads(&engine, true).await;
    engine.close().await;
    let engine = sign_in(proxy.port, user, Pace::default()).await;
    changes(&engine, true).await;
    engine.close().await;
    // Where it is there, it is used: else the proxy would prove nothing.
    let heard = proxy.heard();
    for words in [" PREVIEW", "UID MOVE", "UID EXPUNGE", "RETURN (", "+}"] {
        assert!(heard.contains(words), "{words}");
    }
    right
}

#[tokio::test]
async fn with_each_extension_missing_all_comes_to_the_same() {
    let right = right("test8").await;
    for (missing, unsaid) in EXTENSIONS.iter().step_by(2) {
        assert_same("test8", &[missing], unsaid, &right).await;
    }
}

/// The other half of them, for the time it takes.
#[tokio::test]
async fn with_any_other_extension_missing_all_comes_to_the_same() {
    let right = right("test7").await;
    for (missing, unsaid) in EXTENSIONS.iter().skip(1).step_by(2) {
        assert_same("test7", &[missing], unsaid, &right).await;
    }
}

#[tokio::test]
async fn without_any_extension_all_comes_to_the_same() {
    let right = right("test3").await;
    let missing: Vec<&str> = EXTENSIONS.iter().map(|(name, _)| *name).collect();
    let unsaid: Vec<&str> = EXTENSIONS
        .iter()
        .flat_map(|(_, unsaid)| *unsaid)
        .copied()
        .collect();
    assert_same("test3", &missing, &unsaid, &right).await;
    // The two ways of moving that one of them leaves.
    let missing = ["MOVE", "UIDPLUS"];
    assert_same("test3", &missing, &["UID MOVE", "UID EXPUNGE"], &right).await;
}
