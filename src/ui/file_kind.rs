//! What an attachment is, as far as its type and its name tell: what people call it, its icon, and
//! whether it may be worth looking at. Whether it really is that, the server finds out by its octets.

use super::letters::upper;
use crate::i18n::{Key, Locale};
use crate::model::Attachment;

/// Octets of a picture that the server shows (`server/preview.rs`), less what Base64 adds.
const PICTURE_OCTETS: u32 = 17 << 20;

/// How an attachment can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Picture,
    Text,
    Sound,
    Film,
}

/// How an attachment can be looked at, if it can.
pub fn view(attachment: &Attachment) -> Option<View> {
    let Attachment {
        name, mime, size, ..
    } = attachment;
    let extension = extension(name).unwrap_or_default().to_ascii_lowercase();
    let (kind, subtype) = mime.split_once('/').unwrap_or_default();
    // Many programs call everything this: then the name tells.
    let unknown = mime == "application/octet-stream";
    match (kind, subtype, extension.as_str()) {
        ("image", "png" | "jpeg" | "jpg" | "pjpeg" | "gif" | "webp", _)
            if *size <= PICTURE_OCTETS =>
        {
            Some(View::Picture)
        }
        (_, _, "png" | "jpg" | "jpeg" | "gif" | "webp") if unknown && *size <= PICTURE_OCTETS => {
            Some(View::Picture)
        }
        ("audio", ..) => Some(View::Sound),
        ("video", "mp4" | "webm" | "quicktime" | "ogg", _) => Some(View::Film),
        ("text", "plain" | "csv" | "markdown" | "xml" | "x-log" | "x-patch" | "x-diff", _)
        | ("application", "json" | "xml" | "x-sh" | "yaml", _) => Some(View::Text),
        (_, _, "txt" | "csv" | "md" | "log" | "json" | "xml" | "yaml" | "yml") if unknown => {
            Some(View::Text)
        }
        _ => None,
    }
}

/// The extension of a name, if it has one that can be one.
fn extension(name: &str) -> Option<&str> {
    let (_, extension) = name.rsplit_once('.')?;
    let sane = (1..=5).contains(&extension.len())
        && extension.bytes().all(|octet| octet.is_ascii_alphanumeric());
    sane.then_some(extension)
}

/// A type as people say it: the extension, or what the type is about.
pub fn kind(locale: Locale, mime: &str, name: &str) -> String {
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
        (None, Some(extension)) => upper(extension),
        (None, None) => mime.to_owned(),
    }
}

/// The icon of a file. Many programs call everything `application/octet-stream`: then the name
/// tells.
pub fn icon(mime: &str, name: &str) -> &'static str {
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
    use super::{View, extension, icon, view};
    use crate::model::Attachment;

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

    #[test]
    fn only_what_can_be_shown_is_offered() {
        let of = |mime: &str, name: &str, size| {
            view(&Attachment {
                part: "2".to_owned(),
                name: name.to_owned(),
                mime: mime.to_owned(),
                size,
            })
        };
        assert_eq!(of("image/jpeg", "a", 1), Some(View::Picture));
        assert_eq!(of("image/jpeg", "a", 100 << 20), None);
        assert_eq!(
            of("application/octet-stream", "a.PNG", 1),
            Some(View::Picture)
        );
        assert_eq!(of("text/plain", "a.html", 1), Some(View::Text));
        for mime in [
            "image/svg+xml",
            "text/html",
            "application/pdf",
            "message/rfc822",
        ] {
            assert_eq!(of(mime, "a.txt", 1), None, "{mime}");
        }
    }
}
