//! Whom the person has written to lately: the recipients of the newest messages in Sent. It is asked
//! for beside a message and not before one is shown, at most once in ten minutes whatever comes of
//! it, and kept in memory only, as addresses without names.

use super::answer::Untagged;
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::select::Place;
use super::view::Mailbox;
use super::wire::Command;
use crate::mail::address;
use crate::mail::header::Header;
use crate::model::{Address, FolderRole};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Messages that are looked at.
const MESSAGES: u32 = 200;
/// Octets of the recipients of one of them.
const RECIPIENTS: usize = 4096;
/// Addresses that are kept.
const PEOPLE: usize = 300;
/// How long what was found is believed, and how long nothing is asked after a failure.
const BELIEVED: Duration = Duration::from_mins(10);

/// What was found last.
#[derive(Debug, Default)]
pub(super) struct WrittenTo {
    found: Mutex<Found>,
    /// Held by who asks; others wait for the answer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Found {
    asked: Option<Instant>,
    /// Whom was written to last comes first.
    people: Vec<Box<str>>,
}

impl Found {
    fn is_doubtful(&self, now: Instant) -> bool {
        self.asked
            .is_none_or(|asked| now.duration_since(asked) >= BELIEVED)
    }

    /// Takes note of these people, the last ones first, before those who are known.
    fn add(&mut self, people: impl Iterator<Item = String>) {
        let mut all: Vec<Box<str>> = Vec::new();
        let former = std::mem::take(&mut self.people);
        let new = people
            .filter(|one| address::valid(one))
            .map(String::into_boxed_str);
        for one in new.chain(former) {
            if all.len() >= PEOPLE {
                break;
            }
            if !all.iter().any(|known| known.eq_ignore_ascii_case(&one)) {
                all.push(one);
            }
        }
        self.people = all;
    }

    fn addresses(&self) -> Vec<Address> {
        let address = |addr: &str| Address {
            name: None,
            addr: addr.to_owned(),
        };
        self.people.iter().map(|one| address(one)).collect()
    }
}

impl WrittenTo {
    fn lock(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, now: Instant) -> Option<Vec<Address>> {
        let found = self.lock();
        (!found.is_doubtful(now)).then(|| found.addresses())
    }

    /// Lets go what is no longer believed.
    pub(super) fn sweep(&self) {
        let mut found = self.lock();
        if found.is_doubtful(Instant::now()) {
            *found = Found::default();
        }
    }
}

impl Engine {
    /// Whom the person has written to, if that was asked for a moment ago.
    pub fn known_written_to(&self) -> Option<Vec<Address>> {
        self.written_to.known(Instant::now())
    }

    /// Whom the person has written to; nobody where that cannot be found out. To be run to its end:
    /// a call that is dropped has asked in vain.
    pub async fn written_to(&self) -> Vec<Address> {
        let _turn = self.written_to.turn.lock().await;
        if let Some(people) = self.known_written_to() {
            return people;
        }
        self.written_to.lock().asked = Some(Instant::now());
        match self.recipients().await {
            Ok(people) => self.written_to.lock().add(people.into_iter()),
            Err(ImapError::NoFolder) => {}
            Err(error) => tracing::info!(%error, "whom was written to could not be asked for"),
        }
        self.written_to.lock().addresses()
    }

    /// A mail went out to these addresses.
    pub fn has_written_to(&self, addresses: &[String]) {
        self.written_to.lock().add(addresses.iter().cloned());
    }

    /// The recipients of the newest messages in Sent, newest first.
    async fn recipients(&self) -> Result<Vec<String>, ImapError> {
        let sent = self.role_folder(FolderRole::Sent, false).await?;
        let mailbox = self.mailbox(&sent)?;
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            recipients(connection, &mailbox).await
        })
    }
}

async fn recipients(
    connection: &mut Connection,
    mailbox: &Mailbox,
) -> Result<Vec<String>, ImapError> {
    let place = Place {
        mailbox,
        expected: None,
        highest: 0,
    };
    let last = connection.enter(place).await?.exists;
    if last == 0 {
        return Ok(Vec::new());
    }
    let first = last.saturating_sub(MESSAGES - 1).max(1);
    let fetch = Command::new("FETCH").raw(&format!(
        " {first}:{last} (BODY.PEEK[HEADER.FIELDS (TO CC BCC)]<0.{RECIPIENTS}>)"
    ));
    let mut headers: Vec<(u32, Vec<u8>)> = Vec::new();
    for data in connection.run(fetch).await?.untagged {
        if let Untagged::Fetch(mut fetched) = data
            && let Some(header) = fetched.take("HEADER")
        {
            headers.push((fetched.sequence, header));
        }
    }
    headers.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
    Ok(headers
        .iter()
        .flat_map(|(_, header)| people(header))
        .take(PEOPLE.saturating_mul(4))
        .collect())
}

/// The addresses in a header that may be cut off: half an address is somebody else's.
fn people(header: &[u8]) -> Vec<String> {
    let whole = if header.len() < RECIPIENTS {
        header
    } else {
        let end = header.iter().rposition(|octet| *octet == b',');
        header.get(..end.unwrap_or_default()).unwrap_or_default()
    };
    let header = Header::parse(whole);
    [header.to(), header.cc(), header.bcc()]
        .into_iter()
        .flatten()
        .map(|address| address.addr)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(people: &[&str]) -> impl Iterator<Item = String> {
        let people: Vec<String> = people.iter().map(ToString::to_string).collect();
        people.into_iter()
    }

    #[test]
    fn the_last_ones_come_first_and_once() {
        let mut found = Found::default();
        found.add(names(&[
            "a@x.example",
            "b@x.example",
            "A@X.example",
            "none",
        ]));
        found.add(names(&["c@x.example", "b@x.example"]));
        let people: Vec<_> = found.addresses().into_iter().map(|a| a.addr).collect();
        assert_eq!(people, ["c@x.example", "b@x.example", "a@x.example"]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut found = Found::default();
        found.add((0..1000).map(|i| format!("a{i}@x.example")));
        assert_eq!(found.people.len(), PEOPLE);
        found.add(names(&["new@x.example"]));
        assert_eq!(found.people.len(), PEOPLE);
        assert_eq!(&*found.people[0], "new@x.example");
    }

    #[test]
    fn what_was_found_is_believed_for_ten_minutes_and_so_is_that_nothing_was() {
        let (held, now) = (WrittenTo::default(), Instant::now());
        assert_eq!(held.known(now), None);
        held.lock().asked = Some(now);
        assert_eq!(held.known(now + Duration::from_secs(599)), Some(Vec::new()));
        held.lock().add(names(&["a@x.example"]));
        assert_eq!(held.known(now).map(|people| people.len()), Some(1));
        assert_eq!(held.known(now + Duration::from_mins(10)), None);
    }

    #[test]
    fn a_header_that_was_cut_off_names_nobody_by_half() {
        let all = "To: A <a@x.example>,\r\n b@x.example\r\nCc: c@x.example\r\nBcc: d@x.example\r\n";
        assert_eq!(
            people(all.as_bytes()),
            ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]
        );
        let long = format!("To: {}", "ab@x.example, ".repeat(400));
        let cut = &long.as_bytes()[..RECIPIENTS];
        assert!(people(cut).iter().all(|one| one == "ab@x.example"));
        assert!(people(cut).len() > 200);
        assert!(people(&[b'x'; RECIPIENTS]).is_empty());
    }
}
