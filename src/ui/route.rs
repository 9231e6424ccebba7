//! The addresses of the pages, read and written in one place. Pure, so that server, browser and
//! tests share it.

use crate::model::{ComposeQuery, Filter, Listing, Sort};

/// Which page an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    Folder(String),
    Message(String, u32),
    Compose,
    Settings(SettingsPage),
    Other,
}

/// Which page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPage {
    Appearance,
    Folders,
}

/// The page of a path.
pub fn page(path: &str) -> Page {
    let mut segments = path.trim_matches('/').split('/');
    match (
        segments.next(),
        segments.next(),
        segments.next(),
        segments.next(),
    ) {
        (Some("mail"), Some(folder), None, None) if !folder.is_empty() => {
            Page::Folder(decode(folder))
        }
        (Some("mail"), Some(folder), Some(uid), None) if !folder.is_empty() => {
            // A UID that is none is a message that is not there.
            Page::Message(decode(folder), uid.parse().unwrap_or(0))
        }
        (Some("compose"), None, ..) => Page::Compose,
        (Some("settings"), Some("folders"), None, _) => Page::Settings(SettingsPage::Folders),
        (Some("settings"), ..) => Page::Settings(SettingsPage::Appearance),
        _ => Page::Other,
    }
}

/// Whether a path is a page for signed-in people only.
pub fn is_private_page(path: &str) -> bool {
    path == "/" || page(path) != Page::Other
}

/// The list of a folder.
pub fn folder(name: &str, page: u32) -> String {
    let path = format!("/mail/{}", encode(name));
    if page > 1 {
        format!("{path}?page={page}")
    } else {
        path
    }
}

/// `rel` of a link to this folder. The router's own navigation decodes the address once, which
/// such names do not survive: the browser has to load the page.
pub fn rel(name: &str) -> Option<&'static str> {
    name.contains(['\\', '%']).then_some("external")
}

/// A message, in the list and on the page it stands on.
pub fn message(folder: &str, uid: u32, uid_validity: u32, listing: &Listing, page: u32) -> String {
    let path = format!("/mail/{}/{uid}?v={uid_validity}", encode(folder));
    with_listing(&path, listing, page)
}

/// The body, the source or an attachment of a message.
pub fn document(folder: &str, uid: u32, uid_validity: u32, what: &str) -> String {
    format!("/mail/{}/{uid}/{what}?v={uid_validity}", encode(folder))
}

/// The body of a message, of which the address may not say under which UIDVALIDITY it was read.
pub fn body(folder: &str, uid: u32, uid_validity: Option<u32>) -> String {
    uid_validity.map_or_else(
        || format!("/mail/{}/{uid}/body", encode(folder)),
        |uid_validity| document(folder, uid, uid_validity, "body"),
    )
}

/// The composer for an answer: `how` is `reply`, `reply-all` or `forward`.
pub fn answer(how: &str, folder: &str, uid: u32, uid_validity: u32) -> String {
    format!(
        "/compose?{how}={uid}&folder={}&v={uid_validity}",
        encode(folder)
    )
}

/// The composer for a stored draft, by UID and UIDVALIDITY.
pub fn compose_draft(stored: Option<(u32, u32)>) -> String {
    stored.map_or_else(
        || "/compose".to_owned(),
        |(uid, uid_validity)| format!("/compose?draft={uid}&v={uid_validity}"),
    )
}

/// The composer for a form that came back.
pub fn compose_kept(id: &str) -> String {
    format!("/compose?kept={}", encode(id))
}

/// The page with all folders, or that of one.
pub fn folder_settings(folder: Option<&str>) -> String {
    folder.map_or_else(
        || "/settings/folders".to_owned(),
        |folder| format!("/settings/folders?folder={}", encode(folder)),
    )
}

/// The same with what was typed into its form, which was refused.
pub fn folder_form(folder: Option<&str>, parent: &str, name: &str) -> String {
    let page = folder_settings(folder);
    let mark = if folder.is_some() { '&' } else { '?' };
    let name: String = name.chars().take(100).collect();
    format!(
        "{page}{mark}name={}&parent={}",
        encode(&name),
        encode(parent)
    )
}

/// The sign-in page, which leads back to `next`.
pub fn login(next: &str) -> String {
    if next.is_empty() || next == "/" {
        "/login".to_owned()
    } else {
        format!("/login?next={}", encode(next))
    }
}

/// A value of a query.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| decode(&value.replace('+', " ")))
}

/// A number in a query.
pub fn query_number(query: &str, name: &str) -> Option<u32> {
    query_value(query, name)?.parse().ok()
}

/// The page of the list that a query asks for, from 1.
pub fn list_page(query: &str) -> u32 {
    query_number(query, "page").unwrap_or(1).max(1)
}

/// How the address lists the folder.
pub fn listing(query: &str) -> Listing {
    let text = |name| query_value(query, name).unwrap_or_default();
    Listing {
        sort: Sort::from_value(&text("sort")),
        filter: Filter::from_value(&text("filter")),
        query: text("q").trim().to_owned(),
        conversations: false,
    }
}

/// The list of a folder, listed in this way.
pub fn listed(name: &str, listing: &Listing, page: u32) -> String {
    let path = format!("/mail/{}", encode(name));
    with_listing(&path, listing, page)
}

/// `path` with what a listing and a page add to its query.
fn with_listing(path: &str, listing: &Listing, page: u32) -> String {
    let page = if page > 1 {
        page.to_string()
    } else {
        String::new()
    };
    let mut address = path.to_owned();
    for (name, value) in [
        ("q", listing.query.as_str()),
        ("sort", listing.sort.value()),
        ("filter", &listing.filter.value()),
        ("page", &page),
    ] {
        if !value.is_empty() {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.push_str(&encode(value));
        }
    }
    address
}

/// The composer with a recipient.
pub fn compose_to(address: &str) -> String {
    format!("/compose?to={}", encode(address))
}

/// How the composer was opened.
pub fn compose_query(query: &str) -> ComposeQuery {
    let text = |name| query_value(query, name).unwrap_or_default();
    ComposeQuery {
        to: text("to"),
        cc: text("cc"),
        subject: text("subject"),
        body: text("body"),
        reply: query_number(query, "reply"),
        reply_all: query_number(query, "reply-all"),
        forward: query_number(query, "forward"),
        draft: query_number(query, "draft"),
        kept: query_value(query, "kept"),
        folder: text("folder"),
        uid_validity: query_number(query, "v"),
    }
}

/// As one path segment or query value: all but the unreserved characters (RFC 3986, section 2.3).
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Back from [`encode`]; a percent sign that begins nothing stays one.
pub fn decode(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%'
            && let Some((hex, after)) = tail.split_at_checked(2)
            && let Some(octet) = std::str::from_utf8(hex)
                .ok()
                .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            octets.push(octet);
            rest = after;
        } else {
            octets.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_name_has_an_address() {
        for name in [
            "INBOX",
            "Projekte/Neubau Süd",
            "100%",
            "a?b#c&d",
            "\"x\\",
            "📎",
            "a+b",
        ] {
            let address = folder(name, 1);
            assert_eq!(page(&address), Page::Folder(name.to_owned()), "{address}");
            let address = message(name, 7, 3, &Listing::default(), 2);
            let (path, query) = address.split_once('?').unwrap();
            assert_eq!(page(path), Page::Message(name.to_owned(), 7));
            assert_eq!(query_number(query, "v"), Some(3));
            assert_eq!(query_number(query, "page"), Some(2));
        }
    }

    #[test]
    fn a_listing_stands_in_the_address() {
        let listing = Listing {
            sort: Sort::Size,
            filter: Filter {
                starred: true,
                ..Filter::default()
            },
            query: "from:anna \"a & b\" +ü".to_owned(),
            conversations: false,
        };
        let address = listed("R&D", &listing, 3);
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!(page(path), Page::Folder("R&D".to_owned()));
        assert_eq!((super::listing(query), list_page(query)), (listing, 3));
        assert_eq!(listed("INBOX", &Listing::default(), 1), "/mail/INBOX");
    }

    #[test]
    fn what_is_no_page_is_none() {
        assert_eq!(page("/mail"), Page::Other);
        assert_eq!(page("/mail/INBOX/7/body"), Page::Other);
        assert_eq!(page("/login"), Page::Other);
        assert_eq!(page("/mail/INBOX/x"), Page::Message("INBOX".to_owned(), 0));
        assert_eq!(
            page("/settings/folders"),
            Page::Settings(SettingsPage::Folders)
        );
        assert!(is_private_page("/") && is_private_page("/settings/appearance"));
        assert!(!is_private_page("/login") && !is_private_page("/nowhere"));
    }

    #[test]
    fn the_way_back_survives_the_sign_in() {
        let address = login("/compose?kept=a&x=1");
        assert_eq!(
            query_value(address.split_once('?').unwrap().1, "next").unwrap(),
            "/compose?kept=a&x=1"
        );
    }

    #[test]
    fn the_composer_is_opened_by_its_query() {
        let query = compose_query("reply-all=5&folder=A%2FB&v=9");
        assert_eq!(
            (query.reply_all, query.folder.as_str(), query.uid_validity),
            (Some(5), "A/B", Some(9))
        );
        assert_eq!(
            compose_query("to=mailto%3Aa%40b.example%3Fsubject%3Dx").to,
            "mailto:a@b.example?subject=x"
        );
    }
}
