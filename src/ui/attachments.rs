//! What is attached to a message: each file as a link that stores it, and all of them in one.

use super::file_kind::{icon, kind};
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::previews::Previews;
use super::route;
use crate::i18n::{Key, Locale};
use crate::model::Attachment;
use leptos::prelude::*;

/// The files of the message at `place`, or of the one that is attached to it as `part`.
#[component]
pub fn Attachments(
    place: Target,
    attachments: Vec<Attachment>,
    unlisted: u32,
    #[prop(optional, into)] part: Option<String>,
) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let more = (unlisted > 0).then(|| unlisted_parts(locale, &place, unlisted));
    let all = (attachments.len() > 1).then(|| all_files(locale, &place, &attachments, part));
    let shown = attachments.clone();
    let cards = attachments
        .into_iter()
        .map(|attachment| view! { <Card place=place.clone() attachment /> })
        .collect::<Vec<_>>();
    let list = (!cards.is_empty()).then(|| {
        view! {
            <ul class="attachments" aria-label=locale.text(Key::AttachmentsTitle)>
                {cards}
            </ul>
        }
    });
    (list.is_some() || more.is_some()).then(|| {
        view! {
            <div class="files">{list} {more} {all} <Previews place attachments=shown /></div>
        }
    })
}

/// That there is more than the list, and where it is: nobody shall believe that a mail holds less than
/// it does.
fn unlisted_parts(locale: Locale, place: &Target, unlisted: u32) -> impl IntoView + use<> {
    let text = locale.count(
        Key::AttachmentsUnlistedOne,
        Key::AttachmentsUnlistedOther,
        u64::from(unlisted),
    );
    let name = format!("message-{}.eml", place.uid);
    view! {
        <p class="files-more">
            {text} " "
            <a href=document(place, "source") download=name rel="external">
                {locale.text(Key::ActionSource)}
            </a>
        </p>
    }
}

/// The link to all of them in one file.
fn all_files(
    locale: Locale,
    place: &Target,
    attachments: &[Attachment],
    part: Option<String>,
) -> impl IntoView + use<> {
    let mut href = document(place, "attachments.zip");
    if let Some(part) = part {
        href.push_str("&part=");
        href.push_str(&route::encode(&part));
    }
    let octets = attachments.iter().map(|one| u64::from(one.size)).sum();
    let count = u64::try_from(attachments.len()).unwrap_or_default();
    let about = locale.fill(
        Key::AttachmentsAllAbout,
        &[("n", &locale.number(count)), ("size", &locale.size(octets))],
    );
    view! {
        <a class="all-files" href=href download="" rel="external">
            <Icon name="download" />
            <span>{locale.text(Key::AttachmentsAll)}</span>
            " "
            <span class="attachment-about">{about}</span>
        </a>
    }
}

#[component]
fn Card(place: Target, attachment: Attachment) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let Attachment {
        part,
        name,
        mime,
        size,
    } = attachment;
    let href = document(&place, &format!("attachment/{}", route::encode(&part)));
    let about = format!(
        "{}, {}",
        kind(locale, &mime, &name),
        locale.size(u64::from(size))
    );
    let file = name.clone();
    view! {
        <li>
            <a class="attachment" href=href download=file rel="external">
                <Icon name=icon(&mime, &name) />
                <span class="attachment-text">
                    <span class="attachment-name" dir="auto">{name}</span>
                    " "
                    <span class="attachment-about">{about}</span>
                </span>
                <Icon name="download" />
            </a>
        </li>
    }
}

/// What belongs to the message at `place`.
pub fn document(place: &Target, what: &str) -> String {
    route::document(&place.folder, place.uid, place.uid_validity, what)
}
