//! What a server function knows of its request: who asks, the state, and how to answer a form
//! that came without JavaScript.

use super::config::Servers;
use super::flash::Flash;
use super::imap::{Engine, Server};
use super::session::{Session, SessionStore};
use super::stamp::Clock;
use super::state::AppState;
use super::visitor::{Visitor, session_cookie_name, set_cookie, text};
use crate::model::{Error, Notice};
use crate::ui::route as href;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::net::IpAddr;
use std::sync::Arc;

/// The request that a page or a server function answers, be it from the browser's half or a plain
/// form.
#[derive(Clone, Debug)]
pub struct Caller {
    pub state: AppState,
    pub visitor: Visitor,
    /// A form sent without JavaScript, which wants to be led to a page.
    pub plain_form: bool,
}

impl Caller {
    /// From Leptos's context.
    pub fn find() -> Result<Self, Error> {
        let state = use_context::<AppState>().ok_or(Error::Internal)?;
        let parts = use_context::<Parts>().ok_or(Error::Internal)?;
        let visitor = parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .ok_or(Error::Internal)?;
        let plain_form = parts.method == axum::http::Method::POST
            && text(&parts.headers, header::ACCEPT.as_str())
                .is_some_and(|accept| accept.contains("text/html"));
        Ok(Self {
            state,
            visitor,
            plain_form,
        })
    }

    /// The signed-in person.
    pub fn session(&self) -> Result<Arc<Session>, Error> {
        self.visitor.session.clone().ok_or(Error::NotSignedIn)
    }

    /// The person's mailbox.
    pub async fn engine(&self) -> Result<Arc<Engine>, Error> {
        engine_of(&self.state, &self.visitor).await
    }

    /// Ends an action: a plain form is led back to where it came from, with what was done or what
    /// went wrong; the browser's half gets the result itself.
    pub fn done(
        &self,
        result: Result<(), Error>,
        back: &str,
        notice: Option<Notice>,
    ) -> Result<(), Error> {
        let flash = Flash {
            notice,
            ..Flash::default()
        };
        self.end(result, back, flash)
    }

    /// Ends an action that knows what was done; `otherwise` is for the browser's half of a form that
    /// failed and was led on.
    pub fn said(
        &self,
        result: Result<Notice, Error>,
        back: &str,
        otherwise: Notice,
    ) -> Result<Notice, Error> {
        let notice = result.as_ref().copied().unwrap_or(otherwise);
        self.done(result.map(drop), back, Some(notice))?;
        Ok(notice)
    }

    /// [`Self::done`] with more to say than that it was done.
    pub fn end(&self, result: Result<(), Error>, back: &str, flash: Flash) -> Result<(), Error> {
        if !self.plain_form {
            return result;
        }
        match result {
            Ok(()) => self.lead(back, &flash),
            Err(Error::NotSignedIn | Error::PasswordRefused) => {
                let flash = Flash {
                    error: Some(Error::NotSignedIn),
                    ..Flash::default()
                };
                self.lead(&href::login(&local_path(back)), &flash);
            }
            Err(error) => self.lead(
                back,
                &Flash {
                    error: Some(error),
                    ..Flash::default()
                },
            ),
        }
        Ok(())
    }

    /// Writes moments for this person.
    pub fn clock(&self) -> Clock {
        Clock::new(self.visitor.locale, self.visitor.zone.clone())
    }

    /// Sets a cookie on the answer.
    pub fn set_cookie(&self, name: &str, value: &str, life: Option<u32>) {
        let cookie = set_cookie(name, value, self.state.config.secure(), life);
        if let (Some(options), Ok(value)) = (
            use_context::<ResponseOptions>(),
            HeaderValue::from_str(&cookie),
        ) {
            options.append_header(header::SET_COOKIE, value);
        }
    }

    /// Keeps a choice of how pages are shown in a cookie, for a year; `None` is what nobody has to
    /// choose. Leads back to `back`.
    pub fn choose(&self, name: &str, value: Option<&str>, back: &str) {
        /// In seconds.
        const LIFE: u32 = 31_536_000;
        self.set_cookie(
            name,
            value.unwrap_or_default(),
            Some(if value.is_some() { LIFE } else { 0 }),
        );
        self.lead(back, &Flash::default());
    }

    /// Sets the session cookie, or clears it.
    pub fn set_session_cookie(&self, session: Option<&Session>) {
        let name = session_cookie_name(self.state.config.secure());
        match session {
            Some(session) => {
                let life = u32::try_from(self.state.config.session_life.as_secs()).ok();
                self.set_cookie(name, session.id.expose(), life);
            }
            None => self.set_cookie(name, "", Some(0)),
        }
    }

    /// Leads a plain form to the local path `to`, with a word for the page there. Nothing for a
    /// call of the browser's half, which knows itself what to show.
    pub fn lead(&self, to: &str, flash: &Flash) {
        if !self.plain_form {
            return;
        }
        leptos_axum::redirect(&local_path(to));
        if let Some(options) = use_context::<ResponseOptions>() {
            // 303 makes the browser fetch the page anew, whatever the form's method was.
            options.set_status(StatusCode::SEE_OTHER);
            if let Some(cookie) = flash.to_cookie(self.state.config.secure()) {
                options.append_header(header::SET_COOKIE, cookie);
            }
        }
    }
}

/// The servers of the visitor's session.
pub fn servers_of<'a>(state: &'a AppState, session: &Session) -> Result<&'a Servers, Error> {
    state
        .config
        .servers_for(&session.domain)
        .ok_or(Error::PasswordRefused)
}

/// The mailbox of the visitor's session. A refused password ends the session: it would be refused
/// again and again, and the mail server would take that for guessing.
pub async fn engine_of(state: &AppState, visitor: &Visitor) -> Result<Arc<Engine>, Error> {
    let session = visitor.session.as_ref().ok_or(Error::NotSignedIn)?;
    engine_for(state, session, visitor.address).await
}

/// The mailbox of a session; `address` is the browser's.
pub async fn engine_for(
    state: &AppState,
    session: &Arc<Session>,
    address: Option<IpAddr>,
) -> Result<Arc<Engine>, Error> {
    let servers = servers_of(state, session)?;
    let server = Server {
        endpoint: servers.imap.endpoint(&session.domain),
        tls: state.tls.clone(),
    };
    let client = address.filter(|_| state.config.forward_client_address);
    let result = state.engines.get(session, &server, client).await;
    if matches!(result, Err(Error::PasswordRefused)) {
        state.sessions.remove(&session.id).await;
    }
    result
}

/// `path` if it is a path of this site, else `/`: a form's `back` is anybody's to write.
pub fn local_path(path: &str) -> String {
    let fits = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2_000
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if fits {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_led_off_the_site() {
        assert_eq!(local_path("/mail/INBOX?page=2"), "/mail/INBOX?page=2");
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:x",
            "/a\r\nSet-Cookie: x",
            "/ä",
            "/a b",
        ] {
            assert_eq!(local_path(path), "/", "{path}");
        }
    }
}
