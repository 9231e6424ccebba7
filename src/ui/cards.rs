//! The cards of the open message: invitation, delivery report, visiting cards, files that Outlook
//! wrapped up. They come when they come; the message does not wait for them.

use super::fetch::Awaited;
use super::icon::Icon;
use super::invitation::InvitationCard;
use super::mailbox::{Mailbox, Target};
use super::route;
use super::words::{error_line, meaning};
use crate::i18n::{Key, Locale};
use crate::model::{Cards, Contact, DeliveryReport, Error, Fate, RecipientReport, Wrapped};
use leptos::prelude::*;

/// The cards of the message `target`, as they are fetched beside it.
#[component]
pub fn CardsOf(target: Target) -> impl IntoView {
    let mailbox = Mailbox::find();
    view! {
        <Awaited>
            {move || {
                let target = target.clone();
                mailbox
                    .cards
                    .get()
                    .flatten()
                    .filter(|(of, _)| *of == target)
                    .map(|(_, cards)| view! { <Shown cards target /> })
            }}
        </Awaited>
    }
}

#[component]
fn Shown(cards: Result<Cards, Error>, target: Target) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let cards = match cards {
        Ok(cards) => cards,
        Err(error) => {
            return view! { <p class="beside-line">{error_line(locale, &error)}</p> }.into_any();
        }
    };
    let invitation = cards.invitation.map(|invitation| {
        view! { <InvitationCard invitation target=target.clone() /> }
    });
    let delivery = cards
        .delivery
        .map(|report| view! { <DeliveryCard report /> });
    let contacts = cards
        .contacts
        .into_iter()
        .map(|contact| view! { <ContactCard contact /> })
        .collect_view();
    let wrapped = cards
        .wrapped
        .into_iter()
        .map(|wrapped| view! { <WrappedCard wrapped target=target.clone() /> })
        .collect_view();
    view! {
        <div class="cards">{invitation} {delivery} {contacts} {wrapped}</div>
    }
    .into_any()
}

/// Who was not reached, and why.
#[component]
fn DeliveryCard(report: DeliveryReport) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let people = report
        .recipients
        .into_iter()
        .map(|recipient| view! { <Recipient recipient /> })
        .collect_view();
    let more = (report.more > 0).then(|| {
        let n = locale.number(u64::from(report.more));
        view! { <p class="card-about">{locale.fill(Key::DeliveryMore, &[("n", &n)])}</p> }
    });
    let server = report.server.map(|server| {
        let text = locale.fill(Key::DeliveryServer, &[("server", &server)]);
        view! { <p class="card-about" dir="auto">{text}</p> }
    });
    let title = locale.text(Key::DeliveryTitle);
    view! {
        <section class="card" aria-label=title>
            <p class="card-kind">
                <Icon name="send" />
                <span>{title}</span>
            </p>
            <ul class="card-list">{people}</ul>
            {more}
            {server}
        </section>
    }
}

#[component]
fn Recipient(recipient: RecipientReport) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let fate = locale.text(match recipient.fate {
        Fate::Failed => Key::DeliveryFailed,
        Fate::Delayed => Key::DeliveryDelayed,
        Fate::Delivered => Key::DeliveryDelivered,
        Fate::Relayed => Key::DeliveryRelayed,
        Fate::Expanded => Key::DeliveryExpanded,
    });
    let failed = recipient.fate == Fate::Failed;
    let original = recipient
        .original
        .map(|address| locale.fill(Key::DeliveryOriginal, &[("address", &address)]));
    let why = matches!(recipient.fate, Fate::Failed | Fate::Delayed)
        .then(|| meaning(&recipient.said))
        .flatten()
        .map(|key| view! { <p>{locale.text(key)}</p> });
    let retry = recipient.retry_until.map(|time| {
        let text = locale.fill(Key::DeliveryRetryUntil, &[("time", &time)]);
        view! { <p>{text}</p> }
    });
    let said = (!recipient.said.is_empty()).then(|| {
        view! {
            <details class="card-more">
                <summary>{locale.text(Key::ComposeServerSaid)}</summary>
                <p class="server-words" dir="auto">{recipient.said}</p>
            </details>
        }
    });
    view! {
        <li>
            <p>
                <strong class:failed=failed>{fate}</strong>
                ": "
                <bdi>{recipient.recipient}</bdi>
                {original.map(|text| view! { " (" <bdi>{text}</bdi> ")" })}
            </p>
            {why}
            {retry}
            {said}
        </li>
    }
}

#[component]
fn ContactCard(contact: Contact) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let kind = locale.text(Key::ContactTitle);
    let about: Vec<String> = [contact.title, contact.organization]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let about = (!about.is_empty())
        .then(|| view! { <p class="card-about" dir="auto">{about.join(", ")}</p> });
    let emails = contact
        .emails
        .into_iter()
        .map(|address| {
            let href = route::compose_to(&address);
            view! {
                <li>
                    <a href=href dir="auto">{address}</a>
                </li>
            }
        })
        .collect_view();
    // What is no address is read, and leads nowhere.
    let texts = contact
        .odd_emails
        .into_iter()
        .chain(contact.phones)
        .map(|text| view! { <li dir="auto">{text}</li> })
        .collect_view();
    view! {
        <section class="card" aria-label=kind>
            <p class="card-kind">
                <Icon name="person" />
                <span>{kind}</span>
            </p>
            <h2 class="card-title" dir="auto">{contact.name}</h2>
            {about}
            <ul class="card-list">{emails} {texts}</ul>
        </section>
    }
}

#[component]
fn WrappedCard(wrapped: Wrapped, target: Target) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let name = [("name", wrapped.name.as_str())];
    let title = locale.fill(Key::WrappedTitle, &name);
    let text = locale.fill(
        if wrapped.too_large {
            Key::WrappedTooLarge
        } else {
            Key::WrappedText
        },
        &name,
    );
    let files = wrapped
        .files
        .into_iter()
        .map(|file| {
            let what = format!("tnef/{}/{}", route::encode(&wrapped.part), file.index);
            let href = route::document(&target.folder, target.uid, target.uid_validity, &what);
            let about = about(locale, &file.mime, file.size);
            let saved = file.name.clone();
            view! {
                <li>
                    <a class="attachment" href=href download=saved rel="external">
                        <Icon name="clip" />
                        <span class="attachment-text">
                            <span class="attachment-name" dir="auto">{file.name}</span>
                            " "
                            <span class="attachment-about">{about}</span>
                        </span>
                        <Icon name="download" />
                    </a>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let list = (!files.is_empty())
        .then(|| view! { <ul class="attachments" aria-label=title.clone()>{files}</ul> });
    view! {
        <section class="card" aria-label=title>
            <p dir="auto">{text}</p>
            {list}
        </section>
    }
}

fn about(locale: Locale, mime: &str, size: u32) -> String {
    let size = locale.size(u64::from(size));
    if mime == "application/octet-stream" {
        size
    } else {
        format!("{mime}, {size}")
    }
}
