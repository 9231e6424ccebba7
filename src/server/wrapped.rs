//! The files in a winmail.dat (TNEF): listed, and downloaded one by one. The whole part has to be
//! read for either, so it is bounded, and so is how many are read at a time.

use super::download::{Pieces, decoded, store};
use super::imap::{Engine, RawMessage};
use super::reading::{Place, encoding_of, structure};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::card_parts::card_parts;
use crate::mail::structure::Part;
use crate::mail::tnef;
use crate::model::{Error, Wrapped, WrappedFile};
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Octets of a winmail.dat that is unpacked.
const LIMIT: usize = 25 << 20;
/// So many are unpacked at a time, for all users.
static ROOM: Semaphore = Semaphore::const_new(2);

/// GET `/mail/{folder}/{uid}/tnef/{part}/{index}`
pub async fn wrapped_file(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid, part, index)): Path<(String, u32, String, usize)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    match file(&state, &visitor, &place, &part, index).await {
        Ok((name, octets)) => {
            let pieces: Pieces = Box::pin(stream::iter([Ok(octets)]));
            store(&visitor, &name, pieces).await
        }
        Err(error) => problem(&visitor, &error),
    }
}

async fn file(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    part: &str,
    index: usize,
) -> Result<(String, Vec<u8>), Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let found = card_parts(&raw.structure);
    let part = found.wrapped.into_iter().find(|known| known.id == part);
    let part = part.ok_or(Error::NoMessage)?;
    let _room = ROOM.acquire().await.map_err(|_| Error::Internal)?;
    let stream = read(&engine, place, &raw, part).await?;
    let stream = stream.ok_or(Error::NoMessage)?;
    tokio::task::spawn_blocking(move || {
        let file = tnef::parse(&stream)?.attachments.into_iter().nth(index)?;
        Some((file.name, stream.get(file.data)?.to_vec()))
    })
    .await
    .map_err(|_| Error::Internal)?
    .ok_or(Error::NoMessage)
}

/// What is in the part.
pub async fn list(
    engine: &Arc<Engine>,
    place: &Place,
    raw: &RawMessage,
    part: &Part,
) -> Result<Wrapped, Error> {
    let _room = ROOM.acquire().await.map_err(|_| Error::Internal)?;
    let stream = read(engine, place, raw, part).await?;
    let too_large = stream.is_none();
    let files = tokio::task::spawn_blocking(move || stream.map(|stream| files(&stream)))
        .await
        .map_err(|_| Error::Internal)?;
    Ok(Wrapped {
        part: part.id.clone(),
        name: part.as_attachment().name,
        files: files.unwrap_or_default(),
        too_large,
    })
}

fn files(stream: &[u8]) -> Vec<WrappedFile> {
    let found = tnef::parse(stream).unwrap_or_default();
    (0..)
        .zip(found.attachments)
        .map(|(index, file)| WrappedFile {
            index,
            name: file.name,
            mime: file.mime,
            size: u32::try_from(file.data.len()).unwrap_or(u32::MAX),
        })
        .collect()
}

/// The part, decoded; `None` where it is too large.
async fn read(
    engine: &Arc<Engine>,
    place: &Place,
    raw: &RawMessage,
    part: &Part,
) -> Result<Option<Vec<u8>>, Error> {
    if usize::try_from(part.decoded_size()).is_ok_and(|size| size > LIMIT) {
        return Ok(None);
    }
    let pieces = engine.stream_part(
        &place.folder,
        place.uid,
        Some(raw.uid_validity),
        Some(&part.id),
    );
    let mut pieces = decoded(Box::pin(pieces), &encoding_of(raw, part));
    let mut octets = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(Error::from)?;
        if octets.len().saturating_add(piece.len()) > LIMIT {
            return Ok(None);
        }
        octets.extend_from_slice(&piece);
    }
    Ok(Some(octets))
}
