//! Searching so that what is newest shows at once: in windows of sequence numbers from the end of
//! the folder, each as large as the last one's pace allows, hits told as they are found. Whether
//! the server has an index of texts cannot be known; with one a window costs next to nothing,
//! without one the first hits come when a thousandth has been looked through.
//!
//! Plain words are looked for twice: in addresses and subjects of the whole folder first, which
//! servers have at hand, and then in the texts.
//!
//! Between two windows a search can be stopped without harm to its connection. Windows are of
//! sequence numbers, which move down when older messages go: then some are looked at twice, and
//! none is missed.

use super::answer::Untagged;
use super::change::found;
use super::connection::Connection;
use super::criteria::{Charset, Criteria, Demand, Depth};
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::listing::fetch_uids;
use super::ordering::{Order, Stamp};
use super::select::Place;
use super::view::Mailbox;
use super::window::RawRow;
use super::wire::Command;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::Instant;

/// Messages of the first window, by depth: some 20 ms each on a server without an index.
const FIRST_QUICK: u32 = 1_000;
const FIRST_WHOLE: u32 = 200;
/// What the second window may take; each further one twice as long, up to the last of these.
const PACE: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_millis(1_000);
/// Fewest and most messages of a window.
const SMALLEST: u32 = 50;
const LARGEST: u32 = 100_000;
/// A window grows by this factor at most.
const GROWTH: u32 = 8;

/// How far a search is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub uid_validity: u32,
    /// Rows of hits that were not told before, newest first; none beyond the wanted number.
    pub rows: Vec<RawRow>,
    /// Messages looked through, of how many.
    pub searched: u32,
    pub of: u32,
    /// Hits so far.
    pub found: u32,
}

/// What a search may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Rows of hits that are told.
    pub rows: usize,
    /// No further window is begun after this moment.
    pub until: Instant,
    /// Only addresses and subjects, or texts as well.
    pub depth: Depth,
}

/// What was found in an earlier pass or by a connection that broke.
#[derive(Debug, Default)]
pub struct Hits {
    uid_validity: u32,
    uids: HashSet<u32>,
    told: usize,
}

impl Hits {
    fn descending(&self) -> Vec<u32> {
        let mut uids: Vec<u32> = self.uids.iter().copied().collect();
        uids.sort_unstable_by(|a, b| b.cmp(a));
        uids
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.uids.len()).unwrap_or(u32::MAX)
    }
}

impl Engine {
    /// Looks for `demand` in `folder`, whatever its order, and tells `on_hits` after each window
    /// what was found in it; that may stop the search. What it found in whole is kept for paging
    /// through it.
    pub async fn search(
        &self,
        folder: &str,
        demand: &Demand,
        bounds: Bounds,
        hits: &mut Hits,
        mut on_hits: impl FnMut(Progress) -> ControlFlow<()> + Send,
    ) -> Result<Order, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let _turn = self
            .orderings()
            .turns
            .acquire()
            .await
            .map_err(|_| ImapError::Busy)?;
        let flags = self.orderings().flags();
        let order = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            let run = Run {
                mailbox: &mailbox,
                demand,
                bounds,
            };
            run.search(connection, hits, &mut on_hits).await
        })?;
        if demand.sort == crate::model::Sort::Arrival {
            let key = (mailbox.name.clone(), demand.clone());
            self.orderings().put(&key, order.clone(), flags);
        }
        Ok(order)
    }
}

/// One search on one connection.
pub(super) struct Run<'a> {
    pub mailbox: &'a Mailbox,
    pub demand: &'a Demand,
    pub bounds: Bounds,
}

impl Run<'_> {
    pub async fn search(
        &self,
        connection: &mut Connection,
        hits: &mut Hits,
        on_hits: &mut (impl FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<Order, ImapError> {
        let stamp = look(connection, self.mailbox).await?;
        if hits.uid_validity != stamp.uid_validity {
            *hits = Hits {
                uid_validity: stamp.uid_validity,
                ..Hits::default()
            };
        }
        let quick = self.demand.has_quick_look();
        let depths: &[Depth] = match (self.bounds.depth, quick) {
            (Depth::Whole, true) => &[Depth::Quick, Depth::Whole],
            (Depth::Whole, false) => &[Depth::Whole],
            (Depth::Quick, _) => &[Depth::Quick],
        };
        // A quick look that is all there is to do is the whole.
        let mut whole = self.bounds.depth == Depth::Whole || !quick;
        let mut charset = Charset::Utf8;
        for depth in depths {
            let windows = Windows::new(stamp.exists, *depth);
            if !self
                .pass(
                    connection,
                    stamp,
                    *depth,
                    windows,
                    &mut charset,
                    hits,
                    on_hits,
                )
                .await?
            {
                whole = false;
                break;
            }
        }
        Ok(Order {
            stamp,
            uids: hits.descending().into(),
            whole,
            unsorted: false,
            ascii_only: charset == Charset::Ascii,
        })
    }

    /// Looks through the folder once; `false` where it was ended before.
    #[allow(clippy::too_many_arguments)]
    async fn pass(
        &self,
        connection: &mut Connection,
        stamp: Stamp,
        depth: Depth,
        mut windows: Windows,
        charset: &mut Charset,
        hits: &mut Hits,
        on_hits: &mut (impl FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<bool, ImapError> {
        while let Some((first, last)) = windows.next() {
            let began = Instant::now();
            if began >= self.bounds.until {
                return Ok(false);
            }
            let set = format!("{first}:{last}");
            let (uids, used) = search_once(connection, self.demand, depth, *charset, &set).await?;
            *charset = used;
            windows.took(began.elapsed());
            let mut fresh: Vec<u32> = uids
                .into_iter()
                .filter(|uid| hits.uids.insert(*uid))
                .collect();
            fresh.sort_unstable_by(|a, b| b.cmp(a));
            fresh.truncate(self.bounds.rows.saturating_sub(hits.told));
            hits.told += fresh.len();
            let rows = if fresh.is_empty() {
                Vec::new()
            } else {
                fetch_uids(connection, &fresh).await?
            };
            let progress = Progress {
                uid_validity: stamp.uid_validity,
                rows,
                searched: stamp.exists.saturating_sub(first - 1),
                of: stamp.exists,
                found: hits.count(),
            };
            if on_hits(progress).is_break() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One SEARCH; again without UTF-8 where the server refuses that (RFC 9051, section 6.4.4,
/// BADCHARSET, which not all servers say).
pub(super) async fn search_once(
    connection: &mut Connection,
    demand: &Demand,
    depth: Depth,
    charset: Charset,
    also: &str,
) -> Result<(Vec<u32>, Charset), ImapError> {
    let criteria = Criteria::of(demand, depth, charset);
    match connection.run(criteria.search(also)).await {
        Ok(answer) => Ok((found(answer), charset)),
        Err(ImapError::Refused { .. }) if charset == Charset::Utf8 && !criteria.is_ascii() => {
            let criteria = Criteria::of(demand, depth, Charset::Ascii);
            let answer = connection.run(criteria.search(also)).await?;
            Ok((found(answer), Charset::Ascii))
        }
        Err(error) => Err(error),
    }
}

/// Opens the mailbox, and looks at what it holds now.
pub(super) async fn look(
    connection: &mut Connection,
    mailbox: &Mailbox,
) -> Result<Stamp, ImapError> {
    let fresh = !connection.is_in(mailbox);
    let place = Place {
        mailbox,
        expected: None,
        highest: 0,
    };
    let selected = connection.enter(place).await?;
    let mut round = Vec::new();
    if !fresh {
        round.push(Command::new("NOOP"));
    }
    if selected.exists > 0 {
        round.push(Command::new("FETCH").raw(" * (UID)"));
    }
    let answers = if round.is_empty() {
        Vec::new()
    } else {
        connection.run_all(round).await?
    };
    let mut stamp = Stamp {
        uid_validity: selected.uid_validity,
        exists: connection.selected().map_or(0, |selected| selected.exists),
        last_uid: 0,
    };
    // The last message may have gone in the very round: then the FETCH is refused.
    for answer in answers.into_iter().flatten() {
        stamp.last_uid = stamp.last_uid.max(highest_uid(&answer.untagged, 0));
    }
    Ok(stamp)
}

/// The highest UID of the FETCH responses for sequence numbers from `from` on.
pub(super) fn highest_uid(data: &[Untagged], from: u32) -> u32 {
    data.iter()
        .filter_map(|data| match data {
            Untagged::Fetch(fetched) if fetched.sequence >= from => fetched.uid,
            _ => None,
        })
        .max()
        .unwrap_or_default()
}

/// Windows over sequence numbers, from the last one down.
#[derive(Debug)]
struct Windows {
    /// The highest number that has not been given out; 0 at the end.
    rest: u32,
    size: u32,
    /// What the next window may take.
    pace: Duration,
}

impl Windows {
    fn new(exists: u32, depth: Depth) -> Self {
        Self {
            rest: exists,
            size: match depth {
                Depth::Quick => FIRST_QUICK,
                Depth::Whole => FIRST_WHOLE,
            },
            pace: PACE,
        }
    }

    fn next(&mut self) -> Option<(u32, u32)> {
        let last = Some(self.rest).filter(|rest| *rest > 0)?;
        let mut first = last.saturating_sub(self.size.saturating_sub(1)).max(1);
        // No crumbs.
        if first < self.size / 4 {
            first = 1;
        }
        self.rest = first - 1;
        Some((first, last))
    }

    /// The last window took so long.
    fn took(&mut self, time: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let size = u64::from(self.size) * micros(self.pace) / micros(time).max(1);
        self.size = u32::try_from(size)
            .unwrap_or(u32::MAX)
            .min(self.size.saturating_mul(GROWTH))
            .clamp(SMALLEST, LARGEST);
        self.pace = (self.pace * 2).min(SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(exists: u32, each: impl Fn(u32) -> Duration) -> Vec<(u32, u32)> {
        let mut windows = Windows::new(exists, Depth::Quick);
        let mut ranges = Vec::new();
        while let Some((first, last)) = windows.next() {
            windows.took(each(last - first + 1));
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
        assert!(fast.len() < 8, "{fast:?}");
        // Ten milliseconds a message: no window takes longer than some seconds.
        let slow = all(10_000, |count| Duration::from_millis(10) * count);
        assert!(
            slow.iter().skip(1).all(|(first, last)| last - first < 400),
            "{slow:?}"
        );
    }
}
