//! The header and the structure of messages that were opened a moment ago, so that the body, the
//! inline images and the attachments of a page need not ask for them again. Neither ever changes
//! for a UID (RFC 9051, section 2.3.4.1); flags, which do, are asked for each time.

use super::imap::RawMessage;
use crate::mail::structure::Part;
use std::collections::{HashMap, HashSet};
use std::mem::size_of;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Octets of all messages that are kept, and of a header that is still kept.
const LIMIT: usize = 16 << 20;
const LARGEST_HEADER: usize = 64 << 10;
/// Parts of a message that is still kept.
const MOST_PARTS: usize = 500;
/// What a part of a structure takes, more or less.
const PART: usize = size_of::<Part>() + 256;

/// A user, a folder, a UID.
type Key = (Arc<str>, Arc<str>, u32);

#[derive(Debug)]
struct Entry {
    message: Arc<RawMessage>,
    octets: usize,
    /// When it was used last, in turns.
    turn: u64,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    octets: usize,
    turn: u64,
}

/// The messages opened last at this node, of all users.
#[derive(Debug, Default)]
pub struct Opened {
    kept: Mutex<Kept>,
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
            let key = key(user, folder, uid);
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
        let parts = message.structure.walk().count();
        if message.header.len() > LARGEST_HEADER || parts > MOST_PARTS {
            return;
        }
        let octets = message.header.len() + PART * parts;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turn += 1;
        let entry = Entry {
            message: message.clone(),
            octets,
            turn: kept.turn,
        };
        kept.octets += octets;
        let former = kept.entries.insert(key(user, folder, uid), entry);
        kept.octets -= former.map_or(0, |former| former.octets);
        if kept.octets > LIMIT {
            kept.evict();
        }
    }

    /// The message, if it was opened under the same UIDVALIDITY.
    pub fn get(
        &self,
        user: &str,
        folder: &str,
        uid: u32,
        uid_validity: Option<u32>,
    ) -> Option<Arc<RawMessage>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turn += 1;
        let turn = kept.turn;
        let entry = kept.entries.get_mut(&key(user, folder, uid))?;
        if uid_validity != Some(entry.message.uid_validity) {
            return None;
        }
        entry.turn = turn;
        Some(entry.message.clone())
    }

    /// Forgets what belongs to nobody in `users`.
    pub fn retain(&self, users: &HashSet<String>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut freed = 0;
        kept.entries.retain(|(user, ..), entry| {
            let stays = users.contains(&**user);
            if !stays {
                freed += entry.octets;
            }
            stays
        });
        kept.octets -= freed;
    }
}

impl Kept {
    /// Drops what was used longest ago, a quarter of all.
    fn evict(&mut self) {
        let mut turns: Vec<(u64, usize)> = self
            .entries
            .values()
            .map(|entry| (entry.turn, entry.octets))
            .collect();
        turns.sort_unstable();
        let (mut octets, mut until) = (self.octets, 0);
        for (turn, size) in turns {
            if octets <= LIMIT / 4 * 3 {
                break;
            }
            octets -= size;
            until = turn;
        }
        self.entries.retain(|_, entry| entry.turn > until);
        self.octets = octets;
    }
}

fn key(user: &str, folder: &str, uid: u32) -> Key {
    (user.into(), folder.into(), uid)
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Opened};
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
        opened.retain(&["jonas".to_owned()].into());
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
        for uid in 0..1_000 {
            opened.put("anna", "INBOX", uid, &message(&vec![b'x'; 60_000]));
            assert!(opened.get("anna", "INBOX", 0, Some(7)).is_some());
        }
        let kept = opened.kept.lock().unwrap();
        let octets: usize = kept.entries.values().map(|entry| entry.octets).sum();
        assert_eq!(kept.octets, octets);
        assert!(octets <= LIMIT && octets > LIMIT / 2);
        drop(kept);
        assert!(opened.get("anna", "INBOX", 1, Some(7)).is_none());
        assert!(opened.get("anna", "INBOX", 999, Some(7)).is_some());
        opened.retain(&[].into());
        assert_eq!(opened.kept.lock().unwrap().octets, 0);
    }
}
