//! The folder list: names, roles, subscriptions and counts, in one round where the server can
//! (LIST-EXTENDED, RFC 5258; LIST-STATUS, RFC 5819; SPECIAL-USE, RFC 6154), else in two.

use super::answer::{Answer, Counts, Listed, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::select::Place;
use super::tree::arrange;
use super::view::Mailbox;
use super::wire::Command;
use crate::model::Folder;
use std::collections::HashSet;

/// Folders whose messages are counted by a STATUS each, where the server has no LIST-STATUS.
const STATUS_LIMIT: usize = 200;

/// What the server told.
struct Told {
    listed: Vec<Listed>,
    subscribed: Option<HashSet<String>>,
    counts: Vec<Counts>,
}

impl Engine {
    /// All folders, in the order they are shown, with their counts.
    pub async fn folders(&self) -> Result<Vec<Folder>, ImapError> {
        // Counting in a large folder that is not open costs the server as much as opening it, and
        // INBOX is the large one nearly always.
        let inbox = self.mailbox("INBOX")?;
        let told = on_connection!(self, Some(&inbox), Retry::Once, |connection| async {
            open_inbox(connection, &inbox).await?;
            tell(connection).await
        })?;
        let folders = arrange(&told.listed, told.subscribed.as_ref(), &told.counts);
        self.remember(&told.listed, &folders);
        Ok(folders)
    }
}

/// Opens INBOX; where it is open, lets the server look for what is new, which it would not do for
/// counting. A mailbox without INBOX has folders all the same.
async fn open_inbox(connection: &mut Connection, inbox: &Mailbox) -> Result<(), ImapError> {
    if connection.is_in(inbox) {
        connection.run(Command::new("NOOP")).await?;
        return Ok(());
    }
    let place = Place {
        mailbox: inbox,
        expected: None,
        highest: 0,
    };
    match connection.enter(place).await {
        Ok(_) | Err(ImapError::NoFolder) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn tell(connection: &mut Connection) -> Result<Told, ImapError> {
    let offered = connection.capabilities();
    if offered.has("LIST-EXTENDED") && offered.has("LIST-STATUS") {
        let special = if offered.has("SPECIAL-USE") {
            "SPECIAL-USE "
        } else {
            ""
        };
        let list = Command::new("LIST").raw(&format!(
            " \"\" \"*\" RETURN ({special}SUBSCRIBED STATUS (MESSAGES UNSEEN))"
        ));
        let (listed, counts) = sort_out(connection.run(list.patiently()).await?);
        return Ok(Told {
            listed,
            subscribed: None,
            counts,
        });
    }
    let (listed, _) = sort_out(
        connection
            .run(Command::new("LIST").raw(" \"\" \"*\""))
            .await?,
    );
    let mut round = vec![Command::new("LSUB").raw(" \"\" \"*\"")];
    let selectable = listed.iter().filter(|entry| {
        !entry
            .attributes
            .iter()
            .any(|name| name == "\\noselect" || name == "\\nonexistent")
    });
    round.extend(selectable.take(STATUS_LIMIT).map(|entry| {
        Command::new("STATUS")
            .string(&entry.wire)
            .raw(" (MESSAGES UNSEEN)")
            .patiently()
    }));
    // A folder that cannot be counted is shown without its count. What stands before which tagged
    // response is the server's choice, so each kind is taken wherever it stands.
    let mut subscribed = HashSet::new();
    let mut counts = Vec::new();
    for answer in connection.run_all(round).await?.into_iter().flatten() {
        let (entries, counted) = sort_out(answer);
        subscribed.extend(entries.into_iter().map(|entry| entry.wire));
        counts.extend(counted);
    }
    Ok(Told {
        listed,
        subscribed: Some(subscribed),
        counts,
    })
}

fn sort_out(answer: Answer) -> (Vec<Listed>, Vec<Counts>) {
    let mut listed = Vec::new();
    let mut counts = Vec::new();
    for data in answer.untagged {
        match data {
            Untagged::List(entry) => listed.push(entry),
            Untagged::Status(found) => counts.push(found),
            _ => {}
        }
    }
    (listed, counts)
}
