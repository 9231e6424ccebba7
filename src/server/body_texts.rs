//! The texts of a body made into HTML that can stand in a document of ours, one below the other: most
//! mails have one, but what stands around a picture, or what a list adds below, is another.

use super::harmless::{Raw, Terms, apart};
use super::links;
use crate::i18n::{Key, Locale};
use crate::mail::deception::LinkDeceit;
use crate::mail::html::Report;
use crate::mail::plain::to_html_folded;
use crate::model::Error;
use crate::server::placed::Picture;
use std::fmt::Write as _;
use std::sync::Arc;

/// A text as the mail has it, decoded, or a picture between texts.
pub(super) enum Text {
    Plain(String),
    Html(String),
    Picture(Picture),
}

impl Text {
    /// Whether there is nothing to read in it.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Plain(text) | Self::Html(text) => text.trim().is_empty(),
            Self::Picture(_) => false,
        }
    }

    fn is_picture(&self) -> bool {
        matches!(self, Self::Picture(_))
    }
}

/// All texts of a body, harmless.
#[derive(Default)]
pub(super) struct Made {
    pub(super) html: String,
    /// What they say about narrow windows, a style sheet of our own making.
    pub(super) media: String,
    /// What of them is not shown.
    pub(super) report: Report,
    /// Images of the net that are shown.
    pub(super) shown: u32,
    /// Links that are not what they seem, each once.
    pub(super) deceits: Vec<LinkDeceit>,
    /// Whether pictures stand between the texts.
    pub(super) pictured: bool,
}

impl Made {
    fn take(&mut self, found: Vec<LinkDeceit>) {
        for deceit in found {
            if !self.deceits.contains(&deceit) {
                self.deceits.push(deceit);
            }
        }
    }

    fn picture(&mut self, locale: Locale, picture: &Picture, at_once: bool) {
        self.pictured = true;
        self.html.push_str(&picture.html(locale, at_once));
    }

    /// A plain text; what is quoted at the end of the last one is folded.
    async fn plain(&mut self, locale: Locale, fold: bool, text: String) -> Result<(), Error> {
        let label = fold.then(|| locale.text(Key::BodyQuoteShow));
        let work = move || links::marked(locale, &to_html_folded(&text, label), None);
        let marked = apart(work).await?;
        self.take(marked.deceits);
        // Writing to a String cannot fail.
        let _ = write!(self.html, "<div class=\"text\">{}</div>", marked.html);
        Ok(())
    }
}

/// The number of the last text, counted from 1 with the pictures.
fn last_written(texts: &[Text]) -> usize {
    let last = texts.iter().rposition(|text| !text.is_picture());
    last.map_or(0, |at| at.saturating_add(1))
}

/// Without the pictures that the HTML shows by itself.
pub(super) fn without_shown(texts: Vec<Text>) -> Vec<Text> {
    let shown: Vec<bool> = texts
        .iter()
        .map(|text| {
            let Text::Picture(picture) = text else {
                return false;
            };
            let mut all = texts.iter();
            all.any(|text| matches!(text, Text::Html(html) if picture.is_in(html)))
        })
        .collect();
    let kept = texts.into_iter().zip(shown).filter(|(_, shown)| !shown);
    kept.map(|(text, _)| text).collect()
}

/// Texts of which none is HTML.
pub(super) async fn plain(locale: Locale, unfolded: bool, texts: Vec<Text>) -> Result<Made, Error> {
    let mut made = Made::default();
    let last = last_written(&texts);
    for (number, text) in (1..).zip(texts) {
        match text {
            Text::Plain(text) | Text::Html(text) => {
                made.plain(locale, !unfolded && number == last, text)
                    .await?;
            }
            Text::Picture(picture) => made.picture(locale, &picture, unfolded),
        }
    }
    Ok(made)
}

/// Texts of which one is HTML at least.
pub(super) async fn mixed(terms: Terms, unfolded: bool, texts: Vec<Text>) -> Result<Made, Error> {
    let terms = Arc::new(terms);
    let mut made = Made::default();
    let last = last_written(&texts);
    for (number, text) in (1..).zip(texts) {
        let text = match text {
            Text::Html(text) => text,
            Text::Plain(text) => {
                let fold = !unfolded && number == last;
                made.plain(terms.locale, fold, text).await?;
                continue;
            }
            Text::Picture(picture) => {
                made.picture(terms.locale, &picture, unfolded);
                continue;
            }
        };
        let raw = Raw {
            text,
            terms: terms.clone(),
        };
        let (clean, deceits) = raw.sanitised().await?;
        // The names in one text's sheet mean nothing in another.
        let scope = format!("html-{number}");
        made.media.push_str(&clean.media_within(&scope));
        made.report.add(&clean.report);
        made.shown = made.shown.saturating_add(clean.shown);
        made.take(deceits);
        let _ = write!(
            made.html,
            "<div class=\"html {scope}\">{}</div>",
            clean.html
        );
    }
    Ok(made)
}
