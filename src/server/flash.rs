//! A word to the next page, for forms without JavaScript: what was done, or what went wrong. It
//! travels in a cookie that lives for a minute and is taken by the first page that sees it, so
//! that nothing of it stands in an address.

use super::visitor::set_cookie;
use crate::model::{Error, Notice, SignInProblem};
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
        let value = self.encode()?;
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

    /// The cookie's value; `None` where it would be too large for one.
    fn encode(&self) -> Option<String> {
        let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).ok()?);
        (value.len() <= 3_000).then_some(value)
    }

    /// A cookie's value back; whatever is not ours is nothing.
    pub fn decode(value: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    }
}
