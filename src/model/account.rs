//! Who is signed in, and what can go wrong on the way there.

use serde::{Deserialize, Serialize};

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The e-mail address that signed in.
    pub address: String,
    /// Largest message the server takes, in octets, attachments encoded.
    pub message_limit: u64,
}

/// Why signing in failed. Each has its own sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInProblem {
    /// The address is no address.
    BadAddress,
    /// A field is empty, too long, or has control characters.
    BadInput,
    /// The mail server refused address and password.
    WrongPassword,
    /// No mail server is known for the domain.
    UnknownDomain(String),
    /// No connection to the mail server.
    Unreachable,
    /// The mail server's certificate is not trusted.
    CertificateNotTrusted,
    /// Too many attempts; seconds to wait.
    Throttled(u32),
    /// The mail server says no for another reason: too many connections, maintenance.
    Unavailable,
}

/// What became of an attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInOutcome {
    /// Signed in; where to go now, a local path.
    SignedIn {
        next: String,
        account: Account,
    },
    Refused {
        problem: SignInProblem,
    },
}
