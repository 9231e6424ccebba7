//! A change that was begun is finished, whether or not anybody waits for the answer. The server drops
//! a request when the browser hangs up, and a move that takes several commands (without MOVE or
//! UIDPLUS, RFC 6851 and RFC 4315) would end between two of them: the message in both folders.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What only reads, by the last part of its address, and is dropped with who asked. All else is taken
/// for a change. What sends or saves a mail has another address, and sees to it itself (`delivery.rs`),
/// since it has files to read before.
const READS: [&str; 13] = [
    "blocked",
    "cards",
    "composition",
    "conversation",
    "conversations",
    "everything",
    "folders",
    "message",
    "resemblances",
    "rows",
    "search",
    "trusted_senders",
    "window",
];

/// The middleware that does so.
pub async fn finish_changes(request: Request, next: Next) -> Response {
    let name = request.uri().path().strip_prefix("/api/");
    if name.is_none_or(|name| READS.contains(&name)) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(answer) => answer,
        // Told as any panic is.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The server is being ended.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::READS;

    #[test]
    fn what_reads_is_there() {
        let calls: Vec<&str> = leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path)
            .collect();
        // The search is a stream, and no server function.
        for name in READS.iter().filter(|name| **name != "search") {
            assert!(calls.contains(&format!("/api/{name}").as_str()), "{name}");
        }
        assert!(calls.contains(&"/api/change_many"));
    }
}
