//! What Posthorn itself has changed, for its own watcher: a mail server tells of other folders than
//! the open one when it comes to it (Dovecot up to half a minute later), but a person who archives
//! a message in one tab looks for it in another at once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// What is changed within this time is looked at in one go.
const BURST: Duration = Duration::from_millis(50);
/// Folders that are remembered while nobody looks; a watcher that begins looks at all of them.
const LIMIT: usize = 20;

/// What was changed since somebody looked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Folders in which messages came, went or got other flags.
    pub messages: BTreeSet<String>,
    /// Folders came, went, were renamed or subscribed to.
    pub folders: bool,
}

impl Changes {
    fn any_but(&self, here: Option<&str>) -> bool {
        self.folders || self.messages.iter().any(|name| Some(name.as_str()) != here)
    }
}

/// What an engine has changed, and its watcher has not looked at yet.
#[derive(Debug, Default)]
pub struct Touched {
    changes: Mutex<Changes>,
    news: Notify,
}

impl Touched {
    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages of these folders are being changed. It is told when what is returned is dropped:
    /// when that is done, has failed, or was given up half way.
    #[must_use]
    pub fn messages<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Touching<'_> {
        let messages = names.into_iter().map(ToOwned::to_owned).collect();
        Touching {
            touched: self,
            changes: Changes {
                messages,
                folders: false,
            },
        }
    }

    /// The same of the folders themselves.
    #[must_use]
    pub fn folders(&self) -> Touching<'_> {
        Touching {
            touched: self,
            changes: Changes {
                messages: BTreeSet::new(),
                folders: true,
            },
        }
    }

    /// What was changed since this was last asked.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut self.lock())
    }

    /// Waits until something was changed elsewhere than `here`, where the watcher hears of it
    /// anyway, and a moment longer for what follows. Only one may wait.
    pub async fn elsewhere(&self, here: Option<&str>) {
        while !self.lock().any_but(here) {
            self.news.notified().await;
        }
        sleep(BURST).await;
    }
}

/// A change that is being made.
#[derive(Debug)]
pub struct Touching<'a> {
    touched: &'a Touched,
    changes: Changes,
}

impl Drop for Touching<'_> {
    fn drop(&mut self) {
        let mut changes = self.touched.lock();
        changes.folders |= self.changes.folders;
        for name in std::mem::take(&mut self.changes.messages) {
            if changes.messages.len() < LIMIT {
                changes.messages.insert(name);
            }
        }
        drop(changes);
        self.touched.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Touched};
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn what_was_changed_elsewhere_is_told_once() {
        let touched = Touched::default();
        let long = Duration::from_millis(200);
        drop(touched.messages(["INBOX"]));
        assert!(
            timeout(long, touched.elsewhere(Some("INBOX")))
                .await
                .is_err()
        );
        let touching = touched.messages(["INBOX", "Archive"]);
        assert!(
            timeout(long, touched.elsewhere(Some("INBOX")))
                .await
                .is_err()
        );
        drop(touching);
        assert!(
            timeout(long, touched.elsewhere(Some("INBOX")))
                .await
                .is_ok()
        );
        let changes = touched.take();
        assert!(changes.messages.iter().eq(["Archive", "INBOX"]) && !changes.folders);
        assert!(timeout(long, touched.elsewhere(None)).await.is_err());
        drop(touched.folders());
        assert!(timeout(long, touched.elsewhere(None)).await.is_ok());
        assert!(touched.take().folders);
    }

    #[test]
    fn while_nobody_looks_it_stays_small() {
        let touched = Touched::default();
        for number in 0..1_000 {
            drop(touched.messages([number.to_string().as_str()]));
        }
        assert_eq!(touched.take().messages.len(), LIMIT);
    }
}
