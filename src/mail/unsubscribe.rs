//! How to leave a mailing list: List-Unsubscribe (RFC 2369) and one click (RFC 8058). Both are
//! what a stranger wrote. One click makes this server ask another one, so its address is held to
//! more than that of a link which a person opens.

use super::header::Header;
use super::{address, mailto, site};

/// Octets of an address that are taken.
const URL_LIMIT: usize = 4000;
/// Addresses of the field that are looked at.
const COUNT_LIMIT: usize = 20;
/// Characters of the subject and the text of a letter.
const TEXT_LIMIT: usize = 1000;

/// The ways out; each is absent where the mail offers none that is safe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Where a POST of [`ONE_CLICK`] ends the subscription. Always https, to a public name, on the
    /// usual port. RFC 8058, section 4 wants a valid signature over the fields: whoever sends it
    /// has to look at `mail::authentication` first.
    pub one_click: Option<String>,
    /// The letter that ends it.
    pub letter: Option<Letter>,
    /// A page, by http or https, for the person to open.
    pub page: Option<String>,
}

/// A letter to be written on the person's behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    /// May be empty.
    pub subject: String,
    /// May be empty.
    pub text: String,
}

/// What is posted, as `application/x-www-form-urlencoded` (RFC 8058, section 3.1).
pub const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// Reads the ways out of a mail's header; `None` where there is none.
pub fn unsubscribe(header: &Header) -> Option<Unsubscribe> {
    let value = header.value("list-unsubscribe")?;
    // Two such fields are one that was forged; which of them cannot be told.
    let mut posts = header.values("list-unsubscribe-post");
    let one_click = posts
        .next()
        .is_some_and(|post| post.trim().eq_ignore_ascii_case(ONE_CLICK))
        && posts.next().is_none();
    let mut found = Unsubscribe::default();
    for url in urls(value).take(COUNT_LIMIT) {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "mailto" if found.letter.is_none() => found.letter = letter(&url),
            "https" if one_click && found.one_click.is_none() && is_public(&url) => {
                found.one_click = Some(url.clone());
                found.page.get_or_insert(url);
            }
            "http" | "https" if found.page.is_none() => {
                // The host of an address with a user's name is not the one that is read.
                let sane = site::host_of_url(&url).is_some_and(|(_, user)| !user);
                found.page = sane.then_some(url);
            }
            _ => {}
        }
    }
    (found != Unsubscribe::default()).then_some(found)
}

/// The addresses in angle brackets, without the blanks that folding left in them (RFC 2369,
/// section 2); those with characters that no address may have are left out.
fn urls(value: &str) -> impl Iterator<Item = String> {
    value
        .split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>').map(|(url, _)| url))
        .filter(|url| url.len() <= URL_LIMIT)
        .map(|url| url.chars().filter(|c| !c.is_ascii_whitespace()).collect())
        .filter(|url: &String| {
            url.bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'^' | b'`'))
        })
}

/// Whether another server may be asked: a name, no number, with a dot, without a user's name and
/// on the usual port. Whether the name leads into a private net is for who connects to check.
fn is_public(url: &str) -> bool {
    let Some((host, false)) = site::host_of_url(url) else {
        return false;
    };
    let Some(rest) = url.get(8..).filter(|_| url.get(5..8) == Some("://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.split_once(':').map(|(_, port)| port);
    let top = host.rsplit('.').next().unwrap_or_default();
    let private = [
        "local",
        "localhost",
        "internal",
        "lan",
        "home",
        "corp",
        "onion",
    ];
    !authority.is_empty()
        && host.contains('.')
        && !host.starts_with('[')
        && !top.bytes().all(|b| b.is_ascii_digit())
        && !private.contains(&top)
        && matches!(port, None | Some("443"))
}

/// The letter of a `mailto:` address; none where it does not go to exactly one.
fn letter(url: &str) -> Option<Letter> {
    let draft = mailto::draft(url);
    let to = address::parse_list(&draft.to).ok()?;
    let [to] = to.as_slice() else {
        return None;
    };
    let line = |text: &str| super::visible::one_line(super::visible::clip(text, TEXT_LIMIT));
    Some(Letter {
        to: to.addr.clone(),
        subject: line(&draft.subject),
        text: super::visible::plain(super::visible::clip(&draft.text, TEXT_LIMIT)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;
    use proptest::prelude::*;

    const POST: &str = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

    fn read(value: &str, more: &str) -> Option<Unsubscribe> {
        unsubscribe(&Header::parse(
            format!("List-Unsubscribe: {value}\r\n{more}").as_bytes(),
        ))
    }

    #[test]
    fn all_three_ways() {
        let found = read(
            "(use this) <mailto:leave@list.example?subject=unsubscribe%20me&body=a%0Ab>,\r\n \
            <https://list.example/u?id=\r\n 1>",
            POST,
        )
        .unwrap();
        assert_eq!(
            found.one_click.as_deref(),
            Some("https://list.example/u?id=1")
        );
        assert_eq!(found.page.as_deref(), Some("https://list.example/u?id=1"));
        assert_eq!(
            found.letter,
            Some(Letter {
                to: "leave@list.example".to_owned(),
                subject: "unsubscribe me".to_owned(),
                text: "a\nb".to_owned(),
            })
        );
    }

    #[test]
    fn one_click_only_where_it_is_offered_and_by_https() {
        let click = |value: &str, more: &str| read(value, more).and_then(|f| f.one_click);
        assert!(click("<https://list.example/u>", POST).is_some());
        assert!(click("<https://list.example:443/u>", POST).is_some());
        for (value, more) in [
            ("<https://list.example/u>", ""),
            ("<https://list.example/u>", "List-Unsubscribe-Post: yes\r\n"),
            (
                "<https://list.example/u>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click&x=y\r\n",
            ),
            ("<http://list.example/u>", POST),
            ("<mailto:a@list.example>", POST),
            ("<ftp://list.example/u>", POST),
            ("https://list.example/u", POST),
        ] {
            assert_eq!(click(value, more), None, "{value} {more}");
        }
        assert_eq!(click("<https://list.example/u>", &POST.repeat(2)), None);
    }

    #[test]
    fn no_server_inside_is_asked() {
        for url in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://localhost/",
            "https://printer.local/",
            "https://db.internal/",
            "https://list.example:25/",
            "https://user@list.example/",
            "https://list.example@127.0.0.1/",
            "https://list.example\\@127.0.0.1/",
            "https:list.example",
            "https:///list.example",
            "https:",
        ] {
            let found = read(&format!("<{url}>"), POST);
            assert_eq!(found.and_then(|f| f.one_click), None, "{url}");
        }
    }

    #[test]
    fn hostile_pages_and_letters() {
        for value in [
            "<javascript:alert(1)>",
            "<data:text/html,x>",
            "<file:///etc/passwd>",
            "<https://list.example@evil.example/>",
            "<https://list.example/\u{202E}>",
            "<https://list.example/\">",
            "<mailto:>",
            "<mailto:a@b.example,c@d.example>",
            "<mailto:a@b.example?to=c@d.example>",
            "<mailto:nobody>",
            "<https://list.example/",
            "",
            "<>",
            "NO",
        ] {
            assert_eq!(read(value, ""), None, "{value}");
        }
        let found = read(
            "<mailto:a@b.example?subject=x%0D%0ABcc:%20c@d.example&cc=e@f>",
            "",
        );
        let letter = found.unwrap().letter.unwrap();
        assert_eq!(letter.subject, "x  Bcc: c@d.example");
        assert_eq!(letter.to, "a@b.example");
    }

    #[test]
    fn long_fields_take_no_time() {
        let start = Busy::new();
        for piece in ["<", "<mailto:a@b>", "<https://a.example>", "<a ", "%0A"] {
            read(&piece.repeat(200_000), POST);
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_text_at_all(text in any::<String>()) {
            for value in [text.clone(), format!("<https://{text}>"), format!("<mailto:{text}>")] {
                if let Some(found) = read(&value, POST) {
                    for url in found.one_click.iter().chain(found.page.iter()) {
                        prop_assert!(url.bytes().all(|b| b.is_ascii_graphic()));
                    }
                    if let Some(url) = &found.one_click {
                        prop_assert!(url.to_ascii_lowercase().starts_with("https://"));
                    }
                    if let Some(letter) = &found.letter {
                        prop_assert!(address::valid(&letter.to));
                        prop_assert!(!letter.subject.contains(['\r', '\n']));
                    }
                }
            }
        }
    }
}
