//! What is attached to a message: each file as a link that stores it, and all of them in one.

use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::route;
use crate::i18n::{Key, Locale};
use crate::model::Attachment;
use leptos::prelude::*;

/// The files of the message at `place`, or of the one that is attached to it as `part`.
#[component]
pub fn Attachments(
    place: Target,
    attachments: Vec<Attachment>,
    #[prop(optional, into)] part: Option<String>,
) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let all = (attachments.len() > 1).then(|| all_files(locale, &place, &attachments, part));
    let cards = attachments
        .into_iter()
        .map(|attachment| view! { <Card place=place.clone() attachment /> })
        .collect::<Vec<_>>();
    (!cards.is_empty()).then(|| {
        view! {
            <div class="files">
                <ul class="attachments" aria-label=locale.text(Key::AttachmentsTitle)>
                    {cards}
                </ul>
                {all}
            </div>
        }
    })
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

/// The extension of a name, if it has one that can be one.
fn extension(name: &str) -> Option<&str> {
    let (_, extension) = name.rsplit_once('.')?;
    let sane = (1..=5).contains(&extension.len())
        && extension.bytes().all(|octet| octet.is_ascii_alphanumeric());
    sane.then_some(extension)
}

/// A type as people say it: the extension, or what the type is about.
fn kind(locale: Locale, mime: &str, name: &str) -> String {
    let key = match mime.split('/').next().unwrap_or_default() {
        "image" => Some(Key::KindImage),
        "audio" => Some(Key::KindAudio),
        "video" => Some(Key::KindVideo),
        "message" => Some(Key::KindMessage),
        _ if mime == "text/calendar" => Some(Key::KindInvitation),
        _ => None,
    };
    match (key, extension(name)) {
        (Some(key), _) => locale.text(key).to_owned(),
        (None, Some(extension)) => extension.to_uppercase(),
        (None, None) => mime.to_owned(),
    }
}

/// The icon of a file. Many programs call everything `application/octet-stream`: then the name
/// tells.
fn icon(mime: &str, name: &str) -> &'static str {
    let (kind, subtype) = mime.split_once('/').unwrap_or_default();
    let extension = extension(name).unwrap_or_default().to_ascii_lowercase();
    match (kind, subtype, extension.as_str()) {
        ("image", ..) | (_, _, "png" | "jpg" | "jpeg" | "gif" | "webp" | "heic" | "svg") => "image",
        ("audio", ..) | (_, _, "mp3" | "ogg" | "opus" | "wav" | "flac" | "m4a") => "sound",
        ("video", ..) | (_, _, "mp4" | "webm" | "mov" | "avi" | "mkv") => "film",
        ("message", ..) | (_, _, "eml" | "msg") => "letter",
        ("text", "calendar", _) | (_, _, "ics") => "calendar",
        ("text", "vcard" | "x-vcard", _) | (_, _, "vcf") => "person",
        (_, "zip" | "gzip" | "x-tar" | "x-7z-compressed", _)
        | (_, _, "zip" | "gz" | "tar" | "7z" | "rar" | "xz" | "tgz") => "box",
        ("text", "csv", _) | (_, _, "csv" | "xls" | "xlsx" | "ods") => "table",
        (_, _, "p7s" | "p7m" | "asc" | "sig") => "lock",
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::{extension, icon};

    #[test]
    fn a_file_has_the_icon_of_what_it_is() {
        for (mime, name, expected) in [
            ("image/png", "a", "image"),
            ("application/octet-stream", "Foto.JPG", "image"),
            ("application/pdf", "a.pdf", "file"),
            ("text/csv", "a.csv", "table"),
            ("application/zip", "a.zip", "box"),
            ("message/rfc822", "a.eml", "letter"),
            ("nonsense", "", "file"),
        ] {
            assert_eq!(icon(mime, name), expected, "{mime} {name}");
        }
    }

    #[test]
    fn not_everything_behind_a_point_is_an_extension() {
        assert_eq!(extension("a.tar.gz"), Some("gz"));
        assert_eq!(extension("Version 2.0 (neu)"), None);
        assert_eq!(extension("a.größe"), None);
        assert_eq!(extension("a."), None);
    }
}
