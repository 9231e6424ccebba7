//! What the tests of faults share: where the mail stand is, engines in a hurry, and the two that
//! misbehave: a [`proxy`] before the stand's Dovecot, and a [`hostile`] server that has no Dovecot.

#![allow(dead_code, reason = "each test binary uses its part")]

pub mod hostile;
pub mod operations;
pub mod proxy;

use posthorn::server::imap::{Engine, Pace, Server, SignInError};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, ServerConfig};

/// Longer than anything may take at the pace of these tests, on a machine with other things to do.
pub const BOUND: Duration = Duration::from_mins(1);

pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need the mail stand, run `make test`")
    })
}

fn ca_file() -> PathBuf {
    PathBuf::from(variable("POSTHORN_CA_FILE"))
}

/// Trusts the stand's authority. Made once: reading the system's takes its time.
pub fn client_config() -> Arc<ClientConfig> {
    static CONFIG: LazyLock<Arc<ClientConfig>> =
        LazyLock::new(|| tls::client_config(Some(&ca_file())).unwrap());
    CONFIG.clone()
}

/// The server's side of TLS, with the stand's certificate for localhost.
pub fn acceptor() -> TlsAcceptor {
    let file = |name: &str| ca_file().parent().unwrap().join("certs").join(name);
    let chain = CertificateDer::pem_file_iter(file("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

pub fn localhost(port: u16) -> Endpoint {
    Endpoint {
        host: "localhost".to_owned(),
        port,
    }
}

/// The stand's own IMAP port.
pub fn stand_port() -> u16 {
    variable("STAND_IMAP_PORT").parse().unwrap()
}

pub fn server_at(port: u16) -> Server {
    Server {
        endpoint: localhost(port),
        tls: client_config(),
    }
}

/// Signs a user of the stand in through `port`.
pub async fn sign_in_at(port: u16, user: &str, pace: Pace) -> Result<Arc<Engine>, SignInError> {
    let password = if user == "demo" {
        "posthorn-demo"
    } else {
        "test-secret"
    };
    let address = format!("{user}@posthorn.example");
    bounded(Engine::sign_in_at(
        pace,
        &server_at(port),
        &address,
        password.into(),
        None,
    ))
    .await
}

/// The same, tried again where Dovecot still counts connections that have just ended.
pub async fn sign_in(port: u16, user: &str, pace: Pace) -> Arc<Engine> {
    let mut tries = 0;
    loop {
        match sign_in_at(port, user, pace).await {
            Ok(engine) => return engine,
            Err(error) if tries > 100 => panic!("{error}"),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Awaits `future`, which must not hang.
pub async fn bounded<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, future).await.expect("it hangs")
}

/// A word that no other run has used.
pub fn unique() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!("{}-{}", now.as_nanos(), std::process::id())
}

pub fn mail(subject: &str, id: &str) -> Vec<u8> {
    format!(
        "From: a@posthorn.example\r\nTo: b@posthorn.example\r\nSubject: {subject}\r\n\
         Message-ID: <{id}@faults.test>\r\n\r\nText of {subject}.\r\n"
    )
    .into_bytes()
}
