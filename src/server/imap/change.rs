//! What changes messages that are there: flags, moving, deleting for ever. All by UID, and never
//! before the UIDVALIDITY is known to be the one the UIDs were read under.

use super::answer::{Answer, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::select::Place;
use super::view::Mailbox;
use super::wire::{Command, is_flag, uid_sets};

impl Engine {
    /// Sets or takes away `flag` (`\Seen`, `\Flagged`, `$Forwarded` …). UIDs that are no longer
    /// there are passed over.
    pub async fn set_flags(
        &self,
        folder: &str,
        uid_validity: u32,
        uids: &[u32],
        flag: &str,
        on: bool,
    ) -> Result<(), ImapError> {
        if !is_flag(flag) {
            return Err(ImapError::BadInput);
        }
        let mailbox = self.mailbox(folder)?;
        let place = place(&mailbox, uid_validity, uids);
        let _touching = self.touched.messages([folder]);
        let result = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            connection.enter(place).await?;
            store(connection, uids, flag, on).await
        });
        // Even a failure may have changed some.
        self.orderings().flags_changed();
        result
    }

    /// Moves messages into the folder `target`, and returns where they are as far as the server
    /// tells. `create`: makes the target if it is missing. [`ImapError::NoMessage`] where none of
    /// them is there any more.
    pub async fn move_messages(
        &self,
        folder: &str,
        uid_validity: u32,
        uids: &[u32],
        target: &str,
        create: bool,
    ) -> Result<Copied, ImapError> {
        let mailbox = self.mailbox(folder)?;
        let target = self.mailbox(target)?;
        let place = place(&mailbox, uid_validity, uids);
        // Some folders count otherwise, the trash mostly.
        self.doubt_quota();
        let _touching = self.touched.messages([folder, target.name.as_str()]);
        on_connection!(self, Some(&mailbox), Retry::Never, |connection| async {
            connection.enter(place).await?;
            if mailbox.name == target.name {
                return Ok(Copied::default());
            }
            let result = relocate(connection, uids, &target).await;
            match result {
                Err(error) if error.has_code(&Code::TryCreate) => {
                    self.forget_roles();
                    if !create {
                        return Err(ImapError::NoFolder);
                    }
                    // The target is the same for all sets: what was moved before it was deleted is
                    // not there any more, and passed over.
                    connection
                        .run(Command::new("CREATE").string(&target.wire))
                        .await?;
                    connection
                        .run(Command::new("SUBSCRIBE").string(&target.wire))
                        .await?;
                    relocate(connection, uids, &target).await
                }
                result => result,
            }
        })
    }

    /// UIDVALIDITY of a folder and the UIDs of all its messages.
    pub async fn all_uids(&self, folder: &str) -> Result<(u32, Vec<u32>), ImapError> {
        let mailbox = self.mailbox(folder)?;
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            // What came since this connection last looked is meant too: no UID is in view so high.
            let place = Place {
                mailbox: &mailbox,
                expected: None,
                highest: u32::MAX,
            };
            let search = vec![Command::new("UID SEARCH").raw(" ALL").patiently()];
            let (selected, answers) = connection.run_in(place, search).await?;
            let uids = answers.into_iter().flat_map(found).collect();
            Ok((selected.uid_validity, uids))
        })
    }

    /// Deletes messages for ever.
    pub async fn delete_for_ever(
        &self,
        folder: &str,
        uid_validity: u32,
        uids: &[u32],
    ) -> Result<(), ImapError> {
        let mailbox = self.mailbox(folder)?;
        let place = place(&mailbox, uid_validity, uids);
        let _touching = self.touched.messages([folder]);
        let deleted = on_connection!(self, Some(&mailbox), Retry::Never, |connection| async {
            connection.enter(place).await?;
            expunge(connection, uids).await
        });
        self.doubt_quota();
        deleted
    }
}

fn place<'a>(mailbox: &'a Mailbox, uid_validity: u32, uids: &[u32]) -> Place<'a> {
    let highest = uids.iter().copied().max().unwrap_or_default();
    Place {
        mailbox,
        expected: Some(uid_validity),
        highest,
    }
}

pub(super) async fn store(
    connection: &mut Connection,
    uids: &[u32],
    flag: &str,
    on: bool,
) -> Result<(), ImapError> {
    let sign = if on { '+' } else { '-' };
    let round: Vec<Command> = uid_sets(uids)
        .into_iter()
        .map(|set| {
            Command::new("UID STORE")
                .raw(&format!(" {set} {sign}FLAGS.SILENT ({flag})"))
                .patiently()
        })
        .collect();
    all_ok(connection, round).await.map(drop)
}

/// Runs commands in one round; the first refusal is the error.
async fn all_ok(
    connection: &mut Connection,
    round: Vec<Command>,
) -> Result<Vec<Answer>, ImapError> {
    if round.is_empty() {
        return Ok(Vec::new());
    }
    connection.run_all(&round).await?.into_iter().collect()
}

async fn relocate(
    connection: &mut Connection,
    uids: &[u32],
    target: &Mailbox,
) -> Result<Copied, ImapError> {
    let moves = connection.capabilities().has("MOVE");
    // A server without UIDPLUS does not tell whether it has copied anything.
    if !moves && !connection.capabilities().has("UIDPLUS") {
        any_there(connection, uids).await?;
    }
    let mut there = Copied::default();
    let mut left = false;
    let mut copied: Vec<String> = Vec::new();
    // One set after the other: after a refusal no further one is begun.
    for set in uid_sets(uids) {
        let name = if moves { "UID MOVE" } else { "UID COPY" };
        let command = || {
            Command::new(name)
                .raw(&format!(" {set}"))
                .string(&target.wire)
                .patiently()
        };
        let answer = match connection.run(command()).await {
            // Dovecot refuses the whole set for one that another has removed (EXPUNGEISSUED), and
            // has taken note of that now. Nothing was copied (RFC 9051, section 6.4.7), and what
            // a MOVE has moved is no longer there.
            Err(ImapError::NoMessage) => connection.run(command()).await,
            answer => answer,
        };
        let answer = match answer {
            Ok(answer) => answer,
            // The target is gone, and what was copied with it.
            Err(gone) if gone == ImapError::NoFolder || gone.has_code(&Code::TryCreate) => {
                return Err(gone);
            }
            // Those that were copied are in both folders: they leave this one, as they would have by
            // MOVE. The refusal is what is told.
            Err(refusal) if !moves && connection.is_usable() => {
                let done = within(uids, &copied);
                if !done.is_empty()
                    && let Err(error) = expunge(connection, &done).await
                {
                    tracing::warn!(%error, "messages stay where they were copied from");
                }
                return Err(refusal);
            }
            Err(error) => return Err(error),
        };
        left |= answer
            .untagged
            .iter()
            .any(|data| matches!(data, Untagged::Expunge(_) | Untagged::Vanished(_)));
        there.add(answer);
        copied.push(set);
    }
    // A UID that is not there is no error to the server (RFC 9051, section 6.4.9): its OK may be
    // to having moved nothing. What was moved is told by COPYUID, and by its leaving.
    if there.uids.is_empty() && !uids.is_empty() && !(moves && left) {
        any_there(connection, uids).await?;
    }
    if !moves {
        expunge(connection, uids).await?;
    }
    Ok(there)
}

/// Those of `uids` that are in one of the sets.
fn within(uids: &[u32], sets: &[String]) -> Vec<u32> {
    // Sets are cut from the sorted UIDs: what a set has is what lies between its first and its last.
    let ends = |set: &String| {
        let first = set.split([',', ':']).next()?.parse::<u32>().ok()?;
        let last = set.rsplit([',', ':']).next()?.parse::<u32>().ok()?;
        Some(first..=last)
    };
    let ranges: Vec<_> = sets.iter().filter_map(ends).collect();
    let there = |uid: &&u32| ranges.iter().any(|range| range.contains(uid));
    uids.iter().filter(there).copied().collect()
}

/// [`ImapError::NoMessage`] unless one of the messages is there at least.
async fn any_there(connection: &mut Connection, uids: &[u32]) -> Result<(), ImapError> {
    for set in uid_sets(uids) {
        let command = Command::new("UID SEARCH").raw(&format!(" UID {set}"));
        if !found(connection.run(command).await?).is_empty() {
            return Ok(());
        }
    }
    Err(ImapError::NoMessage)
}

/// Where messages were copied or moved to (COPYUID, RFC 9051, section 7.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    pub uid_validity: u32,
    /// Empty where the server does not tell.
    pub uids: Vec<u32>,
}

impl Copied {
    /// COPYUID stands in the tagged response of COPY and before that of MOVE (RFC 6851, section
    /// 4.3).
    fn add(&mut self, answer: Answer) {
        let codes = answer.untagged.into_iter().filter_map(|data| {
            if let Untagged::Code(code) = data {
                Some(code)
            } else {
                None
            }
        });
        for code in codes.chain(answer.code) {
            if let Code::CopyUid {
                uid_validity, to, ..
            } = code
            {
                self.uid_validity = uid_validity;
                self.uids.extend(to);
            }
        }
    }
}

/// Removes messages, and no others. Without UIDPLUS there is only EXPUNGE, which removes all that
/// are marked: what another program has marked is unmarked for that moment, and a mark set by
/// another just between the two commands is the small gap that remains.
pub(super) async fn expunge(connection: &mut Connection, uids: &[u32]) -> Result<(), ImapError> {
    const DELETED: &str = "\\Deleted";
    let by_uid = connection.capabilities().has("UIDPLUS");
    let others = if by_uid {
        Vec::new()
    } else {
        let answer = connection
            .run(Command::new("UID SEARCH").raw(" DELETED").patiently())
            .await?;
        found(answer)
            .into_iter()
            .filter(|uid| !uids.contains(uid))
            .collect()
    };
    store(connection, uids, DELETED, true).await?;
    if by_uid {
        let round = uid_sets(uids)
            .into_iter()
            .map(|set| {
                Command::new("UID EXPUNGE")
                    .raw(&format!(" {set}"))
                    .patiently()
            })
            .collect();
        return all_ok(connection, round).await.map(drop);
    }
    store(connection, &others, DELETED, false).await?;
    let expunged = connection
        .run(Command::new("EXPUNGE").patiently())
        .await
        .map(drop);
    store(connection, &others, DELETED, true).await?;
    expunged
}

/// What a SEARCH found.
pub(super) fn found(answer: Answer) -> Vec<u32> {
    answer
        .untagged
        .into_iter()
        .filter_map(|data| {
            if let Untagged::Search(found) = data {
                Some(found)
            } else {
                None
            }
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{uid_sets, within};

    #[test]
    fn what_a_set_holds_is_found_again() {
        let uids: Vec<u32> = (1..=900)
            .map(|number| number * 7_000)
            .chain([1, 2, 3])
            .collect();
        let sets = uid_sets(&uids);
        assert!(sets.len() > 2);
        assert!(within(&uids, &[]).is_empty());
        let mut first = within(&uids, &sets[..1]);
        let mut others = within(&uids, &sets[1..]);
        assert_eq!(uid_sets(&first), sets[..1]);
        assert_eq!(uid_sets(&others), sets[1..]);
        first.append(&mut others);
        assert_eq!(first.len(), uids.len());
    }
}
