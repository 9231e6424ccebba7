//! The engine on a bad line to the stand's Dovecot: cut, garbled, split and stalled at chosen
//! octets of the answers, in every kind of operation. Whatever happens, an operation says the
//! right thing or an error, within its bound, and works again once the line does.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::operations::{ALL, Reading, Told, read};
use fault_support::proxy::{Fault, Proxy};
use fault_support::{bounded, mail, sign_in, sign_in_at, stand_port, unique};
use posthorn::server::imap::{Engine, ImapError, Pace, RawRow, RawWindow, SignInError};
use std::sync::Arc;
use std::time::Duration;

/// What people wait 30 s for ends after more than a second.
fn hasty() -> Pace {
    Pace::faster(25)
}

/// Octets to try: the first, the last, and as many between, in no rhythm with the lines.
fn samples(length: u64, between: u64) -> Vec<u64> {
    let step = (length / between).max(1);
    let mut samples: Vec<u64> = (0..4)
        .chain((0..between).map(|n| n * step + n * 7 % step))
        .chain(length.saturating_sub(3)..length)
        .filter(|at| *at < length)
        .collect();
    samples.sort_unstable();
    samples.dedup();
    samples
}

/// Octets that mean something to a parser, in an order of no meaning.
fn odd_octet(seed: u64) -> u8 {
    const ODD: &[u8] = b"0(9)\"{1}\\ *\r5\n[A]<z>\xff\x002+";
    let index = seed.wrapping_mul(6_364_136_223_846_793_005) >> 33;
    ODD[usize::try_from(index).unwrap() % ODD.len()]
}

/// Tried until it works, as a person would do; it has to.
async fn healthy(engine: &Arc<Engine>, what: Reading) -> Told {
    bounded(async {
        loop {
            match read(engine, what).await {
                Ok(told) => break told,
                Err(error) => {
                    assert!(!engine.is_ended(), "{what:?} {error}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    })
    .await
}

/// Tries until it works.
async fn until_done<T>(mut attempt: impl AsyncFnMut() -> Result<T, ImapError>) -> T {
    bounded(async {
        loop {
            match attempt().await {
                Ok(done) => break done,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
}

/// An engine behind the proxy, what `what` tells when nothing is wrong, and in how many octets.
async fn prepared(proxy: &Proxy, what: Reading) -> (Arc<Engine>, Told, u64) {
    let engine = sign_in(proxy.port, "demo", hasty()).await;
    let right = healthy(&engine, what).await;
    proxy.heal();
    assert_eq!(healthy(&engine, what).await, right);
    let length = proxy.seen();
    assert!(length > 10);
    (engine, right, length)
}

async fn many() -> RawWindow {
    let engine = sign_in(stand_port(), "demo", Pace::default()).await;
    engine.window("Many", 1, 500, true).await.unwrap()
}

#[tokio::test]
async fn a_cut_line_gives_the_right_answer_or_an_error() {
    for what in ALL {
        let proxy = Proxy::start().await;
        let (engine, right, length) = prepared(&proxy, what).await;
        for (index, at) in samples(length, 20).into_iter().enumerate() {
            // Once: the second try has a good line. Twice: it is cut too, in the sign-in.
            let times = if index % 2 == 0 { 1 } else { 2 };
            proxy.set_times(Fault::Cut(at), times);
            match bounded(read(&engine, what)).await {
                Ok(told) => assert_eq!(told, right, "{what:?} cut at {at}"),
                Err(error) => assert!(
                    !matches!(error, ImapError::NoMessage | ImapError::NoFolder),
                    "{what:?} cut at {at}: {error}"
                ),
            }
            proxy.heal();
            assert_eq!(healthy(&engine, what).await, right, "{what:?} after {at}");
            assert!(engine.connections() <= 3);
        }
    }
}

#[tokio::test]
async fn a_garbled_octet_makes_nothing_stand_for_something_else() {
    let all = many().await;
    for what in ALL {
        let proxy = Proxy::start().await;
        let (engine, right, length) = prepared(&proxy, what).await;
        for at in samples(length, 30) {
            let octet = odd_octet(at + length);
            proxy.set(Fault::Garble(at, octet));
            if let Ok(told) = bounded(read(&engine, what)).await {
                assert!(
                    told.is_near(&right, &all),
                    "{what:?} with {octet} at {at}: {told:?}"
                );
            }
            proxy.heal();
            assert_eq!(healthy(&engine, what).await, right, "{what:?} after {at}");
        }
    }
}

#[tokio::test]
async fn packets_may_be_small_and_late() {
    for what in ALL {
        let proxy = Proxy::start().await;
        let engine = sign_in(proxy.port, "demo", Pace::default()).await;
        let right = bounded(read(&engine, what)).await.unwrap();
        for fault in [Fault::Drip, Fault::Delay(Duration::from_millis(20))] {
            proxy.set(fault);
            let told = bounded(read(&engine, what)).await;
            assert_eq!(told.as_ref(), Ok(&right), "{what:?} {fault:?}");
            // A sign-in too.
            let other = sign_in(proxy.port, "demo", Pace::default()).await;
            let told = bounded(read(&other, what)).await;
            assert_eq!(told.as_ref(), Ok(&right), "{what:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_silent_line_is_given_up() {
    let tasks = ALL.map(|what| {
        tokio::spawn(async move {
            let proxy = Proxy::start().await;
            let (engine, right, length) = prepared(&proxy, what).await;
            for at in [0, length / 2] {
                proxy.set(Fault::Stall(at));
                let told = bounded(read(&engine, what)).await;
                assert_eq!(told, Err(ImapError::TimedOut), "{what:?} silent at {at}");
                proxy.heal();
                assert_eq!(healthy(&engine, what).await, right, "{what:?} after {at}");
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_bad_line_at_the_sign_in_is_no_wrong_password() {
    let proxy = Proxy::start().await;
    sign_in(proxy.port, "test7", hasty()).await.close().await;
    proxy.heal();
    sign_in(proxy.port, "test7", hasty()).await.close().await;
    let length = proxy.seen();
    for at in samples(length, 40) {
        for fault in [Fault::Cut(at), Fault::Garble(at, odd_octet(at))] {
            proxy.set(fault);
            match sign_in_at(proxy.port, "test7", hasty()).await {
                Ok(engine) => {
                    proxy.heal();
                    let window = bounded(engine.window("INBOX", 1, 5, true)).await;
                    assert!(window.is_ok(), "{fault:?}: {window:?}");
                    engine.close().await;
                }
                Err(error) => assert_ne!(error, SignInError::WrongPassword, "{fault:?}"),
            }
        }
    }
    proxy.set(Fault::Stall(length / 2));
    let refused = sign_in_at(proxy.port, "test7", hasty()).await;
    assert!(matches!(refused, Err(SignInError::Interrupted(_))));
    proxy.heal();
    sign_in(proxy.port, "test7", hasty()).await;
}

/// A folder of the test's own with three messages, seen through a line of its own.
struct Ground {
    oracle: Arc<Engine>,
    engine: Arc<Engine>,
    proxy: Proxy,
    word: String,
}

const HOME: &str = "INBOX";
const AWAY: &str = "Archive";

impl Ground {
    async fn new(user: &str) -> Self {
        let oracle = sign_in(stand_port(), user, Pace::default()).await;
        let proxy = Proxy::start().await;
        let engine = sign_in(proxy.port, user, hasty()).await;
        let ground = Self {
            oracle,
            engine,
            proxy,
            word: unique(),
        };
        for name in ["a", "b", "c"] {
            ground.store(HOME, name).await;
        }
        // Makes the folder that there may not be yet.
        let validity = ground.validity(HOME).await;
        let uid = ground.find(HOME, "b").await.unwrap();
        let there = ground
            .oracle
            .move_messages(HOME, validity, &[uid], AWAY, true)
            .await
            .unwrap();
        ground.back(&there.uids).await;
        ground
    }

    async fn store(&self, folder: &str, name: &str) {
        let subject = format!("{name}-{}", self.word);
        let message = mail(&subject, &subject);
        let size = u64::try_from(message.len()).unwrap();
        let mut source = message.as_slice();
        self.oracle
            .append(folder, &[], size, &mut source)
            .await
            .unwrap();
    }

    async fn validity(&self, folder: &str) -> u32 {
        let window = self.oracle.window(folder, 1, 1, false).await.unwrap();
        window.uid_validity
    }

    async fn find(&self, folder: &str, name: &str) -> Option<u32> {
        let id = format!("{name}-{}@faults.test", self.word);
        self.oracle.find_by_message_id(folder, &id).await.unwrap()
    }

    /// How often the message `name` is in the folder.
    async fn copies(&self, folder: &str, name: &str) -> usize {
        let subject = format!("{name}-{}", self.word);
        let window = self.oracle.window(folder, 1, 500, false).await.unwrap();
        let has = |row: &RawRow| row.clone().read().subject.contains(&subject);
        window.rows.iter().filter(|row| has(row)).count()
    }

    /// How often it is at home and away, once Dovecot has done what it had begun when it lost its
    /// client.
    async fn places(&self, name: &str) -> (usize, usize) {
        bounded(async {
            loop {
                let places = (self.copies(HOME, name).await, self.copies(AWAY, name).await);
                if places.0 + places.1 == 1 {
                    break places;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
    }

    /// Opens the folder and has the message in view.
    async fn look(&self, uid: u32) {
        until_done(async || self.engine.open(HOME, uid, None).await).await;
    }

    async fn back(&self, uids: &[u32]) {
        let validity = self.validity(AWAY).await;
        self.oracle
            .move_messages(AWAY, validity, uids, HOME, false)
            .await
            .unwrap();
    }

    /// The faults to try on an operation whose answers take so many octets.
    fn faults(length: u64) -> Vec<Fault> {
        let cuts = samples(length, 12).into_iter().map(Fault::Cut);
        let garbled = samples(length, 8)
            .into_iter()
            .map(|at| Fault::Garble(at, odd_octet(at)));
        cuts.chain(garbled).collect()
    }

    /// Takes away all that the test has stored.
    async fn leave(self) {
        for folder in [HOME, AWAY] {
            let validity = self.validity(folder).await;
            for name in ["a", "b", "c", "d"] {
                while let Some(uid) = self.find(folder, name).await {
                    self.oracle
                        .delete_for_ever(folder, validity, &[uid])
                        .await
                        .unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn a_bad_line_flags_no_other_message() {
    let ground = Ground::new("test7").await;
    let validity = ground.validity(HOME).await;
    let uid = ground.find(HOME, "b").await.unwrap();
    let others = [
        ground.find(HOME, "a").await.unwrap(),
        ground.find(HOME, "c").await.unwrap(),
    ];
    let set = async |on| {
        ground
            .engine
            .set_flags(HOME, validity, &[uid], "\\Flagged", on)
            .await
    };
    bounded(set(true)).await.unwrap();
    ground.proxy.heal();
    bounded(set(false)).await.unwrap();
    let length = ground.proxy.seen();
    let mut on = true;
    for fault in Ground::faults(length) {
        ground.proxy.set(fault);
        drop(bounded(set(on)).await);
        ground.proxy.heal();
        until_done(async || set(on).await).await;
        let flagged = async |uid| {
            ground
                .oracle
                .open(HOME, uid, None)
                .await
                .unwrap()
                .flags
                .flagged
        };
        assert_eq!(flagged(uid).await, on, "{fault:?}");
        for other in others {
            assert!(!flagged(other).await, "{fault:?}");
        }
        on = !on;
    }
    ground.leave().await;
}

#[tokio::test]
async fn a_bad_line_loses_and_doubles_nothing_that_moves() {
    let ground = Ground::new("test8").await;
    let validity = ground.validity(HOME).await;
    let mut faults = vec![Fault::None];
    let mut planned = false;
    while let Some(fault) = faults.pop() {
        let uid = ground.find(HOME, "b").await.unwrap();
        // The folder is open, and the new message in view.
        ground.look(uid).await;
        ground.proxy.set(fault);
        let moved = bounded(
            ground
                .engine
                .move_messages(HOME, validity, &[uid], AWAY, false),
        )
        .await;
        if !planned {
            planned = true;
            moved.as_ref().unwrap();
            faults = Ground::faults(ground.proxy.seen());
        }
        ground.proxy.heal();
        let places = ground.places("b").await;
        if moved.is_ok() {
            assert_eq!(places, (0, 1), "{fault:?}");
        }
        for other in ["a", "c"] {
            assert_eq!(ground.copies(HOME, other).await, 1, "{fault:?}");
        }
        if places == (0, 1) {
            let there = ground.find(AWAY, "b").await.unwrap();
            ground.back(&[there]).await;
        }
    }
    ground.leave().await;
}

#[tokio::test]
async fn a_bad_line_deletes_no_other_message() {
    let ground = Ground::new("test1").await;
    let validity = ground.validity(HOME).await;
    let mut faults = vec![Fault::None];
    let mut planned = false;
    while let Some(fault) = faults.pop() {
        let uid = ground.find(HOME, "b").await.unwrap();
        ground.look(uid).await;
        ground.proxy.set(fault);
        let deleted = bounded(ground.engine.delete_for_ever(HOME, validity, &[uid])).await;
        if !planned {
            planned = true;
            deleted.as_ref().unwrap();
            faults = Ground::faults(ground.proxy.seen());
        }
        ground.proxy.heal();
        for other in ["a", "c"] {
            assert_eq!(ground.copies(HOME, other).await, 1, "{fault:?}");
        }
        if ground.find(HOME, "b").await.is_some() {
            assert!(deleted.is_err(), "{fault:?}");
            // Once more, which works.
            until_done(async || ground.engine.delete_for_ever(HOME, validity, &[uid]).await).await;
            assert_eq!(ground.find(HOME, "b").await, None, "{fault:?}");
        }
        ground.store(HOME, "b").await;
    }
    ground.leave().await;
}

#[tokio::test]
async fn a_bad_line_stores_nothing_twice() {
    let ground = Ground::new("test2").await;
    let validity = ground.validity(HOME).await;
    let subject = format!("d-{}", ground.word);
    let message = mail(&subject, &subject);
    let size = u64::try_from(message.len()).unwrap();
    let store = async || {
        let mut source = message.as_slice();
        ground.engine.append(HOME, &[], size, &mut source).await
    };
    let mut faults = vec![Fault::None];
    let mut planned = false;
    while let Some(fault) = faults.pop() {
        ground.proxy.set(fault);
        let stored = bounded(store()).await;
        if !planned {
            planned = true;
            stored.as_ref().unwrap();
            faults = Ground::faults(ground.proxy.seen());
        }
        ground.proxy.heal();
        let copies = ground.copies(HOME, "d").await;
        match stored {
            Ok(_) => assert_eq!(copies, 1, "{fault:?}"),
            Err(error) => assert!(copies <= 1, "{fault:?}: {error}"),
        }
        if copies == 0 {
            // Looked for and not found: once more, which works.
            until_done(async || {
                let stored = store().await;
                // As the sender does it: whether an error is one is found out by looking.
                if ground.copies(HOME, "d").await == 1 {
                    return Ok(());
                }
                stored.map(drop)
            })
            .await;
            assert_eq!(ground.copies(HOME, "d").await, 1, "{fault:?}");
        }
        let uid = ground.find(HOME, "d").await.unwrap();
        ground
            .oracle
            .delete_for_ever(HOME, validity, &[uid])
            .await
            .unwrap();
    }
    ground.leave().await;
}
