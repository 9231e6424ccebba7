//! Whom the person has written to, asked of a server that counts what it is asked: once for all who
//! want to know at the same time and for ten minutes, also where it cannot be had.

#![cfg(feature = "ssr")]
// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::bounded;
use fault_support::hostile::{Hostile, Reply, say};

const LIST: &str = "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Sent\r\n{tag} OK done\r\n";

/// How many of the commands so far begin with `name`.
fn count(server: &Hostile, name: &str) -> usize {
    let heard = server.heard();
    heard.iter().filter(|line| line.starts_with(name)).count()
}

#[tokio::test]
async fn it_is_asked_once_in_one_fetch() {
    let row = |number: u32, header: &str| {
        format!(
            "* {number} FETCH (BODY[HEADER.FIELDS (TO CC BCC)]<0> {{{}}}\r\n{header})\r\n",
            header.len()
        )
    };
    let older = row(
        2,
        "To: Jo <jo@x.example>, ada@x.example\r\nBcc: jo@x.example\r\n\r\n",
    );
    let newer = row(3, "Cc: ben@x.example\r\n\r\n");
    let rows = format!("{older}{newer}{{tag}} OK done\r\n");
    let server = Hostile::start(move |_, command| {
        if command.starts_with("LIST") {
            say(LIST)
        } else if command.starts_with("FETCH") {
            say(&rows)
        } else {
            Reply::Usual
        }
    })
    .await;
    let engine = server.sign_in().await;
    assert_eq!(engine.known_written_to(), None);
    let (one, other) =
        bounded(async { tokio::join!(engine.written_to(), engine.written_to()) }).await;
    let people: Vec<_> = one.iter().map(|person| person.addr.as_str()).collect();
    assert_eq!(people, ["ben@x.example", "jo@x.example", "ada@x.example"]);
    assert_eq!(one, other);
    // To whom something goes out meanwhile is known without asking.
    engine.has_written_to(&["new@x.example".to_owned()]);
    assert_eq!(bounded(engine.written_to()).await.len(), 4);
    assert_eq!(
        engine.known_written_to().map(|people| people.len()),
        Some(4)
    );
    assert_eq!(count(&server, "FETCH"), 1, "{:?}", server.heard());
    assert_eq!(count(&server, "SELECT \"Sent\""), 1);
    let fetch = server
        .heard()
        .into_iter()
        .find(|line| line.starts_with("FETCH"));
    let wanted = "FETCH 1:3 (BODY.PEEK[HEADER.FIELDS (TO CC BCC)]<0.4096>)";
    assert_eq!(fetch.as_deref(), Some(wanted));
}

#[tokio::test]
async fn in_vain_it_is_asked_once_too() {
    for there in [true, false] {
        let server = Hostile::start(move |_, command| {
            if command.starts_with("LIST") && there {
                say(LIST)
            } else if command.starts_with("FETCH") {
                say("{tag} NO not now\r\n")
            } else {
                Reply::Usual
            }
        })
        .await;
        let engine = server.sign_in().await;
        for _ in 0..3 {
            assert_eq!(bounded(engine.written_to()).await, []);
        }
        assert_eq!(count(&server, "FETCH"), usize::from(there));
        assert_eq!(count(&server, "LIST"), 1, "{:?}", server.heard());
    }
}
