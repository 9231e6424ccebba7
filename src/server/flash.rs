//! A word to the next page, for forms without JavaScript: what was done, or what went wrong. It
//! travels in a cookie that lives for a minute and is taken by the first page that sees it, so
//! that nothing of it stands in an address.

use super::visitor::set_cookie;
use crate::model::{Change, Error, Notice, SignInProblem, Undo};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The cookie's name, and how long it lives in seconds.
pub const COOKIE: &str = "posthorn-flash";
const LIFE: u32 = 60;

/// What the next page is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// How to take back what was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// A refused sign-in: the address as typed, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<(String, SignInProblem)>,
}

impl Flash {
    /// The Set-Cookie value that takes this word along; `None` where there is nothing to say.
    pub fn to_cookie(&self, secure: bool) -> Option<HeaderValue> {
        if *self == Self::default() {
            return None;
        }
        // What was done is told, even where the way back has no room.
        let value = self.encode().or_else(|| self.without_undo().encode())?;
        HeaderValue::from_str(&set_cookie(COOKIE, &value, secure, Some(LIFE))).ok()
    }

    /// Leads the browser to `to`, a path of this site, by GET (RFC 9110, section 15.4.4).
    pub fn lead(&self, to: &str, secure: bool) -> Response {
        let to = [(header::LOCATION, to.to_owned())];
        let mut response = (StatusCode::SEE_OTHER, to).into_response();
        if let Some(cookie) = self.to_cookie(secure) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn without_undo(&self) -> Self {
        Self {
            undo: None,
            ..self.clone()
        }
    }

    /// The cookie's value; `None` where it would be too large for one.
    fn encode(&self) -> Option<String> {
        let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).ok()?);
        (value.len() <= 3_000).then_some(value)
    }

    /// A cookie's value back; whatever is not ours is nothing. What would be offered as the way
    /// back can only move: whoever planted a cookie could else have a person press "Undo" and
    /// delete.
    pub fn decode(value: &str) -> Option<Self> {
        let mut flash: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        flash.undo = flash.undo.filter(|undo| undo.change == Change::Move);
        Some(flash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flash(change: Change, set: &str) -> Flash {
        Flash {
            notice: Some(Notice::Archived),
            undo: Some(Undo {
                folder: "Archive".to_owned(),
                uid_validity: 7,
                set: set.to_owned(),
                change,
                destination: "INBOX".to_owned(),
            }),
            ..Flash::default()
        }
    }

    fn carried(flash: &Flash) -> Flash {
        let cookie = flash.to_cookie(false).unwrap();
        let (_, value) = cookie.to_str().unwrap().split_once('=').unwrap();
        Flash::decode(value.split(';').next().unwrap()).unwrap()
    }

    #[test]
    fn the_way_back_is_carried_along_and_only_moves() {
        let moved = flash(Change::Move, "1:3");
        assert_eq!(carried(&moved), moved);
        let planted = carried(&flash(Change::Delete, "1:3"));
        assert_eq!((planted.notice, planted.undo), (moved.notice, None));
    }

    #[test]
    fn what_was_done_is_told_even_where_the_way_back_has_no_room() {
        let long = (1..1_000).map(|n| (n * 2).to_string()).collect::<Vec<_>>();
        let told = carried(&flash(Change::Move, &long.join(",")));
        assert_eq!((told.notice, told.undo), (Some(Notice::Archived), None));
    }
}
