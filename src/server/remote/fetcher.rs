//! Fetches an image for a person. A mail chooses the address, so each step is checked: the address
//! as it stands, the host's addresses once they are known, and again after every redirect. What is
//! connected to is exactly an address that was checked: nobody asks for the name a second time.

use super::allow::Allow;
use super::cache::{Cache, Image};
use super::gate::Gate;
use super::handing::{Parcel, Room};
use super::raster::{self, Kind};
use super::resolver::Resolver;
use super::target::Target;
use super::trouble::Trouble;
use axum::body::Bytes;
use axum::http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// Octets, and fields, of an answer's head.
const HEAD: usize = 64 << 10;
const FIELDS: usize = 100;
/// Addresses of a host that are tried.
const TRIED: usize = 4;
/// How much longer the last of them may take than one that another comes after: a part of what a
/// connection may take, so that four that are dead leave time for the image.
const HASTE: u32 = 3;
/// Says what asks, and not for whom.
pub(super) const AGENT: &str = "Mozilla/5.0 (compatible; image proxy)";

/// What an image may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first question to the last octet, redirects and waiting for a place included.
    pub time: Duration,
    /// For connecting to one address, TLS included.
    pub connect: Duration,
    /// Octets of the image.
    pub octets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            connect: Duration::from_secs(5),
            octets: 10 << 20,
        }
    }
}

/// Fetches images.
#[derive(Debug)]
pub struct Fetcher {
    tls: Arc<ClientConfig>,
    pub(super) allow: Allow,
    resolver: Arc<dyn Resolver>,
    pub(super) limits: Limits,
    pub(super) gate: Gate,
    cache: Cache,
    room: Room,
}

/// Ends with a response to be read, or with where it leads.
enum Step {
    Image(Image),
    Elsewhere(String),
}

/// An answer, as far as its head, and what reads the rest of it.
pub(super) struct Exchange {
    pub response: Response<Incoming>,
    running: JoinSet<Result<(), hyper::Error>>,
}

impl Fetcher {
    pub fn new(
        tls: Arc<ClientConfig>,
        allow: Allow,
        resolver: Arc<dyn Resolver>,
        limits: Limits,
    ) -> Self {
        Self {
            tls,
            allow,
            resolver,
            limits,
            gate: Gate::default(),
            cache: Cache::default(),
            room: Room::default(),
        }
    }

    /// The image at `url`, for `user`.
    pub async fn fetch(&self, user: &str, url: &str) -> Result<Image, Trouble> {
        self.parcel(user, url).await.map(|parcel| parcel.image)
    }

    /// The image at `url`, with room to hand it on to `user`.
    pub async fn parcel(&self, user: &str, url: &str) -> Result<Parcel, Trouble> {
        let known = self.cache.get(url);
        if let Some(parcel) = known.and_then(|image| self.room.at_once(user, image)) {
            return Ok(parcel);
        }
        let fetched = async {
            // Held while it waits for room too: what waits is in memory.
            let _place = self.gate.enter(user).await.ok_or(Trouble::TooSlow)?;
            let image = if let Some(image) = self.cache.get(url) {
                image
            } else {
                let image = self.follow(url).await?;
                self.cache.put(url, &image);
                image
            };
            self.room.of(user, image).await.ok_or(Trouble::TooSlow)
        };
        tokio::time::timeout(self.limits.time, fetched)
            .await
            .unwrap_or(Err(Trouble::TooSlow))
    }

    async fn follow(&self, url: &str) -> Result<Image, Trouble> {
        let mut target = Target::parse(url, &self.allow)?;
        for _ in 0..=REDIRECTS {
            match self.step(&target).await? {
                Step::Image(image) => return Ok(image),
                Step::Elsewhere(location) => target = target.follow(&location, &self.allow)?,
            }
        }
        Err(Trouble::Redirects)
    }

    async fn step(&self, target: &Target) -> Result<Step, Trouble> {
        if target.tls {
            let tls = self.connect_tls(target).await?;
            self.ask(tls, target).await
        } else {
            let tcp = self.connect(target).await?;
            self.ask(tcp, target).await
        }
    }

    pub(super) async fn connect_tls(
        &self,
        target: &Target,
    ) -> Result<TlsStream<TcpStream>, Trouble> {
        let tcp = self.connect(target).await?;
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Trouble::Refused)?;
        let handshake = TlsConnector::from(self.tls.clone()).connect(name, tcp);
        tokio::time::timeout(self.limits.connect, handshake)
            .await
            .map_err(|_| Trouble::TooSlow)?
            .map_err(|_| Trouble::Unreachable)
    }

    /// Connects to an address of the host. One that is not public among them means that the name
    /// is not to be trusted at all.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Trouble> {
        let addresses: Vec<SocketAddr> = self
            .resolver
            .resolve(&target.host, target.port)
            .await
            .map_err(|_| Trouble::Unreachable)?;
        if !addresses
            .iter()
            .all(|address| self.allow.admits(&target.host, *address))
        {
            return Err(Trouble::Refused);
        }
        let mut addresses = alternated(addresses).into_iter().take(TRIED).peekable();
        while let Some(address) = addresses.next() {
            let patience = if addresses.peek().is_some() {
                self.limits.connect / HASTE
            } else {
                self.limits.connect
            };
            let tcp = tokio::time::timeout(patience, TcpStream::connect(address)).await;
            if let Ok(Ok(tcp)) = tcp {
                return Ok(tcp);
            }
        }
        Err(Trouble::Unreachable)
    }

    /// One request on a connection of its own, which ends with the exchange.
    pub(super) async fn send<S, B>(
        &self,
        stream: S,
        request: Request<B>,
    ) -> Result<Exchange, Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        B: hyper::body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
    {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD)
            .max_headers(FIELDS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Trouble::Broken)?;
        // Dropping the set ends the connection, however far it got.
        let mut running = JoinSet::new();
        running.spawn(connection);
        let response = sender
            .send_request(request)
            .await
            .map_err(|_| Trouble::Broken)?;
        Ok(Exchange { response, running })
    }

    async fn ask<S>(&self, stream: S, target: &Target) -> Result<Step, Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Exchange {
            response,
            running: _running,
        } = self.send(stream, request(target)?).await?;
        let status = response.status();
        if status.is_redirection() {
            return response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| std::str::from_utf8(location.as_bytes()).ok())
                .map(|location| Step::Elsewhere(location.to_owned()))
                .ok_or(Trouble::Status(status.as_u16()));
        }
        if status != hyper::StatusCode::OK {
            return Err(Trouble::Status(status.as_u16()));
        }
        self.read(response).await.map(Step::Image)
    }

    /// The image of an answer, which ends where it is no image or too large.
    async fn read(&self, response: Response<Incoming>) -> Result<Image, Trouble> {
        // None was asked for, and a small one may be gigabytes.
        let plain = response
            .headers()
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        if !plain {
            return Err(Trouble::NoImage);
        }
        let mut body = response.into_body();
        let said = hyper::body::Body::size_hint(&body).lower();
        if said > u64::try_from(self.limits.octets).unwrap_or(u64::MAX) {
            return Err(Trouble::TooLarge);
        }
        let mut octets = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Trouble::Broken)?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if octets.len().saturating_add(data.len()) > self.limits.octets {
                return Err(Trouble::TooLarge);
            }
            octets.extend_from_slice(&data);
            // What is no image is not read to its end.
            if octets.len() >= 16 && Kind::of(&octets).is_none() {
                return Err(Trouble::NoImage);
            }
        }
        let kind = raster::judge(&octets).map_err(|refused| match refused {
            raster::Refused::Kind => Trouble::NoImage,
            raster::Refused::Pixels => Trouble::TooLarge,
        })?;
        Ok(Image {
            kind,
            octets: Bytes::from(octets),
        })
    }
}

/// The addresses with their families in turns, beginning with the first one's (RFC 8305, section 4):
/// where one family leads nowhere, its addresses are all alike.
fn alternated(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (own, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first);
    let mut other = other.into_iter();
    let mut turns = Vec::new();
    for address in own {
        turns.push(address);
        turns.extend(other.next());
    }
    turns.extend(other);
    turns
}

/// The request, which is the same for everybody: no cookies, no referrer, no language.
fn request(target: &Target) -> Result<Request<Empty<Bytes>>, Trouble> {
    let mut request = Request::get(target.path())
        .body(Empty::new())
        .map_err(|_| Trouble::Refused)?;
    let host = HeaderValue::from_str(&target.authority()).map_err(|_| Trouble::Refused)?;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    for (name, value) in [
        (header::USER_AGENT, AGENT),
        (
            header::ACCEPT,
            "image/png, image/jpeg, image/gif, image/webp",
        ),
        (header::ACCEPT_ENCODING, "identity"),
        (header::CONNECTION, "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::alternated;
    use std::net::SocketAddr;

    #[test]
    fn one_family_does_not_take_all_turns() {
        let of = |list: &str| -> Vec<SocketAddr> {
            list.split_whitespace()
                .map(|address| SocketAddr::new(address.parse().unwrap(), 443))
                .collect()
        };
        for (found, tried) in [
            ("2::1 2::2 2::3 2::4 1.1.1.1", "2::1 1.1.1.1 2::2 2::3 2::4"),
            (
                "1.1.1.1 1.1.1.2 2::1 2::2 2::3",
                "1.1.1.1 2::1 1.1.1.2 2::2 2::3",
            ),
            ("2::1 1.1.1.1 1.1.1.2", "2::1 1.1.1.1 1.1.1.2"),
            ("1.1.1.1 1.1.1.2", "1.1.1.1 1.1.1.2"),
            ("", ""),
        ] {
            assert_eq!(alternated(of(found)), of(tried), "{found}");
        }
    }
}
