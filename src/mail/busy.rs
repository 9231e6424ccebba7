//! How long something has kept the processor, for whoever shows that mail costs little: the tests with
//! hostile input, the bench and the fuzzer, which include this file. By the clock they would fail
//! where others keep the processor.

use std::time::{Duration, Instant};

/// Begun when it is made.
pub(super) struct Busy {
    clock: Instant,
    processor: Option<Duration>,
}

impl Busy {
    pub(super) fn new() -> Self {
        Self {
            clock: Instant::now(),
            processor: on_processor(),
        }
    }

    /// How long this thread was on a processor since; where the system does not tell, by the clock.
    pub(super) fn elapsed(&self) -> Duration {
        match (self.processor, on_processor()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.clock.elapsed(),
        }
    }
}

/// As Linux tells it (proc_pid_schedstat): nanoseconds.
fn on_processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = stat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}
