//! From a TCP connection to a signed-in one: greeting, capabilities, the browser's address for
//! servers that want it, and the password (RFC 9051, sections 6.2.2 and 6.2.3; RFC 4616).

use super::connection::Connection;
use super::error::{Code, ImapError, SignInError};
use super::pace::Pace;
use super::wire::Command;
use crate::server::tls::{self, Endpoint};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

/// Where the mailbox is.
#[derive(Clone, Debug)]
pub struct Server {
    pub endpoint: Endpoint,
    pub tls: Arc<ClientConfig>,
}

/// Whose mailbox it is, and how long they wait for it.
#[derive(Debug)]
pub struct Credentials {
    pub user: String,
    pub password: SecretString,
    /// The browser's address, told to the server by ID so that its limits and logs are about
    /// people, not about Posthorn.
    pub client_ip: Option<IpAddr>,
    pub pace: Pace,
}

/// A signed-in connection.
pub async fn sign_in(
    server: &Server,
    credentials: &Credentials,
) -> Result<Connection, SignInError> {
    // No server has a password with NUL, and SASL PLAIN uses it as its separator.
    if credentials.user.contains('\0') || credentials.password.expose_secret().contains('\0') {
        return Err(SignInError::WrongPassword);
    }
    let connecting = tls::connect(&server.tls, &server.endpoint);
    let stream = timeout(credentials.pace.of(tls::CONNECT_TIMEOUT), connecting)
        .await
        .map_err(|_| SignInError::Unreachable("timed out".to_owned()))??;
    let mut connection = Connection::new(stream, credentials.pace);
    let result = authenticate(&mut connection, credentials).await;
    match result {
        Ok(()) => {
            tracing::debug!(
                connection = connection.id(),
                host = server.endpoint.host,
                "IMAP connection opened"
            );
            Ok(connection)
        }
        Err(error) => {
            tracing::info!(host = server.endpoint.host, %error, "IMAP sign-in failed");
            Err(error)
        }
    }
}

async fn authenticate(
    connection: &mut Connection,
    credentials: &Credentials,
) -> Result<(), SignInError> {
    let code = connection.greeting().await?;
    if let Some(Code::Capability(names)) = code {
        connection.set_capabilities(names);
    } else {
        ask_capabilities(connection).await?;
    }
    let mut commands = Vec::new();
    if let Some(address) = credentials.client_ip
        && connection.capabilities().has("ID")
    {
        let address = address.to_canonical().to_string();
        commands.push(Command::new("ID").raw(&format!(" (\"x-originating-ip\" \"{address}\")")));
    }
    commands.push(sign_in_command(connection, credentials)?);
    let answer = connection.run_all(&commands).await?.pop();
    let answer = answer
        .unwrap_or_else(|| Err(ImapError::Protocol("no answer".to_owned())))
        .map_err(refusal)?;
    if let Some(Code::Capability(names)) = answer.code {
        connection.set_capabilities(names);
    } else {
        ask_capabilities(connection).await?;
    }
    Ok(())
}

async fn ask_capabilities(connection: &mut Connection) -> Result<(), ImapError> {
    let answer = connection.run(Command::new("CAPABILITY")).await?;
    for data in answer.untagged {
        if let super::answer::Untagged::Capability(names) = data {
            connection.set_capabilities(names);
        }
    }
    Ok(())
}

fn sign_in_command(
    connection: &Connection,
    credentials: &Credentials,
) -> Result<Command, SignInError> {
    let password = credentials.password.expose_secret();
    let offered = connection.capabilities();
    if offered.has("AUTH=PLAIN") {
        let message = Zeroizing::new(format!("\0{}\0{password}", credentials.user));
        let response = Zeroizing::new(STANDARD.encode(message.as_bytes()));
        let command = Command::new("AUTHENTICATE").raw(" PLAIN");
        Ok(if offered.has("SASL-IR") {
            command.raw(" ").raw(&response)
        } else {
            command.reply(Zeroizing::new(response.as_bytes().to_vec()))
        })
    } else if offered.has("LOGINDISABLED") {
        Err(SignInError::Unavailable(
            "the server takes no password".to_owned(),
        ))
    } else {
        Ok(Command::new("LOGIN")
            .string(&credentials.user)
            .string(password))
    }
}

/// Why the password did not do. Old servers send NO without a code.
fn refusal(error: ImapError) -> SignInError {
    match error {
        // The server's own fault (RFC 5530, section 3).
        ImapError::Refused {
            code: Some(Code::Other(code)),
            text,
        } if ["SERVERBUG", "CORRUPTION"]
            .iter()
            .any(|fault| code.eq_ignore_ascii_case(fault)) =>
        {
            SignInError::Unavailable(text)
        }
        ImapError::Refused {
            code: None | Some(Code::AuthorizationFailed | Code::Expired | Code::Other(_)),
            ..
        } => SignInError::WrongPassword,
        error => error.into(),
    }
}
