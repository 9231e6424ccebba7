//! Searching so that what is newest shows at once: in windows of sequence numbers from the end of
//! the folder ([`pass`]), each as large as the last one's pace allows, hits told as they are found.
//! Whether the server has an index of texts cannot be known; with one a window costs next to nothing,
//! without one the first hits come when a thousandth has been looked through.
//!
//! Plain words are looked for twice: in addresses and subjects of the whole folder first, which
//! servers have at hand, and then in the texts.
//!
//! Between two windows a search can be stopped without harm to its connection. Windows are of
//! sequence numbers, which move down when older messages go: then some are looked at twice, and
//! none is missed.

mod pass;

use super::answer::Untagged;
use super::change::found;
use super::connection::Connection;
use super::criteria::{Charset, Criteria, Demand, Depth};
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::ordering::{Order, Stamp};
use super::select::Place;
use super::view::Mailbox;
use super::window::{RawRow, has_attachment};
use super::wire::{Command, uid_sets};
use crate::mail::header::Header;
use pass::Pass;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::Instant;

/// A search begins with what the connection saw so lately, and asks at its end what came since: Dovecot
/// may read the whole directory of a Maildir for that, which takes as long as some windows.
const LATELY: Duration = Duration::from_secs(10);
/// Sets of some 1,000 characters whose headers are fetched in one round.
const HEADERS_AT_ONCE: usize = 50;

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
    pub passes: Passes,
}

/// How a folder is gone through for plain words; a demand without them needs one pass only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// Addresses and subjects.
    Quick,
    /// The texts as well, at once.
    Texts,
    /// The one after the other.
    Both,
}

impl Passes {
    fn depths(self, quick_look: bool) -> &'static [Depth] {
        match self {
            _ if !quick_look => &[Depth::Whole],
            Self::Quick => &[Depth::Quick],
            Self::Texts => &[Depth::Whole],
            Self::Both => &[Depth::Quick, Depth::Whole],
        }
    }
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

    /// How many rows of them were told.
    pub fn told(&self) -> usize {
        self.told
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
        let _turn = self.orderings().turn(bounds.until).await?;
        let flags = self.orderings().flags();
        let order = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            let run = Run {
                engine: self,
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
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    /// For a further connection, where it takes long.
    pub engine: &'a Engine,
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
        let order = self.look_through(connection, hits, on_hits).await?;
        // Nothing may be for a word of two letters that an index of texts cannot hold.
        match self.demand.without_short_words() {
            Some(demand) if order.whole && order.uids.is_empty() => {
                let run = Run {
                    demand: &demand,
                    ..*self
                };
                run.look_through(connection, hits, on_hits).await
            }
            _ => Ok(order),
        }
    }

    async fn look_through(
        &self,
        connection: &mut Connection,
        hits: &mut Hits,
        on_hits: &mut (impl FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<Order, ImapError> {
        let lately = connection.is_in(self.mailbox) && connection.looked_within(LATELY);
        let mut stamp = if lately {
            view(connection, self.mailbox).await?
        } else {
            look(connection, self.mailbox).await?
        };
        let removals = pass::removals(connection);
        if hits.uid_validity != stamp.uid_validity {
            *hits = Hits {
                uid_validity: stamp.uid_validity,
                ..Hits::default()
            };
        }
        let depths = self.bounds.passes.depths(self.demand.has_quick_look());
        let mut whole = depths.contains(&Depth::Whole);
        let mut charset = Charset::Utf8;
        let of = depths
            .iter()
            .fold(0, |of: u32, _| of.saturating_add(stamp.exists));
        let mut before: u32 = 0;
        for depth in depths {
            let mut told = |progress: Progress| {
                on_hits(Progress {
                    searched: progress.searched.saturating_add(before),
                    of,
                    ..progress
                })
            };
            let pass = Pass::new(self, stamp, *depth, charset, hits, &mut told);
            let ended = pass.run(connection).await?;
            charset = ended.charset;
            if !ended.whole {
                whole = false;
                break;
            }
            before = before.saturating_add(stamp.exists);
        }
        if whole && lately {
            // Where messages have gone since, the stamp stays what it was, so that what was found is
            // not taken for all.
            let now = look(connection, self.mailbox).await?;
            let grown = now.uid_validity == stamp.uid_validity && now.exists > stamp.exists;
            if grown && removals == pass::removals(connection) {
                (stamp, charset) = self
                    .catch_up(connection, stamp, now, charset, hits, on_hits)
                    .await?;
            }
        }
        Ok(Order {
            stamp,
            uids: hits.descending().into(),
            whole,
            unsorted: false,
            ascii_only: charset == Charset::Ascii,
            settled: stamp.unsettled(),
            since: Instant::now(),
        })
    }

    /// Looks through what came between `stamp` and `now`, where nothing has gone.
    async fn catch_up(
        &self,
        connection: &mut Connection,
        stamp: Stamp,
        now: Stamp,
        charset: Charset,
        hits: &mut Hits,
        on_hits: &mut (impl FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<(Stamp, Charset), ImapError> {
        let mut told = |progress: Progress| {
            on_hits(Progress {
                searched: now.exists,
                of: now.exists,
                ..progress
            })
        };
        let pass = Pass::new(self, now, Depth::Whole, charset, hits, &mut told).after(stamp.exists);
        let ended = pass.run(connection).await?;
        Ok((if ended.whole { now } else { stamp }, ended.charset))
    }
}

/// One SEARCH. Where mails with attachments are wanted and the server knows of none, their headers
/// are looked at here: an index of texts that has no Content-Type in it (Dovecot's with Xapian)
/// answers with nothing, and says OK.
pub(super) async fn search_once(
    connection: &mut Connection,
    demand: &Demand,
    depth: Depth,
    charset: Charset,
    also: &str,
) -> Result<(Vec<u32>, Charset), ImapError> {
    let (uids, charset) = ask(connection, demand, depth, charset, also).await?;
    let Some(wanted) = demand.attachment() else {
        return Ok((uids, charset));
    };
    if !uids.is_empty() || connection.finds_attachments {
        connection.finds_attachments |= wanted && !uids.is_empty();
        return Ok((uids, charset));
    }
    let demand = demand.whatever_attachment();
    let (uids, charset) = ask(connection, &demand, depth, charset, also).await?;
    let uids = by_attachment(connection, &uids, wanted).await?;
    Ok((uids, charset))
}

/// Those of the messages that have attachments, or have none, as their rows show it.
async fn by_attachment(
    connection: &mut Connection,
    uids: &[u32],
    wanted: bool,
) -> Result<Vec<u32>, ImapError> {
    let mut matching = Vec::new();
    for sets in uid_sets(uids).chunks(HEADERS_AT_ONCE) {
        let round: Vec<Command> = sets
            .iter()
            .map(|set| {
                let items = "(UID FLAGS BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)])";
                Command::new("UID FETCH").raw(&format!(" {set} {items}"))
            })
            .collect();
        for answer in connection.run_all(&round).await? {
            for data in answer?.untagged {
                let Untagged::Fetch(mut fetched) = data else {
                    continue;
                };
                let (Some(uid), Some(header)) = (fetched.uid, fetched.take("HEADER")) else {
                    continue;
                };
                let said = fetched.flags.as_deref().and_then(has_attachment);
                let kind = Header::parse(&header).content_type();
                let mixed = kind.is_some_and(|(kind, sub)| kind == "multipart" && sub == "mixed");
                if said.unwrap_or(mixed) == wanted {
                    matching.push(uid);
                }
            }
        }
    }
    Ok(matching)
}

/// What is wanted without what is unwanted, see [`Demand::apart`].
async fn ask(
    connection: &mut Connection,
    demand: &Demand,
    depth: Depth,
    charset: Charset,
    also: &str,
) -> Result<(Vec<u32>, Charset), ImapError> {
    let Some((wanted, both)) = demand.apart() else {
        return ask_plainly(connection, demand, depth, charset, also).await;
    };
    let (mut uids, used) = ask_plainly(connection, &wanted, depth, charset, also).await?;
    if uids.is_empty() {
        return Ok((uids, used));
    }
    let (mut out, last) = ask_plainly(connection, &both, depth, used, also).await?;
    if last == Charset::Utf8 || Criteria::of(&both, depth, Charset::Utf8).is_ascii() {
        out.sort_unstable();
        uids.retain(|uid| out.binary_search(uid).is_err());
    }
    // Else what was left of the texts has found too much to be taken away.
    Ok((uids, last))
}

/// One SEARCH as it is said; again without UTF-8 where the server refuses that (RFC 9051, section
/// 6.4.4, BADCHARSET, which not all servers say).
async fn ask_plainly(
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
    stamp(connection, mailbox, true).await
}

/// The same as far as the connection knows: what came since it looked last may be missing.
async fn view(connection: &mut Connection, mailbox: &Mailbox) -> Result<Stamp, ImapError> {
    stamp(connection, mailbox, false).await
}

async fn stamp(
    connection: &mut Connection,
    mailbox: &Mailbox,
    ask: bool,
) -> Result<Stamp, ImapError> {
    let fresh = !ask || !connection.is_in(mailbox);
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
        connection.run_all(&round).await?
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
