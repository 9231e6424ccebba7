//! The body of a message as a document of its own, shown in a frame: sanitised, under a policy
//! that runs nothing and loads nothing, without an origin.

use super::body_notes::{blocked_note, failure, frames, note};
use super::body_style::style;
use super::body_texts::{Text, mixed, plain, without_shown};
use super::harmless::Terms;
use super::imap::{PartRequest, RawMessage};
use super::links;
use super::pictures;
use super::placed::{self, Picture};
use super::preview;
use super::reading::{Place, requests, structure, text_of};
use super::remote;
use super::route::{Query, status};
use super::state::AppState;
use super::visitor::{Visitor, text};
use super::wrapped;
use crate::i18n::{Key, Locale};
use crate::mail::decode::text_part;
use crate::mail::header::Header;
use crate::mail::html::Report;
use crate::mail::plain::escaped;
use crate::mail::structure::{BodyText, Form, INLINE_LIMIT, Inline};
use crate::model::{Blocked, Error, Protection, Theme};
use crate::ui::body_frame::FRAMES_WAITING;
use crate::ui::colours;
use crate::ui::route as href;
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;

/// `sandbox` without `allow-same-origin` and `allow-scripts`: the document has no origin and runs
/// nothing, also when opened outside its frame.
pub const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
     img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// GET `/mail/{folder}/{uid}/body`
pub async fn body(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
    headers: HeaderMap,
) -> Response {
    let place = query.place(folder, uid);
    let wish = Wish {
        prefer_text: query.view.as_deref() == Some("text"),
        both_schemes: query.colours.as_deref() != Some(colours::OWN)
            && visitor.theme != Theme::Light,
        part: query.part,
        images: query.images,
        unfolded: false,
        told_beside: text(&headers, "sec-fetch-dest") == Some("iframe"),
    };
    match content(&state, &visitor, &place, &wish).await {
        Ok(content) => {
            let sources = content.sources(&state, &headers);
            respond(page(&visitor, &content), sources)
        }
        Err(error) => {
            let content = Content {
                paper: false,
                html: failure(visitor.locale, &error),
                media: String::new(),
                both_schemes: true,
                lang: None,
                pictures: false,
                pictured: false,
            };
            let mut response = respond(page(&visitor, &content), None);
            *response.status_mut() = status(&error);
            response
        }
    }
}

/// They are written out, since `'self'` of a document without an origin is not the same to all
/// browsers. `http` in a policy means `https` too (CSP 3, section 6.7.2.8), so nothing has to be
/// known of proxies.
fn sources_at(public_url: Option<&str>, host: Option<&str>, paths: &[&str]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    let host = host.filter(|host| !host.is_empty() && host.bytes().all(plain));
    let mut sources = String::new();
    for origin in [
        public_url.map(|url| url.trim_end_matches('/').to_owned()),
        host.map(|host| format!("http://{host}")),
    ]
    .into_iter()
    .flatten()
    {
        for path in paths {
            sources.push(' ');
            sources.push_str(&origin);
            sources.push_str(path);
        }
    }
    sources
}

/// GET `/mail-frame`: nothing, for a frame that no message is shown in yet.
pub async fn waiting(Extension(visitor): Extension<Visitor>) -> Response {
    let scheme = visitor.theme.scheme();
    let frames = frames(FRAMES_WAITING);
    let nothing = format!(
        "<!doctype html><html lang=\"en\" style=\"color-scheme:{scheme}\"><head><title>-</title>\
         <style>{}</style></head><body>{frames}</body></html>",
        style(&[&frames])
    );
    respond(nothing, None)
}

/// Which body of a message.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a wish of its own, by a name"
)]
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    /// The text, where the mail has HTML too.
    pub prefer_text: bool,
    /// HTML made legible on dark paper, too.
    pub both_schemes: bool,
    /// The number of an attached message whose body is meant.
    pub part: Option<String>,
    /// The word that says that images from the net be shown.
    pub images: Option<String>,
    /// Nothing folded.
    pub unfolded: bool,
    /// The page around the body says itself that images are not loaded (`ui/remote.rs`).
    pub told_beside: bool,
}

/// A body that can stand in a document of ours.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says one thing, by a name"
)]
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Whether it is HTML, which is written for white paper.
    pub paper: bool,
    /// Whether it is legible on dark paper, too.
    pub both_schemes: bool,
    /// Sanitised or our own.
    pub html: String,
    /// What the mail says about narrow windows, a style sheet of our own making.
    pub media: String,
    /// The language that the mail says it is in.
    pub lang: Option<String>,
    /// Whether it shows images from the net.
    pub pictures: bool,
    /// Whether pictures of the mail's own stand between its texts.
    pub pictured: bool,
}

impl Content {
    /// Where the document may load images from, if from anywhere: Posthorn's own addresses for them.
    pub(super) fn sources(&self, state: &AppState, headers: &HeaderMap) -> Option<String> {
        let paths: Vec<&str> = [(self.pictures, remote::PATH), (self.pictured, placed::PATH)]
            .into_iter()
            .filter_map(|(wanted, path)| wanted.then_some(path))
            .collect();
        let host = text(headers, header::HOST.as_str());
        let public = state.config.public_url.as_deref();
        (!paths.is_empty()).then(|| sources_at(public, host, &paths))
    }
}

/// The answer; with `images`, the document may load them from there.
pub(super) fn respond(html: String, images: Option<String>) -> Response {
    let mut response = html.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(images) = images
        && let Ok(policy) =
            HeaderValue::from_str(&POLICY.replace("data:", &format!("data:{images}")))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
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
    let lang = if part.is_none() {
        Header::parse(&raw.header).language()
    } else {
        None
    };
    let ready = |paper, html, pictures| Content {
        paper,
        both_schemes: !paper || wish.both_schemes,
        html,
        media: String::new(),
        lang,
        pictures,
        pictured: false,
    };
    let locale = visitor.locale;
    let shown = choice.shown(wish.prefer_text);
    if shown.is_empty() {
        let sealed = matches!(
            root.protection(),
            Some(Protection::Encrypted | Protection::SignedOpaque)
        );
        if sealed {
            return Ok(ready(false, note(locale, Key::BodySealed), false));
        }
        // What Outlook wrapped is all there is.
        let html = match wrapped::text(&engine, place, &raw, root).await {
            Some(text) => alone(locale, wish.unfolded, text).await?,
            None => note(locale, Key::BodyEmpty),
        };
        return Ok(ready(false, html, false));
    }
    let rich = shown.iter().any(|text| text.form == Form::Html);
    let session = visitor.session.clone().ok_or(Error::NotSignedIn)?;
    let images: &[Inline] = if rich { &choice.inline } else { &[] };
    // One round for the texts and all their images.
    let written: Vec<&BodyText> = shown.iter().filter(|text| text.is_written()).collect();
    let mut requests = requests(&written);
    requests.extend(images.iter().map(|image| PartRequest {
        id: image.part.clone(),
        mime: true,
        max: INLINE_LIMIT,
    }));
    // Whom the reader trusts wrote the message, not what is attached to it.
    let header = if wish.part.is_none() {
        raw.header.as_slice()
    } else {
        &[]
    };
    let known = (raw.uid_validity, header);
    let wanted = async {
        rich && pictures::wanted(state, visitor, place, known, wish.images.as_deref()).await
    };
    let (parts, wanted) = tokio::join!(
        engine.parts(&place.folder, place.uid, Some(raw.uid_validity), &requests),
        wanted
    );
    state
        .marks
        .text_came(&session.user, &place.folder, place.uid);
    let mut parts = parts?.into_iter();
    let mut truncated = false;
    let mut texts = Vec::with_capacity(shown.len());
    for text in shown {
        if !text.is_written() {
            let at = (place, raw.uid_validity);
            let picture = Picture::new(state, &session, at, &raw.structure, text);
            texts.extend(picture.map(Text::Picture));
            continue;
        }
        let part = parts.next().ok_or(Error::NoMessage)?;
        truncated |= part.truncated;
        let decoded = if wish.part.is_some() && part.mime_header.is_empty() {
            // The message's own header says nothing about what is attached to it.
            let found = raw.structure.find(&part.id).ok_or(Error::NoMessage)?;
            text_part(&found.mime_header(), &part.body)
        } else {
            text_of(&raw, &part)
        };
        texts.push(if text.form == Form::Html {
            Text::Html(decoded)
        } else {
            Text::Plain(decoded)
        });
    }
    let mut content = String::new();
    if truncated {
        content.push_str(&note(locale, Key::BodyTruncated));
    }
    if !rich {
        if texts.iter().all(Text::is_blank) {
            if let Some(text) = wrapped::text(&engine, place, &raw, root).await {
                return Ok(ready(
                    false,
                    alone(locale, wish.unfolded, text).await?,
                    false,
                ));
            }
            content.push_str(&note(locale, Key::BodyEmpty));
        }
        let made = plain(locale, wish.unfolded, texts).await?;
        content.insert_str(0, &links::note(locale, &made.deceits));
        content.push_str(&made.html);
        return Ok(Content {
            pictured: made.pictured,
            ..ready(false, content, false)
        });
    }
    let mut refused = String::new();
    let sources: HashMap<String, String> = images
        .iter()
        .zip(parts)
        .filter(|(_, part)| !part.truncated)
        .filter_map(|(image, part)| {
            let encoding = Header::parse(&part.mime_header).transfer_encoding();
            let octets = crate::mail::decode::Decoder::once(&encoding, &part.body);
            if !preview::is_picture(&octets) {
                refused.push_str(&as_file(place, &raw, &image.part));
                return None;
            }
            let source = format!("data:{};base64,{}", image.mime, STANDARD.encode(octets));
            Some((image.content_id.clone(), source))
        })
        .collect();
    let sender =
        links::confirmed_sender(&Header::parse(header), &state.config.trusted_authserv_ids);
    let texts = without_shown(texts, &sources);
    let terms = Terms {
        sources,
        images: wanted,
        both_schemes: wish.both_schemes,
        locale,
        sender,
        state: state.clone(),
        session: session.clone(),
    };
    let made = mixed(terms, wish.unfolded, texts).await?;
    let report = Report {
        images: made.report.images.saturating_sub(made.shown),
        ..made.report
    };
    // The same whether they are shown this time: it is asked for by the page after this one.
    let blocked = Blocked {
        images: made.report.images,
        pixels: report.pixels,
    };
    if wish.part.is_none() {
        let message = (place.folder.as_str(), raw.uid_validity, place.uid);
        state.seen.put(&session.user, message, blocked);
    }
    // Of an attached message the page says nothing.
    let told = wanted || (wish.told_beside && wish.part.is_none() && report.images > 0);
    content.insert_str(0, &blocked_note(locale, &report, told));
    content.insert_str(0, &links::note(locale, &made.deceits));
    content.insert_str(0, &refused);
    content.push_str(&made.html);
    Ok(Content {
        media: made.media,
        pictured: made.pictured,
        ..ready(true, content, made.shown > 0)
    })
}

/// The way to a picture that is not shown: the list of files has none that the HTML names.
fn as_file(place: &Place, raw: &RawMessage, part: &str) -> String {
    let found = raw.structure.find(part);
    let name = found.map(|part| part.as_attachment().name);
    let what = format!("attachment/{}", href::encode(part));
    let href = href::document(&place.folder, place.uid, raw.uid_validity, &what);
    format!(
        "<p class=\"posthorn-note\"><a href=\"{}\" rel=\"noopener\">{}</a></p>",
        escaped(&href),
        escaped(&name.unwrap_or_default()),
    )
}

/// A text that is all there is to read.
async fn alone(locale: Locale, unfolded: bool, text: String) -> Result<String, Error> {
    let made = plain(locale, unfolded, vec![Text::Plain(text)]).await?;
    Ok(links::note(locale, &made.deceits) + &made.html)
}

/// The document around a body.
fn page(visitor: &Visitor, content: &Content) -> String {
    let Content {
        paper,
        both_schemes,
        html,
        media,
        lang,
        ..
    } = content;
    let locale = visitor.locale;
    let (class, scheme) = match (paper, both_schemes) {
        (false, _) => ("plain", visitor.theme.scheme()),
        (true, true) => ("paper adapted", visitor.theme.scheme()),
        (true, false) => ("paper", "light"),
    };
    format!(
        "<!doctype html><html lang=\"{}\" class=\"{class}\" style=\"color-scheme:{scheme}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"{scheme}\"><base target=\"_blank\">\
         <title>{}</title><style>{media}{}</style></head><body>{html}</body></html>",
        lang.as_deref().unwrap_or(locale.tag()),
        locale.text(Key::ReaderBody),
        style(&[html]),
    )
}

#[cfg(test)]
mod tests {
    use super::{POLICY, placed, remote, respond, sources_at};

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
    fn images_come_from_one_place_only() {
        for (public, host, images) in [
            (
                None,
                Some("localhost:3000"),
                " http://localhost:3000/remote/",
            ),
            (None, Some("[::1]:80"), " http://[::1]:80/remote/"),
            (
                Some("https://mail.example"),
                Some("127.0.0.1:3000"),
                " https://mail.example/remote/ http://127.0.0.1:3000/remote/",
            ),
            (None, Some("x; script-src *"), ""),
            (None, Some("*"), ""),
            (None, None, ""),
        ] {
            assert_eq!(sources_at(public, host, &[remote::PATH]), images);
        }
        let both = sources_at(None, Some("a.example"), &[remote::PATH, placed::PATH]);
        assert_eq!(both, " http://a.example/remote/ http://a.example/placed/");
        let images = sources_at(None, Some("mail.example"), &[remote::PATH]);
        let response = respond(String::new(), Some(images));
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(
            policy.contains("img-src data: http://mail.example/remote/; "),
            "{policy}"
        );
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
}
