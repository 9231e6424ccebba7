//! Links whose text names one place while they lead to another.

use super::host::{LookAlike, look_alike};
use super::said::{bare_hosts, ends_word, first_words, is_public, named_host, readable};
use crate::mail::visible::{clip, one_line};
use crate::mail::{mailto, site};
use std::cell::LazyCell;

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

/// Sites of the addresses of one letter that are looked at: more than there are services above, and one
/// text names but one of them.
const SITE_LIMIT: usize = 50;
/// Octets of the addresses of a letter that are told.
const LETTER_LIMIT: usize = 500;

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

/// Where a link leads: to a host on the net, or to addresses that are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'a> {
    target: &'a str,
    /// The addresses that are written to.
    letter: Option<String>,
    /// The host, or one of each site of the addresses.
    places: Vec<Place>,
}

/// A host that is led to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    site: String,
    /// Whether a user's name stands before it.
    has_user: bool,
}

impl Place {
    fn new(host: String, has_user: bool) -> Self {
        Self {
            site: site::site(&host).to_owned(),
            host,
            has_user,
        }
    }
}

impl<'a> Destination<'a> {
    /// Of a link to `target`; `None` where it leads nowhere that can be told.
    pub fn of(target: &'a str) -> Option<Self> {
        let letter = letter_to(target);
        let places = match &letter {
            Some(addresses) => sites_of(addresses),
            None => site::host_of_url(target)
                .map(|(host, has_user)| Place::new(host, has_user))
                .into_iter()
                .collect(),
        };
        (letter.is_some() || !places.is_empty()).then(|| Self {
            target,
            letter: letter.map(|letter| clip(&letter, LETTER_LIMIT).to_owned()),
            places,
        })
    }

    fn host(&self) -> &str {
        self.places.first().map_or("", |place| &place.host)
    }

    /// In a few words: the host, or the addresses that are written to.
    pub fn in_words(&self) -> String {
        match &self.letter {
            Some(addresses) => one_line(addresses),
            None => self.host().to_owned(),
        }
    }

    /// Whether the text of a link names the place it leads to.
    pub fn is_named_by(&self, said: &str) -> bool {
        match &self.letter {
            Some(addresses) => said.trim().eq_ignore_ascii_case(addresses),
            None => named_host(&readable(said)).is_some_and(|said| said == self.host()),
        }
    }

    /// Whether a link with the text `said` is not what it says. `sender` is the domain of the mail's
    /// From where that is confirmed: its own site counts as a redirector.
    pub fn belied_by(&self, said: &str, words: Words, sender: Option<&str>) -> Option<LinkDeceit> {
        let said = readable(said);
        let named = named_host(&said);
        let bare = LazyCell::new(|| match words {
            Words::Apart => bare_hosts(&said),
            Words::Together => Vec::new(),
        });
        let mut usual = None;
        for place in &self.places {
            let elsewhere = |said: &&String| site::site(said) != place.site;
            let said = named.iter().find(elsewhere);
            let said = said.or_else(|| bare.iter().find(elsewhere)).cloned();
            match self.belied_at(place, said, sender) {
                // Of several places, one that is told of.
                Some(deceit) if deceit.detour != Detour::Redirector => return Some(deceit),
                deceit => usual = usual.or(deceit),
            }
        }
        usual
    }

    /// The same of one place, where the text says another, if any.
    fn belied_at(
        &self,
        place: &Place,
        said: Option<String>,
        sender: Option<&str>,
    ) -> Option<LinkDeceit> {
        let host = place.host.as_str();
        let look_alike = look_alike(host);
        let leads_on = || {
            is_redirector(host)
                || sender
                    .and_then(site::host)
                    .is_some_and(|sender| site::site(&sender) == place.site)
        };
        let user = place.has_user.then(|| user_as_place(self.target)).flatten();
        let (said, detour) = match (said, user) {
            (_, Some(user)) if site::site(&user) != place.site => (user, Detour::UserName),
            (Some(said), _) if look_alike.is_none() && leads_on() => (said, Detour::Redirector),
            (Some(said), _) => (said, Detour::OtherSite),
            (None, _) if look_alike.is_some() => (String::new(), Detour::Name),
            (None, _) => return None,
        };
        Some(LinkDeceit {
            said,
            target: host.to_owned(),
            detour,
            look_alike,
        })
    }

    /// A text without the words that name a place it leads to, and no other.
    pub fn left_of(&self, said: &str) -> String {
        let words = said.split_inclusive(ends_word);
        words.filter(|word| !self.is_at(word)).collect()
    }

    fn is_at(&self, word: &str) -> bool {
        // Most words are nothing but letters.
        if word.trim_end().bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        let word = readable(word);
        let own = |host: String| {
            let site = site::site(&host);
            self.places.iter().any(|place| place.site == site)
        };
        let named = named_host(&word).into_iter().chain(bare_hosts(&word));
        let mut named = named.map(own).peekable();
        named.peek().is_some() && named.all(|own| own)
    }
}

/// So many words of a text that a place in them is one that people read as such.
pub fn beginning(said: &str) -> String {
    first_words(&readable(said))
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

/// The addresses that a `mailto:` link writes to (RFC 6068), as our composer reads them.
fn letter_to(target: &str) -> Option<String> {
    let (scheme, _) = target.trim().split_once(':')?;
    let writes = scheme.eq_ignore_ascii_case("mailto");
    writes.then(|| mailto::recipients(target.trim()))
}

/// A host of each site that stands behind an `@`, also in a name: whoever reads the list strictly finds
/// no more.
fn sites_of(addresses: &str) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for behind in addresses.split('@').skip(1) {
        let end = |c: char| ends_word(c) || matches!(c, ',' | ';');
        let domain = behind.split(end).next().unwrap_or_default();
        let Some(host) = host_of_letter(domain) else {
            continue;
        };
        let place = Place::new(host, false);
        if places.iter().any(|known| known.site == place.site) {
            continue;
        }
        places.push(place);
        if places.len() >= SITE_LIMIT {
            break;
        }
    }
    places
}

/// The host of an address, which may also be `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
fn host_of_letter(domain: &str) -> Option<String> {
    let Some(literal) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) else {
        return site::host(domain);
    };
    match literal.strip_prefix("IPv6:") {
        Some(address) => site::host(&format!("[{address}]")),
        None => site::host(literal),
    }
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
