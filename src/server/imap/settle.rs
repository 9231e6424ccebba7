//! Seeing to it that the server lists what was just done to a folder. With Dovecot another
//! connection of the same person can get in between, most easily one that waits for changes: its
//! look at the disk comes into the index of folders after the change, which is then not listed
//! until a folder is changed again or somebody runs into the contradiction; or it opens a folder
//! while that is deleted, and half of it stays, or all of it, empty. So the contradiction is run
//! into here, and what stayed is deleted again where it is empty.

use super::answer::{Listed, Untagged};
use super::connection::Connection;
use super::error::ImapError;
use super::select::Place;
use super::view::Mailbox;
use super::wire::Command;

/// How often the contradiction is run into before the server is believed.
const TRIES: usize = 4;

impl Connection {
    /// A folder has been made: lists it until it is there.
    pub async fn settle_made(&mut self, mailbox: &Mailbox) -> Result<(), ImapError> {
        for _ in 0..TRIES {
            if self.find_listed(mailbox).await?.is_some() {
                break;
            }
            let again = Command::new("CREATE").string(&mailbox.wire);
            unless_broken(self.run(again).await)?;
        }
        Ok(())
    }

    /// A folder has been deleted, or is called something else now: lists it until it is gone.
    pub async fn settle_gone(&mut self, mailbox: &Mailbox) -> Result<(), ImapError> {
        for _ in 0..TRIES {
            let Some(listed) = self.find_listed(mailbox).await? else {
                break;
            };
            if listed.is_selectable() {
                match self.enter(place(mailbox)).await {
                    Ok(found) if found.exists == 0 => {}
                    // Somebody has made it anew.
                    Ok(_) => break,
                    refusal => {
                        unless_broken(refusal)?;
                        continue;
                    }
                }
                // Some servers break off what is in a folder that is deleted.
                unless_broken(self.enter(place(&Mailbox::inbox())).await)?;
            } else {
                // Half of it: a mere level can only be deleted as a folder.
                let create = Command::new("CREATE").string(&mailbox.wire);
                unless_broken(self.run(create).await)?;
            }
            let again = Command::new("DELETE").string(&mailbox.wire);
            unless_broken(self.run(again).await)?;
        }
        Ok(())
    }

    /// What the server's list says of the folder.
    async fn find_listed(&mut self, mailbox: &Mailbox) -> Result<Option<Listed>, ImapError> {
        // A name with a wildcard in it, which cannot be quoted, lists others, too.
        let list = Command::new("LIST").raw(" \"\"").string(&mailbox.wire);
        let answer = self.run(list).await?;
        Ok(answer.untagged.into_iter().find_map(|data| match data {
            Untagged::List(entry) if entry.wire == mailbox.wire => Some(entry),
            _ => None,
        }))
    }
}

fn place(mailbox: &Mailbox) -> Place<'_> {
    Place {
        mailbox,
        expected: None,
        highest: 0,
    }
}

/// A refusal is what is expected here.
fn unless_broken<T>(result: Result<T, ImapError>) -> Result<(), ImapError> {
    match result {
        Err(error) if error.is_broken_connection() => Err(error),
        _ => Ok(()),
    }
}
