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
    /// Where a range begins.
    anchor: StoredValue<Option<u32>>,
}

impl Selection {
    /// Nothing.
    pub fn new() -> Self {
        Self {
            chosen: RwSignal::new(Chosen::Nothing),
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

    /// Chooses the whole list.
    pub fn all(self) {
        self.chosen.set(Chosen::All);
    }

    /// Chooses nothing.
    pub fn clear(self) {
        self.anchor.set_value(None);
        if self
            .chosen
            .with_untracked(|chosen| *chosen != Chosen::Nothing)
        {
            self.chosen.set(Chosen::Nothing);
        }
    }
}
