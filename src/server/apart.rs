//! Pages that are made at the same time are kept apart.
//!
//! Leptos 0.8 keeps the values of a page in an arena that it finds by the thread. Between two
//! steps of a page the thread may have worked at another page, or the page may have gone to another
//! thread; leptos_axum restores the arena while the components run, but not where it asks for the
//! title and begins the stream. There it found the values of another page, of another person.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use leptos::reactive::owner::Sandboxed;
use std::future::{Pending, pending, poll_fn};
use std::pin::{Pin, pin};

/// The middleware that restores a page's own arena at each of its steps.
pub async fn own_arena(request: Request, next: Next) -> Response {
    let mut page = pin!(next.run(request));
    let mut arena: Option<Sandboxed<Pending<()>>> = None;
    poll_fn(|context| {
        if let Some(arena) = &mut arena {
            // Restores the arena that it was made under; it is never ready.
            let _ = Future::poll(Pin::new(arena), context);
        }
        let step = page.as_mut().poll(context);
        // The first step makes the arena.
        arena.get_or_insert_with(|| Sandboxed::new(pending()));
        step
    })
    .await
}
