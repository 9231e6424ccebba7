//! All attachments of a message as one ZIP, made while it is being sent: at no time is more than a
//! piece of one attachment in memory.

use super::download::{Pieces, decoded, store};
use super::imap::{Engine, ImapError, RawMessage};
use super::mailbox::sent_or_arrived;
use super::reading::{Place, encoding_of, structure};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use super::zip::{DosTime, Zip, unique};
use crate::mail::filename::safe_file_name;
use crate::mail::header::Header;
use crate::model::Error;
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use std::collections::VecDeque;
use std::sync::Arc;

/// GET `/mail/{folder}/{uid}/attachments.zip`
pub async fn archive(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    match open(&state, &visitor, &place, query.part.as_deref()).await {
        Ok((name, pieces)) => store(&visitor, &name, pieces).await,
        Err(error) => problem(&visitor, &error),
    }
}

/// The archive's name and content: the attachments of the message, or those of the one that is
/// attached to it as `part`.
async fn open(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    part: Option<&str>,
) -> Result<(String, Pieces), Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let root = raw.structure.message_at(part).ok_or(Error::NoMessage)?;
    let attachments = root.attachments();
    if attachments.is_empty() {
        return Err(Error::NoMessage);
    }
    let names = unique(attachments.iter().map(|one| one.name.clone()).collect());
    let files = attachments
        .into_iter()
        .zip(names)
        .filter_map(|(attachment, name)| {
            let found = raw.structure.find(&attachment.part)?;
            Some(File {
                name,
                part: attachment.part,
                encoding: encoding_of(&raw, found),
            })
        })
        .collect();
    let header = Header::parse(&raw.header);
    let at = sent_or_arrived(header.date(), raw.internal_date);
    let at = jiff::Timestamp::from_second(at).unwrap_or_default();
    let time = DosTime::of(&at.to_zoned(visitor.zone.clone()));
    let subject = header.subject();
    let name = if subject.trim().is_empty() {
        "attachments.zip".to_owned()
    } else {
        // The extension counts as part of a name that is cut.
        safe_file_name(&format!("{}.zip", safe_file_name(&subject)))
    };
    let writing = Writing {
        engine,
        place: place.clone(),
        raw,
        files,
        current: None,
        zip: Some(Zip::new(time)),
    };
    let pieces = stream::try_unfold(writing, |mut writing| async move {
        Ok(writing.next().await?.map(|piece| (piece, writing)))
    });
    Ok((name, Box::pin(pieces)))
}

/// An attachment that is still to be written.
struct File {
    name: String,
    part: String,
    encoding: String,
}

/// An archive on its way out.
struct Writing {
    engine: Arc<Engine>,
    place: Place,
    raw: Arc<RawMessage>,
    files: VecDeque<File>,
    current: Option<Pieces>,
    zip: Option<Zip>,
}

impl Writing {
    /// What comes next; `None` when all has been written.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ImapError> {
        let Some(zip) = &mut self.zip else {
            return Ok(None);
        };
        let mut out = Vec::new();
        let mut pieces = if let Some(pieces) = self.current.take() {
            pieces
        } else {
            let Some(file) = self.files.pop_front() else {
                return Ok(self.zip.take().map(Zip::finish));
            };
            out = zip.begin(&file.name);
            let pieces = self.engine.stream_part(
                &self.place.folder,
                self.place.uid,
                Some(self.raw.uid_validity),
                Some(&file.part),
            );
            decoded(Box::pin(pieces), &file.encoding)
        };
        // With the head of an entry comes its first piece, so that a message that is gone is told
        // before anything was sent.
        match pieces.next().await {
            Some(piece) => {
                let piece = piece?;
                zip.note(&piece)
                    .map_err(|_| ImapError::Protocol("an attachment of 4 GiB".to_owned()))?;
                if out.is_empty() {
                    out = piece;
                } else {
                    out.extend(piece);
                }
                self.current = Some(pieces);
            }
            None => out.extend(zip.end()),
        }
        Ok(Some(out))
    }
}
