//! Which messages of a folder belong together, kept after it was worked out once: for a large
//! folder that costs the server a fifth of a second and more. Kept as long as nothing came and
//! nothing went. In bounded memory, and not for long where nobody looks.

use super::conversations::Grouping;
use super::thread::Conversations;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Folders that are kept.
const FOLDERS: usize = 8;
/// Messages in all of them: at eight octets each at most, 4 MiB a user.
const MESSAGES: usize = 500_000;
/// What nobody asked for during this time goes.
const LIFE: Duration = Duration::from_mins(5);

/// The conversations of a folder as it was at one moment.
#[derive(Debug)]
pub struct Listing {
    pub folder: String,
    pub grouping: Grouping,
    pub uid_validity: u32,
    pub exists: u32,
    /// The highest UID. With EXISTS it tells whether the folder is still the same: a new message
    /// has a higher one (RFC 9051, section 2.3.1.1), and one that went is counted no more.
    pub highest: u32,
    /// Whether all messages of the folder are in it, or only the newest.
    pub complete: bool,
    /// The one with the newest arrival first.
    pub conversations: Conversations,
}

impl Listing {
    /// Whether the folder is still as it was.
    pub fn is_of(&self, uid_validity: u32, exists: u32, highest: u32) -> bool {
        (self.uid_validity, self.exists, self.highest) == (uid_validity, exists, highest)
    }
}

/// The listings of one user.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The one that was used last stands at the end.
    kept: Mutex<Vec<(Instant, Arc<Listing>)>>,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Arc<Listing>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the folder; whether it is still true the caller has to ask the server.
    pub fn find(&self, folder: &str, grouping: Grouping) -> Option<Arc<Listing>> {
        let mut kept = self.lock();
        let index = kept
            .iter()
            .position(|(_, listing)| listing.folder == folder && listing.grouping == grouping)?;
        let (_, listing) = kept.remove(index);
        kept.push((Instant::now(), listing.clone()));
        Some(listing)
    }

    /// Keeps a listing in the place of the folder's former one.
    pub fn keep(&self, listing: Arc<Listing>) {
        let mut kept = self.lock();
        kept.retain(|(_, other)| {
            other.folder != listing.folder || other.grouping != listing.grouping
        });
        if listing.conversations.messages() > MESSAGES {
            return;
        }
        kept.push((Instant::now(), listing));
        let mut messages = 0_usize;
        let mut room = 0;
        for (_, listing) in kept.iter().rev() {
            messages += listing.conversations.messages();
            if messages > MESSAGES || room == FOLDERS {
                break;
            }
            room += 1;
        }
        let surplus = kept.len().saturating_sub(room);
        kept.drain(..surplus);
    }

    /// Lets go what nobody asks for.
    pub fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    fn sweep_at(&self, now: Instant) {
        self.lock()
            .retain(|(used, _)| now.duration_since(*used) < LIFE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(folder: &str, messages: u32) -> Arc<Listing> {
        let mut conversations = Conversations::default();
        conversations.push(&(1..=messages).collect::<Vec<_>>());
        Arc::new(Listing {
            folder: folder.to_owned(),
            grouping: Grouping::Best,
            uid_validity: 1,
            exists: messages,
            highest: messages,
            complete: true,
            conversations,
        })
    }

    #[test]
    fn what_was_used_last_stays() {
        let shelf = Shelf::default();
        for folder in ["a", "b"] {
            shelf.keep(listing(folder, 200_000));
        }
        assert!(shelf.find("a", Grouping::Best).is_some());
        shelf.keep(listing("c", 200_000));
        assert!(shelf.find("b", Grouping::Best).is_none());
        assert!(shelf.find("a", Grouping::Best).is_some());
        assert!(shelf.find("a", Grouping::Own).is_none());
        shelf.keep(listing("a", 600_000));
        assert!(shelf.find("a", Grouping::Best).is_none());
        for number in 0..20 {
            shelf.keep(listing(&number.to_string(), 1));
        }
        assert_eq!(shelf.lock().len(), FOLDERS);
        assert!(shelf.find("19", Grouping::Best).is_some());
    }

    #[test]
    fn what_nobody_asks_for_goes() {
        let shelf = Shelf::default();
        shelf.keep(listing("a", 1));
        shelf.sweep();
        assert!(shelf.find("a", Grouping::Best).is_some());
        shelf.sweep_at(Instant::now() + LIFE);
        assert!(shelf.find("a", Grouping::Best).is_none());
    }
}
