//! The pages: who may see them, and what each knows of its visitor.

use super::flash::Flash;
use super::session::Session;
use super::state::AppState;
use super::visitor::{Visitor, cookie, session_cookie_name};
use crate::model::{Account, Error, Visit};
use crate::ui::route as href;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::use_context;

/// The signed-in person, as the page knows them.
pub fn account(state: &AppState, session: &Session) -> Account {
    Account {
        address: session.user.clone(),
        message_limit: state.config.message_limit,
    }
}

/// The visit that is being rendered.
pub fn visit() -> Visit {
    let visitor = use_context::<axum::http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<Visitor>().cloned());
    let (Some(visitor), Some(state)) = (visitor, use_context::<AppState>()) else {
        // While the routes are collected there is no request.
        return Visit::default();
    };
    let Flash {
        notice,
        undo,
        error,
        sign_in,
    } = visitor.flash;
    Visit {
        locale: visitor.locale,
        conversations: visitor.conversations,
        compact: visitor.compact,
        theme: visitor.theme,
        account: visitor.session.map(|session| account(&state, &session)),
        notice,
        undo,
        error,
        sign_in,
    }
}

/// Leads who is not signed in to the sign-in page, and back afterwards; and who is, past it.
pub async fn lead_to_sign_in(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    request: Request,
    next: Next,
) -> Response {
    let uri = request.uri();
    let path = uri.path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let signed_in = visitor.session.is_some();
    if path == "/login" && signed_in {
        let next = href::query_value(uri.query().unwrap_or_default(), "next");
        return Flash::default().lead(&super::caller::local_path(&next.unwrap_or_default()), false);
    }
    if path == "/" && signed_in {
        return Flash::default().lead(&href::folder("INBOX", 1), false);
    }
    if signed_in || !href::is_private_page(path) {
        return next.run(request).await;
    }
    let back = if path == "/" {
        String::new()
    } else {
        uri.path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let secure = state.config.secure();
    let expired = cookie(request.headers(), session_cookie_name(secure)).is_some();
    let flash = Flash {
        error: expired.then_some(Error::NotSignedIn),
        ..Flash::default()
    };
    flash.lead(&href::login(&back), secure)
}
