//! Which rows of the list are chosen, to do one thing to all of them.

use super::rows::Rows;
use leptos::prelude::*;

/// What is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    #[default]
    Nothing,
    /// In ascending order.
    These(Vec<u32>),
    /// The whole list, however much of it has been seen.
    All,
}

/// The choice in context.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    chosen: RwSignal<Chosen>,
    /// The one row that a question is about, where it is not about what is chosen.
    asked: RwSignal<Option<u32>>,
    /// Where a range begins.
    anchor: StoredValue<Option<u32>>,
}

impl Selection {
    /// Nothing.
    pub fn new() -> Self {
        Self {
            chosen: RwSignal::new(Chosen::Nothing),
            asked: RwSignal::new(None),
            anchor: StoredValue::new(None),
        }
    }

    /// What is chosen now.
    pub fn get(self) -> Chosen {
        self.chosen.get_untracked()
    }

    /// Whether a row is chosen.
    pub fn has(self, uid: u32) -> bool {
        self.chosen.with(|chosen| match chosen {
            Chosen::Nothing => false,
            Chosen::These(uids) => uids.binary_search(&uid).is_ok(),
            Chosen::All => true,
        })
    }

    /// How many rows are chosen of `total`.
    pub fn count(self, total: u32) -> u32 {
        self.chosen.with(|chosen| match chosen {
            Chosen::Nothing => 0,
            Chosen::These(uids) => u32::try_from(uids.len()).unwrap_or(u32::MAX),
            Chosen::All => total,
        })
    }

    /// Chooses a row or no longer; `range`: with all between it and the one before.
    pub fn toggle(self, rows: Rows, uid: u32, range: bool) {
        let anchor = self.anchor.get_value();
        self.chosen.update(|chosen| {
            let mut uids = match std::mem::take(chosen) {
                Chosen::These(uids) => uids,
                Chosen::Nothing => Vec::new(),
                // All but this one would mean to know all.
                Chosen::All => rows.known(),
            };
            match anchor {
                Some(anchor) if range => {
                    uids.extend(rows.between(anchor, uid));
                    uids.sort_unstable();
                    uids.dedup();
                }
                _ => match uids.binary_search(&uid) {
                    Ok(place) => {
                        uids.remove(place);
                    }
                    Err(place) => uids.insert(place, uid),
                },
            }
            if !uids.is_empty() {
                *chosen = Chosen::These(uids);
            }
        });
        self.anchor.set_value(Some(uid));
    }

    /// What will be asked about: one row, else what is chosen. To be said before each question,
    /// since one that was left says nothing.
    pub fn ask(self, row: Option<u32>) {
        self.asked.set(row);
    }

    /// The one row that was asked about, without following it.
    pub fn asked(self) -> Option<u32> {
        self.asked.get_untracked()
    }

    /// The row that a question is about, if it is about one.
    pub fn asked_alone(self) -> Option<u32> {
        let alone = || {
            self.chosen.with(|chosen| match chosen {
                Chosen::These(uids) => uids.first().copied().filter(|_| uids.len() == 1),
                _ => None,
            })
        };
        self.asked.get().or_else(alone)
    }

    /// Chooses the whole list.
    pub fn all(self) {
        self.chosen.set(Chosen::All);
    }

    /// Chooses nothing.
    pub fn clear(self) {
        self.anchor.set_value(None);
        self.asked.set(None);
        if self
            .chosen
            .with_untracked(|chosen| *chosen != Chosen::Nothing)
        {
            self.chosen.set(Chosen::Nothing);
        }
    }
}
