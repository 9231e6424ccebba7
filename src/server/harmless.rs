//! A mail's HTML made harmless, and its links marked, away from the threads that answer others. It is
//! shown only if the sanitiser changes nothing of it any more. To find that out is most of the work, and
//! what is done last is done beside it, to be thrown away if something does change.

use super::links;
use super::state::AppState;
use crate::i18n::Locale;
use crate::mail::deception::LinkDeceit;
use crate::mail::html::{Change, Draft, Filtered, Pipe, Sanitised};
use crate::model::Error;
use crate::server::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// How the HTML of a mail is to be shown.
pub(super) struct Terms {
    /// The mail's own images, as `data:` URLs by their Content-ID.
    pub sources: HashMap<String, String>,
    /// Whether images of the net are shown.
    pub images: bool,
    /// Whether it is to be legible on dark paper, too.
    pub both_schemes: bool,
    pub locale: Locale,
    /// The domain of the sender where it is confirmed.
    pub sender: Option<String>,
    pub state: AppState,
    pub session: Arc<Session>,
}

/// What is to be made harmless.
pub(super) struct Raw {
    pub text: String,
    pub terms: Arc<Terms>,
}

impl Raw {
    /// The HTML, and the links that deceive in it.
    pub async fn sanitised(self) -> Result<(Sanitised, Vec<LinkDeceit>), Error> {
        apart(move || self.made()).await
    }

    /// The filter by another thread, if one comes to it before this one has done the rest: to wait
    /// for one that never came would be waiting for each other.
    fn made(&self) -> (Sanitised, Vec<LinkDeceit>) {
        let images = self.terms.images;
        let pipe = Arc::new(Pipe::default());
        let filtered = Arc::new(OnceLock::new());
        tokio::task::spawn_blocking({
            let (pipe, filtered) = (pipe.clone(), filtered.clone());
            move || {
                filtered.get_or_init(|| Filtered::from(&pipe, images));
            }
        });
        let mut draft = Draft::new(&self.text, images, &pipe);
        let finished = self.finish(&draft);
        match draft.settle(filtered.get_or_init(|| Filtered::from(&pipe, images))) {
            Change::Nothing => finished,
            Change::Something => self.finish(&draft),
        }
    }

    fn finish(&self, draft: &Draft) -> (Sanitised, Vec<LinkDeceit>) {
        let terms = &self.terms;
        let cid = |content_id: &str| terms.sources.get(content_id).cloned();
        let address = terms.state.remote.addresses(&terms.session);
        let remote = |url: &str| terms.images.then(|| address(url)).flatten();
        let mut clean = draft.finish(&cid, &remote, terms.both_schemes);
        let marked = links::marked(terms.locale, &clean.html, terms.sender.as_deref());
        clean.html = marked.html;
        (clean, marked.deceits)
    }
}

/// Sanitising and the like are work: not on the threads that answer others.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Internal)
}
