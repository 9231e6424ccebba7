//! The parts of a message that are shown as cards, fetched beside the body and only where the
//! structure says that there are some: in one round, but for winmail.dat, which is read whole.

use super::calendar_words::{repeats, when, when_there};
use super::caller::Caller;
use super::imap::{Engine, PartRequest, RawMessage, RawPart};
use super::reading::{Place, encoding_of, structure};
use super::smtp::new_message_id;
use super::stamp::Clock;
use super::wrapped;
use crate::mail::calendar::{self, Calendar, Event, EventStatus};
use crate::mail::card_parts::{CardParts, card_parts};
use crate::mail::decode::Decoder;
use crate::mail::delivery_status::{self, Action};
use crate::mail::header::Header;
use crate::mail::structure::Part;
use crate::mail::{address, site, vcard};
use crate::model::{
    Address, Attendee, Cards, Contact, DeliveryReport, Error, Fate, Invitation, Participation,
    Purpose, RecipientReport,
};

/// Octets of a part, still encoded, that are read.
const CALENDAR_LIMIT: u32 = 1 << 20;
const REPORT_LIMIT: u32 = 512 << 10;
const CONTACT_LIMIT: u32 = 512 << 10;
/// Attendees, recipients, visiting cards of a part, and values of a card, that are shown.
const ATTENDEES: usize = 50;
const RECIPIENTS: usize = 50;
const CONTACTS: usize = 10;
const VALUES: usize = 10;
/// Characters of a description.
const DESCRIPTION: usize = 5_000;

/// The cards of the message at `place`.
pub async fn cards(caller: &Caller, place: &Place) -> Result<Cards, Error> {
    let (engine, raw) = structure(&caller.state, &caller.visitor, place).await?;
    let parts = card_parts(&raw.structure);
    let mut cards = Cards::default();
    let read = fetch(&engine, place, &raw, &parts).await?;
    let clock = caller.clock();
    for (kind, part, content) in &read {
        match kind {
            Kind::Invitation => {
                let session = caller.session()?;
                let calendar = calendar_of(&raw, part, content);
                let authors = Header::parse(&raw.header).from();
                cards.invitation = calendar.and_then(|calendar| {
                    invitation(&calendar, &authors, &session.user, &session.domain, &clock)
                });
            }
            Kind::Delivery => {
                let report = delivery_status::delivery_report(&octets_of(&raw, part, content));
                cards.delivery = report.map(|report| delivery(report, &clock));
            }
            Kind::Contact => {
                let charset = part.param("charset");
                let found = vcard::parse(&octets_of(&raw, part, content), charset.as_deref());
                let found = found.into_iter().take(CONTACTS).map(contact);
                cards.contacts.extend(found);
            }
        }
    }
    for part in parts.wrapped {
        let list = wrapped::list(&engine, place, &raw, part).await?;
        // What is no winmail.dat but for its name is a file like others.
        if list.too_large || !list.files.is_empty() {
            cards.wrapped.push(list);
        }
    }
    Ok(cards)
}

/// The event that can be answered: of an invitation to a message, as it is in the mail.
pub async fn answerable(engine: &Engine, place: &Place, raw: &RawMessage) -> Result<Event, Error> {
    let parts = CardParts {
        invitation: card_parts(&raw.structure).invitation,
        ..CardParts::default()
    };
    let read = fetch(engine, place, raw, &parts).await?;
    let (_, part, content) = read.first().ok_or(Error::NoMessage)?;
    let calendar = calendar_of(raw, part, content).ok_or(Error::NoMessage)?;
    let asks = calendar.method == Some(calendar::Method::Request);
    let event = calendar.events.into_iter().next().filter(|_| asks);
    event.ok_or(Error::NoMessage)
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Invitation,
    Delivery,
    Contact,
}

/// All but winmail.dat, in one round.
async fn fetch<'a>(
    engine: &Engine,
    place: &Place,
    raw: &RawMessage,
    parts: &CardParts<'a>,
) -> Result<Vec<(Kind, &'a Part, RawPart)>, Error> {
    let invitation = parts
        .invitation
        .map(|part| (Kind::Invitation, part, CALENDAR_LIMIT));
    let delivery = parts
        .delivery
        .map(|part| (Kind::Delivery, part, REPORT_LIMIT));
    let contacts = parts
        .contacts
        .iter()
        .map(|part| (Kind::Contact, *part, CONTACT_LIMIT));
    let wanted: Vec<_> = invitation
        .into_iter()
        .chain(delivery)
        .chain(contacts)
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let requests: Vec<PartRequest> = wanted
        .iter()
        .map(|(_, part, max)| PartRequest {
            id: part.id.clone(),
            mime: true,
            max: *max,
        })
        .collect();
    let contents = engine
        .parts(&place.folder, place.uid, Some(raw.uid_validity), &requests)
        .await?;
    let wanted = wanted.into_iter().map(|(kind, part, _)| (kind, part));
    Ok(wanted
        .zip(contents)
        .map(|((kind, part), content)| (kind, part, content))
        .collect())
}

fn calendar_of(raw: &RawMessage, part: &Part, content: &RawPart) -> Option<Calendar> {
    let charset = part.param("charset");
    calendar::parse_part(&octets_of(raw, part, content), charset.as_deref())
}

fn octets_of(raw: &RawMessage, part: &Part, content: &RawPart) -> Vec<u8> {
    Decoder::once(&encoding_of(raw, part), &content.body)
}

/// An event in a mail of `authors` as a card for the person with the address `own`.
fn invitation(
    calendar: &Calendar,
    authors: &[Address],
    own: &str,
    domain: &str,
    clock: &Clock,
) -> Option<Invitation> {
    use calendar::Method;
    let event = calendar.events.first()?;
    let purpose = match calendar.method {
        _ if event.status == Some(EventStatus::Cancelled) => Purpose::Cancel,
        Some(Method::Request) => Purpose::Request,
        Some(Method::Cancel) => Purpose::Cancel,
        Some(Method::Reply) => Purpose::Reply,
        Some(Method::Counter) => Purpose::Counter,
        _ => Purpose::Publish,
    };
    let organizer = event.organizer.clone();
    let address = organizer.as_ref().map(|organizer| organizer.addr.as_str());
    let organizer_is_valid = address.is_some_and(address::valid);
    let is_own = address.is_some_and(|address| address.eq_ignore_ascii_case(own));
    let answerable = organizer_is_valid && !is_own;
    let is_another = address.is_some_and(|address| {
        !authors
            .iter()
            .any(|author| site::speaks_for(&author.addr, address))
    });
    // Who is invited comes first.
    let shown = event
        .attendees
        .iter()
        .take(ATTENDEES)
        .map(|attendee| Attendee {
            address: attendee.address.clone(),
            participation: participation(attendee.participation),
            optional: attendee.optional,
        });
    let start = event.start.as_ref();
    let end = event.end.as_ref();
    Some(Invitation {
        purpose,
        summary: event.summary.clone(),
        when: start.map_or_else(String::new, |start| when(clock, start, end)),
        when_there: start.and_then(|start| when_there(clock, start, end)),
        repeats: event.recurrence.as_ref().map(|rule| repeats(clock, rule)),
        location: event.location.clone(),
        description: event.description.chars().take(DESCRIPTION).collect(),
        attendees: shown.collect(),
        more_attendees: more(event.attendees.len(), ATTENDEES),
        sequence: event.sequence,
        comment: event.comment.clone(),
        mine: event
            .attendee(own)
            .map(|attendee| participation(attendee.participation)),
        answer: (purpose == Purpose::Request && answerable).then(|| new_message_id(domain)),
        organizer,
        organizer_is_valid,
        organizer_is_another: is_another,
    })
}

fn participation(found: calendar::Participation) -> Participation {
    match found {
        calendar::Participation::NeedsAction => Participation::NeedsAction,
        calendar::Participation::Accepted => Participation::Accepted,
        calendar::Participation::Tentative => Participation::Tentative,
        calendar::Participation::Declined => Participation::Declined,
        calendar::Participation::Delegated => Participation::Delegated,
    }
}

fn delivery(report: delivery_status::DeliveryReport, clock: &Clock) -> DeliveryReport {
    let total = report.recipients.len();
    let recipients = report.recipients.into_iter().take(RECIPIENTS).map(|found| {
        let code = found
            .status
            .map(|status| format!("{}.{}.{}", status.class, status.subject, status.detail));
        // Most servers say the code themselves.
        let words = found.diagnostic.unwrap_or_default();
        let said = match code {
            Some(code) if !words.contains(&code) => format!("{code} {words}"),
            _ => words,
        };
        RecipientReport {
            recipient: found.recipient,
            original: found.original,
            fate: match found.action {
                Action::Failed => Fate::Failed,
                Action::Delayed => Fate::Delayed,
                Action::Delivered => Fate::Delivered,
                Action::Relayed => Fate::Relayed,
                Action::Expanded => Fate::Expanded,
            },
            said: said.trim().to_owned(),
            retry_until: found
                .retry_until
                .map(|until| clock.stamp(until).long)
                .filter(|until| !until.is_empty()),
        }
    });
    DeliveryReport {
        server: report.server,
        recipients: recipients.collect(),
        more: more(total, RECIPIENTS),
    }
}

fn contact(card: vcard::Card) -> Contact {
    let values = |list: Vec<vcard::Labelled>| {
        let list = list.into_iter().map(|labelled| labelled.value);
        list.take(VALUES).collect()
    };
    Contact {
        organization: if card.organization == card.name {
            String::new()
        } else {
            card.organization
        },
        name: card.name,
        title: card.title,
        emails: values(card.emails),
        odd_emails: values(card.odd_emails),
        phones: values(card.phones),
    }
}

/// How many there are beyond those that are shown.
fn more(total: usize, shown: usize) -> u32 {
    u32::try_from(total.saturating_sub(shown)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;
    use jiff::tz::TimeZone;

    fn told(method: &str, lines: &str, own: &str) -> Invitation {
        let text = format!(
            "BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nUID:1\nSUMMARY:Planning\n\
             ORGANIZER:mailto:boss@example.org\nDTSTART:20261201T090000Z\n{lines}\n\
             END:VEVENT\nEND:VCALENDAR\n"
        );
        let clock = Clock::new(Locale::En, TimeZone::UTC);
        let calendar = calendar::parse(&text).unwrap();
        let boss = [Address {
            name: None,
            addr: "boss@example.org".to_owned(),
        }];
        invitation(&calendar, &boss, own, "example.org", &clock).unwrap()
    }

    #[test]
    fn only_a_request_of_somebody_else_can_be_answered() {
        let asked = "ATTENDEE;PARTSTAT=TENTATIVE:mailto:Jo@example.org";
        let found = told("REQUEST", asked, "jo@example.org");
        assert!(found.answer.is_some());
        assert_eq!(found.mine, Some(Participation::Tentative));
        let own = told("REQUEST", asked, "boss@example.org");
        assert_eq!((own.answer, own.mine), (None, None));
        for (method, purpose) in [
            ("CANCEL", Purpose::Cancel),
            ("REPLY", Purpose::Reply),
            ("PUBLISH", Purpose::Publish),
            ("COUNTER", Purpose::Counter),
        ] {
            let found = told(method, asked, "jo@example.org");
            assert_eq!((found.purpose, found.answer), (purpose, None));
        }
        let gone = told("REQUEST", "STATUS:CANCELLED", "jo@example.org");
        assert_eq!((gone.purpose, gone.answer), (Purpose::Cancel, None));
    }

    #[test]
    fn an_organizer_that_is_two_is_not_written_to() {
        let told = |organizer: &str| {
            let text = format!(
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\n\
                 ORGANIZER:mailto:{organizer}\nEND:VEVENT\nEND:VCALENDAR\n"
            );
            let clock = Clock::new(Locale::En, TimeZone::UTC);
            let calendar = calendar::parse(&text).unwrap();
            invitation(&calendar, &[], "jo@example.org", "example.org", &clock).unwrap()
        };
        let two = told("a@b.example,jo@posthorn.example");
        assert!(!two.organizer_is_valid && two.answer.is_none());
        assert_eq!(
            two.organizer.unwrap().addr,
            "a@b.example,jo@posthorn.example"
        );
        let one = told("a@b.example?bcc=jo@posthorn.example");
        assert!(one.organizer_is_valid && one.answer.is_some());
        assert_eq!(one.organizer.unwrap().addr, "a@b.example");
    }

    #[test]
    fn an_answer_to_another_than_the_sender_is_said() {
        let clock = Clock::new(Locale::En, TimeZone::UTC);
        for (from, organizer, another) in [
            ("boss@example.org", "boss@example.org", false),
            ("Boss@Example.ORG", "boss@example.org", false),
            // A colleague, a department's server.
            ("office@example.org", "boss@example.org", false),
            ("calendar@mail.example.co.uk", "boss@example.co.uk", false),
            // Forwarded, or by a service.
            ("jo@other.example", "boss@example.org", true),
            ("calendar@service.example", "boss@example.org", true),
            // Everybody has an address there.
            ("anna@gmail.com", "berta@gmail.com", true),
            ("anna@web.de", "anna@web.de", false),
            // Nobody knows who wrote it.
            ("", "boss@example.org", true),
        ] {
            // What the invitation says of itself does not count.
            let text = format!(
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\n\
                 ORGANIZER;SENT-BY=\"mailto:{from}\":mailto:{organizer}\n\
                 END:VEVENT\nEND:VCALENDAR\n"
            );
            let calendar = calendar::parse(&text).unwrap();
            let authors: Vec<Address> = (!from.is_empty())
                .then(|| Address {
                    name: Some("Boss".to_owned()),
                    addr: from.to_owned(),
                })
                .into_iter()
                .collect();
            let found = invitation(&calendar, &authors, "me@x.example", "x.example", &clock);
            let found = found.unwrap();
            assert_eq!(found.organizer_is_another, another, "{from} {organizer}");
            assert!(found.answer.is_some(), "it can be answered all the same");
        }
    }

    #[test]
    fn many_attendees_are_counted() {
        let lines: Vec<_> = (0..70)
            .map(|n| format!("ATTENDEE:mailto:a{n}@example.org"))
            .collect();
        let found = told("REQUEST", &lines.join("\n"), "a69@example.org");
        assert_eq!((found.attendees.len(), found.more_attendees), (50, 20));
        assert_eq!(found.mine, Some(Participation::NeedsAction));
    }

    #[test]
    fn a_refusal_is_told_with_its_code_once() {
        let report = delivery_status::delivery_report(
            b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n\
              Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n\
              Final-Recipient: rfc822; c@d.example\nAction: delayed\nStatus: 4.4.1\n",
        );
        let clock = Clock::new(Locale::En, TimeZone::UTC);
        let told = delivery(report.unwrap(), &clock);
        let said: Vec<_> = told.recipients.iter().map(|r| r.said.as_str()).collect();
        assert_eq!(said, ["550 5.1.1 unknown", "4.4.1"]);
    }
}
