//! Marking a message as read that was opened. A mail server with many messages takes longer to
//! write a flag than to read a text, and what is read at the same time waits for that: so where the
//! browser's half asks, the text goes first, and the flag is written when it has been fetched.

use super::imap::{Engine, ImapError};
use super::state::AppState;
use crate::model::Event;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How long the flag waits for the text. The browser may have that already, and not ask for it.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long pages hold a message for read that they opened, whatever is told of it (`ui/mailbox.rs`),
/// and a little more.
const HELD: Duration = Duration::from_millis(1_500);

/// When a message that is opened is marked as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// Before the answer: the next page without JavaScript tells the truth.
    First,
    /// When its text has been fetched.
    AfterText,
}

/// A user, a folder, a UID.
type Key = (Arc<str>, Arc<str>, u32);

/// What the flag of a message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    TextCame,
    /// Somebody else sees to it.
    Taken,
}

/// Messages that are about to be marked as read, of all users of this node.
#[derive(Debug, Default)]
pub struct Marks(Mutex<HashMap<Key, oneshot::Sender<Word>>>);

impl Marks {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, oneshot::Sender<Word>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The word on a message; none, if it is opened once more meanwhile.
    fn wait(&self, user: &str, folder: &str, uid: u32) -> oneshot::Receiver<Word> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.lock();
        waiting.retain(|_, sender| !sender.is_closed());
        waiting.insert(key(user, folder, uid), sender);
        receiver
    }

    /// The text of a message has been fetched.
    pub fn text_came(&self, user: &str, folder: &str, uid: u32) {
        if let Some(sender) = self.lock().remove(&key(user, folder, uid)) {
            // Whoever waited long enough needs no word.
            let _ = sender.send(Word::TextCame);
        }
    }

    /// Those of the messages that are still to be marked. It is the caller's to do so now: before
    /// they are moved, say, or not at all where they shall be unread.
    pub fn take(&self, user: &str, folder: &str, mut uids: Vec<u32>) -> Vec<u32> {
        let mut waiting = self.lock();
        if waiting.is_empty() {
            return Vec::new();
        }
        uids.retain(|uid| {
            let sender = waiting.remove(&key(user, folder, *uid));
            sender.is_some_and(|sender| sender.send(Word::Taken).is_ok())
        });
        uids
    }
}

fn key(user: &str, folder: &str, uid: u32) -> Key {
    (user.into(), folder.into(), uid)
}

/// A message by its folder, its UID, and the UIDVALIDITY under which that was read.
#[derive(Clone, Debug)]
pub struct Known {
    pub folder: String,
    pub uid: u32,
    pub uid_validity: u32,
}

/// Marks messages as read, and tells whether they are. They can be read in any case.
pub async fn mark(engine: &Engine, folder: &str, uid_validity: u32, uids: &[u32]) -> bool {
    let stored: Result<(), ImapError> = engine
        .set_flags(folder, uid_validity, uids, "\\Seen", true)
        .await;
    if let Err(error) = &stored {
        // A read-only folder, perhaps.
        tracing::info!(%error, "a message could not be marked as read");
    }
    stored.is_ok()
}

/// Marks the message as read when its text has been fetched, or a little later. Where that fails,
/// the pages that show its folder look at it again.
pub fn mark_after_text(state: &AppState, engine: Arc<Engine>, user: &str, message: Known) {
    let word = state.marks.wait(user, &message.folder, message.uid);
    let (state, user) = (state.clone(), user.to_owned());
    tokio::spawn(async move {
        if timeout(PATIENCE, word).await == Ok(Ok(Word::Taken)) {
            return;
        }
        let Known {
            folder,
            uid,
            uid_validity,
        } = message;
        if !mark(&engine, &folder, uid_validity, &[uid]).await {
            sleep(HELD).await;
            state.events.tell(&user, Event::Changed { folder });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{Marks, Word};

    #[test]
    fn a_flag_waits_for_the_text_of_its_message() {
        let marks = Marks::default();
        let mut word = marks.wait("me", "INBOX", 7);
        marks.text_came("me", "INBOX", 8);
        marks.text_came("me", "Archive", 7);
        marks.text_came("you", "INBOX", 7);
        assert!(word.try_recv().is_err());
        marks.text_came("me", "INBOX", 7);
        assert_eq!(word.try_recv(), Ok(Word::TextCame));
    }

    #[test]
    fn what_is_taken_is_marked_by_nobody_else() {
        let marks = Marks::default();
        let mut word = marks.wait("me", "INBOX", 7);
        let being_marked = marks.wait("me", "INBOX", 8);
        drop(being_marked);
        assert_eq!(marks.take("me", "INBOX", vec![6, 7, 8]), vec![7]);
        assert_eq!(word.try_recv(), Ok(Word::Taken));
        assert!(marks.take("me", "INBOX", vec![7]).is_empty());
    }

    #[test]
    fn nothing_is_kept_of_what_nobody_waits_for() {
        let marks = Marks::default();
        drop(marks.wait("me", "INBOX", 7));
        let _waiting = marks.wait("me", "INBOX", 8);
        assert_eq!(marks.lock().len(), 1);
    }
}
