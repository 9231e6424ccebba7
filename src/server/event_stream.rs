//! `GET /api/events`: what happens in the mailbox, as server-sent events, for as long as a page is
//! open. Each event is a `model::Event` in JSON.
//!
//! A stream is no use of the session, neither its opening nor its lasting: a forgotten page would
//! keep the session for ever, since it opens its stream again by itself. What such a page asks for
//! when something happened is an ordinary request, and counts; the session's life ends all.

use super::events::{Listener, Refusal};
use super::state::AppState;
use super::visitor::Visitor;
use super::watching;
use crate::model::Event;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Where the stream is.
pub const PATH: &str = "/api/events";
/// How often a stream on which nothing happens says so, and looks whether the session still is.
const STILL: Duration = Duration::from_secs(20);
/// Longest folder name.
const NAME_LIMIT: usize = 1_000;

/// What the page shows.
#[derive(Debug, Deserialize)]
pub struct Shown {
    folder: Option<String>,
}

/// Opens a stream.
pub async fn events(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Query(shown): Query<Shown>,
) -> Response {
    let Some(session) = visitor.session.clone() else {
        // The one answer after which a browser neither asks again by itself nor reports an error
        // (HTML, section 9.2.3): that the session has ended is told by what the page asks next.
        return StatusCode::NO_CONTENT.into_response();
    };
    // The cookie goes with a request that another site makes; it could not read the answer, but
    // would hold a stream.
    if !visitor.deliberate {
        return (StatusCode::FORBIDDEN, "Refused.\n").into_response();
    }
    let folder = shown
        .folder
        .filter(|name| !name.is_empty() && name.len() <= NAME_LIMIT);
    let heard = state
        .events
        .listen(&session.user, &session.id, &visitor, folder);
    let (listener, unwatched) = match heard {
        Ok(heard) => heard,
        // A page does not get to know the status of a stream that was refused, and would take it for
        // a server that is away.
        Err(Refusal::TooMany) => {
            let full = sse::Event::default().json_data(Event::Full).ok();
            return answer(stream::iter(full.map(Ok::<_, Infallible>)));
        }
        Err(Refusal::Closing) => {
            return (StatusCode::SERVICE_UNAVAILABLE, "Ending.\n").into_response();
        }
    };
    if unwatched && let Some(channel) = state.events.channel(&session.user) {
        watching::begin(state.clone(), session.user.clone(), channel);
    }
    let closing = state.events.closing();
    let open = Open {
        state,
        listener,
        closing,
        still: Instant::now() + STILL,
    };
    let events = stream::unfold(Some(open), |open| async {
        let (event, rest) = open?.next().await?;
        let event = sse::Event::default().json_data(event).ok()?;
        Some((Ok::<_, Infallible>(event), rest))
    });
    answer(events)
}

fn answer(events: impl Stream<Item = Result<sse::Event, Infallible>> + Send + 'static) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would gather what comes.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, Sse::new(events)).into_response()
}

/// An open stream.
struct Open {
    state: AppState,
    listener: Listener,
    closing: watch::Receiver<bool>,
    still: Instant,
}

impl Open {
    /// The next event and what comes after it; `None` is the stream's end.
    async fn next(mut self) -> Option<(Event, Option<Self>)> {
        let event = tokio::select! {
            event = self.listener.next() => Some(event),
            () = sleep_until(self.still) => None,
            _ = self.closing.wait_for(|closing| *closing) => return None,
        };
        // However much happens, it is asked whether the session still lives.
        let event = event.unwrap_or_else(|| {
            self.still = Instant::now() + STILL;
            if self.state.sessions.is_alive(self.listener.session()) {
                Event::Still
            } else {
                Event::SessionEnded
            }
        });
        let last = matches!(event, Event::Parked | Event::SessionEnded);
        Some((event, (!last).then_some(self)))
    }
}
