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
            self.rows.clear();
            self.places.clear();
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
            self.places.remove(&entry.envelope.uid);
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
mod tests {
    use super::*;
    use crate::model::{Flags, Stamp};

    fn row(ordinal: u32, uid: u32) -> Envelope {
        Envelope {
            uid,
            ordinal,
            others: Vec::new(),
            flags: Flags::default(),
            from: Vec::new(),
            to: Vec::new(),
            subject: String::new(),
            date: Stamp::default(),
            size: 0,
            attachment: false,
            snippet: String::new(),
        }
    }

    /// Rows `first..=last` of a list of `total`, whose UIDs are the ordinals plus `shift`.
    fn window(total: u32, first: u32, last: u32, shift: u32) -> Window {
        Window {
            folder: "INBOX".to_owned(),
            uid_validity: 1,
            total,
            page: 1,
            pages: 1,
            envelopes: (first..=last.min(total))
                .rev()
                .map(|ordinal| row(ordinal, ordinal + shift))
                .collect(),
            notes: None,
        }
    }

    fn span(first: u32, last: u32) -> Span {
        Span { first, last }
    }

    #[test]
    fn what_arrives_moves_no_row() {
        let mut table = Table::new(&window(100, 51, 100, 1000));
        assert_eq!(table.position(1100), Some(1));
        table.doubt();
        table.merge(&window(102, 90, 102, 1000), span(90, 140), table.epoch());
        assert_eq!(table.total(), 102);
        assert_eq!(table.position(1100), Some(3));
        assert_eq!(table.row(1051).map(|row| row.ordinal), Some(51));
        assert_eq!(
            table.places(span(101, 105)),
            [Place::Row(1102), Place::Row(1101)]
        );
    }

    #[test]
    fn one_goes_on_from_where_a_row_was() {
        let mut table = Table::new(&window(3, 1, 3, 10));
        table.keep(12);
        let rest = Window {
            envelopes: vec![row(2, 13), row(1, 11)],
            ..window(2, 1, 2, 0)
        };
        table.merge(&rest, span(1, 3), 0);
        let beside = |uid| [-1, 1].map(|by| table.beside(uid, by, |_| true));
        assert_eq!(beside(12), [Some(13), Some(11)]);
        assert_eq!(beside(99), [None, None]);
        assert!(table.has_left(12, &rest, false) && !table.has_left(13, &rest, true));
    }

    #[test]
    fn what_left_is_told_as_far_as_it_is_known() {
        let known = window(100, 51, 100, 0);
        let table = Table::new(&known);
        assert!(!table.has_left(7, &known, true) && !table.has_left(200, &known, true));
        let mut gap = known.clone();
        gap.envelopes.retain(|row| row.uid != 70);
        let table = Table::new(&gap);
        assert!(table.has_left(70, &gap, true) && !table.has_left(70, &gap, false));
    }

    #[test]
    fn what_is_missing_in_between_is_told() {
        let mut table = Table::new(&window(100, 96, 100, 0));
        assert_eq!(table.within(span(99, 100)), (vec![100, 99], None));
        table.merge(&window(100, 90, 91, 0), span(90, 91), 0);
        let (known, missing) = table.within(span(91, 97));
        assert_eq!((known, missing), (vec![97, 96, 91], Some(span(92, 95))));
    }

    #[test]
    fn what_has_gone_is_nobodys_neighbour() {
        let table = Table::new(&window(100, 51, 100, 1000));
        assert_eq!(table.beside(1099, 1, |_| true), Some(1098));
        assert_eq!(table.beside(1097, -1, |uid| uid != 1098), Some(1099));
        assert_eq!(table.beside(1100, -1, |_| true), None);
        assert_eq!(table.beside(1051, 1, |_| true), None);
        assert_eq!(table.beside(7, 1, |_| true), None);
    }

    #[test]
    fn what_leaves_makes_all_else_unknown() {
        let mut table = Table::new(&window(100, 51, 100, 1000));
        table.doubt();
        // UID 1080 has gone: those above stand one lower.
        table.merge(&window(99, 70, 79, 1000), span(70, 79), table.epoch());
        assert_eq!(table.total(), 99);
        assert_eq!(table.places(span(80, 80)), [Place::Unknown(80)]);
        assert_eq!(table.position(1079), Some(21));
    }

    #[test]
    fn as_many_come_as_leave_is_noticed() {
        let mut table = Table::new(&window(100, 51, 100, 1000));
        table.doubt();
        table.merge(&window(100, 91, 100, 1001), span(91, 100), table.epoch());
        assert_eq!(table.places(span(60, 60)), [Place::Unknown(60)]);
        assert_eq!(table.position(1101), Some(1));
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let mut table = Table::new(&window(1000, 951, 1000, 0));
        assert_eq!(table.missing(span(980, 1000)), None);
        let asked = table.missing(span(400, 430)).unwrap();
        assert!(asked.covers(span(400, 430)), "{asked:?}");
        assert!(asked.last - asked.first < ASK_LIMIT);
        table.doubt();
        let asked = table.missing(span(980, 1000)).unwrap();
        assert!(asked.covers(span(980, 1000)) && asked.last > 1000);
        // What was asked for before the doubt does not settle it.
        table.merge(&window(1000, 951, 1000, 0), span(951, 1000), 0);
        assert!(table.missing(span(980, 1000)).is_some());
        let epoch = table.epoch();
        table.merge(&window(1000, 951, 1000, 0), span(951, 1000), epoch);
        assert_eq!(table.missing(span(980, 1000)), None);
    }

    #[test]
    fn a_place_that_the_server_does_not_fill_is_not_asked_for_without_end() {
        let mut table = Table::new(&window(100, 51, 100, 0));
        table.merge(&window(50, 1, 50, 0), span(1, 90), 0);
        assert_eq!(table.missing(span(1, 50)), None);
        assert_eq!(Table::new(&window(0, 1, 0, 0)).missing(span(1, 0)), None);
    }

    #[test]
    fn the_window_moves_in_steps() {
        assert_eq!(visible(100_000, 0.0, 840.0, 84.0), span(99_981, 100_000));
        assert_eq!(visible(100_000, 84.0, 840.0, 84.0).last, 100_000);
        let middle = visible(100_000, 4_200_000.0, 840.0, 84.0);
        assert!(middle.covers(span(49_991, 50_000)), "{middle:?}");
        assert_eq!(visible(3, 0.0, 840.0, 84.0), span(1, 3));
        assert_eq!(visible(0, 0.0, 840.0, 84.0), span(1, 0));
        assert_eq!(visible(10, 1e12, 840.0, 84.0).first, 1);
    }

    #[test]
    fn a_row_that_is_cut_counts() {
        let counts = [0.0, 1.0, 84.0, 85.0, -3.0].map(|top| rows_in(top, 84.0));
        assert_eq!(counts, [0, 1, 1, 2, 0]);
        assert_eq!(rows_in(100.0, 0.0), 0);
    }

    #[test]
    fn people_are_told_once_those_of_the_newest_first() {
        let mut window = window(3, 1, 3, 0);
        let person = |addr: &str| Address {
            name: None,
            addr: addr.to_owned(),
        };
        for (row, addr) in window.envelopes.iter_mut().zip(["a@x", "b@x", "A@X"]) {
            row.from = vec![person(addr), person(""), person("\"odd one\"@x")];
            row.to = vec![person("me@x")];
        }
        let people = Table::new(&window).people();
        let addresses: Vec<_> = people.iter().map(|one| one.addr.as_str()).collect();
        assert_eq!(addresses, ["a@x", "me@x", "b@x"]);
    }

    #[test]
    fn memory_is_bounded_around_what_is_shown() {
        let mut table = Table::new(&window(100_000, 1, 6_000, 0));
        table.trim(span(5_900, 5_950));
        assert_eq!(table.rows.len(), KEEP_LIMIT);
        assert!(table.row(5_950).is_some() && table.row(1).is_none());
    }
}
