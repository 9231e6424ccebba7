//! Links whose text names one place while they lead to another.

use super::host::{LookAlike, look_alike};
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

/// Whether a link with the text `said` is not what it says. `sender` is the domain of the mail's From
/// where that is confirmed: its own site counts as a redirector.
pub fn deceiving_link(target: &str, said: &str, sender: Option<&str>) -> Option<LinkDeceit> {
    let (host, has_user) = destination(target)?;
    let said = named_host(said).filter(|said| site::site(said) != site::site(&host));
    let look_alike = look_alike(&host);
    let place = site::site(&host);
    let lead_on = is_redirector(&host)
        || sender
            .and_then(site::host)
            .is_some_and(|sender| site::site(&sender) == place);
    let user = if has_user {
        user_as_place(target)
    } else {
        None
    };
    let (said, detour) = match (said, user) {
        (_, Some(user)) if site::site(&user) != place => (user, Detour::UserName),
        (Some(said), _) if lead_on && look_alike.is_none() => (said, Detour::Redirector),
        (Some(said), _) => (said, Detour::OtherSite),
        (None, _) if look_alike.is_some() => (String::new(), Detour::Name),
        (None, _) => return None,
    };
    Some(LinkDeceit {
        said,
        target: host,
        detour,
        look_alike,
    })
}

/// Where a link leads, as far as it can be said in a few words: the host, or the address that is
/// written to.
pub fn leads_to(target: &str) -> Option<String> {
    match letter_to(target) {
        Some(address) => Some(one_line(&address)),
        None => destination(target).map(|(host, _)| host),
    }
}

/// Whether the text of a link names the place it leads to.
pub fn names_its_target(target: &str, said: &str) -> bool {
    match letter_to(target) {
        Some(address) => said.trim().eq_ignore_ascii_case(&address),
        None => named_host(said)
            .is_some_and(|said| destination(target).is_some_and(|(host, _)| host == said)),
    }
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

/// The host of a link on the net or of the address that is written to, and whether a user's name
/// stands before it.
fn destination(target: &str) -> Option<(String, bool)> {
    match letter_to(target) {
        Some(address) => {
            let (_, domain) = address.rsplit_once('@')?;
            Some((site::host(domain)?, false))
        }
        None => site::host_of_url(target),
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

/// The host that a link's text names, if it reads as a place: an address with a scheme or `www.`
/// anywhere in it, or a host that people know as one or an e-mail address that is all of it.
fn named_host(said: &str) -> Option<String> {
    let line = one_line(said);
    let mut words = line
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '„' | '“'))
        // An arrow before the name is no word.
        .filter(|word| word.contains(char::is_alphanumeric));
    let mut words_seen = 0_usize;
    let mut alone = "";
    for word in words.by_ref() {
        words_seen = words_seen.saturating_add(1);
        alone = word;
        if let Some(url) = scheme(word) {
            return site::host_of_url(url).map(|(host, _)| host);
        }
        if word
            .get(..4)
            .is_some_and(|w| w.eq_ignore_ascii_case("www."))
        {
            return place(word);
        }
    }
    (words_seen == 1)
        .then(|| place(alone))
        .flatten()
        .filter(|host| alone.contains('@') || is_common(host))
}

/// The word from its scheme on.
fn scheme(word: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        word.char_indices()
            .take(3)
            .filter_map(|(at, _)| word.get(at..))
            .find(|rest| {
                rest.get(..scheme.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            })
    })
}

/// The host of a word such as `example.org/path` or `jo@example.org`.
pub(super) fn place(word: &str) -> Option<String> {
    let word = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let word = word.rsplit_once('@').map_or(word, |(_, domain)| domain);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = site::host(word)?;
    is_public(&host).then_some(host)
}

/// Whether the top level is one that people know; `Dr.med`, `St.Gallen` and `README.md` are no hosts.
pub(super) fn is_common(host: &str) -> bool {
    const TOPS: [&str; 66] = [
        "app", "ar", "at", "au", "bank", "be", "bg", "biz", "br", "ca", "cat", "ch", "cloud", "cn",
        "co", "com", "cz", "de", "dev", "dk", "edu", "ee", "es", "eu", "example", "fi", "fr",
        "gov", "gr", "hr", "hu", "ie", "il", "in", "info", "io", "is", "it", "jp", "kr", "li",
        "lt", "lu", "lv", "mx", "net", "nl", "no", "nz", "online", "org", "pl", "pt", "ro", "ru",
        "se", "shop", "si", "sk", "store", "test", "tr", "tv", "ua", "uk", "us",
    ];
    let top = host.rsplit('.').next().unwrap_or_default();
    TOPS.contains(&top)
}

/// Whether a host reads as one: it has a dot, and its last label is letters and no file's ending.
pub(super) fn is_public(host: &str) -> bool {
    const ENDINGS: [&str; 37] = [
        "asp", "aspx", "bak", "bmp", "csv", "dll", "doc", "docm", "docx", "eml", "exe", "gif",
        "htm", "html", "ics", "jpeg", "jpg", "js", "json", "log", "msg", "ods", "odt", "ogg",
        "pdf", "php", "png", "ppt", "pptx", "rar", "rtf", "svg", "txt", "vcf", "xls", "xlsx",
        "xml",
    ];
    let Some((rest, top)) = host.rsplit_once('.') else {
        return false;
    };
    let letters =
        top.starts_with("xn--") || (top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    letters && !rest.is_empty() && !ENDINGS.contains(&top)
}
