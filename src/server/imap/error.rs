//! What a mail server can refuse and how a connection can fail, told apart once: by the response
//! code (RFC 9051, section 7.1) where there is one, and never by the server's prose.

use crate::model::{self, FolderProblem};
use crate::server::tls::ConnectError;

/// A response code of a status response. Those that Posthorn acts on are named, all others keep
/// their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    Alert,
    AlreadyExists,
    AppendUid {
        uid_validity: u32,
        uids: Vec<u32>,
    },
    AuthenticationFailed,
    AuthorizationFailed,
    Cannot,
    Capability(Vec<String>),
    ContactAdmin,
    CopyUid {
        uid_validity: u32,
        from: Vec<u32>,
        to: Vec<u32>,
    },
    Expired,
    ExpungeIssued,
    HighestModSeq(u64),
    InUse,
    Limit,
    NoPerm,
    NonExistent,
    OverQuota,
    PermanentFlags(Vec<String>),
    PrivacyRequired,
    ReadOnly,
    ReadWrite,
    TooBig,
    TryCreate,
    UidNext(u32),
    UidNotSticky,
    UidValidity(u32),
    Unavailable,
    Unseen(u32),
    /// Any other code, as the server wrote it.
    Other(String),
}

impl Code {
    /// A code without arguments that the parser does not know; its name is case-insensitive.
    pub fn from_text(text: &str) -> Self {
        let name = text
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match name.as_str() {
            "ALERT" => Self::Alert,
            "ALREADYEXISTS" => Self::AlreadyExists,
            "AUTHENTICATIONFAILED" => Self::AuthenticationFailed,
            "AUTHORIZATIONFAILED" => Self::AuthorizationFailed,
            "CANNOT" => Self::Cannot,
            "CONTACTADMIN" => Self::ContactAdmin,
            "EXPIRED" => Self::Expired,
            "EXPUNGEISSUED" => Self::ExpungeIssued,
            "INUSE" => Self::InUse,
            "LIMIT" => Self::Limit,
            "NOPERM" => Self::NoPerm,
            "NONEXISTENT" => Self::NonExistent,
            "OVERQUOTA" => Self::OverQuota,
            "PRIVACYREQUIRED" => Self::PrivacyRequired,
            "TOOBIG" => Self::TooBig,
            "TRYCREATE" => Self::TryCreate,
            "UNAVAILABLE" => Self::Unavailable,
            _ => Self::Other(text.to_owned()),
        }
    }
}

/// Why an operation did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImapError {
    /// The folder is not there, cannot be opened, or its name cannot exist.
    #[error("no such folder")]
    NoFolder,
    #[error("no such message")]
    NoMessage,
    /// UIDVALIDITY is another than the caller's: its UIDs mean other messages now.
    #[error("UIDVALIDITY has changed")]
    FolderChanged,
    /// The password is refused; the engine has ended.
    #[error("the server refuses the password")]
    AuthenticationFailed,
    /// No connection, or it broke; the reason is for the log.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// An answer, or a free connection, did not come in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// LIMIT, UNAVAILABLE or INUSE: later perhaps.
    #[error("the server is busy")]
    Busy,
    #[error("the mailbox is full")]
    OverQuota,
    /// NO or BAD for any other reason, in the server's words.
    #[error("the server refused")]
    Refused { code: Option<Code>, text: String },
    /// What came is not IMAP, or more than was bargained for.
    #[error("the server's answer cannot be understood: {0}")]
    Protocol(String),
    /// What was to be sent cannot be said in IMAP, such as a flag with a line break.
    #[error("this cannot be asked of a mail server")]
    BadInput,
    /// Not with this folder, or not by this name.
    #[error("this cannot be done with the folder")]
    Folder(FolderProblem),
    /// What was to be sent to the server could not be read to its end.
    #[error("what was to be stored could not be read: {0}")]
    Source(String),
}

impl ImapError {
    /// NO or BAD as an error, by its code.
    pub(super) fn refused(code: Option<Code>, text: &str) -> Self {
        match code {
            Some(Code::NonExistent) => Self::NoFolder,
            Some(Code::ExpungeIssued) => Self::NoMessage,
            Some(Code::AuthenticationFailed) => Self::AuthenticationFailed,
            Some(Code::Limit | Code::Unavailable | Code::InUse) => Self::Busy,
            Some(Code::OverQuota) => Self::OverQuota,
            code => Self::Refused {
                code,
                text: presentable(text),
            },
        }
    }

    /// Whether the connection, not the server's will, is to blame: an idempotent command may be
    /// tried once more on a fresh one.
    pub(super) fn is_broken_connection(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// Whether the server refused with this code.
    pub(super) fn has_code(&self, wanted: &Code) -> bool {
        matches!(self, Self::Refused { code: Some(code), .. } if code == wanted)
    }
}

/// The server's words, fit to be shown: one line, bounded.
fn presentable(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(300)
        .collect()
}

impl From<ConnectError> for ImapError {
    fn from(error: ConnectError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl From<ImapError> for model::Error {
    fn from(error: ImapError) -> Self {
        match error {
            ImapError::NoFolder => Self::NoFolder,
            ImapError::NoMessage => Self::NoMessage,
            ImapError::FolderChanged => Self::FolderChanged,
            ImapError::AuthenticationFailed => Self::PasswordRefused,
            // A server that talks nonsense is for people the same as one that is not there.
            ImapError::Unreachable(_) | ImapError::TimedOut | ImapError::Protocol(_) => {
                Self::Unreachable
            }
            ImapError::Busy => Self::Busy,
            ImapError::OverQuota => Self::OverQuota,
            ImapError::Refused { text, .. } => Self::Refused(text),
            ImapError::BadInput => Self::BadRequest,
            ImapError::Folder(problem) => Self::Folder(problem),
            ImapError::Source(_) => Self::Internal,
        }
    }
}

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    #[error("the server refuses address and password")]
    WrongPassword,
    /// No connection; the reason is for the log.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the server's certificate is not trusted: {0}")]
    CertificateNotTrusted(String),
    /// The connection was there, and broke or told nothing in time: what became of the password is
    /// not known.
    #[error("the server did not finish: {0}")]
    Interrupted(String),
    /// The server is there and will not have it for another reason, which is for the log.
    #[error("the server is not available: {0}")]
    Unavailable(String),
}

impl From<ConnectError> for SignInError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Unreachable(reason) => Self::Unreachable(reason),
            ConnectError::CertificateNotTrusted(reason) => Self::CertificateNotTrusted(reason),
        }
    }
}

impl From<ImapError> for SignInError {
    fn from(error: ImapError) -> Self {
        match error {
            ImapError::AuthenticationFailed => Self::WrongPassword,
            ImapError::Unreachable(reason) => Self::Interrupted(reason),
            ImapError::TimedOut => Self::Interrupted("no answer in time".to_owned()),
            ImapError::Refused { text, .. } => Self::Unavailable(text),
            error => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<SignInError> for ImapError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongPassword => Self::AuthenticationFailed,
            SignInError::Unreachable(reason)
            | SignInError::CertificateNotTrusted(reason)
            | SignInError::Interrupted(reason) => Self::Unreachable(reason),
            SignInError::Unavailable(_) => Self::Busy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide() {
        let of = |code: &str| ImapError::refused(Some(Code::from_text(code)), "text");
        assert_eq!(of("nonexistent"), ImapError::NoFolder);
        assert_eq!(of("LIMIT"), ImapError::Busy);
        assert_eq!(of("INUSE"), ImapError::Busy);
        assert_eq!(of("OVERQUOTA"), ImapError::OverQuota);
        assert_eq!(of("AUTHENTICATIONFAILED"), ImapError::AuthenticationFailed);
        assert!(of("CANNOT").has_code(&Code::Cannot));
        assert!(of("X-NEW 7").has_code(&Code::Other("X-NEW 7".to_owned())));
    }

    #[test]
    fn the_servers_words_are_one_bounded_line() {
        let ImapError::Refused { text, .. } =
            ImapError::refused(None, &"a\u{1b}[2J\r\n".repeat(200))
        else {
            panic!("not refused")
        };
        assert_eq!(text.chars().count(), 300);
        assert!(!text.chars().any(char::is_control));
    }
}
