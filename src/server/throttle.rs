//! Guessing passwords is slowed down, per account and per client address. Attempts that fail fill
//! a bucket that drains with time; a full bucket means waiting. Signing in rightly empties the
//! account's bucket, so a person who mistyped is not held up.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures an account may have at once before it has to wait.
const ACCOUNT_BURST: f64 = 5.0;
/// One failure of an account is forgotten in this time.
const ACCOUNT_DRAIN: Duration = Duration::from_secs(30);
/// Failures a client address may have at once: an office or a mobile network shares one.
const ADDRESS_BURST: f64 = 30.0;
/// One failure of a client address is forgotten in this time.
const ADDRESS_DRAIN: Duration = Duration::from_secs(10);
/// Buckets kept; an attacker with many names or addresses must not fill the memory.
const CAPACITY: usize = 50_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Account(String),
    /// An IPv4 address, or the /64 of an IPv6 address.
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: f64,
    at: Instant,
}

/// The buckets of this node.
#[derive(Debug, Default)]
pub struct Throttle {
    buckets: Mutex<HashMap<Who, Bucket>>,
}

impl Throttle {
    /// Counts an attempt before it is made. `Err` tells the seconds to wait; then nothing is
    /// asked of the mail server, so it is no oracle either.
    pub fn attempt(&self, account: &str, address: Option<IpAddr>) -> Result<(), u32> {
        self.attempt_at(account, address, Instant::now())
    }

    /// The attempt was right: it does not count, and the account starts afresh.
    pub fn succeeded(&self, account: &str, address: Option<IpAddr>) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(&Who::Account(account.to_lowercase()));
        if let Some(address) = address {
            give_back(&mut buckets, &network(address));
        }
    }

    /// The attempt was not made after all, since no server was there: it does not count, those
    /// before it do.
    pub fn not_made(&self, account: &str, address: Option<IpAddr>) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut buckets, &Who::Account(account.to_lowercase()));
        if let Some(address) = address {
            give_back(&mut buckets, &network(address));
        }
    }

    fn attempt_at(&self, account: &str, address: Option<IpAddr>, now: Instant) -> Result<(), u32> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CAPACITY {
            buckets.retain(|who, bucket| drained(who, *bucket, now) > 0.0);
            if buckets.len() >= CAPACITY {
                buckets.clear();
            }
        }
        let keys = std::iter::once(Who::Account(account.to_lowercase()))
            .chain(address.map(network))
            .collect::<Vec<_>>();
        for who in &keys {
            let (burst, drain) = limits(who);
            if let Some(bucket) = buckets.get(who) {
                let over = drained(who, *bucket, now) + 1.0 - burst;
                if over > 0.0 {
                    let wait = drain.mul_f64(over).as_secs().saturating_add(1);
                    return Err(u32::try_from(wait).unwrap_or(u32::MAX));
                }
            }
        }
        for who in keys {
            let level = buckets
                .get(&who)
                .map_or(0.0, |bucket| drained(&who, *bucket, now));
            buckets.insert(
                who,
                Bucket {
                    level: level + 1.0,
                    at: now,
                },
            );
        }
        Ok(())
    }
}

fn give_back(buckets: &mut HashMap<Who, Bucket>, who: &Who) {
    if let Some(bucket) = buckets.get_mut(who) {
        bucket.level = (bucket.level - 1.0).max(0.0);
    }
}

fn limits(who: &Who) -> (f64, Duration) {
    match who {
        Who::Account(_) => (ACCOUNT_BURST, ACCOUNT_DRAIN),
        Who::Address(_) => (ADDRESS_BURST, ADDRESS_DRAIN),
    }
}

fn drained(who: &Who, bucket: Bucket, now: Instant) -> f64 {
    let (_, drain) = limits(who);
    let gone = now.saturating_duration_since(bucket.at).as_secs_f64() / drain.as_secs_f64();
    (bucket.level - gone).max(0.0)
}

fn network(address: IpAddr) -> Who {
    Who::Address(match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        },
        v4 @ IpAddr::V4(_) => v4,
    })
}

#[cfg(test)]
mod tests {
    use super::{ACCOUNT_DRAIN, Throttle};
    use std::time::{Duration, Instant};

    #[test]
    fn guessing_at_one_account_is_slowed() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..5 {
            assert_eq!(throttle.attempt_at("a@b.example", None, now), Ok(()));
        }
        let wait = throttle.attempt_at("A@b.example", None, now).unwrap_err();
        assert!((1..=31).contains(&wait), "{wait}");
        let later = now + ACCOUNT_DRAIN + Duration::from_secs(1);
        assert_eq!(throttle.attempt_at("a@b.example", None, later), Ok(()));
    }

    #[test]
    fn guessing_at_many_accounts_from_one_network_is_slowed() {
        let throttle = Throttle::default();
        let now = Instant::now();
        let refused = (0..60_u16)
            .filter(|n| {
                let address = format!("2001:db8::{n:x}").parse().ok();
                throttle
                    .attempt_at(&format!("{n}@b.example"), address, now)
                    .is_err()
            })
            .count();
        assert_eq!(refused, 30);
    }

    #[test]
    fn a_right_password_clears_the_account() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            assert_eq!(throttle.attempt("a@b.example", None), Ok(()));
            throttle.succeeded("a@b.example", None);
        }
    }
}
