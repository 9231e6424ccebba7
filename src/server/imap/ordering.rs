//! Orders that were dear to get, kept: which messages of a folder a listing shows, from the first row
//! to the last. With one of them at hand, a page of a sorted or searched list of 100,000 costs what
//! a page of the folder as it is costs.
//!
//! An order is true while nothing arrived in the folder and nothing left it. That is told by the
//! number of messages and the highest UID: UIDs ascend (RFC 9051, section 2.3.1.1), so the same
//! highest one means no arrivals, and then the same number no removals. Flags changed by Posthorn
//! end orders that depend on them; flags changed by others are noticed after a while.

use super::criteria::Demand;
use super::error::ImapError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Octets of UIDs that are kept for one user.
const MEMORY: usize = 8 << 20;
/// Orders that are kept for one user.
const ENTRIES: usize = 64;
/// What an entry costs beside its UIDs, roughly.
const OVERHEAD: usize = 512;
/// An order that depends on flags is taken for true as long as this.
const FLAGS_LIFE: Duration = Duration::from_secs(20);
/// After this time a message is in the server's index of texts.
pub(super) const SETTLING: Duration = Duration::from_secs(5);
/// UIDs below the highest among which all messages are that came within that time.
const RECENT: u32 = 200;
/// How many of a user's searches and sorts run at the same time: one connection is left for the
/// rest.
const AT_ONCE: usize = 2;

/// What tells that a folder holds the same messages as before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub uid_validity: u32,
    pub exists: u32,
    /// The highest UID; 0 in an empty folder.
    pub last_uid: u32,
}

/// The messages of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub stamp: Stamp,
    /// UIDs, the first row's first.
    pub uids: Arc<[u32]>,
    /// `false` where looking was ended before it was through.
    pub whole: bool,
    /// The wanted order could not be had; it is by arrival.
    pub unsorted: bool,
    /// The server could not look for all that was typed.
    pub ascii_only: bool,
    /// The highest UID of a message that had been there for a while when it was looked at.
    pub settled: u32,
    /// When it was got.
    pub since: Instant,
}

impl Order {
    /// Whether some of the messages were so new that the server's index of texts may not have
    /// known them yet, and enough time has gone by to look again. Such an index is brought up to
    /// date after the arrival, and a search just then finds nothing and says OK.
    pub fn wants_second_look(&self, demand: &Demand) -> bool {
        demand.has_text() && self.settled < self.stamp.last_uid && self.since.elapsed() > SETTLING
    }
}

impl Stamp {
    /// Which messages to take for settled where nothing is known about when they came.
    pub fn unsettled(self) -> u32 {
        self.last_uid.saturating_sub(RECENT)
    }
}

/// Folder and what is wanted of it.
pub type Key = (String, Demand);

#[derive(Debug)]
struct Entry {
    order: Order,
    since: Instant,
    /// The count of flag changes it was got at.
    flags: u64,
    used: u64,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<Key, Entry>,
    /// Who is getting what, so that nobody gets the same twice at the same time.
    under_way: HashMap<Key, Weak<tokio::sync::Mutex<()>>>,
    flags: u64,
    clock: u64,
}

/// The orders of one user.
#[derive(Debug)]
pub struct Orderings {
    state: Mutex<State>,
    /// Turns for what is dear.
    turns: Semaphore,
}

impl Default for Orderings {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

impl Orderings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn for what is dear, held as long as that takes. A search keeps its turn for minutes:
    /// who waits is told at `until` that the server is busy.
    pub(super) async fn turn(&self, until: Instant) -> Result<SemaphorePermit<'_>, ImapError> {
        match timeout_at(until, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ImapError::Busy),
        }
    }

    /// The order as it was got last, if flags have not ended it.
    pub fn get(&self, key: &Key) -> Option<Order> {
        self.get_at(key, Instant::now())
    }

    fn get_at(&self, key: &Key, now: Instant) -> Option<Order> {
        let mut state = self.lock();
        state.clock += 1;
        let (clock, flags) = (state.clock, state.flags);
        let entry = state.entries.get_mut(key)?;
        let depends = key.1.depends_on_flags();
        if depends && (entry.flags != flags || now - entry.since > FLAGS_LIFE) {
            state.entries.remove(key);
            return None;
        }
        entry.used = clock;
        Some(entry.order.clone())
    }

    /// Keeps an order that was asked for when the count of flag changes was `flags`. The least
    /// recently used ones make room.
    pub fn put(&self, key: &Key, order: Order, flags: u64) {
        let size = |order: &Order| order.uids.len() * size_of::<u32>() + OVERHEAD;
        if !order.whole || size(&order) > MEMORY {
            return;
        }
        let mut state = self.lock();
        state.clock += 1;
        let entry = Entry {
            order,
            since: Instant::now(),
            flags,
            used: state.clock,
        };
        state.entries.insert(key.clone(), entry);
        loop {
            let memory: usize = state.entries.values().map(|entry| size(&entry.order)).sum();
            if memory <= MEMORY && state.entries.len() <= ENTRIES {
                return;
            }
            let oldest = state
                .entries
                .iter()
                .min_by_key(|(_, entry)| entry.used)
                .map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            state.entries.remove(&oldest);
        }
    }

    /// Flags have been changed by us.
    pub fn flags_changed(&self) {
        self.lock().flags += 1;
    }

    /// How often they have been.
    pub fn flags(&self) -> u64 {
        self.lock().flags
    }

    /// To be held by whoever gets the order for `key`.
    pub fn flight(&self, key: &Key) -> Arc<tokio::sync::Mutex<()>> {
        let mut state = self.lock();
        state
            .under_way
            .retain(|_, flight| flight.strong_count() > 0);
        if let Some(flight) = state.under_way.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        let flight = Arc::default();
        state.under_way.insert(key.clone(), Arc::downgrade(&flight));
        flight
    }

    /// Octets that are kept, for figures and tests.
    pub fn memory(&self) -> usize {
        let state = self.lock();
        state
            .entries
            .values()
            .map(|entry| entry.order.uids.len() * size_of::<u32>() + OVERHEAD)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sort;

    fn key(folder: &str, sort: Sort) -> Key {
        let demand = Demand {
            sort,
            ..Demand::default()
        };
        (folder.to_owned(), demand)
    }

    fn order(count: u32) -> Order {
        Order {
            stamp: Stamp::default(),
            uids: (1..=count).collect(),
            whole: true,
            unsorted: false,
            ascii_only: false,
            settled: 0,
            since: Instant::now(),
        }
    }

    #[test]
    fn the_least_used_make_room() {
        let orderings = Orderings::default();
        for number in 0..10 {
            orderings.put(&key(&number.to_string(), Sort::Size), order(300_000), 0);
            orderings.get(&key("0", Sort::Size));
        }
        assert!(orderings.memory() <= MEMORY);
        assert!(orderings.get(&key("0", Sort::Size)).is_some());
        assert!(orderings.get(&key("9", Sort::Size)).is_some());
        assert!(orderings.get(&key("4", Sort::Size)).is_none());
        for number in 0..1_000 {
            orderings.put(&key(&format!("s{number}"), Sort::Size), order(1), 0);
        }
        assert!(orderings.lock().entries.len() <= ENTRIES);
        orderings.put(&key("x", Sort::Size), order(3_000_000), 0);
        assert!(orderings.get(&key("x", Sort::Size)).is_none());
    }

    #[test]
    fn flags_end_what_depends_on_them() {
        let orderings = Orderings::default();
        let (size, unread) = (key("a", Sort::Size), key("a", Sort::UnreadFirst));
        let flags = orderings.flags();
        orderings.put(&size, order(1), flags);
        orderings.put(&unread, order(1), flags);
        assert!(orderings.get(&unread).is_some());
        orderings.flags_changed();
        assert!(orderings.get(&unread).is_none() && orderings.get(&size).is_some());
        // Asked for before the change: what came may be from before it.
        orderings.put(&unread, order(1), flags);
        assert!(orderings.get(&unread).is_none());
        orderings.put(&unread, order(1), orderings.flags());
        assert!(orderings.get(&unread).is_some());
        let later = Instant::now() + Duration::from_secs(30);
        assert!(orderings.get_at(&size, later).is_some());
        assert!(orderings.get_at(&unread, later).is_none());
    }

    #[test]
    fn one_flight_a_key() {
        let orderings = Orderings::default();
        let first = orderings.flight(&key("a", Sort::Size));
        assert!(Arc::ptr_eq(
            &first,
            &orderings.flight(&key("a", Sort::Size))
        ));
        assert!(!Arc::ptr_eq(
            &first,
            &orderings.flight(&key("b", Sort::Size))
        ));
    }
}
