//! A mail's HTML made harmless, and its links marked, away from the threads that answer others. It is
//! shown only if a second pass of the sanitiser changes nothing; that pass is half of the work, and
//! what is done last is done beside it, to be thrown away if the pass does change something.

use super::links;
use super::state::AppState;
use crate::i18n::Locale;
use crate::mail::deception::LinkDeceit;
use crate::mail::html::{Draft, Sanitised};
use crate::model::Error;
use crate::server::session::Session;
use std::collections::HashMap;
use std::sync::Arc;

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
        let raw = Arc::new(self);
        let draft = apart({
            let raw = raw.clone();
            move || Arc::new(Draft::new(&raw.text, raw.terms.images))
        })
        .await?;
        let (settled, finished) = tokio::try_join!(
            apart({
                let draft = draft.clone();
                move || draft.is_settled()
            }),
            apart({
                let (raw, draft) = (raw.clone(), draft.clone());
                move || raw.finish(&draft)
            }),
        )?;
        if settled {
            return Ok(finished);
        }
        apart(move || {
            let mut draft = Arc::unwrap_or_clone(draft);
            draft.settle();
            raw.finish(&draft)
        })
        .await
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
