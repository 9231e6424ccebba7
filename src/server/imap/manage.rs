//! What is done to folders as wholes: making, renaming, moving and deleting them, subscribing, and
//! what is done to all messages of one. What a person may not do by mistake is refused here,
//! against a list of folders that is fresh, not against what a page knew when it was made.

use super::answer::{Counts, Untagged};
use super::change::{expunge, found, store};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::select::Place;
use super::view::Mailbox;
use super::wire::Command;
use crate::mail::folder_name;
use crate::model::{Folder, FolderProblem, FolderRole};
use std::collections::HashMap;

/// Subscriptions that are changed in one round.
const ROUND: usize = 200;

/// A folder and all below it, those above first.
#[derive(Clone, Copy, Debug)]
struct Branch<'a> {
    all: &'a [Folder],
    name: &'a str,
    delimiter: Option<char>,
}

impl<'a> Branch<'a> {
    fn folders(self) -> impl DoubleEndedIterator<Item = &'a Folder> {
        self.all.iter().filter(move |folder| self.has(&folder.name))
    }

    /// Whether `name` is the folder itself or below it.
    fn has(self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.name) else {
            return false;
        };
        rest.is_empty()
            || self
                .delimiter
                .is_some_and(|delimiter| rest.starts_with(delimiter))
    }

    /// [`FolderProblem::Special`] where a folder in it has a purpose.
    fn check_no_role(self) -> Result<(), ImapError> {
        match self.folders().find_map(|folder| folder.role) {
            Some(role) => Err(ImapError::Folder(FolderProblem::Special(role))),
            None => Ok(()),
        }
    }
}

/// The full name of a folder that is to be called `label` and to stand in `parent`, the top level
/// if that is empty, where `prefix` is that of all one's own folders.
fn full_name(parent: &str, label: &str, delimiter: Option<char>, prefix: &str) -> Option<String> {
    if parent.is_empty() {
        return Some(format!("{prefix}{label}"));
    }
    delimiter.map(|delimiter| format!("{parent}{delimiter}{label}"))
}

fn problem<T>(problem: FolderProblem) -> Result<T, ImapError> {
    Err(ImapError::Folder(problem))
}

/// Folders are changed on the connection that lists them, since Dovecot may for a moment not know in
/// one what was done in another.
impl Engine {
    /// Makes a folder in `parent`, or at the top level if that is empty, and subscribes to it; its
    /// full name.
    pub async fn create_folder(&self, parent: &str, label: &str) -> Result<String, ImapError> {
        let folders = self.folders().await?;
        let name = self.new_name(&folders, parent, label)?;
        let mailbox = self.mailbox(&name)?;
        let _touching = self.touched.folders();
        on_connection!(
            self,
            Some(&Mailbox::inbox()),
            Retry::Never,
            |connection| async {
                let create = Command::new("CREATE").string(&mailbox.wire);
                connection.run(create).await.map_err(exists)?;
                subscribe(connection, &mailbox.wire, true).await?;
                connection.settle_made(&mailbox).await;
                Ok(())
            }
        )?;
        Ok(name)
    }

    /// Gives the folder `name` another last level, another parent, or both, and takes what is
    /// below it along; its new full name.
    pub async fn rename_folder(
        &self,
        name: &str,
        parent: &str,
        label: &str,
    ) -> Result<String, ImapError> {
        let folders = self.folders().await?;
        let branch = self.branch(&folders, name)?;
        branch.check_no_role()?;
        if branch.has(parent) {
            return problem(FolderProblem::IntoItself);
        }
        // What it is called already is no name that is taken.
        let others: Vec<Folder> = folders
            .iter()
            .filter(|folder| folder.name != name)
            .cloned()
            .collect();
        let new = self.new_name(&others, parent, label)?;
        if new == name {
            return Ok(new);
        }
        let (from, to) = (self.mailbox(name)?, self.mailbox(&new)?);
        // RENAME leaves subscriptions to the old names as they are (RFC 9051, section 6.3.6).
        let mut subscriptions = Vec::new();
        let (mut before, mut now) = (Vec::new(), Vec::new());
        for folder in branch.folders() {
            let old = self.mailbox(&folder.name)?;
            if let Some(rest) = old.wire.strip_prefix(&from.wire) {
                let wire = format!("{}{rest}", to.wire);
                if folder.subscribed {
                    subscriptions.push(subscription(&wire, true));
                    subscriptions.push(subscription(&old.wire, false));
                }
                now.push(wire);
            }
            before.push(old);
        }
        let _touching = self.touched.folders();
        let done = on_connection!(
            self,
            Some(&Mailbox::inbox()),
            Retry::Never,
            |connection| async {
                step_out(connection, branch).await?;
                let rename = Command::new("RENAME").string(&from.wire);
                connection
                    .run(rename.string(&to.wire).patiently())
                    .await
                    .map_err(exists)?;
                // The folders are renamed, whatever becomes of these.
                for round in subscriptions.chunks(ROUND) {
                    connection.run_all(round).await?;
                }
                // Of another spelling some servers say that it is both.
                if name.to_lowercase() != new.to_lowercase() {
                    // A folder may now be called as another was.
                    let gone: Vec<&Mailbox> = before
                        .iter()
                        .rev()
                        .filter(|former| !now.contains(&former.wire))
                        .collect();
                    connection.settle_gone(&gone).await;
                }
                connection.settle_made(&to).await;
                Ok(())
            }
        );
        self.leave(|folder| branch.has(folder)).await;
        done.map(|()| new)
    }

    /// Deletes the folder `name` and all below it, with all messages. `messages` and `below` say
    /// what the person was told it holds: if it is more by now, nothing is done.
    pub async fn delete_folder(
        &self,
        name: &str,
        messages: u64,
        below: u32,
    ) -> Result<(), ImapError> {
        let folders = self.folders().await?;
        let branch = self.branch(&folders, name)?;
        branch.check_no_role()?;
        let holds: u64 = branch.folders().map(|folder| u64::from(folder.total)).sum();
        let count = branch.folders().count().saturating_sub(1);
        if holds > messages || count > usize::try_from(below).unwrap_or(usize::MAX) {
            return problem(FolderProblem::HoldsMore);
        }
        // The deepest first: most servers refuse to delete a folder with others in it.
        let mut doomed = Vec::new();
        for folder in branch.folders().rev() {
            doomed.push((self.mailbox(&folder.name)?, folder));
        }
        let _touching = self.touched.folders();
        let done = on_connection!(
            self,
            Some(&Mailbox::inbox()),
            Retry::Never,
            |connection| async {
                step_out(connection, branch).await?;
                let more = uncounted(connection, &doomed).await?;
                if holds.saturating_add(more) > messages {
                    return problem(FolderProblem::HoldsMore);
                }
                for (mailbox, folder) in &doomed {
                    delete(connection, mailbox, folder).await?;
                }
                let gone: Vec<&Mailbox> = doomed.iter().map(|(mailbox, _)| mailbox).collect();
                connection.settle_gone(&gone).await;
                Ok(())
            }
        );
        self.doubt_quota();
        self.leave(|folder| branch.has(folder)).await;
        done
    }

    /// Subscribes to a folder, or ends that.
    pub async fn subscribe_folder(&self, name: &str, on: bool) -> Result<(), ImapError> {
        let mailbox = self.mailbox(name)?;
        let _touching = self.touched.folders();
        on_connection!(
            self,
            Some(&Mailbox::inbox()),
            Retry::Once,
            |connection| async { subscribe(connection, &mailbox.wire, on).await }
        )
    }

    /// Marks all messages of a folder as read that have a UID below `uid_next`, and none that came
    /// while it was done; all if that is 0.
    pub async fn mark_all_read(
        &self,
        folder: &str,
        uid_validity: u32,
        uid_next: u32,
    ) -> Result<(), ImapError> {
        let mailbox = self.mailbox(folder)?;
        let _touching = self.touched.messages([folder]);
        let result = on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            let unseen =
                find_below(connection, &mailbox, uid_validity, uid_next, " UNSEEN").await?;
            store(connection, &unseen, "\\Seen", true).await
        });
        // Even a failure may have changed some.
        self.orderings().flags_changed();
        result
    }

    /// Deletes all messages of the trash or the spam folder for ever that have a UID below
    /// `uid_next`: what came after the person looked is left. Folders below it are too.
    pub async fn empty_folder(
        &self,
        folder: &str,
        uid_validity: u32,
        uid_next: u32,
    ) -> Result<(), ImapError> {
        let mut emptied = false;
        for role in [FolderRole::Trash, FolderRole::Junk] {
            emptied |= match self.role_folder(role, false).await {
                Ok(name) => name == folder,
                Err(ImapError::NoFolder) => false,
                Err(error) => return Err(error),
            };
        }
        if !emptied {
            return Err(ImapError::BadInput);
        }
        let mailbox = self.mailbox(folder)?;
        let _touching = self.touched.messages([folder]);
        let emptied = on_connection!(self, Some(&mailbox), Retry::Never, |connection| async {
            let all = find_below(connection, &mailbox, uid_validity, uid_next, "").await?;
            if all.is_empty() {
                return Ok(());
            }
            expunge(connection, &all).await
        });
        self.doubt_quota();
        emptied
    }

    /// The folder and what is below it.
    fn branch<'a>(&self, all: &'a [Folder], name: &'a str) -> Result<Branch<'a>, ImapError> {
        if all.iter().all(|folder| folder.name != name) {
            return Err(ImapError::NoFolder);
        }
        Ok(Branch {
            all,
            name,
            delimiter: self.delimiter(name),
        })
    }

    /// The full name for a folder that is called `label` in `parent`, if it may be called so.
    fn new_name(&self, all: &[Folder], parent: &str, label: &str) -> Result<String, ImapError> {
        if !parent.is_empty() && all.iter().all(|folder| folder.name != parent) {
            return Err(ImapError::NoFolder);
        }
        let delimiter = self.delimiter(parent);
        let label = folder_name::check(label, delimiter).map_err(ImapError::Folder)?;
        let name =
            full_name(parent, label, delimiter, &self.prefix()).ok_or(ImapError::NoFolder)?;
        // A level that only holds others can become a folder; INBOX is INBOX however it is written.
        let taken = |folder: &Folder| {
            (folder.name == name && folder.selectable)
                || (folder.role == Some(FolderRole::Inbox) && name.eq_ignore_ascii_case("INBOX"))
        };
        if all.iter().any(taken) {
            return problem(FolderProblem::Exists);
        }
        // Too long as a whole.
        self.mailbox(&name)
            .map(|_| name)
            .or(problem(FolderProblem::TooLong))
    }
}

/// ALREADYEXISTS (RFC 9051, section 7.1): made by somebody just now.
fn exists(error: ImapError) -> ImapError {
    if error.has_code(&Code::AlreadyExists) {
        ImapError::Folder(FolderProblem::Exists)
    } else {
        error
    }
}

fn subscription(wire: &str, on: bool) -> Command {
    Command::new(if on { "SUBSCRIBE" } else { "UNSUBSCRIBE" }).string(wire)
}

async fn subscribe(connection: &mut Connection, wire: &str, on: bool) -> Result<(), ImapError> {
    connection.run(subscription(wire, on)).await.map(drop)
}

/// Sees to it that the connection is in none of the folders: some servers break it off otherwise.
async fn step_out(connection: &mut Connection, branch: Branch<'_>) -> Result<(), ImapError> {
    let within = connection
        .selected()
        .is_some_and(|selected| branch.has(&selected.name));
    if !within {
        return Ok(());
    }
    let place = Place {
        mailbox: &Mailbox::inbox(),
        expected: None,
        highest: 0,
    };
    connection.enter(place).await.map(drop)
}

/// Messages in those of the folders that are listed with none: they are empty, or were not counted
/// (`folders.rs`). What cannot be counted is not deleted.
async fn uncounted(
    connection: &mut Connection,
    doomed: &[(Mailbox, &Folder)],
) -> Result<u64, ImapError> {
    let asked: Vec<&Mailbox> = doomed
        .iter()
        .filter(|(_, folder)| folder.selectable && folder.total == 0)
        .map(|(mailbox, _)| mailbox)
        .collect();
    if asked.is_empty() {
        return Ok(0);
    }
    let status = |mailbox: &&Mailbox| {
        Command::new("STATUS")
            .string(&mailbox.wire)
            .raw(" (MESSAGES)")
            .patiently()
    };
    let round: Vec<Command> = asked.iter().map(status).collect();
    let mut counts = HashMap::new();
    let mut there = Vec::new();
    for (mailbox, answer) in asked.iter().zip(connection.run_all(&round).await?) {
        let answer = match answer {
            Err(ImapError::NoFolder) => continue,
            answer => answer?,
        };
        there.push(mailbox);
        // What stands before which tagged response is the server's choice.
        for data in answer.untagged {
            if let Untagged::Status(Counts {
                wire,
                messages: Some(count),
                ..
            }) = data
            {
                counts.insert(wire, u64::from(count));
            }
        }
    }
    let mut messages = 0_u64;
    for mailbox in there {
        let Some(count) = counts.get(&mailbox.wire) else {
            return Err(ImapError::Protocol("STATUS without a count".to_owned()));
        };
        messages = messages.saturating_add(*count);
    }
    Ok(messages)
}

/// Deletes one folder that has none below it, and the subscription, which DELETE leaves (RFC 9051,
/// section 6.3.5).
async fn delete(
    connection: &mut Connection,
    mailbox: &Mailbox,
    folder: &Folder,
) -> Result<(), ImapError> {
    let command = Command::new("DELETE").string(&mailbox.wire).patiently();
    match connection.run(command).await {
        Ok(_) | Err(ImapError::NoFolder) => {}
        // A mere level is gone with its last folder, or cannot be deleted at all.
        Err(ImapError::Refused { .. }) if !folder.selectable => {}
        Err(error) => return Err(error),
    }
    if folder.subscribed {
        match subscribe(connection, &mailbox.wire, false).await {
            Ok(()) | Err(ImapError::NoFolder | ImapError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The UIDs below `uid_next`, all if that is 0, that meet `criteria` as well.
async fn find_below(
    connection: &mut Connection,
    mailbox: &Mailbox,
    uid_validity: u32,
    uid_next: u32,
    criteria: &str,
) -> Result<Vec<u32>, ImapError> {
    let highest = uid_next.checked_sub(1).unwrap_or(u32::MAX);
    if highest == 0 {
        return Ok(Vec::new());
    }
    let place = Place {
        mailbox,
        expected: Some(uid_validity),
        highest,
    };
    connection.enter(place).await?;
    let search = Command::new("UID SEARCH").raw(&format!(" UID 1:{highest}{criteria}"));
    let answer = connection.run(search.patiently()).await?;
    Ok(found(answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Space;

    fn folder(name: &str, role: Option<FolderRole>) -> Folder {
        Folder {
            name: name.to_owned(),
            label: String::new(),
            depth: 0,
            role,
            space: Space::Own,
            selectable: true,
            subscribed: true,
            total: 1,
            unseen: 0,
            uid_next: 2,
            uid_validity: 1,
        }
    }

    #[test]
    fn a_branch_is_what_is_below_and_nothing_that_begins_the_same() {
        let all: Vec<Folder> = ["a", "a b", "a/b", "a/b/c", "ab", "b/a/x"]
            .iter()
            .map(|name| folder(name, None))
            .collect();
        let names = |delimiter| {
            let branch = Branch {
                all: &all,
                name: "a",
                delimiter,
            };
            branch
                .folders()
                .map(|folder| folder.name.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Some('/')), ["a", "a/b", "a/b/c"]);
        assert_eq!(names(None), ["a"]);
    }

    #[test]
    fn a_purpose_below_protects_what_is_above() {
        let all = [folder("a", None), folder("a/x", Some(FolderRole::Trash))];
        let branch = Branch {
            all: &all,
            name: "a",
            delimiter: Some('/'),
        };
        assert_eq!(
            branch.check_no_role(),
            Err(ImapError::Folder(FolderProblem::Special(FolderRole::Trash)))
        );
    }

    #[test]
    fn new_folders_stand_where_they_belong() {
        let name = |parent, delimiter, prefix| full_name(parent, "x", delimiter, prefix);
        assert_eq!(name("", Some('/'), "").unwrap(), "x");
        assert_eq!(name("", Some('.'), "INBOX.").unwrap(), "INBOX.x");
        assert_eq!(name("INBOX.a", Some('.'), "INBOX.").unwrap(), "INBOX.a.x");
        assert_eq!(name("a", None, ""), None);
    }
}
