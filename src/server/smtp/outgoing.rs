//! From an outline and a stream of attachments to a mail in a file, once and in bounded memory.
//!
//! The body is written as it comes; the header, which depends on whether attachments come at all,
//! is kept until the end and stands before the file when the mail is read.

use super::attached_mail::{AttachedMail, Form};
use super::header;
use super::origin::{ORIGIN_HEADER, format_origin};
use super::spool::{PIECE, Spooled, temporary};
use super::transfer::{Base64Lines, plain, quoted_printable};
use super::{flowed, octets};
use crate::model::{self, Address, Origin};
use lettre::message::header::{HeaderName, HeaderValue, Headers};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// What the composer knows about a mail, attachments aside.
#[derive(Clone)]
pub struct Outline {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub subject: String,
    /// Plain text; any line ends.
    pub text: String,
    /// Without angle brackets; see [`super::new_message_id`].
    pub message_id: String,
    /// Message-IDs without angle brackets.
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub date: SystemTime,
    /// The program's name and version, or empty.
    pub user_agent: String,
    /// Kept in the draft only.
    pub origin: Option<Origin>,
}

impl std::fmt::Debug for Outline {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outline").finish_non_exhaustive()
    }
}

/// Why a mail could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It is larger than this many octets, encoded.
    #[error("the mail is larger than {limit} octets")]
    TooLarge { limit: u64 },
    /// No address; what was given.
    #[error("an address is not valid")]
    BadAddress(String),
    /// A value that no form of ours sends; which.
    #[error("bad input: {0}")]
    BadInput(&'static str),
    /// The file could not be written.
    #[error("cannot spool the mail: {0}")]
    Io(String),
}

impl From<std::io::Error> for BuildError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<BuildError> for model::Problem {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::TooLarge { limit } => Self::TooLarge { limit },
            BuildError::BadAddress(address) => Self::BadAddress(address),
            BuildError::BadInput(_) => Self::Mailbox(model::Error::BadRequest),
            BuildError::Io(_) => Self::Mailbox(model::Error::Internal),
        }
    }
}

/// The attachment that is being written.
enum Part {
    Base64(Base64Lines),
    Message(AttachedMail),
}

/// Builds one mail.
pub struct Builder {
    limit: u64,
    directory: PathBuf,
    origin: String,
    bcc: String,
    /// The fields of the header that do not depend on the attachments.
    fields: String,
    text_fields: &'static str,
    boundary: String,
    file: File,
    out: Vec<u8>,
    /// Octets of [`Self::head`].
    head: u64,
    /// Octets of the body so far.
    body: u64,
    part: Option<Part>,
    attachments: u32,
    eight_bit: bool,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("octets", &self.octets())
            .field("attachments", &self.attachments)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Starts a mail of at most `limit` octets (encoded, as it goes out) in a nameless file in
    /// `directory`, and writes header and text.
    pub async fn start(outline: Outline, limit: u64, directory: &Path) -> Result<Self, BuildError> {
        let (origin, bcc, fields) = fields(&outline)?;
        let text = outline.text.replace('\0', "\u{fffd}");
        let seven_bit = flowed::flow(&text).all(|line| plain(&line));
        let mut builder = Self {
            limit,
            directory: directory.to_path_buf(),
            origin,
            bcc,
            fields,
            text_fields: if seven_bit {
                TEXT_7BIT
            } else {
                TEXT_QUOTED_PRINTABLE
            },
            // "=_" is in no line of quoted-printable and of base64 (RFC 2045, section 6.7).
            boundary: format!("=_{:032x}", rand::random::<u128>()),
            file: temporary(directory).await?,
            out: Vec::with_capacity(PIECE + 1024),
            head: 0,
            body: 0,
            part: None,
            attachments: 0,
            eight_bit: false,
        };
        builder.head = octets(builder.head().len());
        builder.check()?;
        for line in flowed::flow(&text) {
            if seven_bit {
                builder.out.extend_from_slice(line.as_bytes());
            } else {
                quoted_printable(&line, &mut builder.out);
            }
            builder.out.extend_from_slice(b"\r\n");
            builder.drain(PIECE).await?;
        }
        Ok(builder)
    }

    /// Octets of the mail so far, as it would go out.
    pub fn octets(&self) -> u64 {
        let staged = match &self.part {
            Some(Part::Message(mail)) => mail.octets(),
            _ => 0,
        };
        self.head
            .saturating_add(self.body)
            .saturating_add(octets(self.out.len()))
            .saturating_add(staged)
    }

    /// Begins an attachment; one that is still open ends.
    pub async fn begin_attachment(&mut self, name: &str, mime: &str) -> Result<(), BuildError> {
        self.end_attachment().await?;
        self.attachments = self.attachments.saturating_add(1);
        self.head = octets(self.head().len());
        let (name, mime) = (header::file_name(name), header::mime_type(mime));
        if mime == "message/rfc822" {
            let mail = AttachedMail::new(name, &self.directory).await?;
            self.part = Some(Part::Message(mail));
        } else {
            self.delimit(&header::attachment(&mime, &name, "base64"));
            self.part = Some(Part::Base64(Base64Lines::default()));
        }
        self.check()
    }

    /// Adds a piece, of any size, to the attachment that was begun.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BuildError> {
        for piece in piece.chunks(PIECE) {
            match &mut self.part {
                None => return Err(BuildError::BadInput("no attachment was begun")),
                Some(Part::Base64(lines)) => lines.write(piece, &mut self.out),
                Some(Part::Message(mail)) => mail.write(piece).await?,
            }
            self.drain(PIECE).await?;
        }
        Ok(())
    }

    /// Ends the attachment, if one is open.
    pub async fn end_attachment(&mut self) -> Result<(), BuildError> {
        match self.part.take() {
            None => {}
            Some(Part::Base64(lines)) => lines.finish(&mut self.out),
            Some(Part::Message(mail)) => self.end_message(mail).await?,
        }
        self.drain(PIECE).await
    }

    /// Ends the mail.
    pub async fn finish(mut self) -> Result<Spooled, BuildError> {
        self.end_attachment().await?;
        if self.attachments > 0 {
            self.out
                .extend_from_slice(format!("\r\n--{}--\r\n", self.boundary).as_bytes());
        }
        self.drain(0).await?;
        self.file.flush().await?;
        let head = self.head();
        Ok(Spooled {
            utf8_header: !head.is_ascii(),
            head,
            origin: self.origin,
            bcc: self.bcc,
            file: Arc::new(self.file.into_std().await),
            body: self.body,
            eight_bit: self.eight_bit,
        })
    }

    /// The header as it is by now, and what stands before the text.
    fn head(&self) -> String {
        let (fields, text) = (&self.fields, self.text_fields);
        if self.attachments == 0 {
            return format!("{fields}{text}");
        }
        let boundary = &self.boundary;
        // Of a multipart the encoding is the widest of its parts' (RFC 2045, section 6.4).
        let encoding = if self.eight_bit { "8bit" } else { "7bit" };
        format!(
            "{fields}Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n--{boundary}\r\n{text}"
        )
    }

    fn delimit(&mut self, fields: &str) {
        self.out
            .extend_from_slice(format!("\r\n--{}\r\n{fields}", self.boundary).as_bytes());
    }

    async fn end_message(&mut self, mail: AttachedMail) -> Result<(), BuildError> {
        let name = mail.name.clone();
        let (form, mut pieces) = mail.finish().await?;
        self.eight_bit |= form == Form::EightBit;
        self.delimit(&match form {
            Form::SevenBit => header::attachment("message/rfc822", &name, "7bit"),
            Form::EightBit => header::attachment("message/rfc822", &name, "8bit"),
            Form::File => header::attachment("application/octet-stream", &name, "base64"),
        });
        let mut lines = Base64Lines::default();
        while let Some(piece) = pieces.next().await? {
            if form == Form::File {
                lines.write(&piece, &mut self.out);
            } else {
                self.out.extend_from_slice(&piece);
            }
            self.drain(PIECE).await?;
        }
        lines.finish(&mut self.out);
        Ok(())
    }

    /// Writes what was gathered, if it is at least `enough`, and holds the limit.
    async fn drain(&mut self, enough: usize) -> Result<(), BuildError> {
        self.check()?;
        if self.out.len() >= enough && !self.out.is_empty() {
            self.file.write_all(&self.out).await?;
            self.body = self.body.saturating_add(octets(self.out.len()));
            self.out.clear();
        }
        Ok(())
    }

    fn check(&self) -> Result<(), BuildError> {
        if self.octets() > self.limit {
            return Err(BuildError::TooLarge { limit: self.limit });
        }
        Ok(())
    }
}

const TEXT_7BIT: &str = "Content-Type: text/plain; charset=utf-8; format=flowed\r\n\
                         Content-Transfer-Encoding: 7bit\r\n\r\n";
const TEXT_QUOTED_PRINTABLE: &str = "Content-Type: text/plain; charset=utf-8; format=flowed\r\n\
                                     Content-Transfer-Encoding: quoted-printable\r\n\r\n";

/// The fields of the header: the draft's own, Bcc, and all others.
pub(super) fn fields(outline: &Outline) -> Result<(String, String, String), BuildError> {
    let mut origin = Headers::new();
    if let Some(value) = outline.origin.as_ref().map(format_origin) {
        let name = HeaderName::new_from_ascii_str(ORIGIN_HEADER);
        origin.insert_raw(HeaderValue::dangerous_new_pre_encoded(
            name,
            value.clone(),
            value,
        ));
    }
    let mut bcc = Headers::new();
    if let Some(value) = header::addresses("Bcc", &outline.bcc)? {
        bcc.insert_raw(value);
    }
    if !header::is_message_id(&outline.message_id) {
        return Err(BuildError::BadInput("the Message-ID"));
    }
    let mut headers = Headers::new();
    header::date(&mut headers, outline.date);
    for (field, list) in [
        ("From", std::slice::from_ref(&outline.from)),
        ("To", outline.to.as_slice()),
        ("Cc", outline.cc.as_slice()),
    ] {
        if let Some(value) = header::addresses(field, list)? {
            headers.insert_raw(value);
        }
    }
    header::subject(&mut headers, &outline.subject);
    header::message_ids(
        &mut headers,
        "Message-ID",
        std::slice::from_ref(&outline.message_id),
    );
    header::message_ids(&mut headers, "In-Reply-To", &outline.in_reply_to);
    header::message_ids(&mut headers, "References", &outline.references);
    header::user_agent(&mut headers, &outline.user_agent);
    Ok((
        origin.to_string(),
        bcc.to_string(),
        format!("{headers}MIME-Version: 1.0\r\n"),
    ))
}

#[cfg(test)]
#[path = "attachment_tests.rs"]
mod attachment_tests;
#[cfg(test)]
#[path = "header_tests.rs"]
mod header_tests;
#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
