//! Hosts and the sites they belong to: what of a host's name its owner has registered. The list of
//! public suffixes that browsers carry is large and changes weekly; what is told here only warns,
//! so a short table of the suffixes that are met will do. Where it errs, two owners count as one
//! below a rare suffix.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest address on the net that is read, in octets.
const URL_LIMIT: usize = 8 * 1024;

/// Second levels below which countries register names, as `co.uk` and `com.br`.
const SECOND_LEVELS: [&str; 22] = [
    "ac", "asso", "co", "com", "edu", "firm", "gob", "gouv", "gov", "govt", "gv", "id", "ind",
    "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "sch",
];

/// Suffixes below which anybody gets a name from a hoster.
const HOSTED: [&str; 24] = [
    "azurewebsites.net",
    "blogspot.com",
    "cloudfront.net",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "glitch.me",
    "herokuapp.com",
    "myshopify.com",
    "netlify.app",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "r2.dev",
    "surge.sh",
    "tumblr.com",
    "vercel.app",
    "web.app",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
    "web.core.windows.net",
];

/// Providers of mailboxes for everybody: two addresses there have nothing in common.
const PUBLIC_MAIL: [&str; 44] = [
    "126.com",
    "163.com",
    "aol.com",
    "arcor.de",
    "bluewin.ch",
    "comcast.net",
    "email.de",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.de",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.de",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yahoo.de",
    "yandex.ru",
    "ymail.com",
];

/// Whether the address `one` is `other`, or belongs to the same site, where that has an owner and not
/// mailboxes for everybody.
pub fn speaks_for(one: &str, other: &str) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let site_of = |address: &str| {
        let (_, domain) = address.rsplit_once('@')?;
        let host = host(&domain.to_lowercase())?;
        let site = site(&host);
        (!PUBLIC_MAIL.contains(&site)).then(|| site.to_owned())
    };
    site_of(one).is_some_and(|site| site_of(other) == Some(site))
}

/// Whether letters beyond ASCII are written in it as ASCII (RFC 5890, section 2.3.2.1).
pub(super) fn is_coded(host: &str) -> bool {
    host.as_bytes().windows(4).any(|four| four == b"xn--")
}

/// The host in lower-case ASCII (RFC 5890) without the root's dot; `None` where it is no host. An
/// IPv6 address stands in brackets.
pub(super) fn host(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.');
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    if text.is_empty() || text.len() > 1000 {
        return None;
    }
    // Most are in ASCII already, and mails have many links.
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let ascii = if text.bytes().all(plain) && !is_coded(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(idna::domain_to_ascii(text).ok()?)
    };
    let sane = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let ascii = ascii.trim_end_matches('.');
    (ascii.len() <= 253 && ascii.split('.').all(sane)).then(|| ascii.to_owned())
}

/// The host an `http` or `https` address leads to, found as browsers do: a backslash is a slash,
/// control characters are skipped, what stands before an `@` is a user's name. The second value
/// says whether there is one.
pub(super) fn host_of_url(url: &str) -> Option<(String, bool)> {
    if url.len() > URL_LIMIT {
        return None;
    }
    let url = url.trim();
    let url: Cow<'_, str> = if url.contains(|c: char| c.is_control() || c == '\\') {
        let read = url.chars().filter(|c| !c.is_control());
        read.map(|c| if c == '\\' { '/' } else { c }).collect()
    } else {
        Cow::Borrowed(url)
    };
    let (scheme, rest) = url.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let rest = rest.trim_start_matches('/');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, place) = match authority.rsplit_once('@') {
        Some((_, place)) => (true, place),
        None => (false, authority),
    };
    let name = if place.starts_with('[') {
        Cow::Borrowed(place.split_inclusive(']').next().unwrap_or_default())
    } else {
        let name = place.split_once(':').map_or(place, |(name, _)| name);
        percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .ok()?
    };
    Some((host(&name)?, user))
}

/// The site of a [`host`]: the suffix that has an owner. An IP address is its own.
pub(super) fn site(host: &str) -> &str {
    if host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok() {
        return host;
    }
    let count = HOSTED
        .iter()
        .find(|suffix| {
            host.strip_suffix(**suffix)
                .is_some_and(|r| r.ends_with('.'))
        })
        .map_or_else(
            || if is_second_level(host) { 3 } else { 2 },
            |suffix| suffix.split('.').count().saturating_add(1),
        );
    last_labels(host, count)
}

/// The label of the site that its owner chose: `example` of `example.co.uk`.
pub(super) fn site_name(host: &str) -> &str {
    let site = site(host);
    site.split_once('.').map_or(site, |(name, _)| name)
}

/// Whether the name ends in a suffix such as `co.uk`.
fn is_second_level(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    top.len() == 2 && labels.next().is_some() && SECOND_LEVELS.contains(&second)
}

fn last_labels(host: &str, count: usize) -> &str {
    let dot = host
        .rmatch_indices('.')
        .nth(count.saturating_sub(1))
        .map(|(at, _)| at);
    dot.and_then(|at| host.get(at..))
        .map_or(host, |tail| tail.strip_prefix('.').unwrap_or(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sites() {
        for (host, expected) in [
            ("example.org", "example.org"),
            ("a.b.example.org", "example.org"),
            ("www.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("co.uk", "co.uk"),
            ("shop.example.com.br", "example.com.br"),
            ("co.example.de", "example.de"),
            ("me.example.org", "example.org"),
            ("jo.github.io", "jo.github.io"),
            ("x.jo.github.io", "jo.github.io"),
            ("github.io", "github.io"),
            ("localhost", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(site(host), expected, "{host}");
        }
        assert_eq!(site_name("www.example.co.uk"), "example");
    }

    #[test]
    fn hosts_of_addresses() {
        for (url, expected) in [
            (
                "https://www.example.org/a?b",
                Some(("www.example.org", false)),
            ),
            ("HTTP://EXAMPLE.org:8080", Some(("example.org", false))),
            (
                "https://bank.example@evil.example/",
                Some(("evil.example", true)),
            ),
            (
                "https://bank.example%2F@evil.example/",
                Some(("evil.example", true)),
            ),
            (
                "https:\\\\evil.example\\@bank.example",
                Some(("evil.example", false)),
            ),
            ("https:evil.example", Some(("evil.example", false))),
            ("https://evil%2Eexample/", Some(("evil.example", false))),
            ("https://[2001:DB8::1]:1/", Some(("[2001:db8::1]", false))),
            (
                "https://bücher.example",
                Some(("xn--bcher-kva.example", false)),
            ),
            ("https://ev\til.example.", Some(("evil.example", false))),
            ("mailto:a@b", None),
            ("https://", None),
            ("https://a b/", None),
            ("https://%FF/", None),
            ("nothing", None),
        ] {
            let expected = expected.map(|(host, user): (&str, bool)| (host.to_owned(), user));
            assert_eq!(host_of_url(url), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_at_all(text in any::<String>()) {
            host_of_url(&text);
            host_of_url(&format!("https://{text}"));
            if let Some(host) = host(&text) {
                prop_assert!(host.ends_with(site(&host)));
                prop_assert!(host.is_ascii());
            }
        }

        /// The shorter way for ASCII is the same way.
        #[test]
        fn ascii_needs_no_translation(text in "[a-z0-9.-]{0,12}") {
            if let Some(found) = host(&text) {
                let translated = idna::domain_to_ascii(text.trim_end_matches('.')).ok();
                prop_assert_eq!(translated.as_deref(), Some(found.as_str()));
            }
        }
    }
}
