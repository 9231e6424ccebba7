//! Storing a message (RFC 9051, section 6.3.12), streamed in bounded memory, and finding it again
//! by its Message-ID: an APPEND is never repeated blindly.

use super::answer::Untagged;
use super::change::found;
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::select::Place;
use super::wire::{Command, is_flag, uid_sets};
use tokio::io::AsyncRead;

/// Messages that a search found and that are looked at, at most.
const CANDIDATES: usize = 50;
/// Messages that are looked at because they came last.
const LATEST: u32 = 20;

impl Engine {
    /// Stores a message of `size` octets, read from `source`, in `folder`. Its UID, where the
    /// server tells (UIDPLUS); else [`Engine::find_by_message_id`] knows. After a failure of the
    /// connection nobody knows whether it was stored: ask that too before trying again.
    pub async fn append(
        &self,
        folder: &str,
        flags: &[&str],
        size: u64,
        source: &mut (impl AsyncRead + Unpin + Send),
    ) -> Result<Option<u32>, ImapError> {
        let told = self.append_told(folder, flags, size, source).await?;
        Ok(told.map(|(uid, _)| uid))
    }

    /// The same; the UID with its UIDVALIDITY.
    pub async fn append_told(
        &self,
        folder: &str,
        flags: &[&str],
        size: u64,
        source: &mut (impl AsyncRead + Unpin + Send),
    ) -> Result<Option<(u32, u32)>, ImapError> {
        if !flags.iter().all(|flag| is_flag(flag)) {
            return Err(ImapError::BadInput);
        }
        let mailbox = self.mailbox(folder)?;
        let flags = flags.join(" ");
        let _touching = self.touched.messages([folder]);
        let result = on_connection!(self, None, Retry::Never, |connection| async {
            let command = Command::new("APPEND")
                .string(&mailbox.wire)
                .raw(&format!(" ({flags})"));
            connection.run_streaming(command, size, source).await
        });
        self.doubt_quota();
        match result {
            Ok(answer) => match answer.code {
                Some(Code::AppendUid { uid_validity, uids }) => {
                    Ok(uids.first().map(|uid| (*uid, uid_validity)))
                }
                _ => Ok(None),
            },
            Err(error) if error == ImapError::NoFolder || error.has_code(&Code::TryCreate) => {
                self.forget_roles();
                Err(ImapError::NoFolder)
            }
            Err(error) => Err(error),
        }
    }

    /// The UID of the newest message in `folder` with the Message-ID `id`, which is without angle
    /// brackets (RFC 5322, section 3.6.4). An index of texts may know no words as long as that: what
    /// came last, as a message that was stored just now did, is looked at whether found or not.
    pub async fn find_by_message_id(
        &self,
        folder: &str,
        id: &str,
    ) -> Result<Option<u32>, ImapError> {
        let found = self.find_valid_by_message_id(folder, id).await?;
        Ok(found.map(|(uid, _)| uid))
    }

    /// The same; the UID with its UIDVALIDITY.
    pub async fn find_valid_by_message_id(
        &self,
        folder: &str,
        id: &str,
    ) -> Result<Option<(u32, u32)>, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let id = id.trim();
        if id.is_empty() || id.chars().any(char::is_control) {
            return Err(ImapError::BadInput);
        }
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            // Also what came since this connection last looked: no UID is in view that high.
            let place = Place {
                mailbox: &mailbox,
                expected: None,
                highest: u32::MAX,
            };
            connection.forget_view();
            let exists = connection.enter(place).await?.exists;
            let charset = if id.is_ascii() { "" } else { " CHARSET UTF-8" };
            let search = Command::new("UID SEARCH")
                .raw(&format!("{charset} HEADER Message-ID"))
                .string(id)
                .patiently();
            let mut searches = vec![search];
            if exists > 0 {
                let first = exists.saturating_sub(LATEST).max(1);
                searches.push(Command::new("UID SEARCH").raw(&format!(" {first}:*")));
            }
            let place = Place {
                highest: 0,
                ..place
            };
            let (selected, answers) = connection.run_in(place, searches).await?;
            let mut uids = Vec::new();
            for answer in answers {
                let mut hits = found(answer);
                hits.sort_unstable_by(|one, other| other.cmp(one));
                hits.truncate(CANDIDATES);
                uids.extend(hits);
            }
            uids.sort_unstable_by(|one, other| other.cmp(one));
            uids.dedup();
            let newest = with_message_id(connection, &uids, &format!("<{id}>")).await?;
            Ok(newest.map(|uid| (uid, selected.uid_validity)))
        })
    }
}

/// The highest of `uids` whose message has this very Message-ID. A SEARCH finds it within other
/// IDs too (RFC 9051, section 6.4.4), and a full-text index what only resembles it.
async fn with_message_id(
    connection: &mut Connection,
    uids: &[u32],
    id: &str,
) -> Result<Option<u32>, ImapError> {
    let round: Vec<Command> = uid_sets(uids)
        .into_iter()
        .map(|set| {
            Command::new("UID FETCH").raw(&format!(
                " {set} (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
            ))
        })
        .collect();
    if round.is_empty() {
        return Ok(None);
    }
    let mut newest = None;
    for answer in connection.run_all(&round).await? {
        for data in answer?.untagged {
            if let Untagged::Fetch(mut fetched) = data
                && let Some(uid) = fetched.uid.filter(|uid| uids.contains(uid))
                && let Some(header) = fetched.take("HEADER")
                && message_id(&header) == id
            {
                newest = newest.max(Some(uid));
            }
        }
    }
    Ok(newest)
}

/// The value of a header that has one field.
fn message_id(header: &[u8]) -> String {
    let header = String::from_utf8_lossy(header);
    let (_, value) = header.split_once(':').unwrap_or_default();
    value.trim().to_owned()
}
