//! The body of a message as a document of its own, shown in a frame: sanitised, under a policy
//! that runs nothing and loads nothing, without an origin.

use super::imap::PartRequest;
use super::reading::{BODY_LIMIT, Place, structure, text_of};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use crate::i18n::{Key, Locale};
use crate::mail::decode::text_part;
use crate::mail::header::Header;
use crate::mail::html::sanitise;
use crate::mail::plain::to_html_folded;
use crate::mail::structure::Inline;
use crate::model::Error;
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::fmt::Write as _;

/// `sandbox` without `allow-same-origin` and `allow-scripts`: the document has no origin and runs
/// nothing, also when opened outside its frame.
pub const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
     img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// Encoded octets of one inline image, and of all of them, that are shown.
const IMAGE_LIMIT: u32 = 4 << 20;
const IMAGES_LIMIT: u32 = 12 << 20;

/// How the frame looks. HTML mails are written for white paper and keep it in the dark; text
/// follows the page.
pub(super) const STYLE: &str = include_str!("body.css");

/// GET `/mail/{folder}/{uid}/body`
pub async fn body(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    let wish = Wish {
        prefer_text: query.view.as_deref() == Some("text"),
        part: query.part,
        unfolded: false,
    };
    match content(&state, &visitor, &place, &wish).await {
        Ok(content) => respond(page(visitor.locale, &content)),
        Err(error) => problem(&visitor, &error),
    }
}

/// GET `/mail-frame`: nothing, for a frame that no message is shown in yet.
pub async fn waiting() -> Response {
    respond(format!(
        "<!doctype html><html lang=\"en\"><head><title>-</title><style>{STYLE}</style></head></html>"
    ))
}

/// Which body of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    /// The text, where the mail has HTML too.
    pub prefer_text: bool,
    /// The number of an attached message whose body is meant.
    pub part: Option<String>,
    /// Nothing folded.
    pub unfolded: bool,
}

/// A body that can stand in a document of ours.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Whether it is HTML, which is written for white paper.
    pub paper: bool,
    /// Sanitised or our own.
    pub html: String,
    /// The language that the mail says it is in.
    pub lang: Option<String>,
}

pub(super) fn respond(html: String) -> Response {
    let mut response = html.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The body of a message.
pub(super) async fn content(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    wish: &Wish,
) -> Result<Content, Error> {
    let (engine, raw) = structure(state, visitor, place).await?;
    let part = wish.part.as_deref();
    let root = raw.structure.message_at(part).ok_or(Error::NoMessage)?;
    let choice = root.body_choice();
    let prefer_text = wish.prefer_text;
    let lang = if part.is_none() {
        Header::parse(&raw.header).language()
    } else {
        None
    };
    let ready = |paper, html| Content { paper, html, lang };
    let html = choice
        .html
        .filter(|_| !prefer_text || choice.text.is_none());
    let Some(id) = html.clone().or(choice.text) else {
        return Ok(ready(false, note(visitor.locale, Key::BodyEmpty)));
    };
    let images = if html.is_some() {
        affordable(choice.inline)
    } else {
        Vec::new()
    };
    // One round for the text and all its images.
    let mut requests = vec![PartRequest {
        id,
        mime: true,
        max: BODY_LIMIT,
    }];
    requests.extend(images.iter().map(|image| PartRequest {
        id: image.part.clone(),
        mime: true,
        max: IMAGE_LIMIT,
    }));
    let mut parts = engine
        .parts(&place.folder, place.uid, Some(raw.uid_validity), &requests)
        .await?
        .into_iter();
    let part = parts.next().ok_or(Error::NoMessage)?;
    let text = if wish.part.is_some() && part.mime_header.is_empty() {
        // The message's own header says nothing about what is attached to it.
        let found = raw.structure.find(&part.id).ok_or(Error::NoMessage)?;
        text_part(&found.mime_header(), &part.body)
    } else {
        text_of(&raw, &part)
    };
    let mut content = String::new();
    if part.truncated {
        content.push_str(&note(visitor.locale, Key::BodyTruncated));
    }
    if html.is_none() {
        if text.trim().is_empty() {
            content.push_str(&note(visitor.locale, Key::BodyEmpty));
        }
        let fold = (!wish.unfolded).then(|| visitor.locale.text(Key::BodyQuoteShow));
        let _ = write!(
            content,
            "<div class=\"text\">{}</div>",
            to_html_folded(&text, fold)
        );
        return Ok(ready(false, content));
    }
    let sources: HashMap<String, String> = images
        .into_iter()
        .zip(parts)
        .filter(|(_, part)| !part.truncated)
        .map(|(image, part)| {
            let encoding = Header::parse(&part.mime_header).transfer_encoding();
            let octets = crate::mail::decode::Decoder::once(&encoding, &part.body);
            (
                image.content_id,
                format!("data:{};base64,{}", image.mime, STANDARD.encode(octets)),
            )
        })
        .collect();
    // Sanitising is work: not on the threads that answer others.
    let clean = tokio::task::spawn_blocking(move || {
        sanitise(&text, &|content_id| sources.get(content_id).cloned())
    })
    .await
    .map_err(|_| Error::Internal)?;
    if clean.remote {
        content.insert_str(0, &note(visitor.locale, Key::BodyRemoteBlocked));
    }
    let _ = write!(content, "<div class=\"html\">{}</div>", clean.html);
    Ok(ready(true, content))
}

/// The inline images there is room for.
fn affordable(images: Vec<Inline>) -> Vec<Inline> {
    let mut room = IMAGES_LIMIT;
    images
        .into_iter()
        .filter(|image| {
            let fits = image.octets <= IMAGE_LIMIT && image.octets <= room;
            if fits {
                room -= image.octets;
            }
            fits
        })
        .take(100)
        .collect()
}

fn note(locale: Locale, key: Key) -> String {
    // Our own text, without markup.
    format!("<p class=\"posthorn-note\">{}</p>", locale.text(key))
}

/// The document around a body.
fn page(locale: Locale, content: &Content) -> String {
    let Content { paper, html, lang } = content;
    let paper = *paper;
    let class = if paper { "paper" } else { "plain" };
    let scheme = if paper { "light" } else { "light dark" };
    format!(
        "<!doctype html><html lang=\"{}\" class=\"{class}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"{scheme}\"><base target=\"_blank\">\
         <title>{}</title><style>{STYLE}</style></head><body>{html}</body></html>",
        lang.as_deref().unwrap_or(locale.tag()),
        locale.text(Key::ReaderBody),
    )
}

#[cfg(test)]
mod tests {
    use super::{IMAGE_LIMIT, POLICY, affordable};
    use crate::mail::structure::Inline;

    #[test]
    fn the_policy_of_a_body_runs_and_loads_nothing() {
        for word in [
            "allow-scripts",
            "allow-same-origin",
            "allow-forms",
            "script-src",
            "http",
        ] {
            assert!(!POLICY.contains(word), "{word}");
        }
        assert!(POLICY.contains("default-src 'none'") && POLICY.contains("sandbox"));
    }

    #[test]
    fn images_are_shown_as_far_as_there_is_room() {
        let image = |octets| Inline {
            content_id: "a".to_owned(),
            part: "2".to_owned(),
            mime: "image/png".to_owned(),
            octets,
        };
        assert!(affordable(vec![image(IMAGE_LIMIT + 1)]).is_empty());
        assert_eq!(affordable(vec![image(IMAGE_LIMIT); 5]).len(), 3);
    }
}
