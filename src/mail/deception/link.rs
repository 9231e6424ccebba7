//! Links whose text names one place while they lead to another.

use super::host::{LookAlike, look_alike};
use super::said::{bare_hosts, is_public, named_host, readable};
use crate::mail::site;
use crate::mail::visible::{clip, one_line};

/// Hosts of services that count clicks or check links, and lead on. A mail of an honest sender
/// is full of them; their name says nothing about where they lead. None is here where
/// anybody can put up a page or a link without being known to the service.
const REDIRECTORS: [&str; 25] = [
    "awstrack.me",
    "brevo.com",
    "cleverreach.com",
    "createsend.com",
    "exacttarget.com",
    "getresponse.com",
    "hubspotlinks.com",
    "klclick.com",
    "list-manage.com",
    "mailchimp.com",
    "mailgun.org",
    "mailjet.com",
    "mandrillapp.com",
    "mimecast.com",
    "mjt.lu",
    "safelinks.protection.outlook.com",
    "rapidmail.com",
    "rs6.net",
    "safelinks.com",
    "sendgrid.net",
    "sendibm1.com",
    "sparkpostmail.com",
    "urldefense.com",
    "urldefense.us",
    "proofpoint.com",
];

/// A link that is not what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDeceit {
    /// The host or the site that the text names, or that stands as a user's name in the address;
    /// empty where there is none.
    pub said: String,
    /// The host that the link leads to, in ASCII.
    pub target: String,
    /// How it leads elsewhere.
    pub detour: Detour,
    /// Where the target's name looks like another.
    pub look_alike: Option<LookAlike>,
}

impl LinkDeceit {
    /// Whether the same is told of both: how a link leads elsewhere is not.
    pub fn reads_like(&self, other: &Self) -> bool {
        (&self.said, &self.target, &self.look_alike)
            == (&other.said, &other.target, &other.look_alike)
    }

    /// The target's host: what stands before its site, and the site, which is what somebody owns.
    pub fn target_parts(&self) -> (&str, &str) {
        let own = site::site(&self.target);
        let before = self.target.strip_suffix(own).unwrap_or_default();
        (before, own)
    }
}

/// How much there is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detour {
    /// By way of a service that counts clicks, or of the sender's own site: usual in newsletters.
    Redirector,
    /// To another site.
    OtherSite,
    /// To another site than the one that stands before an `@` in the address.
    UserName,
    /// The text names no place; the target's name itself deceives.
    Name,
}

/// Whether the words of a text are known to be words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// They stand apart.
    Apart,
    /// What stands beside each other may look like one word or not, and is taken for one.
    Together,
}

/// Where a link leads: to a host on the net, or to an address that is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'a> {
    target: &'a str,
    /// The address that is written to.
    letter: Option<String>,
    /// The host of either, and whether a user's name stands before it.
    place: Option<(String, bool)>,
}

impl<'a> Destination<'a> {
    /// Of a link to `target`; `None` where it leads nowhere that can be told.
    pub fn of(target: &'a str) -> Option<Self> {
        let letter = letter_to(target);
        let place = match &letter {
            Some(address) => address
                .rsplit_once('@')
                .and_then(|(_, domain)| site::host(domain))
                .map(|host| (host, false)),
            None => site::host_of_url(target),
        };
        (letter.is_some() || place.is_some()).then_some(Self {
            target,
            letter,
            place,
        })
    }

    fn host(&self) -> &str {
        self.place.as_ref().map_or("", |(host, _)| host)
    }

    /// In a few words: the host, or the address that is written to.
    pub fn in_words(&self) -> String {
        match &self.letter {
            Some(address) => one_line(address),
            None => self.host().to_owned(),
        }
    }

    /// Whether the text of a link names the place it leads to.
    pub fn is_named_by(&self, said: &str) -> bool {
        match &self.letter {
            Some(address) => said.trim().eq_ignore_ascii_case(address),
            None => named_host(&readable(said)).is_some_and(|said| said == self.host()),
        }
    }

    /// Whether a link with the text `said` is not what it says. `sender` is the domain of the mail's
    /// From where that is confirmed: its own site counts as a redirector.
    pub fn belied_by(&self, said: &str, words: Words, sender: Option<&str>) -> Option<LinkDeceit> {
        let (host, has_user) = self.place.as_ref()?;
        let place = site::site(host);
        let said = readable(said);
        let elsewhere = |said: &String| site::site(said) != place;
        let said = named_host(&said).filter(elsewhere).or_else(|| {
            let bare = (words == Words::Apart).then(|| bare_hosts(&said))?;
            bare.into_iter().find(elsewhere)
        });
        let look_alike = look_alike(host);
        let leads_on = || {
            is_redirector(host)
                || sender
                    .and_then(site::host)
                    .is_some_and(|sender| site::site(&sender) == place)
        };
        let user = has_user.then(|| user_as_place(self.target)).flatten();
        let (said, detour) = match (said, user) {
            (_, Some(user)) if site::site(&user) != place => (user, Detour::UserName),
            (Some(said), _) if look_alike.is_none() && leads_on() => (said, Detour::Redirector),
            (Some(said), _) => (said, Detour::OtherSite),
            (None, _) if look_alike.is_some() => (String::new(), Detour::Name),
            (None, _) => return None,
        };
        Some(LinkDeceit {
            said,
            target: host.clone(),
            detour,
            look_alike,
        })
    }
}

/// Whether the text of a link names any place.
pub fn names_a_place(said: &str) -> bool {
    let said = readable(said);
    named_host(&said).is_some() || !bare_hosts(&said).is_empty()
}

/// Whether the host is one of [`REDIRECTORS`] or below one.
fn is_redirector(host: &str) -> bool {
    REDIRECTORS.iter().any(|service| {
        host.strip_suffix(service)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// The first address that a `mailto:` link writes to (RFC 6068).
fn letter_to(target: &str) -> Option<String> {
    let (scheme, rest) = target.trim().split_once(':')?;
    if !scheme.eq_ignore_ascii_case("mailto") {
        return None;
    }
    let address = rest.split(['?', ',']).next().unwrap_or_default();
    let address = percent_encoding::percent_decode_str(clip(address, 500));
    Some(address.decode_utf8().ok()?.into_owned())
}

/// What stands before the `@`, where that reads as a host: `https://bank.example@evil.example`.
fn user_as_place(target: &str) -> Option<String> {
    let rest = target.split_once("//").map_or(target, |(_, rest)| rest);
    let user = rest.split('@').next().unwrap_or_default();
    let user = user
        .split([':', '/', '%', '?', '#'])
        .next()
        .unwrap_or_default();
    site::host(user).filter(|host| is_public(host))
}
