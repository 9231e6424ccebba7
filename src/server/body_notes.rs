//! What Posthorn itself says in the document of a body: that something was left out and why, that
//! there is no text, or that the body cannot be had.

use crate::i18n::{Key, Locale};
use crate::mail::html::Report;
use crate::mail::plain::escaped;
use crate::model::Error;
use crate::ui::body_frame::FRAMES_FAILED;
use crate::ui::words::error_text;
use std::fmt::Write as _;

/// What was left out and why, to be opened by who wants to know; nothing where nothing was. That
/// something was is said too, unless the person was `told` or has asked for what there is.
pub(super) fn blocked_note(locale: Locale, report: &Report, told: bool) -> String {
    let mut rows = String::new();
    for (count, key) in [
        (report.images, Key::BodyBlockedImages),
        (report.pixels, Key::BodyBlockedPixels),
        (report.styles, Key::BodyBlockedStyles),
        (report.fonts, Key::BodyBlockedFonts),
        (report.scripts, Key::BodyBlockedScripts),
        (report.forms, Key::BodyBlockedForms),
        (report.plugins, Key::BodyBlockedPlugins),
        (report.other, Key::BodyBlockedOther),
        (report.elements, Key::BodyBlockedElements),
    ] {
        if count > 0 {
            let n = locale.number(u64::from(count));
            let _ = write!(rows, "<li>{}</li>", locale.fill(key, &[("n", &n)]));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let sentence = match (report.remote, told) {
        (_, true) => "",
        (true, false) => locale.text(Key::BodyRemoteBlocked),
        (false, false) => locale.text(Key::BodyPartsBlocked),
    };
    format!(
        "<details class=\"posthorn-note\"><summary>{sentence} <span>{}</span></summary>\
         <ul>{rows}</ul></details>",
        locale.text(Key::BodyBlocked),
    )
}

/// A sentence of our own, without markup.
pub(super) fn note(locale: Locale, key: Key) -> String {
    format!("<p class=\"posthorn-note\">{}</p>", locale.text(key))
}

/// Why there is no body.
pub(super) fn failure(locale: Locale, error: &Error) -> String {
    let (what, mend) = error_text(locale, error);
    format!(
        "<p class=\"posthorn-note\">{} {}</p>{}",
        escaped(&what),
        escaped(&mend),
        frames(FRAMES_FAILED)
    )
}

/// So many empty frames, which the page around counts (`ui/body_frame.rs`). No body has any.
pub(super) fn frames(count: u32) -> String {
    (0..count).map(|_| "<iframe hidden></iframe>").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_says_is_not_said_again() {
        let report = Report {
            images: 2,
            remote: true,
            ..Report::default()
        };
        let sentence = Locale::En.text(Key::BodyRemoteBlocked);
        let alone = blocked_note(Locale::En, &report, false);
        assert!(alone.contains(sentence), "{alone}");
        let beside = blocked_note(Locale::En, &report, true);
        assert!(!beside.contains(sentence), "{beside}");
        for note in [alone, beside] {
            assert!(note.contains("What was blocked and why"), "{note}");
            assert!(note.contains("<li>2 × images from the net"), "{note}");
        }
        assert_eq!(blocked_note(Locale::En, &Report::default(), false), "");
    }

    #[test]
    fn a_servers_words_are_no_markup() {
        let error = Error::Refused("<img src=x onerror=alert(1)>".to_owned());
        let shown = failure(Locale::En, &error);
        assert!(!shown.contains("<img"), "{shown}");
        assert_eq!(shown.matches("<iframe").count(), 1);
    }
}
