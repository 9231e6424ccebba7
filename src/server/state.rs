//! What the server holds while it runs, shared by all requests of this node.

use super::config::Config;
use super::delivery::Sent;
use super::engines::Engines;
use super::events::Hub;
use super::kept::KeptForms;
use super::marking::Marks;
use super::opened::Opened;
use super::operators::Counts;
use super::pictures::Seen;
use super::remote::Remote;
use super::session::MemoryStore;
use super::storage::Storage;
use super::throttle::Throttle;
use super::tls::{TrustError, client_config};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;

/// How often expired sessions are looked for.
const SWEEP: Duration = Duration::from_mins(1);

/// The state of this node; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Inner>);

/// See [`AppState`], which derefs to it.
#[derive(Debug)]
pub struct Inner {
    pub config: Config,
    pub leptos: LeptosOptions,
    pub tls: Arc<ClientConfig>,
    pub sessions: MemoryStore,
    pub engines: Engines,
    pub events: Hub,
    pub throttle: Throttle,
    pub kept: KeptForms,
    pub opened: Opened,
    pub marks: Marks,
    pub remote: Remote,
    pub seen: Seen,
    pub storage: Storage,
    pub sent: Sent,
    pub counts: Counts,
}

impl AppState {
    /// Builds the state. Nothing is connected yet.
    pub fn new(config: Config, leptos: LeptosOptions) -> Result<Self, TrustError> {
        let tls = client_config(config.ca_file.as_deref())?;
        let remote = Remote::new(tls.clone(), config.remote_allow.clone())
            .ok_or_else(|| TrustError::Setup("the system has no randomness".to_owned()))?;
        let storage = Storage::new(&config.database_url);
        let sessions = MemoryStore::new(config.session_idle, config.session_life);
        Ok(Self(Arc::new(Inner {
            config,
            leptos,
            tls,
            sessions,
            engines: Engines::default(),
            events: Hub::default(),
            throttle: Throttle::default(),
            kept: KeptForms::default(),
            opened: Opened::default(),
            marks: Marks::default(),
            remote,
            seen: Seen::default(),
            storage,
            sent: Sent::default(),
            counts: Counts::default(),
        })))
    }

    /// Ends what has expired, again and again; never returns.
    pub async fn keep_tidy(self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let users = self.sessions.sweep();
            self.opened.retain(&users);
            self.seen.retain(&users);
            self.remote.retain(|id| self.sessions.is_alive(id));
            self.engines.retain(&users).await;
        }
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
