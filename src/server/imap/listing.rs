//! Rows of a folder that is sorted, filtered or searched. Which messages they are is got once and
//! kept (see [`super::ordering`]); a page is a slice of it and one round: what came since, and the
//! rows by their UIDs. If something came or went, the order is brought up to date and the rows are
//! fetched again.

use super::answer::Untagged;
use super::change::found;
use super::connection::Connection;
use super::criteria::{Charset, Demand, Depth};
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::headers::{Headers, is_whole};
use super::ordering::{Key, Order, SETTLING, Stamp};
use super::search::{Bounds, Hits, Passes, Run, highest_uid, look, search_once};
use super::select::Place;
use super::sorting::{sort, sort_found};
use super::view::Mailbox;
use super::window::{PAGE_LIMIT, Range, RawRow, RawWindow, Span, items, merge};
use super::wire::{Command, uid_sets};
use crate::model::Sort;
use std::collections::HashMap;
use std::ops::ControlFlow;
use tokio::time::{Instant, timeout_at};

/// Hits up to this number are asked for whether they are still there, rather than looked for anew.
const RECHECK_LIMIT: usize = 5_000;

/// Rows of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawListing {
    pub window: RawWindow,
    /// `false` where looking was ended before it was through: there may be more rows.
    pub whole: bool,
    /// The wanted order could not be had; it is by arrival.
    pub unsorted: bool,
    /// The server could not look for all that was typed.
    pub ascii_only: bool,
}

impl Engine {
    /// The page `page` (1 is the first) of a listing. Looking for what is not known yet ends at
    /// `until`, with what there is.
    pub async fn listed_page(
        &self,
        folder: &str,
        demand: &Demand,
        page: u32,
        page_size: u32,
        until: Instant,
    ) -> Result<RawListing, ImapError> {
        let size = page_size.clamp(1, PAGE_LIMIT);
        let span = Span::Page { page, size };
        self.listed(folder, demand, span, until).await
    }

    /// The rows with the ordinals `first` to `last` of a listing, as [`Engine::rows`] gives them of a
    /// folder.
    pub async fn listed_rows(
        &self,
        folder: &str,
        demand: &Demand,
        first: u32,
        last: u32,
        page_size: u32,
        until: Instant,
    ) -> Result<RawListing, ImapError> {
        let size = page_size.clamp(1, PAGE_LIMIT);
        let first = first.max(last.saturating_sub(PAGE_LIMIT - 1)).max(1);
        let span = Span::Rows { first, last, size };
        self.listed(folder, demand, span, until).await
    }

    /// All messages of a listing, the first row's first: for acting on all of them.
    pub async fn listed_uids(
        &self,
        folder: &str,
        demand: &Demand,
        until: Instant,
    ) -> Result<Order, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let key = (mailbox.name.clone(), demand.clone());
        let known = self.orderings().get(&key).map(|order| order.stamp);
        // Whatever is kept is looked at once more: what is acted on must be what is there.
        self.order(&mailbox, &key, known, until).await
    }

    async fn listed(
        &self,
        folder: &str,
        demand: &Demand,
        span: Span,
        until: Instant,
    ) -> Result<RawListing, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let key = (mailbox.name.clone(), demand.clone());
        let mut outdated = None;
        let mut last_try = false;
        loop {
            let order = self.order(&mailbox, &key, outdated, until).await?;
            let range = Range::of(count(&order), span);
            let wanted = slice(&order, range);
            let (rows, now) =
                on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
                    fetch_slice(connection, &self.headers, &mailbox, wanted).await
                })?;
            if now.uid_validity != order.stamp.uid_validity && last_try {
                return Err(ImapError::FolderChanged);
            }
            // Who sees a folder that never rests has to be content with what was true just now.
            if now == order.stamp || last_try || !order.whole {
                return Ok(dress(&order, range, rows));
            }
            last_try = outdated.is_some();
            outdated = Some(order.stamp);
        }
    }

    /// The order of a listing, from the cache unless it is the one of the stamp `outdated`.
    async fn order(
        &self,
        mailbox: &Mailbox,
        key: &Key,
        outdated: Option<Stamp>,
        until: Instant,
    ) -> Result<Order, ImapError> {
        // Who asks twice waits once, but no longer than for an answer.
        let flight = self.orderings().flight(key);
        let _flight = timeout_at(until, flight.lock())
            .await
            .map_err(|_| ImapError::Busy)?;
        let known = self.orderings().get(key);
        if let Some(order) = &known
            && outdated != Some(order.stamp)
            && !order.wants_second_look(&key.1)
        {
            return Ok(order.clone());
        }
        let _turn = self.orderings().turn(until).await?;
        let flags = self.orderings().flags();
        let order = on_connection!(self, Some(mailbox), Retry::Once, |connection| async {
            get(self, connection, mailbox, &key.1, known.as_ref(), until).await
        })?;
        self.orderings().put(key, order.clone(), flags);
        Ok(order)
    }
}

fn count(order: &Order) -> u32 {
    u32::try_from(order.uids.len()).unwrap_or(u32::MAX)
}

/// The UIDs of a range of ordinals, the highest ordinal first.
fn slice(order: &Order, range: Range) -> &[u32] {
    let index = |ordinal: u32| usize::try_from(range.total.saturating_sub(ordinal)).ok();
    range
        .numbers()
        .and_then(|(first, last)| order.uids.get(index(last)?..=index(first)?))
        .unwrap_or_default()
}

fn dress(order: &Order, range: Range, mut rows: HashMap<u32, RawRow>) -> RawListing {
    let (first, last) = range.numbers().unwrap_or((1, 0));
    let rows = (first..=last)
        .rev()
        .zip(slice(order, range))
        .filter_map(|(ordinal, uid)| {
            let row = rows.remove(uid)?;
            Some(RawRow { ordinal, ..row })
        })
        .collect();
    RawListing {
        window: RawWindow {
            uid_validity: order.stamp.uid_validity,
            total: range.total,
            page: range.page,
            pages: range.pages,
            rows,
        },
        whole: order.whole,
        unsorted: order.unsorted,
        ascii_only: order.ascii_only,
    }
}

/// Gets an order, from what was known of it if that can be.
async fn get(
    engine: &Engine,
    connection: &mut Connection,
    mailbox: &Mailbox,
    demand: &Demand,
    known: Option<&Order>,
    until: Instant,
) -> Result<Order, ImapError> {
    let stamp = look(connection, mailbox).await?;
    if let Some(known) = known {
        if known.stamp == stamp && !known.wants_second_look(demand) {
            return Ok(known.clone());
        }
        let grows = demand.sort == Sort::Arrival && !demand.depends_on_flags();
        if grows
            && known.stamp.uid_validity == stamp.uid_validity
            && let Some(order) = refresh(connection, demand, known, stamp).await?
        {
            return Ok(order);
        }
    }
    // What was there at the former look, and that has been a while.
    let settled = known
        .filter(|known| known.stamp.uid_validity == stamp.uid_validity)
        .map_or(stamp.unsettled(), settled);
    if !demand.is_dear() {
        let sorted = sort(connection, demand, "").await?;
        return Ok(Order {
            stamp,
            uids: sorted.uids.into(),
            whole: true,
            unsorted: sorted.unsorted,
            ascii_only: sorted.ascii_only,
            settled,
            since: Instant::now(),
        });
    }
    let run = Run {
        engine,
        mailbox,
        demand,
        bounds: Bounds {
            rows: 0,
            until,
            // Nobody waits for the first hits.
            passes: Passes::Texts,
        },
    };
    let mut order = run
        .search(connection, &mut Hits::default(), &mut |_| {
            ControlFlow::Continue(())
        })
        .await?;
    if demand.sort != Sort::Arrival {
        let sorted = sort_found(connection, demand.sort, &order.uids).await?;
        order.uids = sorted.uids.into();
        order.unsorted = sorted.unsorted;
    }
    order.settled = order.settled.max(settled);
    Ok(order)
}

/// Up to which UID messages have been there for a while.
fn settled(known: &Order) -> u32 {
    if known.since.elapsed() > SETTLING {
        known.stamp.last_uid
    } else {
        known.settled
    }
}

/// Brings an order by arrival up to date with what came and went; `None` where getting it anew is
/// better.
async fn refresh(
    connection: &mut Connection,
    demand: &Demand,
    known: &Order,
    stamp: Stamp,
) -> Result<Option<Order>, ImapError> {
    // From where to look: a second time at what was too new for the server's index.
    let from = if demand.has_text() {
        known.settled
    } else {
        known.stamp.last_uid
    };
    let Some(next) = from.checked_add(1) else {
        return Ok(None);
    };
    // The set holds the last message, whatever its UID (RFC 9051, section 9, `seq-range`).
    let since = format!("UID {next}:*");
    let charset = if known.ascii_only {
        Charset::Ascii
    } else {
        Charset::Utf8
    };
    let all = Command::new("UID SEARCH").raw(&format!(" {since}"));
    let mut came = found(connection.run(all).await?);
    came.retain(|uid| *uid > known.stamp.last_uid);
    came.sort_unstable();
    came.dedup();
    let came = u32::try_from(came.len()).unwrap_or(u32::MAX);
    let (mut uids, _) = search_once(connection, demand, Depth::Whole, charset, &since).await?;
    uids.retain(|uid| *uid >= next);
    uids.sort_unstable_by(|a, b| b.cmp(a));
    uids.dedup();
    // Hits of before that stay.
    let old: Vec<u32> = known
        .uids
        .iter()
        .copied()
        .filter(|uid| *uid < next)
        .collect();
    if known.stamp.exists.saturating_add(came) == stamp.exists {
        uids.extend(old);
    } else {
        if old.len() > RECHECK_LIMIT {
            return Ok(None);
        }
        let round = uid_sets(&old)
            .into_iter()
            .map(|set| Command::new("UID SEARCH").raw(&format!(" UID {set}")))
            .collect::<Vec<_>>();
        let mut there = Vec::new();
        if !round.is_empty() {
            for answer in connection.run_all(&round).await? {
                there.extend(found(answer?));
            }
        }
        there.sort_unstable();
        let remaining = |uid: &u32| there.binary_search(uid).is_ok();
        uids.extend(old.into_iter().filter(remaining));
    }
    Ok(Some(Order {
        stamp,
        uids: uids.into(),
        settled: settled(known),
        since: Instant::now(),
        ..known.clone()
    }))
}

/// The rows for these UIDs, and what the folder holds now.
async fn fetch_slice(
    connection: &mut Connection,
    headers: &Headers,
    mailbox: &Mailbox,
    uids: &[u32],
) -> Result<(HashMap<u32, RawRow>, Stamp), ImapError> {
    let fresh = !connection.is_in(mailbox);
    let place = Place {
        mailbox,
        expected: None,
        highest: uids.iter().copied().max().unwrap_or_default(),
    };
    let before = connection.enter(place).await?;
    let mut round = Vec::new();
    if !fresh {
        round.push(Command::new("NOOP"));
    }
    if before.exists > 0 {
        round.push(Command::new("FETCH").raw(" * (UID)"));
    }
    let (known, commands) = headers.ask(&before, uids, &items(connection, true));
    round.extend(commands);
    let answers = if round.is_empty() {
        Vec::new()
    } else {
        connection.run_all(&round).await?
    };
    let now = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
    let mut data = Vec::new();
    // A message that has gone is no reason to fail: the folder's stamp tells.
    for answer in answers.into_iter().flatten() {
        data.extend(answer.untagged);
    }
    let mut stamp = Stamp {
        uid_validity: now.uid_validity,
        exists: now.exists,
        last_uid: highest_uid(&data, before.exists.min(now.exists)),
    };
    if now.removals != before.removals {
        // As many may have come as went: not the folder of before, whatever the numbers say.
        stamp.last_uid = 0;
    }
    let mut rows = rows_by_uid(data, known);
    headers.keep(&now, rows.values_mut(), false);
    Ok((rows, stamp))
}

/// The rows for these UIDs, in their order, of the mailbox that is open.
pub(super) async fn fetch_uids(
    connection: &mut Connection,
    headers: &Headers,
    uids: &[u32],
) -> Result<Vec<RawRow>, ImapError> {
    let selected = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
    let (known, round) = headers.ask(&selected, uids, &items(connection, true));
    let mut data = Vec::new();
    for answer in connection.run_all(&round).await? {
        data.extend(answer?.untagged);
    }
    let mut rows = rows_by_uid(data, known);
    headers.keep(&selected, rows.values_mut(), false);
    Ok(uids.iter().filter_map(|uid| rows.remove(uid)).collect())
}

/// Rows by UID. What names no UID, a change of flags told unasked, goes by the sequence number, as
/// long as those do not move. Of `known` messages there is no more than UID and flags in it; one
/// that is not in it at all has gone.
fn rows_by_uid(data: Vec<Untagged>, mut known: HashMap<u32, RawRow>) -> HashMap<u32, RawRow> {
    let mut rows: HashMap<u32, RawRow> = HashMap::new();
    let mut uids: HashMap<u32, u32> = HashMap::new();
    for data in data {
        match data {
            Untagged::Fetch(fetched) => {
                let uid = fetched.uid.or_else(|| uids.get(&fetched.sequence).copied());
                if let Some(uid) = uid {
                    uids.insert(fetched.sequence, uid);
                    let row = rows
                        .entry(uid)
                        .or_insert_with(|| known.remove(&uid).unwrap_or_default());
                    merge(row, *fetched);
                    row.uid = uid;
                }
            }
            Untagged::Expunge(_) | Untagged::Vanished(_) => uids.clear(),
            _ => {}
        }
    }
    // `FETCH *` asks for no more than the UID.
    rows.retain(|_, row| is_whole(row));
    rows
}

#[cfg(test)]
mod tests {
    use super::super::answer::Fetched;
    use super::*;

    fn order(uids: &[u32]) -> Order {
        Order {
            stamp: Stamp::default(),
            uids: uids.into(),
            whole: true,
            unsorted: false,
            ascii_only: false,
            settled: 0,
            since: Instant::now(),
        }
    }

    #[test]
    fn ordinals_count_from_the_end() {
        let order = order(&[50, 40, 30, 20, 10]);
        let rows = |span| {
            let range = Range::of(count(&order), span);
            let rows = slice(&order, range);
            let rows = rows.iter().filter(|uid| **uid != 30).map(|uid| {
                let row = RawRow {
                    uid: *uid,
                    ..RawRow::default()
                };
                (*uid, row)
            });
            let listing = dress(&order, range, rows.collect());
            let rows = listing.window.rows.into_iter();
            rows.map(|row| (row.ordinal, row.uid)).collect::<Vec<_>>()
        };
        assert_eq!(rows(Span::Page { page: 1, size: 2 }), [(5, 50), (4, 40)]);
        // 30 has gone: the others keep their places.
        assert_eq!(rows(Span::Page { page: 2, size: 2 }), [(2, 20)]);
        assert_eq!(rows(Span::Page { page: 3, size: 2 }), [(1, 10)]);
        let span = |first, last| Span::Rows {
            first,
            last,
            size: 50,
        };
        assert_eq!(rows(span(4, 9)), [(5, 50), (4, 40)]);
        assert_eq!(rows(span(9, 12)), []);
    }

    #[test]
    fn rows_are_told_apart_by_uid() {
        let fetched = |sequence, uid, size, flag: Option<&str>| {
            Untagged::Fetch(Box::new(Fetched {
                sequence,
                uid,
                size,
                flags: flag.map(|flag| vec![flag.to_owned()]),
                ..Fetched::default()
            }))
        };
        let data = vec![
            fetched(9, Some(90), None, None),
            fetched(2, Some(20), Some(5), None),
            fetched(2, None, None, Some("\\Seen")),
            Untagged::Expunge(1),
            fetched(2, None, None, Some("\\Flagged")),
            fetched(2, Some(30), Some(5), None),
            // Known, and still there.
            fetched(5, Some(50), None, Some("\\Answered")),
        ];
        let known = [50, 60].map(|uid| {
            let row = RawRow {
                uid,
                size: 7,
                ..RawRow::default()
            };
            (uid, row)
        });
        let rows = rows_by_uid(data, known.into());
        assert_eq!(rows.len(), 3);
        assert!(rows[&50].size == 7 && rows[&50].flags.answered);
        assert!(rows[&20].flags.seen && !rows[&20].flags.flagged && !rows[&30].flags.seen);
    }
}
