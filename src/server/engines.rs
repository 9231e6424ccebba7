//! The IMAP engines of this node: one a signed-in user, made when first needed, ended with the
//! user's last session. Soft state: losing it costs a sign-in at the mail server, nothing else.

use super::imap::{Budget, Engine, Figures, Server, SignInError};
use super::session::Session;
use crate::model::Error;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, PoisonError};
use std::time::{Duration, Instant};

/// So long a refused password is not tried again.
const REFUSED: Duration = Duration::from_mins(1);
/// Refused passwords of one user that are kept in mind.
const MOST_REFUSED: usize = 8;

/// Stands for a password that was refused, which is not kept itself: a hash with a key of this
/// process.
fn print_of(password: &SecretString) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(password.expose_secret())
}

/// What is known of one user.
#[derive(Debug, Default)]
struct Held {
    /// The engine, and the password it was made with.
    engine: Option<(Arc<Engine>, SecretString)>,
    /// What the server has refused, and when. A page asks several times at once, and who waits while
    /// a password is refused has the same one mostly: the server would take that for guessing.
    refused: VecDeque<(u64, Instant)>,
}

impl Held {
    fn refuse(&mut self, password: &SecretString) {
        if self.refused.len() >= MOST_REFUSED {
            self.refused.pop_front();
        }
        self.refused.push_back((print_of(password), Instant::now()));
    }

    fn has_refused(&mut self, password: &SecretString) -> bool {
        self.refused.retain(|(_, at)| at.elapsed() < REFUSED);
        let print = print_of(password);
        self.refused.iter().any(|(refused, _)| *refused == print)
    }

    /// The server has taken the password.
    fn accept(&mut self, password: &SecretString) {
        let print = print_of(password);
        self.refused.retain(|(refused, _)| *refused != print);
    }
}

#[derive(Debug, Default)]
struct Slot(tokio::sync::Mutex<Held>);

/// All engines of this node.
#[derive(Debug, Default)]
pub struct Engines {
    slots: std::sync::Mutex<HashMap<String, Arc<Slot>>>,
    /// What they keep of their lists, all together.
    headers: Arc<Budget>,
}

/// How many there are, for operators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    pub engines: usize,
    /// Connections for commands.
    pub connections: usize,
}

impl Engines {
    fn slot(&self, user: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(user.to_owned()).or_default().clone()
    }

    /// Checks address and password at the mail server. The connection becomes the user's engine,
    /// unless there is one already that another session is using.
    pub async fn sign_in(
        &self,
        server: &Server,
        user: &str,
        password: &SecretString,
        client: Option<IpAddr>,
    ) -> Result<(), SignInError> {
        let engine =
            Engine::sign_in_within(&self.headers, server, user, password.clone(), client).await?;
        let slot = self.slot(user);
        let mut held = slot.0.lock().await;
        held.accept(password);
        let in_use = held.engine.as_ref().is_some_and(|(former, known)| {
            !former.is_ended() && known.expose_secret() == password.expose_secret()
        });
        let superfluous = if in_use {
            Some(engine)
        } else {
            held.engine
                .replace((engine, password.clone()))
                .map(|(former, _)| former)
        };
        drop(held);
        if let Some(engine) = superfluous {
            engine.close().await;
        }
        Ok(())
    }

    /// The engine of a session, signed in anew if this node has none. Requests of one user wait
    /// for each other here, so that there is one sign-in at a time.
    pub async fn get(
        &self,
        session: &Session,
        server: &Server,
        client: Option<IpAddr>,
    ) -> Result<Arc<Engine>, Error> {
        let slot = self.slot(&session.user);
        let mut held = slot.0.lock().await;
        if let Some((engine, password)) = held.engine.as_ref()
            && !engine.is_ended()
            && password.expose_secret() == session.password.expose_secret()
        {
            return Ok(engine.clone());
        }
        if held.has_refused(&session.password) {
            return Err(Error::PasswordRefused);
        }
        match Engine::sign_in_within(
            &self.headers,
            server,
            &session.user,
            session.password.clone(),
            client,
        )
        .await
        {
            Ok(engine) => {
                held.engine = Some((engine.clone(), session.password.clone()));
                Ok(engine)
            }
            Err(SignInError::WrongPassword) => {
                held.refuse(&session.password);
                Err(Error::PasswordRefused)
            }
            Err(SignInError::Unavailable(_)) => Err(Error::Busy),
            Err(error) => {
                tracing::warn!(%error, "the mail server cannot be reached");
                Err(Error::Unreachable)
            }
        }
    }

    /// What the engines keep of their lists.
    pub fn headers(&self) -> Figures {
        self.headers.figures()
    }

    /// Counts engines and connections. One that is being opened at this moment is left out.
    pub fn census(&self) -> Census {
        let slots: Vec<Arc<Slot>> = {
            let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.values().cloned().collect()
        };
        let mut census = Census::default();
        for slot in slots {
            if let Ok(held) = slot.0.try_lock()
                && let Some((engine, _)) = held.engine.as_ref()
                && !engine.is_ended()
            {
                census.engines += 1;
                census.connections += engine.connections();
            }
        }
        census
    }

    /// Ends the engines of all but `users`.
    pub async fn retain(&self, users: &HashSet<String>) {
        let ended: Vec<_> = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let gone: Vec<String> = slots
                .keys()
                .filter(|user| !users.contains(user.as_str()))
                .cloned()
                .collect();
            gone.iter().filter_map(|user| slots.remove(user)).collect()
        };
        for slot in ended {
            if let Some((engine, _)) = slot.0.lock().await.engine.take() {
                engine.close().await;
            }
        }
    }
}
