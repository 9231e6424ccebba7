//! Which rows of the list are chosen, to do one thing to all of them.

use super::mailbox::Mailbox;
use super::table::Span;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    #[default]
    Nothing,
    /// In ascending order.
    These(Vec<u32>),
    /// The whole list, however much of it has been seen, but for these, in ascending order.
    AllBut(Vec<u32>),
}

impl Chosen {
    fn toggle(&mut self, uid: u32) {
        let (Self::These(uids) | Self::AllBut(uids)) = self else {
            *self = Self::These(vec![uid]);
            return;
        };
        match uids.binary_search(&uid) {
            Ok(place) => {
                uids.remove(place);
            }
            Err(place) => uids.insert(place, uid),
        }
        if *self == Self::These(Vec::new()) {
            *self = Self::Nothing;
        }
    }

    fn add(&mut self, more: Vec<u32>) {
        match self {
            Self::Nothing => *self = Self::These(more),
            Self::These(uids) => uids.extend(more),
            Self::AllBut(uids) => uids.retain(|uid| !more.contains(uid)),
        }
        if let Self::These(uids) = self {
            uids.sort_unstable();
            uids.dedup();
        }
    }
}

/// The choice in context.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    chosen: RwSignal<Chosen>,
    /// The one row that a question is about, where it is not about what is chosen.
    asked: RwSignal<Option<u32>>,
    /// The ordinal of the row where a range begins.
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

    /// One of the chosen rows, where they are known.
    pub fn first(self) -> Option<u32> {
        self.chosen.with_untracked(|chosen| match chosen {
            Chosen::These(uids) => uids.last().copied(),
            _ => None,
        })
    }

    /// Whether a row is chosen.
    pub fn has(self, uid: u32) -> bool {
        self.chosen.with(|chosen| match chosen {
            Chosen::Nothing => false,
            Chosen::These(uids) => uids.binary_search(&uid).is_ok(),
            Chosen::AllBut(uids) => uids.binary_search(&uid).is_err(),
        })
    }

    /// How many rows are chosen of `total`.
    pub fn count(self, total: u32) -> u32 {
        self.chosen.with(|chosen| match chosen {
            Chosen::Nothing => 0,
            Chosen::These(uids) => u32::try_from(uids.len()).unwrap_or(u32::MAX),
            Chosen::AllBut(uids) => {
                total.saturating_sub(u32::try_from(uids.len()).unwrap_or(u32::MAX))
            }
        })
    }

    /// Chooses a row or no longer; `range`: with all between it and the one before.
    pub fn toggle(self, mailbox: Mailbox, uid: u32, range: bool) {
        let rows = mailbox.rows;
        let ordinal = rows.ordinal(uid);
        match self.anchor.get_value().filter(|_| range).zip(ordinal) {
            Some((one, other)) => self.add_span(
                mailbox,
                Span {
                    first: one.min(other),
                    last: one.max(other),
                },
            ),
            None => self.chosen.update(|chosen| chosen.toggle(uid)),
        }
        if untrack(|| self.count(rows.total())) == 0 {
            self.chosen.set(Chosen::Nothing);
        }
        self.anchor.set_value(ordinal);
    }

    /// Chooses what stands in `span`: what is not known of it as soon as it is.
    fn add_span(self, mailbox: Mailbox, span: Span) {
        let (known, missing) = mailbox.rows.within(span);
        self.add(known);
        let Some(missing) = missing else { return };
        spawn_local(async move {
            if let Some(uids) = mailbox.rows.ask(mailbox, missing).await
                && self.get() != Chosen::Nothing
            {
                self.add(uids);
            }
        });
    }

    /// Lets go what is not in the list any more.
    pub fn forget(self, has_left: impl Fn(u32) -> bool) {
        let any = self.chosen.with_untracked(|chosen| match chosen {
            Chosen::Nothing => false,
            Chosen::These(uids) | Chosen::AllBut(uids) => uids.iter().any(|uid| has_left(*uid)),
        });
        if any {
            self.chosen.update(|chosen| {
                if let Chosen::These(uids) | Chosen::AllBut(uids) = chosen {
                    uids.retain(|uid| !has_left(*uid));
                }
                if *chosen == Chosen::These(Vec::new()) {
                    *chosen = Chosen::Nothing;
                }
            });
        }
    }

    /// Chooses these, too.
    fn add(self, uids: Vec<u32>) {
        self.chosen.update(|chosen| chosen.add(uids));
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
        self.chosen.set(Chosen::AllBut(Vec::new()));
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

#[cfg(test)]
mod tests {
    use super::Chosen;

    #[test]
    fn rows_are_chosen_and_let_go() {
        let mut chosen = Chosen::Nothing;
        chosen.toggle(7);
        chosen.add(vec![9, 8, 7]);
        assert_eq!(chosen, Chosen::These(vec![7, 8, 9]));
        chosen.toggle(8);
        assert_eq!(chosen, Chosen::These(vec![7, 9]));
        chosen.toggle(9);
        chosen.toggle(7);
        assert_eq!(chosen, Chosen::Nothing);
    }

    #[test]
    fn all_but_some_are_all_but_those() {
        let mut chosen = Chosen::AllBut(Vec::new());
        chosen.toggle(8);
        chosen.toggle(3);
        assert_eq!(chosen, Chosen::AllBut(vec![3, 8]));
        chosen.add(vec![2, 3, 4]);
        chosen.toggle(8);
        assert_eq!(chosen, Chosen::AllBut(Vec::new()));
    }
}
