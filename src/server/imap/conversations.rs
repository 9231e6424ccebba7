//! The conversations of a folder, the one with the newest arrival first, and windows of them.
//!
//! Who belongs together is asked of the server where it has THREAD=REFS. THREAD=REFERENCES is not
//! used, though more servers have it: its step 5 (RFC 5256) puts messages of one subject together,
//! some of them as if one answered the other, so that the answer cannot tell a wrong merge from a
//! right one. To undo that, the header of every message in a conversation would have to be read,
//! and windows would shift with each one undone. There, and where there is no THREAD at all, the
//! newest 2,000 messages are read and gathered by `mail::threading`: never wrong, but not all of a
//! large folder, and [`RawConversations::complete`] says so.

use super::answer::{Answer, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::follow::follow;
use super::names::{HEADERS_AT_ONCE, name_items, names};
use super::select::Place;
use super::shelf::Listing;
use super::thread::Conversations;
use super::view::{Mailbox, Selected};
use super::window::{self, RawRow};
use super::wire::Command;
use crate::mail::header::Header;
use crate::mail::threading::Threader;
use crate::model::{Address, Flags};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Messages that the server is asked to gather; of a larger folder the newest.
const SERVER_WINDOW: u32 = 200_000;
/// Messages that Posthorn gathers itself.
const OWN_WINDOW: u32 = 2_000;
/// Conversations of a window.
const WINDOW_LIMIT: u32 = 200;
/// Messages besides the newest that are looked at in one conversation, and in a whole window.
const OTHERS: usize = 50;
const ALL_OTHERS: usize = 2_000;
/// What is asked of those.
const FROM: &str = "(UID FLAGS BODY.PEEK[HEADER.FIELDS (FROM)])";

/// Who tells which messages belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// The server where it can, else Posthorn.
    #[default]
    Best,
    /// Posthorn, whatever the server can.
    Own,
}

/// A window of a folder's conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawConversations {
    pub uid_validity: u32,
    /// Messages in the folder.
    pub messages: u32,
    /// Conversations, as far as they are known.
    pub total: u32,
    /// Whether all messages of the folder are in one, or only the newest.
    pub complete: bool,
    /// The position of the first one here; 0 is the newest.
    pub first: u32,
    pub rows: Vec<RawConversationRow>,
}

/// One conversation of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawConversationRow {
    /// All its messages in the order of arrival.
    pub uids: Vec<u32>,
    /// The one that arrived last; without UID where the rows were not asked for.
    pub newest: RawRow,
    /// At most 50 before it, in the order of arrival.
    pub others: Vec<RawOther>,
}

/// What is known of a message that stands behind the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawOther {
    pub uid: u32,
    pub flags: Flags,
    /// The field From.
    pub from: Vec<Address>,
}

impl Engine {
    /// The conversations from position `first` to `last`, at most 200, as UIDs only.
    pub async fn conversations(
        &self,
        folder: &str,
        first: u32,
        last: u32,
        grouping: Grouping,
    ) -> Result<RawConversations, ImapError> {
        let mailbox = self.mailbox(folder)?;
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            let listing = self.listing(connection, &mailbox, grouping).await?;
            Ok(window(&listing, first, last))
        })
    }

    /// The same with what their rows show.
    pub async fn conversation_rows(
        &self,
        folder: &str,
        first: u32,
        last: u32,
        grouping: Grouping,
    ) -> Result<RawConversations, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let part = Part::Positions(first, last);
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            self.grouped_rows(connection, &mailbox, part, grouping)
                .await
        })
    }

    /// The same for those with the ordinals `first` to `last`, counted from the end: see
    /// [`crate::model::Envelope::ordinal`].
    pub async fn conversation_ordinals(
        &self,
        folder: &str,
        first: u32,
        last: u32,
        grouping: Grouping,
    ) -> Result<RawConversations, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let part = Part::Ordinals(first, last);
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            self.grouped_rows(connection, &mailbox, part, grouping)
                .await
        })
    }

    /// Rows by what is kept, and in the same round whether that is still true; else by what the
    /// server says now.
    async fn grouped_rows(
        &self,
        connection: &mut Connection,
        mailbox: &Mailbox,
        part: Part,
        grouping: Grouping,
    ) -> Result<RawConversations, ImapError> {
        let cut = |listing: &Listing| {
            let (first, last) = part.positions(window(listing, 0, 0).total);
            window(listing, first, last)
        };
        if let Some(listing) = self.shelf.find(&mailbox.name, grouping) {
            let mut found = cut(&listing);
            let was_open = connection.is_in(mailbox);
            let selected = open(connection, mailbox).await?;
            let (known, commands) = self.row_commands(connection, &selected, &found);
            let (state, answers) = look(connection, &selected, was_open, commands).await?;
            if state.is_some_and(|state| state.fits(&listing)) {
                self.fill(&selected, &mut found, known, answers);
                return Ok(found);
            }
        }
        let listing = self.build(connection, mailbox, grouping).await?;
        let mut found = cut(&listing);
        let selected = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
        let (known, commands) = self.row_commands(connection, &selected, &found);
        if !commands.is_empty() {
            let answers = connection.run_all(&commands).await?;
            let answers = answers.into_iter().collect::<Result<_, _>>()?;
            self.fill(&selected, &mut found, known, answers);
        }
        Ok(found)
    }

    /// What is known of the messages that the rows show, and the commands that bring the rest: of a
    /// message that is known no more than its flags.
    fn row_commands(
        &self,
        connection: &Connection,
        selected: &Selected,
        found: &RawConversations,
    ) -> (HashMap<u32, RawRow>, Vec<Command>) {
        let chosen = chosen(found);
        let newest: Vec<u32> = chosen.iter().map(|(newest, _)| *newest).collect();
        let others: Vec<u32> = chosen
            .iter()
            .flat_map(|(_, others)| others.iter().copied())
            .collect();
        let rest = window::items(connection, true);
        let (mut known, mut commands) = self.headers.ask(selected, &newest, &rest);
        let (known_others, more) = self.headers.ask(selected, &others, FROM);
        known.extend(known_others);
        commands.extend(more);
        (known, commands)
    }

    /// Puts what is known and what was fetched into the rows, and keeps it. A conversation whose
    /// newest message has gone meanwhile is left out: the next look will have it right.
    fn fill(
        &self,
        selected: &Selected,
        found: &mut RawConversations,
        known: HashMap<u32, RawRow>,
        answers: Vec<Answer>,
    ) {
        let mut fetched = by_uid(answers, known);
        let chosen: Vec<(u32, Vec<u32>)> = chosen(found)
            .into_iter()
            .map(|(newest, others)| (newest, others.to_vec()))
            .collect();
        for (row, (newest, others)) in found.rows.iter_mut().zip(chosen) {
            row.newest = fetched.remove(&newest).unwrap_or_default();
            row.others = others
                .into_iter()
                .filter_map(|uid| fetched.remove(&uid))
                .map(|other| RawOther {
                    uid: other.uid,
                    flags: other.flags,
                    from: match other.overview {
                        Some(known) => known.from.clone(),
                        None => Header::parse(&other.header).from(),
                    },
                })
                .collect();
        }
        found.rows.retain(|row| row.newest.uid > 0);
        // Of the others no more than who they are from was fetched, which is no row.
        let rows = found.rows.iter_mut().map(|row| &mut row.newest);
        self.headers.keep(selected, rows, false);
    }

    /// The folder's conversations as they are now.
    pub(super) async fn listing(
        &self,
        connection: &mut Connection,
        mailbox: &Mailbox,
        grouping: Grouping,
    ) -> Result<Arc<Listing>, ImapError> {
        if let Some(listing) = self.shelf.find(&mailbox.name, grouping) {
            let was_open = connection.is_in(mailbox);
            let selected = open(connection, mailbox).await?;
            let (state, _) = look(connection, &selected, was_open, Vec::new()).await?;
            if state.is_some_and(|state| state.fits(&listing)) {
                return Ok(listing);
            }
        }
        self.build(connection, mailbox, grouping).await
    }

    /// Works them out, and keeps them.
    async fn build(
        &self,
        connection: &mut Connection,
        mailbox: &Mailbox,
        grouping: Grouping,
    ) -> Result<Arc<Listing>, ImapError> {
        let old = self.shelf.find(&mailbox.name, grouping);
        let mut rested = false;
        let mut tries = 0;
        let listing = loop {
            let before = settle(connection, mailbox).await?;
            let followed = match &old {
                Some(old) if tries == 0 => follow(connection, &before, old).await?,
                _ => None,
            };
            let (conversations, complete) = match followed {
                Some(conversations) => (conversations, true),
                None => gather(connection, &before, grouping).await?,
            };
            let now = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
            rested |= now.exists == before.exists && now.removals == before.removals;
            tries += 1;
            // What changes all the time is shown as it was a moment ago, and not kept.
            if rested || tries == 2 {
                let highest = conversations.iter().flatten().copied().max();
                break Arc::new(Listing {
                    folder: mailbox.name.clone(),
                    grouping,
                    uid_validity: now.uid_validity,
                    exists: now.exists,
                    highest: highest.unwrap_or_default(),
                    complete,
                    conversations: conversations.by_arrival(),
                });
            }
        };
        if rested {
            self.shelf.keep(listing.clone());
        }
        Ok(listing)
    }
}

/// Which conversations of a listing.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// Counted from the newest, which is 0.
    Positions(u32, u32),
    /// Counted from the end, whose last is 1.
    Ordinals(u32, u32),
}

impl Part {
    fn positions(self, total: u32) -> (u32, u32) {
        match self {
            Self::Positions(first, last) => (first, last),
            Self::Ordinals(first, last) => (
                total.saturating_sub(last),
                total.saturating_sub(first.max(1)),
            ),
        }
    }
}

/// A folder as it is: UIDVALIDITY, EXISTS, the highest UID.
#[derive(Clone, Copy)]
struct State {
    uid_validity: u32,
    exists: u32,
    highest: u32,
}

impl State {
    fn fits(self, listing: &Listing) -> bool {
        listing.is_of(self.uid_validity, self.exists, self.highest)
    }
}

/// Runs commands that change nothing in the folder that is open as `before`, and tells as which
/// folder they found it: `None` where it changed in the meantime. One that `was_open` for longer may
/// have changed already.
async fn look(
    connection: &mut Connection,
    before: &Selected,
    was_open: bool,
    commands: Vec<Command>,
) -> Result<(Option<State>, Vec<Answer>), ImapError> {
    let mut round = Vec::with_capacity(commands.len() + 2);
    if was_open {
        // What came since.
        round.push(Command::new("NOOP"));
    }
    round.push(Command::new("UID FETCH").raw(" * (UID)"));
    round.extend(commands);
    let answers: Vec<Answer> = connection
        .run_all(&round)
        .await?
        .into_iter()
        .collect::<Result<_, _>>()?;
    let now = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
    let highest = answers
        .iter()
        .flat_map(|answer| &answer.untagged)
        .filter_map(|data| match data {
            Untagged::Fetch(fetched) => fetched.uid,
            _ => None,
        })
        .max();
    let rested = now.exists == before.exists && now.removals == before.removals;
    let state = rested.then_some(State {
        uid_validity: now.uid_validity,
        exists: now.exists,
        highest: highest.unwrap_or_default(),
    });
    Ok((state, answers))
}

async fn open(connection: &mut Connection, mailbox: &Mailbox) -> Result<Selected, ImapError> {
    let place = Place {
        mailbox,
        expected: None,
        highest: 0,
    };
    connection.enter(place).await
}

/// The folder open and up to date.
async fn settle(connection: &mut Connection, mailbox: &Mailbox) -> Result<Selected, ImapError> {
    if connection.is_in(mailbox) {
        connection.run(Command::new("NOOP")).await?;
        connection.selected().cloned().ok_or(ImapError::NoFolder)
    } else {
        open(connection, mailbox).await
    }
}

/// Who belongs together, and whether that is about all messages.
async fn gather(
    connection: &mut Connection,
    selected: &Selected,
    grouping: Grouping,
) -> Result<(Conversations, bool), ImapError> {
    if selected.exists == 0 {
        return Ok((Conversations::default(), true));
    }
    if grouping == Grouping::Best && connection.capabilities().has("THREAD=REFS") {
        let first = newest(selected.exists, SERVER_WINDOW);
        let which = if first == 1 {
            "ALL".to_owned()
        } else {
            format!("{first}:*")
        };
        let command = Command::new("UID THREAD").raw(&format!(" REFS UTF-8 {which}"));
        match connection.run(command.patiently()).await {
            Ok(answer) => {
                let found = answer.untagged.into_iter().find_map(|data| match data {
                    Untagged::Thread(found) => Some(found),
                    _ => None,
                });
                if let Some(found) = found.filter(|found| !found.is_empty()) {
                    return Ok((found, first == 1));
                }
                tracing::info!("the server's THREAD cannot be read");
            }
            Err(ImapError::Refused { code, .. }) => {
                tracing::info!(?code, "the server refuses THREAD");
            }
            Err(error) => return Err(error),
        }
    }
    let conversations = gather_own(connection, selected.exists).await?;
    Ok((conversations, selected.exists <= OWN_WINDOW))
}

/// The sequence number at which the newest `count` messages begin.
fn newest(exists: u32, count: u32) -> u32 {
    exists.saturating_sub(count).saturating_add(1)
}

/// By the headers of the newest messages.
async fn gather_own(connection: &mut Connection, exists: u32) -> Result<Conversations, ImapError> {
    let mut threader = Threader::default();
    let mut seen = HashSet::new();
    let mut first = newest(exists, OWN_WINDOW);
    while first <= exists {
        let last = first.saturating_add(HEADERS_AT_ONCE - 1).min(exists);
        let command = Command::new("FETCH").raw(&format!(" {first}:{last} {}", name_items()));
        for (uid, date, named) in names(connection.run(command).await?) {
            if seen.insert(uid) {
                threader.add(uid, date, &named);
            }
        }
        first = last.saturating_add(1);
    }
    let mut found = Conversations::default();
    for conversation in threader.conversations() {
        found.push(&conversation.members);
    }
    Ok(found)
}

/// The conversations at the positions from `first` to `last`, without what their rows show.
fn window(listing: &Listing, first: u32, last: u32) -> RawConversations {
    let total = u32::try_from(listing.conversations.len()).unwrap_or(u32::MAX);
    let end = last
        .saturating_add(1)
        .min(total)
        .min(first.saturating_add(WINDOW_LIMIT));
    let rows = (first..end)
        .filter_map(|position| usize::try_from(position).ok())
        .map(|position| RawConversationRow {
            uids: listing.conversations.get(position).to_vec(),
            ..RawConversationRow::default()
        })
        .collect();
    RawConversations {
        uid_validity: listing.uid_validity,
        messages: listing.exists,
        total,
        complete: listing.complete,
        first,
        rows,
    }
}

/// Of each conversation the UID of the newest, and those before it that are looked at.
fn chosen(found: &RawConversations) -> Vec<(u32, &[u32])> {
    let mut room = ALL_OTHERS;
    found
        .rows
        .iter()
        .filter_map(|row| {
            let (newest, before) = row.uids.split_last()?;
            let count = before.len().min(OTHERS).min(room);
            room -= count;
            let others = before.get(before.len() - count..).unwrap_or_default();
            Some((*newest, others))
        })
        .collect()
}

/// Rows by their UIDs, from what is known and whatever FETCH responses there are: a message that is
/// in none of them has gone. Those without a section are news of flags alone, or the answer about `*`.
pub(super) fn by_uid(
    answers: Vec<Answer>,
    mut known: HashMap<u32, RawRow>,
) -> HashMap<u32, RawRow> {
    let mut rows: HashMap<u32, RawRow> = HashMap::new();
    let mut whole = HashSet::new();
    for data in answers.into_iter().flat_map(|answer| answer.untagged) {
        if let Untagged::Fetch(fetched) = data
            && let Some(uid) = fetched.uid
        {
            let is_known = known
                .remove(&uid)
                .map(|row| rows.insert(uid, row))
                .is_some();
            if is_known || !fetched.sections.is_empty() {
                whole.insert(uid);
            }
            window::merge(rows.entry(uid).or_default(), *fetched);
        }
    }
    rows.retain(|uid, _| whole.contains(uid));
    rows
}
