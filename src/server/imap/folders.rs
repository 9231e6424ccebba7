//! The folder list: names, roles, subscriptions and counts, in one round where the server can
//! (LIST-EXTENDED, RFC 5258; LIST-STATUS, RFC 5819; SPECIAL-USE, RFC 6154), else in two. In the
//! same round, whose folders they are and how full the mailbox is, where that is not known.

use super::answer::{Answer, Counts, Listed, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::namespace::Namespaces;
use super::quota::fullest;
use super::select::Place;
use super::tree::arrange;
use super::view::Mailbox;
use super::wire::Command;
use crate::model::{Folder, Quota};
use std::collections::HashSet;

/// Folders whose messages are counted by a STATUS each, where the server has no LIST-STATUS.
const STATUS_LIMIT: usize = 200;

/// What is counted of each folder.
const COUNTS: &str = "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)";

/// What the server told.
#[derive(Default)]
pub(super) struct Told {
    pub listed: Vec<Listed>,
    pub subscribed: Option<HashSet<String>>,
    pub counts: Vec<Counts>,
    /// What happened meanwhile in the folder that is open.
    pub beside: Vec<Untagged>,
    quotas: Vec<Quota>,
    /// `None` where the server was not asked, or did not answer.
    namespaces: Option<Namespaces>,
}

impl Told {
    /// Sorts an answer in.
    fn take(&mut self, answer: Answer) {
        for data in answer.untagged {
            match data {
                Untagged::List(entry) => self.listed.push(entry),
                Untagged::Status(found) => self.counts.push(found),
                Untagged::Quota(found) => self.quotas.push(found),
                Untagged::Namespaces(found) => self.namespaces = Some(found),
                data => self.beside.push(data),
            }
        }
    }
}

impl Engine {
    /// All folders, in the order they are shown, with their counts.
    pub async fn folders(&self) -> Result<Vec<Folder>, ImapError> {
        // Counting in a large folder that is not open costs the server as much as opening it, and
        // INBOX is the large one nearly always.
        let inbox = Mailbox::inbox();
        let quota = self.asks_quota();
        let told = on_connection!(self, Some(&inbox), Retry::Once, |connection| async {
            open_inbox(connection, &inbox).await?;
            let namespaces = self.asks_namespaces();
            tell(connection, Asides { namespaces, quota }).await
        })?;
        let namespaces = self.remember_namespaces(told.namespaces);
        let folders = arrange(
            &told.listed,
            told.subscribed.as_ref(),
            &told.counts,
            &namespaces,
        );
        self.remember(&told.listed, &folders);
        if quota {
            self.remember_quota(fullest(told.quotas));
        }
        Ok(folders)
    }

    /// Asks how full the mailbox is, whatever is known of it, unless there is no connection for
    /// commands: somebody who only waits costs the mail server no second one.
    pub async fn ask_quota(&self) -> Result<Option<Quota>, ImapError> {
        if !self.is_in_use() {
            return Ok(None);
        }
        let told = on_connection!(self, None, Retry::Once, |connection| async {
            let mut told = Told::default();
            if connection.capabilities().has("QUOTA") {
                told.take(connection.run(ask_quota()).await?);
            }
            Ok(told)
        })?;
        let quota = fullest(told.quotas);
        self.remember_quota(quota);
        Ok(quota)
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

/// What is asked of the mailbox as a whole, beside its folders.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asides {
    pub namespaces: bool,
    pub quota: bool,
}

fn ask_quota() -> Command {
    Command::new("GETQUOTAROOT").string("INBOX")
}

/// Commands that tell of the mailbox as a whole. That they are refused is no reason to be without
/// folders.
fn asides(connection: &Connection, wanted: Asides) -> Vec<Command> {
    let offered = connection.capabilities();
    let mut asides = Vec::new();
    if wanted.quota && offered.has("QUOTA") {
        asides.push(ask_quota());
    }
    if wanted.namespaces && offered.has("NAMESPACE") {
        asides.push(Command::new("NAMESPACE"));
    }
    asides
}

pub(super) async fn tell(connection: &mut Connection, wanted: Asides) -> Result<Told, ImapError> {
    let mut told = Told::default();
    let offered = connection.capabilities();
    let extended = offered.has("LIST-EXTENDED") && offered.has("LIST-STATUS");
    let list = if extended {
        let special = if offered.has("SPECIAL-USE") {
            "SPECIAL-USE "
        } else {
            ""
        };
        Command::new("LIST")
            .raw(&format!(
                " \"\" \"*\" RETURN ({special}SUBSCRIBED STATUS {COUNTS})"
            ))
            .patiently()
    } else {
        Command::new("LIST").raw(" \"\" \"*\"")
    };
    let mut round = vec![list];
    round.extend(asides(connection, wanted));
    let mut answers = connection.run_all(&round).await?.into_iter();
    if let Some(list) = answers.next() {
        told.take(list?);
    }
    for answer in answers.flatten() {
        told.take(answer);
    }
    if extended {
        return Ok(told);
    }
    let mut round = vec![Command::new("LSUB").raw(" \"\" \"*\"")];
    let selectable = told.listed.iter().filter(|entry| entry.is_selectable());
    round.extend(selectable.take(STATUS_LIMIT).map(|entry| {
        Command::new("STATUS")
            .string(&entry.wire)
            .raw(" ")
            .raw(COUNTS)
            .patiently()
    }));
    // A folder that cannot be counted is shown without its count. What stands before which tagged
    // response is the server's choice, so each kind is taken wherever it stands.
    let mut second = Told::default();
    for answer in connection.run_all(&round).await?.into_iter().flatten() {
        second.take(answer);
    }
    let subscribed = second.listed.into_iter().map(|entry| entry.wire);
    told.subscribed = Some(subscribed.collect());
    told.counts.extend(second.counts);
    told.quotas.extend(second.quotas);
    told.beside.extend(second.beside);
    told.namespaces = second.namespaces.or(told.namespaces);
    Ok(told)
}
