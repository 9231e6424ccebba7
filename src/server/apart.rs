//! Pages that are made at the same time are kept apart.
//!
//! Leptos 0.8 keeps the values of a page in an arena, and who owns them, where the thread finds
//! them. What the thread worked at before is found there too: a server function became a child of
//! another person's page, and leptos_axum asked for the title where it was another page's. So each
//! request begins with an owner of its own, and finds its own arena at each of its steps.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use leptos::reactive::owner::{Owner, Sandboxed};
use std::future::{Pending, pending, poll_fn};
use std::pin::{Pin, pin};

/// The middleware that does so.
pub async fn own_arena(request: Request, next: Next) -> Response {
    let mut page = pin!(next.run(request));
    let mut own: Option<(Owner, Sandboxed<Pending<()>>)> = None;
    poll_fn(|context| {
        if let Some((_, arena)) = &mut own {
            // Restores the arena that it was made under; it is never ready.
            let _ = Future::poll(Pin::new(arena), context);
            return page.as_mut().poll(context);
        }
        let owner = Owner::new_root(None);
        let step = page.as_mut().poll(context);
        // A page's first step makes an arena of the page's own.
        own = Some((owner, Sandboxed::new(pending())));
        step
    })
    .await
}
