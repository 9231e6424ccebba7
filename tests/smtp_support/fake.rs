//! Servers that follow a script, with the stand's certificate.

use super::{ca_file, client_config};
use posthorn::server::smtp::{SmtpServer, Timeouts};
use posthorn::server::tls::Endpoint;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// What a scripted server does, one after the other; at the end it hangs up.
#[derive(Clone, Debug)]
pub enum Do {
    Say(String),
    /// Reads a line that begins so.
    Hear(&'static str),
    /// Reads up to and with the final dot.
    HearMail,
    /// Reads so many octets.
    Take(usize),
    /// Says something without end.
    Babble,
    /// Does nothing more, and does not hang up.
    Stall,
}

use Do::{Babble, Hear, HearMail, Stall, Take};

#[allow(non_snake_case, reason = "reads like the other steps")]
pub fn Say(reply: &str) -> Do {
    Do::Say(format!("{reply}\r\n"))
}

pub const EHLO: &str =
    "250-fake\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 DSN";

/// The dialogue up to the sign-in, with this answer to EHLO.
pub fn greeted(ehlo: &str) -> Vec<Do> {
    vec![
        Say("220 fake"),
        Hear("EHLO"),
        Say(ehlo),
        Hear("EHLO"),
        Say(ehlo),
    ]
}

pub fn signed_in() -> Vec<Do> {
    [greeted(EHLO), vec![Hear("AUTH PLAIN "), Say("235 ok")]].concat()
}

pub fn sender_taken() -> Vec<Do> {
    [
        signed_in(),
        vec![Hear("MAIL FROM:<a@b.example> SIZE="), Say("250 ok")],
    ]
    .concat()
}

pub fn recipient_taken() -> Vec<Do> {
    [
        sender_taken(),
        vec![Hear("RCPT TO:<c@d.example>"), Say("250 ok")],
    ]
    .concat()
}

pub fn data_begun() -> Vec<Do> {
    [recipient_taken(), vec![Hear("DATA"), Say("354 go on")]].concat()
}

pub fn mail_taken() -> Vec<Do> {
    [data_begun(), vec![HearMail]].concat()
}

pub fn and(mut script: Vec<Do>, more: &[Do]) -> Vec<Do> {
    script.extend_from_slice(more);
    script
}

fn acceptor() -> TlsAcceptor {
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

async fn play(script: Vec<Do>, stream: TlsStream<TcpStream>, heard: &mut Vec<u8>) {
    let mut stream = BufReader::new(stream);
    for step in script {
        match step {
            Do::Say(reply) => {
                stream.write_all(reply.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
            Hear(begin) => {
                let start = heard.len();
                stream.read_until(b'\n', heard).await.unwrap();
                let line = String::from_utf8_lossy(&heard[start..]);
                assert!(line.starts_with(begin), "{line:?} instead of {begin:?}");
            }
            HearMail => {
                while !heard.ends_with(b"\r\n.\r\n") {
                    let read = stream.read_until(b'\n', heard).await.unwrap();
                    assert!(read > 0, "no final dot");
                }
            }
            Take(octets) => {
                stream.read_exact(&mut vec![0; octets]).await.unwrap();
            }
            Babble => while stream.write_all(&[b'x'; 10_000]).await.is_ok() {},
            Stall => std::future::pending().await,
        }
    }
}

/// Plays the script to one client; what it heard comes back.
pub async fn fake(script: Vec<Do>) -> (SmtpServer, JoinHandle<Vec<u8>>) {
    fake_each(vec![script]).await
}

/// Plays the scripts to one client after the other; what all of them said comes back.
pub async fn fake_each(scripts: Vec<Vec<Do>>) -> (SmtpServer, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        for script in scripts {
            let tcp = listener.accept().await.unwrap().0;
            let Ok(stream) = acceptor().accept(tcp).await else {
                return heard;
            };
            play(script, stream, &mut heard).await;
        }
        heard
    });
    let endpoint = Endpoint {
        host: "localhost".to_owned(),
        port,
    };
    let soon = Duration::from_millis(300);
    let timeouts = Timeouts {
        greeting: soon,
        command: soon,
        data_start: soon,
        data_block: soon,
        data_end: soon,
        quit: soon,
    };
    (
        SmtpServer {
            timeouts,
            ..SmtpServer::new(endpoint, client_config())
        },
        heard,
    )
}
