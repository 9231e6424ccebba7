//! What a page shows is fetched before the page is rendered.
//!
//! Leptos could do it the other way round: render, find what is missing, wait, and render again. A
//! page that has everything is rendered once and in one go, and between its steps no other page can
//! come.

use super::caller::Caller;
use super::marking::Marking;
use super::reading::{Place, open};
use super::route::status;
use super::state::AppState;
use super::visitor::Visitor;
use super::{cards, composing, conversations, mailbox, pictures, resemblance, searching};
use crate::model::{
    Beside, Cards, Composition, Conversation, Error, Folders, Message, SearchPage, Warning, Window,
};
use crate::ui::route::{self as href, Page, SettingsPage};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::use_context;
use std::sync::Arc;

/// What the page that is being rendered shows; what it does not show is not there.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub folders: Option<Result<Folders, Error>>,
    pub window: Option<Result<Window, Error>>,
    /// What was found, where the search is in all folders.
    pub found: Option<SearchPage>,
    pub message: Option<Result<Message, Error>>,
    /// What belongs to the message, where conversations are wanted.
    pub conversation: Option<Conversation>,
    /// The message's cards, where it has some.
    pub cards: Option<Result<Cards, Error>>,
    /// Whom its sender looks like, where that was still to be asked.
    pub resemblances: Option<Result<Vec<Warning>, Error>>,
    pub composition: Option<Result<Composition, Error>>,
    /// The senders whose images are always shown.
    pub trusted_senders: Option<Result<Vec<String>, Error>>,
}

impl Loaded {
    /// Of the page that is being rendered, from Leptos's context.
    pub fn find() -> Arc<Self> {
        use_context::<axum::http::request::Parts>()
            .and_then(|parts| parts.extensions.get::<Arc<Self>>().cloned())
            .unwrap_or_default()
    }

    async fn of(caller: &Caller, path: &str, query: &str) -> Self {
        let page = href::page(path);
        let mut loaded = Self::default();
        // Opening a message changes list and counts, so it comes first. Even one that is read is not opened
        // beside them: that takes a further connection in the folder.
        if let Page::Message(folder, uid) = &page {
            let place = Place {
                folder: folder.clone(),
                uid: *uid,
                uid_validity: href::query_number(query, "v"),
            };
            let headers = href::query_value(query, "headers").is_some();
            let message = open(caller, &place, headers, Marking::First)
                .await
                .map(|message| Message {
                    // The list and the counts beside it count it already.
                    newly_seen: false,
                    ..message
                });
            loaded.message = Some(message);
        }
        let window = async {
            let (Page::Folder(folder) | Page::Message(folder, _)) = &page else {
                return None;
            };
            let listing = href::listing(query).by_conversations(caller.visitor.conversations);
            let window = mailbox::window(caller, folder, &listing, href::list_page(query)).await;
            let everywhere = window
                .as_ref()
                .is_ok_and(|window| window.notes.as_ref().is_some_and(|notes| notes.everywhere));
            let found = if everywhere {
                searching::page(caller, folder, &listing).await.ok()
            } else {
                None
            };
            Some((window, found))
        };
        let composition = async {
            if page != Page::Compose {
                return None;
            }
            Some(composing::open(caller, &href::compose_query(query)).await)
        };
        let conversation = async {
            let Page::Message(folder, uid) = &page else {
                return None;
            };
            let wanted =
                caller.visitor.conversations || href::query_value(query, "conversation").is_some();
            if !wanted {
                return None;
            }
            let uid_validity = href::query_number(query, "v");
            conversations::conversation(caller, folder, uid_validity, *uid)
                .await
                .ok()
        };
        if page == Page::Settings(SettingsPage::Appearance) {
            loaded.trusted_senders = Some(pictures::trusted_senders(caller).await);
        }
        let shown = |wanted: fn(&Beside) -> bool| match &loaded.message {
            Some(Ok(message)) if wanted(&message.beside) => Some(Place {
                folder: message.folder.clone(),
                uid: message.uid,
                uid_validity: Some(message.uid_validity),
            }),
            _ => None,
        };
        let carded = shown(|beside| beside.cards);
        let unasked = shown(|beside| beside.unasked);
        let cards = async { Some(cards::cards(caller, carded.as_ref()?).await) };
        // The folders say which one is Sent.
        let folders = async {
            let folders = mailbox::folders(caller).await;
            let resemblances = match &unasked {
                Some(place) => resemblance::soon(caller, place).await,
                None => None,
            };
            (folders, resemblances)
        };
        let ((folders, resemblances), window, composition, conversation, cards) =
            tokio::join!(folders, window, composition, conversation, cards);
        loaded.cards = cards;
        loaded.resemblances = resemblances;
        loaded.conversation = conversation;
        loaded.folders = Some(folders);
        if let Some((window, found)) = window {
            loaded.window = Some(window);
            loaded.found = found;
        }
        loaded.composition = composition;
        loaded
    }

    /// What says best that the page could not be shown as asked for.
    fn error(&self) -> Option<&Error> {
        fn of<T>(result: Option<&Result<T, Error>>) -> Option<&Error> {
            result?.as_ref().err()
        }
        of(self.message.as_ref())
            .or_else(|| of(self.window.as_ref()))
            .or_else(|| of(self.composition.as_ref()))
            .or_else(|| of(self.folders.as_ref()))
    }
}

/// The middleware that fetches it, and whose failure becomes the page's status.
pub async fn load(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = request.uri();
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !asks || visitor.session.is_none() || href::page(uri.path()) == Page::Other {
        return next.run(request).await;
    }
    let caller = Caller {
        state,
        visitor,
        plain_form: false,
    };
    let query = uri.query().unwrap_or_default();
    let loaded = Arc::new(Box::pin(Loaded::of(&caller, uri.path(), query)).await);
    request.extensions_mut().insert(loaded.clone());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK
        && let Some(error) = loaded.error()
    {
        *response.status_mut() = status(error);
    }
    response
}
