//! The connections of one user: at most three, opened one at a time, reused for the folder they
//! have open, closed after minutes of idleness. Whoever holds one holds it alone; what comes back
//! unfit is thrown away.

use super::backoff::Backoff;
use super::connection::Connection;
use super::error::{ImapError, SignInError};
use super::pace::Pace;
use super::sign_in::{Credentials, Server, sign_in};
use super::view::Mailbox;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{AcquireError, Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// Command connections a user has at most.
const CONNECTIONS: usize = 3;
/// How long to wait for a connection to become free.
const WAIT: Duration = Duration::from_secs(20);
/// A sign-in may take no longer while there are other connections to go on with.
const OPENING: Duration = Duration::from_secs(8);
/// So long a caller waits for one that has no other folder open, and then takes any.
const CHOOSY: Duration = Duration::from_secs(2);
/// Idle connections are closed after this time.
const IDLE: Duration = Duration::from_mins(5);
/// A connection used this recently keeps its folder: for another one a further connection is
/// opened rather than paying for the SELECT at every change to and fro.
const WARM: Duration = Duration::from_mins(1);
/// After the server refused a further connection, it is not asked again for this time.
const SHRUNK: Duration = Duration::from_mins(1);
/// The same where the server could not be reached for one, while there were others.
const MISSED: Duration = Duration::from_secs(5);

/// Why no more connections are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    PasswordRefused,
    Closed,
}

#[derive(Debug)]
struct Resting {
    connection: Connection,
    since: Instant,
}

#[derive(Debug, Default)]
struct State {
    resting: Vec<Resting>,
    /// All connections: resting, held, and being opened.
    open: usize,
    /// How many the server lets us have, as far as known: as many as there are permits.
    allowed: usize,
    /// When the server is asked for one more again.
    grows: Option<Instant>,
    backoff: Backoff,
    end: Option<End>,
    /// How often names of folders have come to mean something else.
    epoch: u64,
}

/// The pool.
#[derive(Debug)]
pub struct Pool {
    server: Server,
    credentials: Credentials,
    state: Mutex<State>,
    permits: Semaphore,
    /// One sign-in at a time.
    opening: tokio::sync::Mutex<()>,
    /// Told when the pool has ended.
    over: tokio::sync::watch::Sender<bool>,
    /// Told when a connection comes back.
    returned: Notify,
}

/// A connection on loan. Dropping it gives it back.
#[derive(Debug)]
pub struct Lease<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    /// Whether it had been used before, and so may have died since.
    pub reused: bool,
    /// That of the pool when it was asked for.
    epoch: u64,
    _permit: SemaphorePermit<'a>,
}

impl Lease<'_> {
    /// The connection.
    pub fn connection(&mut self) -> Result<&mut Connection, ImapError> {
        self.connection
            .as_mut()
            .ok_or_else(|| ImapError::Unreachable("given back".to_owned()))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.give_back(connection, self.epoch);
        }
    }
}

/// Counts a connection that is being opened, unless it is given up.
struct Reservation<'a>(Option<&'a Pool>);

impl Reservation<'_> {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if let Some(pool) = self.0 {
            pool.lock().open -= 1;
        }
    }
}

impl Pool {
    /// Signs in; the first connection is in the pool then.
    pub async fn open(server: Server, credentials: Credentials) -> Result<Self, SignInError> {
        let connection = sign_in(&server, &credentials).await?;
        let resting = vec![Resting {
            connection,
            since: Instant::now(),
        }];
        Ok(Self {
            server,
            credentials,
            state: Mutex::new(State {
                resting,
                open: 1,
                allowed: CONNECTIONS,
                ..State::default()
            }),
            permits: Semaphore::new(CONNECTIONS),
            opening: tokio::sync::Mutex::new(()),
            over: tokio::sync::watch::Sender::new(false),
            returned: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) -> Result<(), ImapError> {
        match self.lock().end {
            None => Ok(()),
            Some(End::PasswordRefused) => Err(ImapError::AuthenticationFailed),
            Some(End::Closed) => Err(ImapError::Unreachable("signed out".to_owned())),
        }
    }

    /// A connection, the one that has `mailbox` open if possible. `fresh`: one opened just now.
    pub async fn lease(
        &self,
        mailbox: Option<&Mailbox>,
        fresh: bool,
    ) -> Result<Lease<'_>, ImapError> {
        self.lease_as(mailbox, fresh, true).await
    }

    /// `patient`: waits for another one where none can be opened.
    async fn lease_as(
        &self,
        mailbox: Option<&Mailbox>,
        fresh: bool,
        patient: bool,
    ) -> Result<Lease<'_>, ImapError> {
        let asked = Instant::now();
        // Before anything is taken: too old is only one SELECT more.
        let epoch = self.epoch();
        let deadline = asked + self.credentials.pace.of(WAIT);
        let busy = |_| ImapError::Busy;
        let mut fresh = fresh;
        loop {
            self.ended()?;
            let acquired = timeout_at(deadline, self.permit()).await.map_err(busy)?;
            let Ok(permit) = acquired else {
                return self.ended().and(Err(ImapError::Busy));
            };
            let choosy = asked + self.credentials.pace.of(CHOOSY);
            let mut any = false;
            let opening = loop {
                let returned = self.returned.notified();
                if !fresh && let Some(connection) = self.take(mailbox, any) {
                    return Ok(self.lend(connection, true, epoch, permit));
                }
                tokio::select! {
                    opening = timeout_at(deadline, self.opening.lock()) => {
                        break opening.map_err(busy)?;
                    }
                    () = returned => {}
                    () = sleep_until(choosy), if !any => any = true,
                }
            };
            self.ended()?;
            // Meanwhile one may have come back.
            if !fresh && let Some(connection) = self.take(mailbox, any) {
                return Ok(self.lend(connection, true, epoch, permit));
            }
            self.pause(asked).await?;
            let reservation = self.reserve();
            let result = self.sign_in().await;
            self.note(&result);
            match result {
                Ok(connection) => {
                    reservation.keep();
                    return Ok(self.lend(connection, false, epoch, permit));
                }
                // Whoever waits to open one comes when this is done, and finds what is true then.
                Err(error) => {
                    drop(reservation);
                    if error == SignInError::WrongPassword {
                        self.end(End::PasswordRefused);
                        return Err(ImapError::AuthenticationFailed);
                    }
                    if !self.shrink(&error) {
                        return Err(error.into());
                    }
                    // Go on with the connections there are.
                    permit.forget();
                    drop(opening);
                    if !patient {
                        return Err(ImapError::Busy);
                    }
                    fresh = false;
                }
            }
        }
    }

    /// The right to one connection, as soon as one comes back or one more is allowed.
    async fn permit(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        let mut acquired = pin!(self.permits.acquire());
        loop {
            // Where nothing is missing now, it may be while this waits.
            let look = self.grow().unwrap_or_else(|| Instant::now() + MISSED);
            tokio::select! {
                acquired = &mut acquired => return acquired,
                () = sleep_until(look) => {}
            }
        }
    }

    /// A further connection for somebody who holds one and would be done earlier with two; `None`
    /// where that would leave none for others, or where none can be opened: to wait for one would be
    /// to wait for one's own.
    pub async fn spare(&self, mailbox: &Mailbox) -> Option<Lease<'_>> {
        if self.permits.available_permits() < 2 {
            return None;
        }
        self.lease_as(Some(mailbox), false, false).await.ok()
    }

    /// Opens a connection that is counted already.
    async fn sign_in(&self) -> Result<Connection, SignInError> {
        // Rarely needed, and large: every command's future would have room for it.
        let signing_in = Box::pin(sign_in(&self.server, &self.credentials));
        if self.lock().open == 1 {
            return signing_in.await;
        }
        self.hurry(signing_in).await
    }

    /// Signs in, unless it takes longer than it may while there are connections to go on with.
    async fn hurry(
        &self,
        signing_in: impl Future<Output = Result<Connection, SignInError>>,
    ) -> Result<Connection, SignInError> {
        timeout(self.credentials.pace.of(OPENING), signing_in)
            .await
            .unwrap_or_else(|_| Err(SignInError::Interrupted("timed out".to_owned())))
    }

    /// Waits until a sign-in may be tried, after some that failed. What failed since `asked` has
    /// failed for the caller too, unless there are connections: then it is no outage.
    async fn pause(&self, asked: Instant) -> Result<(), ImapError> {
        let until = {
            let state = self.lock();
            if state.open == 0
                && let Some(error) = state.backoff.shared(asked)
            {
                return Err(error);
            }
            state.backoff.until()
        };
        sleep_until(until).await;
        self.ended()
    }

    /// Remembers how a sign-in went.
    fn note(&self, result: &Result<Connection, SignInError>) {
        let mut state = self.lock();
        match result {
            Ok(_) => state.backoff.succeeded(),
            Err(error) => state
                .backoff
                .failed(error.clone().into(), self.credentials.pace),
        }
    }

    fn lend<'a>(
        &'a self,
        connection: Connection,
        reused: bool,
        epoch: u64,
        permit: SemaphorePermit<'a>,
    ) -> Lease<'a> {
        Lease {
            pool: self,
            connection: Some(connection),
            reused,
            epoch,
            _permit: permit,
        }
    }

    /// Takes the resting connection that suits best; `None` where one had better be opened, unless
    /// `any` will do.
    fn take(&self, mailbox: Option<&Mailbox>, any: bool) -> Option<Connection> {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let rank = |resting: &Resting| match (mailbox, resting.connection.selected()) {
                (Some(mailbox), Some(selected)) if selected.name == mailbox.name => 0,
                (None, None) => 0,
                (_, None) | (None, _) => 1,
                (Some(_), Some(_)) if now - resting.since > WARM => 2,
                _ => 3,
            };
            // Of equals the one that rests longest, so that the warm ones stay so.
            let (index, best) = state
                .resting
                .iter()
                .enumerate()
                .min_by_key(|(_, resting)| (rank(resting), resting.since))
                .map(|(index, resting)| (index, rank(resting)))?;
            if best == 3 && state.open < state.allowed && !any {
                return None;
            }
            let mut connection = state.resting.swap_remove(index).connection;
            if connection.is_alive() {
                return Some(connection);
            }
            tracing::debug!(
                connection = connection.id(),
                "IMAP connection was closed by the server"
            );
            state.open -= 1;
        }
    }

    fn give_back(&self, mut connection: Connection, epoch: u64) {
        let mut state = self.lock();
        if epoch != state.epoch {
            // What is open may be called something else by now.
            connection.forget_selected();
        }
        if connection.is_usable() && state.end.is_none() {
            state.resting.push(Resting {
                connection,
                since: Instant::now(),
            });
            self.returned.notify_one();
        } else {
            tracing::debug!(connection = connection.id(), "IMAP connection discarded");
            state.open -= 1;
        }
    }

    /// Counts one more connection. Where there is no room, a resting one makes it: there is one,
    /// since whoever reserves holds a permit.
    fn reserve(&self) -> Reservation<'_> {
        let mut state = self.lock();
        if state.open >= state.allowed && state.resting.pop().is_some() {
            state.open -= 1;
        }
        state.open += 1;
        Reservation(Some(self))
    }

    /// After a refused sign-in: whether to go on with fewer connections. The caller then forgets
    /// its permit; those that nobody holds and no connection stands for go at once.
    fn shrink(&self, error: &SignInError) -> bool {
        let mut state = self.lock();
        let pause = match error {
            SignInError::Unavailable(_) => SHRUNK,
            // At its limit in all, a server may hang up, or not answer at all.
            SignInError::Unreachable(_) | SignInError::Interrupted(_) => MISSED,
            SignInError::WrongPassword | SignInError::CertificateNotTrusted(_) => return false,
        };
        if state.open == 0 {
            return false;
        }
        // With others at work this is no outage.
        state.backoff.succeeded();
        let surplus = state.allowed.saturating_sub(1).saturating_sub(state.open);
        let forgotten = self.permits.forget_permits(surplus);
        state.allowed = state.allowed.saturating_sub(1 + forgotten);
        state.grows = Some(Instant::now() + self.credentials.pace.of(pause));
        tracing::info!(
            allowed = state.allowed,
            %error,
            "no further IMAP connection is to be had"
        );
        true
    }

    /// Some time after [`Self::shrink`], allows one connection more again; when the next one is.
    fn grow(&self) -> Option<Instant> {
        let mut state = self.lock();
        if state.end.is_some() || state.allowed >= CONNECTIONS {
            return None;
        }
        let now = Instant::now();
        if state.grows.is_some_and(|at| at <= now) {
            state.allowed += 1;
            state.grows = Some(now + self.credentials.pace.of(MISSED));
            self.permits.add_permits(1);
        }
        state.grows.filter(|_| state.allowed < CONNECTIONS)
    }

    fn end(&self, end: End) -> Vec<Resting> {
        let mut state = self.lock();
        if state.end.is_none() {
            state.end = Some(end);
        }
        self.permits.close();
        self.over.send_replace(true);
        let resting = std::mem::take(&mut state.resting);
        state.open -= resting.len();
        resting
    }

    /// Whether somebody is at work: a connection is on loan, or rests and is still alive.
    pub fn is_in_use(&self) -> bool {
        let mut state = self.lock();
        let before = state.resting.len();
        state
            .resting
            .retain_mut(|resting| resting.connection.is_alive());
        state.open -= before - state.resting.len();
        state.open > 0
    }

    /// Closes what has rested long enough.
    pub async fn sweep(&self) {
        let old: Vec<Resting> = {
            let mut state = self.lock();
            let old: Vec<Resting> = state
                .resting
                .extract_if(.., |resting| resting.since.elapsed() > IDLE)
                .collect();
            state.open -= old.len();
            old
        };
        farewell(old).await;
    }

    /// Closes what rests in a folder of which `affected` says that its name means something else
    /// now. What is on loan at this moment opens its folder anew when it is used next.
    pub async fn leave(&self, affected: impl Fn(&str) -> bool) {
        let there: Vec<Resting> = {
            let mut state = self.lock();
            state.epoch += 1;
            let there: Vec<Resting> = state
                .resting
                .extract_if(.., |resting| {
                    let selected = resting.connection.selected();
                    selected.is_some_and(|selected| affected(&selected.name))
                })
                .collect();
            state.open -= there.len();
            there
        };
        farewell(there).await;
    }

    /// Closes all. Connections that are held are closed when they come back.
    pub async fn close(&self) {
        farewell(self.end(End::Closed)).await;
    }

    /// Opens a connection beside those for commands: for waiting, which nobody else could use
    /// meanwhile. Signed in like all others, one at a time; a refused password ends the pool.
    pub async fn open_apart(&self) -> Result<Connection, ImapError> {
        let asked = Instant::now();
        let deadline = asked + self.credentials.pace.of(WAIT);
        let opening = timeout_at(deadline, self.opening.lock()).await;
        let opening = opening.map_err(|_| ImapError::Busy)?;
        self.ended()?;
        self.pause(asked).await?;
        let signing_in = Box::pin(sign_in(&self.server, &self.credentials));
        let in_use = self.is_in_use();
        let result = if in_use {
            self.hurry(signing_in).await
        } else {
            signing_in.await
        };
        // That there is no room for one more says nothing about those that commands need: at its limit
        // a server may also hang up, or not answer at all.
        let full = match &result {
            Err(SignInError::Unavailable(_)) => true,
            Err(SignInError::Unreachable(_) | SignInError::Interrupted(_)) => in_use,
            _ => false,
        };
        if !full {
            self.note(&result);
        }
        drop(opening);
        if matches!(result, Err(SignInError::WrongPassword)) {
            self.end(End::PasswordRefused);
        }
        Ok(result?)
    }

    /// Grows when names of folders come to mean something else; see [`Self::leave`].
    pub fn epoch(&self) -> u64 {
        self.lock().epoch
    }

    /// Waits until the pool has ended; the reason.
    pub async fn over(&self) -> ImapError {
        // The sender is in `self`: it cannot be gone.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
        self.ended()
            .err()
            .unwrap_or_else(|| ImapError::Unreachable("ended".to_owned()))
    }

    /// Whether the password was refused or the pool closed.
    pub fn is_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// How much faster than people's its waiting is.
    pub fn pace(&self) -> Pace {
        self.credentials.pace
    }

    /// How many connections are open.
    pub fn count(&self) -> usize {
        self.lock().open
    }
}

async fn farewell(connections: Vec<Resting>) {
    futures_util::future::join_all(
        connections
            .into_iter()
            .map(|resting| resting.connection.logout()),
    )
    .await;
}
