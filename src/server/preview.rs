//! Attachments that are looked at instead of stored: pictures, text, sound and film. What a part is
//! is told by its own first octets, never by what the mail calls it, and it is served as that one
//! type, under a policy that runs nothing. All else is only to be stored.

use super::body_style::style;
use super::download::{Pieces, decoded};
use super::imap::{Engine, RawMessage};
use super::ranges::{self, Span};
use super::reading::{Place, encoding_of, structure};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::{Visitor, text};
use crate::mail::decode::{Decoder, text_of_file};
use crate::mail::magic::{Media, pixels};
use crate::mail::plain::escaped;
use crate::mail::structure::Part;
use crate::model::Error;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use std::sync::Arc;

/// Nothing runs, nothing is loaded, and only our own page may frame it.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; \
     img-src 'self'; frame-ancestors 'self'";
/// Octets of a picture that is shown, as stored, and its pixels: a browser holds four octets each.
const PICTURE_OCTETS: u32 = 24 << 20;
const PICTURE_PIXELS: u64 = 40_000_000;
/// Octets of a text that are shown.
const TEXT_LIMIT: usize = 256 << 10;
/// What the text of a file stands in.
const FILE: &str = "<pre class=\"file\" dir=\"auto\">";
/// Octets that tell what a part is.
const HEAD: u32 = 4 << 10;

/// In place of a picture that is none, where a page has room for one: a broken sign would be the
/// browser's, in its own words.
const NO_PICTURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 20\" \
     width=\"160\" height=\"160\" fill=\"none\" stroke=\"#8a857b\"><path d=\"M7 7h6v6H7zM7 13l6-6\"/></svg>";

/// GET `/mail/{folder}/{uid}/preview/{part}`
pub async fn preview(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid, part)): Path<(String, u32, String)>,
    UrlQuery(query): UrlQuery<Query>,
    headers: HeaderMap,
) -> Response {
    let place = query.place(folder, uid);
    match open(&state, &visitor, &place, &part, &headers).await {
        Ok(response) => response,
        Err(Error::NoMessage) if text(&headers, "sec-fetch-dest") == Some("image") => no_picture(),
        Err(error) => problem(&visitor, &error),
    }
}

async fn open(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    id: &str,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let source = Source::new(engine, place.clone(), raw.clone(), id)?;
    let part = raw.structure.find(id).ok_or(Error::NoMessage)?;
    let head = source.piece(0, HEAD).await?;
    let beginning = Decoder::once(&source.encoding, &head);
    match Media::of(&beginning) {
        Some(media) if media.is_image() => picture(&source, media).await,
        Some(media) => played(source, media, &head, headers).await,
        None => written(visitor, &source, part).await,
    }
}

/// In place of a picture.
pub(super) fn no_picture() -> Response {
    respond("image/svg+xml", Body::from(NO_PICTURE))
}

/// A part as a picture, if it is one.
pub(super) async fn picture_of(source: Source) -> Result<Response, Error> {
    let head = source.piece(0, HEAD).await?;
    match Media::of(&Decoder::once(&source.encoding, &head)) {
        Some(media) if media.is_image() => picture(&source, media).await,
        _ => Err(Error::NoMessage),
    }
}

/// A part at the mail server.
pub(super) struct Source {
    engine: Arc<Engine>,
    place: Place,
    raw: Arc<RawMessage>,
    id: String,
    encoding: String,
    octets: u32,
}

impl Source {
    /// The part `id` of an opened message.
    pub(super) fn new(
        engine: Arc<Engine>,
        place: Place,
        raw: Arc<RawMessage>,
        id: &str,
    ) -> Result<Self, Error> {
        let part = raw.structure.find(id).ok_or(Error::NoMessage)?;
        if part.kind == "multipart" || part.is_message() {
            return Err(Error::NoMessage);
        }
        let (encoding, octets) = (encoding_of(&raw, part), part.octets);
        Ok(Self {
            engine,
            place,
            raw,
            id: id.to_owned(),
            encoding,
            octets,
        })
    }

    /// Octets of it, as stored.
    async fn piece(&self, offset: u32, length: u32) -> Result<Vec<u8>, Error> {
        let Place { folder, uid, .. } = &self.place;
        let validity = Some(self.raw.uid_validity);
        let piece = self
            .engine
            .piece(folder, *uid, validity, &self.id, offset, length);
        Ok(piece.await?)
    }

    /// What it holds from `offset` on, which counts as stored.
    fn stream(&self, offset: u32) -> Pieces {
        let Place { folder, uid, .. } = &self.place;
        let validity = Some(self.raw.uid_validity);
        let pieces = self
            .engine
            .stream_part_from(folder, *uid, validity, Some(&self.id), offset);
        decoded(Box::pin(pieces), &self.encoding)
    }
}

/// Whether a browser can hold the picture that begins with `octets`: a small file may be an endless
/// one.
fn can_be_held(media: Media, octets: &[u8]) -> bool {
    pixels(media, octets).is_some_and(|(width, height)| {
        u64::from(width).saturating_mul(u64::from(height)) <= PICTURE_PIXELS
    })
}

/// Whether these are a picture that can be shown: one of the few kinds, which a browser can hold.
pub(super) fn is_picture(octets: &[u8]) -> bool {
    Media::of(octets).is_some_and(|media| media.is_image() && can_be_held(media, octets))
}

/// A picture, if it is not too large to be one.
async fn picture(source: &Source, media: Media) -> Result<Response, Error> {
    if source.octets > PICTURE_OCTETS {
        return Err(Error::NoMessage);
    }
    let mut pieces = source.stream(0);
    let first = pieces.next().await.unwrap_or_else(|| Ok(Vec::new()))?;
    if !can_be_held(media, &first) {
        return Err(Error::NoMessage);
    }
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(pieces));
    Ok(respond(media.mime(), body))
}

/// Sound or film: what the player asks for of it.
async fn played(
    source: Source,
    media: Media,
    head: &[u8],
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let tail = ranges::tail(&source.encoding, head, source.octets);
    let end = match tail {
        Some((offset, length)) => Some(source.piece(offset, length).await?),
        None => None,
    };
    let layout = ranges::Layout::of(&source.encoding, head, end.as_deref(), source.octets);
    let Some(layout) = layout else {
        // Its octets cannot be counted from outside: from the beginning, or not at all.
        return Ok(respond(media.mime(), Body::from_stream(source.stream(0))));
    };
    let wanted = text(headers, header::RANGE.as_str());
    let span = match wanted.map(|range| Span::parse(range, layout.size)) {
        None => Span {
            first: 0,
            length: layout.size,
        },
        Some(Some(span)) => span,
        Some(None) => {
            let mut response = respond(media.mime(), Body::empty());
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            put(
                &mut response,
                header::CONTENT_RANGE,
                &format!("bytes */{}", layout.size),
            );
            return Ok(response);
        }
    };
    let (offset, skip) = layout.place(span.first);
    let body = Body::from_stream(ranges::cut(source.stream(offset), skip, span.length));
    let mut response = respond(media.mime(), body);
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(
        &mut response,
        header::CONTENT_LENGTH,
        &span.length.to_string(),
    );
    if wanted.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = span.first.saturating_add(span.length).saturating_sub(1);
        put(
            &mut response,
            header::CONTENT_RANGE,
            &format!("bytes {}-{last}/{}", span.first, layout.size),
        );
    }
    Ok(response)
}

/// Text, as a document of its own in which every character of it is escaped.
async fn written(visitor: &Visitor, source: &Source, part: &Part) -> Result<Response, Error> {
    let mut octets = Vec::new();
    let mut pieces = source.stream(0);
    while octets.len() <= TEXT_LIMIT {
        match pieces.next().await {
            Some(piece) => octets.extend(piece?),
            None => break,
        }
    }
    let cut = octets.len() > TEXT_LIMIT;
    octets.truncate(TEXT_LIMIT);
    let charset = part.param("charset");
    let content = text_of_file(&octets, charset.as_deref()).ok_or(Error::NoMessage)?;
    let locale = visitor.locale;
    let note = if cut {
        format!(
            "<p class=\"posthorn-note\">{}</p>",
            locale.text(crate::i18n::Key::PreviewCut)
        )
    } else {
        String::new()
    };
    let document = format!(
        "<!doctype html><html class=\"plain\" style=\"color-scheme:{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title>\
         <style>{}</style></head><body>{note}{FILE}{}</pre></body></html>",
        visitor.theme.scheme(),
        escaped(&part.as_attachment().name),
        style(&[&note, FILE]),
        escaped(&content),
    );
    Ok(respond("text/html; charset=utf-8", Body::from(document)))
}

fn respond(mime: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
