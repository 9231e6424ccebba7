//! What the reader says and offers about a message beside its body, from the header and the
//! structure that opening it fetches anyway: who it is from as far as that was checked, what looks
//! like a deceit, how to leave its list, and whether its sender asks for a receipt.

use super::caller::Caller;
use super::imap::RawMessage;
use super::state::AppState;
use crate::mail::authentication::{self, Authentication};
use crate::mail::card_parts::card_parts;
use crate::mail::deception::{self, Borrowed, Likeness, Resemblance};
use crate::mail::header::Header;
use crate::mail::receipt::receipt_request;
use crate::mail::unsubscribe::{self, unsubscribe};
use crate::model::{
    Address, Assurance, Beside, Check, Flags, Method, Outcome, ReceiptWish, Unsubscribe, Verdict,
    Warning,
};
use crate::ui::route::encode;

/// Authors of a message that are looked at.
const AUTHORS: usize = 5;

/// All of it. `people` are those the person has written to, where that is known.
pub fn beside(
    caller: &Caller,
    flags: Flags,
    header: &Header,
    raw: &RawMessage,
    people: Option<&[Address]>,
) -> Beside {
    let session = caller.visitor.session.as_ref();
    let own = session.map_or("", |session| session.user.as_str());
    let trusted = &caller.state.config.trusted_authserv_ids;
    let mine = header
        .from()
        .iter()
        .any(|from| from.addr.eq_ignore_ascii_case(own));
    let mut assurance = if flags.draft || mine && trusted.is_empty() {
        Assurance::default()
    } else {
        assurance(header, trusted, &known(header, own))
    };
    let foreign = !flags.draft && !mine && !header.from().is_empty();
    if let Some(people) = people.filter(|_| foreign) {
        let warnings = resembling(header, own, people, trusted);
        assurance.warnings.extend(warnings);
    }
    // A forger learns nothing from an answer that is not offered.
    let refuted = assurance.verdict == Verdict::Refuted;
    let answered = flags.receipted || flags.draft || mine || refuted;
    Beside {
        assurance,
        unsubscribe: ways_out(&caller.state, header).filter(|_| !refuted),
        receipt: wish(header).filter(|_| !answered),
        cards: !card_parts(&raw.structure).is_empty(),
        unasked: foreign && people.is_none(),
    }
}

/// Whom a sender is held against: the person, and of those the mail goes to the ones of the
/// person's own domain. All others are the sender's to choose, who could make a look-alike known by
/// writing to it. Whom the person has written to comes besides ([`resembling`]).
fn known(header: &Header, own: &str) -> Vec<Address> {
    if !own.contains('@') {
        return Vec::new();
    }
    let mut known: Vec<Address> = header
        .to()
        .into_iter()
        .chain(header.cc())
        .filter(|address| is_beside(address, own))
        .take(100)
        .collect();
    known.push(Address {
        name: None,
        addr: own.to_owned(),
    });
    known
}

/// Of whom among `people`, whom the person has written to, the sender is a look-alike; nothing where
/// [`assurance`] says that already. `trusted` servers are believed that a mail is from its domain.
pub fn resembling(
    header: &Header,
    own: &str,
    people: &[Address],
    trusted: &[String],
) -> Vec<Warning> {
    let confirmed = is_confirmed(Authentication::of(header, trusted).as_ref());
    let near = known(header, own);
    let all: Vec<Address> = near.iter().chain(people).cloned().collect();
    header
        .from()
        .iter()
        .take(AUTHORS)
        .filter(|author| resemblance(author, &near, confirmed).is_none())
        // Colleagues are those of the person's own domain: at another anybody may have an address.
        .filter_map(|author| resemblance(author, &all, confirmed && is_beside(author, own)))
        .collect()
}

/// Whether the address is of the same domain as `own`.
fn is_beside(address: &Address, own: &str) -> bool {
    let domains = address.addr.rsplit_once('@').zip(own.rsplit_once('@'));
    domains.is_some_and(|((_, one), (_, other))| one.eq_ignore_ascii_case(other))
}

/// What is known about the sender, `known` being the addresses the person trusts.
pub fn assurance(header: &Header, trusted: &[String], known: &[Address]) -> Assurance {
    let found = Authentication::of(header, trusted);
    let from = header.from();
    let author = match from.as_slice() {
        [author] => Some(author),
        _ => None,
    };
    let confirmed = is_confirmed(found.as_ref());
    let mut checks = Vec::new();
    if let Some(found) = &found {
        for (method, check) in [
            (Method::Dmarc, &found.dmarc),
            (Method::Dkim, &found.dkim),
            (Method::Spf, &found.spf),
        ] {
            checks.extend(check.as_ref().map(|check| Check {
                method,
                outcome: outcome(check.outcome),
                domain: check.domain.clone().unwrap_or_default(),
                aligned: check.aligned,
            }));
        }
    }
    Assurance {
        verdict: found.map_or(Verdict::Unknown, |found| match found.verdict() {
            authentication::Verdict::Confirmed => Verdict::Confirmed,
            authentication::Verdict::Unproved => Verdict::Unproved,
            authentication::Verdict::Refuted => Verdict::Refuted,
        }),
        domain: author
            .and_then(|author| author.addr.rsplit_once('@'))
            .map(|(_, domain)| domain.to_lowercase())
            .unwrap_or_default(),
        checks,
        // Of several authors each may be the one that deceives.
        warnings: from
            .iter()
            .take(AUTHORS)
            .flat_map(|author| warnings(author, known, confirmed))
            .collect(),
    }
}

/// Whether the mail is from the domain of its one author.
fn is_confirmed(found: Option<&Authentication>) -> bool {
    found.is_some_and(|found| found.verdict() == authentication::Verdict::Confirmed)
}

fn outcome(outcome: authentication::Outcome) -> Outcome {
    use authentication::Outcome as Found;
    match outcome {
        Found::Pass => Outcome::Passed,
        Found::Fail => Outcome::Failed,
        Found::SoftFail | Found::Neutral | Found::Policy => Outcome::Open,
        Found::Missing => Outcome::Missing,
        Found::TemporaryError | Found::PermanentError => Outcome::Error,
    }
}

fn warnings(author: &Address, known: &[Address], confirmed: bool) -> Vec<Warning> {
    let deceit = deception::sender(author, known, confirmed);
    let borrowed = deceit.borrowed.map(|borrowed| match borrowed {
        Borrowed::Address(text) | Borrowed::Site(text) => Warning::BorrowedName(text),
    });
    let look_alike = deceit.look_alike.map(|found| Warning::LookAlikeDomain {
        real: found.ascii,
        looks: found.resembles,
    });
    let resemblance = deceit.resemblance.and_then(told);
    borrowed
        .into_iter()
        .chain(look_alike)
        .chain(resemblance)
        .collect()
}

fn resemblance(author: &Address, known: &[Address], confirmed: bool) -> Option<Warning> {
    deception::resembles(author, known, confirmed).and_then(told)
}

/// People share names with those they write to, above all with themselves.
fn told(found: Resemblance) -> Option<Warning> {
    (found.likeness != Likeness::SameName).then_some(Warning::Resembles(found.known.addr))
}

fn ways_out(state: &AppState, header: &Header) -> Option<Unsubscribe> {
    let found = unsubscribe(header)?;
    let one_click = found
        .one_click
        .as_deref()
        .filter(|_| is_signed(header, state))
        .and_then(host);
    let letter = found.letter.map(|letter| {
        format!(
            "/compose?to={}&subject={}&body={}",
            encode(&letter.to),
            encode(&letter.subject),
            encode(&letter.text)
        )
    });
    let page = outside(state, found.page);
    let ways = Unsubscribe {
        one_click,
        letter,
        page: page.as_deref().and_then(host),
    };
    let any = ways.one_click.is_some() || ways.letter.is_some() || ways.page.is_some();
    any.then_some(ways)
}

/// The page on which one unsubscribes.
pub fn page_url(state: &AppState, header: &Header) -> Option<String> {
    let found: unsubscribe::Unsubscribe = unsubscribe(header)?;
    outside(state, found.page)
}

/// A mail must not lead its reader's browser to what only that can reach: a router, a printer, an
/// address that does something. In the body it would say where it leads; here it is a button of ours.
fn outside(state: &AppState, page: Option<String>) -> Option<String> {
    page.filter(|url| state.remote.leads_out(url))
}

/// Where one click asks; for the server function, which reads the header anew.
pub fn one_click_url(state: &AppState, header: &Header) -> Option<String> {
    let found: unsubscribe::Unsubscribe = unsubscribe(header)?;
    found.one_click.filter(|_| is_signed(header, state))
}

/// RFC 8058, section 4 wants a valid signature, or anybody could make this server ask others.
fn is_signed(header: &Header, state: &AppState) -> bool {
    Authentication::of(header, &state.config.trusted_authserv_ids)
        .and_then(|found| found.dkim)
        .is_some_and(|check| check.outcome == authentication::Outcome::Pass)
}

/// The host of an address, as it is connected to.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.split(':').next()?.to_lowercase();
    (!host.is_empty()).then_some(host)
}

fn wish(header: &Header) -> Option<ReceiptWish> {
    let found = receipt_request(header)?;
    Some(ReceiptWish {
        to: found.to,
        elsewhere: found.elsewhere,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Header {
        Header::parse(text.as_bytes())
    }

    #[test]
    fn only_a_trusted_server_is_believed() {
        let header = header(
            "Authentication-Results: evil.example; dmarc=pass header.from=example.org\n\
             Authentication-Results: mx.example.net; dkim=pass header.d=example.org;\n spf=softfail smtp.mailfrom=a@other.example; dmarc=fail header.from=example.org\n\
             From: Jo <jo@example.org>\n",
        );
        let found = assurance(&header, &["MX.example.net".to_owned()], &[]);
        assert_eq!(found.verdict, Verdict::Refuted);
        assert_eq!(found.domain, "example.org");
        assert_eq!(found.signed_by(), Some("example.org"));
        let outcomes: Vec<_> = found.checks.iter().map(|c| (c.method, c.outcome)).collect();
        assert_eq!(
            outcomes,
            [
                (Method::Dmarc, Outcome::Failed),
                (Method::Dkim, Outcome::Passed),
                (Method::Spf, Outcome::Open)
            ]
        );
        let nobody = assurance(&header, &[], &[]);
        assert_eq!((nobody.verdict, nobody.checks), (Verdict::Unknown, vec![]));
    }

    #[test]
    fn a_name_that_carries_another_address_warns() {
        let header = header("From: \"service@bank.example\" <x@evil.example>\n");
        let found = assurance(&header, &[], &[]);
        assert_eq!(
            found.warnings,
            [Warning::BorrowedName("service@bank.example".to_owned())]
        );
    }

    #[test]
    fn a_sender_cannot_make_itself_known() {
        let header =
            header("From: x@wiesenau-arch1tects.example\nTo: x@wiesenau-arch1tects.example\n");
        let known = known(&header, "lena@wiesenau-architects.example");
        assert_eq!(known.len(), 1);
        let found = assurance(&header, &[], &known);
        assert_eq!(
            found.warnings,
            [Warning::Resembles(
                "lena@wiesenau-architects.example".to_owned()
            )]
        );
    }

    #[test]
    fn a_colleague_whose_domain_is_confirmed_is_no_look_alike() {
        let own = "l.meyer@wiesenau.example";
        let trusted = ["mx.example.net".to_owned()];
        for (outcome, warns) in [("pass", false), ("fail", true)] {
            let header = header(&format!(
                "Authentication-Results: mx.example.net; dmarc={outcome} header.from=wiesenau.example\n\
                 From: i.meyer@wiesenau.example\nTo: {own}\n"
            ));
            let found = assurance(&header, &trusted, &known(&header, own));
            assert_eq!(!found.warnings.is_empty(), warns, "{outcome}");
            // Told already, or nothing to tell.
            assert_eq!(resembling(&header, own, &[], &trusted), []);
        }
    }

    #[test]
    fn a_sender_that_looks_like_somebody_written_to_is_told_once() {
        let own = "lena@wiesenau.example";
        let person = |addr: &str| Address {
            name: None,
            addr: addr.to_owned(),
        };
        let people = [person("anna@posthorn.example"), person("jo@gmail.com")];
        let of = |from: &str| {
            let header = header(&format!("From: {from}\nTo: lena@wiesenau.example\n"));
            resembling(&header, own, &people, &[])
        };
        let anna = Warning::Resembles("anna@posthorn.example".to_owned());
        for new in ["anna@p0sthorn.example", "Anna <anna@posthorn.test>"] {
            assert_eq!(of(new), std::slice::from_ref(&anna), "{new}");
        }
        for known in [
            "anna@posthorn.example",
            "ben@posthorn.example",
            "jo@googlemail.com",
            "jo@mail.com",
            "news@shop.example",
            // Told already, from the mail's own header.
            "lena@w1esenau.example",
        ] {
            assert_eq!(of(known), [], "{known}");
        }
    }

    #[test]
    fn the_host_of_a_page() {
        assert_eq!(
            host("https://News.example:8080/a?b").as_deref(),
            Some("news.example")
        );
        assert_eq!(host("mailto:a@b"), None);
    }
}
