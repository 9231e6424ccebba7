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
use fault_support::hostile::{Hostile, Reply, message_with};
use futures_util::{Stream, StreamExt};
use posthorn::server::imap::ImapError;
use std::pin::pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The part: twelve pieces, the last of them smaller.
const OCTETS: usize = 11 * PIECE + 1000;
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
    // Made before anything is timed.
    text(0, 0);
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
    let text = text(offset, octets);
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

/// How often more than a piece was asked for.
fn large(server: &Hostile) -> usize {
    let heard = server.heard();
    let asked = heard.iter().filter_map(|command| asked(command));
    asked.filter(|(_, length)| *length > PIECE).count()
}

/// Octets of the part, which tell where they stand.
fn text(offset: usize, octets: usize) -> &'static str {
    static ALL: LazyLock<String> = LazyLock::new(|| (0..OCTETS).map(letter).collect());
    ALL.get(offset..offset + octets).unwrap()
}

fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place / 7 % 26).unwrap())
}

/// Reads on from there to the end; where that is.
async fn drain(
    stream: &mut (impl Stream<Item = Result<Vec<u8>, ImapError>> + Unpin),
    from: usize,
) -> usize {
    let mut place = from;
    while let Some(piece) = bounded(stream.next()).await {
        for octet in piece.unwrap() {
            assert_eq!(char::from(octet), letter(place), "{place}");
            place += 1;
        }
    }
    place
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
    // The rest was asked for and cut, unless the server was slow. One piece is fetched ahead, and no
    // further one while there is no room for this.
    assert!(matches!(*begun(&server), [0, 1, 1] | [0, 1]));
    // The only connection is there for others.
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    while octets < 4 * PIECE {
        octets += bounded(stream.next()).await.unwrap().unwrap().len();
        tokio::time::sleep(WHILE / 10).await;
    }
    assert!(large(&server) <= 1);
    octets = drain(&mut stream, octets).await;
    assert_eq!(octets, OCTETS);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn who_reads_fast_is_given_all_at_once() {
    let server = server(None).await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream, 0).await, OCTETS);
    // The last time to see that it is the end.
    assert_eq!(begun(&server), [0, 1, 11]);
    assert_eq!(server.accepted(), 1);
}

/// To ask behind the end costs a server as much as reading all.
#[tokio::test]
async fn who_says_how_much_there_is_is_not_asked_for_more() {
    let server = Hostile::start(|_, command| match asked(command) {
        Some((offset, length)) => part(offset, length),
        None if command.contains("BODYSTRUCTURE") => {
            let octets = OCTETS;
            let structure =
                format!("BODYSTRUCTURE (\"application\" \"x\" NIL NIL NIL \"base64\" {octets})");
            Reply::Say(message_with(20, 20, &structure) + "{tag} OK done\r\n")
        }
        None => Reply::Usual,
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream, 0).await, OCTETS);
    assert_eq!(begun(&server), [0, 1]);
}

/// A server that gives less at a time than it is asked for has more.
#[tokio::test]
async fn what_is_shorter_than_asked_for_is_not_the_end() {
    let server = once(|offset, _| part(offset, PIECE / 2)).await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream, 0).await, OCTETS);
}

#[tokio::test]
async fn who_may_want_only_some_of_it_gets_pieces() {
    let server = server(None).await;
    let engine = server.sign_in_unhurried().await;
    let offset = u32::try_from(2 * PIECE).unwrap();
    let mut stream = pin!(engine.stream_part_from("INBOX", 20, None, Some("1"), offset));
    assert_eq!(drain(&mut stream, 2 * PIECE).await, OCTETS);
    assert!(begun(&server).into_iter().eq(2..12));
}

/// A server that answers the first large request, the one for all that is left, with this.
async fn once(answer: impl Fn(usize, usize) -> Reply + Send + Sync + 'static) -> Hostile {
    let done = AtomicBool::new(false);
    text(0, 0);
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
    let text = text(PIECE, PIECE + 5000);
    let cut = text;
    let server = once(move |offset, length| {
        Reply::Last(format!(
            "* 2 FETCH (UID 20 BODY[1]<{offset}> {{{length}}}\r\n{cut}"
        ))
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream, 0).await, OCTETS);
    assert_eq!(server.accepted(), 2);
    // Not from the beginning, nor in large pieces again.
    assert!(
        begun(&server)
            .into_iter()
            .eq([0, 1].into_iter().chain(1..11))
    );

    // Answered before it was whole: what is left of it must never be read as answers.
    let server = once(move |offset, length| {
        Reply::Say(format!(
            "{{tag}} OK done\r\n* 2 FETCH (UID 20 BODY[1]<{offset}> {{{length}}}\r\n{text}"
        ))
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    assert_eq!(drain(&mut stream, 0).await, OCTETS);
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn what_is_refused_at_once_comes_in_pieces() {
    let odd = |items: fn(usize, &str) -> String| {
        move |offset, length| {
            let length = OCTETS.saturating_sub(offset).min(length);
            let text = text(offset, length);
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
        assert_eq!(drain(&mut stream, 0).await, OCTETS);
        assert_eq!(large(&server), 1);
        assert!(begun(&server).ends_with(&[11]));
    }
}

/// What comes of what was asked for is thrown away, and asked for again when there is room.
#[tokio::test]
async fn who_stops_reading_costs_no_connection() {
    let server = server(None).await;
    let engine = server.sign_in().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
    let mut octets = 0;
    while octets < 3 * PIECE {
        octets += bounded(stream.next()).await.unwrap().unwrap().len();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(bounded(engine.window("INBOX", 1, 50, true)).await.is_ok());
    octets = drain(&mut stream, octets).await;
    assert_eq!(octets, OCTETS);
    assert_eq!(server.accepted(), 1);
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
    assert_eq!(begun(&server), [0, 1]);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_piece_that_does_not_come_is_no_end() {
    for broken in [0, PIECE, OCTETS] {
        let server = server(Some(broken)).await;
        let engine = server.sign_in().await;
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        let mut octets = 0;
        let failure = loop {
            match bounded(stream.next()).await.unwrap() {
                Ok(piece) => octets += piece.len(),
                Err(error) => break error,
            }
        };
        assert_eq!(octets, broken);
        assert!(
            matches!(failure, ImapError::Unreachable(_)),
            "{broken}: {failure:?}"
        );
        assert!(bounded(stream.next()).await.is_none());
    }
}
