//! What operators ask: whether the process runs, whether it takes requests, and how it is doing, in
//! the text format that Prometheus reads. Counts only: no names, no addresses, no folders.

use super::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What has been counted since the start.
#[derive(Debug)]
pub struct Counts {
    started: Instant,
    /// Answers by the first digit of their status, 1 to 5.
    answers: [AtomicU64; 5],
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            answers: Default::default(),
        }
    }
}

/// Counts the answers.
pub async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100).saturating_sub(1);
    if let Some(answers) = state.counts.answers.get(class) {
        answers.fetch_add(1, Ordering::Relaxed);
    }
    response
}

/// `GET /healthz`: the process runs.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 503 once the process is about to end, so that a load balancer sends nobody more.
/// The mail server is not asked: without it people are told so, which no other node does better.
pub async fn readyz(State(state): State<AppState>) -> Response {
    if *state.events.closing().borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response();
    }
    "ready\n".into_response()
}

/// `GET /metrics`, for those who reach the process itself: what comes through a reverse proxy is
/// from outside.
pub async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let passed_on = ["x-forwarded-for", "forwarded", "x-real-ip"];
    if passed_on.iter().any(|name| headers.contains_key(*name)) {
        return (StatusCode::NOT_FOUND, "Not here.\n").into_response();
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text(&state)).into_response()
}

fn text(state: &AppState) -> String {
    let mut page = Page::default();
    let version = env!("CARGO_PKG_VERSION");
    page.put(
        "posthorn_build_info",
        "gauge",
        "The version that runs.",
        &[(&format!("{{version=\"{version}\"}}"), 1)],
    );
    let uptime = state.counts.started.elapsed().as_secs();
    page.gauge("posthorn_uptime_seconds", "Since the start.", uptime);
    if let Some(octets) = resident() {
        let about = "Memory of the process.";
        page.gauge("process_resident_memory_bytes", about, octets);
    }
    let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|class| format!("{{code=\"{class}\"}}"));
    let answers: Vec<(&str, u64)> = classes
        .iter()
        .map(String::as_str)
        .zip(&state.counts.answers)
        .map(|(class, count)| (class, count.load(Ordering::Relaxed)))
        .collect();
    let about = "Answers by the class of their status.";
    page.put("posthorn_http_responses_total", "counter", about, &answers);
    page.gauge(
        "posthorn_sessions",
        "Sessions kept.",
        state.sessions.count(),
    );
    let census = state.engines.census();
    let about = "Users with IMAP connections at this node.";
    page.gauge("posthorn_engines", about, census.engines);
    let about = "IMAP connections for commands; one more for each user who is listened for.";
    page.gauge("posthorn_imap_connections", about, census.connections);
    let (users, streams) = state.events.census();
    let about = "Users whose mailbox is listened to.";
    page.gauge("posthorn_event_users", about, users);
    page.gauge("posthorn_event_streams", "Open event streams.", streams);
    let kept = state.engines.headers();
    let name = |what: &str| format!("posthorn_header_cache_{what}");
    let about = "Octets that rows of lists may take.";
    page.gauge(&name("limit_bytes"), about, kept.limit);
    page.gauge(&name("bytes"), "Octets that they take.", kept.octets);
    page.gauge(&name("rows"), "Rows of lists that are kept.", kept.rows);
    let about = "Rows that were wanted and kept.";
    page.counter(&name("hits_total"), about, kept.hits);
    let about = "Rows that had to be fetched though others of the page were kept.";
    page.counter(&name("misses_total"), about, kept.misses);
    let about = "Rows that went for want of room.";
    page.counter(&name("evictions_total"), about, kept.evicted);
    page.0
}

/// The page as it grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn put(&mut self, name: &str, kind: &str, about: &str, values: &[(&str, impl Display)]) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
        for (labels, value) in values {
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    fn gauge(&mut self, name: &str, about: &str, value: impl Display) {
        self.put(name, "gauge", about, &[("", value)]);
    }

    fn counter(&mut self, name: &str, about: &str, value: impl Display) {
        self.put(name, "counter", about, &[("", value)]);
    }
}

/// Octets of memory that the process has, where Linux tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::{Page, resident};

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let mut page = Page::default();
        page.gauge("posthorn_sessions", "Sessions kept.", 3);
        page.put(
            "a_total",
            "counter",
            "All.",
            &[("{code=\"2xx\"}", 1), ("{code=\"4xx\"}", 0)],
        );
        assert_eq!(
            page.0,
            "# HELP posthorn_sessions Sessions kept.\n# TYPE posthorn_sessions gauge\n\
             posthorn_sessions 3\n# HELP a_total All.\n# TYPE a_total counter\n\
             a_total{code=\"2xx\"} 1\na_total{code=\"4xx\"} 0\n"
        );
        assert!(resident().is_none_or(|octets| octets > 1 << 20));
    }
}
