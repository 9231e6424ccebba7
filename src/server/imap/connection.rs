//! One connection. async-imap brings the octets in and parses them; this file says what a command
//! and its answer are: tags, status and codes are checked, every wait is bounded, untagged data
//! are kept in order, and a connection on which anything went wrong, or whose call was dropped
//! half-way, is never used again, since its next answer would be the former's.

use super::answer::{Answer, Raw, Untagged, diverted, is_ok, outcome_of, untagged};
use super::error::{Code, ImapError};
use super::guard::{self, Guard};
use super::pace::Pace;
use super::round::{Event, Round};
use super::view::{Capabilities, Mailbox, Selected, observe};
use super::wire::{Command, Patience};
use crate::server::tls::Stream;
use async_imap::Client;
use async_imap::imap_proto::{Response, Status};
use futures_util::FutureExt;
use secrecy::zeroize::Zeroizing;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout, timeout_at};

/// Writing to the server may stall for this long.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// A farewell may take this long.
const LOGOUT_PATIENCE: Patience = Patience {
    next: Duration::from_secs(2),
    all: Duration::from_secs(2),
};

/// The stream below a connection.
pub type Transport = Guard<Stream>;

/// A connection, signed in or about to be.
// Four independent facts, not a state in disguise.
#[allow(clippy::struct_excessive_bools)]
pub struct Connection {
    pub(super) client: Client<Transport>,
    id: u64,
    pub(super) tags: u64,
    capabilities: Capabilities,
    selected: Option<Selected>,
    /// A round is under way. It stays so when the caller's future is dropped.
    pub(super) in_flight: bool,
    broken: bool,
    goodbye: bool,
    /// The server has found mails with attachments by their headers, and so can.
    pub(super) finds_attachments: bool,
    /// When the server was last asked what is new in the open mailbox.
    looked: Option<Instant>,
    pace: Pace,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection over `stream`, from which nothing has been read yet.
    pub(super) fn new(stream: Stream, pace: Pace) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            client: Client::new(Guard::new(stream)),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            tags: 0,
            capabilities: Capabilities::default(),
            selected: None,
            in_flight: false,
            broken: false,
            goodbye: false,
            finds_attachments: false,
            looked: None,
            pace,
        }
    }

    /// A number for the log.
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    pub(super) fn set_capabilities(&mut self, names: Vec<String>) {
        self.capabilities = Capabilities::new(names);
    }

    /// Does without these of the server's capabilities.
    pub(super) fn do_without(&mut self, names: &[&str]) {
        for name in names {
            self.capabilities.remove(name);
        }
    }

    /// The mailbox that is open.
    pub fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    /// Whether the connection may be used for a further command.
    pub fn is_usable(&self) -> bool {
        !self.in_flight && !self.broken
    }

    /// Looks, without waiting, at what the server said since the last command, and whether it is
    /// still there.
    pub fn is_alive(&mut self) -> bool {
        while self.is_usable() {
            let polled = AssertUnwindSafe(self.client.read_response()).catch_unwind();
            match polled.now_or_never() {
                None => return true,
                Some(Ok(Ok(Some(response)))) => {
                    let raw = Raw(response.borrow_owner());
                    if matches!(
                        response.parsed(),
                        Response::Data {
                            status: Status::Bye,
                            ..
                        }
                    ) {
                        self.broken = true;
                    } else if let Some(data) = untagged(response.parsed(), raw) {
                        match self.original(data) {
                            Ok(data) => observe(&mut self.selected, &data),
                            Err(_) => self.broken = true,
                        }
                    }
                }
                Some(_) => self.broken = true,
            }
        }
        false
    }

    /// Runs one command. NO and BAD are errors, by their code.
    pub async fn run(&mut self, command: Command) -> Result<Answer, ImapError> {
        let mut answers = self.run_all(&[command]).await?;
        answers
            .pop()
            .unwrap_or_else(|| Err(ImapError::Protocol("no answer".to_owned())))
    }

    /// Runs commands in one round: all are sent before the first answer is waited for, as far as
    /// literals allow. The outer error is the connection's, and it is broken; an inner one is the
    /// server's refusal of that command.
    pub async fn run_all(
        &mut self,
        commands: &[Command],
    ) -> Result<Vec<Result<Answer, ImapError>>, ImapError> {
        if !self.is_usable() {
            return Err(ImapError::Unreachable(
                "the connection is broken".to_owned(),
            ));
        }
        // Encoded before anything is sent: what cannot be said must not break the connection.
        let literals = self.capabilities.literals();
        let mut longest: Option<Patience> = None;
        let mut tags = Vec::with_capacity(commands.len());
        let mut encoded = Vec::with_capacity(commands.len());
        for command in commands {
            self.tags += 1;
            let tag = format!("p{}", self.tags);
            encoded.push(command.segments(&tag, literals)?);
            tags.push(tag);
            if longest.is_none_or(|longest| command.patience().all > longest.all) {
                longest = Some(command.patience());
            }
        }
        let patience = longest.unwrap_or(Patience::ORDINARY);
        let mut round = Round::new(tags, self.pace.patience(patience));
        round.in_order = commands
            .first()
            .is_some_and(|first| first.name() == "SELECT");
        let started = Instant::now();
        self.in_flight = true;
        let result = self.exchange(encoded, round).await;
        self.in_flight = false;
        if commands
            .iter()
            .any(|command| matches!(command.name(), "NOOP" | "SELECT"))
        {
            // What came while it was answered may not be among it.
            self.looked = Some(started);
        }
        let names = || {
            commands
                .iter()
                .map(Command::name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match &result {
            Ok(_) => tracing::trace!(
                connection = self.id,
                commands = names(),
                elapsed = ?started.elapsed(),
                "answered"
            ),
            Err(error) => self.give_up(&names(), error),
        }
        result
    }

    /// Marks the connection as broken.
    pub(super) fn give_up(&mut self, commands: &str, error: &ImapError) {
        self.broken = true;
        if !self.goodbye {
            tracing::info!(connection = self.id, commands, %error, "IMAP connection failed");
        }
    }

    async fn exchange(
        &mut self,
        commands: Vec<Vec<Zeroizing<Vec<u8>>>>,
        mut round: Round,
    ) -> Result<Vec<Result<Answer, ImapError>>, ImapError> {
        self.client.get_mut().begin_round();
        let mut out = Zeroizing::new(Vec::new());
        for (index, segments) in commands.iter().enumerate() {
            for (position, segment) in segments.iter().enumerate() {
                if position > 0 {
                    self.write(&out).await?;
                    out.clear();
                    while !self.step(&mut round).await? && !round.is_answered(index) {}
                    if round.is_answered(index) {
                        // Refused before it was whole.
                        break;
                    }
                }
                out.extend_from_slice(segment);
            }
        }
        if !out.is_empty() {
            self.write(&out).await?;
        }
        while round.answers.iter().any(Option::is_none) {
            if self.step(&mut round).await? {
                return Err(ImapError::Protocol(
                    "an uncalled-for continuation".to_owned(),
                ));
            }
        }
        Ok(round.answers.into_iter().flatten().collect())
    }

    /// Reads one response into `round`; `true` for a continuation request.
    async fn step(&mut self, round: &mut Round) -> Result<bool, ImapError> {
        let event = self
            .read(round.patience.next, round.deadline, &mut round.untagged)
            .await?;
        match event {
            Event::Continue => Ok(true),
            Event::Data => Ok(false),
            Event::Tagged(tag, outcome) => {
                if round.resolve(&tag, outcome) {
                    Ok(false)
                } else {
                    Err(ImapError::Protocol(
                        "an answer with a foreign tag, or before its time".to_owned(),
                    ))
                }
            }
        }
    }

    /// Reads one response, within both bounds. Dropped before it is ready, it has read nothing.
    pub(super) async fn read(
        &mut self,
        next: Duration,
        deadline: Instant,
        data: &mut Vec<Untagged>,
    ) -> Result<Event, ImapError> {
        let until = deadline.min(Instant::now() + next);
        // The parser panics on some answers (INTERNALDATE NIL): that is this connection's end, not
        // the caller's.
        let reading = AssertUnwindSafe(self.client.read_response()).catch_unwind();
        let response = match timeout_at(until, reading).await {
            Err(_) => return Err(ImapError::TimedOut),
            Ok(Err(_)) => return Err(ImapError::Protocol("the parser panicked".to_owned())),
            Ok(Ok(Err(error))) => return Err(fault(&error)),
            Ok(Ok(Ok(None))) => return Err(ImapError::Unreachable("closed".to_owned())),
            Ok(Ok(Ok(Some(response)))) => response,
        };
        match response.parsed() {
            Response::Continue(_) => Ok(Event::Continue),
            Response::Done {
                tag,
                status,
                outcome,
            } => {
                let (code, text) = outcome_of(outcome);
                let outcome = if is_ok(status) {
                    Ok(code)
                } else {
                    Err(ImapError::refused(code, &text))
                };
                Ok(Event::Tagged(tag.0.clone(), outcome))
            }
            Response::Data {
                status: Status::Bye,
                outcome,
            } if !self.goodbye => {
                let (code, text) = outcome_of(outcome);
                Err(match code {
                    Some(Code::Limit | Code::Unavailable | Code::InUse) => ImapError::Busy,
                    _ => ImapError::Unreachable(format!("BYE {text}")),
                })
            }
            parsed => {
                if let Some(fresh) = untagged(parsed, Raw(response.borrow_owner())) {
                    let fresh = self.original(fresh)?;
                    observe(&mut self.selected, &fresh);
                    data.push(fresh);
                }
                Ok(Event::Data)
            }
        }
    }

    /// What the guard kept from the parser, where `data` stands for that.
    fn original(&mut self, data: Untagged) -> Result<Untagged, ImapError> {
        let Untagged::Code(Code::Other(code)) = &data else {
            return Ok(data);
        };
        let Some(number) = guard::stand_in(code) else {
            return Ok(data);
        };
        // To pass over what cannot be read would be to say that nothing was found.
        self.client
            .get_mut()
            .take_diverted(number)
            .and_then(|line| diverted(&line))
            .ok_or_else(|| ImapError::Protocol("an answer that is no list of numbers".to_owned()))
    }

    pub(super) async fn write(&mut self, octets: &[u8]) -> Result<(), ImapError> {
        let stream = self.client.get_mut();
        let writing = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        match timeout(self.pace.of(WRITE_TIMEOUT), writing).await {
            Err(_) => Err(ImapError::TimedOut),
            Ok(result) => result.map_err(|error| fault(&error)),
        }
    }

    /// The greeting (RFC 9051, section 7.1): its code, or why the server will not serve.
    pub(super) async fn greeting(&mut self) -> Result<Option<Code>, ImapError> {
        self.in_flight = true;
        let patience = self.pace.patience(Patience::ORDINARY);
        let mut data = Vec::new();
        let event = self
            .read(patience.next, Instant::now() + patience.next, &mut data)
            .await;
        self.in_flight = false;
        match (event, data.pop()) {
            (Ok(Event::Data), Some(Untagged::Code(code))) => Ok(Some(code)),
            (Ok(Event::Data), None) => Ok(None),
            (Ok(_), _) => Err(ImapError::Protocol("no greeting".to_owned())),
            (Err(error), _) => Err(error),
        }
    }

    /// Sends a command whose last word is `{octets}`, streams the literal from `source`, and
    /// reads the answer. In flight from the first octet to the tagged response.
    pub(super) async fn run_streaming(
        &mut self,
        command: Command,
        octets: u64,
        source: &mut (impl tokio::io::AsyncRead + Unpin),
    ) -> Result<Answer, ImapError> {
        let command = command.raw(&format!(" {{{octets}}}")).patiently();
        if !self.is_usable() {
            return Err(ImapError::Unreachable(
                "the connection is broken".to_owned(),
            ));
        }
        self.tags += 1;
        let tag = format!("p{}", self.tags);
        let segments = command.segments(&tag, self.capabilities.literals())?;
        self.in_flight = true;
        let result = self.stream_literal(tag, segments, octets, source).await;
        self.in_flight = false;
        result.unwrap_or_else(|error| {
            self.give_up(command.name(), &error);
            Err(error)
        })
    }

    async fn stream_literal(
        &mut self,
        tag: String,
        segments: Vec<Zeroizing<Vec<u8>>>,
        octets: u64,
        source: &mut (impl tokio::io::AsyncRead + Unpin),
    ) -> Result<Result<Answer, ImapError>, ImapError> {
        use tokio::io::AsyncReadExt;
        self.client.get_mut().begin_round();
        let mut round = Round::new(vec![tag], self.pace.patience(Patience::ORDINARY));
        for segment in &segments {
            self.write(segment).await?;
            while !self.step(&mut round).await? && !round.is_answered(0) {}
            if let Some(refusal) = round.answers.pop_if(|answer| answer.is_some()).flatten() {
                return Ok(refusal);
            }
        }
        let mut left = octets;
        let mut buffer = vec![0; 64 << 10];
        while left > 0 {
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let space = buffer.get_mut(..most).unwrap_or_default();
            let count = source
                .read(space)
                .await
                .map_err(|error| ImapError::Source(error.to_string()))?;
            if count == 0 {
                return Err(ImapError::Source("shorter than announced".to_owned()));
            }
            self.write(buffer.get(..count).unwrap_or_default()).await?;
            left = left.saturating_sub(u64::try_from(count).unwrap_or(left));
        }
        self.write(b"\r\n").await?;
        round.renew(self.pace.patience(Patience::LONG));
        while !round.is_answered(0) {
            if self.step(&mut round).await? {
                return Err(ImapError::Protocol(
                    "an uncalled-for continuation".to_owned(),
                ));
            }
        }
        Ok(round
            .answers
            .pop()
            .flatten()
            .unwrap_or(Err(ImapError::TimedOut)))
    }

    /// Says goodbye, as well as it can be done quickly.
    pub async fn logout(mut self) {
        self.goodbye = true;
        let farewell = timeout(LOGOUT_PATIENCE.all, self.run(Command::new("LOGOUT")));
        // The connection ends either way.
        drop(farewell.await);
        tracing::debug!(connection = self.id, "IMAP connection closed");
    }

    /// Prepares for SELECT of `mailbox`: from now on untagged data are about it.
    pub(super) fn expect_selected(&mut self, mailbox: &Mailbox) {
        self.selected = Some(Selected::new(&mailbox.name));
    }

    /// Whether the server was asked so lately what is new in the open mailbox.
    pub(super) fn looked_within(&self, time: Duration) -> bool {
        self.looked.is_some_and(|looked| looked.elapsed() <= time)
    }

    /// What is in view is uncertain: the next command about a UID asks first.
    pub(super) fn forget_view(&mut self) {
        if let Some(selected) = &mut self.selected {
            selected.high_uid = 0;
        }
    }

    /// No mailbox is open any more.
    pub(super) fn forget_selected(&mut self) {
        self.selected = None;
    }
}

/// A failure of the stream or the parser. The parser's own text is left out: it holds what it
/// could not parse, and that is somebody's mail.
fn fault(error: &io::Error) -> ImapError {
    match (guard::refusal(error), error.kind()) {
        (Some(reason), _) => ImapError::Protocol(reason.to_owned()),
        (None, io::ErrorKind::Other) => ImapError::Protocol("an answer that is no IMAP".to_owned()),
        (None, kind) => ImapError::Unreachable(kind.to_string()),
    }
}
