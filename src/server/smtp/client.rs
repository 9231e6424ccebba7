//! Handing a built mail to the server that sends: one mail, one session, all or nothing.

use super::header;
use super::outgoing::BuildError;
use super::reply::SendError;
use super::session::Session;
use super::spool::Spooled;
use crate::server::tls::Endpoint;
use lettre::Address;
use secrecy::SecretString;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;

/// How long each step may take. RFC 5321, section 4.5.3.2, allows minutes, since there a machine
/// waits for a machine; here a person waits. Connecting has its own bound in `tls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The server's greeting and the first EHLO together.
    pub greeting: Duration,
    /// Any command until its answer; of a group of recipients, each answer.
    pub command: Duration,
    /// DATA until the server is ready for the mail.
    pub data_start: Duration,
    /// Each 32 KiB of the mail: a slow line may take as long as it needs, a dead one may not.
    pub data_block: Duration,
    /// The final dot until the answer. Longer than the others: to give up here is to be uncertain.
    pub data_end: Duration,
    /// QUIT, and the last words of a server that broke off.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            greeting: Duration::from_mins(1),
            command: Duration::from_mins(1),
            data_start: Duration::from_mins(1),
            data_block: Duration::from_mins(1),
            data_end: Duration::from_mins(2),
            quit: Duration::from_secs(1),
        }
    }
}

/// The server that sends: implicit TLS (RFC 8314, section 3.3).
#[derive(Clone, Debug)]
pub struct SmtpServer {
    pub endpoint: Endpoint,
    pub tls: Arc<ClientConfig>,
    pub timeouts: Timeouts,
}

impl SmtpServer {
    /// A server with the usual time-outs.
    pub fn new(endpoint: Endpoint, tls: Arc<ClientConfig>) -> Self {
        Self {
            endpoint,
            tls,
            timeouts: Timeouts::default(),
        }
    }
}

/// Sends the mail to all `recipients`, or to none.
///
/// Signs in as `user`; `from` is the envelope's sender, empty for what nobody wants a report about
/// (RFC 5321, section 4.5.5). If the server refuses any recipient,
/// nothing is sent and all that it refuses are told. After an error other than
/// [`SendError::Uncertain`] nothing was sent. Dropping the future breaks the connection off; what
/// that means is uncertain too once the mail's end was sent.
pub async fn send(
    server: &SmtpServer,
    user: &str,
    password: &SecretString,
    from: &str,
    recipients: &[String],
    mail: &Spooled,
) -> Result<(), SendError> {
    let sender = if from.is_empty() {
        None
    } else {
        Some(envelope(from)?)
    };
    let recipients = distinct(recipients)?;
    if recipients.is_empty() {
        return Err(SendError::NoRecipient);
    }
    let mut session = Session::open(server).await?;
    let outcome = dialogue(
        &mut session,
        user,
        password,
        sender.as_ref(),
        &recipients,
        mail,
    )
    .await;
    session.quit();
    outcome
}

/// Sends what no person wrote. It comes from nobody, so that no report of it comes back (RFC 8098,
/// section 3). Some servers take mail of those who sign in from their own addresses only: where the
/// empty sender is refused, it is sent once more from the person's.
pub async fn send_from_nobody(
    server: &SmtpServer,
    user: &str,
    password: &SecretString,
    recipients: &[String],
    mail: &Spooled,
) -> Result<(), SendError> {
    match send(server, user, password, "", recipients, mail).await {
        Err(SendError::Sender(_)) => {
            tracing::info!("the sending server refuses an empty sender, sending from the person");
            send(server, user, password, user, recipients, mail).await
        }
        outcome => outcome,
    }
}

async fn dialogue(
    session: &mut Session,
    user: &str,
    password: &SecretString,
    sender: Option<&Address>,
    recipients: &[(String, Address)],
    mail: &Spooled,
) -> Result<(), SendError> {
    session.authenticate(user, password).await?;
    session.check(sender, recipients, mail)?;
    session.sender(sender, recipients, mail).await?;
    session.recipients(recipients).await?;
    session.data(mail).await
}

fn envelope(address: &str) -> Result<Address, SendError> {
    header::address(address).map_err(|error| match error {
        BuildError::BadAddress(address) => SendError::BadAddress(address),
        other => SendError::BadAddress(other.to_string()),
    })
}

/// Each recipient once, as typed and as it goes out.
fn distinct(recipients: &[String]) -> Result<Vec<(String, Address)>, SendError> {
    let mut seen = HashSet::new();
    let mut distinct = Vec::with_capacity(recipients.len());
    for typed in recipients {
        let address = envelope(typed)?;
        if seen.insert(address.clone()) {
            distinct.push((typed.clone(), address));
        }
    }
    Ok(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_distinct_and_ascii() {
        let typed = [
            "a@posthorn.example",
            "b@bücher.example",
            "a@posthorn.example",
        ]
        .map(str::to_owned);
        let distinct = distinct(&typed).unwrap();
        let out: Vec<_> = distinct
            .iter()
            .map(|(_, address)| address.to_string())
            .collect();
        assert_eq!(out, ["a@posthorn.example", "b@xn--bcher-kva.example"]);
        assert_eq!(distinct[1].0, "b@bücher.example");
    }

    #[test]
    fn what_would_inject_a_command_is_no_address() {
        for bad in [
            "a@b.example>\r\nRCPT TO:<c@d.example",
            "a\0@b.example",
            "a",
            "",
            "a b@c.example",
        ] {
            assert!(
                matches!(envelope(bad), Err(SendError::BadAddress(_))),
                "{bad:?}"
            );
        }
    }
}
