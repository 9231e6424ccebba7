//! A search that two connections share, at a server that takes its time: all is looked through, and
//! nothing is missed when messages go meanwhile, or the second connection does.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::bounded;
use fault_support::hostile::{Hostile, Reply, VALIDITY, row_of};
use posthorn::mail::search::Query;
use posthorn::model::{Filter, Sort};
use posthorn::server::imap::{Bounds, Demand, Hits, Passes};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const MESSAGES: u32 = 100_000;
/// Every so many messages one is a hit; its UID is ten times its number.
const EVERY: u32 = 9_973;
/// What looking at one message takes.
const COST: Duration = Duration::from_micros(20);

/// What a second connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    Helps,
    /// Sees one message less from the start.
    SeesLess,
    /// Is told that a message goes while it looks.
    HearsOfRemoval,
    Breaks,
    /// Breaks when it is asked for the rows of what it found.
    BreaksAtRows,
}

/// Windows that were searched: the connection, first and last number.
type Windows = Arc<Mutex<Vec<(usize, u32, u32)>>>;

async fn server(second: Second) -> (Hostile, Windows) {
    let windows = Windows::default();
    let log = windows.clone();
    let server = Hostile::start(move |connection, command| {
        let exists = MESSAGES - u32::from(second == Second::SeesLess && connection > 0);
        if command.starts_with("SELECT ") {
            return Reply::Say(format!(
                "* {exists} EXISTS\r\n* OK [UIDVALIDITY {VALIDITY}] valid\r\n\
                 * OK [UIDNEXT {}] next\r\n{{tag}} OK [READ-WRITE] selected\r\n",
                MESSAGES * 10 + 1
            ));
        }
        if command.starts_with("FETCH * ") {
            return Reply::Say(format!(
                "* {exists} FETCH (UID {})\r\n{{tag}} OK done\r\n",
                MESSAGES * 10
            ));
        }
        if let Some(rest) = command.strip_prefix("UID FETCH ") {
            if second == Second::BreaksAtRows && connection > 0 {
                return Reply::Last(String::new());
            }
            let set = rest.split(' ').next().unwrap();
            let uids = set.split(',').map(|uid| uid.parse::<u32>().unwrap());
            let rows: String = uids.map(|uid| row_of(uid / 10, uid)).collect();
            return Reply::Say(format!("{rows}{{tag}} OK done\r\n"));
        }
        let Some(rest) = command.strip_prefix("UID SEARCH ") else {
            return Reply::Usual;
        };
        let (first, last) = rest.split(' ').next().unwrap().split_once(':').unwrap();
        let (first, last): (u32, u32) = (first.parse().unwrap(), last.parse().unwrap());
        let before = {
            let mut log = log.lock().unwrap();
            log.push((connection, first, last));
            log.iter().filter(|(by, ..)| *by == connection).count()
        };
        // Others go on meanwhile, even those that this thread would have taken next.
        tokio::task::block_in_place(|| std::thread::sleep(COST * (last - first + 1)));
        let hits = (first..=last)
            .filter(|number| number % EVERY == 0)
            .map(|number| format!(" {}", number * 10));
        let found = format!(
            "* SEARCH{}\r\n{{tag}} OK done\r\n",
            hits.collect::<Vec<_>>().concat()
        );
        match second {
            Second::HearsOfRemoval if connection > 0 && before == 1 => {
                Reply::Say(format!("* 7 EXPUNGE\r\n{found}"))
            }
            Second::Breaks if connection > 0 => Reply::Last(String::new()),
            _ => Reply::Say(found),
        }
    })
    .await;
    (server, windows)
}

/// Searches all, and says what was found and which windows each connection looked at.
async fn search(second: Second) -> (Vec<u32>, Vec<(usize, u32, u32)>, Hostile) {
    let (server, windows) = server(second).await;
    let engine = server.sign_in().await;
    let today = jiff::civil::date(2026, 11, 25);
    let query = Query::parse("subject:posthorn", today);
    let demand = Demand::new(Sort::Arrival, Filter::default(), &query);
    let bounds = Bounds {
        rows: 100,
        until: Instant::now() + Duration::from_mins(1),
        passes: Passes::Both,
    };
    let mut last = (0, 0);
    let mut rows = BTreeSet::new();
    let order = bounded(
        engine.search("INBOX", &demand, bounds, &mut Hits::default(), |told| {
            assert!(told.searched <= told.of && told.searched >= last.0 && told.found >= last.1);
            last = (told.searched, told.found);
            assert!(
                told.rows.iter().all(|row| rows.insert(row.uid)),
                "told twice"
            );
            ControlFlow::Continue(())
        }),
    )
    .await
    .unwrap();
    assert_eq!(last, (MESSAGES, MESSAGES / EVERY), "{second:?}");
    assert!(
        rows.iter().rev().eq(order.uids.iter()),
        "each hit has its row: {second:?}"
    );
    let windows = windows.lock().unwrap().clone();
    assert!(order.whole);
    (order.uids.to_vec(), windows, server)
}

fn assert_complete(uids: &[u32]) {
    let expected: Vec<u32> = (1..=MESSAGES / EVERY)
        .rev()
        .map(|n| n * EVERY * 10)
        .collect();
    assert_eq!(uids, expected.as_slice());
}

/// The numbers that one of the connections looked at.
fn looked_at(windows: &[(usize, u32, u32)], connection: usize) -> BTreeSet<u32> {
    windows
        .iter()
        .filter(|(by, ..)| *by == connection)
        .flat_map(|(_, first, last)| *first..=*last)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn two_connections_share_what_takes_long() {
    let (uids, windows, server) = search(Second::Helps).await;
    assert_complete(&uids);
    assert_eq!(server.accepted(), 2);
    let (one, other) = (looked_at(&windows, 0), looked_at(&windows, 1));
    assert!(!other.is_empty() && one.is_disjoint(&other), "{windows:?}");
    assert_eq!(one.len() + other.len(), usize::try_from(MESSAGES).unwrap());
    let all: u32 = windows
        .iter()
        .map(|(_, first, last)| last - first + 1)
        .sum();
    assert_eq!(all, MESSAGES, "nothing is looked at twice: {windows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn one_that_sees_something_else_does_not_help() {
    let (uids, windows, _) = search(Second::SeesLess).await;
    assert_complete(&uids);
    assert!(looked_at(&windows, 1).is_empty(), "{windows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_shared_is_looked_at_again_when_numbers_move_or_one_breaks() {
    for second in [Second::HearsOfRemoval, Second::Breaks, Second::BreaksAtRows] {
        let (uids, windows, _) = search(second).await;
        assert_complete(&uids);
        assert!(!looked_at(&windows, 1).is_empty(), "{second:?} {windows:?}");
        let one = looked_at(&windows, 0).len();
        assert_eq!(one, usize::try_from(MESSAGES).unwrap(), "{second:?}");
    }
}
