//! Waiting for what the server has to tell (IDLE, RFC 2177; RFC 9051, section 6.3.13). While a
//! connection waits it is in flight: unless the waiting is ended in order, by [`Idle::done`], the
//! connection is never used again.

use super::answer::Untagged;
use super::connection::Connection;
use super::error::ImapError;
use super::round::Event;
use super::wire::{Command, Patience};
use std::time::Duration;
use tokio::time::Instant;

/// The server's continuation, and the end of the waiting, may take this long.
const ANSWER: Duration = Duration::from_secs(15);
/// The waiting is begun anew this often: servers end it after 29 minutes, and what stands between
/// (address translation) forgets a silent connection much earlier. It also tells that the server
/// is still there.
pub const RENEWAL: Duration = Duration::from_mins(5);
/// Responses that may come before the continuation or after DONE.
const BACKLOG: usize = 100_000;

/// A connection that waits.
#[derive(Debug)]
pub struct Idle<'a> {
    connection: &'a mut Connection,
    tag: String,
    /// What came before the continuation.
    early: std::vec::IntoIter<Untagged>,
}

impl Connection {
    /// Begins to wait. The server's refusal leaves the connection usable.
    pub async fn idle(&mut self) -> Result<Idle<'_>, ImapError> {
        if !self.is_usable() {
            return Err(ImapError::Unreachable(
                "the connection is broken".to_owned(),
            ));
        }
        self.tags += 1;
        let tag = format!("p{}", self.tags);
        self.in_flight = true;
        match self.begin_idle(&tag).await {
            Ok(Ok(early)) => Ok(Idle {
                connection: self,
                tag,
                early: early.into_iter(),
            }),
            Ok(Err(refusal)) => {
                self.in_flight = false;
                Err(refusal)
            }
            Err(error) => {
                self.give_up("IDLE", &error);
                Err(error)
            }
        }
    }

    async fn begin_idle(
        &mut self,
        tag: &str,
    ) -> Result<Result<Vec<Untagged>, ImapError>, ImapError> {
        self.client.get_mut().begin_round();
        self.write(format!("{tag} IDLE\r\n").as_bytes()).await?;
        let deadline = Instant::now() + ANSWER;
        let mut early = Vec::new();
        loop {
            match self.read(ANSWER, deadline, &mut early).await? {
                Event::Continue => return Ok(Ok(early)),
                Event::Data => bound(&early)?,
                Event::Tagged(found, outcome) if found == tag => {
                    return match outcome {
                        Err(refusal) => Ok(Err(refusal)),
                        Ok(_) => Err(ended()),
                    };
                }
                Event::Tagged(..) => return Err(foreign()),
            }
        }
    }
}

impl Idle<'_> {
    /// The next that the server tells; `None` if nothing came before `until`. May be dropped and
    /// called again.
    pub async fn next(&mut self, until: Instant) -> Result<Option<Untagged>, ImapError> {
        if let Some(early) = self.early.next() {
            return Ok(Some(early));
        }
        let connection = &mut *self.connection;
        let mut data = Vec::new();
        loop {
            if Instant::now() >= until {
                return Ok(None);
            }
            let error = match connection.read(Patience::LONG.all, until, &mut data).await {
                Ok(Event::Data) => match data.pop() {
                    Some(told) => return Ok(Some(told)),
                    // Nothing that is used, such as "still here".
                    None => continue,
                },
                Err(ImapError::TimedOut) => continue,
                Ok(Event::Tagged(tag, _)) if tag == self.tag => ended(),
                Ok(Event::Tagged(..)) => foreign(),
                Ok(Event::Continue) => {
                    ImapError::Protocol("an uncalled-for continuation".to_owned())
                }
                Err(error) => error,
            };
            connection.give_up("IDLE", &error);
            return Err(error);
        }
    }

    /// Ends the waiting. What came meanwhile is returned, and the connection is free for commands.
    pub async fn done(self) -> Result<Vec<Untagged>, ImapError> {
        let Self {
            connection,
            tag,
            early,
        } = self;
        let mut data: Vec<Untagged> = early.collect();
        match finish(connection, &tag, &mut data).await {
            Ok(()) => {
                connection.in_flight = false;
                Ok(data)
            }
            Err(error) => {
                connection.give_up("DONE", &error);
                Err(error)
            }
        }
    }
}

async fn finish(
    connection: &mut Connection,
    tag: &str,
    data: &mut Vec<Untagged>,
) -> Result<(), ImapError> {
    connection.write(b"DONE\r\n").await?;
    let deadline = Instant::now() + ANSWER;
    loop {
        match connection.read(ANSWER, deadline, data).await? {
            Event::Data => bound(data)?,
            Event::Tagged(found, outcome) if found == tag => return outcome.map(drop),
            Event::Tagged(..) => return Err(foreign()),
            Event::Continue => {
                return Err(ImapError::Protocol(
                    "an uncalled-for continuation".to_owned(),
                ));
            }
        }
    }
}

impl Connection {
    /// Asks whether anything happened, for a server that cannot be waited for.
    pub async fn ask(&mut self) -> Result<Vec<Untagged>, ImapError> {
        Ok(self.run(Command::new("NOOP")).await?.untagged)
    }
}

fn bound(data: &[Untagged]) -> Result<(), ImapError> {
    if data.len() > BACKLOG {
        return Err(ImapError::Protocol("answer too large".to_owned()));
    }
    Ok(())
}

fn ended() -> ImapError {
    ImapError::Unreachable("the server ended the waiting".to_owned())
}

fn foreign() -> ImapError {
    ImapError::Protocol("an answer with a foreign tag".to_owned())
}
