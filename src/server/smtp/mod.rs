//! Sending: from what the composer holds to what the mail server has accepted.
//!
//! [`Builder`] writes the mail once, into a nameless file, in bounded memory; [`Spooled`] reads it
//! back in three views, because the draft, the copy in Sent and what goes out differ in a few
//! private header lines; [`send`] hands it to the SMTP server and says exactly what came of it.
//!
//! | file | what |
//! |---|---|
//! | `outgoing` | the mail from its outline and its attachments |
//! | `small` | small mails of a form of their own |
//! | `attached_mail` | a mail within the mail, which must not be encoded |
//! | `header` | header values: addresses, subject, Message-IDs, file names |
//! | `flowed` | text as format=flowed (RFC 3676) |
//! | `transfer` | quoted-printable, base64, dot-stuffing |
//! | `spool` | the built mail and its views |
//! | `origin` | the relation to the original, kept in a stored draft |
//! | `client` | the SMTP dialogue |
//! | `session` | its steps, each bounded in time |
//! | `extensions` | what the server says it can |
//! | `wire` | the TLS stream that lettre and the streaming of DATA share |
//! | `reply` | what the server's replies mean |

mod attached_mail;
mod client;
mod extensions;
mod flowed;
mod header;
mod origin;
mod outgoing;
mod reply;
mod session;
mod small;
mod spool;
mod transfer;
mod wire;

pub use client::{SmtpServer, Timeouts, send, send_from_nobody};
pub use header::new_message_id;
pub use origin::{ORIGIN_HEADER, parse_origin};
pub use outgoing::{BuildError, Builder, Outline};
pub use reply::SendError;
pub use small::{Frame, SmallPart, small};
pub use spool::{Spooled, View};

/// A length as the 64-bit count that the limits are in.
fn octets(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
