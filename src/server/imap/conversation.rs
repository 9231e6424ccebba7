//! One conversation whole: what is in the folder, and what the person wrote, which is in Sent (or,
//! seen from Sent, what came to INBOX).
//!
//! The other folder is searched by the ids that the conversation names. A server without an index
//! reads the header of every message for that, so it is asked about a bounded time and about few
//! ids, and not waited for long: what was found until then is shown. What a search finds holds the
//! id somewhere in a field; `mail::threading` decides.

use super::answer::{Answer, Untagged};
use super::connection::Connection;
use super::conversations::{Grouping, by_uid};
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::select::Place;
use super::view::Mailbox;
use super::window::{RawRow, items_with};
use super::wire::{Command, uid_sets};
use crate::mail::header::Header;
use crate::mail::threading::{Named, Threader};
use crate::model::FolderRole;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::timeout;

/// Messages of a folder that are shown of one conversation: the newest, and the one that is open.
const MEMBERS: usize = 200;
/// Ids that are searched for.
const IDS: usize = 20;
/// Longest id that is searched for.
const ID_LENGTH: usize = 250;
/// How long the other folder may take.
const WAIT: Duration = Duration::from_secs(3);
const DAY: i64 = 86_400;
/// How much earlier than its first message here the conversation may have begun elsewhere.
const BEGAN_BEFORE: i64 = 90 * DAY;

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawConversation {
    /// By date of arrival.
    pub members: Vec<RawMember>,
    /// `false` where there may be more: very many messages, or a folder that took too long.
    pub complete: bool,
}

/// One message of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMember {
    pub folder: String,
    pub uid_validity: u32,
    pub row: RawRow,
}

/// What one folder has of it.
struct Share {
    uid_validity: u32,
    rows: Vec<(RawRow, Named)>,
    /// UIDs of which the folder's listing says that they belong together.
    joined: HashSet<u32>,
    complete: bool,
}

impl Engine {
    /// The conversation to which the message `uid` of `folder` belongs.
    pub async fn conversation(
        &self,
        folder: &str,
        uid_validity: Option<u32>,
        uid: u32,
        grouping: Grouping,
    ) -> Result<RawConversation, ImapError> {
        let here = self.mailbox(folder)?;
        let mut share = on_connection!(self, Some(&here), Retry::Once, |connection| async {
            self.share(connection, &here, uid_validity, uid, grouping)
                .await
        })?;
        let other = self.other_folder(&here).await;
        let mut there = None;
        if let Some(mailbox) = &other {
            let query = Query::of(&share.rows);
            // A search that takes too long costs its connection.
            let search = timeout(WAIT, async {
                on_connection!(self, Some(mailbox), Retry::Once, |connection| async {
                    related(connection, mailbox, &query).await
                })
            });
            match search.await {
                Ok(Ok(found)) => there = Some(found),
                Ok(Err(error)) => {
                    tracing::info!(%error, "the other half of a conversation was not found");
                    share.complete = false;
                }
                Err(_) => share.complete = false,
            }
        }
        let others = other.zip(there);
        Ok(assemble(&here, uid, share, others))
    }

    /// What the folder itself has.
    async fn share(
        &self,
        connection: &mut Connection,
        mailbox: &Mailbox,
        expected: Option<u32>,
        uid: u32,
        grouping: Grouping,
    ) -> Result<Share, ImapError> {
        let listing = self.listing(connection, mailbox, grouping).await?;
        if expected.is_some_and(|expected| expected != listing.uid_validity) {
            return Err(ImapError::FolderChanged);
        }
        let members = listing
            .conversations
            .iter()
            .find(|members| members.contains(&uid));
        let mut uids: Vec<u32> = members.unwrap_or(&[uid]).to_vec();
        let surplus = uids.len().saturating_sub(MEMBERS);
        uids.drain(..surplus);
        if !uids.contains(&uid) {
            uids.insert(0, uid);
        }
        let mut rows = details(connection, &uids).await?;
        if !rows.iter().any(|(row, _)| row.uid == uid) {
            return Err(ImapError::NoMessage);
        }
        let mut complete = surplus == 0;
        if members.is_none() || !listing.complete {
            // Older than what the listing knows, or some of it is.
            let query = Query::of(&rows);
            let more = related(connection, mailbox, &query).await?;
            complete &= more.complete;
            let known: HashSet<u32> = rows.iter().map(|(row, _)| row.uid).collect();
            let fresh = more.rows.into_iter();
            rows.extend(fresh.filter(|(row, _)| !known.contains(&row.uid)));
        }
        Ok(Share {
            uid_validity: listing.uid_validity,
            rows,
            joined: uids.into_iter().collect(),
            complete,
        })
    }

    /// Sent, or INBOX where Sent is what one looks at.
    async fn other_folder(&self, here: &Mailbox) -> Option<Mailbox> {
        let sent = self.role_folder(FolderRole::Sent, false).await.ok()?;
        if here.name == sent {
            self.mailbox("INBOX").ok()
        } else {
            self.mailbox(&sent).ok()
        }
    }
}

/// What the rows of these messages show, and what they name.
async fn details(
    connection: &mut Connection,
    uids: &[u32],
) -> Result<Vec<(RawRow, Named)>, ImapError> {
    let items = items_with(connection, true, " MESSAGE-ID REFERENCES IN-REPLY-TO");
    let commands: Vec<Command> = uid_sets(uids)
        .into_iter()
        .map(|set| Command::new("UID FETCH").raw(&format!(" {set} {items}")))
        .collect();
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let answers = connection.run_all(commands).await?;
    let answers: Vec<Answer> = answers.into_iter().collect::<Result<_, _>>()?;
    let mut found = by_uid(answers);
    Ok(uids
        .iter()
        .filter_map(|uid| found.remove(uid))
        .map(|row| {
            let named = Named::from_header(&Header::parse(&row.header));
            (row, named)
        })
        .collect())
}

/// What to search for in a folder.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    /// Field and id.
    keys: Vec<(&'static str, String)>,
    /// Nothing that arrived before this day.
    since: i64,
}

impl Query {
    fn of(rows: &[(RawRow, Named)]) -> Self {
        let present: HashSet<&str> = rows
            .iter()
            .filter_map(|(_, named)| named.message_id.as_deref())
            .collect();
        // First what the conversation began with, which answers keep naming; then its messages, the
        // newest first; then whatever else they name.
        let begun = rows
            .iter()
            .filter_map(|(_, named)| named.references.first());
        let own = rows
            .iter()
            .rev()
            .filter_map(|(_, named)| named.message_id.as_ref());
        let named = rows
            .iter()
            .rev()
            .flat_map(|(_, named)| named.references.iter().rev());
        let mut seen = HashSet::new();
        let ids: Vec<&str> = begun
            .chain(own)
            .chain(named)
            .map(String::as_str)
            .filter(|id| id.len() <= ID_LENGTH && seen.insert(*id))
            .collect();
        let mut keys = Vec::new();
        for id in ids.iter().take(IDS) {
            keys.push(("References", (*id).to_owned()));
            keys.push(("In-Reply-To", (*id).to_owned()));
        }
        let missing: Vec<&str> = ids.into_iter().filter(|id| !present.contains(id)).collect();
        for id in missing.iter().take(IDS) {
            keys.push(("Message-ID", (*id).to_owned()));
        }
        let first = rows
            .iter()
            .map(|(row, _)| row.internal_date)
            .filter(|date| *date > 0)
            .min()
            .unwrap_or_default();
        let before = if missing.is_empty() {
            DAY
        } else {
            BEGAN_BEFORE
        };
        Self {
            keys,
            since: first.saturating_sub(before),
        }
    }

    /// `None` where nothing is named that could be found.
    fn command(&self) -> Option<Command> {
        if self.keys.is_empty() {
            return None;
        }
        let mut command = Command::new("UID SEARCH");
        if let Ok(day) = jiff::Timestamp::from_second(self.since)
            && self.since > 0
        {
            command = command.raw(&format!(" SINCE {}", day.strftime("%-d-%b-%Y")));
        }
        Some(any(command, &self.keys))
    }
}

/// One of the keys, as OR of halves: no server has to nest deeper than a few levels.
fn any(command: Command, keys: &[(&'static str, String)]) -> Command {
    match keys {
        [] => command,
        [(field, id)] => command.raw(&format!(" HEADER {field}")).string(id),
        keys => {
            let (left, right) = keys.split_at_checked(keys.len() / 2).unwrap_or((keys, &[]));
            any(any(command.raw(" OR"), left), right)
        }
    }
}

/// The messages of a folder that name one of the ids.
async fn related(
    connection: &mut Connection,
    mailbox: &Mailbox,
    query: &Query,
) -> Result<Share, ImapError> {
    // Also what came since this connection last looked: no UID is in view that high.
    let place = Place {
        mailbox,
        expected: None,
        highest: u32::MAX,
    };
    let commands: Vec<Command> = query.command().into_iter().collect();
    let (selected, answers) = connection.run_in(place, commands).await?;
    let mut uids: Vec<u32> = answers
        .into_iter()
        .flat_map(|answer| answer.untagged)
        .filter_map(|data| match data {
            Untagged::Search(found) => Some(found),
            _ => None,
        })
        .flatten()
        .collect();
    uids.sort_unstable();
    uids.dedup();
    let surplus = uids.len().saturating_sub(MEMBERS);
    uids.drain(..surplus);
    let rows = details(connection, &uids).await?;
    Ok(Share {
        uid_validity: selected.uid_validity,
        rows,
        joined: HashSet::new(),
        complete: surplus == 0,
    })
}

/// Puts the halves together: what belongs to the message `uid`, by date, and of two copies of one
/// mail the one that is here.
fn assemble(
    here: &Mailbox,
    uid: u32,
    share: Share,
    other: Option<(Mailbox, Share)>,
) -> RawConversation {
    let mut complete = share.complete;
    let ids: HashSet<String> = share
        .rows
        .iter()
        .filter_map(|(_, named)| named.message_id.clone())
        .collect();
    let mut threader = Threader::default();
    let mut candidates: Vec<RawMember> = Vec::new();
    for (row, named) in share.rows {
        threader.add(candidates.len(), row.internal_date, &named);
        candidates.push(RawMember {
            folder: here.name.clone(),
            uid_validity: share.uid_validity,
            row,
        });
    }
    threader.join_all(|index| {
        candidates
            .get(*index)
            .is_some_and(|member| share.joined.contains(&member.row.uid))
    });
    if let Some((mailbox, share)) = other {
        complete &= share.complete;
        for (row, named) in share.rows {
            if named.message_id.as_ref().is_none_or(|id| !ids.contains(id)) {
                threader.add(candidates.len(), row.internal_date, &named);
                candidates.push(RawMember {
                    folder: mailbox.name.clone(),
                    uid_validity: share.uid_validity,
                    row,
                });
            }
        }
    }
    let wanted = candidates
        .iter()
        .position(|member| member.folder == here.name && member.row.uid == uid);
    let members = threader
        .conversations()
        .into_iter()
        .map(|conversation| conversation.members)
        .find(|members| wanted.is_some_and(|wanted| members.contains(&wanted)))
        .unwrap_or_default();
    let mut candidates: Vec<Option<RawMember>> = candidates.into_iter().map(Some).collect();
    let members = members
        .into_iter()
        .filter_map(|index| candidates.get_mut(index).and_then(Option::take))
        .collect();
    RawConversation { members, complete }
}
