//! Who is signed in. A browser holds a random identifier in a cookie; what it stands for is behind
//! [`SessionStore`], in memory for now, for one node.

use rand::TryRngCore;
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The random value in the cookie: 256 bits in base64url. Knowing it is being signed in, so it
/// never prints.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// A new one from the system's source of randomness.
    pub fn random() -> Result<Self, rand::rand_core::OsError> {
        random_token().map(Self)
    }

    /// As it came in the cookie; anything that is not of our making is `None`.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let fits = value.len() == 43
            && value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Self(value.to_owned()))
    }

    /// For the cookie, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// 256 random bits in base64url.
pub fn random_token() -> Result<String, rand::rand_core::OsError> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes)?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// A signed-in person.
#[derive(Debug)]
pub struct Session {
    pub id: SessionId,
    /// The address that signed in, its domain in lower case: the user's identity.
    pub user: String,
    /// The domain in lower-case ASCII, which chooses the servers.
    pub domain: String,
    pub password: SecretString,
}

/// Where sessions are kept. A stored one (SQLite, PostgreSQL) fills the same three calls.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a new session.
    fn insert(&self, session: Session) -> impl Future<Output = Arc<Session>> + Send;
    /// The session, if it has not expired; counts as use.
    fn get(&self, id: &SessionId) -> impl Future<Output = Option<Arc<Session>>> + Send;
    /// Ends it; `true` if there was one.
    fn remove(&self, id: &SessionId) -> impl Future<Output = bool> + Send;
}

/// The most sessions kept in memory; beyond, the one longest unused ends.
const CAPACITY: usize = 100_000;

/// Sessions in this node's memory.
#[derive(Debug)]
pub struct MemoryStore {
    idle: Duration,
    life: Duration,
    entries: Mutex<HashMap<SessionId, Entry>>,
}

#[derive(Debug)]
struct Entry {
    session: Arc<Session>,
    created: Instant,
    used: Instant,
}

impl MemoryStore {
    /// Sessions end after `idle` without use, and after `life` in any case.
    pub fn new(idle: Duration, life: Duration) -> Self {
        Self {
            idle,
            life,
            entries: Mutex::default(),
        }
    }

    fn alive(&self, entry: &Entry, now: Instant) -> bool {
        now.duration_since(entry.used) < self.idle && now.duration_since(entry.created) < self.life
    }

    /// Whether the session still is. Does not count as use.
    pub fn is_alive(&self, id: &SessionId) -> bool {
        self.peek(id).is_some()
    }

    /// The session, if it has not expired. Does not count as use.
    pub fn peek(&self, id: &SessionId) -> Option<Arc<Session>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(id)?;
        self.alive(entry, Instant::now())
            .then(|| entry.session.clone())
    }

    /// How many are kept, those among them that have expired a moment ago.
    pub fn count(&self) -> usize {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Forgets what has expired; returns the users that still have a session.
    pub fn sweep(&self) -> Vec<String> {
        let now = Instant::now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| self.alive(entry, now));
        entries
            .values()
            .map(|entry| entry.session.user.clone())
            .collect()
    }
}

impl SessionStore for MemoryStore {
    async fn insert(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        let now = Instant::now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            let oldest = entries
                .iter()
                .min_by_key(|(_, entry)| entry.used)
                .map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.insert(
            session.id.clone(),
            Entry {
                session: session.clone(),
                created: now,
                used: now,
            },
        );
        session
    }

    async fn get(&self, id: &SessionId) -> Option<Arc<Session>> {
        let now = Instant::now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get_mut(id)?;
        if self.alive(entry, now) {
            entry.used = now;
            return Some(entry.session.clone());
        }
        entries.remove(id);
        None
    }

    async fn remove(&self, id: &SessionId) -> bool {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryStore, Session, SessionId, SessionStore};
    use std::time::Duration;

    fn session() -> Session {
        Session {
            id: SessionId::random().unwrap(),
            user: "anna@posthorn.example".to_owned(),
            domain: "posthorn.example".to_owned(),
            password: "top secret".into(),
        }
    }

    #[tokio::test]
    async fn a_session_lives_until_it_is_removed() {
        let store = MemoryStore::new(Duration::from_mins(1), Duration::from_mins(1));
        let id = store.insert(session()).await.id.clone();
        assert!(store.get(&id).await.is_some());
        assert!(store.remove(&id).await);
        assert!(store.get(&id).await.is_none());
    }

    #[tokio::test]
    async fn a_session_expires_by_idleness_and_by_age() {
        for (idle, life) in [(0, 60), (60, 0)] {
            let store = MemoryStore::new(Duration::from_secs(idle), Duration::from_secs(life));
            let id = store.insert(session()).await.id.clone();
            assert!(store.get(&id).await.is_none());
            assert!(store.sweep().is_empty());
        }
    }

    #[test]
    fn neither_the_password_nor_the_identifier_prints() {
        let session = session();
        let printed = format!("{session:?}");
        assert!(!printed.contains("top secret") && !printed.contains(session.id.expose()));
    }

    #[test]
    fn a_cookie_that_is_not_ours_is_nobody() {
        for value in ["", "x", &"a".repeat(44), &"ä".repeat(43), &"\"".repeat(43)] {
            assert!(SessionId::from_cookie(value).is_none());
        }
        let id = SessionId::random().unwrap();
        assert_eq!(SessionId::from_cookie(id.expose()), Some(id));
    }
}
