//! One SMTP session, step by step: each step sends, waits for the answer within its own time, and
//! says what a refusal at this step means. lettre's own `send` stops at the first refused
//! recipient and its time-outs end with connecting, so its commands are driven from here.

use super::client::{SmtpServer, Timeouts};
use super::extensions::Extensions;
use super::reply::{Fault, Reply, SendError, expect};
use super::spool::{Spooled, View};
use super::transfer::DotStuffing;
use super::wire::Wire;
use crate::server::tls;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Octets of the mail sent at a time; each must be taken within `Timeouts::data_block`.
const PIECE: usize = 32 * 1024;

/// Recipients sent in one go where the server pipelines (RFC 2920): commands and answers of one go
/// must fit into the buffers between the two, or both would wait for the other for ever.
const RECIPIENTS_AT_ONCE: usize = 50;

/// How we greet. RFC 5321, section 4.1.4, asks for a name or an address literal; this one tells
/// nothing about the machine and is what other clients that care for privacy send.
const HELLO: ClientId = ClientId::Ipv4(Ipv4Addr::LOCALHOST);

/// An open session.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    wire: Wire,
    timeouts: Timeouts,
    extensions: Extensions,
    /// Whether the server waits for a command, so that QUIT makes sense.
    at_command: bool,
}

impl Session {
    /// Connects, greets and asks what the server can.
    pub(super) async fn open(server: &SmtpServer) -> Result<Self, SendError> {
        let stream = tls::connect(&server.tls, &server.endpoint)
            .await
            .map_err(|error| SendError::Unreachable(error.to_string()))?;
        let wire = Wire::new(stream).map_err(|error| SendError::Unreachable(error.to_string()))?;
        let timeouts = server.timeouts;
        let connecting =
            AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &HELLO);
        let mut connection = within(timeouts.greeting, connecting)
            .await
            .map_err(|fault| fault.or(SendError::Refused))?;
        // lettre keeps of the first answer neither SIZE nor PIPELINING.
        let response = within(timeouts.command, connection.command(Ehlo::new(HELLO)))
            .await
            .map_err(|fault| fault.or(SendError::Refused))?;
        let extensions = Extensions::read(&response);
        Ok(Self {
            connection,
            wire,
            timeouts,
            extensions,
            at_command: true,
        })
    }

    /// Refuses what the server said it would refuse.
    pub(super) fn check(
        &self,
        sender: Option<&Address>,
        recipients: &[(String, Address)],
        mail: &Spooled,
    ) -> Result<(), SendError> {
        let size = mail.len(View::Outgoing);
        if let Some(limit) = self.extensions.size.filter(|limit| size > *limit) {
            return Err(SendError::TooLarge { limit });
        }
        if mail.needs_8bit() && !self.extensions.eight_bit {
            return Err(SendError::Refused(
                "the server does not offer 8BITMIME".to_owned(),
            ));
        }
        if !self.extensions.utf8 {
            let line = "the server does not offer SMTPUTF8 (RFC 6531)";
            if sender.is_some_and(|sender| !is_ascii(sender)) {
                return Err(SendError::Sender(line.to_owned()));
            }
            let refused: Vec<_> = recipients
                .iter()
                .filter(|(_, address)| !is_ascii(address))
                .map(|(typed, _)| (typed.clone(), line.to_owned()))
                .collect();
            if !refused.is_empty() {
                return Err(SendError::Recipients(refused));
            }
            if mail.needs_utf8() {
                return Err(SendError::Refused(line.to_owned()));
            }
        }
        Ok(())
    }

    /// AUTH PLAIN (RFC 4616), else LOGIN, from memory that is wiped afterwards.
    pub(super) async fn authenticate(
        &mut self,
        user: &str,
        password: &SecretString,
    ) -> Result<(), SendError> {
        let password = password.expose_secret();
        if user.contains('\0') || password.contains('\0') {
            return Err(SendError::Authentication(
                "NUL in address or password".to_owned(),
            ));
        }
        let outcome = if self.extensions.plain {
            let parts = ["\0", user, "\0", password];
            let mut message = secret_buffer(&parts);
            for part in parts {
                message.extend_from_slice(part.as_bytes());
            }
            self.say("AUTH PLAIN ", &message, 235).await
        } else if self.extensions.login {
            self.login(user, password).await
        } else {
            let line = "the server offers neither AUTH PLAIN nor AUTH LOGIN";
            return Err(SendError::Authentication(line.to_owned()));
        };
        outcome.map_err(|fault| fault.or(SendError::Authentication))
    }

    async fn login(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        let start = within(
            self.timeouts.command,
            self.connection.command("AUTH LOGIN\r\n"),
        );
        expect(start.await?, 334..=334)?;
        self.say("", user.as_bytes(), 334).await?;
        self.say("", password.as_bytes(), 235).await
    }

    /// Sends a line of base64 that must not stay in memory.
    async fn say(&mut self, command: &str, secret: &[u8], code: u16) -> Result<(), Fault> {
        let length = command.len() + secret.len().div_ceil(3) * 4 + 2;
        let mut line = Zeroizing::new(String::with_capacity(length));
        line.push_str(command);
        STANDARD.encode_string(secret, &mut line);
        line.push_str("\r\n");
        let (wire, connection) = (&mut self.wire, &mut self.connection);
        let response = timeout(self.timeouts.command, async {
            write(wire, line.as_bytes()).await?;
            Ok(connection.read_response().await?)
        });
        expect(
            response.await.unwrap_or_else(|_| Err(timed_out()))?,
            code..=code,
        )?;
        Ok(())
    }

    /// MAIL FROM, with the size (RFC 1870), and what the mail needs.
    pub(super) async fn sender(
        &mut self,
        sender: Option<&Address>,
        recipients: &[(String, Address)],
        mail: &Spooled,
    ) -> Result<(), SendError> {
        let size = mail.len(View::Outgoing);
        let mut parameters = Vec::new();
        if self.extensions.sizes
            && let Ok(size) = usize::try_from(size)
        {
            parameters.push(MailParameter::Size(size));
        }
        let utf8 = mail.needs_utf8()
            || sender.is_some_and(|sender| !is_ascii(sender))
            || recipients.iter().any(|(_, address)| !is_ascii(address));
        if mail.needs_8bit() || utf8 {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if utf8 {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let command = self
            .connection
            .command(Mail::new(sender.cloned(), parameters));
        let response = within(self.timeouts.command, command).await;
        match response.and_then(|response| expect(response, 200..=299)) {
            Ok(_) => Ok(()),
            Err(Fault::Reply(reply)) if !reply.temporary() && reply.about_size() => {
                Err(too_large(reply, self.extensions.size))
            }
            Err(fault) => Err(fault.or(SendError::Sender)),
        }
    }

    /// RCPT TO for each; if the server refuses some, all that it refuses.
    pub(super) async fn recipients(
        &mut self,
        recipients: &[(String, Address)],
    ) -> Result<(), SendError> {
        let mut refused: Vec<(String, Reply)> = Vec::new();
        let at_once = if self.extensions.pipelining {
            RECIPIENTS_AT_ONCE
        } else {
            1
        };
        for group in recipients.chunks(at_once) {
            if let Err(fault) = self.recipient_group(group, &mut refused).await {
                // The server had enough, of wrong recipients perhaps: those are the news.
                if refused.is_empty() {
                    return Err(fault.or(SendError::Refused));
                }
                self.at_command = false;
                break;
            }
        }
        if let Some((_, reply)) = refused.iter().find(|(_, reply)| reply.about_sender()) {
            let sender = Fault::Reply(reply.clone());
            return Err(sender.or(SendError::Sender));
        }
        match refused.first() {
            None => Ok(()),
            // All of them, and all for now: 452 is another matter, it counts (RFC 5321, 4.5.3.1.10).
            Some((_, first))
                if refused.len() == recipients.len()
                    && refused
                        .iter()
                        .all(|(_, reply)| reply.temporary() && reply.code != 452) =>
            {
                Err(SendError::TryLater(first.line.clone()))
            }
            Some(_) => Err(SendError::Recipients(
                refused
                    .into_iter()
                    .map(|(typed, reply)| (typed, reply.line))
                    .collect(),
            )),
        }
    }

    async fn recipient_group(
        &mut self,
        group: &[(String, Address)],
        refused: &mut Vec<(String, Reply)>,
    ) -> Result<(), Fault> {
        let commands: String = group
            .iter()
            .map(|(_, address)| Rcpt::new(address.clone(), vec![]).to_string())
            .collect();
        timeout(
            self.timeouts.command,
            write(&mut self.wire, commands.as_bytes()),
        )
        .await
        .unwrap_or_else(|_| Err(timed_out()))?;
        for (typed, _) in group {
            let response = within(self.timeouts.command, self.connection.read_response()).await;
            match response.and_then(|response| expect(response, 200..=299)) {
                Ok(_) => {}
                Err(Fault::Reply(reply)) if !reply.closing() => {
                    refused.push((typed.clone(), reply));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// DATA, the mail, and the final dot, whose fate decides everything.
    pub(super) async fn data(&mut self, mail: &Spooled) -> Result<(), SendError> {
        let response = within(self.timeouts.data_start, self.connection.command(Data)).await;
        response
            .and_then(|response| expect(response, 354..=354))
            .map_err(|fault| fault.or(SendError::Refused))?;
        self.at_command = false;
        let mut reader = mail.reader(View::Outgoing);
        let mut stuffing = DotStuffing::new();
        let mut piece = vec![0; PIECE];
        let mut out = Vec::with_capacity(PIECE + PIECE / 8);
        loop {
            let read = reader.read(&mut piece).await;
            let read = read.map_err(|error| SendError::Spool(error.to_string()))?;
            let Some(piece) = piece.get(..read).filter(|piece| !piece.is_empty()) else {
                break;
            };
            out.clear();
            stuffing.write(piece, &mut out);
            let written = timeout(self.timeouts.data_block, write(&mut self.wire, &out)).await;
            if let Err(fault) = written.unwrap_or_else(|_| Err(timed_out())) {
                return Err(self.broken_off(fault).await);
            }
        }
        // From here on the server may have the whole mail, whatever we see.
        let (wire, connection) = (&mut self.wire, &mut self.connection);
        let answer = timeout(self.timeouts.data_end, async {
            write(wire, stuffing.end()).await?;
            Ok(connection.read_response().await?)
        });
        match answer
            .await
            .unwrap_or_else(|_| Err(timed_out()))
            .and_then(|answer| expect(answer, 200..=299))
        {
            Ok(_) => {
                self.at_command = true;
                Ok(())
            }
            Err(Fault::Reply(reply)) => {
                self.at_command = !reply.closing();
                Err(self.refused(reply))
            }
            Err(Fault::Lost(_)) => Err(SendError::Uncertain),
        }
    }

    /// Writing broke in the midst of the mail: the server may have said why before it hung up.
    async fn broken_off(&mut self, fault: Fault) -> SendError {
        let soon = self.timeouts.quit;
        match within(soon, self.connection.read_response()).await {
            Err(Fault::Reply(reply)) => self.refused(reply),
            _ => fault.or(SendError::Refused),
        }
    }

    fn refused(&self, reply: Reply) -> SendError {
        if !reply.temporary() && reply.about_size() {
            return too_large(reply, self.extensions.size);
        }
        Fault::Reply(reply).or(SendError::Refused)
    }

    /// Says goodbye where it is heard, in the background: nobody needs to wait for the answer.
    pub(super) fn quit(mut self) {
        if self.at_command {
            tokio::spawn(async move {
                let goodbye = async {
                    let _ = self.connection.command(Quit).await;
                    let _ = self.wire.shutdown().await;
                };
                let _ = timeout(self.timeouts.quit, goodbye).await;
            });
        }
    }
}

fn too_large(reply: Reply, announced: Option<u64>) -> SendError {
    announced.map_or(SendError::Refused(reply.line), |limit| {
        SendError::TooLarge { limit }
    })
}

fn is_ascii(address: &Address) -> bool {
    let text: &str = address.as_ref();
    text.is_ascii()
}

fn timed_out() -> Fault {
    Fault::lost("timed out")
}

fn secret_buffer(parts: &[&str]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(
        parts.iter().map(|part| part.len()).sum(),
    ))
}

async fn write(wire: &mut Wire, bytes: &[u8]) -> Result<(), Fault> {
    let written = async {
        wire.write_all(bytes).await?;
        wire.flush().await
    };
    written
        .await
        .map_err(|error| Fault::Lost(error.to_string()))
}

async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Fault> {
    timeout(limit, step)
        .await
        .map_or_else(|_| Err(timed_out()), |done| done.map_err(Fault::from))
}
