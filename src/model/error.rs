//! What can go wrong with a call, said once for all calls. The page turns each into a sentence in
//! the person's language; none carries a secret, since a form without JavaScript puts it into a
//! redirect.

use super::FolderProblem;
use super::wire::Wire;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// The one error type of the server functions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Error {
    /// The session has expired or was never there.
    #[error("not signed in")]
    NotSignedIn,
    /// The mail server no longer takes the password; the session has ended.
    #[error("the mail server no longer accepts the password")]
    PasswordRefused,
    #[error("no such folder")]
    NoFolder,
    #[error("no such message")]
    NoMessage,
    /// UIDVALIDITY differs: the UIDs of the page no longer mean the same messages.
    #[error("the folder was renewed on the server")]
    FolderChanged,
    /// The mail server cannot be reached or broke off.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// The mail server is there but will not serve now (LIMIT, UNAVAILABLE, INUSE).
    #[error("the mail server is busy")]
    Busy,
    #[error("the mailbox is full")]
    OverQuota,
    /// The mail server refused; its own text, safe to show.
    #[error("the mail server refused: {0}")]
    Refused(String),
    /// Not with this folder, or not by this name.
    #[error("this cannot be done with the folder")]
    Folder(FolderProblem),
    /// Input that no form of ours sends.
    #[error("the request cannot be understood")]
    BadRequest,
    /// A fault of Posthorn's own; details are in the log only.
    #[error("internal error")]
    Internal,
    /// The browser could not reach Posthorn.
    #[error("Posthorn cannot be reached")]
    Offline,
}

impl Error {
    /// Whether the same may well go through a little later.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Busy | Self::Offline)
    }
}

impl FromServerFnError for Error {
    type Encoder = Wire;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}
