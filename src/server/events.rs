//! What happens in the mailboxes, on its way to the pages that show them: one [`Channel`] a user,
//! to which that user's streams listen. News from the mail server are held against what is known
//! already, bursts become one, and a page hears of the folders' counts and of the list it shows.
//!
//! All of it is bounded: streams a session and a user, events that wait for a slow page, folders
//! that are known. Nothing here is mail but folders' names.

use super::imap::watch::{FolderNews, News, Orders};
use super::session::SessionId;
use super::visitor::Visitor;
use crate::model::Event;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Streams a user has at most.
const USER_STREAMS: usize = 20;
/// Streams a session, so a browser, has at most. Over HTTP/1.1 a browser opens six connections to
/// a host, in all its tabs together: a seventh tab with a stream would wait for ever.
const SESSION_STREAMS: usize = 4;
/// Events that wait for a page; one that is slower is told to ask for everything anew.
const BACKLOG: usize = 64;
/// What happens within this time is told at once.
const BURST: Duration = Duration::from_millis(50);
/// Folders that are known of a user.
const FOLDERS: usize = 5_000;
/// How long the mail server is listened to after the last page has gone: the next page comes soon,
/// mostly.
const LINGER: Duration = Duration::from_mins(1);

/// What goes through a channel.
#[derive(Clone, Debug)]
pub enum Signal {
    Event(Arc<Event>),
    /// The session has ended; its streams do too.
    Ended(SessionId),
    /// This stream makes room for a newer one.
    Park(u64),
}

/// Why there is no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The user has enough of them.
    TooMany,
    /// The server is about to end.
    Closing,
}

/// The channels of this node.
#[derive(Debug)]
pub struct Hub {
    users: Mutex<HashMap<String, Arc<Channel>>>,
    closing: watch::Sender<bool>,
    linger: Mutex<Duration>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            users: Mutex::default(),
            closing: watch::Sender::new(false),
            linger: Mutex::new(LINGER),
        }
    }
}

impl Hub {
    /// How long the mail server is listened to after a user's last page has gone.
    pub fn linger(&self) -> Duration {
        *self.linger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another time than a minute.
    pub fn set_linger(&self, linger: Duration) {
        *self.linger.lock().unwrap_or_else(PoisonError::into_inner) = linger;
    }

    fn users(&self) -> MutexGuard<'_, HashMap<String, Arc<Channel>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream for `visitor`, who is signed in as `user` with `session`, and shows `folder`.
    /// `true` with it: nobody listens to the mail server yet, and the caller has to see to it.
    pub fn listen(
        &self,
        user: &str,
        session: &SessionId,
        visitor: &Visitor,
        folder: Option<String>,
    ) -> Result<(Listener, bool), Refusal> {
        let mut users = self.users();
        if *self.closing.borrow() {
            return Err(Refusal::Closing);
        }
        let channel = users
            .entry(user.to_owned())
            .or_insert_with(|| Arc::new(Channel::new()))
            .clone();
        let result = Channel::listen(&channel, session, visitor, folder);
        drop(users);
        result
    }

    /// The user's channel, if a page listens or has lately.
    pub fn channel(&self, user: &str) -> Option<Arc<Channel>> {
        self.users().get(user).cloned()
    }

    /// Tells the user's pages of something that Posthorn itself knows.
    pub fn tell(&self, user: &str, event: Event) {
        if let Some(channel) = self.channel(user) {
            channel.send(event);
        }
    }

    /// A session has ended: its streams end now.
    pub fn session_ended(&self, user: &str, session: &SessionId) {
        if let Some(channel) = self.channel(user) {
            channel.signal(Signal::Ended(session.clone()));
        }
    }

    /// Ends the watching of a channel, if nobody came meanwhile; `true` if so.
    pub fn retire(&self, user: &str, channel: &Arc<Channel>) -> bool {
        let mut users = self.users();
        let mut state = channel.state();
        if !state.streams.is_empty() && !*self.closing.borrow() {
            channel.orders.send_modify(|orders| orders.stop = false);
            return false;
        }
        state.watched = false;
        if users
            .get(user)
            .is_some_and(|known| Arc::ptr_eq(known, channel))
        {
            users.remove(user);
        }
        true
    }

    /// Users whose mailbox is listened to, and the open streams of all of them.
    pub fn census(&self) -> (usize, usize) {
        let users = self.users();
        let streams = users.values().map(|user| user.state().streams.len()).sum();
        (users.len(), streams)
    }

    /// Ends all streams and refuses new ones: an open stream would keep the server from ending.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Turns `true` when the server is about to end.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// What is known of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    total: u32,
    unseen: u32,
    uid_next: Option<u32>,
    uid_validity: Option<u32>,
    mod_seq: Option<u64>,
}

impl Known {
    fn event(&self, name: &str) -> Event {
        Event::Folder {
            name: name.to_owned(),
            total: self.total,
            unseen: self.unseen,
            uid_validity: self.uid_validity,
            uid_next: self.uid_next,
        }
    }
}

#[derive(Debug)]
struct Stream {
    id: u64,
    session: SessionId,
    folder: Option<String>,
    visitor: Visitor,
}

/// What is to be told at the end of the burst.
#[derive(Debug, Default)]
struct Pending {
    counts: BTreeSet<String>,
    changed: BTreeSet<String>,
    folders: bool,
    /// Messages came or went.
    usage: bool,
    due: bool,
}

#[derive(Debug, Default)]
struct State {
    /// The newest last.
    streams: Vec<Stream>,
    next_id: u64,
    watched: bool,
    /// All folders have been heard of once.
    ready: bool,
    lost: bool,
    known: BTreeMap<String, Known>,
    pending: Pending,
}

/// One user's events.
#[derive(Debug)]
pub struct Channel {
    state: Mutex<State>,
    signals: broadcast::Sender<Signal>,
    orders: watch::Sender<Orders>,
    /// How many streams there are.
    count: watch::Sender<usize>,
    /// How often messages came or went.
    usage: watch::Sender<u64>,
}

impl Channel {
    fn new() -> Self {
        Self {
            state: Mutex::default(),
            signals: broadcast::Sender::new(BACKLOG),
            orders: watch::Sender::new(Orders::default()),
            count: watch::Sender::new(0),
            usage: watch::Sender::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(
        this: &Arc<Self>,
        session: &SessionId,
        visitor: &Visitor,
        folder: Option<String>,
    ) -> Result<(Listener, bool), Refusal> {
        let mut state = this.state();
        if state.streams.len() >= USER_STREAMS {
            return Err(Refusal::TooMany);
        }
        let own: Vec<u64> = state
            .streams
            .iter()
            .filter(|stream| stream.session == *session)
            .map(|stream| stream.id)
            .collect();
        let surplus = (own.len() + 1).saturating_sub(SESSION_STREAMS);
        for id in own.into_iter().take(surplus) {
            this.signal(Signal::Park(id));
        }
        state.next_id += 1;
        let id = state.next_id;
        state.streams.push(Stream {
            id,
            session: session.clone(),
            folder: folder.clone(),
            visitor: visitor.clone(),
        });
        let unwatched = !std::mem::replace(&mut state.watched, true);
        let mut first = vec![Event::Hello];
        if state.lost {
            first.push(Event::Lost);
        }
        if state.ready {
            first.extend(state.known.iter().map(|(name, known)| known.event(name)));
        }
        first.reverse();
        // Within the lock: what is told from now on comes after what is known now.
        let signals = this.signals.subscribe();
        this.reorder(&state);
        drop(state);
        let listener = Listener {
            channel: this.clone(),
            id,
            session: session.clone(),
            folder,
            first,
            signals,
        };
        Ok((listener, unwatched))
    }

    fn forget(&self, id: u64) {
        let mut state = self.state();
        state.streams.retain(|stream| stream.id != id);
        self.reorder(&state);
    }

    /// Tells the watcher which folders are shown.
    fn reorder(&self, state: &State) {
        let mut shown: Vec<String> = Vec::new();
        for folder in state.streams.iter().rev().filter_map(|s| s.folder.as_ref()) {
            if !shown.contains(folder) {
                shown.push(folder.clone());
            }
        }
        // Nobody there: whoever comes back shows the same, mostly.
        if !state.streams.is_empty() {
            self.orders.send_if_modified(|orders| {
                let differs = orders.shown != shown;
                orders.shown = shown;
                differs
            });
        }
        self.count.send_replace(state.streams.len());
    }

    /// What the watcher is to do.
    pub fn orders(&self) -> watch::Receiver<Orders> {
        self.orders.subscribe()
    }

    /// Tells the watcher to stop.
    pub fn stop(&self) {
        self.orders.send_modify(|orders| orders.stop = true);
    }

    /// How many streams there are.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Changes whenever messages came or went, so that the mailbox may be fuller or emptier.
    pub fn usage(&self) -> watch::Receiver<u64> {
        self.usage.subscribe()
    }

    /// Who came last of those whose session lives: the watcher signs in for them.
    pub fn visitor(&self, lives: impl Fn(&SessionId) -> bool) -> Option<Visitor> {
        let state = self.state();
        let mut streams = state.streams.iter().rev();
        streams
            .find(|stream| lives(&stream.session))
            .map(|stream| stream.visitor.clone())
    }

    /// Ends the streams whose session does not live.
    pub fn end_dead(&self, lives: impl Fn(&SessionId) -> bool) {
        for stream in &self.state().streams {
            if !lives(&stream.session) {
                self.signal(Signal::Ended(stream.session.clone()));
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // That nobody listens is no error.
        let _ = self.signals.send(signal);
    }

    /// Tells all pages.
    pub fn send(&self, event: Event) {
        self.signal(Signal::Event(Arc::new(event)));
    }

    /// The mail server is away, or back. Told once.
    pub fn set_lost(&self, lost: bool) {
        let mut state = self.state();
        if state.lost != lost {
            state.lost = lost;
            self.send(if lost { Event::Lost } else { Event::Back });
        }
    }

    /// Takes news from the mail server. What is new in them is told a moment later.
    pub fn hear(self: &Arc<Self>, news: News) {
        let mut state = self.state();
        match news {
            News::Folder(news) => state.learn(news),
            News::Touched(name) => {
                state.pending.changed.insert(name);
            }
            News::Folders => state.pending.folders = true,
            News::Ready => {
                state.ready = true;
                drop(state);
                self.set_lost(false);
                return;
            }
        }
        let pending = &mut state.pending;
        let any = pending.folders || !pending.counts.is_empty() || !pending.changed.is_empty();
        if any && !std::mem::replace(&mut pending.due, true) {
            let this = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(BURST).await;
                this.flush();
            });
        }
    }

    fn flush(&self) {
        let mut state = self.state();
        let pending = std::mem::take(&mut state.pending);
        if pending.usage {
            self.usage
                .send_modify(|times| *times = times.wrapping_add(1));
        }
        if pending.counts.len() + pending.changed.len() >= BACKLOG {
            // It would push everything else out.
            self.send(Event::Resync);
            return;
        }
        if pending.folders {
            self.send(Event::Folders);
        }
        for name in &pending.counts {
            if let Some(known) = state.known.get(name) {
                self.send(known.event(name));
            }
        }
        for folder in pending.changed {
            self.send(Event::Changed { folder });
        }
    }
}

impl State {
    /// Holds what a folder is said to be against what is known of it.
    fn learn(&mut self, news: FolderNews) {
        let FolderNews { name, .. } = news;
        let former = self.known.get(&name).cloned();
        if former.is_none() && self.known.len() >= FOLDERS {
            return;
        }
        let base = former.clone().unwrap_or_default();
        let known = Known {
            total: news.total.unwrap_or(base.total),
            unseen: news.unseen.unwrap_or(base.unseen),
            uid_next: news.uid_next.or(base.uid_next),
            uid_validity: news.uid_validity.or(base.uid_validity),
            mod_seq: news.mod_seq.or(base.mod_seq),
        };
        let Some(former) = former else {
            // Of a folder that is new a part says nothing.
            if news.total.is_some() && news.unseen.is_some() {
                self.pending.counts.insert(name.clone());
            }
            self.pending.folders |= self.ready;
            self.known.insert(name, known);
            return;
        };
        if former == known {
            return;
        }
        // What was not known before is no change.
        let differs = |old: Option<u64>, new: Option<u64>| old.is_some() && old != new;
        let wide = |value: Option<u32>| value.map(u64::from);
        let counted = (former.total, former.unseen) != (known.total, known.unseen);
        if counted
            || differs(wide(former.uid_next), wide(known.uid_next))
            || differs(wide(former.uid_validity), wide(known.uid_validity))
            || differs(former.mod_seq, known.mod_seq)
        {
            self.pending.changed.insert(name.clone());
        }
        self.pending.usage |=
            former.total != known.total || differs(wide(former.uid_next), wide(known.uid_next));
        if counted || former.uid_next != known.uid_next {
            self.pending.counts.insert(name.clone());
        }
        self.known.insert(name, known);
    }
}

/// A page that listens. Gone when dropped.
#[derive(Debug)]
pub struct Listener {
    channel: Arc<Channel>,
    id: u64,
    session: SessionId,
    folder: Option<String>,
    /// What it hears first, in reverse.
    first: Vec<Event>,
    signals: broadcast::Receiver<Signal>,
}

impl Listener {
    /// The next event for this page. May be dropped and called again. After [`Event::Parked`] and
    /// [`Event::SessionEnded`] there is nothing more to hear.
    pub async fn next(&mut self) -> Event {
        if let Some(event) = self.first.pop() {
            return event;
        }
        loop {
            match self.signals.recv().await {
                Ok(Signal::Event(event)) => {
                    let elsewhere = matches!(&*event, Event::Changed { folder }
                        if Some(folder) != self.folder.as_ref());
                    if !elsewhere {
                        return Event::clone(&event);
                    }
                }
                Ok(Signal::Ended(session)) if session == self.session => {
                    return Event::SessionEnded;
                }
                Ok(Signal::Park(id)) if id == self.id => return Event::Parked,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return Event::Resync,
                // The sender is in the channel, which this holds.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// The session that listens.
    pub fn session(&self) -> &SessionId {
        &self.session
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.channel.forget(self.id);
    }
}

#[cfg(test)]
mod tests;
