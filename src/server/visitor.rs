//! Who asks: worked out once a request, before anything else, and found by all who need it in the
//! request's extensions.

use super::event_stream;
use super::flash::{self, Flash};
use super::session::{Session, SessionId, SessionStore};
use super::state::AppState;
use crate::i18n::Locale;
use crate::model::Theme;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::tz::TimeZone;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The session cookie; `__Host-` where TLS allows (RFC 6265bis, section 4.1.3.2).
pub fn session_cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-posthorn"
    } else {
        "posthorn"
    }
}

/// The cookie with the chosen language.
pub const LANGUAGE_COOKIE: &str = "posthorn-lang";
/// The cookie that says how lists are shown: `conversations`, or nothing.
pub const VIEW_COOKIE: &str = "posthorn-view";
/// The cookie that says how much room a row has: `compact`, or nothing.
pub const DENSITY_COOKIE: &str = "posthorn-density";
/// The cookie that says whether pages are light or dark: [`Theme::value`], or nothing.
pub const THEME_COOKIE: &str = "posthorn-theme";
/// The cookie with the browser's time zone, written by the browser's half.
pub const ZONE_COOKIE: &str = "posthorn-tz";

/// Who asks, and how they want to be answered.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: Option<Arc<Session>>,
    pub locale: Locale,
    /// Whether lists are by conversations.
    pub conversations: bool,
    /// Whether the rows of lists are narrow.
    pub compact: bool,
    /// Whether pages are light or dark.
    pub theme: Theme,
    pub zone: TimeZone,
    pub address: Option<IpAddr>,
    pub flash: Flash,
    /// Whether the request comes from Posthorn's own pages or from the person directly, and is no
    /// prefetch: only then opening a message marks it as read.
    pub deliberate: bool,
}

/// The middleware that finds the [`Visitor`].
pub async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let secure = state.config.secure();
    let session =
        match cookie(headers, session_cookie_name(secure)).and_then(SessionId::from_cookie) {
            // A page opens its stream by itself, again and again: that is nobody's use.
            Some(id) if request.uri().path() == event_stream::PATH => state.sessions.peek(&id),
            Some(id) => state.sessions.get(&id).await,
            None => None,
        };
    let locale = cookie(headers, LANGUAGE_COOKIE)
        .and_then(Locale::from_tag)
        .unwrap_or_else(|| {
            Locale::negotiate(text(headers, header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default())
        });
    let conversations = cookie(headers, VIEW_COOKIE) == Some("conversations");
    let compact = cookie(headers, DENSITY_COOKIE) == Some("compact");
    let theme = Theme::from_value(cookie(headers, THEME_COOKIE).unwrap_or_default());
    let zone = cookie(headers, ZONE_COOKIE)
        .map(|value| value.replace("%2F", "/"))
        .filter(|name| name.len() < 64)
        .and_then(|name| TimeZone::get(&name).ok())
        .unwrap_or_else(|| state.config.time_zone.clone());
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let address = client_address(&state, peer, headers);
    let flash_value = cookie(headers, flash::COOKIE);
    let flash = flash_value.and_then(Flash::decode).unwrap_or_default();
    // Only a page shows it, so only a page takes it.
    let flashed = flash_value.is_some() && takes_flash(&request);
    let site = text(headers, "sec-fetch-site");
    let purpose = text(headers, "sec-purpose");
    let deliberate = site.is_none_or(|site| matches!(site, "same-origin" | "none"))
        && purpose.is_none_or(|purpose| !purpose.contains("prefetch"));
    let visitor = Visitor {
        session,
        locale,
        conversations,
        compact,
        theme,
        zone,
        address,
        flash,
        deliberate,
    };
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    let sets = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.starts_with(flash::COOKIE))
        });
    if flashed
        && !sets
        && let Ok(value) = HeaderValue::from_str(&set_cookie(flash::COOKIE, "", secure, Some(0)))
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn takes_flash(request: &axum::http::Request<Body>) -> bool {
    request.method() == axum::http::Method::GET
        && text(request.headers(), header::ACCEPT.as_str())
            .is_some_and(|accept| accept.contains("text/html"))
        && text(request.headers(), "sec-fetch-dest").is_none_or(|dest| dest == "document")
}

/// The address of the browser: the peer's, or the nearest one in X-Forwarded-For that is no
/// trusted proxy.
fn client_address(state: &AppState, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let trusted = |address: &IpAddr| state.config.trusted_proxies.contains(address);
    let peer = peer?.to_canonical();
    if !trusted(&peer) {
        return Some(peer);
    }
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','));
    nearest(hops, &trusted).or(Some(peer))
}

/// The first hop that is no trusted proxy. What lies beyond a hop that is no address is anybody's
/// to write and not believed.
fn nearest<'a>(
    hops: impl Iterator<Item = &'a str>,
    trusted: &dyn Fn(&IpAddr) -> bool,
) -> Option<IpAddr> {
    for hop in hops {
        let hop = hop.trim();
        let address: IpAddr = hop
            .parse()
            .ok()
            .or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))?;
        let address = address.to_canonical();
        if !trusted(&address) {
            return Some(address);
        }
    }
    None
}

/// A header's value, if it is text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The first cookie of that name (RFC 6265, section 5.4).
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// A Set-Cookie value for the whole site. `life` in seconds; without it the cookie ends with the
/// browser. Values are ours and need no quoting.
pub fn set_cookie(name: &str, value: &str, secure: bool, life: Option<u32>) -> String {
    let mut cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
    if secure {
        cookie.push_str("; Secure");
    }
    if let Some(life) = life {
        cookie.push_str("; Max-Age=");
        cookie.push_str(&life.to_string());
    }
    cookie
}

#[cfg(test)]
mod tests {
    use super::{cookie, nearest, set_cookie};
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; posthorn=abc; b"),
        );
        assert_eq!(cookie(&headers, "posthorn"), Some("abc"));
        assert_eq!(cookie(&headers, "b"), None);
    }

    #[test]
    fn cookies_are_closed_to_scripts_and_other_sites() {
        let cookie = set_cookie("posthorn", "x", true, Some(60));
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=60"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }

    #[test]
    fn forwarded_addresses_are_believed_as_far_as_proxies_wrote_them() {
        let trusted = |address: &std::net::IpAddr| address.to_string().starts_with("10.");
        for (header, expected) in [
            ("203.0.113.7, 10.0.0.2, 10.0.0.1", Some("203.0.113.7")),
            (
                "198.51.100.1, 203.0.113.7:5678, 10.0.0.1",
                Some("203.0.113.7"),
            ),
            ("198.51.100.1, nonsense, 10.0.0.1", None),
            ("::ffff:203.0.113.7", Some("203.0.113.7")),
            ("10.0.0.1", None),
        ] {
            let found = nearest(header.rsplit(','), &trusted);
            assert_eq!(
                found.map(|address| address.to_string()).as_deref(),
                expected,
                "{header}"
            );
        }
    }
}
