//! Whether the images of a message are fetched from the net: only if its reader says so, for the
//! message or for its sender. And what was found in the bodies that were shown last, for the page
//! around them, so that no body is fetched twice.

use super::caller::Caller;
use super::reading::Place;
use super::session::Session;
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::address;
use crate::mail::authentication::{Authentication, Verdict};
use crate::mail::header::Header;
use crate::model::{Blocked, Error, Remote};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Bodies of which something is known.
const MOST: usize = 1024;

/// The address that wrote a message, in lower case, if it is one address and one that counts: the
/// one thing that "always for this sender" can mean. `servers` are those whose word about it is
/// believed.
pub fn sender(header: &[u8], servers: &[String]) -> Option<String> {
    let header = Header::parse(header);
    let mut from = header.from().into_iter();
    let sender = from.next()?.addr.to_lowercase();
    let one = from.next().is_none() && address::valid(&sender);
    (one && authentic(&header, servers)).then_some(sender)
}

/// Whether a message may be of whom it says. Where the mail server states that DMARC failed it
/// cannot.
fn authentic(header: &Header, servers: &[String]) -> bool {
    Authentication::of(header, servers).is_none_or(|found| found.verdict() != Verdict::Refuted)
}

/// Whether the person has said "always" about the sender.
async fn trusted(state: &AppState, session: &Session, sender: Option<&str>) -> bool {
    let Some(sender) = sender else {
        return false;
    };
    match state.storage.trusts(&session.user, sender).await {
        Ok(trusted) => trusted,
        Err(error) => {
            tracing::warn!(%error, "whether a sender is trusted could not be looked up");
            false
        }
    }
}

/// What the reader of a message with HTML is offered.
pub async fn offer(
    state: &AppState,
    session: &Session,
    place: &Place,
    (uid_validity, header): (u32, &[u8]),
) -> Remote {
    let sender = sender(header, &state.config.trusted_authserv_ids);
    let message = (place.folder.as_str(), uid_validity, place.uid);
    Remote {
        consent: state.remote.consent(session, message),
        trusted: trusted(state, session, sender.as_deref()).await,
        blocked: state.seen.get(&session.user, message),
        sender,
    }
}

/// Whether images are fetched for this request. `word` is what its address says.
pub async fn wanted(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    (uid_validity, header): (u32, &[u8]),
    word: Option<&str>,
) -> bool {
    let Some(session) = visitor.session.as_ref().filter(|_| visitor.deliberate) else {
        return false;
    };
    let message = (place.folder.as_str(), uid_validity, place.uid);
    word.is_some_and(|word| state.remote.consents(session, message, word)) || {
        let sender = sender(header, &state.config.trusted_authserv_ids);
        trusted(state, session, sender.as_deref()).await
    }
}

/// The senders whose images the person always wants to see.
pub async fn trusted_senders(caller: &Caller) -> Result<Vec<String>, Error> {
    let session = caller.session()?;
    let senders = caller.state.storage.trusted_senders(&session.user).await;
    senders.map_err(|error| {
        tracing::error!(%error, "the trusted senders could not be read");
        Error::Internal
    })
}

/// What was not loaded of the bodies shown last, of all users.
#[derive(Debug, Default)]
pub struct Seen(Mutex<VecDeque<Entry>>);

#[derive(Debug)]
struct Entry {
    user: String,
    folder: String,
    uid_validity: u32,
    uid: u32,
    blocked: Blocked,
}

impl Entry {
    fn is(&self, user: &str, (folder, uid_validity, uid): (&str, u32, u32)) -> bool {
        self.uid == uid
            && self.uid_validity == uid_validity
            && self.folder == folder
            && self.user == user
    }
}

impl Seen {
    /// Remembers it of a message (folder, UIDVALIDITY, UID) of `user`.
    pub fn put(&self, user: &str, message: (&str, u32, u32), blocked: Blocked) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| !entry.is(user, message));
        if entries.len() >= MOST {
            entries.pop_front();
        }
        let (folder, uid_validity, uid) = message;
        entries.push_back(Entry {
            user: user.to_owned(),
            folder: folder.to_owned(),
            uid_validity,
            uid,
            blocked,
        });
    }

    /// What is known of a message.
    pub fn get(&self, user: &str, message: (&str, u32, u32)) -> Option<Blocked> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = entries.iter().rev();
        let entry = entries.find(|entry| entry.is(user, message))?;
        Some(entry.blocked)
    }

    /// Forgets what belongs to nobody in `users`.
    pub fn retain(&self, users: &HashSet<String>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| users.contains(&entry.user));
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Seen, sender};
    use crate::model::Blocked;

    #[test]
    fn only_a_single_sender_can_be_trusted() {
        for (header, address) in [
            (
                "From: Shop <Shop@Example.org>\r\n\r\n",
                Some("shop@example.org"),
            ),
            ("From: a@example.org, b@example.org\r\n\r\n", None),
            ("From: a@example.org\r\nFrom: b@example.org\r\n\r\n", None),
            (
                "Authentication-Results: mx.example; dmarc=fail header.from=example.org\r\n\
                 From: a@example.org\r\n\r\n",
                None,
            ),
            (
                "Authentication-Results: elsewhere.example; dmarc=fail header.from=example.org\r\n\
                 From: a@example.org\r\n\r\n",
                Some("a@example.org"),
            ),
            ("From: nobody\r\n\r\n", None),
            ("Sender: a@example.org\r\n\r\n", None),
            ("\r\n", None),
        ] {
            let found = sender(header.as_bytes(), &["mx.example".to_owned()]);
            assert_eq!(found.as_deref(), address, "{header}");
        }
    }

    #[test]
    fn what_was_seen_is_its_readers_and_bounded() {
        let seen = Seen::default();
        let blocked = Blocked {
            images: 3,
            pixels: 1,
        };
        seen.put("anna", ("INBOX", 1, 0), blocked);
        assert_eq!(seen.get("anna", ("INBOX", 1, 0)), Some(blocked));
        assert_eq!(seen.get("jonas", ("INBOX", 1, 0)), None);
        assert_eq!(seen.get("anna", ("INBOX", 2, 0)), None);
        for uid in 1..=u32::try_from(MOST).unwrap() {
            seen.put("anna", ("INBOX", 1, uid), blocked);
        }
        assert_eq!(seen.get("anna", ("INBOX", 1, 0)), None);
        seen.retain(&[].into());
        assert_eq!(seen.get("anna", ("INBOX", 1, 1)), None);
    }
}
