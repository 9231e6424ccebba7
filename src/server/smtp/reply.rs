//! What the server's replies mean for the person: at which step a code came decides, not the code
//! alone. The server's own words are kept for showing, cleaned and bounded.

use crate::model::{self, Problem};
use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::response::Response;
use std::error::Error as _;

/// The server's words are cut after so many characters.
const LONGEST_LINE: usize = 500;

/// Why a mail was not sent, or may not have been. Unless it is `Uncertain`, nothing was sent.
///
/// The lines are the server's own, `550 5.7.1 …`, in one line of at most 500 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("there is no recipient")]
    NoRecipient,
    #[error("an address is not valid")]
    BadAddress(String),
    /// No connection, no trust in it, or it broke or stalled before the mail was handed over.
    #[error("the sending server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the sending server refused the sign-in")]
    Authentication(String),
    #[error("the sending server refused the sender")]
    Sender(String),
    /// Each refused recipient with the server's line.
    #[error("the sending server refused {} recipients", .0.len())]
    Recipients(Vec<(String, String)>),
    #[error("the mail is larger than the {limit} octets that the sending server takes")]
    TooLarge { limit: u64 },
    #[error("the sending server refused the mail")]
    Refused(String),
    #[error("the sending server asks to try again later")]
    TryLater(String),
    /// The connection broke after the mail's end was sent and before the server answered.
    #[error("the sending server did not confirm the mail")]
    Uncertain,
    /// The built mail could not be read.
    #[error("cannot read the spooled mail: {0}")]
    Spool(String),
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoRecipient => Self::NoRecipient,
            SendError::BadAddress(address) => Self::BadAddress(address),
            SendError::Unreachable(_) => Self::Unreachable,
            SendError::Authentication(line) => Self::AuthenticationRefused(line),
            SendError::Sender(line) => Self::SenderRefused(line),
            SendError::Recipients(refused) => Self::RecipientsRefused(refused),
            SendError::TooLarge { limit } => Self::TooLarge { limit },
            SendError::Refused(line) => Self::MailRefused(line),
            SendError::TryLater(line) => Self::TryLater(line),
            SendError::Uncertain => Self::Uncertain,
            SendError::Spool(_) => Self::Mailbox(model::Error::Internal),
        }
    }
}

/// What went wrong at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server said no.
    Reply(Reply),
    /// The connection is gone, stalls, or speaks no SMTP.
    Lost(String),
}

/// A negative reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) line: String,
}

impl Reply {
    pub(super) fn temporary(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// The server is closing the connection (RFC 5321, section 4.2.2).
    pub(super) fn closing(&self) -> bool {
        self.code == 421
    }

    /// The enhanced status code (RFC 3463), or nothing.
    fn enhanced(&self) -> &str {
        let word = self.line.split(' ').nth(1).unwrap_or_default();
        let numbers = word
            .split('.')
            .filter(|number| number.parse::<u16>().is_ok())
            .count();
        if numbers == 3 { word } else { "" }
    }

    /// Whether it is the size that was refused. 552 alone may be a full mailbox (RFC 3463: X.2.2).
    pub(super) fn about_size(&self) -> bool {
        match self.enhanced() {
            "" => self.code == 552,
            enhanced => matches!(enhanced, "5.3.4" | "5.2.3"),
        }
    }

    /// Whether the sender is what was refused, although the answer came to a recipient: Postfix
    /// puts all its refusals off until then (`smtpd_delay_reject`).
    pub(super) fn about_sender(&self) -> bool {
        matches!(self.enhanced(), "5.1.7" | "5.1.8" | "4.1.7" | "4.1.8")
            || self
                .line
                .to_ascii_lowercase()
                .contains("sender address rejected")
    }
}

impl Fault {
    pub(super) fn lost(what: &str) -> Self {
        Self::Lost(what.to_owned())
    }

    /// For the steps where no other meaning is known.
    pub(super) fn or(self, permanent: impl FnOnce(String) -> SendError) -> SendError {
        match self {
            Self::Reply(reply) if reply.temporary() => SendError::TryLater(reply.line),
            Self::Reply(reply) => permanent(reply.line),
            Self::Lost(what) => SendError::Unreachable(what),
        }
    }
}

impl From<LettreError> for Fault {
    fn from(error: LettreError) -> Self {
        let text = || error.source().map(ToString::to_string).unwrap_or_default();
        match error.status() {
            Some(code) => {
                let code = u16::from(code);
                Self::Reply(Reply {
                    code,
                    line: plain_line(&format!("{code} {}", text())),
                })
            }
            None if error.is_response() => Self::lost("the server's reply is not SMTP"),
            None => Self::Lost(plain_line(&text())),
        }
    }
}

/// `response` if its code is in `codes`.
pub(super) fn expect(
    response: Response,
    codes: std::ops::RangeInclusive<u16>,
) -> Result<Response, Fault> {
    if codes.contains(&u16::from(response.code())) {
        Ok(response)
    } else {
        Err(Fault::lost("the server's reply does not fit the command"))
    }
}

/// Text of a stranger as one harmless line: no control characters, none that turn the direction
/// of writing, not too long.
fn plain_line(text: &str) -> String {
    let turning = |character: char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let cleaned: String = text
        .replace(char::is_control, " ")
        .chars()
        .filter(|character| !turning(*character))
        .collect();
    let words: Vec<&str> = cleaned.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> Reply {
        let code = line.split(' ').next().unwrap().parse().unwrap();
        Reply {
            code,
            line: line.to_owned(),
        }
    }

    #[test]
    fn a_line_is_harmless_and_bounded() {
        assert_eq!(
            plain_line("550  5.7.1\r\n\u{1b}[31mrelay\u{202e} not\0permitted "),
            "550 5.7.1 [31mrelay not permitted"
        );
        assert_eq!(plain_line(&"ü".repeat(2000)).chars().count(), 500);
    }

    #[test]
    fn size_and_sender_are_told_from_the_rest() {
        assert!(reply("552 Too much mail data").about_size());
        assert!(reply("552 5.3.4 Message size exceeds fixed limit").about_size());
        assert!(!reply("552 5.2.2 Mailbox full").about_size());
        assert!(!reply("550 5.7.1 no").about_size());
        assert!(
            reply("553 5.7.1 <a@b>: Sender address rejected: not owned by user c").about_sender()
        );
        assert!(!reply("550 5.1.1 <a@b>: Recipient address rejected").about_sender());
    }

    #[test]
    fn a_fault_becomes_what_the_person_is_told() {
        let later = Fault::Reply(reply("451 4.3.0 later")).or(SendError::Refused);
        assert_eq!(later, SendError::TryLater("451 4.3.0 later".to_owned()));
        let refused = Fault::Reply(reply("554 5.7.1 spam")).or(SendError::Refused);
        assert_eq!(
            Problem::from(refused),
            Problem::MailRefused("554 5.7.1 spam".to_owned())
        );
        assert_eq!(
            Problem::from(Fault::lost("gone").or(SendError::Refused)),
            Problem::Unreachable
        );
        assert_eq!(Problem::from(SendError::Uncertain), Problem::Uncertain);
    }
}
