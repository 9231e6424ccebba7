//! How long to wait, in one place to turn: tests of what happens when a server says nothing would
//! else take as long as people are willing to wait.

use super::wire::Patience;
use std::time::Duration;

/// Divides every time for which the engine waits for the server, or leaves it alone. One is what
/// people get; only tests set another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace(u32);

impl Default for Pace {
    fn default() -> Self {
        Self(1)
    }
}

impl Pace {
    /// So many times faster than usual.
    pub fn faster(times: u32) -> Self {
        Self(times.max(1))
    }

    /// `usual` at this pace.
    pub fn of(self, usual: Duration) -> Duration {
        usual / self.0
    }

    /// `usual` at this pace.
    pub(super) fn patience(self, usual: Patience) -> Patience {
        Patience {
            next: self.of(usual.next),
            all: self.of(usual.all),
        }
    }
}
