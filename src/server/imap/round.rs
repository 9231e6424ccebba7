//! The commands of one round and what has come of them so far. Servers may answer in another order
//! than they were asked (Dovecot lets a NOOP wait for a FETCH behind it): tags tell, and untagged
//! data belong to the command that is answered next.

use super::answer::{Answer, Untagged};
use super::error::{Code, ImapError};
use super::wire::Patience;
use tokio::time::Instant;

/// What the reading of one response brought.
pub(super) enum Event {
    Continue,
    Tagged(String, Result<Option<Code>, ImapError>),
    Data,
}

/// The commands of one round on their way.
pub(super) struct Round {
    pub tags: Vec<String>,
    pub answers: Vec<Option<Result<Answer, ImapError>>>,
    pub untagged: Vec<Untagged>,
    pub patience: Patience,
    pub deadline: Instant,
    /// The first command has to be answered before the others: they mean what it makes them mean.
    pub in_order: bool,
}

impl Round {
    /// A round of commands with these tags, from now on.
    pub fn new(tags: Vec<String>, patience: Patience) -> Self {
        Self {
            answers: tags.iter().map(|_| None).collect(),
            tags,
            untagged: Vec::new(),
            patience,
            deadline: Instant::now() + patience.all,
            in_order: false,
        }
    }

    /// Begins to wait anew, as long as `patience` says.
    pub fn renew(&mut self, patience: Patience) {
        self.patience = patience;
        self.deadline = Instant::now() + patience.all;
    }

    /// Whether the command `index` has its answer.
    pub fn is_answered(&self, index: usize) -> bool {
        self.answers.get(index).is_some_and(Option::is_some)
    }

    /// Takes a tagged response; `false` where it answers nothing that was asked, or not yet.
    pub fn resolve(&mut self, tag: &str, outcome: Result<Option<Code>, ImapError>) -> bool {
        let untagged = std::mem::take(&mut self.untagged);
        let index = self.tags.iter().position(|known| known == tag);
        if self.in_order && index != Some(0) && !self.is_answered(0) {
            return false;
        }
        let Some(slot) = index.and_then(|index| self.answers.get_mut(index)) else {
            return false;
        };
        if slot.is_some() {
            return false;
        }
        *slot = Some(outcome.map(|code| Answer::new(code, untagged)));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_the_answers_apart() {
        let mut round = Round::new(vec!["a".to_owned(), "b".to_owned()], Patience::ORDINARY);
        round.untagged.push(Untagged::Exists(1));
        assert!(round.resolve("b", Ok(None)));
        assert!(round.is_answered(1) && !round.is_answered(0));
        assert!(!round.resolve("b", Ok(None)));
        assert!(!round.resolve("c", Ok(None)));
        assert!(round.resolve("a", Err(ImapError::Busy)));
        let counts: Vec<_> = round
            .answers
            .into_iter()
            .map(|answer| answer.unwrap().map(|answer| answer.untagged.len()))
            .collect();
        assert_eq!(counts, [Err(ImapError::Busy), Ok(1)]);
    }
    #[test]
    fn what_is_asked_of_a_folder_is_not_answered_before_it_is_open() {
        let mut round = Round::new(vec!["a".to_owned(), "b".to_owned()], Patience::ORDINARY);
        round.in_order = true;
        assert!(!round.resolve("b", Ok(None)));
        assert!(round.resolve("a", Ok(None)) && round.resolve("b", Ok(None)));
    }
}
