//! The header and the structure of messages that were opened a moment ago, so that the body, the
//! inline images and the attachments of a page need not ask for them again. Neither ever changes
//! for a UID (RFC 9051, section 2.3.4.1); flags, which do, are not kept.

use super::imap::RawMessage;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Messages kept in all, and the octets of a header that is still kept.
const MOST: usize = 512;
const LARGEST_HEADER: usize = 64 << 10;

/// A user, a folder, a UID.
type Key = (String, String, u32);

#[derive(Debug)]
struct Entry {
    user: String,
    folder: String,
    uid: u32,
    message: Arc<RawMessage>,
}

/// The messages opened last at this node, of all users.
#[derive(Debug, Default)]
pub struct Opened {
    entries: Mutex<VecDeque<Entry>>,
    /// Messages that are being opened, so that a body which is asked for at the same time need not
    /// open its message too.
    opening: Mutex<HashMap<Key, Weak<Turn<()>>>>,
}

impl Opened {
    /// The turn to open a message: held by one request at a time. Who had to wait finds the
    /// message opened.
    pub async fn turn(&self, user: &str, folder: &str, uid: u32) -> OwnedMutexGuard<()> {
        let turn = {
            let mut opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
            opening.retain(|_, turn| turn.strong_count() > 0);
            let key = (user.to_owned(), folder.to_owned(), uid);
            let known = opening.get(&key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turn = Arc::new(Turn::new(()));
                opening.insert(key, Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }

    /// Remembers a message of `user`.
    pub fn put(&self, user: &str, folder: &str, uid: u32, message: &Arc<RawMessage>) {
        if message.header.len() > LARGEST_HEADER {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| !entry.is(user, folder, uid));
        if entries.len() >= MOST {
            entries.pop_front();
        }
        entries.push_back(Entry {
            user: user.to_owned(),
            folder: folder.to_owned(),
            uid,
            message: message.clone(),
        });
    }

    /// The message, if it was opened under the same UIDVALIDITY.
    pub fn get(
        &self,
        user: &str,
        folder: &str,
        uid: u32,
        uid_validity: Option<u32>,
    ) -> Option<Arc<RawMessage>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries
            .iter()
            .rev()
            .find(|entry| entry.is(user, folder, uid))?;
        (uid_validity == Some(entry.message.uid_validity)).then(|| entry.message.clone())
    }

    /// Forgets what belongs to nobody in `users`.
    pub fn retain(&self, users: &[String]) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| users.contains(&entry.user));
    }
}

impl Entry {
    fn is(&self, user: &str, folder: &str, uid: u32) -> bool {
        self.uid == uid && self.folder == folder && self.user == user
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Opened};
    use crate::mail::structure::Part;
    use crate::model::Flags;
    use crate::server::imap::RawMessage;
    use std::sync::Arc;

    fn message(header: &[u8]) -> Arc<RawMessage> {
        Arc::new(RawMessage {
            uid_validity: 7,
            flags: Flags::default(),
            size: 1,
            internal_date: 0,
            header: header.to_vec(),
            structure: Part::default(),
        })
    }

    #[test]
    fn a_message_is_found_by_its_owner_under_its_uidvalidity_only() {
        let opened = Opened::default();
        opened.put("anna", "INBOX", 3, &message(b"a"));
        assert!(opened.get("anna", "INBOX", 3, Some(7)).is_some());
        assert!(opened.get("jonas", "INBOX", 3, Some(7)).is_none());
        assert!(opened.get("anna", "Sent", 3, Some(7)).is_none());
        assert!(opened.get("anna", "INBOX", 3, Some(8)).is_none());
        assert!(opened.get("anna", "INBOX", 3, None).is_none());
        opened.retain(&["jonas".to_owned()]);
        assert!(opened.get("anna", "INBOX", 3, Some(7)).is_none());
    }

    #[tokio::test]
    async fn a_message_is_opened_by_one_request_at_a_time() {
        let opened = Opened::default();
        let first = opened.turn("anna", "INBOX", 3).await;
        let other = opened.turn("anna", "INBOX", 4).await;
        let mut second = Box::pin(opened.turn("anna", "INBOX", 3));
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        drop(first);
        drop(second.await);
        drop(other);
        let _last = opened.turn("anna", "INBOX", 5).await;
        assert_eq!(opened.opening.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let opened = Opened::default();
        opened.put("anna", "INBOX", 1, &message(&vec![b'x'; 100_000]));
        assert!(opened.get("anna", "INBOX", 1, Some(7)).is_none());
        opened.put("anna", "INBOX", 0, &message(b"a"));
        for uid in 1..=MOST {
            opened.put("anna", "INBOX", u32::try_from(uid).unwrap(), &message(b"a"));
        }
        assert!(opened.get("anna", "INBOX", 0, Some(7)).is_none());
    }
}
