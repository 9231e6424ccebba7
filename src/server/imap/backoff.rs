//! When to try again after a sign-in that failed, so that a mail server that comes back is not met
//! by everybody at once, and one that is gone is not asked by every request.

use super::error::ImapError;
use super::pace::Pace;
use std::time::Duration;
use tokio::time::Instant;

/// The pause after the first failure; it doubles with each further one.
const FIRST: Duration = Duration::from_millis(250);
/// The longest pause: whoever presses "try again" waits for it.
const LONGEST: Duration = Duration::from_secs(4);

/// The failures of one user's sign-ins in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    last: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    error: ImapError,
    at: Instant,
    until: Instant,
}

impl Backoff {
    /// A sign-in succeeded.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A sign-in failed with `error`.
    pub fn failed(&mut self, error: ImapError, pace: Pace) {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(10));
        let longest = pace.of(doubled.min(LONGEST));
        self.failures = self.failures.saturating_add(1);
        // The jitter keeps those apart who failed at the same moment.
        let pause = longest.mul_f64(rand::random_range(0.5..=1.0));
        let at = Instant::now();
        self.last = Some(Failure {
            error,
            at,
            until: at + pause,
        });
    }

    /// What a caller gets who has been waiting since `since`: what failed meanwhile has failed for
    /// all who waited for it.
    pub fn shared(&self, since: Instant) -> Option<ImapError> {
        let last = self.last.as_ref()?;
        (last.at >= since).then(|| last.error.clone())
    }

    /// Until when the next try has to wait.
    pub fn until(&self) -> Instant {
        self.last
            .as_ref()
            .map_or_else(Instant::now, |last| last.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_end_with_a_success() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        assert!(backoff.until() <= Instant::now());
        for _ in 0..100 {
            backoff.failed(ImapError::Busy, Pace::default());
            assert!(backoff.until() - Instant::now() <= LONGEST);
        }
        assert!(backoff.until() - Instant::now() >= LONGEST / 3);
        assert_eq!(backoff.shared(start), Some(ImapError::Busy));
        assert_eq!(backoff.shared(Instant::now()), None);
        backoff.succeeded();
        assert_eq!(backoff.shared(start), None);
        assert!(backoff.until() <= Instant::now());
    }
}
