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
use tokio::time::{sleep, timeout};

/// How often the contradiction is run into before the server is believed.
const TRIES: usize = 4;
/// People wait for it, and Dovecot has been seen to wait half a minute for a lock on a folder that
/// is half deleted.
const PATIENCE: Duration = Duration::from_secs(3);
/// Before a folder is looked into again.
const PAUSE: Duration = Duration::from_millis(200);
/// Folders that are asked for in one round.
const ROUND: usize = 200;

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
        for attempt in 0..TRIES {
            let listed = self.listed_of(&left).await?;
            left.retain(|mailbox| listed.iter().any(|entry| entry.wire == mailbox.wire));
            if left.is_empty() {
                break;
            }
            if attempt > 0 {
                sleep(PAUSE).await;
            }
            for entry in &listed {
                if entry.is_selectable() {
                    // The first time only to run into it: a filter may be about to store in it.
                    self.delete_empty(entry, attempt > 0).await?;
                } else {
                    self.delete_level(entry).await?;
                }
            }
        }
        Ok(())
    }

    /// Looks into a folder that should be gone and can be opened, and may delete it if it is empty.
    async fn delete_empty(&mut self, entry: &Listed, delete: bool) -> Result<(), ImapError> {
        let status = Command::new("STATUS").string(&entry.wire);
        let answer = match self.run(status.raw(" (MESSAGES)")).await {
            Ok(answer) => answer,
            refusal => return unless_broken(refusal),
        };
        let empty = answer.untagged.iter().any(|data| {
            matches!(data, Untagged::Status(counts)
                if counts.wire == entry.wire && counts.messages == Some(0))
        });
        // With messages in it, somebody has made it anew.
        if !empty || !delete {
            return Ok(());
        }
        unless_broken(self.run(Command::new("DELETE").string(&entry.wire)).await)
    }

    /// Deletes half of a folder: a mere level can only be deleted as a folder, and only if nothing
    /// is below it. One that cannot be made has come again meanwhile, and the list is behind.
    async fn delete_level(&mut self, entry: &Listed) -> Result<(), ImapError> {
        if !entry
            .attributes
            .iter()
            .any(|name| name == "\\hasnochildren")
        {
            return Ok(());
        }
        match self.run(Command::new("CREATE").string(&entry.wire)).await {
            Ok(_) => self.delete_empty(entry, true).await,
            refusal => unless_broken(refusal),
        }
    }

    /// What the server's list says of the folders, in as few rounds as can be.
    async fn listed_of(&mut self, mailboxes: &[&Mailbox]) -> Result<Vec<Listed>, ImapError> {
        let list = |mailbox: &&Mailbox| Command::new("LIST").raw(" \"\"").string(&mailbox.wire);
        let mut answers = Vec::new();
        for round in mailboxes.chunks(ROUND) {
            let round: Vec<Command> = round.iter().map(list).collect();
            answers.extend(self.run_all(&round).await?);
        }
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
