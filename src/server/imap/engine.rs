//! The engine of one signed-in user: what may be asked of the mailbox, by folder names and UIDs.
//! Each operation has a file of its own; here is what they share, a connection that suits, and a
//! second try where the first one's connection had died in its rest.

use super::answer::Listed;
use super::connection::Connection;
use super::error::{ImapError, SignInError};
use super::headers::{Budget, Headers};
use super::namespace::Namespaces;
use super::ordering::Orderings;
use super::pace::Pace;
use super::pool::{Lease, Pool};
use super::quota::Room;
use super::shelf::Shelf;
use super::sign_in::{Credentials, Server};
use super::touched::Touched;
use super::view::Mailbox;
use super::written_to::WrittenTo;
use crate::mail::mailbox_name;
use crate::model::{Folder, FolderRole, Quota};
use secrecy::SecretString;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How often idle connections are looked for.
const SWEEP: Duration = Duration::from_secs(30);
/// Longest folder name that is asked of a server.
const NAME_LIMIT: usize = 1000;

/// Whether an operation may be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is idempotent: once more on a fresh connection, if the held one turned out dead.
    Once,
    /// What was done is unknown after a failure, and doing it twice would be wrong.
    Never,
}

/// Awaits `$operation` with `$connection` as a [`Connection`](super::connection::Connection) on
/// loan from `$engine`, the one that has `$mailbox` open if possible; once more as [`Retry`] says.
///
/// An async closure would say it more plainly, but the compiler cannot show that a future which
/// holds a call of one is `Send`, and every handler's future has to be.
macro_rules! on_connection {
    ($engine:expr, $mailbox:expr, $retry:expr, |$connection:ident| $operation:expr) => {{
        let mut fresh = false;
        loop {
            let mut lease = $engine.lease($mailbox, fresh).await?;
            let again = $retry == $crate::server::imap::engine::Retry::Once && lease.reused;
            let result: Result<_, $crate::server::imap::error::ImapError> = {
                let $connection = lease.connection()?;
                $operation.await
            };
            drop(lease);
            match result {
                Err(error) if again && !fresh && error.is_broken_connection() => fresh = true,
                result => break result,
            }
        }
    }};
}
pub(super) use on_connection;

/// What the last LIST told, beside the folders themselves.
#[derive(Debug, Default)]
struct Known {
    /// Names whose form on the wire is not the one that encoding them gives.
    wires: HashMap<String, String>,
    roles: HashMap<FolderRole, String>,
    delimiter: Option<char>,
    /// The prefix of all folders but INBOX, such as `INBOX.`.
    prefix: String,
    /// `None` until the server was asked, which is once.
    namespaces: Option<Namespaces>,
    room: Room,
}

/// One user's way into the mailbox. Shared by all of the user's requests.
#[derive(Debug)]
pub struct Engine {
    pool: Pool,
    known: Mutex<Known>,
    orderings: Orderings,
    /// Which messages belong together, by folder.
    pub(super) shelf: Shelf,
    /// Rows that were listed a moment ago.
    pub(super) headers: Headers,
    /// Whom the person has written to lately.
    pub(super) written_to: WrittenTo,
    /// What was changed here, for the watcher.
    pub(super) touched: Touched,
}

impl Engine {
    /// Signs in to `server`. The connection is kept for the operations to come.
    pub async fn sign_in(
        server: &Server,
        user: &str,
        password: SecretString,
        client_ip: Option<IpAddr>,
    ) -> Result<Arc<Self>, SignInError> {
        Self::sign_in_at(Pace::default(), server, user, password, client_ip).await
    }

    /// [`Self::sign_in`] at a node whose users share `budget` for what is kept of their lists.
    pub async fn sign_in_within(
        budget: &Arc<Budget>,
        server: &Server,
        user: &str,
        password: SecretString,
        client_ip: Option<IpAddr>,
    ) -> Result<Arc<Self>, SignInError> {
        let credentials = credentials(Pace::default(), user, password, client_ip);
        Self::begin(budget.clone(), server, credentials).await
    }

    /// [`Self::sign_in`] for tests that cannot wait as long as people do.
    pub async fn sign_in_at(
        pace: Pace,
        server: &Server,
        user: &str,
        password: SecretString,
        client_ip: Option<IpAddr>,
    ) -> Result<Arc<Self>, SignInError> {
        let credentials = credentials(pace, user, password, client_ip);
        Self::begin(Arc::default(), server, credentials).await
    }

    async fn begin(
        budget: Arc<Budget>,
        server: &Server,
        credentials: Credentials,
    ) -> Result<Arc<Self>, SignInError> {
        let pool = Pool::open(server.clone(), credentials).await?;
        let engine = Arc::new(Self {
            pool,
            known: Mutex::default(),
            orderings: Orderings::default(),
            shelf: Shelf::default(),
            headers: Headers::new(budget),
            written_to: WrittenTo::default(),
            touched: Touched::default(),
        });
        tokio::spawn(sweep(Arc::downgrade(&engine)));
        Ok(engine)
    }

    /// Says goodbye to the server. Every later operation fails.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether nothing more can come of this engine: the password was refused, or it was closed.
    pub fn is_ended(&self) -> bool {
        self.pool.is_ended()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.pool.count()
    }

    /// How much faster than people's its waiting is.
    pub(super) fn pace(&self) -> Pace {
        self.pool.pace()
    }

    /// A connection, the one that has `mailbox` open if possible; `fresh`: opened just now. See
    /// [`on_connection`].
    pub(super) async fn lease(
        &self,
        mailbox: Option<&Mailbox>,
        fresh: bool,
    ) -> Result<Lease<'_>, ImapError> {
        self.pool.lease(mailbox, fresh).await
    }

    /// A further connection for who holds one; see [`Pool::spare`].
    pub(super) async fn spare(&self, mailbox: &Mailbox) -> Option<Lease<'_>> {
        self.pool.spare(mailbox).await
    }

    /// Whether a connection for commands is there.
    pub(super) fn is_in_use(&self) -> bool {
        self.pool.is_in_use()
    }

    /// A connection for waiting, beside those for commands.
    pub(super) async fn open_apart(&self) -> Result<Connection, ImapError> {
        self.pool.open_apart().await
    }

    /// Waits until nothing more can come of this engine; why.
    pub async fn over(&self) -> ImapError {
        self.pool.over().await
    }

    /// The folder `name` in both its forms. A name that cannot exist is no folder.
    pub(super) fn mailbox(&self, name: &str) -> Result<Mailbox, ImapError> {
        if name.is_empty() || name.len() > NAME_LIMIT || name.contains(['\0', '\r', '\n']) {
            return Err(ImapError::NoFolder);
        }
        if name.eq_ignore_ascii_case("INBOX") {
            return Ok(Mailbox::inbox());
        }
        let wire = self
            .known()
            .wires
            .get(name)
            .cloned()
            .unwrap_or_else(|| mailbox_name::encode(name));
        Ok(Mailbox {
            name: name.to_owned(),
            wire,
        })
    }

    /// The orders of listings that are kept.
    pub fn orderings(&self) -> &Orderings {
        &self.orderings
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what a LIST told.
    pub(super) fn remember(&self, listed: &[Listed], folders: &[Folder]) {
        let mut known = Known::default();
        for entry in listed {
            let name = mailbox_name::decode_lossy(&entry.wire);
            if mailbox_name::encode(&name) != entry.wire {
                known.wires.insert(name, entry.wire.clone());
            }
            known.delimiter = known.delimiter.or(entry.delimiter);
        }
        for folder in folders {
            if let Some(role) = folder.role {
                known.roles.insert(role, folder.name.clone());
            }
        }
        if let Some(delimiter) = known.delimiter {
            let prefix = format!("INBOX{delimiter}");
            let mut others = listed
                .iter()
                .filter(|entry| entry.wire != "INBOX")
                .peekable();
            if others.peek().is_some() && others.all(|entry| entry.wire.starts_with(&prefix)) {
                known.prefix = prefix;
            }
        }
        let mut held = self.known();
        known.namespaces = held.namespaces.take();
        known.room = std::mem::take(&mut held.room);
        let personal = known.namespaces.as_ref().and_then(Namespaces::personal);
        if let Some(personal) = personal {
            known.delimiter = personal.delimiter.or(known.delimiter);
            known.prefix.clone_from(&personal.prefix);
        }
        *held = known;
    }

    /// Whether the server is yet to be asked for its namespaces. Asking is remembered at once: an
    /// answer that breaks the connection must not break the next one too.
    pub(super) fn asks_namespaces(&self) -> bool {
        let mut known = self.known();
        let first = known.namespaces.is_none();
        known.namespaces.get_or_insert_default();
        first
    }

    /// Remembers the namespaces where the server told them just now; those that are known.
    pub(super) fn remember_namespaces(&self, told: Option<Namespaces>) -> Namespaces {
        let mut known = self.known();
        if told.is_some() {
            known.namespaces = told;
        }
        known.namespaces.clone().unwrap_or_default()
    }

    /// Whether the server has to be asked how full the mailbox is.
    pub(super) fn asks_quota(&self) -> bool {
        self.known().room.is_doubtful(Instant::now())
    }

    pub(super) fn remember_quota(&self, quota: Option<Quota>) {
        self.known().room.learn(quota, Instant::now());
    }

    /// Something was stored or deleted: how full the mailbox is has to be asked anew.
    pub(super) fn doubt_quota(&self) {
        self.known().room.doubt();
    }

    /// How full the mailbox was when the server was asked last.
    pub fn quota(&self) -> Option<Quota> {
        self.known().room.quota()
    }

    /// What stands between the levels of the folder `name`, or of one that is to be made so.
    pub(super) fn delimiter(&self, name: &str) -> Option<char> {
        let known = self.known();
        known
            .namespaces
            .as_ref()
            .and_then(|namespaces| namespaces.of(name))
            .and_then(|namespace| namespace.delimiter)
            .or(known.delimiter)
    }

    /// The prefix of one's own folders.
    pub(super) fn prefix(&self) -> String {
        self.known().prefix.clone()
    }

    /// Lets go of connections that rest in a folder of which `affected` says that its name means
    /// something else now.
    pub(super) async fn leave(&self, affected: impl Fn(&str) -> bool) {
        self.pool.leave(affected).await;
    }

    /// Grows when names of folders come to mean something else; see [`Pool::leave`].
    pub(super) fn epoch(&self) -> u64 {
        self.pool.epoch()
    }

    /// The folder with `role` by the last LIST, if it named one.
    pub(super) fn known_role(&self, role: FolderRole) -> Option<String> {
        self.known().roles.get(&role).cloned()
    }

    /// What the last LIST told is no longer true.
    pub fn forget_roles(&self) {
        self.known().roles.clear();
    }

    /// A folder has been made for `role`.
    pub(super) fn remember_role(&self, role: FolderRole, name: &str) {
        self.known().roles.insert(role, name.to_owned());
    }

    /// Names under which a folder `name` may be made, the likeliest first: some servers keep all
    /// folders below INBOX (RFC 2342 calls this the personal namespace's prefix).
    pub(super) fn new_names(&self, name: &str) -> Vec<String> {
        let known = self.known();
        let mut names = vec![format!("{}{name}", known.prefix)];
        if known.prefix.is_empty()
            && let Some(delimiter) = known.delimiter
        {
            names.push(format!("INBOX{delimiter}{name}"));
        }
        names
    }
}

fn credentials(
    pace: Pace,
    user: &str,
    password: SecretString,
    client_ip: Option<IpAddr>,
) -> Credentials {
    Credentials {
        user: user.to_owned(),
        password,
        client_ip,
        pace,
    }
}

/// Closes idle connections until the engine is gone.
async fn sweep(engine: Weak<Engine>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(engine) = engine.upgrade() else {
            return;
        };
        if engine.is_ended() {
            return;
        }
        engine.shelf.sweep();
        engine.headers.sweep();
        engine.written_to.sweep();
        engine.pool.sweep().await;
    }
}
