//! Searching, sorting and filtering against the real Dovecot of the mail stand. Tests that only
//! read use the demo user, each that changes something a folder of its own. `POSTHORN_BULK=1` adds
//! measurements on the mailbox of 100,000 that `scripts/stand bulk 100000` makes.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use posthorn::mail::search::Query;
use posthorn::model::{Filter, Sort};
use posthorn::server::imap::{Bounds, Demand, Engine, Hits, Passes, Server};
use posthorn::server::tls::{self, Endpoint};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

fn server() -> Server {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port: port.parse().unwrap(),
        },
        tls: tls::client_config(Some(&PathBuf::from(variable("POSTHORN_CA_FILE")))).unwrap(),
    }
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

fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

fn demand(query: &str, sort: Sort, filter: Filter) -> Demand {
    Demand::new(sort, filter, &Query::parse(query, today()))
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// The UIDs of a listing, the first row's first.
async fn listed(engine: &Engine, folder: &str, demand: &Demand) -> Vec<u32> {
    let listing = engine
        .listed_page(folder, demand, 1, 500, soon())
        .await
        .unwrap();
    assert!(listing.whole && !listing.unsorted && !listing.ascii_only);
    let total = listing.window.total;
    let rows = listing.window.rows;
    for (row, ordinal) in rows.iter().zip((1..=total).rev()) {
        assert_eq!(row.ordinal, ordinal);
        assert!(row.overview.is_some());
    }
    assert_eq!(rows.len(), usize::try_from(total).unwrap());
    rows.iter().map(|row| row.uid).collect()
}

/// What a query finds, both ways: at once for a page, and told in windows.
async fn found(engine: &Engine, folder: &str, query: &str) -> Vec<u32> {
    let demand = demand(query, Sort::Arrival, Filter::default());
    let mut uids = listed(engine, folder, &demand).await;
    let bounds = Bounds {
        rows: 1_000,
        until: soon(),
        passes: Passes::Both,
    };
    let mut told = Vec::new();
    let mut last = (0, 0);
    let order = engine
        .search(folder, &demand, bounds, &mut Hits::default(), |progress| {
            told.extend(progress.rows.into_iter().map(|row| row.uid));
            last = (progress.searched, progress.of);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    assert!(order.whole);
    assert_eq!(last.0, last.1, "{query}");
    assert_eq!(order.uids.to_vec(), uids, "{query}");
    told.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(told, uids, "{query}");
    uids.reverse();
    uids
}

#[tokio::test]
async fn queries_find_what_they_mean() {
    let engine = demo().await;
    for (query, expected) in [
        ("subject:größe", vec![6]),
        ("subject:GRÖSSE", vec![]),
        ("Maße", vec![6]),
        ("subject:日本語の件名", vec![12]),
        ("subject:\"Text and HTML\"", vec![13]),
        ("betreff:lunch -is:answered", vec![2]),
        ("subject:lunch is:answered", vec![1]),
        (
            "is:unread -subject:\"Text and HTML\" -from:nobody",
            vec![2, 3, 5, 7, 9, 10, 12, 14],
        ),
        ("lunch is:read -subject:nothing", vec![1]),
        ("lunch on", vec![1, 2]),
        ("is:starred", vec![6]),
        ("is:forwarded", vec![11]),
        ("is:unread", vec![2, 3, 5, 7, 9, 10, 12, 13, 14]),
        ("subject:newest OR subject:offers", vec![3, 14]),
        ("subject:nothing-like-it", vec![]),
        ("subject:\\", vec![]),
        ("subject:{3+}", vec![]),
        ("body:\"\r\nA1 LOGOUT\r\n\"", vec![]),
        ("before:1980", vec![]),
        ("larger:1G", vec![]),
        ("larger:1G OR subject:newest", vec![14]),
        ("before:someday subject:newest", vec![14]),
    ] {
        assert_eq!(found(&engine, "INBOX", query).await, expected, "{query}");
    }
    let attached = found(&engine, "INBOX", "has:attachment").await;
    assert!(attached.contains(&5) && !attached.contains(&1) && !attached.contains(&3));
    let window = engine.window("INBOX", 1, 50, false).await.unwrap();
    let total = window.total;
    let small = found(&engine, "INBOX", "smaller:2k").await;
    let large = found(&engine, "INBOX", "-smaller:2k").await;
    assert_eq!(u32::try_from(small.len() + large.len()).unwrap(), total);
    assert!(!small.is_empty() && !large.is_empty());
    let all = found(&engine, "INBOX", "after:1980").await;
    assert!(u32::try_from(all.len()).unwrap() >= total - 1, "{all:?}");
    for folder in [
        "Say \"hi\"",
        "back\\slash",
        "Projekte/Neubau Süd",
        "Leer",
        "Odd",
    ] {
        found(&engine, folder, "a").await;
        found(&engine, folder, "-is:read has:attachment").await;
    }
}

#[tokio::test]
async fn filters_and_orders() {
    let engine = demo().await;
    let all = Filter::default();
    let unread = Filter {
        unread: true,
        ..all
    };
    let list = async |sort, filter, query: &str| {
        listed(&engine, "INBOX", &demand(query, sort, filter)).await
    };
    assert_eq!(
        list(Sort::Arrival, unread, "").await,
        [14, 13, 12, 10, 9, 7, 5, 3, 2]
    );
    let starred = Filter {
        starred: true,
        ..all
    };
    assert_eq!(list(Sort::Size, starred, "").await, [6]);
    let both = Filter {
        unread: true,
        attachment: true,
        ..all
    };
    let attached = list(Sort::Arrival, both, "").await;
    assert!(attached.contains(&5) && !attached.contains(&1));
    let first = list(Sort::UnreadFirst, all, "").await;
    assert!(
        first.starts_with(&[14, 13, 12, 10, 9, 7, 5, 3, 2, 11]),
        "{first:?}"
    );
    assert_eq!(list(Sort::StarredFirst, all, "").await.first(), Some(&6));
    let sizes = async |query: &str| {
        let uids = list(Sort::Size, all, query).await;
        let window = engine.window("INBOX", 1, 50, false).await.unwrap();
        let size = |uid: &u32| window.rows.iter().find(|row| row.uid == *uid).unwrap().size;
        uids.iter().map(size).collect::<Vec<_>>()
    };
    for query in ["", "-subject:nothing", "is:unread"] {
        let sizes = sizes(query).await;
        assert!(
            sizes.len() > 2 && sizes.is_sorted_by(|a, b| a >= b),
            "{sizes:?}"
        );
    }
    let subjects = list(Sort::Subject, all, "subject:lunch").await;
    assert_eq!(subjects.len(), 2);
    for sort in [Sort::Date, Sort::Sender, Sort::Subject] {
        let mut uids = list(sort, all, "").await;
        uids.sort_unstable();
        let mut known = list(Sort::Arrival, all, "after:1970 OR -after:1970").await;
        known.sort_unstable();
        assert_eq!(uids, known);
    }
}

#[tokio::test]
async fn rows_of_a_sorted_list_are_slices_of_it() {
    let engine = demo().await;
    let demand = demand("", Sort::Subject, Filter::default());
    let whole = engine
        .listed_page("Many", &demand, 1, 500, soon())
        .await
        .unwrap();
    assert_eq!((whole.window.total, whole.window.rows.len()), (120, 120));
    let page = engine
        .listed_page("Many", &demand, 2, 50, soon())
        .await
        .unwrap();
    assert_eq!((page.window.page, page.window.pages), (2, 3));
    assert_eq!(page.window.rows[..], whole.window.rows[50..100]);
    let rows = engine
        .listed_rows("Many", &demand, 11, 20, 50, soon())
        .await
        .unwrap();
    assert_eq!(rows.window.rows[..], whole.window.rows[100..110]);
    let none = engine
        .listed_rows("Many", &demand, 500, 600, 50, soon())
        .await
        .unwrap();
    assert!(none.window.rows.is_empty() && none.window.total == 120);
    assert!(engine.orderings().memory() > 120 * 4);
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: a@posthorn.example\r\nSubject: {subject}\r\n\r\nText of {subject}.\r\n")
        .into_bytes()
}

async fn store(engine: &Engine, folder: &str, subject: &str) -> u32 {
    let message = mail(subject);
    let size = u64::try_from(message.len()).unwrap();
    let mut source = message.as_slice();
    let uid = engine.append(folder, &[], size, &mut source).await.unwrap();
    uid.expect("the stand has UIDPLUS")
}

#[tokio::test]
async fn what_is_kept_stays_true() {
    let engine = sign_in("test8", "test-secret").await;
    let other = sign_in("test8", "test-secret").await;
    let folder = "Searched";
    // Made by moving into it.
    let seed = store(&engine, "INBOX", "seed").await;
    let inbox = engine.window("INBOX", 1, 1, false).await.unwrap();
    engine
        .move_messages("INBOX", inbox.uid_validity, &[seed], folder, true)
        .await
        .unwrap();
    let window = engine.window(folder, 1, 500, false).await.unwrap();
    let validity = window.uid_validity;
    let old: Vec<u32> = window.rows.iter().map(|row| row.uid).collect();
    engine
        .delete_for_ever(folder, validity, &old)
        .await
        .unwrap();

    let needle = demand("subject:needle", Sort::Arrival, Filter::default());
    let sized = demand("", Sort::Size, Filter::default());
    let unread = demand("", Sort::UnreadFirst, Filter::default());
    let word = demand("needle", Sort::Subject, Filter::default());
    assert!(listed(&engine, folder, &needle).await.is_empty());
    let first = store(&other, folder, "needle a").await;
    let hay = store(&other, folder, "hay, and a longer one").await;
    let last = store(&other, folder, "needle b").await;
    // Arrivals by somebody else. The server's index of texts takes its time.
    let until = soon();
    let mut hits = listed(&engine, folder, &needle).await;
    while hits != [last, first] && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(200)).await;
        hits = listed(&engine, folder, &needle).await;
    }
    assert_eq!(hits, [last, first]);
    assert_eq!(listed(&engine, folder, &sized).await.first(), Some(&hay));
    assert_eq!(listed(&engine, folder, &word).await, [first, last]);
    assert_eq!(listed(&engine, folder, &unread).await, [last, hay, first]);
    // Flags changed by us.
    engine
        .set_flags(folder, validity, &[last], "\\Seen", true)
        .await
        .unwrap();
    assert_eq!(listed(&engine, folder, &unread).await, [hay, first, last]);
    // Removals by somebody else, and one removal with one arrival.
    other
        .delete_for_ever(folder, validity, &[first])
        .await
        .unwrap();
    assert_eq!(listed(&engine, folder, &needle).await, [last]);
    assert_eq!(listed(&engine, folder, &unread).await, [hay, last]);
    other
        .delete_for_ever(folder, validity, &[last])
        .await
        .unwrap();
    let newest = store(&other, folder, "needle c").await;
    let until = soon();
    while listed(&engine, folder, &needle).await.is_empty() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(listed(&engine, folder, &needle).await, [newest]);
    assert_eq!(listed(&engine, folder, &word).await, [newest]);
    let order = engine.listed_uids(folder, &needle, soon()).await.unwrap();
    assert_eq!(order.uids.to_vec(), [newest]);
    other
        .delete_for_ever(folder, validity, &[hay, newest])
        .await
        .unwrap();
    assert!(listed(&engine, folder, &sized).await.is_empty());
}

#[tokio::test]
async fn a_stopped_search_leaves_its_connection_good() {
    let engine = demo().await;
    let demand = demand("message", Sort::Arrival, Filter::default());
    let bounds = Bounds {
        rows: 10,
        until: soon(),
        passes: Passes::Both,
    };
    let mut told = 0;
    let order = engine
        .search("Many", &demand, bounds, &mut Hits::default(), |progress| {
            told += progress.rows.len();
            ControlFlow::Break(())
        })
        .await
        .unwrap();
    assert!(!order.whole && told == 10);
    assert_eq!(engine.connections(), 1);
    // What was not whole is not kept.
    assert_eq!(listed(&engine, "Many", &demand).await.len(), 120);
    assert_eq!(engine.connections(), 1);
    // Nor does time that has run out end in an error.
    let late = Bounds {
        until: Instant::now(),
        ..bounds
    };
    let order = engine
        .search("Many", &demand, late, &mut Hits::default(), |_| {
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    assert!(!order.whole && order.uids.is_empty());
}

/// Whatever the connection has seen before: also by one that looked a moment ago.
#[tokio::test]
async fn what_came_a_moment_ago_is_found() {
    let engine = sign_in("test7", "test-secret").await;
    let other = sign_in("test7", "test-secret").await;
    let any = demand("larger:1", Sort::Arrival, Filter::default());
    let bounds = Bounds {
        rows: 10,
        until: soon(),
        passes: Passes::Both,
    };
    engine.window("INBOX", 1, 1, false).await.unwrap();
    for _ in 0..5 {
        let uid = store(&other, "INBOX", "just now").await;
        let mut told = Vec::new();
        let order = engine
            .search("INBOX", &any, bounds, &mut Hits::default(), |progress| {
                told.extend(progress.rows.into_iter().map(|row| row.uid));
                ControlFlow::Continue(())
            })
            .await
            .unwrap();
        assert!(order.whole && told.contains(&uid), "{uid}: {told:?}");
        assert_eq!(order.uids.first(), Some(&uid));
        assert_eq!(listed(&engine, "INBOX", &any).await.first(), Some(&uid));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.swap_remove(times.len() / 2)
}

#[tokio::test]
async fn a_hundred_thousand() {
    if std::env::var("POSTHORN_BULK").is_err() {
        return;
    }
    let engine = sign_in("bulk", "bulk-secret").await;
    let exists = engine.window("INBOX", 1, 50, true).await.unwrap().total;
    println!("{exists} messages");
    for query in [
        "subject:7",
        "subject:message",
        "subject:nowhere",
        "from:a",
        "has:attachment",
        "is:unread",
        "e",
        "nowhere",
    ] {
        let (mut first, mut whole, mut count) = (Vec::new(), Vec::new(), 0);
        for _ in 0..3 {
            let demand = demand(query, Sort::Arrival, Filter::default());
            let bounds = Bounds {
                rows: 50,
                until: Instant::now() + Duration::from_secs(100),
                passes: Passes::Both,
            };
            let began = Instant::now();
            let mut at = None;
            let mut windows = 0;
            let order = engine
                .search("INBOX", &demand, bounds, &mut Hits::default(), |progress| {
                    windows += 1;
                    if !progress.rows.is_empty() {
                        at.get_or_insert(began.elapsed());
                    }
                    ControlFlow::Continue(())
                })
                .await
                .unwrap();
            count = order.uids.len();
            first.push(at.unwrap_or_default());
            whole.push(began.elapsed());
        }
        println!(
            "{query}: {count} hits, first {:?}, whole {:?}",
            median(first),
            median(whole)
        );
    }
    for sort in [
        Sort::Date,
        Sort::Sender,
        Sort::Subject,
        Sort::Size,
        Sort::UnreadFirst,
    ] {
        let demand = demand("", sort, Filter::default());
        let began = Instant::now();
        engine
            .listed_page("INBOX", &demand, 1, 50, soon())
            .await
            .unwrap();
        let first = began.elapsed();
        let mut again = Vec::new();
        for page in 0..21 {
            let began = Instant::now();
            engine
                .listed_page("INBOX", &demand, 1 + page * 90, 50, soon())
                .await
                .unwrap();
            again.push(began.elapsed());
        }
        println!("{sort:?}: first {first:?}, then {:?} a page", median(again));
    }
    let mut plain = Vec::new();
    for page in 0..21 {
        let began = Instant::now();
        engine
            .window("INBOX", 1 + page * 90, 50, true)
            .await
            .unwrap();
        plain.push(began.elapsed());
    }
    println!("the folder as it is: {:?} a page", median(plain));
}
