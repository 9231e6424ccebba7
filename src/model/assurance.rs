//! What is known about who a mail is from: what the receiving mail server found out, and what looks
//! like a deceit. Only told, never decided upon: the reader is a person.

use serde::{Deserialize, Serialize};

/// What can be said about a mail's sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assurance {
    pub verdict: Verdict,
    /// The domain the reader sees, that of the one From address; empty where there is none.
    pub domain: String,
    /// What the trusted server checked, in the order DMARC, DKIM, SPF.
    pub checks: Vec<Check>,
    pub warnings: Vec<Warning>,
}

/// What the checks come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// No server that is trusted said anything.
    #[default]
    Unknown,
    /// It was looked at, and nothing was proved.
    Unproved,
    /// The mail comes from the domain that its From names.
    Confirmed,
    /// That domain says that the mail is not its own (DMARC, RFC 7489).
    Refuted,
}

/// One check of the receiving server (RFC 8601).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub method: Method,
    pub outcome: Outcome,
    /// The domain it is about, as the server names it; may be empty.
    pub domain: String,
    /// Whether that domain is the sender's.
    pub aligned: bool,
}

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    Dmarc,
    Dkim,
    Spf,
}

/// How it went, as far as a person wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Passed,
    Failed,
    /// Neither proved nor refuted.
    Open,
    /// There was nothing to check.
    Missing,
    /// It could not be checked.
    Error,
}

/// Something that looks like a deceit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// The name carries an address or a site, this one, that is not the sender's.
    BorrowedName(String),
    /// The sender's domain, first as it is and then as it looks.
    LookAlikeDomain { real: String, looks: String },
    /// The sender's address looks like this one, and is another.
    Resembles(String),
}

impl Assurance {
    /// The domain that signed the mail, where one did.
    pub fn signed_by(&self) -> Option<&str> {
        self.passed(Method::Dkim)
    }

    /// The domain whose server handed the mail in, where that was proved.
    pub fn sent_by(&self) -> Option<&str> {
        self.passed(Method::Spf)
    }

    fn passed(&self, method: Method) -> Option<&str> {
        self.checks
            .iter()
            .find(|check| check.method == method && check.outcome == Outcome::Passed)
            .map(|check| check.domain.as_str())
            .filter(|domain| !domain.is_empty())
    }
}
