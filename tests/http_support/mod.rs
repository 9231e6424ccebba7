//! What the tests of the HTTP side share: Posthorn's real router on a real port, configured for the
//! mail stand, and how a test is run: on workers with the stack that the server gives them.

pub mod client;
pub mod faults;
pub mod form;
pub mod html;
pub mod mailbox;

use client::Browser;
use posthorn::server::config::Config;
use posthorn::server::http::router;
use posthorn::server::state::AppState;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// As in `src/main.rs`.
const STACK: usize = 16 << 20;
/// A test that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(4);
/// Tests that run at the same time: the stand gives a user ten connections, a site takes three.
const SITES: usize = 2;

static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// A place among the tests that run; given back also by a test that fails.
struct Turn;

impl Turn {
    fn take() -> Self {
        let (count, free) = &RUNNING;
        let held = count.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = free
            .wait_while(held, |held| *held >= SITES)
            .unwrap_or_else(PoisonError::into_inner);
        *held += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (count, free) = &RUNNING;
        *count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        free.notify_one();
    }
}

/// Runs a test in a runtime of its own.
pub fn run<F: Future<Output = ()>>(test: F) {
    let _turn = Turn::take();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, test)
            .await
            .expect("the test hangs");
    });
    runtime.shutdown_background();
}

pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need the mail stand, run `make test`")
    })
}

/// An unused word for subjects and identifiers.
pub fn unique(word: &str) -> String {
    format!("{word}-{:032x}", rand::random::<u128>())
}

/// A server of the test's own; nothing of its state is another test's.
pub struct Site {
    pub address: SocketAddr,
    root: TempDir,
}

impl Site {
    /// Against the stand.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Against the stand, with these variables over its.
    pub async fn with(over: &[(&str, &str)]) -> Self {
        let stand = ["POSTHORN_IMAP_URL", "POSTHORN_SMTP_URL", "POSTHORN_CA_FILE"];
        let root = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}/posthorn.sqlite", root.path().display());
        let config = Config::parse("", &|key| {
            if key == "POSTHORN_DATABASE_URL" {
                return Some(database.clone());
            }
            let own = over.iter().find(|(name, _)| *name == key);
            own.map(|(_, value)| (*value).to_owned())
                .or_else(|| stand.contains(&key).then(|| variable(key)))
        })
        .unwrap();
        let leptos = leptos::config::LeptosOptions::builder()
            .output_name("posthorn")
            .site_root(root.path().to_str().unwrap())
            .hash_files(false)
            .build();
        let state = AppState::new(config, leptos).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, root }
    }

    /// The folder with the site's files.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// A browser that nobody has used.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which `user` has signed in.
    pub async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        let (address, password) = mailbox::account(user);
        let answer = browser.sign_in(&address, password).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.location(), "/", "{user} was not signed in");
        browser
    }

    /// A browser for the demo mailbox, which other tests read too: it marks nothing as read.
    pub async fn reader(&self) -> Browser {
        let mut browser = self.signed_in("demo").await;
        browser.prefetches = true;
        browser
    }
}

/// Opens a page that answers with `status`, and makes sure that nothing foreign runs in it.
pub async fn open(browser: &mut Browser, path: &str, status: u16) -> html::Page {
    let answer = browser.get(path).await;
    let what = format!("{path:.200}");
    assert_eq!(answer.status, status, "{what}: {:.500}", answer.text());
    let page = html::Page::of(&answer);
    page.assert_safe(&html::nonce(&answer), &what);
    page
}

/// Whether a browser would stay on this site if it were led to `location`.
pub fn stays(location: &str) -> bool {
    let second = location.as_bytes().get(1);
    location.starts_with('/')
        && !matches!(second, Some(b'/' | b'\\'))
        && location.bytes().all(|byte| byte.is_ascii_graphic())
}
