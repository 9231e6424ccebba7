//! What is said of links that are not what they seem: beside the link, and once more above the body,
//! in a note of ours that no style of the mail reaches.

use crate::i18n::{Key, Locale};
use crate::mail::authentication::{Authentication, Verdict};
use crate::mail::deception::LinkDeceit;
use crate::mail::header::Header;
use crate::mail::links::{Mark, Marked, mark};
use crate::mail::plain::escaped;
use std::fmt::Write as _;

/// Links that the note names.
const NAMED: usize = 10;

/// A body with its links marked. `sender` is from [`confirmed_sender`].
pub fn marked(locale: Locale, html: &str, sender: Option<&str>) -> Marked {
    mark(html, sender, &|deceit| Mark {
        title: format!(
            "{} {}",
            locale.text(Key::WarningTitle),
            leads(locale, deceit, &deceit.target)
        ),
        html: leads(locale, deceit, &target(deceit)),
    })
}

/// The domain of the one author of a mail, where a trusted server has confirmed it: links that lead
/// by way of the sender's own site are usual.
pub fn confirmed_sender(header: &Header, trusted: &[String]) -> Option<String> {
    let found = Authentication::of(header, trusted)?;
    if found.verdict() != Verdict::Confirmed {
        return None;
    }
    match header.from().as_slice() {
        [author] => author
            .addr
            .rsplit_once('@')
            .map(|(_, domain)| domain.to_owned()),
        _ => None,
    }
}

/// The note above the body; nothing where nothing was found.
pub fn note(locale: Locale, deceits: &[LinkDeceit]) -> String {
    if deceits.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for deceit in deceits.iter().take(NAMED) {
        let leads = leads(locale, deceit, &target(deceit));
        let row = if deceit.said.is_empty() {
            locale.fill(Key::BodyLinkUnnamed, &[("leads", &leads)])
        } else {
            let said = format!("<bdi>{}</bdi>", escaped(&deceit.said));
            locale.fill(Key::BodyLinkSaid, &[("said", &said), ("leads", &leads)])
        };
        // Writing to a String cannot fail.
        let _ = write!(rows, "<li>{row}</li>");
    }
    let more = u64::try_from(deceits.len().saturating_sub(NAMED)).unwrap_or(u64::MAX);
    if more > 0 {
        let n = locale.number(more);
        let _ = write!(
            rows,
            "<li>{}</li>",
            locale.fill(Key::BodyLinksMore, &[("n", &n)])
        );
    }
    format!(
        "<div class=\"posthorn-note alarm\"><p><strong>{}</strong> {}</p><ul>{rows}</ul></div>",
        locale.text(Key::WarningTitle),
        locale.text(Key::BodyLinks),
    )
}

/// Where it leads, `host` being the words or the HTML for that.
fn leads(locale: Locale, deceit: &LinkDeceit, host: &str) -> String {
    match &deceit.look_alike {
        Some(found) => {
            let looks = escaped(&found.resembles);
            locale.fill(Key::BodyLinkLooks, &[("host", host), ("looks", &looks)])
        }
        None => locale.fill(Key::BodyLinkLeads, &[("host", host)]),
    }
}

/// The target's host as HTML. What of it somebody owns stands out: `bank.example.` before it is
/// that somebody's to choose.
fn target(deceit: &LinkDeceit) -> String {
    let (before, own) = deceit.target_parts();
    format!("<bdi>{}<b>{}</b></bdi>", escaped(before), escaped(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_told_beside_the_link_and_above_the_body() {
        let html = "<a href=\"https://www.bank.example.evil.test/\">www.bank.example</a>\
                    <a href=\"https://www.xn--pypal-4ve.com/\">Sign in</a>";
        let found = marked(Locale::En, html, None);
        assert!(
            found
                .html
                .contains("title=\"Caution: leads to www.bank.example.evil.test\" class=\"wary\">"),
            "{}",
            found.html
        );
        assert!(found.html.contains(
            "<span class=\"posthorn-mark\">leads to <bdi>www.bank.example.<b>evil.test</b></bdi></span>"
        ));
        let note = note(Locale::De, &found.deceits);
        assert!(
            note.contains("„<bdi>www.bank.example</bdi>“ führt zu <bdi>www.bank.example."),
            "{note}"
        );
        assert!(note.contains("<b>xn--pypal-4ve.com</b></bdi>"), "{note}");
        assert!(note.contains("www.paypal.com"), "{note}");
    }

    #[test]
    fn the_note_is_bounded() {
        let links: Vec<_> = (0..15)
            .map(|i| format!("<a href=\"https://evil{i}.example/\">bank.example</a>"))
            .collect();
        let found = marked(Locale::En, &links.concat(), None);
        let note = note(Locale::En, &found.deceits);
        assert_eq!(note.matches("<li>").count(), NAMED + 1);
        assert!(note.contains("and 5 more"), "{note}");
        assert_eq!(super::note(Locale::En, &[]), "");
    }

    #[test]
    fn only_a_confirmed_sender_leads_on() {
        let trusted = ["mx.example.net".to_owned()];
        for (verdict, domain) in [("pass", Some("shop.example")), ("fail", None)] {
            let header = Header::parse(
                format!(
                    "Authentication-Results: mx.example.net; dmarc={verdict} header.from=shop.example\n\
                     From: Shop <news@shop.example>\n"
                )
                .as_bytes(),
            );
            assert_eq!(confirmed_sender(&header, &trusted).as_deref(), domain);
            assert_eq!(confirmed_sender(&header, &[]), None);
        }
    }
}
