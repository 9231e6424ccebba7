//! Seeing to it that the server lists what was just done to a folder. With Dovecot another
//! connection of the same person can get in between, most easily one that waits for changes: it
//! reads the disk a moment before the change and takes back the mark by which the index of folders
//! is to be read anew, so that the change is not listed until somebody runs into the
//! contradiction; or it opens a folder while that is deleted, and half of it stays, or all of it,
//! empty. So the contradiction is run into here, and what stayed is deleted again where it is
//! empty.
//!
//! All of it is a kindness after what was asked for is done: it is bounded in time, and that it
//! fails is nobody's error.

use super::answer::{Listed, Untagged};
use super::connection::Connection;
use super::error::ImapError;
use super::view::Mailbox;
use super::wire::Command;
use std::time::Duration;
use tokio::time::timeout;

/// How often the contradiction is run into before the server is believed.
const TRIES: usize = 4;
/// People wait for it, and Dovecot has been seen to wait half a minute for a lock on a folder that
/// is half deleted.
const PATIENCE: Duration = Duration::from_secs(3);

impl Connection {
    /// A folder has been made: lists it until it is there.
    pub async fn settle_made(&mut self, made: &Mailbox) {
        // Being broken off ends the connection, which the pool sees.
        let _ = timeout(PATIENCE, self.run_into_made(made)).await;
    }

    /// Folders have been deleted, or are called something else now: lists them until they are
    /// gone. The deepest stand first.
    pub async fn settle_gone(&mut self, gone: &[&Mailbox]) {
        let _ = timeout(PATIENCE, self.run_into_gone(gone)).await;
    }

    async fn run_into_made(&mut self, made: &Mailbox) -> Result<(), ImapError> {
        for _ in 0..TRIES {
            if !self.listed_of(&[made]).await?.is_empty() {
                break;
            }
            unless_broken(self.run(create(made)).await)?;
        }
        Ok(())
    }

    async fn run_into_gone(&mut self, gone: &[&Mailbox]) -> Result<(), ImapError> {
        let mut left = gone.to_vec();
        for _ in 0..TRIES {
            let listed = self.listed_of(&left).await?;
            left.retain(|mailbox| listed.iter().any(|entry| entry.wire == mailbox.wire));
            if left.is_empty() {
                break;
            }
            for entry in listed {
                let Some(mailbox) = left.iter().find(|mailbox| mailbox.wire == entry.wire) else {
                    continue;
                };
                self.run_into_one(mailbox, entry.is_selectable()).await?;
            }
        }
        Ok(())
    }

    /// Runs into one folder that should be gone and is listed.
    async fn run_into_one(&mut self, gone: &Mailbox, selectable: bool) -> Result<(), ImapError> {
        if selectable {
            let status = Command::new("STATUS").string(&gone.wire).raw(" (MESSAGES)");
            let answer = match self.run(status).await {
                Ok(answer) => answer,
                refusal => return unless_broken(refusal),
            };
            let empty = answer.untagged.iter().any(|data| {
                matches!(data, Untagged::Status(counts)
                    if counts.wire == gone.wire && counts.messages == Some(0))
            });
            if !empty {
                // Somebody has made it anew.
                return Ok(());
            }
        } else {
            // Half of it: a mere level can only be deleted as a folder.
            unless_broken(self.run(create(gone)).await)?;
        }
        let again = Command::new("DELETE").string(&gone.wire);
        unless_broken(self.run(again).await)
    }

    /// What the server's list says of the folders, in one round.
    async fn listed_of(&mut self, mailboxes: &[&Mailbox]) -> Result<Vec<Listed>, ImapError> {
        let list = |mailbox: &&Mailbox| Command::new("LIST").raw(" \"\"").string(&mailbox.wire);
        let answers = self.run_all(mailboxes.iter().map(list).collect()).await?;
        let mut listed: Vec<Listed> = Vec::new();
        for data in answers
            .into_iter()
            .flatten()
            .flat_map(|answer| answer.untagged)
        {
            // A name with a wildcard in it, which cannot be quoted, lists others, too.
            if let Untagged::List(entry) = data
                && mailboxes.iter().any(|mailbox| mailbox.wire == entry.wire)
                && listed.iter().all(|known| known.wire != entry.wire)
            {
                listed.push(entry);
            }
        }
        Ok(listed)
    }
}

fn create(mailbox: &Mailbox) -> Command {
    Command::new("CREATE").string(&mailbox.wire)
}

/// A refusal is what is expected here.
fn unless_broken<T>(result: Result<T, ImapError>) -> Result<(), ImapError> {
    match result {
        Err(error) if error.is_broken_connection() => Err(error),
        _ => Ok(()),
    }
}
