//! A part that is read in pieces: what is fetched ahead, for whom, and that nothing is held meanwhile.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::bounded;
use fault_support::hostile::{Hostile, Reply};
use futures_util::StreamExt;
use posthorn::server::imap::ImapError;
use std::pin::pin;
use std::time::Duration;

/// The part: eight pieces, the last of them smaller.
const OCTETS: usize = 7 * PIECE + 1000;
const PIECE: usize = 1 << 20;
/// By when what is fetched ahead has come.
const WHILE: Duration = Duration::from_millis(300);

/// Where a FETCH of part 1 begins, and how many octets it asks for.
fn asked(command: &str) -> Option<(usize, usize)> {
    let (_, range) = command.split_once("BODY.PEEK[1]<")?;
    let (offset, length) = range.split_once('>')?.0.split_once('.')?;
    Some((offset.parse().unwrap(), length.parse().unwrap()))
}

/// A server with the part, which breaks the connection where it is asked for what begins at `broken`.
async fn server(broken: Option<usize>) -> Hostile {
    Hostile::start(move |_, command| {
        let Some((offset, length)) = asked(command) else {
            return Reply::Usual;
        };
        if Some(offset) == broken {
            return Reply::Last(String::new());
        }
        let octets = OCTETS.saturating_sub(offset).min(length);
        let text = "x".repeat(octets);
        Reply::Say(format!(
            "* 2 FETCH (UID 20 BODY[1]<{offset}> {{{octets}}}\r\n{text})\r\n{{tag}} OK done\r\n"
        ))
    })
    .await
}

fn pieces(server: &Hostile) -> Vec<usize> {
    let heard = server.heard();
    let begun = heard.iter().filter_map(|command| asked(command));
    begun.map(|(offset, _)| offset / PIECE).collect()
}

#[tokio::test]
async fn what_is_read_is_fetched_ahead_and_no_further() {
    let server = server(None).await;
    let engine = server.sign_in().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    let mut octets = bounded(stream.next()).await.unwrap().unwrap().len();
    tokio::time::sleep(WHILE).await;
    // It may be all that its reader wants: a picture is refused by its beginning.
    assert_eq!(pieces(&server), [0]);
    octets += bounded(stream.next()).await.unwrap().unwrap().len();
    tokio::time::sleep(WHILE).await;
    // One waits, and one is there that finds no room yet.
    assert_eq!(pieces(&server), [0, 1, 2, 3]);
    // The reader takes its time; the only connection is there for others.
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    assert_eq!(server.accepted(), 1);
    while let Some(piece) = bounded(stream.next()).await {
        octets += piece.unwrap().len();
    }
    assert_eq!(octets, OCTETS);
    assert_eq!(pieces(&server), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn what_nobody_reads_any_more_is_not_fetched() {
    let server = server(None).await;
    let engine = server.sign_in().await;
    {
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        bounded(stream.next()).await.unwrap().unwrap();
        bounded(stream.next()).await.unwrap().unwrap();
    }
    tokio::time::sleep(WHILE).await;
    let fetched = pieces(&server).len();
    assert!((2..=4).contains(&fetched), "{fetched}");
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    assert_eq!((pieces(&server).len(), server.accepted()), (fetched, 1));
}

#[tokio::test]
async fn a_piece_that_does_not_come_is_no_end() {
    for piece in [0, 1, 3, 7] {
        let server = server(Some(piece * PIECE)).await;
        let engine = server.sign_in().await;
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        for _ in 0..piece {
            assert_eq!(bounded(stream.next()).await.unwrap().unwrap().len(), PIECE);
        }
        let failure = bounded(stream.next()).await.unwrap().unwrap_err();
        assert!(
            matches!(failure, ImapError::Unreachable(_)),
            "{piece}: {failure:?}"
        );
        assert!(bounded(stream.next()).await.is_none());
    }
}
