//! What a connection knows of the other side: what the server can do, and which mailbox is open in
//! which state, by all that the server has said so far.

use super::answer::Untagged;
use super::error::Code;
use super::wire::Literals;
use std::collections::HashSet;

/// A mailbox by both its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// As people and routes know it.
    pub name: String,
    /// As the server knows it.
    pub wire: String,
}

impl Mailbox {
    /// Where new mail arrives, which every server knows by this name (RFC 9051, section 5.1).
    pub fn inbox() -> Self {
        Self {
            name: "INBOX".to_owned(),
            wire: "INBOX".to_owned(),
        }
    }
}

/// What the server can do (RFC 9051, section 7.2.1), in upper case.
#[derive(Clone, Debug, Default)]
pub struct Capabilities(HashSet<String>);

impl Capabilities {
    /// From the names that the server gave.
    pub(super) fn new(names: Vec<String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Whether the server offers `name`.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Does without what the server offers.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Which literals need not wait.
    pub(super) fn literals(&self) -> Literals {
        if self.has("LITERAL+") {
            Literals::NonSynchronizing
        } else if self.has("LITERAL-") {
            Literals::SmallNonSynchronizing
        } else {
            Literals::Synchronizing
        }
    }
}

/// The mailbox that is open, kept true by what the server says unasked.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The mailbox's name as people know it.
    pub name: String,
    pub uid_validity: u32,
    pub exists: u32,
    /// Grows when messages are removed, and sequence numbers move.
    pub removals: u64,
    /// The highest UID that is known to be in the connection's view: a server may let a message
    /// that came later be unknown until it has told of it (RFC 9051, section 5.2).
    pub high_uid: u32,
}

impl Selected {
    /// A mailbox of which nothing is known yet.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            uid_validity: 0,
            exists: 0,
            removals: 0,
            high_uid: 0,
        }
    }
}

/// Keeps the open mailbox true to what the server says.
pub(super) fn observe(selected: &mut Option<Selected>, data: &Untagged) {
    let Some(selected) = selected else { return };
    match data {
        Untagged::Exists(count) => selected.exists = *count,
        Untagged::Expunge(_) => {
            selected.exists = selected.exists.saturating_sub(1);
            selected.removals += 1;
        }
        Untagged::Vanished(count) => {
            selected.exists = selected.exists.saturating_sub(*count);
            selected.removals += 1;
        }
        Untagged::Code(Code::UidValidity(value)) => selected.uid_validity = *value,
        Untagged::Code(Code::UidNext(value)) => {
            selected.high_uid = selected.high_uid.max(value.saturating_sub(1));
        }
        Untagged::Fetch(fetched) => {
            selected.high_uid = selected.high_uid.max(fetched.uid.unwrap_or_default());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_follows_what_the_server_says() {
        let mut selected = Some(Selected::new("INBOX"));
        for data in [
            Untagged::Exists(10),
            Untagged::Code(Code::UidValidity(7)),
            Untagged::Code(Code::UidNext(101)),
            Untagged::Expunge(3),
            Untagged::Vanished(2),
            Untagged::Exists(9),
        ] {
            observe(&mut selected, &data);
        }
        let selected = selected.unwrap();
        assert_eq!((selected.exists, selected.removals), (9, 2));
        assert_eq!((selected.uid_validity, selected.high_uid), (7, 100));
        observe(&mut None, &Untagged::Exists(1));
    }

    #[test]
    fn literals_by_capability() {
        let of = |names: &[&str]| {
            Capabilities::new(names.iter().map(ToString::to_string).collect()).literals()
        };
        assert_eq!(of(&[]), Literals::Synchronizing);
        assert_eq!(of(&["LITERAL-"]), Literals::SmallNonSynchronizing);
        assert_eq!(of(&["LITERAL-", "LITERAL+"]), Literals::NonSynchronizing);
    }
}
