//! Hearing of changes as they happen, over a connection of its own.
//!
//! The connection waits (IDLE) in the folder that was shown last. Where the server offers NOTIFY (RFC
//! 5465), it tells of all others, too: a STATUS response with what has changed (section 5.1 and on),
//! half a second after it happened with Dovecot; else their counts are asked for now and then. By
//! NOTIFY alone no folder would have to be opened, but Dovecot then watches its index files only,
//! and once it has begun a new one it looks every 30 seconds: too late for what one looks at. So
//! the others that are shown are asked for now and then, what Posthorn itself has changed is asked
//! for at once, and NOTIFY is said again a minute after something was heard. Where the server gives
//! no further connection (LIMIT), one for commands is asked now and then.
//!
//! This file says what was heard, and remembers nothing: what of it is new is worked out by
//! `server::events`.

use super::answer::{Counts, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::folders;
use super::idle::RENEWAL;
use super::select::Place;
use super::touched::Changes;
use super::wire::Command;
use crate::mail::mailbox_name;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, sleep_until};

/// How often shown folders are asked for that the server does not tell of by itself, or too late.
const SHOWN: Duration = Duration::from_secs(10);
/// How often all folders are counted, where that is one command; and where it is one a folder.
const ALL: Duration = Duration::from_mins(1);
const ALL_SINGLY: Duration = Duration::from_mins(5);
/// How often a server that cannot be waited for is asked.
const ASK: Duration = Duration::from_secs(15);
/// Without a connection of its own: how often the folders are counted, and how often until a
/// connection is asked for again.
const POLL: Duration = Duration::from_secs(30);
const POLLS: u32 = 10;
/// After something was heard, NOTIFY is said again, this often at most.
const REFRESH: Duration = Duration::from_mins(1);
/// What else happens within this time is heard in one go.
const BURST: Duration = Duration::from_millis(50);
/// Folders that are asked for one by one: as many as may be shown, and as may have been changed here.
const ASKED_LIMIT: usize = 50;

/// What is wanted of a watcher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// The folders that are shown, the last one first.
    pub shown: Vec<String>,
    /// Nobody listens any more.
    pub stop: bool,
}

/// What the server says of a folder; what it did not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderNews {
    pub name: String,
    pub total: Option<u32>,
    pub unseen: Option<u32>,
    pub uid_next: Option<u32>,
    pub uid_validity: Option<u32>,
    /// Grows with every change in the folder (RFC 7162).
    pub mod_seq: Option<u64>,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The state of a folder, changed or not.
    Folder(FolderNews),
    /// Something in this folder has changed: arrivals, removals, flags.
    Touched(String),
    /// Folders came, went or were renamed.
    Folders,
    /// The state of all folders has been told; from now on changes are.
    Ready,
}

/// Where the news go.
pub type Say = dyn Fn(News) + Send + Sync;

/// Hears what the server told while it was waited for; until when, at the latest, to go on
/// waiting after that.
type Hear<'a> = dyn FnMut(&Untagged) -> Option<Instant> + Send + 'a;

impl Engine {
    /// Watches until told to stop, or, without a connection of its own, for some minutes. An error
    /// is the end of the connection, or of the engine.
    pub async fn watch(&self, orders: Receiver<Orders>, say: &Say) -> Result<(), ImapError> {
        self.watch_without(&[], orders, say).await
    }

    /// The same, as if the server did not offer `missing`.
    pub async fn watch_without(
        &self,
        missing: &[&str],
        mut orders: Receiver<Orders>,
        say: &Say,
    ) -> Result<(), ImapError> {
        let mut connection = match self.open_apart().await {
            Ok(connection) => connection,
            // At its limit a server may also hang up, or not answer at all. One that is gone fails
            // the polling, too.
            Err(ImapError::Busy) => return self.poll(orders, say).await,
            Err(ImapError::Unreachable(_)) if self.is_in_use() => {
                return self.poll(orders, say).await;
            }
            Err(error) => return Err(error),
        };
        connection.do_without(missing);
        let offered = connection.capabilities();
        let notify = offered.has("NOTIFY") && offered.has("IDLE");
        let folders = if notify {
            notified(&mut connection, say).await?
        } else {
            None
        };
        let result = match folders {
            Some(folders) => {
                say(News::Ready);
                self.by_notify(&mut connection, &mut orders, folders, say)
                    .await
            }
            None => self.by_idle(&mut connection, &mut orders, say).await,
        };
        if connection.is_usable() {
            connection.logout().await;
        }
        result
    }

    async fn by_notify(
        &self,
        connection: &mut Connection,
        orders: &mut Receiver<Orders>,
        mut folders: HashSet<String>,
        say: &Say,
    ) -> Result<(), ImapError> {
        let mut epoch = self.epoch();
        loop {
            let refresh = Instant::now() + REFRESH;
            let mut again = Instant::now() + RENEWAL;
            while Instant::now() < again {
                let Orders { shown, stop } = orders.borrow_and_update().clone();
                if stop {
                    return Ok(());
                }
                self.settle(connection, &shown, &mut epoch).await?;
                let here = connection.selected().map(|selected| selected.name.clone());
                // How it is by now: of the open folder the server tells what happens, no counts.
                self.look(connection, here.iter().chain(&shown), say)
                    .await?;
                let until = if is_elsewhere(&shown, here.as_deref()) {
                    again.min(Instant::now() + SHOWN)
                } else {
                    again
                };
                let stop = self
                    .wait(connection, orders, until, &mut |data| {
                        let own = hear(data, here.as_deref(), say);
                        if overflowed(data) {
                            again = Instant::now();
                        } else if matches!(data, Untagged::Status(_) | Untagged::List(_)) {
                            again = again.min(refresh);
                        }
                        Some(if own {
                            again.min(Instant::now() + BURST)
                        } else {
                            again
                        })
                    })
                    .await?;
                if stop {
                    return Ok(());
                }
            }
            let Some(found) = notified(connection, say).await? else {
                return Err(ImapError::Protocol("no more notifications".to_owned()));
            };
            if folders != found {
                // A renaming is not always told.
                say(News::Folders);
                folders = found;
            }
        }
    }

    async fn by_idle(
        &self,
        connection: &mut Connection,
        orders: &mut Receiver<Orders>,
        say: &Say,
    ) -> Result<(), ImapError> {
        let mut epoch = self.epoch();
        let mut listed = None;
        let mut counted: Option<Instant> = None;
        let all = if connection.capabilities().has("LIST-STATUS") {
            ALL
        } else {
            ALL_SINGLY
        };
        loop {
            let Orders { shown, stop } = orders.borrow_and_update().clone();
            if stop {
                return Ok(());
            }
            self.settle(connection, &shown, &mut epoch).await?;
            let here = connection.selected().map(|selected| selected.name.clone());
            let (others, first) = (is_elsewhere(&shown, here.as_deref()), counted);
            if first.is_none_or(|counted| counted.elapsed() >= all) {
                let told = folders::tell(connection, folders::Asides::default()).await?;
                let names: HashSet<String> =
                    told.listed.into_iter().map(|entry| entry.wire).collect();
                told.counts.iter().for_each(|counts| count(counts, say));
                let name = here.as_deref();
                told.beside.iter().for_each(|data| {
                    hear(data, name, say);
                });
                if listed
                    .replace(names.clone())
                    .is_some_and(|former| former != names)
                {
                    say(News::Folders);
                }
                counted = Some(Instant::now());
            }
            self.look(connection, here.iter().chain(&shown), say)
                .await?;
            if first.is_none() {
                say(News::Ready);
            }
            let now = Instant::now();
            let until = if others { now + SHOWN } else { now + all };
            let stop = if connection.capabilities().has("IDLE") {
                let name = here.as_deref();
                self.wait(connection, orders, until.min(now + RENEWAL), &mut |data| {
                    hear(data, name, say).then(|| Instant::now() + BURST)
                })
                .await?
            } else {
                let stop = tokio::select! {
                    stop = self.rest(orders, now + ASK) => stop?,
                    () = self.touched.elsewhere(None) => false,
                };
                for data in connection.ask().await? {
                    hear(&data, here.as_deref(), say);
                }
                stop
            };
            if stop {
                return Ok(());
            }
        }
    }

    /// Opens a folder to wait in: the one that is open if it is shown still, since opening a large
    /// one is dear, else the one shown last. `epoch`: the names by which it was opened.
    async fn settle(
        &self,
        connection: &mut Connection,
        shown: &[String],
        epoch: &mut u64,
    ) -> Result<(), ImapError> {
        let now = self.epoch();
        if *epoch != now {
            // What is open may be called something else by now.
            connection.forget_selected();
            *epoch = now;
        }
        let stays = connection
            .selected()
            .is_some_and(|selected| shown.is_empty() || shown.contains(&selected.name));
        if stays {
            return Ok(());
        }
        for name in shown.iter().take(1).map(String::as_str).chain(["INBOX"]) {
            let Ok(mailbox) = self.mailbox(name) else {
                continue;
            };
            let place = Place {
                mailbox: &mailbox,
                expected: None,
                highest: 0,
            };
            match connection.enter(place).await {
                Err(ImapError::NoFolder) => {}
                result => return result.map(drop),
            }
        }
        Ok(())
    }

    /// Asks for the state of folders, and of what Posthorn itself has changed.
    async fn look(
        &self,
        connection: &mut Connection,
        shown: impl Iterator<Item = &String>,
        say: &Say,
    ) -> Result<(), ImapError> {
        let Changes {
            mut messages,
            folders,
        } = self.touched.take();
        if folders {
            say(News::Folders);
        }
        messages.extend(shown.cloned());
        self.status(connection, messages.iter(), say).await
    }

    /// Asks for the state of folders.
    async fn status(
        &self,
        connection: &mut Connection,
        names: impl Iterator<Item = &String>,
        say: &Say,
    ) -> Result<(), ImapError> {
        let items = if connection.capabilities().has("CONDSTORE") {
            " (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
        } else {
            " (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"
        };
        let names: HashSet<&String> = names.collect();
        let round: Vec<Command> = names
            .into_iter()
            .take(ASKED_LIMIT)
            .filter_map(|name| self.mailbox(name).ok())
            .map(|mailbox| {
                Command::new("STATUS")
                    .string(&mailbox.wire)
                    .raw(items)
                    .patiently()
            })
            .collect();
        if round.is_empty() {
            return Ok(());
        }
        // A folder that is not there any more is refused, and the list of folders will tell.
        let answers = connection.run_all(&round).await?;
        // What happens in the open folder is told beside (RFC 9051, section 5.2), and only once.
        let here = connection.selected().map(|selected| selected.name.as_str());
        for answer in answers.into_iter().flatten() {
            for data in &answer.untagged {
                hear(data, here, say);
            }
        }
        Ok(())
    }

    /// Waits in IDLE until then, or until other folders are shown or were changed by Posthorn
    /// itself; `true` to stop.
    async fn wait(
        &self,
        connection: &mut Connection,
        orders: &mut Receiver<Orders>,
        mut until: Instant,
        hear: &mut Hear<'_>,
    ) -> Result<bool, ImapError> {
        let here = connection.selected().map(|selected| selected.name.clone());
        let mut idle = connection.idle().await?;
        let end = loop {
            tokio::select! {
                told = idle.next(until) => match told? {
                    None => break Ok(false),
                    Some(data) => until = hear(&data).map_or(until, |sooner| until.min(sooner)),
                },
                reason = self.over() => break Err(reason),
                changed = orders.changed() => break Ok(changed.is_err() || orders.borrow().stop),
                () = self.touched.elsewhere(here.as_deref()) => break Ok(false),
            }
        };
        for data in idle.done().await? {
            hear(&data);
        }
        end
    }

    /// Waits without a connection; `true` to stop.
    async fn rest(&self, orders: &mut Receiver<Orders>, until: Instant) -> Result<bool, ImapError> {
        tokio::select! {
            () = sleep_until(until) => Ok(false),
            reason = self.over() => Err(reason),
            changed = orders.changed() => Ok(changed.is_err() || orders.borrow().stop),
        }
    }

    /// Asks now and then, over a connection for commands.
    async fn poll(&self, mut orders: Receiver<Orders>, say: &Say) -> Result<(), ImapError> {
        tracing::info!("no IMAP connection for live updates: polling");
        let mut listed: Option<HashSet<String>> = None;
        for _ in 0..POLLS {
            let folders = self.folders().await?;
            let names: HashSet<String> = folders.iter().map(|folder| folder.name.clone()).collect();
            for folder in folders.into_iter().filter(|folder| folder.selectable) {
                say(News::Folder(FolderNews {
                    name: folder.name,
                    total: Some(folder.total),
                    unseen: Some(folder.unseen),
                    ..FolderNews::default()
                }));
            }
            let Orders { shown, stop } = orders.borrow_and_update().clone();
            if stop {
                return Ok(());
            }
            on_connection!(self, None, Retry::Once, |connection| self.status(
                connection,
                shown.iter(),
                say
            ))?;
            match &listed {
                None => say(News::Ready),
                Some(former) if *former != names => say(News::Folders),
                Some(_) => {}
            }
            listed = Some(names);
            let until = Instant::now() + POLL;
            if self.rest(&mut orders, until).await? {
                return Ok(());
            }
            // Other folders are shown: not so soon again.
            sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }
}

/// Whether folders are shown that the connection does not wait in.
fn is_elsewhere(shown: &[String], here: Option<&str>) -> bool {
    shown.iter().any(|name| Some(name.as_str()) != here)
}

/// Asks to be told of everything, says how all folders are, and returns their names; `None` where
/// the server will not.
async fn notified(
    connection: &mut Connection,
    say: &Say,
) -> Result<Option<HashSet<String>>, ImapError> {
    for events in [
        "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange",
        "MessageNew MessageExpunge FlagChange MailboxName",
        "MessageNew MessageExpunge FlagChange",
    ] {
        let command = Command::new("NOTIFY").raw(&format!(
            " SET STATUS (selected (MessageNew MessageExpunge FlagChange)) (personal ({events}))"
        ));
        match connection.run(command.patiently()).await {
            Ok(answer) => {
                // The open folder has no STATUS.
                let here = connection.selected();
                let mut names: HashSet<String> = here
                    .map(|selected| mailbox_name::encode(&selected.name))
                    .into_iter()
                    .collect();
                let here = here.map(|selected| selected.name.as_str());
                for data in answer.untagged {
                    hear(&data, here, say);
                    if let Untagged::Status(counts) = data {
                        names.insert(counts.wire);
                    }
                }
                return Ok(Some(names));
            }
            // BADEVENT, or NOTIFY is not what it seems.
            Err(ImapError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The server had too much to tell, and tells nothing more until asked again (RFC 5465, section
/// 5.8).
fn overflowed(data: &Untagged) -> bool {
    matches!(data, Untagged::Code(Code::Other(code))
        if code.eq_ignore_ascii_case("NOTIFICATIONOVERFLOW"))
}

/// Says what the server told; `true` if it was about `here`, the open folder.
fn hear(data: &Untagged, here: Option<&str>, say: &Say) -> bool {
    match data {
        Untagged::Status(counts) => count(counts, say),
        Untagged::List(_) => say(News::Folders),
        Untagged::Exists(_) | Untagged::Expunge(_) | Untagged::Vanished(_) | Untagged::Fetch(_) => {
            if let Some(name) = here {
                say(News::Touched(name.to_owned()));
                return true;
            }
        }
        _ => {}
    }
    false
}

fn count(counts: &Counts, say: &Say) {
    say(News::Folder(FolderNews {
        name: mailbox_name::decode_lossy(&counts.wire),
        total: counts.messages,
        unseen: counts.unseen,
        uid_next: counts.uid_next,
        uid_validity: counts.uid_validity,
        mod_seq: counts.mod_seq,
    }));
}
