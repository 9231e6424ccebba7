//! Who is signed in. A browser holds a random identifier in a cookie; what it stands for is behind
//! [`SessionStore`], in memory for now, for one node.

use rand::TryRngCore;
use secrecy::SecretString;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
/// The most sessions of one user, for the same reason that there is a most at all: who signs in
/// again and again ends sessions of their own, and nobody else's. More browsers than anybody has.
const OF_A_USER: usize = 50;

/// Sessions in this node's memory.
#[derive(Debug)]
pub struct MemoryStore {
    idle: Duration,
    life: Duration,
    kept: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    entries: HashMap<SessionId, Entry>,
    /// Those of each user, by the address in small letters, as nearly all servers read it; nobody
    /// here has none.
    users: HashMap<String, HashSet<SessionId>>,
}

impl Sessions {
    fn remove(&mut self, id: &SessionId) -> bool {
        let Some(entry) = self.entries.remove(id) else {
            return false;
        };
        let user = entry.session.user.to_lowercase();
        if let Some(own) = self.users.get_mut(&user) {
            own.remove(id);
            if own.is_empty() {
                self.users.remove(&user);
            }
        }
        true
    }

    /// Makes room for one more of `user`.
    fn make_room(&mut self, user: &str) {
        let own = self.users.get(&user.to_lowercase());
        let own = own.filter(|own| own.len() >= OF_A_USER);
        let used = |id: &SessionId| Some((self.entries.get(id)?.used, id.clone()));
        let oldest = match own {
            Some(own) => own.iter().filter_map(used).min_by_key(|(used, _)| *used),
            None if self.entries.len() < CAPACITY => None,
            None => self
                .entries
                .keys()
                .filter_map(used)
                .min_by_key(|(used, _)| *used),
        };
        if let Some((_, oldest)) = oldest {
            self.remove(&oldest);
        }
    }
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
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Sessions> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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
        let kept = self.kept();
        let entry = kept.entries.get(id)?;
        self.alive(entry, Instant::now())
            .then(|| entry.session.clone())
    }

    /// How many are kept, those among them that have expired a moment ago.
    pub fn count(&self) -> usize {
        self.kept().entries.len()
    }

    /// Forgets what has expired; returns the users that still have a session.
    pub fn sweep(&self) -> HashSet<String> {
        let now = Instant::now();
        let mut kept = self.kept();
        let over = kept.entries.iter();
        let over = over.filter(|(_, entry)| !self.alive(entry, now));
        let over: Vec<SessionId> = over.map(|(id, _)| id.clone()).collect();
        for id in &over {
            kept.remove(id);
        }
        let left = kept.entries.values();
        left.map(|entry| entry.session.user.clone()).collect()
    }
}

impl SessionStore for MemoryStore {
    async fn insert(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        let now = Instant::now();
        let mut kept = self.kept();
        kept.make_room(&session.user);
        let own = kept.users.entry(session.user.to_lowercase()).or_default();
        own.insert(session.id.clone());
        kept.entries.insert(
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
        let mut kept = self.kept();
        let entry = kept.entries.get_mut(id)?;
        if self.alive(entry, now) {
            entry.used = now;
            return Some(entry.session.clone());
        }
        kept.remove(id);
        None
    }

    async fn remove(&self, id: &SessionId) -> bool {
        self.kept().remove(id)
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryStore, OF_A_USER, Session, SessionId, SessionStore};
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

    #[tokio::test]
    async fn who_signs_in_again_and_again_ends_their_own_sessions_only() {
        let store = MemoryStore::new(Duration::from_mins(1), Duration::from_mins(1));
        let other = Session {
            user: "jonas@posthorn.example".to_owned(),
            ..session()
        };
        let other = store.insert(other).await;
        let first = store.insert(session()).await;
        let mut rest = Vec::new();
        for number in 0..OF_A_USER * 3 {
            // Whatever is in use stays.
            assert!(store.get(&first.id).await.is_some());
            let mut next = session();
            // Whoever spells the address otherwise is the same.
            if number % 2 == 0 {
                next.user = "Anna@posthorn.example".to_owned();
            }
            rest.push(store.insert(next).await);
        }
        assert_eq!(store.count(), OF_A_USER + 1);
        assert!(store.is_alive(&other.id) && store.is_alive(&first.id));
        assert!(!store.is_alive(&rest.first().unwrap().id));
        assert!(store.is_alive(&rest.last().unwrap().id));
        let users = store.sweep();
        assert_eq!(users.len(), 3);
        assert!(users.contains(&other.user) && users.contains(&first.user));
        assert!(store.remove(&other.id).await && !store.remove(&other.id).await);
        assert_eq!(store.sweep().len(), 2);
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
