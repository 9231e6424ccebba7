//! The files in a winmail.dat (TNEF): listed, and downloaded one by one; and its text, where the mail
//! has no other. The whole part has to be read for either, so it is bounded, and so are how many are read at a time and for how long: it
//! comes from a server that its reader may have chosen. Where a file lies in it being known, it is
//! read once more and passed on as it comes, so that nothing is held for a slow reader.

use super::download::{Pieces, decoded, store};
use super::imap::{Engine, ImapError, RawMessage};
use super::ranges::cut;
use super::reading::{Place, encoding_of, structure};
use super::remote::gate::{self, Gate};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::card_parts::card_parts;
use crate::mail::structure::Part;
use crate::mail::text::html_to_text;
use crate::mail::tnef;
use crate::model::{Error, Wrapped, WrappedFile};
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::response::Response;
use futures_util::StreamExt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::timeout;

/// Octets of a winmail.dat that is unpacked.
const LIMIT: usize = 25 << 20;
/// So many are unpacked at a time, for all users and for one: each holds its octets.
static ROOM: LazyLock<Gate> = LazyLock::new(|| Gate::new(2, 4));
/// How long one waits for its turn, and how long it may take to come: even a slow server gives it in
/// that time, and one that lets others wait shall not hold a turn for long.
const WAIT: Duration = Duration::from_secs(10);
const READING: Duration = Duration::from_mins(2);
/// Octets of one that a body waits for.
const TEXT_LIMIT: u32 = 4 << 20;

/// GET `/mail/{folder}/{uid}/tnef/{part}/{index}`
pub async fn wrapped_file(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid, part, index)): Path<(String, u32, String, usize)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    match file(&state, &visitor, &place, &part, index).await {
        Ok((name, pieces)) => store(&visitor, &name, pieces).await,
        Err(error) => problem(&visitor, &error),
    }
}

async fn file(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    part: &str,
    index: usize,
) -> Result<(String, Pieces), Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let found = card_parts(&raw.structure);
    let part = found.wrapped.into_iter().find(|known| known.id == part);
    let part = part.ok_or(Error::NoMessage)?;
    let turn = turn(&engine).await?;
    let stream = read(&engine, place, &raw, part).await?;
    let stream = stream.ok_or(Error::NoMessage)?;
    let file = tokio::task::spawn_blocking(move || {
        tnef::parse(&stream)?.attachments.into_iter().nth(index)
    })
    .await
    .map_err(|_| Error::Internal)?
    .ok_or(Error::NoMessage)?;
    drop(turn);
    let octets = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
    let (skip, length) = (octets(file.data.start), octets(file.data.len()));
    let pieces = pieces(&engine, place, &raw, part);
    Ok((file.name, cut(pieces, skip, length)))
}

/// The turn to hold a whole winmail.dat. An engine is one user's.
async fn turn(engine: &Arc<Engine>) -> Result<gate::Place, Error> {
    let user = format!("{:p}", Arc::as_ptr(engine));
    turn_in(&ROOM, &user, WAIT).await
}

async fn turn_in(room: &Gate, user: &str, wait: Duration) -> Result<gate::Place, Error> {
    let turn = timeout(wait, room.enter(user)).await;
    turn.map_err(|_| Error::Busy)?.ok_or(Error::Internal)
}

/// What is in the part.
pub async fn list(
    engine: &Arc<Engine>,
    place: &Place,
    raw: &RawMessage,
    part: &Part,
) -> Result<Wrapped, Error> {
    let _turn = turn(engine).await?;
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

/// The part, decoded, as it comes.
fn pieces(engine: &Arc<Engine>, place: &Place, raw: &RawMessage, part: &Part) -> Pieces {
    let pieces = engine.stream_part(
        &place.folder,
        place.uid,
        Some(raw.uid_validity),
        Some(&part.id),
    );
    decoded(Box::pin(pieces), &encoding_of(raw, part))
}

/// The text in the first winmail.dat of a message; `None` where there is none, where the part is too
/// large to wait for, or where it cannot be had now: the message is shown all the same, and the card
/// of its files says what is the matter.
pub async fn text(
    engine: &Arc<Engine>,
    place: &Place,
    raw: &RawMessage,
    message: &Part,
) -> Option<String> {
    let parts = card_parts(message).wrapped;
    let part = parts
        .first()
        .filter(|part| part.decoded_size() <= TEXT_LIMIT)?;
    let _turn = turn(engine).await.ok()?;
    let stream = read(engine, place, raw, part).await.ok()??;
    tokio::task::spawn_blocking(move || written(&stream))
        .await
        .ok()?
}

fn written(stream: &[u8]) -> Option<String> {
    let found = tnef::parse(stream)?;
    let html = || found.html.as_deref().map(html_to_text);
    found
        .text
        .clone()
        .or_else(html)
        .filter(|text| !text.trim().is_empty())
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
    let reading = async {
        let mut pieces = pieces(engine, place, raw, part);
        let mut octets = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if octets.len().saturating_add(piece.len()) > LIMIT {
                return Ok(None);
            }
            octets.extend_from_slice(&piece);
        }
        Ok(Some(octets))
    };
    let read = timeout(READING, reading).await;
    read.unwrap_or(Err(ImapError::TimedOut))
        .map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::{Gate, turn_in, written};
    use crate::model::Error;
    use std::time::Duration;

    #[tokio::test]
    async fn who_is_slow_holds_up_nobody_else_and_no_one_without_end() {
        let room = Gate::new(1, 2);
        let wait = Duration::from_millis(20);
        let slow = turn_in(&room, "anna", wait).await;
        assert!(slow.is_ok());
        assert_eq!(turn_in(&room, "anna", wait).await.err(), Some(Error::Busy));
        let other = turn_in(&room, "jonas", wait).await;
        assert!(other.is_ok());
        assert_eq!(turn_in(&room, "leer", wait).await.err(), Some(Error::Busy));
        drop(slow);
        assert!(turn_in(&room, "anna", wait).await.is_ok());
    }

    /// A stream of one attribute of the message (MS-OXTNEF, section 2.1.3).
    fn stream(id: u32, data: &[u8]) -> Vec<u8> {
        let mut out = b"\x78\x9f\x3e\x22\x01\x00\x01".to_vec();
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
        out
    }

    #[test]
    fn the_text_of_a_winmail_dat() {
        let body = stream(0x0002_800C, b"Hello\0");
        assert_eq!(written(&body).as_deref(), Some("Hello"));
        assert_eq!(written(&stream(0x0002_800C, b" \0")), None);
        assert_eq!(written(&stream(0x0001_8004, b"Subject\0")), None);
        assert_eq!(written(b"none"), None);
    }
}
