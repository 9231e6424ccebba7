//! The texts of a body made into HTML that can stand in a document of ours, one below the other: most
//! mails have one, but what stands around a picture, or what a list adds below, is another.

use super::harmless::{Raw, Terms, apart};
use super::links;
use crate::i18n::{Key, Locale};
use crate::mail::deception::LinkDeceit;
use crate::mail::html::{IMAGE_LIMIT, Report, Sanitised, images_named};
use crate::mail::plain::{Room, to_html_folded};
use crate::model::Error;
use crate::server::placed::Picture;
use std::collections::{HashMap, HashSet};
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
    /// What the plain texts may still have of what is dear to a browser.
    room: Room,
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
        let mut room = self.room;
        let work = move || {
            let html = to_html_folded(&text, label, &mut room);
            (links::marked(locale, &html, None), room)
        };
        let (marked, room) = apart(work).await?;
        self.room = room;
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

/// Without the pictures that the HTML shows by itself, of those that `sources` has for it.
pub(super) fn without_shown(mut texts: Vec<Text>, sources: &HashMap<String, String>) -> Vec<Text> {
    if !texts.iter().any(Text::is_picture) {
        return texts;
    }
    let mut named = HashSet::new();
    for text in &texts {
        if let Text::Html(html) = text {
            named.extend(images_named(html));
        }
    }
    texts.retain(|text| match text {
        Text::Picture(picture) => {
            let id = picture.content_id();
            !(named.contains(id) && sources.contains_key(id))
        }
        Text::Plain(_) | Text::Html(_) => true,
    });
    texts
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

/// Makes the HTML of a body harmless, text by text. Their images share one room: where those that come
/// with the mail are too many for what is left of it, the text and all that follow go without them. What
/// a text brings along in itself is no more than the text.
struct Rich {
    terms: Arc<Terms>,
    room: usize,
}

impl Rich {
    fn new(terms: Terms) -> Self {
        Self {
            terms: Arc::new(terms),
            room: IMAGE_LIMIT,
        }
    }

    async fn sanitised(&mut self, text: String) -> Result<(Sanitised, Vec<LinkDeceit>), Error> {
        // The first one has all the room there is.
        let again =
            (self.room < IMAGE_LIMIT && !self.terms.sources.is_empty()).then(|| text.clone());
        let terms = self.terms.clone();
        let mut made = Raw { text, terms }.sanitised().await?;
        if let Some(text) = again.filter(|_| made.0.image_octets > self.room) {
            self.terms = Arc::new(without_sources(&self.terms));
            let terms = self.terms.clone();
            made = Raw { text, terms }.sanitised().await?;
        }
        self.room = self.room.saturating_sub(made.0.image_octets);
        Ok(made)
    }
}

fn without_sources(terms: &Terms) -> Terms {
    Terms {
        sources: HashMap::new(),
        images: terms.images,
        both_schemes: terms.both_schemes,
        locale: terms.locale,
        sender: terms.sender.clone(),
        state: terms.state.clone(),
        session: terms.session.clone(),
    }
}

/// Texts of which one is HTML at least.
pub(super) async fn mixed(terms: Terms, unfolded: bool, texts: Vec<Text>) -> Result<Made, Error> {
    let locale = terms.locale;
    let mut rich = Rich::new(terms);
    let mut made = Made::default();
    let last = last_written(&texts);
    for (number, text) in (1..).zip(texts) {
        let text = match text {
            Text::Html(text) => text,
            Text::Plain(text) => {
                let fold = !unfolded && number == last;
                made.plain(locale, fold, text).await?;
                continue;
            }
            Text::Picture(picture) => {
                made.picture(locale, &picture, unfolded);
                continue;
            }
        };
        let (clean, deceits) = rich.sanitised(text).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;
    use crate::server::session::{Session, SessionId};
    use crate::server::state::AppState;
    use leptos::config::LeptosOptions;

    /// For a mail whose image `a` has so many octets.
    fn terms(octets: usize) -> Terms {
        let config = Config::parse("", &|_| None).unwrap();
        let leptos = LeptosOptions::builder().output_name("posthorn").build();
        let image = format!("data:image/png;base64,{}", "A".repeat(octets));
        Terms {
            sources: HashMap::from([("a".to_owned(), image)]),
            images: false,
            both_schemes: false,
            locale: Locale::En,
            sender: None,
            state: AppState::new(config, leptos).unwrap(),
            session: Arc::new(Session {
                id: SessionId::random().unwrap(),
                user: "anna@posthorn.example".to_owned(),
                domain: "posthorn.example".to_owned(),
                password: "top secret".into(),
            }),
        }
    }

    #[test]
    fn what_the_html_does_not_show_comes_below_it() {
        let sources = HashMap::from(["a", "b"].map(|id| (id.to_owned(), String::new())));
        let texts = ["a", "b", "large", ""].map(|id| Text::Picture(Picture::by(id)));
        let html = Text::Html("a b <img src=cid:a><img src=cid:large>".to_owned());
        let kept = without_shown(std::iter::once(html).chain(texts).collect(), &sources);
        let ids: Vec<&str> = kept
            .iter()
            .filter_map(|text| match text {
                Text::Picture(picture) => Some(picture.content_id()),
                _ => None,
            })
            .collect();
        assert_eq!(ids, ["b", "large", ""]);
        assert_eq!(kept.len(), 4);
    }

    #[tokio::test]
    async fn the_images_of_all_texts_share_one_room() {
        let octets = IMAGE_LIMIT / 8;
        let text = || Text::Html("<img src=cid:a alt=none>".repeat(3));
        let made = mixed(terms(octets), false, (0..10).map(|_| text()).collect());
        let html = made.await.unwrap().html;
        assert!(html.len() <= IMAGE_LIMIT + 10_000, "{}", html.len());
        // Those of the first texts are there, and of the others what they say instead.
        assert_eq!(html.matches("<img").count(), 6);
        assert_eq!(html.matches(">none<").count(), 24);
    }

    #[tokio::test]
    async fn the_quotes_and_links_of_all_texts_share_one_room() {
        let quotes = format!("{}a\nb\n", ">".repeat(40)).repeat(200);
        let links = "https://a.example/ ".repeat(1500);
        let texts = (0..4).map(|_| Text::Plain(format!("{quotes}{links}")));
        let html = plain(Locale::En, false, texts.collect())
            .await
            .unwrap()
            .html;
        assert!(html.matches("<blockquote").count() <= 10_000);
        assert!(html.matches("<a ").count() <= 2_000);
        assert_eq!(
            html.matches("a.example").count() - html.matches("<a ").count(),
            6_000
        );
    }
}
