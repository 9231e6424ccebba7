//! Conversations against the real Dovecot of the mail stand: by its THREAD and by our own gathering,
//! which have to agree. Each test has a user of its own, whose INBOX and Sent it empties first.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use posthorn::model::FolderRole;
use posthorn::server::imap::{Engine, Grouping, ImapError, RawConversation, Server};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::sync::Arc;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

fn server() -> Server {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    let ca_file = PathBuf::from(variable("POSTHORN_CA_FILE"));
    Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port: port.parse().unwrap(),
        },
        tls: tls::client_config(Some(&ca_file)).unwrap(),
    }
}

async fn sign_in(user: &str, password: &str) -> Arc<Engine> {
    let address = format!("{user}@posthorn.example");
    Engine::sign_in(&server(), &address, password.into(), None)
        .await
        .unwrap()
}

/// A user with nothing in INBOX and Sent, and the name of Sent.
async fn tester(number: u8) -> (Arc<Engine>, String) {
    let engine = sign_in(&format!("test{number}"), "test-secret").await;
    let sent = engine.role_folder(FolderRole::Sent, true).await.unwrap();
    for folder in ["INBOX", &sent] {
        let window = engine.window(folder, 1, 500, false).await.unwrap();
        let uids: Vec<u32> = window.rows.iter().map(|row| row.uid).collect();
        if !uids.is_empty() {
            engine
                .delete_for_ever(folder, window.uid_validity, &uids)
                .await
                .unwrap();
        }
    }
    (engine, sent)
}

/// A mail from `who` with these further header lines.
async fn store(engine: &Engine, folder: &str, who: &str, subject: &str, fields: &str) -> u32 {
    let message = format!(
        "From: {who} <{who}@posthorn.example>\r\nTo: b@posthorn.example\r\nSubject: {subject}\r\n\
         Date: Tue, 24 Nov 2026 09:42:00 +0100\r\n{fields}\r\nText of {subject}.\r\n"
    );
    let size = u64::try_from(message.len()).unwrap();
    let mut source = message.as_bytes();
    let uid = engine.append(folder, &[], size, &mut source).await.unwrap();
    uid.expect("the stand has UIDPLUS")
}

/// The conversations, the newest first, each by its UIDs.
async fn listed(engine: &Engine, grouping: Grouping) -> Vec<Vec<u32>> {
    let found = engine
        .conversations("INBOX", 0, 199, grouping)
        .await
        .unwrap();
    assert!(found.complete);
    assert_eq!(usize::try_from(found.total).unwrap(), found.rows.len());
    found.rows.into_iter().map(|row| row.uids).collect()
}

fn places(conversation: &RawConversation) -> Vec<(&str, u32)> {
    conversation
        .members
        .iter()
        .map(|member| (member.folder.as_str(), member.row.uid))
        .collect()
}

#[tokio::test]
async fn who_belongs_together_is_told_by_names_alone() {
    let (engine, _) = tester(7).await;
    for grouping in [Grouping::Best, Grouping::Best, Grouping::Own, Grouping::Own] {
        assert!(listed(&engine, grouping).await.is_empty());
        let rows = engine.conversation_rows("INBOX", 0, 9, grouping).await;
        assert!(rows.unwrap().rows.is_empty());
    }
    let store = async |who, subject, fields| store(&engine, "INBOX", who, subject, fields).await;
    let lunch = store("ada", "Lunch", "Message-ID: <1@t>\r\n").await;
    let invoice = store("x", "Invoice", "Message-ID: <2@t>\r\n").await;
    // The same subject, of a stranger, once even as an answer.
    let other = store("y", "Invoice", "Message-ID: <3@t>\r\n").await;
    let answer = store("z", "Re: Invoice", "Message-ID: <4@t>\r\n").await;
    let again = store(
        "jo",
        "Re: Lunch",
        "Message-ID: <5@t>\r\nReferences: <1@t>\r\n",
    )
    .await;
    // Another subject, and only In-Reply-To.
    let renamed = store(
        "ada",
        "Dinner",
        "Message-ID: <6@t>\r\nIn-Reply-To: <5@t>\r\n",
    )
    .await;
    // What both answer is not there.
    let lost = store(
        "a",
        "Re: Lost",
        "Message-ID: <7@t>\r\nReferences: <gone@t>\r\n",
    )
    .await;
    let found = store(
        "b",
        "Re: Lost",
        "Message-ID: <8@t>\r\nReferences: <gone@t>\r\n",
    )
    .await;
    let none = store("c", "No name", "").await;
    // A loop.
    let head = store("d", "Loop", "Message-ID: <9@t>\r\nReferences: <10@t>\r\n").await;
    let tail = store("d", "Loop", "Message-ID: <10@t>\r\nReferences: <9@t>\r\n").await;
    let expected = [
        vec![head, tail],
        vec![none],
        vec![lost, found],
        vec![lunch, again, renamed],
        vec![answer],
        vec![other],
        vec![invoice],
    ];
    assert_eq!(listed(&engine, Grouping::Own).await, expected);
    assert_eq!(listed(&engine, Grouping::Best).await, expected);

    for grouping in [Grouping::Best, Grouping::Own] {
        let rows = engine
            .conversation_rows("INBOX", 3, 4, grouping)
            .await
            .unwrap();
        assert_eq!((rows.total, rows.first, rows.messages), (7, 3, 11));
        let lunch_row = &rows.rows[0];
        assert_eq!(lunch_row.newest.uid, renamed);
        assert!(
            lunch_row
                .newest
                .clone()
                .read()
                .subject
                .starts_with("Dinner")
        );
        assert!(lunch_row.newest.preview.is_some());
        let behind: Vec<_> = lunch_row
            .others
            .iter()
            .map(|other| (other.uid, other.flags.seen))
            .collect();
        assert_eq!(behind, [(lunch, false), (again, false)]);
        assert!(lunch_row.others[1].from[0].addr.starts_with("jo@posthorn"));
        assert_eq!(rows.rows[1].newest.uid, answer);
        let beyond = engine
            .conversation_rows("INBOX", 7, 99, grouping)
            .await
            .unwrap();
        assert!(beyond.rows.is_empty());
    }

    // What is kept follows what comes, goes and is read, also by another's hand.
    let (other_engine, validity) = (
        sign_in("test7", "test-secret").await,
        engine
            .conversations("INBOX", 0, 0, Grouping::Best)
            .await
            .unwrap()
            .uid_validity,
    );
    let late = self::store(
        &other_engine,
        "INBOX",
        "z",
        "Re: Invoice",
        "Message-ID: <11@t>\r\nReferences: <2@t>\r\n",
    )
    .await;
    other_engine
        .set_flags("INBOX", validity, &[invoice], "\\Seen", true)
        .await
        .unwrap();
    for grouping in [Grouping::Best, Grouping::Own] {
        let rows = engine
            .conversation_rows("INBOX", 0, 0, grouping)
            .await
            .unwrap();
        assert_eq!(rows.rows[0].uids, [invoice, late]);
        assert!(rows.rows[0].others[0].flags.seen && !rows.rows[0].newest.flags.seen);
    }
    other_engine
        .delete_for_ever("INBOX", validity, &[late, again])
        .await
        .unwrap();
    for grouping in [Grouping::Best, Grouping::Own] {
        let rows = engine
            .conversation_rows("INBOX", 0, 199, grouping)
            .await
            .unwrap();
        let uids: Vec<_> = rows.rows.iter().map(|row| row.uids.clone()).collect();
        assert!(uids.contains(&vec![invoice]), "{uids:?}");
        assert!(
            uids.iter()
                .flatten()
                .all(|uid| ![late, again].contains(uid))
        );
        assert_eq!(rows.messages, 10);
    }
    // Nothing says any more that these two belong together. Gathered anew they are apart; what is
    // kept shows them as they were.
    assert!(
        listed(&engine, Grouping::Own)
            .await
            .contains(&vec![renamed])
    );
    assert!(
        listed(&engine, Grouping::Best)
            .await
            .contains(&vec![lunch, renamed])
    );
    assert!(
        listed(&other_engine, Grouping::Best)
            .await
            .contains(&vec![renamed])
    );

    // What follows something is put to it, what follows nothing stays alone, and what follows a
    // message that is not there finds the others that do.
    let news = store("n", "News", "Message-ID: <12@t>\r\n").await;
    let more = store(
        "a",
        "Re: Lunch",
        "Message-ID: <13@t>\r\nReferences: <1@t>\r\n",
    )
    .await;
    let found_now = listed(&engine, Grouping::Best).await;
    assert_eq!(found_now[..2], [vec![lunch, renamed, more], vec![news]]);
    let third = store(
        "c",
        "Re: Lost",
        "Message-ID: <14@t>\r\nReferences: <gone@t>\r\n",
    )
    .await;
    let found_now = listed(&engine, Grouping::Best).await;
    assert_eq!(found_now[0], [lost, found, third]);
    // What they all follow comes last, as a mail does that is brought back from the trash.
    let root = store("l", "Lost", "Message-ID: <gone@t>\r\n").await;
    let found_now = listed(&engine, Grouping::Best).await;
    assert_eq!(found_now[0], [lost, found, third, root]);
    assert_eq!(
        listed(&engine, Grouping::Own).await,
        listed(&other_engine, Grouping::Best).await
    );
}

#[tokio::test]
async fn a_conversation_has_what_was_sent() {
    let (engine, sent) = tester(8).await;
    let inbox = async |who, subject, fields| store(&engine, "INBOX", who, subject, fields).await;
    let outbox = async |subject, fields| store(&engine, &sent, "me", subject, fields).await;
    let began = outbox("Plans", "Message-ID: <s1@t>\r\n").await;
    let first = inbox(
        "jo",
        "Re: Plans",
        "Message-ID: <i1@t>\r\nReferences: <s1@t>\r\n",
    )
    .await;
    let mine = outbox(
        "Re: Plans",
        "Message-ID: <s2@t>\r\nReferences: <s1@t> <i1@t>\r\n",
    )
    .await;
    let last = inbox(
        "jo",
        "Re: Plans",
        "Message-ID: <i2@t>\r\nReferences: <s1@t> <i1@t> <s2@t>\r\n",
    )
    .await;
    // Not of it: only the subject, and an id that holds one of its ids.
    let stranger = inbox("x", "Plans", "Message-ID: <i3@t>\r\n").await;
    outbox("Re: Plans", "Message-ID: <s3@t>\r\n").await;
    outbox("Re: Plans", "Message-ID: <s4@t>\r\nReferences: <xi1@t>\r\n").await;
    // What one sent to a list comes back.
    let copy = outbox("Note", "Message-ID: <n@t>\r\n").await;
    let came = inbox("me", "Note", "Message-ID: <n@t>\r\n").await;

    let sent = sent.as_str();
    let whole = [
        (sent, began),
        ("INBOX", first),
        (sent, mine),
        ("INBOX", last),
    ];
    for grouping in [Grouping::Best, Grouping::Own] {
        for uid in [first, last] {
            let found = engine
                .conversation("INBOX", None, uid, grouping)
                .await
                .unwrap();
            assert!(found.complete);
            let mut found = places(&found);
            found.sort_unstable();
            let mut whole = whole.to_vec();
            whole.sort_unstable();
            assert_eq!(found, whole);
        }
        for uid in [began, mine] {
            let found = engine
                .conversation(sent, None, uid, grouping)
                .await
                .unwrap();
            let mut found = places(&found);
            found.sort_unstable();
            let mut whole = whole.to_vec();
            whole.sort_unstable();
            assert_eq!(found, whole);
        }
        let alone = engine
            .conversation("INBOX", None, stranger, grouping)
            .await
            .unwrap();
        assert_eq!(places(&alone), [("INBOX", stranger)]);
        let here = engine
            .conversation("INBOX", None, came, grouping)
            .await
            .unwrap();
        assert_eq!(places(&here), [("INBOX", came)]);
        let there = engine
            .conversation(sent, None, copy, grouping)
            .await
            .unwrap();
        assert_eq!(places(&there), [(sent, copy)]);
    }
    let validity = engine
        .conversations("INBOX", 0, 0, Grouping::Best)
        .await
        .unwrap()
        .uid_validity;
    for (uid_validity, uid, expected) in [
        (Some(validity + 1), first, ImapError::FolderChanged),
        (Some(validity), 0, ImapError::NoMessage),
        (None, u32::MAX, ImapError::NoMessage),
    ] {
        let refused = engine
            .conversation("INBOX", uid_validity, uid, Grouping::Best)
            .await;
        assert_eq!(refused.unwrap_err(), expected);
    }
    let refused = engine.conversations("Nowhere", 0, 9, Grouping::Best).await;
    assert_eq!(refused.unwrap_err(), ImapError::NoFolder);
}

/// The seeded mailbox of a person, gathered both ways.
#[tokio::test]
async fn the_server_and_we_agree() {
    let engine = sign_in("demo", "posthorn-demo").await;
    for folder in engine.folders().await.unwrap() {
        if !folder.selectable || folder.total == 0 {
            continue;
        }
        let ask = async |grouping| {
            let found = engine
                .conversations(&folder.name, 0, 199, grouping)
                .await
                .unwrap();
            assert_eq!(found.messages, folder.total, "{}", folder.name);
            found.rows
        };
        assert_eq!(
            ask(Grouping::Best).await,
            ask(Grouping::Own).await,
            "{}",
            folder.name
        );
    }
}

/// By hand: `scripts/stand bulk 100000`, then
/// `cargo test --features ssr --test imap_threads -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "needs the bulk mailbox, and measures"]
#[allow(clippy::print_stdout)]
async fn a_large_folder() {
    let engine = sign_in("bulk", "bulk-secret").await;
    for grouping in [Grouping::Best, Grouping::Own] {
        for _ in 0..3 {
            let started = std::time::Instant::now();
            let found = engine
                .conversation_rows("INBOX", 0, 49, grouping)
                .await
                .unwrap();
            println!(
                "{grouping:?}: {} of {} in {:?}",
                found.total,
                found.messages,
                started.elapsed()
            );
        }
        let uid = store(&engine, "INBOX", "n", "News", "").await;
        for step in ["came", "went"] {
            let started = std::time::Instant::now();
            let found = engine
                .conversation_rows("INBOX", 0, 49, grouping)
                .await
                .unwrap();
            println!("{step}: {} in {:?}", found.messages, started.elapsed());
            if step == "came" {
                engine
                    .delete_for_ever("INBOX", found.uid_validity, &[uid])
                    .await
                    .unwrap();
            }
        }
        let started = std::time::Instant::now();
        let found = engine
            .conversation_rows("INBOX", 60_000, 60_049, grouping)
            .await
            .unwrap();
        println!("deep: {} in {:?}", found.rows.len(), started.elapsed());
        for uid in [99_998, 50_000] {
            let started = std::time::Instant::now();
            let found = engine
                .conversation("INBOX", None, uid, grouping)
                .await
                .unwrap();
            println!("one: {:?} in {:?}", places(&found), started.elapsed());
        }
    }
}
