//! One pass of a search through a folder, in windows of sequence numbers from its end. Where the
//! rest will take a while, and the person has connections to spare, a second one helps: a server
//! without an index of texts looks through twice as many messages then.
//!
//! Two connections may count differently while messages go. The second one helps only where it sees
//! what the first saw when it began to look; and if one of them hears of a removal meanwhile, what
//! was looked through by both is looked through once more by the first.

use super::super::connection::Connection;
use super::super::criteria::{Charset, Depth};
use super::super::error::ImapError;
use super::super::listing::fetch_uids;
use super::super::ordering::Stamp;
use super::super::window::RawRow;
use super::{Hits, Progress, Run, look, search_once, view};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// Messages of the first window, by depth: some 20 ms each on a server without an index.
const FIRST_QUICK: u32 = 1_000;
const FIRST_WHOLE: u32 = 200;
/// What a window may take: hits wait for its end, so no longer than this while the search is young, and
/// so large a part more of what it took since. What a search has in all comes at the latest in so much
/// more time than it was found in, and the number of windows grows with the logarithm.
const PACE: Duration = Duration::from_millis(15);
const YOUNG: Duration = Duration::from_millis(150);
const PART_OF_ALL: u32 = 4;
const SLOWEST: Duration = Duration::from_secs(1);
/// Fewest and most messages of a window.
const SMALLEST: u32 = 50;
const LARGEST: u32 = 100_000;
/// A window grows by this factor at most.
const GROWTH: u32 = 8;
/// A second connection helps where the rest takes longer than this.
const LONG: Duration = Duration::from_millis(50);
/// So much longer than all before may its last window take.
const SLOWER: u32 = 4;
const SLOWER_AT_LEAST: Duration = Duration::from_secs(2);

/// How a pass ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// Whether the folder was looked through to its beginning.
    pub whole: bool,
    /// The charset that the server takes.
    pub charset: Charset,
}

/// A pass that is under way.
pub(super) struct Pass<'a, F> {
    run: &'a Run<'a>,
    depth: Depth,
    stamp: Stamp,
    state: Mutex<State<'a, F>>,
    /// Told when the rest turns out to take long.
    long: Notify,
}

struct State<'a, F> {
    windows: Windows,
    hits: &'a mut Hits,
    on_hits: &'a mut F,
    charset: Charset,
    searched: u32,
    stopped: bool,
    /// Where the second connection began to help: what was left then.
    helped_from: Option<u32>,
}

impl<'a, F: FnMut(Progress) -> ControlFlow<()> + Send> Pass<'a, F> {
    pub(super) fn new(
        run: &'a Run<'a>,
        stamp: Stamp,
        depth: Depth,
        charset: Charset,
        hits: &'a mut Hits,
        on_hits: &'a mut F,
    ) -> Self {
        Self {
            run,
            depth,
            stamp,
            state: Mutex::new(State {
                windows: Windows::new(stamp.exists, depth),
                hits,
                on_hits,
                charset,
                searched: 0,
                stopped: false,
                helped_from: None,
            }),
            long: Notify::new(),
        }
    }

    /// The same for the messages above the number `done` only.
    pub(super) fn after(self, done: u32) -> Self {
        self.lock().windows.done = done;
        self
    }

    fn lock(&self) -> MutexGuard<'_, State<'a, F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks through the folder once.
    pub(super) async fn run(&self, connection: &mut Connection) -> Result<Ended, ImapError> {
        let began = Instant::now();
        let removals = removals(connection);
        // Both are large, too large for the future of every search.
        let mut help = Box::pin(self.help());
        let mut helped = None;
        {
            let mut work = Box::pin(self.work(connection));
            loop {
                tokio::select! {
                    worked = &mut work => {
                        worked?;
                        break;
                    }
                    outcome = &mut help, if helped.is_none() => helped = Some(outcome),
                }
            }
        }
        let from = self.lock().helped_from;
        if let Some(from) = from {
            let patience = (began.elapsed() * SLOWER).max(SLOWER_AT_LEAST);
            let helped = match helped {
                Some(helped) => helped,
                None => timeout(patience, help).await.unwrap_or_default(),
            };
            let moved = removals != self::removals(connection);
            if !helped || moved {
                self.lock().again(from);
                self.work(connection).await?;
            }
        }
        let state = self.lock();
        Ok(Ended {
            whole: !state.stopped && state.windows.left() == 0,
            charset: state.charset,
        })
    }

    /// Looks through window after window.
    async fn work(&self, connection: &mut Connection) -> Result<(), ImapError> {
        let Run { demand, engine, .. } = *self.run;
        while let Some(((first, last), charset)) = self.next() {
            let began = Instant::now();
            let set = format!("{first}:{last}");
            let (uids, used) = search_once(connection, demand, self.depth, charset, &set).await?;
            let count = last.saturating_sub(first).saturating_add(1);
            let fresh = self.fresh(&uids, used, count, began.elapsed());
            let rows = if fresh.is_empty() {
                Vec::new()
            } else {
                fetch_uids(connection, &engine.headers, &fresh).await?
            };
            self.tell(uids, rows, count);
        }
        Ok(())
    }

    /// Remembers what was found in a window of `count` messages, and tells its rows. Only now, when they are
    /// here: what broke before is found anew.
    fn tell(&self, uids: Vec<u32>, mut rows: Vec<RawRow>, count: u32) {
        let mut state = self.lock();
        rows.retain(|row| !state.hits.uids.contains(&row.uid));
        rows.truncate(self.run.bounds.rows.saturating_sub(state.hits.told));
        state.hits.told += rows.len();
        state.hits.uids.extend(uids);
        state.searched = state.searched.saturating_add(count).min(self.stamp.exists);
        let progress = Progress {
            uid_validity: self.stamp.uid_validity,
            rows,
            searched: state.searched,
            of: self.stamp.exists,
            found: state.hits.count(),
        };
        state.stopped |= (state.on_hits)(progress).is_break();
    }

    /// The next window, and the charset to ask in.
    fn next(&self) -> Option<((u32, u32), Charset)> {
        let mut state = self.lock();
        if state.stopped || Instant::now() >= self.run.bounds.until {
            return None;
        }
        let hands = state.hands();
        Some((state.windows.next(hands)?, state.charset))
    }

    /// What of a window of `count` messages is to be told, newest first.
    fn fresh(&self, uids: &[u32], charset: Charset, count: u32, time: Duration) -> Vec<u32> {
        let mut state = self.lock();
        state.charset = charset;
        let hands = state.hands();
        if state.windows.took(count, time, hands) > LONG {
            self.long.notify_one();
        }
        let unknown = uids.iter().filter(|uid| !state.hits.uids.contains(uid));
        let mut fresh: Vec<u32> = unknown.copied().collect();
        fresh.sort_unstable_by(|a, b| b.cmp(a));
        fresh.truncate(self.run.bounds.rows.saturating_sub(state.hits.told));
        fresh
    }

    /// The second connection: waits until it is worth it. Whether all windows that it took are done,
    /// and were the windows that the first one means by their numbers.
    async fn help(&self) -> bool {
        self.long.notified().await;
        let mailbox = self.run.mailbox;
        let Some(mut lease) = self.run.engine.spare(mailbox).await else {
            return false;
        };
        let Ok(connection) = lease.connection() else {
            return false;
        };
        // It sees the same, mostly, and need not ask for that.
        let same = |stamp: Result<Stamp, ImapError>| stamp.is_ok_and(|stamp| stamp == self.stamp);
        if !same(view(connection, mailbox).await) && !same(look(connection, mailbox).await) {
            return false;
        }
        let before = removals(connection);
        {
            let mut state = self.lock();
            state.helped_from = Some(state.windows.rest);
        }
        let worked = self.work(connection).await;
        worked.is_ok() && before == removals(connection)
    }
}

impl<F> State<'_, F> {
    /// How many connections take windows by turns.
    fn hands(&self) -> u32 {
        if self.helped_from.is_some() { 2 } else { 1 }
    }

    /// Goes back to where `rest` messages were left.
    fn again(&mut self, rest: u32) {
        self.windows.rest = rest;
        self.helped_from = None;
    }
}

/// How often the connection was told that messages have gone.
pub(super) fn removals(connection: &Connection) -> Option<u64> {
    connection.selected().map(|selected| selected.removals)
}

/// Windows over sequence numbers, from the last one down.
#[derive(Debug)]
struct Windows {
    /// The highest number that has not been given out; `done` at the end.
    rest: u32,
    /// Numbers up to this one are not looked through.
    done: u32,
    size: u32,
    /// How long it took so far.
    spent: Duration,
}

impl Windows {
    fn new(exists: u32, depth: Depth) -> Self {
        Self {
            rest: exists,
            done: 0,
            size: match depth {
                Depth::Quick => FIRST_QUICK,
                Depth::Whole => FIRST_WHOLE,
            },
            spent: Duration::ZERO,
        }
    }

    /// How many have not been given out.
    fn left(&self) -> u32 {
        self.rest.saturating_sub(self.done)
    }

    /// The next one; where several take them by turns, none is larger than its part of the rest.
    fn next(&mut self, hands: u32) -> Option<(u32, u32)> {
        let last = Some(self.rest).filter(|rest| *rest > self.done)?;
        let part = self.left().div_ceil(hands.max(1)).max(SMALLEST);
        let size = self.size.min(part);
        let lowest = self.done.saturating_add(1);
        let mut first = last.saturating_sub(size.saturating_sub(1)).max(lowest);
        // No crumbs.
        if first.saturating_sub(self.done) < size / 4 {
            first = lowest;
        }
        self.rest = first - 1;
        Some((first, last))
    }

    /// A window of `count` messages took one of `hands` so long; how long the rest will take at that pace.
    fn took(&mut self, count: u32, time: Duration, hands: u32) -> Duration {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.spent = self.spent.saturating_add(time / hands.max(1));
        let since = self.spent.saturating_sub(YOUNG);
        let pace = (PACE + since / PART_OF_ALL).min(SLOWEST);
        let (count, time) = (u64::from(count.max(1)), micros(time).max(1));
        let size = count.saturating_mul(micros(pace)) / time;
        self.size = u32::try_from(size)
            .unwrap_or(u32::MAX)
            .min(self.size.saturating_mul(GROWTH))
            .clamp(SMALLEST, LARGEST);
        Duration::from_micros(u64::from(self.left()).saturating_mul(time) / count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(exists: u32, each: impl Fn(u32) -> Duration) -> Vec<(u32, u32)> {
        let mut windows = Windows::new(exists, Depth::Quick);
        let mut ranges = Vec::new();
        while let Some((first, last)) = windows.next(1) {
            windows.took(last - first + 1, each(last - first + 1), 1);
            ranges.push((first, last));
        }
        ranges
    }

    #[test]
    fn windows_cover_the_folder_once_from_its_end() {
        for exists in [0, 1, 49, 1_000, 1_001, 5_000, 100_000, 3_000_000] {
            for micros in [0, 10, 1_000, 1_000_000] {
                if micros == 1_000_000 && exists > 10_000 {
                    continue;
                }
                let ranges = all(exists, |count| Duration::from_micros(micros) * count);
                let mut rest = exists;
                for (first, last) in &ranges {
                    assert!(*last == rest && *first >= 1 && first <= last);
                    rest = first - 1;
                }
                assert_eq!(rest, 0);
            }
        }
    }

    #[test]
    fn a_fast_server_is_asked_seldom_and_a_slow_one_for_little() {
        // What a subject costs Dovecot that has it in its cache: all in a second.
        let fast = all(100_000, |count| Duration::from_micros(10) * count);
        assert!(fast.len() < 24, "{fast:?}");
        // And ten times as many: no ten times as often.
        let long = all(1_000_000, |count| Duration::from_micros(10) * count);
        assert!(long.len() < 48, "{long:?}");
        // Ten milliseconds a message: no window takes longer than some seconds.
        let slow = all(10_000, |count| Duration::from_millis(10) * count);
        assert!(
            slow.iter().skip(1).all(|(first, last)| last - first < 400),
            "{slow:?}"
        );
    }

    #[test]
    fn what_is_done_already_is_left_out() {
        let mut windows = Windows::new(1_100, Depth::Whole);
        windows.done = 1_000;
        assert_eq!(
            (windows.left(), windows.next(1)),
            (100, Some((1_001, 1_100)))
        );
        assert_eq!((windows.left(), windows.next(1)), (0, None));
    }

    /// A subject costs Dovecot some three microseconds.
    #[test]
    fn what_is_found_is_not_kept_back_for_long() {
        let each = Duration::from_micros(3);
        let mut before = Duration::ZERO;
        for (first, last) in all(100_000, |count| each * count) {
            let time = each * (last - first + 1);
            assert!(time <= PACE.max(before / 2), "{first}:{last}");
            before += time;
        }
    }

    #[test]
    fn two_share_what_is_left() {
        let mut windows = Windows::new(100_000, Depth::Quick);
        let (first, last) = windows.next(1).unwrap();
        let rest = windows.took(last - first + 1, Duration::from_millis(1), 1);
        assert_eq!(rest, Duration::from_millis(99));
        assert_eq!(windows.next(2), Some((91_001, 99_000)));
        windows.took(8000, Duration::from_micros(1600), 1);
        assert_eq!(windows.next(2), Some((45_501, 91_000)));
        assert_eq!(windows.next(2), Some((22_751, 45_500)));
        let mut small = Windows::new(70, Depth::Whole);
        assert_eq!(small.next(2), Some((21, 70)));
        assert_eq!(small.next(2), Some((1, 20)));
        assert_eq!(small.next(2), None);
    }
}
