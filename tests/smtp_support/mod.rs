//! What the tests of sending share: where the mail stand is, and a mail to send.

#![allow(dead_code, reason = "each test binary uses its part")]

pub mod fake;
pub mod imap;

use posthorn::model::Address;
use posthorn::server::smtp::{Builder, Outline, SmtpServer, Spooled, new_message_id};
use posthorn::server::tls::{self, Endpoint};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use tokio_rustls::rustls::ClientConfig;

/// The stand's password of the users test1 to test8.
pub fn test_password() -> SecretString {
    SecretString::from("test-secret")
}

pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need the mail stand, run `make test`")
    })
}

/// The stand's server behind a URL such as `smtps://localhost:465`.
pub fn endpoint(name: &str) -> Endpoint {
    let url = variable(name);
    let (_, address) = url.split_once("://").expect("a URL");
    let (host, port) = address
        .trim_end_matches('/')
        .rsplit_once(':')
        .expect("a port");
    Endpoint {
        host: host.to_owned(),
        port: port.parse().expect("a port"),
    }
}

pub fn ca_file() -> PathBuf {
    PathBuf::from(variable("POSTHORN_CA_FILE"))
}

pub fn client_config() -> Arc<ClientConfig> {
    tls::client_config(Some(&ca_file())).expect("the stand's authority")
}

pub fn stand() -> SmtpServer {
    SmtpServer::new(endpoint("POSTHORN_SMTP_URL"), client_config())
}

pub fn address(addr: &str) -> Address {
    Address {
        name: None,
        addr: addr.to_owned(),
    }
}

/// A mail with a Message-ID of its own.
pub fn outline(from: &str, to: &[&str], text: &str) -> Outline {
    Outline {
        from: address(from),
        to: to.iter().map(|to| address(to)).collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: "Prüfung des Versands".to_owned(),
        text: text.to_owned(),
        message_id: new_message_id("posthorn.example"),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        date: SystemTime::now(),
        user_agent: String::new(),
        origin: None,
    }
}

/// Name, type and content.
pub type File<'a> = (&'a str, &'a str, &'a [u8]);

pub async fn built(outline: Outline, files: &[File<'_>]) -> Spooled {
    let mut builder = Builder::start(outline, u64::MAX, &std::env::temp_dir())
        .await
        .expect("a mail");
    for (name, mime, content) in files {
        builder
            .begin_attachment(name, mime)
            .await
            .expect("an attachment");
        builder.write(content).await.expect("its content");
        builder.end_attachment().await.expect("its end");
    }
    builder.finish().await.expect("the mail's end")
}
