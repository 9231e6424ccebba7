//! HTML on its way from the thread that brings it into order to the one that filters it, which need not
//! wait for the end: both together are most of the time that a mail takes.

use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Octets that are passed on at once, but for the last ones.
const PIECE: usize = 4096;

/// What has been written so far. Never printed: it is a mail.
#[derive(Default)]
pub struct Pipe {
    written: Mutex<Written>,
    more: Condvar,
}

#[derive(Default)]
struct Written {
    octets: Vec<u8>,
    ended: bool,
}

impl std::fmt::Debug for Pipe {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pipe").finish_non_exhaustive()
    }
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end to write at; with it, what is written ends.
    pub(super) fn writer(&self) -> Writer<'_> {
        Writer {
            pipe: self,
            passed: 0,
        }
    }

    /// The end to read at, from the beginning. A read waits for the writer; one that never comes is
    /// waited for in vain.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { pipe: self, at: 0 }
    }
}

/// Passes on a text that grows.
#[derive(Debug)]
pub(super) struct Writer<'p> {
    pipe: &'p Pipe,
    passed: usize,
}

impl Writer<'_> {
    /// The text so far, of which it may be that enough is new.
    pub(super) fn grown(&mut self, text: &str) {
        if text.len().saturating_sub(self.passed) >= PIECE {
            self.pass(text);
        }
    }

    /// The whole text.
    pub(super) fn whole(mut self, text: &str) {
        self.pass(text);
    }

    fn pass(&mut self, text: &str) {
        let fresh = text.as_bytes().get(self.passed..).unwrap_or_default();
        self.pipe.lock().octets.extend_from_slice(fresh);
        self.passed = text.len();
        self.pipe.more.notify_one();
    }
}

/// However it ends, nobody waits for more.
impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.pipe.lock().ended = true;
        self.pipe.more.notify_all();
    }
}

/// Reads what is written.
#[derive(Debug)]
pub(super) struct Reader<'p> {
    pipe: &'p Pipe,
    at: usize,
}

impl Read for Reader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = self.pipe.lock();
        while written.octets.len() <= self.at && !written.ended {
            let waited = self.pipe.more.wait(written);
            written = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let mut fresh = written.octets.get(self.at..).unwrap_or_default();
        let count = fresh.read(out)?;
        self.at = self.at.saturating_add(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_while_it_grows() {
        let pipe = Pipe::default();
        let text = "äöü€ ".repeat(10_000);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut out = String::new();
                pipe.reader().read_to_string(&mut out).unwrap();
                out
            });
            let mut writer = pipe.writer();
            for end in (0..text.len()).step_by(5 * 10) {
                if let Some(so_far) = text.get(..end) {
                    writer.grown(so_far);
                }
            }
            writer.whole(&text);
            assert_eq!(reading.join().unwrap(), text);
        });
    }

    #[test]
    fn a_writer_that_fails_ends_it() {
        let pipe = Pipe::default();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut out = String::new();
                pipe.reader().read_to_string(&mut out).unwrap();
                out
            });
            drop(pipe.writer());
            assert_eq!(reading.join().unwrap(), "");
        });
    }
}
