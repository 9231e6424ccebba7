//! What every request passes: nothing from another site changes anything, private pages are not
//! stored, and each answer carries the headers that keep a browser from being talked into more.

use super::visitor::text;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The policy of whatever brings none of its own: nothing is loaded, nothing frames it.
const CLOSED: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The policy of a page of the application. Scripts run by nonce only; WebAssembly may compile;
/// the frame is the mail's own document.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; \
         frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Refuses requests of other sites that would change something.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_own(request.headers()) {
        return next.run(request).await;
    }
    (
        StatusCode::FORBIDDEN,
        "Refused: this request comes from another site, or the browser does not say from where. \
         Posthorn has to be served over HTTPS (or on localhost).\n",
    )
        .into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request that changes something comes from Posthorn's own pages. `Sec-Fetch-Site`
/// decides where the browser sends it; else `Origin` must be this host (RFC 6454). A browser that
/// sends neither does not exist; a request without both is refused.
fn is_own(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(headers, header::ORIGIN.as_str())
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, host)| host);
    origin.is_some() && origin == text(headers, header::HOST.as_str())
}

/// Refuses bodies that say themselves to be larger than `limit` octets, before any is read.
pub async fn bound_body(limit: usize, request: Request, next: Next) -> Response {
    let length = text(request.headers(), header::CONTENT_LENGTH.as_str())
        .and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "Refused: the request is too large.\n",
        )
            .into_response();
    }
    next.run(request).await
}

/// Whether a file's name carries a hash, as in `posthorn.JyZmnNbQ.js`; underlines hold its place
/// where the build writes none.
fn is_hashed(name: &str) -> bool {
    let mut parts = name.rsplit('.').skip(1);
    let hash = parts.next().unwrap_or_default();
    parts.next().is_some() && hash.contains(|c| c != '_')
}

/// Adds the headers that every answer carries, unless it has its own.
pub async fn add_headers(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let file = path.strip_prefix("/pkg/");
    let asset = file.is_some_and(is_hashed);
    let public = matches!(path, "/favicon.svg" | "/manifest.webmanifest");
    let file = file.is_some();
    let mut response = next.run(request).await;
    let good = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let cache = match (good, asset, file, public) {
        // Their names carry a hash of what is in them.
        (true, true, ..) => "public, max-age=31536000, immutable",
        (true, _, true, _) => "no-cache",
        (true, .., true) => "public, max-age=3600",
        _ => "no-store",
    };
    let headers = response.headers_mut();
    if file || public {
        // Precompressed for those who take it; a cache shall give it to no others (RFC 9110,
        // section 12.5.5).
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    for (name, value) in [
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, CLOSED),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{is_hashed, is_own, page_policy};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_request_of_another_site_is_not_our_own() {
        let host = ("host", "mail.example.org");
        for (pairs, own) in [
            (vec![host, ("sec-fetch-site", "same-origin")], true),
            (vec![host, ("sec-fetch-site", "same-site")], false),
            (vec![host, ("sec-fetch-site", "cross-site")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
            (vec![host, ("origin", "https://mail.example.org")], true),
            (vec![host, ("origin", "https://evil.example")], false),
            (
                vec![host, ("origin", "https://mail.example.org.evil.example")],
                false,
            ),
            (vec![host, ("origin", "null")], false),
            (vec![host], false),
            // What the browser says of itself counts more than what it was made to say.
            (
                vec![
                    host,
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://mail.example.org"),
                ],
                false,
            ),
        ] {
            assert_eq!(is_own(&headers(&pairs)), own, "{pairs:?}");
        }
    }

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_ever() {
        assert!(is_hashed("posthorn.JyZmnNbQS5LVNBH2YV--aQ.js"));
        for name in ["posthorn.js", "__wasm_split.______________________.js", ""] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn the_page_policy_allows_no_inline_script() {
        let policy = page_policy("abc");
        assert!(policy.contains("'nonce-abc'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
