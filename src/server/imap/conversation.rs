//! One conversation whole: what is in the folder, and what the person wrote, which is in Sent (or,
//! seen from Sent, what came to INBOX).
//!
//! Not by SEARCH HEADER: where a full-text index answers it, ids are cut into words, and what is
//! there is not found (Dovecot with fts_xapian finds no References at all, and no long
//! Message-IDs); where there is none, the server reads the header of every message. So the other
//! folder is asked which messages arrived around the time of the conversation, which every server
//! knows at once, and what those name; `mail::threading` decides. Bounded in time and number: what
//! was found until then is shown.

use super::answer::{Answer, Untagged};
use super::connection::Connection;
use super::conversations::{Grouping, by_uid};
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::names::names_of;
use super::select::Place;
use super::view::Mailbox;
use super::window::{RawRow, items_with};
use super::wire::{Command, uid_sets};
use crate::mail::header::Header;
use crate::mail::threading::{Named, Threader};
use crate::model::FolderRole;
use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::timeout;

/// Messages of a folder that are shown of one conversation: the newest, and the one that is open.
const MEMBERS: usize = 200;
/// Messages around the time of the conversation that are asked what they name.
const CANDIDATES: usize = 2_000;
/// How long the other folder may take.
const WAIT: Duration = Duration::from_secs(3);
const DAY: i64 = 86_400;
/// How long before its first message here a conversation may have begun elsewhere, and how long
/// after the last one it may go on there; and closer, where so many messages came in that time.
const AROUND: [(i64, i64); 2] = [(90 * DAY, 31 * DAY), (2 * DAY, 7 * DAY)];

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

/// A message with what it names.
type Known = (RawRow, Named);

/// What one folder has of it.
struct Share {
    uid_validity: u32,
    rows: Vec<Known>,
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
        let mut members = Vec::new();
        if let Some(other) = self.other_folder(&here).await {
            // A search that takes too long costs its connection.
            let search = timeout(WAIT, async {
                on_connection!(self, Some(&other), Retry::Once, |connection| async {
                    related(connection, &other, &share.rows, &HashSet::new()).await
                })
            });
            match search.await {
                Ok(Ok(found)) => {
                    share.complete &= found.complete;
                    members = found.members(&other).collect();
                }
                Ok(Err(error)) => {
                    tracing::info!(%error, "the other half of a conversation was not found");
                    share.complete = false;
                }
                Err(_) => share.complete = false,
            }
        }
        let complete = share.complete;
        members.extend(share.members(&here));
        members.sort_by_key(|member| member.row.internal_date);
        Ok(RawConversation { members, complete })
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
            let known: HashSet<u32> = rows.iter().map(|(row, _)| row.uid).collect();
            let more = related(connection, mailbox, &rows, &known).await?;
            complete &= more.complete;
            rows.extend(more.rows);
        }
        Ok(Share {
            uid_validity: listing.uid_validity,
            rows,
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
    let answers = connection.run_all(&commands).await?;
    let answers: Vec<Answer> = answers.into_iter().collect::<Result<_, _>>()?;
    let mut found = by_uid(answers, HashMap::new());
    Ok(uids
        .iter()
        .filter_map(|uid| found.remove(uid))
        .map(|row| {
            let named = Named::from_header(&Header::parse(&row.header));
            (row, named)
        })
        .collect())
}

/// The messages of a folder that belong to the conversation of `known`, without those of the UIDs
/// in `skip`, and without further copies of a mail.
async fn related(
    connection: &mut Connection,
    mailbox: &Mailbox,
    known: &[Known],
    skip: &HashSet<u32>,
) -> Result<Share, ImapError> {
    let ids: HashSet<&str> = known
        .iter()
        .filter_map(|(_, named)| named.message_id.as_deref())
        .collect();
    let (uid_validity, candidates, mut complete) = around(connection, mailbox, known).await?;
    let mut threader = Threader::default();
    for (index, (row, named)) in known.iter().enumerate() {
        threader.add(Key::Known(index), row.internal_date, named);
    }
    // The folder's listing says that they are one.
    threader.join_all(|_| true);
    for (uid, date, named) in names_of(connection, &candidates).await? {
        let copy = named
            .message_id
            .as_deref()
            .is_some_and(|id| ids.contains(id));
        if !copy && !skip.contains(&uid) {
            threader.add(Key::Candidate(uid), date, &named);
        }
    }
    let mut uids: Vec<u32> = threader
        .conversations()
        .into_iter()
        .map(|conversation| conversation.members)
        .find(|members| members.contains(&Key::Known(0)))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|key| match key {
            Key::Known(_) => None,
            Key::Candidate(uid) => Some(uid),
        })
        .collect();
    let surplus = uids.len().saturating_sub(MEMBERS);
    uids.drain(..surplus);
    complete &= surplus == 0;
    let rows = details(connection, &uids).await?;
    Ok(Share {
        uid_validity,
        rows,
        complete,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Known(usize),
    Candidate(u32),
}

/// UIDVALIDITY of a folder, the messages in it that arrived around the time of `known`, and whether
/// that is all of them.
async fn around(
    connection: &mut Connection,
    mailbox: &Mailbox,
    known: &[Known],
) -> Result<(u32, Vec<u32>, bool), ImapError> {
    // Also what came since this connection last looked: no UID is in view that high.
    let place = Place {
        mailbox,
        expected: None,
        highest: u32::MAX,
    };
    let mut found = (0, Vec::new(), true);
    for (index, (before, after)) in AROUND.into_iter().enumerate() {
        let command = Command::new("UID SEARCH").raw(&span(known, before, after));
        let (selected, answers) = connection.run_in(place, vec![command]).await?;
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
        let surplus = uids.len().saturating_sub(CANDIDATES);
        uids.drain(..surplus);
        found = (selected.uid_validity, uids, index == 0 && surplus == 0);
        if surplus == 0 {
            break;
        }
    }
    Ok(found)
}

/// The days in question, as search keys (RFC 9051, section 6.4.4).
fn span(known: &[Known], before: i64, after: i64) -> String {
    let dates = || {
        known
            .iter()
            .map(|(row, _)| row.internal_date)
            .filter(|date| *date > 0)
    };
    let day = |epoch: i64| {
        let moment = jiff::Timestamp::from_second(epoch).ok()?;
        Some(moment.strftime("%-d-%b-%Y").to_string())
    };
    let mut keys = String::new();
    if let Some(day) = dates().min().and_then(|first| day((first - before).max(0))) {
        keys.push_str(" SINCE ");
        keys.push_str(&day);
    }
    if let Some(day) = dates().max().and_then(|last| day(last.checked_add(after)?)) {
        keys.push_str(" BEFORE ");
        keys.push_str(&day);
    }
    if keys.is_empty() {
        keys.push_str(" ALL");
    }
    keys
}

impl Share {
    fn members(self, mailbox: &Mailbox) -> impl Iterator<Item = RawMember> {
        self.rows.into_iter().map(move |(row, _)| RawMember {
            folder: mailbox.name.clone(),
            uid_validity: self.uid_validity,
            row,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_around_a_conversation() {
        let known = |dates: &[i64]| -> Vec<Known> {
            let row = |date: &i64| RawRow {
                internal_date: *date,
                ..RawRow::default()
            };
            dates
                .iter()
                .map(|date| (row(date), Named::default()))
                .collect()
        };
        let noon = 1_795_521_600;
        assert_eq!(
            span(&known(&[noon, 0, noon - 3 * DAY]), 2 * DAY, 7 * DAY),
            " SINCE 19-Nov-2026 BEFORE 1-Dec-2026"
        );
        assert_eq!(span(&known(&[0]), DAY, DAY), " ALL");
        assert_eq!(
            span(&known(&[5]), DAY, DAY),
            " SINCE 1-Jan-1970 BEFORE 2-Jan-1970"
        );
        assert_eq!(span(&known(&[i64::MAX]), DAY, DAY), " ALL");
    }
}
