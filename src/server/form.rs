//! Reading the composer's form as it comes in: text into a draft, files into the mail that is
//! being built. The text fields stand before the files, so the mail can begin with the first.

use super::caller::engine_of;
use super::download::decoded;
use super::imap::{Engine, ImapError, RawMessage};
use super::metered::{Meter, metered};
use super::reading::encoding_of;
use super::smtp::{BuildError, Builder, Outline, Spooled};
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::address;
use crate::model::{Address, Attachment, Draft, DraftAttachment, Error, Problem};
use axum::extract::Request;
use axum::http::header;
use futures_util::StreamExt;
use multer::{Field, Multipart};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Octets of one text field, of the message's text, and fields in all.
const FIELD_LIMIT: usize = 128 << 10;
const TEXT_LIMIT: usize = 1 << 20;
const FIELDS_LIMIT: usize = 2_000;
/// Octets of all text fields together, and attachments that are kept.
const TEXTS_LIMIT: usize = 3 << 20;
const KEPT_LIMIT: usize = 500;
/// Octets that are read and thrown away at most, so that the browser gets to read an answer
/// instead of a broken connection.
const DRAIN_FACTOR: u64 = 4;
/// Forms of people who are not signed in that are read at a time, since anybody can send them and
/// each holds its texts; and how long one may take. A session that ended meanwhile is rare.
static STRANGERS: Semaphore = Semaphore::const_new(32);
const STRANGERS_TIME: Duration = Duration::from_mins(5);

/// The form, read to its end.
#[derive(Debug, Default)]
pub struct Form {
    /// As typed.
    pub draft: Draft,
    /// The mail; `None` where nobody is signed in or it could not be built.
    pub built: Option<Built>,
    /// Whether files came with the form.
    pub uploads: bool,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

/// A mail ready to go.
#[derive(Clone, Debug)]
pub struct Built {
    pub mail: Arc<Spooled>,
    /// Addresses of To, Cc and Bcc, each once.
    pub recipients: Vec<String>,
    /// Tells mails with other files apart.
    pub files: u64,
}

/// Reads a form. The error is for what is no form of ours.
///
/// `build`: whether a mail is to come of it.
pub async fn read(
    state: &AppState,
    visitor: &Visitor,
    request: Request,
    build: bool,
) -> Result<Form, Error> {
    let boundary = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok())
        .ok_or(Error::BadRequest)?;
    if visitor.session.is_some() {
        return read_parts(state, visitor, request, &boundary, build).await;
    }
    // The text comes back to somebody whose session has ended.
    let _place = STRANGERS.try_acquire().map_err(|_| Error::Busy)?;
    let reading = read_parts(state, visitor, request, &boundary, build);
    let read = timeout(STRANGERS_TIME, reading).await;
    read.unwrap_or(Err(Error::BadRequest))
}

async fn read_parts(
    state: &AppState,
    visitor: &Visitor,
    request: Request,
    boundary: &str,
    build: bool,
) -> Result<Form, Error> {
    let limit = state.config.message_limit.saturating_mul(DRAIN_FACTOR);
    let octets = request.into_body().into_data_stream();
    let (octets, meter) = metered(octets, limit, boundary);
    let mut parts = Multipart::new(octets, boundary);
    let mut reader = Reader {
        state,
        visitor,
        form: Form::default(),
        // A mail that is not to be built counts as begun.
        begun: !build,
        texts: TEXTS_LIMIT,
        builder: None,
        recipients: Vec::new(),
        files: DefaultHasher::new(),
        meter,
    };
    let mut fields = 0;
    // A body that breaks off here is a browser that has gone.
    while let Some(field) = parts.next_field().await.map_err(|_| Error::BadRequest)? {
        fields += 1;
        if fields > FIELDS_LIMIT {
            return Err(Error::BadRequest);
        }
        reader.field(field).await?;
    }
    reader.finish().await
}

struct Reader<'a> {
    state: &'a AppState,
    visitor: &'a Visitor,
    form: Form,
    begun: bool,
    /// Octets of text that are still taken.
    texts: usize,
    builder: Option<Builder>,
    recipients: Vec<String>,
    files: DefaultHasher,
    meter: Meter,
}

impl Reader<'_> {
    async fn field(&mut self, mut field: Field<'_>) -> Result<(), Error> {
        self.meter.head(&field);
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            return self.file(field).await;
        }
        let limit = if name == "text" {
            TEXT_LIMIT
        } else {
            FIELD_LIMIT
        };
        let limit = limit.min(self.texts);
        let mut octets = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| Error::BadRequest)? {
            self.meter.taken(piece.len());
            let room = limit - octets.len();
            // What does not fit is cut off at the end, never in the middle.
            octets.extend(piece.iter().take(room));
            if piece.len() > room {
                self.complain(Problem::TooLarge {
                    limit: u64::try_from(limit).unwrap_or(0),
                });
            }
        }
        self.texts -= octets.len();
        let value = String::from_utf8_lossy(&octets).replace("\r\n", "\n");
        self.set(&name, value);
        Ok(())
    }

    fn set(&mut self, name: &str, value: String) {
        let draft = &mut self.form.draft;
        let ids = |value: &str| value.split_whitespace().map(str::to_owned).collect();
        match name {
            "to" => draft.to = value,
            "cc" => draft.cc = value,
            "bcc" => draft.bcc = value,
            "subject" => draft.subject = value,
            "text" => draft.text = value,
            "message_id" => draft.message_id = value,
            "in_reply_to" => draft.in_reply_to = ids(&value),
            "references" => draft.references = ids(&value),
            "origin" => draft.origin = serde_json::from_str(&value).ok(),
            "stored" => draft.stored = serde_json::from_str(&value).ok(),
            "keep" => {
                if draft.attachments.len() < KEPT_LIMIT
                    && let Ok(attachment) = serde_json::from_str::<DraftAttachment>(&value)
                {
                    draft.attachments.push(attachment);
                }
            }
            _ => {}
        }
    }

    async fn file(&mut self, mut field: Field<'_>) -> Result<(), Error> {
        let name = field.file_name().unwrap_or_default().to_owned();
        // A file box left empty comes as a file without a name.
        let wanted = !name.is_empty() && self.visitor.session.is_some();
        if wanted {
            self.form.uploads = true;
            name.hash(&mut self.files);
            self.begin().await;
            let kind = field
                .content_type()
                .map(ToString::to_string)
                .unwrap_or_default();
            if let Some(builder) = &mut self.builder {
                let begun = builder.begin_attachment(&name, &kind).await;
                self.check(begun);
            }
        }
        while let Some(piece) = field.chunk().await.map_err(|_| Error::BadRequest)? {
            self.meter.taken(piece.len());
            if let Some(builder) = self.builder.as_mut().filter(|_| wanted) {
                self.files.write(&piece);
                let written = builder.write(&piece).await;
                self.check(written);
            }
        }
        Ok(())
    }

    /// Begins the mail, and takes over the attachments it already has.
    async fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let Some(session) = &self.visitor.session else {
            return;
        };
        let draft = &self.form.draft;
        let mut problem = None;
        let mut list = |text: &str| {
            address::parse_list(text).unwrap_or_else(|bad| {
                problem.get_or_insert(Problem::BadAddress(bad.0));
                Vec::new()
            })
        };
        let (to, cc, bcc) = (list(&draft.to), list(&draft.cc), list(&draft.bcc));
        let mut recipients: Vec<String> = Vec::new();
        for address in [&to, &cc, &bcc].into_iter().flatten() {
            if !recipients.contains(&address.addr) {
                recipients.push(address.addr.clone());
            }
        }
        let limit = self.state.config.max_recipients;
        if u32::try_from(recipients.len()).is_ok_and(|count| count > limit) {
            problem.get_or_insert(Problem::TooManyRecipients { limit });
        }
        let outline = Outline {
            from: Address {
                name: None,
                addr: session.user.clone(),
            },
            to,
            cc,
            bcc,
            subject: draft.subject.clone(),
            text: draft.text.clone(),
            message_id: draft.message_id.clone(),
            in_reply_to: draft.in_reply_to.clone(),
            references: draft.references.clone(),
            date: SystemTime::now(),
            user_agent: concat!("Posthorn/", env!("CARGO_PKG_VERSION")).to_owned(),
            origin: draft.origin.clone(),
        };
        let kept = draft.attachments.clone();
        self.recipients = recipients;
        if let Some(problem) = problem {
            self.complain(problem);
        }
        let directory = std::env::temp_dir();
        match Builder::start(outline, self.state.config.message_limit, &directory).await {
            Ok(builder) => self.builder = Some(builder),
            Err(error) => self.complain(error.into()),
        }
        for attachment in &kept {
            self.take_over(attachment).await;
        }
    }

    /// An attachment that is at the mail server already.
    async fn take_over(&mut self, attachment: &DraftAttachment) {
        let Some(builder) = &mut self.builder else {
            return;
        };
        let copied = copy(
            self.state,
            self.visitor,
            &self.form.draft,
            attachment,
            builder,
        )
        .await;
        match copied {
            Ok(built) => self.check(built),
            Err(Error::NoMessage | Error::NoFolder | Error::FolderChanged) => {
                self.complain(Problem::AttachmentGone(attachment.name.clone()));
            }
            Err(error) => self.complain(Problem::Mailbox(error)),
        }
    }

    /// A mail that cannot be built is given up; the rest of the form is read all the same.
    fn check(&mut self, built: Result<(), BuildError>) {
        if let Err(error) = built {
            if let BuildError::Io(reason) = &error {
                tracing::error!(reason, "a mail could not be spooled");
            }
            self.builder = None;
            self.complain(error.into());
        }
    }

    /// The first problem is the one that is told.
    fn complain(&mut self, problem: Problem) {
        self.form.problem.get_or_insert(problem);
    }

    async fn finish(mut self) -> Result<Form, Error> {
        self.begin().await;
        if let Some(builder) = self.builder.take() {
            match builder.finish().await {
                Ok(mail) => {
                    let mail = Arc::new(mail);
                    self.form.built = Some(Built {
                        mail,
                        recipients: self.recipients,
                        files: self.files.finish(),
                    });
                }
                Err(error) => {
                    self.form.problem.get_or_insert(error.into());
                }
            }
        }
        Ok(self.form)
    }
}

async fn copy(
    state: &AppState,
    visitor: &Visitor,
    draft: &Draft,
    attachment: &DraftAttachment,
    builder: &mut Builder,
) -> Result<Result<(), BuildError>, Error> {
    let engine = engine_of(state, visitor).await?;
    let DraftAttachment {
        folder,
        uid_validity,
        uid,
        part,
        name,
        mime,
        ..
    } = attachment;
    let is_own = draft.stored == Some((*uid, *uid_validity));
    let (raw, uid, part) = match engine.open(folder, *uid, Some(*uid_validity)).await {
        Err(ImapError::NoMessage) if is_own => {
            saved_since(&engine, attachment, &draft.message_id).await?
        }
        raw => (raw?, *uid, part.clone()),
    };
    let found = raw.structure.find(&part).ok_or(Error::NoMessage)?;
    let encoding = encoding_of(&raw, found);
    let pieces = engine.stream_part(folder, uid, Some(*uid_validity), Some(&part));
    let mut pieces = decoded(Box::pin(pieces), &encoding);
    if let Err(error) = builder.begin_attachment(name, mime).await {
        return Ok(Err(error));
    }
    while let Some(piece) = pieces.next().await {
        if let Err(error) = builder.write(&piece?).await {
            return Ok(Err(error));
        }
    }
    Ok(builder.end_attachment().await)
}

/// An attachment of a draft that is not where the browser knows it: in the one that took its place,
/// where the word about that was lost on its way. With its UID and the part.
async fn saved_since(
    engine: &Engine,
    attachment: &DraftAttachment,
    message_id: &str,
) -> Result<(RawMessage, u32, String), ImapError> {
    let folder = &attachment.folder;
    let uid = engine.find_by_message_id(folder, message_id).await?;
    let uid = uid.ok_or(ImapError::NoMessage)?;
    let uid_validity = Some(attachment.uid_validity);
    let raw = engine.open(folder, uid, uid_validity).await?;
    let same = |found: &Attachment| {
        (&found.name, &found.mime, found.size)
            == (&attachment.name, &attachment.mime, attachment.size)
    };
    let mut there = raw.structure.attachments_beside("");
    there.retain(same);
    // Of two alike the one in the same place.
    let place = there.iter().position(|found| found.part == attachment.part);
    let part = match there.get(place.unwrap_or_default()) {
        Some(found) => found.part.clone(),
        None => return Err(ImapError::NoMessage),
    };
    Ok((raw, uid, part))
}
