//! Leaving a mailing list by one click (RFC 8058): a request to an address that a stranger chose,
//! so it goes by the guarded way to public addresses only, or not at all.

use super::state::AppState;
use crate::model::Error;

/// Whether this server can ask another one in a person's place. Without it the other ways out are
/// offered.
pub fn available(_state: &AppState) -> bool {
    false
}

/// Posts `form`, as `application/x-www-form-urlencoded`, to `url` for `user`. No redirect is
/// followed and nothing of the answer but its status counts (section 3.2).
#[allow(clippy::unused_async, reason = "the guarded way waits for the net")]
pub async fn post(_state: &AppState, _user: &str, _url: &str, _form: &str) -> Result<(), Error> {
    Err(Error::BadRequest)
}
