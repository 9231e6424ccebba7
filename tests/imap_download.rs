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
use futures_util::{Stream, StreamExt};
use posthorn::server::imap::ImapError;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
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
        part(offset, length)
    })
    .await
}

fn part(offset: usize, length: usize) -> Reply {
    let octets = OCTETS.saturating_sub(offset).min(length);
    let text = "x".repeat(octets);
    Reply::Say(format!(
        "* 2 FETCH (UID 20 BODY[1]<{offset}> {{{octets}}}\r\n{text})\r\n{{tag}} OK done\r\n"
    ))
}

/// Where each FETCH began, in pieces.
fn begun(server: &Hostile) -> Vec<usize> {
    let heard = server.heard();
    let begun = heard.iter().filter_map(|command| asked(command));
    begun.map(|(offset, _)| offset / PIECE).collect()
}

/// Reads to the end; how many octets that were.
async fn drain(stream: &mut (impl Stream<Item = Result<Vec<u8>, ImapError>> + Unpin)) -> usize {
    let mut octets = 0;
    while let Some(piece) = bounded(stream.next()).await {
        octets += piece.unwrap().len();
    }
    octets
}

#[tokio::test]
async fn who_takes_his_time_keeps_nobody_waiting() {
    let server = server(None).await;
    let engine = server.sign_in().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    let mut octets = bounded(stream.next()).await.unwrap().unwrap().len();
    tokio::time::sleep(WHILE).await;
    // It may be all that its reader wants: a picture is refused by its beginning.
    assert_eq!(begun(&server), [0]);
    octets += bounded(stream.next()).await.unwrap().unwrap().len();
    tokio::time::sleep(WHILE).await;
    // One piece is fetched ahead, and no further one while there is no room for this.
    assert_eq!(begun(&server), [0, 1]);
    // The only connection is there for others.
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    assert_eq!(server.accepted(), 1);
    while octets < 4 * PIECE {
        octets += bounded(stream.next()).await.unwrap().unwrap().len();
        tokio::time::sleep(WHILE / 2).await;
    }
    assert_eq!(begun(&server), [0, 1, 2, 3, 4]);
    octets += drain(&mut stream).await;
    assert_eq!(octets, OCTETS);
}

#[tokio::test]
async fn who_reads_fast_is_asked_for_more_each_time() {
    let server = server(None).await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream).await, OCTETS);
    // The last time to see that it is the end.
    assert_eq!(begun(&server), [0, 1, 2, 4, 7]);
    assert_eq!(server.accepted(), 1);
}

/// A server that gives less at a time than it is asked for has more.
#[tokio::test]
async fn what_is_shorter_than_asked_for_is_not_the_end() {
    let server = once(|offset, _| part(offset, PIECE / 2)).await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream).await, OCTETS);
}

#[tokio::test]
async fn who_may_want_only_some_of_it_gets_pieces() {
    let server = server(None).await;
    let engine = server.sign_in_unhurried().await;
    let offset = u32::try_from(2 * PIECE).unwrap();
    let mut stream = pin!(engine.stream_part_from("INBOX", 20, None, Some("1"), offset));
    assert_eq!(drain(&mut stream).await, OCTETS - 2 * PIECE);
    assert_eq!(begun(&server), [2, 3, 4, 5, 6, 7]);
}

/// A server that answers the first large request, the one for two pieces, with this.
async fn once(answer: impl Fn(usize, usize) -> Reply + Send + Sync + 'static) -> Hostile {
    let done = AtomicBool::new(false);
    Hostile::start(move |_, command| match asked(command) {
        Some((offset, length)) if length > PIECE && !done.swap(true, Ordering::SeqCst) => {
            answer(offset, length)
        }
        Some((offset, length)) => part(offset, length),
        None => Reply::Usual,
    })
    .await
}

/// The rest comes in pieces, where it has to be over another connection.
#[tokio::test]
async fn what_breaks_off_goes_on_where_it_was_left() {
    let text = "x".repeat(PIECE + 5000);
    let cut = text.clone();
    let server = once(move |offset, length| {
        Reply::Last(format!(
            "* 2 FETCH (UID 20 BODY[1]<{offset}> {{{length}}}\r\n{cut}"
        ))
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream).await, OCTETS);
    assert_eq!(server.accepted(), 2);
    // Not from the beginning, nor in large pieces again.
    assert_eq!(begun(&server), [0, 1, 2, 2, 3, 4, 5, 6]);

    // Answered before it was whole: what is left of it must never be read as answers.
    let server = once(move |offset, length| {
        Reply::Say(format!(
            "{{tag}} OK done\r\n* 2 FETCH (UID 20 BODY[1]<{offset}> {{{length}}}\r\n{text}"
        ))
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream).await, OCTETS);
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn what_is_refused_at_once_comes_in_pieces() {
    let odd = |items: fn(usize, &str) -> String| {
        move |offset, length| {
            let text = "x".repeat(length);
            let items = items(offset, &format!("{{{length}}}\r\n{text}"));
            Reply::Say(format!("* 2 FETCH ({items})\r\n{{tag}} OK done\r\n"))
        }
    };
    for server in [
        once(|_, _| Reply::Say("{tag} NO [LIMIT] too much\r\n".to_owned())).await,
        // Not recognised, and right all the same.
        once(odd(|offset, text| {
            format!("BODY[1]<{offset}> {text} UID 20")
        }))
        .await,
        // Another message than asked for.
        once(odd(|offset, text| {
            format!("UID 21 BODY[1]<{offset}> {text}")
        }))
        .await,
        once(odd(|_, text| format!("UID 20 BODY[1]<7> {text}"))).await,
    ] {
        let engine = server.sign_in_unhurried().await;
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        assert_eq!(drain(&mut stream).await, OCTETS);
        assert!(begun(&server).ends_with(&[4, 5, 6, 7]));
    }
}

#[tokio::test]
async fn who_stops_reading_gives_the_connection_up() {
    let server = server(None).await;
    let engine = server.sign_in().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    let mut octets = 0;
    while octets < 3 * PIECE {
        octets += bounded(stream.next()).await.unwrap().unwrap().len();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    octets += drain(&mut stream).await;
    assert_eq!(octets, OCTETS);
    // It was begun anew where it was left, in pieces.
    assert_eq!(server.accepted(), 2);
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
    assert_eq!(begun(&server), [0, 1]);
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    assert_eq!((begun(&server).len(), server.accepted()), (2, 1));
}

/// It is drained, so that the connection can be used again.
#[tokio::test]
async fn what_is_given_up_half_way_costs_no_connection() {
    let server = server(None).await;
    let engine = server.sign_in_unhurried().await;
    {
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        let mut octets = 0;
        while octets < 3 * PIECE {
            octets += bounded(stream.next()).await.unwrap().unwrap().len();
        }
    }
    tokio::time::sleep(WHILE).await;
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    assert_eq!(begun(&server), [0, 1, 2]);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_piece_that_does_not_come_is_no_end() {
    for piece in [0, 1, 2, 4] {
        let server = server(Some(piece * PIECE)).await;
        let engine = server.sign_in().await;
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        let mut octets = 0;
        let failure = loop {
            match bounded(stream.next()).await.unwrap() {
                Ok(piece) => octets += piece.len(),
                Err(error) => break error,
            }
        };
        assert_eq!(octets, piece * PIECE);
        assert!(
            matches!(failure, ImapError::Unreachable(_)),
            "{piece}: {failure:?}"
        );
        assert!(bounded(stream.next()).await.is_none());
    }
}
