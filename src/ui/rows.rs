//! The rows of the list that is shown, while it is scrolled and while mail comes and goes. What is
//! known stands in a [`Table`]; here is who asks for the rest, and when.

use super::fetch;
use super::mailbox::{Mailbox, Target};
use super::selection::Chosen;
use super::table::{ASK_LIMIT, Place, Span, Table, rows_in, visible};
use super::visit::Toast;
use crate::model::{Address, Envelope, Flags, Listing, Sort, Window};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rows of a page, where there are pages.
pub const PAGE: u32 = 50;

/// Which list: a folder, listed in some way, under a UIDVALIDITY.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub folder: String,
    pub uid_validity: u32,
    pub listing: Listing,
}

impl List {
    /// The list that this window begins.
    pub fn of(window: &Window, listing: Listing) -> Self {
        Self {
            folder: window.folder.clone(),
            uid_validity: window.uid_validity,
            listing,
        }
    }

    /// The message of this list's folder with this UID.
    pub fn target(&self, uid: u32) -> Target {
        Target {
            folder: self.folder.clone(),
            uid_validity: self.uid_validity,
            uid,
        }
    }
}

/// How the list is looked at: in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct View {
    top: f64,
    height: f64,
    row: f64,
}

/// The rows in context.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    list: RwSignal<Option<List>>,
    table: RwSignal<Table>,
    /// The ordinals that are rendered.
    shown: RwSignal<Span>,
    view: StoredValue<View>,
    busy: StoredValue<bool>,
    /// Where the list's scroll bar has to be set to, since rows came or went above.
    moved: RwSignal<Option<f64>>,
}

impl Rows {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            list: RwSignal::new(None),
            table: RwSignal::new(Table::default()),
            shown: RwSignal::new(Span::default()),
            view: StoredValue::new(View::default()),
            busy: StoredValue::new(false),
            moved: RwSignal::new(None),
        }
    }

    /// Begins with another list, of which `window` is known.
    pub fn begin(self, listing: Listing, window: &Window) {
        let ordinals = || window.envelopes.iter().map(|envelope| envelope.ordinal);
        let span = Span {
            first: ordinals().min().unwrap_or(1),
            last: ordinals().max().unwrap_or(0),
        };
        self.table.set(Table::new(window));
        self.shown.set(span);
        self.view.set_value(View::default());
        self.moved.set(None);
        self.list.set(Some(List::of(window, listing)));
    }

    /// Which list this is.
    pub fn list(self) -> Option<List> {
        self.list.get()
    }

    /// Rows of the whole list.
    pub fn total(self) -> u32 {
        self.table.with(Table::total)
    }

    /// What is rendered, from the top down.
    pub fn places(self) -> Vec<Place> {
        let shown = self.shown.get();
        self.table.with(|table| table.places(shown))
    }

    /// How many rows there are above and below of what is rendered.
    pub fn beyond(self) -> (u32, u32) {
        let shown = self.shown.get();
        let total = self.total();
        (
            total.saturating_sub(shown.last),
            shown.first.saturating_sub(1).min(total),
        )
    }

    /// The flags of a row, as the server spoke of them last.
    pub fn flags(self, uid: u32) -> Option<Flags> {
        self.table.with(|table| table.row(uid).map(|row| row.flags))
    }

    /// The same, where the row is about this one message and not about a conversation.
    pub fn own_flags(self, uid: u32) -> Option<Flags> {
        self.table.with(|table| {
            let row = table.row(uid).filter(|row| row.others.is_empty());
            row.map(|row| row.flags)
        })
    }

    /// The other messages of a conversation's row.
    pub fn others(self, uid: u32) -> Vec<u32> {
        self.table.with(|table| {
            let row = table.row(uid);
            row.map(|row| row.others.clone()).unwrap_or_default()
        })
    }

    /// The row with this UID, without following it.
    pub fn row_untracked(self, uid: u32) -> Option<Envelope> {
        self.table.with_untracked(|table| table.row(uid).cloned())
    }

    /// The place of a row, counted from the top, from 1.
    pub fn position(self, uid: u32) -> Option<u32> {
        self.table.with(|table| table.position(uid))
    }

    /// The place of a row, without following it.
    pub fn position_untracked(self, uid: u32) -> Option<u32> {
        self.table.with_untracked(|table| table.position(uid))
    }

    /// The messages that these rows stand for: where they are conversations, all of each.
    pub fn with_others(self, uids: impl IntoIterator<Item = u32>) -> Vec<u32> {
        self.table.with_untracked(|table| {
            uids.into_iter()
                .flat_map(|uid| std::iter::once(uid).chain(table.others(uid).iter().copied()))
                .collect()
        })
    }

    /// The highest UID that is known.
    pub fn newest(self) -> Option<u32> {
        self.table.with(Table::newest)
    }

    /// All UIDs that are known, the lowest first.
    pub fn known(self) -> Vec<u32> {
        self.table.with_untracked(Table::known)
    }

    /// People of the rows that are known, those of the newest first.
    pub fn people(self) -> Vec<Address> {
        self.table.with_untracked(Table::people)
    }

    /// The page on which a row stands, from 1, without following it.
    pub fn page_of(self, uid: u32) -> Option<u32> {
        self.position_untracked(uid)
            .map(|position| (position - 1) / PAGE + 1)
    }

    /// The ordinal of a row.
    pub fn ordinal(self, uid: u32) -> Option<u32> {
        self.table.with_untracked(|table| table.ordinal(uid))
    }

    /// The UIDs in `span` that are known, and where others are missing.
    pub fn within(self, span: Span) -> (Vec<u32>, Option<Span>) {
        self.table.with_untracked(|table| table.within(span))
    }

    /// All UIDs in `span`, which the server is asked for; `None` where that failed, which is told,
    /// or where the list has become another one.
    pub async fn ask(self, mailbox: Mailbox, span: Span) -> Option<Vec<u32>> {
        let list = mailbox.list_now()?;
        let mut uids = Vec::new();
        let mut first = span.first;
        while first <= span.last {
            let last = span.last.min(first.saturating_add(ASK_LIMIT - 1));
            let epoch = self.table.with_untracked(Table::epoch);
            let (folder, listing) = (list.folder.clone(), list.listing.clone());
            let answer = fetch::rows(folder, listing, first, last).await;
            // The page may have gone meanwhile.
            self.busy.try_get_value()?;
            if mailbox.list_now().as_ref() != Some(&list) {
                return None;
            }
            match answer {
                Ok(window) if window.uid_validity == list.uid_validity => {
                    uids.extend(window.envelopes.iter().map(|envelope| envelope.uid));
                    self.take(mailbox, &window, Span { first, last }, epoch);
                }
                Ok(_) => {
                    mailbox.renew();
                    return None;
                }
                Err(error) => {
                    mailbox.here.toast.set(Some(Toast::Failed(error)));
                    return None;
                }
            }
            first = last.saturating_add(1);
        }
        Some(uids)
    }

    /// The next row below this one that is `there`, or above where `by` is negative.
    pub fn beside(self, uid: u32, by: i32, there: impl Fn(u32) -> bool) -> Option<u32> {
        self.table.with(|table| table.beside(uid, by, there))
    }

    /// The row on top of what is seen.
    pub fn first_seen(self) -> Option<u32> {
        let View { top, row, .. } = self.view.get_value();
        self.table.with_untracked(|table| {
            let position = rows_in(top, row).saturating_add(1);
            table.at_position(position)
        })
    }

    /// Where the scroll bar has to be set to, if it has.
    pub fn moved(self) -> Option<f64> {
        self.moved.get()
    }

    /// It has been set, or the list would be held there.
    pub fn has_moved(self) {
        self.moved.update_untracked(|moved| *moved = None);
    }

    /// Whether a row is among those that are made.
    pub fn is_shown(self, uid: u32) -> bool {
        let Span { first, last } = self.shown.get_untracked();
        self.ordinal(uid)
            .is_some_and(|ordinal| (first..=last).contains(&ordinal))
    }

    /// The list is looked at in this way now: `top`, `height` and the height of a row in pixels.
    pub fn look(self, mailbox: Mailbox, top: f64, height: f64, row: f64) {
        self.view.set_value(View { top, height, row });
        let total = self.table.with_untracked(Table::total);
        let span = visible(total, top, height, row);
        if self.shown.get_untracked() != span {
            self.shown.set(span);
        }
        self.fill(mailbox);
    }

    /// What is shown may no longer be true: it stays until the server has said how it is.
    pub fn refresh(self, mailbox: Mailbox) {
        self.table.update_untracked(Table::doubt);
        self.fill(mailbox);
    }

    /// Asks for what is shown and not known, one call at a time: what is passed over quickly in
    /// scrolling is never asked for.
    fn fill(self, mailbox: Mailbox) {
        let Some(list) = self.list.get_untracked() else {
            return;
        };
        if self.busy.get_value() {
            return;
        }
        let shown = self.shown.get_untracked();
        let (asked, epoch) = self.table.with_untracked(|table| {
            let missing = if table.total() == 0 && table.epoch() > 0 {
                // Has anything come?
                Some(Span {
                    first: 1,
                    last: PAGE,
                })
            } else {
                table.missing(shown)
            };
            (missing, table.epoch())
        });
        let Some(asked) = asked else { return };
        self.busy.set_value(true);
        spawn_local(async move {
            let tick = mailbox.tick();
            let answer = fetch::rows(
                list.folder.clone(),
                list.listing.clone(),
                asked.first,
                asked.last,
            )
            .await;
            if self.busy.try_set_value(false).is_some() {
                // The page has gone meanwhile.
                return;
            }
            if self.list.get_untracked().as_ref() != Some(&list) {
                self.fill(mailbox);
                return;
            }
            match answer {
                Ok(window) if window.uid_validity == list.uid_validity => {
                    mailbox.settle(&list.folder, tick);
                    self.take(mailbox, &window, asked, epoch);
                    // A row that the server leaves out is not asked for again and again.
                    let again = self
                        .table
                        .with_untracked(|table| table.missing(self.shown.get_untracked()));
                    if again != Some(asked) {
                        self.fill(mailbox);
                    }
                }
                Ok(_) => mailbox.renew(),
                Err(error) => mailbox.here.tell_aside(error),
            }
        });
    }

    /// Takes in an answer so that what is seen stays where it is seen.
    fn take(self, mailbox: Mailbox, window: &Window, asked: Span, epoch: u32) {
        let View { top, height, row } = self.view.get_value();
        let anchor = if top > row / 2.0 {
            self.first_seen()
        } else {
            None
        };
        let before = anchor.and_then(|uid| self.position_untracked(uid));
        let empty = window.total == 0;
        let mut table = self.table.get_untracked();
        if let Some(open) = mailbox.opened() {
            table.keep(open.uid);
        }
        table.merge(window, asked, epoch);
        table.trim(self.shown.get_untracked());
        table.keep_others(mailbox.selection.get() != Chosen::Nothing);
        let by_arrival = self.list.with_untracked(|list| {
            list.as_ref().is_some_and(|list| {
                list.listing.sort == Sort::default() && !list.listing.conversations
            })
        });
        mailbox
            .selection
            .forget(|uid| table.has_left(uid, window, by_arrival));
        let after = anchor.and_then(|uid| table.position(uid));
        let total = table.total();
        let mut view = View { top, height, row };
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            view.top = (top + (f64::from(after) - f64::from(before)) * row).max(0.0);
        }
        self.view.set_value(view);
        let span = if empty || row <= 0.0 {
            Span {
                first: 1,
                last: total,
            }
        } else {
            visible(total, view.top, view.height, view.row)
        };
        // One after the other would render twice.
        self.shown.update_untracked(|shown| *shown = span);
        self.table.set(table);
        self.shown.notify();
        if (view.top - top).abs() > 0.5 {
            self.moved.set(Some(view.top));
        }
    }
}
