//! Links whose text names one place while they lead to another.

use super::host::{LookAlike, look_alike};
use crate::mail::markup::{Token, tokens};
use crate::mail::visible::{clip, one_line};
use crate::mail::{entity, site};

/// Links of a mail that are looked at, and findings that are told.
const LINK_LIMIT: usize = 2000;
const FINDING_LIMIT: usize = 50;
/// Octets of a link's text that are read. A place that is named after a page of text misleads
/// nobody.
const TEXT_LIMIT: usize = 500;
/// Octets of HTML that are read, as many as the sanitiser reads.
const HTML_LIMIT: usize = 16 << 20;

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
    /// The host or the site that the text names; empty where the text names none.
    pub said: String,
    /// The host that the link leads to, in ASCII.
    pub target: String,
    /// How it leads elsewhere.
    pub detour: Detour,
    /// Where the target's name looks like another.
    pub look_alike: Option<LookAlike>,
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

/// The deceiving links of a mail's HTML. `sender` is the domain of the mail's From where that is
/// confirmed: its own site counts as a redirector.
pub fn deceiving_links(html: &str, sender: Option<&str>) -> Vec<LinkDeceit> {
    let mut found = Findings::new(sender);
    let html = html
        .get(..html.floor_char_boundary(HTML_LIMIT))
        .unwrap_or_default();
    let mut open: Option<(String, String)> = None;
    for token in tokens(html) {
        match token {
            Token::Start { name, attributes } if name == "a" => {
                found.close(&mut open);
                if found.full() {
                    break;
                }
                open = attributes
                    .iter()
                    .find(|attribute| attribute.name == "href")
                    .map(|attribute| (entity::decode(attribute.value).into_owned(), String::new()));
            }
            Token::End(name) if name == "a" => found.close(&mut open),
            Token::Text(text) => {
                if let Some((_, said)) = &mut open
                    && said.len() < TEXT_LIMIT
                {
                    let end = text.floor_char_boundary(TEXT_LIMIT);
                    said.push_str(&entity::decode(text.get(..end).unwrap_or_default()));
                }
            }
            // A line break parts words; other elements do not.
            Token::Start { name, .. } if matches!(name.as_str(), "br" | "p" | "div" | "td") => {
                if let Some((_, said)) = &mut open {
                    said.push(' ');
                }
            }
            _ => {}
        }
    }
    found.close(&mut open);
    found.list
}

/// The deceiving links of a plain text, which says where its links lead: those whose host looks
/// like another, or stands behind a user's name.
pub fn deceiving_text_links(text: &str) -> Vec<LinkDeceit> {
    let mut found = Findings::new(None);
    let text = text
        .get(..text.floor_char_boundary(HTML_LIMIT))
        .unwrap_or_default();
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')'))
        .filter(|word| scheme(word).is_some());
    for word in words {
        if found.full() {
            break;
        }
        found.look(word, "");
    }
    found.list
}

struct Findings<'a> {
    list: Vec<LinkDeceit>,
    looked: usize,
    sender: Option<&'a str>,
}

impl<'a> Findings<'a> {
    fn new(sender: Option<&'a str>) -> Self {
        Self {
            list: Vec::new(),
            looked: 0,
            sender,
        }
    }

    fn full(&self) -> bool {
        self.looked >= LINK_LIMIT || self.list.len() >= FINDING_LIMIT
    }

    fn close(&mut self, open: &mut Option<(String, String)>) {
        if let Some((target, said)) = open.take() {
            self.look(&target, &said);
        }
    }

    fn look(&mut self, target: &str, said: &str) {
        if self.full() {
            return;
        }
        self.looked = self.looked.saturating_add(1);
        if let Some(deceit) = deceit(target, said, self.sender)
            && !self.list.contains(&deceit)
        {
            self.list.push(deceit);
        }
    }
}

fn deceit(target: &str, said: &str, sender: Option<&str>) -> Option<LinkDeceit> {
    let (host, has_user) = destination(target)?;
    let said = named_host(said).filter(|said| site::site(said) != site::site(&host));
    let look_alike = look_alike(&host);
    let place = site::site(&host);
    let lead_on = is_redirector(&host)
        || sender
            .and_then(site::host)
            .is_some_and(|sender| site::site(&sender) == place);
    let detour = match (&said, has_user) {
        (_, true) if user_is_a_place(target) => Detour::UserName,
        (Some(_), _) if lead_on && look_alike.is_none() => Detour::Redirector,
        (Some(_), _) => Detour::OtherSite,
        (None, _) if look_alike.is_some() => Detour::Name,
        (None, _) => return None,
    };
    Some(LinkDeceit {
        said: said.unwrap_or_default(),
        target: host,
        detour,
        look_alike,
    })
}

/// Whether the host is one of [`REDIRECTORS`] or below one.
fn is_redirector(host: &str) -> bool {
    REDIRECTORS.iter().any(|service| {
        host.strip_suffix(service)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// The host of a link on the net or of the address that is written to.
fn destination(target: &str) -> Option<(String, bool)> {
    if let Some(address) = target
        .trim()
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        .and_then(|_| target.trim().get(7..))
    {
        let address = address.split(['?', ',']).next().unwrap_or_default();
        let address = percent_encoding::percent_decode_str(clip(address, 500))
            .decode_utf8()
            .ok()?;
        let (_, domain) = address.rsplit_once('@')?;
        return Some((site::host(domain)?, false));
    }
    site::host_of_url(target)
}

/// Whether what stands before the `@` reads as a host: `https://bank.example@evil.example`.
fn user_is_a_place(target: &str) -> bool {
    let rest = target.split_once("//").map_or(target, |(_, rest)| rest);
    let user = rest.split('@').next().unwrap_or_default();
    let user = user
        .split([':', '/', '%', '?', '#'])
        .next()
        .unwrap_or_default();
    site::host(user).is_some_and(|host| is_public(&host))
}

/// The host that a link's text names, if it reads as a place: an address with a scheme or `www.`
/// anywhere in it, or a host or an e-mail address that is all of it.
fn named_host(said: &str) -> Option<String> {
    let line = one_line(said);
    let mut words = line
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '„' | '“'))
        .filter(|word| !word.is_empty());
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
    (words_seen == 1).then(|| place(alone)).flatten()
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
