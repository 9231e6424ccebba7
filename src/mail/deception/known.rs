//! Senders that are new and look like somebody known: one letter off, or with the name of a friend
//! and an address of their own.

use super::confusable::skeleton;
use crate::mail::site;
use crate::mail::visible::{clip, one_line};
use crate::model::Address;

/// Known addresses that are compared with.
const KNOWN_LIMIT: usize = 20_000;
/// Characters of an address and of a name that are compared.
const LENGTH_LIMIT: usize = 254;
/// Shortest name that is somebody's, in characters.
const NAME_MINIMUM: usize = 5;

/// Sites of large providers with names like each other's: they are no look-alikes.
const PROVIDERS: [&str; 14] = [
    "aol.com",
    "email.com",
    "email.de",
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.de",
    "mail.com",
    "mail.de",
    "mail.ru",
    "outlook.com",
    "outlook.de",
    "rocketmail.com",
    "ymail.com",
];

/// Sites where anybody may have an address, by their names under whatever top level: that the mail
/// comes from there says nothing about whom it is from.
const OPEN: [&str; 28] = [
    "126",
    "163",
    "aol",
    "email",
    "fastmail",
    "freenet",
    "gmail",
    "gmx",
    "googlemail",
    "hotmail",
    "icloud",
    "live",
    "mac",
    "mail",
    "mailbox",
    "me",
    "msn",
    "outlook",
    "posteo",
    "proton",
    "protonmail",
    "qq",
    "rocketmail",
    "t-online",
    "web",
    "yahoo",
    "yandex",
    "ymail",
];

/// Somebody known whom a new sender looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resemblance {
    pub known: Address,
    pub likeness: Likeness,
}

/// In what; the first is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The addresses look the same.
    SameLook,
    /// The addresses, or their sites, differ by a letter or two.
    NearlySame,
    /// The name is the same, the address another one. People have several, so this says least.
    SameName,
}

/// Whether `sender` is not among `known` and looks like one of them. With `confirmed`, a trusted
/// server found that the mail comes from the domain of the address.
pub fn resembles(sender: &Address, known: &[Address], confirmed: bool) -> Option<Resemblance> {
    let new = Features::of(sender)?;
    let known = || known.iter().take(KNOWN_LIMIT);
    if known().any(|k| k.addr.eq_ignore_ascii_case(&sender.addr)) {
        return None;
    }
    // A site that is written to is no look-alike of another, whatever it looks like.
    let familiar = PROVIDERS.contains(&new.site())
        || known().any(|k| domain(k).is_some_and(|d| site::site(&d) == new.site()));
    let mut best: Option<(Likeness, &Address)> = None;
    for candidate in known() {
        let Some(old) = Features::of(candidate) else {
            continue;
        };
        // Colleagues may well be called alike, and who owns their domain gave them their names.
        let colleagues =
            confirmed && new.domain == old.domain && !OPEN.contains(&site::site_name(&new.domain));
        if colleagues {
            continue;
        }
        if let Some(likeness) = new.likeness(&old, familiar)
            && best.is_none_or(|(found, _)| likeness < found)
        {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(likeness, known)| Resemblance {
        known: known.clone(),
        likeness,
    })
}

fn domain(address: &Address) -> Option<String> {
    site::host(address.addr.rsplit_once('@')?.1)
}

/// What is compared of an address.
struct Features {
    local: String,
    /// In ASCII.
    domain: String,
    /// The domain as it is shown.
    shown: String,
    name: String,
}

impl Features {
    fn of(address: &Address) -> Option<Self> {
        let addr = clip(&address.addr, LENGTH_LIMIT);
        let (local, domain) = addr.rsplit_once('@')?;
        let domain = site::host(domain)?;
        let (shown, _) = idna::domain_to_unicode(&domain);
        let name = one_line(clip(
            address.name.as_deref().unwrap_or_default(),
            LENGTH_LIMIT,
        ));
        Some(Self {
            local: local.to_lowercase(),
            domain,
            shown,
            name: name.to_lowercase(),
        })
    }

    fn site(&self) -> &str {
        site::site(&self.domain)
    }

    fn likeness(&self, old: &Self, familiar: bool) -> Option<Likeness> {
        let same_site = self.site() == old.site();
        let same_local = self.local == old.local;
        let same_name = self.name.chars().count() >= NAME_MINIMUM
            && skeleton(&self.name) == skeleton(&old.name);
        if same_site {
            // Who owns the site gives its names; two people there may well be called alike.
            let alike = skeleton(&self.local) == skeleton(&old.local);
            return match (alike && !same_local, same_name) {
                (true, _) => Some(Likeness::SameLook),
                (false, true) if within(&self.local, &old.local, 2) => Some(Likeness::NearlySame),
                _ => None,
            };
        }
        if !familiar {
            if skeleton(&self.shown) == skeleton(&old.shown) {
                return Some(Likeness::SameLook);
            }
            let (new_name, old_name) = (site::site_name(&self.shown), site::site_name(&old.shown));
            // Short names are near each other by chance.
            let distance = match old_name.chars().count() {
                0..=4 => 0,
                5..=9 => 1,
                _ => 2,
            };
            let near = distance > 0 && within(new_name, old_name, distance);
            // `example.org` and `example.com` may be one owner's or not.
            if near && (new_name != old_name || same_local) {
                return Some(Likeness::NearlySame);
            }
        }
        same_name.then_some(Likeness::SameName)
    }
}

/// Whether at most `limit` letters have to be put in, taken out, changed or swapped with their
/// neighbour to turn one text into the other. Takes time in proportion to length times `limit`.
fn within(one: &str, other: &str, limit: usize) -> bool {
    let one: Vec<char> = one.chars().take(LENGTH_LIMIT).collect();
    let other: Vec<char> = other.chars().take(LENGTH_LIMIT).collect();
    differs_within(&one, &other, limit)
}

/// The first letters that differ are dealt with in each possible way, so that the depth is `limit`.
fn differs_within(one: &[char], other: &[char], limit: usize) -> bool {
    if one.len().abs_diff(other.len()) > limit {
        return false;
    }
    let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let one = one.get(common..).unwrap_or_default();
    let other = other.get(common..).unwrap_or_default();
    match (one, other) {
        ([], []) => true,
        (rest, []) | ([], rest) => rest.len() <= limit,
        ([a, one_rest @ ..], [b, other_rest @ ..]) => {
            let Some(left) = limit.checked_sub(1) else {
                return false;
            };
            let swapped = match (one_rest, other_rest) {
                ([c, one_rest @ ..], [d, other_rest @ ..]) if a == d && b == c => {
                    differs_within(one_rest, other_rest, left)
                }
                _ => false,
            };
            swapped
                || differs_within(one_rest, other_rest, left)
                || differs_within(one_rest, other, left)
                || differs_within(one, other_rest, left)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within;
    use proptest::prelude::*;

    #[test]
    fn distances() {
        for (one, other, distance) in [
            ("example", "example", 0),
            ("example", "exanple", 1),
            ("example", "exmaple", 1),
            ("example", "examples", 1),
            ("example", "xample", 1),
            ("example", "exmple-", 2),
            ("", "ab", 2),
        ] {
            assert!(within(one, other, distance), "{one} {other}");
            assert!(
                distance == 0 || !within(one, other, distance - 1),
                "{one} {other}"
            );
        }
        assert!(!within("example", "something", 2));
    }

    proptest! {
        #[test]
        fn the_same_in_both_directions(one in "[ab]{0,8}", other in "[ab]{0,8}", limit in 0_usize..3) {
            prop_assert_eq!(within(&one, &other, limit), within(&other, &one, limit));
        }
    }
}
