//! What is known of messages that were listed a moment ago: what the header says, the date, the size and
//! the beginning of the text, none of which ever changes for a UID (RFC 9051, section 2.3.1.1 and
//! section 2.3.4). Flags do change and are not kept: each look at a folder asks for the UIDs and
//! flags of its rows, which costs a server next to nothing, and so needs neither CONDSTORE nor
//! QRESYNC to be true. What is kept belongs to one user, a folder and its UIDVALIDITY, and is
//! bounded for the user and for the node.

use super::view::Selected;
use super::window::RawRow;
use super::wire::{Command, uid_sets};
use std::collections::{BTreeMap, HashMap};
use std::mem::size_of;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Octets of one user's rows.
const USER_LIMIT: usize = 384 << 10;
/// Octets of a row that is kept; what is larger is nobody's usual mail.
const ROW_LIMIT: usize = 16 << 10;
/// What nobody looked at for this long goes.
const LIFE: Duration = Duration::from_mins(10);
/// What a row costs beside its octets, with its places in the maps.
const OVERHEAD: usize = size_of::<Entry>() + 64;

/// What all users of a node keep together, and how it went; see `/metrics`.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    octets: AtomicUsize,
    rows: AtomicUsize,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
}

/// The figures of a [`Budget`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Octets that may be kept.
    pub limit: usize,
    /// Octets that are kept.
    pub octets: usize,
    /// Rows that are kept.
    pub rows: usize,
    /// Rows that were asked for and there.
    pub hits: u64,
    /// Rows that had to be fetched.
    pub misses: u64,
    /// Rows that had to go for others.
    pub evicted: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

impl Budget {
    /// Room for `limit` octets.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            octets: AtomicUsize::new(0),
            rows: AtomicUsize::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
        }
    }

    /// How it stands.
    pub fn figures(&self) -> Figures {
        Figures {
            limit: self.limit,
            octets: self.octets.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }

    fn add(&self, octets: usize) {
        self.octets.fetch_add(octets, Ordering::Relaxed);
        self.rows.fetch_add(1, Ordering::Relaxed);
    }

    fn remove(&self, octets: usize) {
        self.octets.fetch_sub(octets, Ordering::Relaxed);
        self.rows.fetch_sub(1, Ordering::Relaxed);
    }

    fn is_exceeded(&self) -> bool {
        self.octets.load(Ordering::Relaxed) > self.limit
    }
}

#[derive(Debug)]
struct Entry {
    row: RawRow,
    octets: usize,
    /// When it was used last, in turns.
    turn: u64,
}

#[derive(Debug, Default)]
struct Folder {
    uid_validity: u32,
    /// By UID.
    rows: HashMap<u32, Entry>,
    /// The UIDs by the sequence numbers they had last: no more than a guess at what a range of
    /// numbers holds, good enough to decide what to ask for.
    places: BTreeMap<u32, u32>,
    used: Option<Instant>,
}

#[derive(Debug, Default)]
struct Kept {
    folders: HashMap<String, Folder>,
    octets: usize,
    turn: u64,
}

/// The rows of one user.
#[derive(Debug)]
pub struct Headers {
    kept: Mutex<Kept>,
    budget: Arc<Budget>,
}

impl Headers {
    /// Nothing yet; what will be kept counts in `budget`.
    pub fn new(budget: Arc<Budget>) -> Self {
        Self {
            kept: Mutex::default(),
            budget,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether most rows with these sequence numbers are likely to be known.
    pub(super) fn expects(&self, selected: &Selected, first: u32, last: u32) -> bool {
        let kept = self.lock();
        let Some(folder) = kept.folder(selected) else {
            return false;
        };
        let known = folder.places.range(first..=last);
        let known = known.filter(|(_, uid)| folder.rows.contains_key(uid));
        let known = u32::try_from(known.count()).unwrap_or(u32::MAX);
        known.saturating_mul(2) > last.saturating_sub(first)
    }

    /// Puts what is known into rows of which UID, flags and ordinal are there; the UIDs of those
    /// that are not known.
    pub(super) fn complete(&self, selected: &Selected, rows: &mut [RawRow]) -> Vec<u32> {
        let mut kept = self.lock();
        kept.turn += 1;
        let turn = kept.turn;
        let mut folder = kept.folder_mut(selected);
        let mut missing = Vec::new();
        for row in rows.iter_mut().filter(|row| !is_whole(row)) {
            let entry = folder
                .as_mut()
                .and_then(|folder| folder.rows.get_mut(&row.uid));
            if let Some(entry) = entry {
                entry.turn = turn;
                *row = RawRow {
                    uid: row.uid,
                    ordinal: row.ordinal,
                    flags: row.flags,
                    has_attachment: row.has_attachment,
                    ..entry.row.clone()
                };
            } else {
                missing.push(row.uid);
            }
        }
        let misses = u64::try_from(missing.len()).unwrap_or_default();
        let all = u64::try_from(rows.len()).unwrap_or_default();
        let hits = all.saturating_sub(misses);
        self.budget.hits.fetch_add(hits, Ordering::Relaxed);
        self.budget.misses.fetch_add(misses, Ordering::Relaxed);
        missing
    }

    /// What is known of these messages, and the commands that bring `items` of the rest and all
    /// flags.
    pub(super) fn ask(
        &self,
        selected: &Selected,
        uids: &[u32],
        items: &str,
    ) -> (HashMap<u32, RawRow>, Vec<Command>) {
        let mut rows: Vec<RawRow> = uids.iter().map(|uid| bare(*uid)).collect();
        let missing = self.complete(selected, &mut rows);
        rows.retain(is_whole);
        let known: Vec<u32> = rows.iter().map(|row| row.uid).collect();
        let mut commands = fetches(&missing, items);
        commands.extend(fetches(&known, FLAGS));
        let rows = rows.into_iter().map(|row| (row.uid, row)).collect();
        (rows, commands)
    }

    /// Reads rows that were fetched, and keeps them. `placed`: their ordinals are sequence numbers.
    pub(super) fn keep<'a>(
        &self,
        selected: &Selected,
        rows: impl Iterator<Item = &'a mut RawRow>,
        placed: bool,
    ) {
        let mut kept = self.lock();
        kept.turn += 1;
        let turn = kept.turn;
        let Kept {
            folders, octets, ..
        } = &mut *kept;
        let folder = folders.entry(selected.name.clone()).or_default();
        if folder.uid_validity != selected.uid_validity {
            // Other messages under the same name (RFC 9051, section 2.3.1.1).
            *octets -= folder.clear(&self.budget);
            folder.uid_validity = selected.uid_validity;
        }
        folder.used = Some(Instant::now());
        for row in rows.filter(|row| row.uid > 0 && is_whole(row)) {
            if placed {
                folder.places.insert(row.ordinal, row.uid);
            }
            if folder.rows.contains_key(&row.uid) {
                continue;
            }
            let overview = row.read();
            let preview = row.preview.as_ref().map_or(0, String::len);
            let size = OVERHEAD + preview + overview.weight();
            if size > ROW_LIMIT {
                continue;
            }
            let row = RawRow {
                uid: row.uid,
                internal_date: row.internal_date,
                size: row.size,
                preview: row.preview.clone(),
                overview: Some(overview),
                ..RawRow::default()
            };
            let entry = Entry {
                row,
                octets: size,
                turn,
            };
            folder.rows.insert(entry.row.uid, entry);
            *octets += size;
            self.budget.add(size);
        }
        folder.tidy();
        if kept.octets > USER_LIMIT || self.budget.is_exceeded() {
            let goal = kept.octets.min(USER_LIMIT) / 4 * 3;
            kept.evict(goal, &self.budget);
        }
    }

    /// Lets go what nobody looks at.
    pub fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    fn sweep_at(&self, now: Instant) {
        let mut kept = self.lock();
        let mut freed = 0;
        kept.folders.retain(|_, folder| {
            let fresh = folder
                .used
                .is_some_and(|used| now.saturating_duration_since(used) < LIFE);
            if !fresh {
                freed += folder.clear(&self.budget);
            }
            fresh
        });
        kept.octets -= freed;
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        let kept = self.kept.get_mut();
        let kept = kept.unwrap_or_else(PoisonError::into_inner);
        for folder in kept.folders.values_mut() {
            folder.clear(&self.budget);
        }
    }
}

impl Kept {
    fn folder(&self, selected: &Selected) -> Option<&Folder> {
        self.folders
            .get(&selected.name)
            .filter(|folder| folder.uid_validity == selected.uid_validity)
    }

    fn folder_mut(&mut self, selected: &Selected) -> Option<&mut Folder> {
        let folder = self
            .folders
            .get_mut(&selected.name)
            .filter(|folder| folder.uid_validity == selected.uid_validity)?;
        folder.used = Some(Instant::now());
        Some(folder)
    }

    /// Drops what was used longest ago until no more than `goal` octets are left.
    fn evict(&mut self, goal: usize, budget: &Budget) {
        let mut oldest: Vec<(u64, &str, u32, usize)> = self
            .folders
            .iter()
            .flat_map(|(name, folder)| {
                let rows = folder.rows.iter();
                rows.map(move |(uid, entry)| (entry.turn, name.as_str(), *uid, entry.octets))
            })
            .collect();
        oldest.sort_unstable();
        let mut octets = self.octets;
        let mut going: HashMap<String, Vec<u32>> = HashMap::new();
        for (_, name, uid, size) in oldest {
            if octets <= goal {
                break;
            }
            octets -= size;
            going.entry(name.to_owned()).or_default().push(uid);
        }
        for (name, uids) in going {
            let Some(folder) = self.folders.get_mut(&name) else {
                continue;
            };
            for uid in uids {
                if let Some(entry) = folder.rows.remove(&uid) {
                    budget.remove(entry.octets);
                    budget.evicted.fetch_add(1, Ordering::Relaxed);
                }
            }
            folder.tidy();
        }
        self.octets = octets;
    }
}

impl Folder {
    /// Forgets all; how many octets that were.
    fn clear(&mut self, budget: &Budget) -> usize {
        self.places.clear();
        let rows = self.rows.drain();
        rows.map(|(_, entry)| {
            budget.remove(entry.octets);
            entry.octets
        })
        .sum()
    }

    /// Numbers under which nothing is known are no use; they are looked through seldom.
    fn tidy(&mut self) {
        if self.places.len() > self.rows.len() * 2 + 64 {
            self.places.retain(|_, uid| self.rows.contains_key(uid));
        }
        if self.places.len() > self.rows.len() * 2 + 64 {
            self.places.clear();
        }
    }
}

/// What is asked of a message that is known.
pub(super) const FLAGS: &str = "(UID FLAGS)";

/// The commands that fetch `items` of these messages.
pub(super) fn fetches(uids: &[u32], items: &str) -> Vec<Command> {
    uid_sets(uids)
        .into_iter()
        .map(|set| Command::new("UID FETCH").raw(&format!(" {set} {items}")))
        .collect()
}

/// Whether more is known of the message than that it is there.
pub(super) fn is_whole(row: &RawRow) -> bool {
    row.overview.is_some() || !row.header.is_empty() || row.size > 0
}

fn bare(uid: u32) -> RawRow {
    RawRow {
        uid,
        ..RawRow::default()
    }
}

#[cfg(test)]
#[path = "headers_tests.rs"]
mod tests;
