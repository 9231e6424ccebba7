//! What the page knows of one list: rows by their ordinals, some of them, and how many there are in
//! all. Pure, so that what has to hold while mail comes and goes can be tested without a browser.

use super::letters::lower;
use crate::model::{Address, Envelope, Window};
use std::collections::HashMap;

/// Rows that are asked for at a time at most.
pub const ASK_LIMIT: u32 = 200;
/// Rows that are kept at most; those farthest from what is shown go first.
const KEEP_LIMIT: usize = 4_000;

/// The rows of a list as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Table {
    total: u32,
    /// By their ordinals.
    rows: HashMap<u32, Entry>,
    places: HashMap<u32, u32>,
    /// What rows stand for, besides themselves, that are not known any more: who has chosen one
    /// means all of it.
    others: HashMap<u32, Vec<u32>>,
    /// A row with its ordinal that keeps its place when it leaves the list.
    kept: Option<(u32, u32)>,
    /// Grows whenever what is known may no longer be true.
    epoch: u32,
}

#[derive(Clone, Debug)]
struct Entry {
    envelope: Envelope,
    epoch: u32,
}

/// Ordinals from `first` to `last`, both included; empty where `first` is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub first: u32,
    pub last: u32,
}

impl Span {
    /// The ordinals from the last to the first, as they stand on the page.
    pub fn downwards(self) -> impl Iterator<Item = u32> {
        (self.first.max(1)..=self.last).rev()
    }

    /// Whether `other` lies within.
    #[cfg(test)]
    pub fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// One place of the list: a message, or one that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Row(u32),
    Unknown(u32),
}

impl Table {
    /// A list of which `window` is known.
    pub fn new(window: &Window) -> Self {
        let mut table = Self::default();
        table.merge(window, Span::default(), 0);
        table
    }

    /// Rows of the list.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// Which state of the list is asked for now; what was asked for before and comes later is not
    /// believed to be the newest.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What is known may no longer be true: it stays, and is asked for anew where it is shown.
    pub fn doubt(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// Takes in what the server answered to having been asked for `asked` at `epoch`.
    pub fn merge(&mut self, window: &Window, asked: Span, epoch: u32) {
        let moved = window.total < self.total
            || window.envelopes.iter().any(|envelope| {
                let before = self.rows.get(&envelope.ordinal);
                before.is_some_and(|entry| entry.envelope.uid != envelope.uid)
                    || self
                        .places
                        .get(&envelope.uid)
                        .is_some_and(|place| *place != envelope.ordinal)
            });
        if moved {
            // Something between has left or come: no other row is where it was.
            for ordinal in self.ordinals() {
                self.forget(ordinal);
            }
        }
        self.total = window.total;
        let gone: Vec<u32> = self
            .rows
            .keys()
            .copied()
            .filter(|ordinal| {
                *ordinal > window.total || (asked.first..=asked.last).contains(ordinal)
            })
            .collect();
        for ordinal in gone {
            self.forget(ordinal);
        }
        for envelope in &window.envelopes {
            self.places.insert(envelope.uid, envelope.ordinal);
            let entry = Entry {
                envelope: envelope.clone(),
                epoch,
            };
            self.rows.insert(envelope.ordinal, entry);
        }
    }

    fn forget(&mut self, ordinal: u32) {
        if let Some(entry) = self.rows.remove(&ordinal) {
            let Envelope { uid, others, .. } = entry.envelope;
            self.places.remove(&uid);
            if !others.is_empty() {
                self.others.insert(uid, others);
            }
        }
    }

    /// What the row with this UID stands for besides itself.
    pub fn others(&self, uid: u32) -> &[u32] {
        let known = self.row(uid).map(|row| &row.others);
        known
            .or_else(|| self.others.get(&uid))
            .map_or(&[], Vec::as_slice)
    }

    /// What rows stood for that are not known any more is of use while some are `chosen`.
    pub fn keep_others(&mut self, chosen: bool) {
        if !chosen || self.others.len() > KEEP_LIMIT {
            self.others.clear();
        }
    }

    /// Keeps no more than is useful, around what is shown.
    pub fn trim(&mut self, shown: Span) {
        if self.rows.len() <= KEEP_LIMIT {
            return;
        }
        let ordinals = self.ordinals();
        let mut kept = ordinals.as_slice();
        while kept.len() > KEEP_LIMIT
            && let [lowest, .., highest] = kept
        {
            let below = shown.first.saturating_sub(*lowest);
            let above = highest.saturating_sub(shown.last);
            if below > above {
                self.forget(*lowest);
                kept = kept.split_first().map_or(kept, |(_, rest)| rest);
            } else {
                self.forget(*highest);
                kept = kept.split_last().map_or(kept, |(_, rest)| rest);
            }
        }
    }

    /// The ordinals of the rows that are known, the oldest first.
    fn ordinals(&self) -> Vec<u32> {
        let mut ordinals: Vec<u32> = self.rows.keys().copied().collect();
        ordinals.sort_unstable();
        ordinals
    }

    /// The row with this UID.
    pub fn row(&self, uid: u32) -> Option<&Envelope> {
        let place = self.places.get(&uid)?;
        self.rows.get(place).map(|entry| &entry.envelope)
    }

    /// All UIDs that are known, the lowest first.
    pub fn known(&self) -> Vec<u32> {
        let mut uids: Vec<u32> = self.places.keys().copied().collect();
        uids.sort_unstable();
        uids
    }

    /// The highest UID that is known.
    pub fn newest(&self) -> Option<u32> {
        self.places.keys().copied().max()
    }

    /// People of the known rows, those of the newest first: each address once, as far as it can
    /// stand in a query as it is.
    pub fn people(&self) -> Vec<Address> {
        /// People at most, and rows that are looked at for them.
        const PEOPLE: usize = 200;
        const ROWS: usize = 500;
        let plain = |addr: &str| {
            !addr.is_empty() && !addr.contains(|c: char| c.is_whitespace() || "\":()".contains(c))
        };
        let mut seen: Vec<String> = Vec::new();
        let mut is_new = |addr: String| {
            let new = !seen.contains(&addr);
            if new {
                seen.push(addr);
            }
            new
        };
        let ordinals = self.ordinals().into_iter().rev().take(ROWS);
        let rows = ordinals.filter_map(|ordinal| self.rows.get(&ordinal));
        rows.flat_map(|entry| entry.envelope.from.iter().chain(&entry.envelope.to))
            .filter(|person| plain(&person.addr) && is_new(lower(&person.addr)))
            .take(PEOPLE)
            .cloned()
            .collect()
    }

    /// The place of a UID, counted from the top, from 1.
    pub fn position(&self, uid: u32) -> Option<u32> {
        let place = self.places.get(&uid)?;
        (self.total + 1).checked_sub(*place)
    }

    /// The UID at a position, counted from the top, from 1.
    pub fn at_position(&self, position: u32) -> Option<u32> {
        let ordinal = (self.total + 1).checked_sub(position)?;
        self.rows.get(&ordinal).map(|entry| entry.envelope.uid)
    }

    /// The next row below this one that is `there`, or above where `by` is negative; `None` where
    /// it is not known.
    pub fn beside(&self, uid: u32, by: i32, there: impl Fn(u32) -> bool) -> Option<u32> {
        let mut position = self.position(uid).or_else(|| {
            let (_, ordinal) = self.kept.filter(|(kept, _)| *kept == uid)?;
            // What stood above it has its ordinal now.
            let above = (self.total + 1).checked_sub(ordinal)?;
            Some(if by < 0 { above + 1 } else { above })
        })?;
        loop {
            position = position.checked_add_signed(by)?;
            let uid = self.at_position(position)?;
            if there(uid) {
                return Some(uid);
            }
        }
    }

    /// One goes on from this row even if it leaves the list.
    pub fn keep(&mut self, uid: u32) {
        if let Some(ordinal) = self.ordinal(uid) {
            self.kept = Some((uid, ordinal));
        }
    }

    /// Whether a message that was in the list has left it, as far as can be told since `window` was
    /// taken in. `by_arrival`: UIDs grow with the ordinals.
    pub fn has_left(&self, uid: u32, window: &Window, by_arrival: bool) -> bool {
        let all = u32::try_from(self.places.len()) == Ok(self.total);
        let uids = || window.envelopes.iter().map(|envelope| envelope.uid);
        let around = || uids().any(|other| other < uid) && uids().any(|other| other > uid);
        !self.places.contains_key(&uid) && (all || by_arrival && around())
    }

    /// The ordinal of a UID.
    pub fn ordinal(&self, uid: u32) -> Option<u32> {
        self.places.get(&uid).copied()
    }

    /// All known UIDs in `span`, and the span in which others are missing.
    pub fn within(&self, span: Span) -> (Vec<u32>, Option<Span>) {
        let (mut uids, mut missing) = (Vec::new(), None);
        for ordinal in span.downwards() {
            if let Some(entry) = self.rows.get(&ordinal) {
                uids.push(entry.envelope.uid);
                continue;
            }
            let last = missing.map_or(ordinal, |missing: Span| missing.last);
            missing = Some(Span {
                first: ordinal,
                last,
            });
        }
        (uids, missing)
    }

    /// What stands in `span`, from the top down.
    pub fn places(&self, span: Span) -> Vec<Place> {
        span.downwards()
            .filter(|ordinal| *ordinal <= self.total)
            .map(|ordinal| {
                self.rows
                    .get(&ordinal)
                    .map_or(Place::Unknown(ordinal), |entry| {
                        Place::Row(entry.envelope.uid)
                    })
            })
            .collect()
    }

    /// What has to be asked for so that `shown` is known and up to date; with it some more rows
    /// around, since one goes on scrolling. `None` where all is there.
    pub fn missing(&self, shown: Span) -> Option<Span> {
        /// Rows that are fetched ahead.
        const AHEAD: u32 = 40;
        let fresh = |ordinal: &u32| {
            self.rows
                .get(ordinal)
                .is_some_and(|entry| entry.epoch == self.epoch)
        };
        let near = Span {
            first: shown.first.saturating_sub(AHEAD / 2).max(1),
            last: shown.last.saturating_add(AHEAD / 2).min(self.total),
        };
        let wanted = near.downwards().filter(|ordinal| !fresh(ordinal));
        let (lowest, highest) = wanted.fold((u32::MAX, 0), |(lowest, highest), ordinal| {
            (lowest.min(ordinal), highest.max(ordinal))
        });
        if highest == 0 {
            return None;
        }
        let room = ASK_LIMIT.saturating_sub(highest.saturating_sub(lowest));
        let first = lowest.saturating_sub(AHEAD.min(room / 2)).max(1);
        // At the top, what may have come since comes along.
        let last = highest.saturating_add(AHEAD.min(room / 2));
        Some(Span {
            first: first.max(last.saturating_sub(ASK_LIMIT - 1)),
            last,
        })
    }
}

/// The rows to render for a scroll position: `top` and `height` of what is seen and the height of
/// a row in pixels. More than is seen, and in steps, so that not every pixel renders anew.
pub fn visible(total: u32, top: f64, height: f64, row: f64) -> Span {
    /// Rows beyond the edges.
    const BEYOND: f64 = 10.0;
    /// The step in which the edges move.
    const STEP: f64 = 5.0;
    if total == 0 || row <= 0.0 {
        return Span { first: 1, last: 0 };
    }
    let total_rows = f64::from(total);
    let from = ((top / row - BEYOND) / STEP).floor() * STEP;
    let to = (((top + height) / row + BEYOND) / STEP).ceil() * STEP;
    let index = |value: f64| whole(value.min(total_rows));
    Span {
        first: total.saturating_sub(index(to)) + 1,
        last: total.saturating_sub(index(from)),
    }
}

/// How many rows, the one that is cut included, so many pixels are.
pub fn rows_in(pixels: f64, row: f64) -> u32 {
    if row > 0.0 {
        whole((pixels / row).ceil().max(0.0))
    } else {
        0
    }
}

/// A number that is known to be whole and within bounds.
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there is no other way from a float to an integer; `as` saturates"
)]
pub(super) fn whole(value: f64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests;
