//! The texts of a body made into HTML that can stand in a document of ours, one below the other: most
//! mails have one, but what stands around a picture, or what a list adds below, is another.

use super::harmless::{Raw, Terms, apart};
use super::links;
use crate::i18n::{Key, Locale};
use crate::mail::deception::LinkDeceit;
use crate::mail::html::Report;
use crate::mail::plain::to_html_folded;
use crate::model::Error;
use std::fmt::Write as _;
use std::sync::Arc;

/// A text as the mail has it, decoded.
pub(super) enum Text {
    Plain(String),
    Html(String),
}

impl Text {
    /// Whether there is nothing to read in it.
    pub(super) fn is_blank(&self) -> bool {
        let (Self::Plain(text) | Self::Html(text)) = self;
        text.trim().is_empty()
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
}

impl Made {
    fn take(&mut self, found: Vec<LinkDeceit>) {
        for deceit in found {
            if !self.deceits.contains(&deceit) {
                self.deceits.push(deceit);
            }
        }
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

/// Texts of which none is HTML.
pub(super) async fn plain(locale: Locale, unfolded: bool, texts: Vec<Text>) -> Result<Made, Error> {
    let mut made = Made::default();
    let last = texts.len();
    for (number, text) in (1..).zip(texts) {
        let (Text::Plain(text) | Text::Html(text)) = text;
        made.plain(locale, !unfolded && number == last, text)
            .await?;
    }
    Ok(made)
}

/// Texts of which one is HTML at least.
pub(super) async fn mixed(terms: Terms, unfolded: bool, texts: Vec<Text>) -> Result<Made, Error> {
    let terms = Arc::new(terms);
    let mut made = Made::default();
    let last = texts.len();
    for (number, text) in (1..).zip(texts) {
        let text = match text {
            Text::Html(text) => text,
            Text::Plain(text) => {
                let fold = !unfolded && number == last;
                made.plain(terms.locale, fold, text).await?;
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
