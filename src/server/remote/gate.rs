//! How much is done at the same time, for one person and at the node. Of images that are fetched: a
//! mail may name thousands, and each holds memory and a connection while it comes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many as a browser asks for at a time.
const OF_A_USER: usize = 6;
const OF_THE_NODE: usize = 24;
/// Users after whom the list is gone through for those that wait no more.
const TIDY: usize = 1000;

/// The places at which something goes on.
#[derive(Debug)]
pub struct Gate {
    of_a_user: usize,
    node: Arc<Semaphore>,
    users: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(OF_A_USER, OF_THE_NODE)
    }
}

/// A place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    _user: OwnedSemaphorePermit,
    _node: OwnedSemaphorePermit,
}

impl Gate {
    /// With so many places for one person, and for all of them.
    pub fn new(of_a_user: usize, of_the_node: usize) -> Self {
        Self {
            of_a_user,
            node: Arc::new(Semaphore::new(of_the_node)),
            users: Mutex::default(),
        }
    }

    /// Waits for a place of `user`, and then for one of the node. `None` never comes in practice:
    /// the gates are not closed.
    pub async fn enter(&self, user: &str) -> Option<Place> {
        self.enter_as(user, 1).await
    }

    /// The same for what takes the room of so many.
    pub async fn enter_as(&self, user: &str, many: u32) -> Option<Place> {
        let user = self.of(user).acquire_many_owned(many).await.ok()?;
        let node = self.node.clone().acquire_many_owned(many).await.ok()?;
        Some(Place {
            _user: user,
            _node: node,
        })
    }

    /// The same where there is room at once.
    pub fn try_enter_as(&self, user: &str, many: u32) -> Option<Place> {
        let user = self.of(user).try_acquire_many_owned(many).ok()?;
        let node = self.node.clone().try_acquire_many_owned(many).ok()?;
        Some(Place {
            _user: user,
            _node: node,
        })
    }

    fn of(&self, user: &str) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = users.get(user).and_then(Weak::upgrade) {
            return known;
        }
        if users.len() >= TIDY {
            users.retain(|_, gate| gate.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(self.of_a_user));
        users.insert(user.to_owned(), Arc::downgrade(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, OF_A_USER, TIDY};
    use std::time::Duration;

    #[tokio::test]
    async fn one_person_does_not_take_all_places() {
        let gate = Gate::default();
        let mut held = Vec::new();
        for _ in 0..OF_A_USER {
            held.push(gate.enter("anna").await.unwrap());
        }
        let soon = Duration::from_millis(20);
        assert!(
            tokio::time::timeout(soon, gate.enter("anna"))
                .await
                .is_err()
        );
        assert!(
            tokio::time::timeout(soon, gate.enter("jonas"))
                .await
                .is_ok()
        );
        held.pop();
        assert!(tokio::time::timeout(soon, gate.enter("anna")).await.is_ok());
    }

    #[tokio::test]
    async fn who_has_left_is_forgotten() {
        let gate = Gate::default();
        for n in 0..TIDY * 2 {
            drop(gate.enter(&n.to_string()).await);
        }
        assert!(gate.users.lock().unwrap().len() <= TIDY);
    }
}
