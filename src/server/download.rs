//! Attachments and sources, streamed from the mail server through to the browser. Whatever a mail
//! calls its part, the browser is told to store it and never to show it.

use super::caller::engine_of;
use super::imap::ImapError;
use super::reading::{Place, encoding_of, structure};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::decode::Decoder;
use crate::mail::filename::content_disposition;
use crate::model::Error;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{Stream, StreamExt, stream};
use std::pin::Pin;

const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

pub(super) type Pieces = Pin<Box<dyn Stream<Item = Result<Vec<u8>, ImapError>> + Send>>;

/// GET `/mail/{folder}/{uid}/attachment/{part}`
pub async fn attachment(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid, part)): Path<(String, u32, String)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    match open_attachment(&state, &visitor, &place, &part).await {
        Ok((name, pieces)) => store(&visitor, &name, pieces).await,
        Err(error) => problem(&visitor, &error),
    }
}

/// GET `/mail/{folder}/{uid}/source`
pub async fn source(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    match engine_of(&state, &visitor).await {
        Ok(engine) => {
            let pieces = engine.stream_part(&folder, uid, query.v, None);
            store(&visitor, &format!("message-{uid}.eml"), Box::pin(pieces)).await
        }
        Err(error) => problem(&visitor, &error),
    }
}

async fn open_attachment(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    part: &str,
) -> Result<(String, Pieces), Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let found = raw.structure.find(part).ok_or(Error::NoMessage)?;
    let name = found.as_attachment().name;
    let encoding = encoding_of(&raw, found);
    let pieces = engine.stream_part(&place.folder, place.uid, Some(raw.uid_validity), Some(part));
    Ok((name, decoded(Box::pin(pieces), &encoding)))
}

/// Takes the transfer encoding off, piece by piece.
pub(super) fn decoded(pieces: Pieces, encoding: &str) -> Pieces {
    let state = (pieces, Some(Decoder::new(encoding)));
    Box::pin(stream::unfold(
        state,
        |(mut pieces, mut decoder)| async move {
            let mut current = decoder.take()?;
            match pieces.next().await {
                Some(Ok(piece)) => {
                    let octets = current.push(&piece);
                    Some((Ok(octets), (pieces, Some(current))))
                }
                // The browser sees the download break off instead of a short file.
                Some(Err(error)) => Some((Err(error), (pieces, None))),
                None => Some((Ok(current.finish()), (pieces, None))),
            }
        },
    ))
}

pub(super) async fn store(visitor: &Visitor, name: &str, mut pieces: Pieces) -> Response {
    // The first piece comes before the answer's head, so that an early failure can be told.
    let body = match pieces.next().await {
        Some(Err(error)) => return problem(visitor, &error.into()),
        Some(Ok(first)) => Body::from_stream(stream::iter([Ok(first)]).chain(pieces)),
        None => Body::empty(),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    if let Ok(value) = HeaderValue::from_str(&content_disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
