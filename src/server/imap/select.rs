//! Opening a mailbox (RFC 9051, section 6.3.2), and running commands in it. A SELECT of a large
//! mailbox is dear, so it is done only where another one is open, and in the same round as what
//! is asked of it.

use super::answer::Answer;
use super::connection::Connection;
use super::error::{Code, ImapError};
use super::view::{Mailbox, Selected};
use super::wire::Command;

/// The messages a command is about: a mailbox, and UIDs in it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub mailbox: &'a Mailbox,
    /// Another UIDVALIDITY than this is an error.
    pub expected: Option<u32>,
    /// The highest UID that is named.
    pub highest: u32,
}

impl Connection {
    /// Whether `mailbox` is the one that is open.
    pub fn is_in(&self, mailbox: &Mailbox) -> bool {
        self.selected()
            .is_some_and(|selected| selected.name == mailbox.name)
    }

    /// Opens the mailbox if it is not open yet, and sees to it that the messages are in view.
    pub async fn enter(&mut self, place: Place<'_>) -> Result<Selected, ImapError> {
        self.run_in(place, Vec::new())
            .await
            .map(|(selected, _)| selected)
    }

    /// Runs commands in the mailbox, in the same round as the SELECT if there has to be one: only
    /// for commands that do no harm if UIDVALIDITY turns out to be another. The first refusal is
    /// the error.
    pub async fn run_in(
        &mut self,
        place: Place<'_>,
        commands: Vec<Command>,
    ) -> Result<(Selected, Vec<Answer>), ImapError> {
        let select = !self.is_in(place.mailbox);
        let mut round = Vec::with_capacity(commands.len() + 1);
        if select {
            round.push(Command::new("SELECT").string(&place.mailbox.wire));
            self.expect_selected(place.mailbox);
        } else {
            self.check_validity(place.expected)?;
            self.catch_up(place.highest).await?;
        }
        round.extend(commands);
        let mut answers = if round.is_empty() {
            Vec::new()
        } else {
            self.run_all(&round).await?
        };
        // Dovecot makes some mailboxes when they are first opened, and says so to the one who came
        // second in the same moment: it is there now.
        if select
            && let Some(Err(refusal)) = answers.first()
            && refusal.has_code(&Code::AlreadyExists)
        {
            self.expect_selected(place.mailbox);
            answers = self.run_all(&round).await?;
        }
        let mut answers = answers.into_iter();
        if select && let Some(Err(refusal)) = answers.next() {
            self.forget_selected();
            return Err(no_folder(refusal));
        }
        self.check_validity(place.expected)?;
        let answers = answers
            .collect::<Result<Vec<_>, _>>()
            .inspect_err(|error| {
                // Deleted under us.
                if *error == ImapError::NoFolder {
                    self.forget_selected();
                }
            })?;
        let selected = self.selected().cloned().ok_or(ImapError::NoFolder)?;
        Ok((selected, answers))
    }

    fn check_validity(&self, expected: Option<u32>) -> Result<(), ImapError> {
        let found = self.selected().map(|selected| selected.uid_validity);
        if expected.is_some() && found != expected {
            return Err(ImapError::FolderChanged);
        }
        Ok(())
    }

    /// A message that another connection has seen already may not be in this one's view yet, and
    /// commands about it would do nothing and say OK.
    async fn catch_up(&mut self, highest: u32) -> Result<(), ImapError> {
        if self
            .selected()
            .is_some_and(|selected| selected.high_uid < highest)
        {
            // Up to which UID the view reaches now is not known; the FETCH responses will tell.
            self.run(Command::new("NOOP")).await?;
        }
        Ok(())
    }
}

/// The refusal of a SELECT: for most servers a mailbox that is not there or cannot be selected
/// has no code of its own.
fn no_folder(refusal: ImapError) -> ImapError {
    match refusal {
        ImapError::Refused {
            code: None | Some(Code::Cannot | Code::TryCreate),
            ..
        } => ImapError::NoFolder,
        other => other,
    }
}
