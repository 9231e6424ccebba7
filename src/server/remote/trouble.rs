//! Why an image from the net is not shown.

use axum::http::StatusCode;

/// What went wrong; says nothing of the address, which is the mail's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("an address that is not fetched")]
    Refused,
    #[error("no such host, or it does not answer")]
    Unreachable,
    #[error("redirected too often")]
    Redirects,
    #[error("the server said {0}")]
    Status(u16),
    #[error("too large")]
    TooLarge,
    #[error("it took too long")]
    TooSlow,
    #[error("no image that can be shown")]
    NoImage,
    #[error("the answer could not be read")]
    Broken,
}

impl Trouble {
    /// The status that the browser gets.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Refused => StatusCode::FORBIDDEN,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
            Self::Status(404 | 410) => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_GATEWAY,
        }
    }
}
