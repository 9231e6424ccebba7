//! Images from the net, for the mails whose reader wants them. The browser never asks the
//! sender's server: Posthorn does, without saying for whom, and passes on raster images only.
//!
//! [`seal`] makes the addresses that a mail's document asks for, [`fetcher`] fetches what is behind
//! one, and the other files say what may be fetched.

mod address;
pub mod allow;
mod cache;
pub mod fetcher;
pub(super) mod gate;
mod handing;
mod post;
mod raster;
pub mod resolver;
mod seal;
mod target;
pub mod trouble;

use super::session::{Session, SessionId};
use super::state::AppState;
use allow::Allow;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fetcher::{Fetcher, Limits};
use handing::Parcel;
use resolver::System;
use seal::{Purpose, Seal};
use std::sync::Arc;
use tokio_rustls::rustls::ClientConfig;
use trouble::Trouble;

/// Where the images are; the rest of the path is the token.
pub const PATH: &str = "/remote/";

/// What this node holds to show images from the net.
#[derive(Debug)]
pub struct Remote {
    pub fetcher: Fetcher,
    seal: Seal,
}

impl Remote {
    /// `None` where the system has no randomness for a key.
    pub fn new(tls: Arc<ClientConfig>, allow: Allow) -> Option<Self> {
        Some(Self {
            fetcher: Fetcher::new(tls, allow, Arc::new(System), Limits::default()),
            seal: Seal::new()?,
        })
    }

    /// Gives for an image's address the local one, which is good for `session`.
    pub fn addresses(&self, session: &Session) -> impl Fn(&str) -> Option<String> + '_ {
        let tag = self.seal.tag(&session.id);
        move |url| {
            let token = self.seal.seal(Purpose::Remote, tag, url)?;
            Some(format!("{PATH}{token}"))
        }
    }

    /// Seals where a picture of a mail lies, for `session`.
    pub fn seal_placed(&self, session: &Session, place: &str) -> Option<String> {
        let tag = self.seal.tag(&session.id);
        self.seal.seal(Purpose::Placed, tag, place)
    }

    /// What [`Self::seal_placed`] sealed, and for whom.
    pub fn open_placed(&self, token: &str) -> Option<(SessionId, String)> {
        self.seal.open(Purpose::Placed, token)
    }

    /// Whether the address of a page leads out to the internet, or to what the operator allows: not
    /// to the person's own machine or net, however it is spelt.
    pub fn leads_out(&self, url: &str) -> bool {
        target::leads_out(url, &self.fetcher.allow)
    }

    /// The word by which the session's person says that the images of a message (folder,
    /// UIDVALIDITY, UID) be shown.
    pub fn consent(&self, session: &Session, message: (&str, u32, u32)) -> String {
        self.seal.consent(&session.id, message)
    }

    /// Whether `word` is that word.
    pub fn consents(&self, session: &Session, message: (&str, u32, u32), word: &str) -> bool {
        self.seal.consents(&session.id, message, word)
    }

    /// Forgets the sessions that are not alive.
    pub fn retain(&self, alive: impl Fn(&SessionId) -> bool) {
        self.seal.retain(alive);
    }
}

/// GET `/remote/{token}`
pub async fn image(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    // The document that asks has no origin and so no cookie: the token names the session.
    let fetched = match state.remote.seal.open(Purpose::Remote, &token) {
        Some((id, url)) => match state.sessions.peek(&id) {
            Some(session) => state.remote.fetcher.parcel(&session.user, &url).await,
            None => Err(Trouble::Refused),
        },
        None => Err(Trouble::Refused),
    };
    let mut response = match fetched {
        Ok(parcel) => shown(parcel),
        Err(trouble) => {
            tracing::debug!(%trouble, "an image was not shown");
            (trouble.status(), format!("Not shown: {trouble}.\n")).into_response()
        }
    };
    for_a_body(&mut response);
    response
}

/// Lets the document of a body have this: it has no origin, and so is another one.
pub fn for_a_body(response: &mut Response) {
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

fn shown(parcel: Parcel) -> Response {
    let (kind, length) = (parcel.image.kind, parcel.image.octets.len());
    let mut response = Response::new(parcel.body());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in [
        (header::CONTENT_TYPE, kind.mime()),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
