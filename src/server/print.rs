//! A message as one document for printing: subject, people, date, and the whole body below, where a
//! frame would print what it has room for. Under the policy of a body: it runs and loads nothing.

use super::body::{Content, Wish, content, respond};
use super::body_style::style;
use super::mailbox::sent_or_arrived;
use super::reading::{Place, structure};
use super::route::{Query, problem};
use super::stamp::Clock;
use super::state::AppState;
use super::visitor::Visitor;
use crate::i18n::Key;
use crate::mail::header::Header;
use crate::mail::plain::escaped;
use crate::model::{Address, Error};
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::fmt::Write as _;

/// What differs from a body in its frame.
const PRINT_STYLE: &str = include_str!("print.css");
/// Files whose names are printed.
const FILES: usize = 100;

/// GET `/mail/{folder}/{uid}/print`
pub async fn print(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
    headers: HeaderMap,
) -> Response {
    let place = query.place(folder, uid);
    let wish = Wish {
        prefer_text: query.view.as_deref() == Some("text"),
        part: None,
        images: query.images,
        both_schemes: false,
        // On paper nothing can be unfolded.
        unfolded: true,
        told_beside: false,
    };
    match document(&state, &visitor, &place, &wish).await {
        Ok((html, content)) => respond(html, content.sources(&state, &headers)),
        Err(error) => problem(&visitor, &error),
    }
}

async fn document(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
    wish: &Wish,
) -> Result<(String, Content), Error> {
    let content = content(state, visitor, place, wish).await?;
    // Opened a moment ago by the body.
    let (_, raw) = structure(state, visitor, place).await?;
    let header = Header::parse(&raw.header);
    let locale = visitor.locale;
    let subject = header.subject();
    let subject = if subject.trim().is_empty() {
        locale.text(Key::NoSubject)
    } else {
        &subject
    };
    let date = sent_or_arrived(header.date(), raw.internal_date);
    let date = Clock::new(locale, visitor.zone.clone()).stamp(date).long;
    let files: Vec<String> = raw
        .structure
        .attachments()
        .into_iter()
        .take(FILES)
        .map(|file| file.name)
        .collect();
    let mut lines = String::new();
    for (key, value) in [
        (Key::HeaderFrom, addresses(&header.from())),
        (Key::HeaderTo, addresses(&header.to())),
        (Key::HeaderCc, addresses(&header.cc())),
        (Key::HeaderDate, date),
        (Key::AttachmentsTitle, files.join(", ")),
    ] {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(
                lines,
                "<dt>{}</dt><dd dir=\"auto\">{}</dd>",
                locale.text(key),
                escaped(&value)
            );
        }
    }
    let Content {
        paper,
        html,
        media,
        lang,
        ..
    } = &content;
    let hint = format!(
        "<p class=\"posthorn-note screen\">{}</p>",
        locale.text(Key::PrintHint)
    );
    let document = format!(
        "<!doctype html><html lang=\"{}\" class=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><base target=\"_blank\">\
         <title>{}</title><style>{media}{}{PRINT_STYLE}</style></head><body>{hint}\
         <header class=\"print-head\"><h1 dir=\"auto\">{}</h1><dl>{lines}</dl></header>\
         <main lang=\"{}\">{html}</main></body></html>",
        locale.tag(),
        // Text follows the page's colours elsewhere; paper is white.
        if *paper { "paper print" } else { "print" },
        escaped(subject),
        style(&[html, &hint]),
        escaped(subject),
        lang.as_deref().unwrap_or(locale.tag()),
    );
    Ok((document, content))
}

fn addresses(list: &[Address]) -> String {
    list.iter()
        .map(|one| match &one.name {
            Some(name) if !name.trim().is_empty() => format!("{name} <{}>", one.addr),
            _ => one.addr.clone(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}
