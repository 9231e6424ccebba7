//! Messages that are attached to the open one: folded, each with its subject, its author and its
//! date; unfolded with its body in a frame of its own, and its own attachments.

use super::attachments::Attachments;
use super::colours;
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::reader::list;
use super::route;
use crate::i18n::Key;
use crate::model::{Nested, Protection};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The messages that are attached to the one at `place`.
#[component]
pub fn NestedMessages(place: Target, nested: Vec<Nested>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let items = nested
        .into_iter()
        .map(|nested| view! { <Item place=place.clone() nested /> })
        .collect::<Vec<_>>();
    (!items.is_empty()).then(|| {
        view! {
            <ul class="nested-messages" aria-label=locale.text(Key::NestedTitle)>
                {items}
            </ul>
        }
    })
}

#[component]
fn Item(place: Target, nested: Nested) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let Nested {
        part,
        subject,
        from,
        to,
        date,
        attachments,
        unlisted,
    } = nested;
    let subject = if subject.trim().is_empty() {
        locale.text(Key::NoSubject).to_owned()
    } else {
        subject
    };
    let author = from.first().map_or_else(
        || locale.text(Key::RowNoSender).to_owned(),
        |author| author.label().to_owned(),
    );
    let body = format!(
        "{}&part={}",
        route::document(&place.folder, place.uid, place.uid_validity, "body"),
        route::encode(&part)
    );
    let search = use_location().search;
    let body = move || {
        if colours::are_own(&search.get()) {
            format!("{body}&{}={}", colours::NAME, colours::OWN)
        } else {
            body.clone()
        }
    };
    let title = locale.fill(Key::NestedBody, &[("subject", &subject)]);
    let people = [(Key::HeaderFrom, from), (Key::HeaderTo, to)]
        .into_iter()
        .filter(|(_, addresses)| !addresses.is_empty())
        .map(|(key, addresses)| {
            view! {
                <dt>{locale.text(key)}</dt>
                <dd>{list(&addresses)}</dd>
            }
        })
        .collect_view();
    let date = date.map(|date| view! { <time datetime=date.iso>{date.long}</time> });
    // Lazy, so that nothing is fetched of what stays folded.
    let frame = leptos::html::iframe()
        .attr("loading", "lazy")
        .class("nested-body")
        .title(title)
        .src(body)
        .sandbox("allow-popups allow-popups-to-escape-sandbox")
        .referrerpolicy("no-referrer");
    view! {
        <li>
            <details class="nested">
                <summary>
                    <Icon name="letter" />
                    <span class="nested-text">
                        <span class="nested-subject" dir="auto">{subject}</span>
                        " "
                        <span class="nested-about">
                            <span dir="auto">{author}</span>
                            " "
                            {date}
                        </span>
                    </span>
                </summary>
                <div class="nested-inside">
                    <dl>{people}</dl>
                    <Attachments place attachments unlisted part />
                    {frame}
                </div>
            </details>
        </li>
    }
}

/// That a message is signed or encrypted, which Posthorn does not look into.
#[component]
pub fn ProtectionNote(protection: Protection) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let key = match protection {
        Protection::Signed => Key::ReaderSigned,
        Protection::SignedOpaque => Key::ReaderSignedOpaque,
        Protection::Encrypted => Key::ReaderEncrypted,
    };
    view! {
        <p class="info-bar">
            <Icon name="lock" />
            <span>{locale.text(key)}</span>
        </p>
    }
}
