//! To the page of a mailing list on which one unsubscribes: its address stays at the server until
//! the person goes there, so that no page of Posthorn has a link that a stranger wrote.

use super::beside::page_url;
use super::reading::{Place, structure};
use super::route::{Query, problem};
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::header::Header;
use crate::model::Error;
use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// GET `/mail/{folder}/{uid}/unsubscribe`
pub async fn unsubscribe_page(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((folder, uid)): Path<(String, u32)>,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    let place = query.place(folder, uid);
    match find(&state, &visitor, &place).await {
        Ok(location) => {
            // The policy of all answers is to send no referrer.
            let mut response = StatusCode::SEE_OTHER.into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(error) => problem(&visitor, &error),
    }
}

async fn find(state: &AppState, visitor: &Visitor, place: &Place) -> Result<HeaderValue, Error> {
    // Another site has no business to lead people on from here, nor has a prefetch.
    if !visitor.deliberate {
        return Err(Error::BadRequest);
    }
    let (_, raw) = structure(state, visitor, place).await?;
    let url = page_url(state, &Header::parse(&raw.header)).ok_or(Error::NoMessage)?;
    HeaderValue::from_str(&url).map_err(|_| Error::NoMessage)
}
