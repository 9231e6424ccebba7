//! How full the mailbox is (RFC 9208). A mailbox can be under several quota roots, a person's and
//! a domain's for instance; the one that is fullest is the one that matters.

use crate::model::Quota;
use async_imap::imap_proto::rfc2087::{Quota as Found, QuotaResourceName};
use std::time::{Duration, Instant};

/// How long what the server told is believed, unless something is stored or deleted.
const BELIEVED: Duration = Duration::from_mins(1);

/// What was told last. Every page shows it, and no page is to cost a question.
#[derive(Debug, Default)]
pub struct Room {
    quota: Option<Quota>,
    told: Option<Instant>,
}

impl Room {
    /// How full the mailbox is, or was.
    pub fn quota(&self) -> Option<Quota> {
        self.quota
    }

    /// Whether the server has to be asked.
    pub fn is_doubtful(&self, now: Instant) -> bool {
        self.told
            .is_none_or(|told| now.duration_since(told) >= BELIEVED)
    }

    /// Something was stored or deleted.
    pub fn doubt(&mut self) {
        self.told = None;
    }

    /// The server told this.
    pub fn learn(&mut self, quota: Option<Quota>, now: Instant) {
        self.quota = quota;
        self.told = Some(now);
    }
}

/// Octets in a unit of the resource STORAGE (RFC 9208, section 5.1).
const UNIT: u64 = 1024;

/// The room of one quota root; `None` where octets are not bounded.
pub fn read(found: &Found<'_>) -> Option<Quota> {
    let storage = found
        .resources
        .iter()
        .find(|resource| resource.name == QuotaResourceName::Storage)?;
    (storage.limit > 0).then(|| Quota {
        used: storage.usage.saturating_mul(UNIT),
        limit: storage.limit.saturating_mul(UNIT),
    })
}

/// The fullest of several.
pub fn fullest(quotas: impl IntoIterator<Item = Quota>) -> Option<Quota> {
    quotas
        .into_iter()
        .max_by_key(|quota| u128::from(quota.used) * 1_000_000 / u128::from(quota.limit.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::imap::answer::{Raw, Untagged, untagged};
    use async_imap::imap_proto::Response;

    fn parse(line: &str) -> Option<Quota> {
        let (_, response) = Response::parse(line.as_bytes()).unwrap();
        match untagged(&response, Raw(line.as_bytes())) {
            Some(Untagged::Quota(quota)) => Some(quota),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn storage_is_counted_in_units() {
        let quota = parse("* QUOTA \"User quota\" (MESSAGE 3 100 STORAGE 10 512)\r\n").unwrap();
        assert_eq!((quota.used, quota.limit), (10_240, 524_288));
        for line in [
            "* QUOTA \"\" ()\r\n",
            "* QUOTA \"\" (MESSAGE 3 100)\r\n",
            "* QUOTA \"\" (STORAGE 10 0)\r\n",
            "* QUOTAROOT INBOX \"User quota\" \"\"\r\n",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
        let huge = parse("* QUOTA a (STORAGE 18446744073709551615 18446744073709551615)\r\n");
        assert_eq!(huge.unwrap().used, u64::MAX);
    }

    #[test]
    fn what_was_told_is_believed_for_a_minute_or_until_something_is_stored() {
        let quota = Some(Quota { used: 1, limit: 2 });
        let (mut room, now) = (Room::default(), Instant::now());
        assert!(room.is_doubtful(now));
        room.learn(quota, now);
        assert!(!room.is_doubtful(now + Duration::from_secs(59)));
        assert!(room.is_doubtful(now + Duration::from_mins(1)));
        room.doubt();
        assert!(room.is_doubtful(now));
        assert_eq!(room.quota(), quota);
        // That the server says nothing is an answer too.
        room.learn(None, now);
        assert!(!room.is_doubtful(now));
    }

    #[test]
    fn the_fullest_matters() {
        let of = |used, limit| Quota { used, limit };
        assert_eq!(fullest([of(5, 100), of(1, 2), of(40, 100)]), Some(of(1, 2)));
        assert_eq!(fullest([]), None);
    }
}
