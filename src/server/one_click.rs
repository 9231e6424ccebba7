//! Leaving a mailing list by one click (RFC 8058): a request to an address that a stranger chose,
//! so it goes by the guarded way to public addresses only.

use super::state::AppState;
use crate::model::Error;

/// Posts `form`, as `application/x-www-form-urlencoded`, to `url` for `user`. No redirect is
/// followed and nothing of the answer but its status counts (section 3.2).
pub async fn post(state: &AppState, user: &str, url: &str, form: &str) -> Result<(), Error> {
    let status = state.remote.fetcher.post(user, url, form).await;
    let status = status.map_err(|trouble| {
        // The address says who leaves what; the trouble says nothing of it.
        tracing::info!(%trouble, "a mailing list could not be left");
        Error::Unreachable
    })?;
    if status.is_success() {
        Ok(())
    } else {
        Err(Error::Refused(format!("HTTP {}", status.as_u16())))
    }
}
