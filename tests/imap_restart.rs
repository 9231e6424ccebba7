//! A Dovecot that is restarted under many signed-in people: all of them work again, without signing
//! in anew and without storming it. The stand is the test's own.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::proxy::Proxy;
use fault_support::{bounded, localhost, mail, server_at, unique};
use posthorn::server::imap::{Engine, ImapError, Server};
use posthorn::server::tls;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A stand that is gone when the test is.
struct Stand(String);

impl Stand {
    fn start() -> Self {
        let stand = Self(format!("restart-{}", std::process::id()));
        stand.run("start");
        stand
    }

    fn run(&self, what: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/stand");
        let mut command = Command::new(script);
        command.args([what, "--name", &self.0]);
        if what == "start" {
            command.args(["--seed", "none"]);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{what}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn server(&self) -> Server {
        let path = self.run("run-env");
        let variables = std::fs::read_to_string(path.trim()).unwrap();
        let value = |name: &str| {
            variables
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .unwrap()
                .to_owned()
        };
        Server {
            endpoint: localhost(value("STAND_IMAP_PORT").parse().unwrap()),
            tls: tls::client_config(Some(Path::new(&value("POSTHORN_CA_FILE")))).unwrap(),
        }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.run("destroy");
    }
}

const PEOPLE: u32 = 50;

/// One of the stand's users, of whom each is several people.
async fn sign_in(server: &Server, number: u32) -> (String, Arc<Engine>) {
    let user = match number % 10 {
        0 => "jonas".to_owned(),
        9 => "anna".to_owned(),
        digit => format!("test{digit}"),
    };
    let password = match user.as_str() {
        "jonas" => "jonas-secret",
        "anna" => "anna-secret",
        _ => "test-secret",
    };
    let address = format!("{user}@posthorn.example");
    let engine = bounded(Engine::sign_in(server, &address, password.into(), None)).await;
    (user, engine.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_under_fifty_people_signs_nobody_out_and_is_no_storm() {
    let stand = Arc::new(Stand::start());
    let proxy = Proxy::before(stand.server()).await;
    let server = server_at(proxy.port);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let (user, engine) = sign_in(&server, number).await;
        if number < 10 {
            let message = mail(&format!("for {user}"), &unique());
            let size = u64::try_from(message.len()).unwrap();
            let mut source = message.as_slice();
            bounded(engine.append("INBOX", &[], size, &mut source))
                .await
                .unwrap();
        }
        people.push((user, engine));
    }
    let before = proxy.accepted();
    assert_eq!(before, PEOPLE);
    let (down, up) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let presses = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = people
        .iter()
        .cloned()
        .map(|(user, engine)| {
            let (down, up, presses) = (down.clone(), up.clone(), presses.clone());
            tokio::spawn(async move {
                loop {
                    let done = down.load(Ordering::SeqCst) && up.load(Ordering::SeqCst);
                    presses.fetch_add(1, Ordering::SeqCst);
                    match bounded(engine.window("INBOX", 1, 50, true)).await {
                        Ok(window) => {
                            let row = window.rows.first().unwrap();
                            let subject = row.clone().read().subject.clone();
                            assert!(subject.ends_with(&format!("for {user}")), "{subject}");
                            if done {
                                break;
                            }
                        }
                        // What may be said to people then: come again.
                        Err(ImapError::Unreachable(_) | ImapError::Busy) => {}
                        Err(error) => panic!("{error}"),
                    }
                    assert!(!engine.is_ended());
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            })
        })
        .collect();
    let started = Instant::now();
    let restarted = stand.clone();
    let (is_down, is_up) = (down.clone(), up.clone());
    tokio::task::spawn_blocking(move || {
        restarted.run("stop");
        is_down.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(2));
        restarted.run("start");
        is_up.store(true, Ordering::SeqCst);
    })
    .await
    .unwrap();
    for task in tasks {
        bounded(task).await.unwrap();
    }
    let elapsed = u32::try_from(started.elapsed().as_secs()).unwrap();
    let connections = proxy.accepted() - before;
    // Pauses of at least an eighth, a quarter, a half, one and then two seconds.
    let bound = PEOPLE * (6 + elapsed / 2 + 2);
    assert!(
        connections <= bound,
        "{connections} connections in {elapsed} s for {presses:?} presses"
    );
    for (_, engine) in people {
        engine.close().await;
    }
    tokio::task::spawn_blocking(move || drop(stand))
        .await
        .unwrap();
}
