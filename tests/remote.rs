//! Fetching images against servers that do what a sender's server may do: lead elsewhere, never
//! end, send something else than they say. And against name servers that change their mind.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use futures_util::future::BoxFuture;
use posthorn::server::remote::allow::Allow;
use posthorn::server::remote::fetcher::{Fetcher, Limits};
use posthorn::server::remote::resolver::{Resolver, System};
use posthorn::server::remote::trouble::Trouble;
use posthorn::server::tls::client_config;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A PNG of one pixel.
const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\x0f\0\0\x01\x01\0\x05\x18\xd8N\0\0\0\0IEND\xaeB`\x82";

/// A server that answers by the path, and keeps the heads of its requests.
struct Sender {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Sender {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, seen.clone()));
            }
        });
        Self { address, heads }
    }

    fn count(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Allows this very server, as the operator of a test does.
    fn fetcher(&self) -> Fetcher {
        fetcher(&[&self.address.to_string()], Arc::new(System))
    }
}

fn fetcher(allow: &[&str], resolver: Arc<dyn Resolver>) -> Fetcher {
    let allow: Vec<String> = allow.iter().map(|&entry| entry.to_owned()).collect();
    let ca_file = std::env::var("POSTHORN_CA_FILE").ok().map(PathBuf::from);
    let limits = Limits {
        time: Duration::from_secs(2),
        connect: Duration::from_secs(1),
        octets: 1 << 20,
    };
    Fetcher::new(
        client_config(ca_file.as_deref()).unwrap(),
        Allow::parse(&allow).unwrap(),
        resolver,
        limits,
    )
}

async fn endless(mut stream: TcpStream, piece: Vec<u8>) -> Option<()> {
    loop {
        stream.write_all(&piece).await.ok()?;
    }
}

async fn answer(mut stream: TcpStream, heads: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    heads.lock().unwrap().push(head);
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let image = |fields: &str, body: &[u8]| {
        let mut answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes();
        answer.extend(body);
        answer
    };
    let whole = match path {
        "/pixel" => image("Content-Type: image/png\r\n", PIXEL),
        "/cookie" => image("Set-Cookie: a=b; Path=/\r\n", PIXEL),
        "/lies" => image("Content-Type: text/html\r\n", PIXEL),
        "/to" => format!("HTTP/1.1 302 Found\r\nLocation: {query}\r\n\r\n").into_bytes(),
        "/around" => {
            let n: usize = query.parse().unwrap_or(0);
            let to = if n == 0 {
                "/pixel".to_owned()
            } else {
                format!("/around?{}", n - 1)
            };
            format!("HTTP/1.1 307 T\r\nLocation: {to}\r\nSet-Cookie: a=b\r\n\r\n").into_bytes()
        }
        "/loop" => b"HTTP/1.1 301 M\r\nLocation: /loop\r\n\r\n".to_vec(),
        "/nowhere" => b"HTTP/1.1 302 Found\r\n\r\n".to_vec(),
        "/svg" => image(
            "Content-Type: image/png\r\n",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        ),
        "/html" => image(
            "Content-Type: image/png\r\n",
            b"<html><script>alert(1)</script>",
        ),
        "/empty" => image("Content-Type: image/png\r\nContent-Length: 0\r\n", b""),
        "/gzip" => image("Content-Encoding: gzip\r\n", PIXEL),
        "/bomb" => {
            let mut body = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
            body.extend([0; 10_000]);
            image(
                "Content-Encoding: gzip\r\nContent-Type: image/png\r\n",
                &body,
            )
        }
        "/bomb-unsaid" => image(
            "Content-Type: image/png\r\n",
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7],
        ),
        "/pixels" => {
            let mut body = PIXEL.to_vec();
            body[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
            body[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
            image("Content-Type: image/png\r\n", &body)
        }
        "/said" => image("Content-Length: 999999999\r\n", PIXEL),
        "/cut" => image("Content-Length: 5000\r\n", PIXEL),
        "/missing" => b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec(),
        "/partial" => b"HTTP/1.1 206 Partial\r\n\r\n".to_vec(),
        "/garbage" => b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(),
        "/head" => {
            let mut head = b"HTTP/1.1 200 OK\r\nX: ".to_vec();
            head.extend(vec![b'x'; 200_000]);
            head.extend(b"\r\n\r\n");
            head
        }
        "/fields" => image(&"X: y\r\n".repeat(5000), PIXEL),
        "/endless" => {
            let mut piece = b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n".to_vec();
            piece.extend(vec![0; 16 << 10]);
            return endless(stream, piece).await;
        }
        "/endless-head" => {
            return endless(stream, b"HTTP/1.1 200 OK\r\nX: y\r\n".to_vec()).await;
        }
        "/slow" => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n")
                .await
                .ok()?;
            loop {
                stream.write_all(b"\0").await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        "/silent" => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            return None;
        }
        _ => return None,
    };
    stream.write_all(&whole).await.ok()?;
    stream.shutdown().await.ok()
}

#[tokio::test]
async fn an_image_comes_and_nothing_is_told() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    let image = fetcher
        .fetch("anna", &sender.url("/pixel?id=7#x"))
        .await
        .unwrap();
    assert_eq!(image.octets, PIXEL);
    assert_eq!(image.kind.mime(), "image/png");
    // Its own words for what it is count for nothing.
    let image = fetcher.fetch("anna", &sender.url("/lies")).await.unwrap();
    assert_eq!(image.kind.mime(), "image/png");
    // Cookies that were set do not come back, on the way or later.
    fetcher
        .fetch("anna", &sender.url("/around?3"))
        .await
        .unwrap();
    fetcher.fetch("anna", &sender.url("/cookie")).await.unwrap();
    fetcher
        .fetch("anna", &sender.url("/cookie?2"))
        .await
        .unwrap();
    let heads = sender.heads.lock().unwrap();
    assert!(
        heads[0].starts_with("GET /pixel?id=7 HTTP/1.1\r\n"),
        "{}",
        heads[0]
    );
    for head in heads.iter() {
        let lower = head.to_ascii_lowercase();
        let names: Vec<&str> = lower
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            [
                "host",
                "user-agent",
                "accept",
                "accept-encoding",
                "connection"
            ],
            "{head}"
        );
        assert!(lower.contains("accept-encoding: identity"), "{head}");
        assert!(!lower.contains("posthorn"), "{head}");
    }
}

#[tokio::test]
async fn what_was_fetched_a_moment_ago_is_not_asked_for_again() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    for _ in 0..5 {
        fetcher.fetch("anna", &sender.url("/pixel")).await.unwrap();
    }
    assert_eq!(sender.count(), 1);
    for _ in 0..2 {
        assert!(fetcher.fetch("anna", &sender.url("/svg")).await.is_err());
    }
    assert_eq!(sender.count(), 3);
}

#[tokio::test]
async fn what_leads_inside_is_refused() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    let port = sender.address.port();
    let inside = [
        format!("http://127.0.0.2:{port}/pixel"),
        format!("http://[::1]:{port}/pixel"),
        format!("http://localhost:{port}/pixel"),
        format!("http://0.0.0.0:{port}/pixel"),
        format!("http://[::]:{port}/pixel"),
        "http://127.0.0.1/pixel".to_owned(),
        "https://127.0.0.1/pixel".to_owned(),
        "http://[::1]/".to_owned(),
        "http://[::ffff:127.0.0.1]/".to_owned(),
        "http://[::ffff:7f00:1]/".to_owned(),
        "http://[::127.0.0.1]/".to_owned(),
        "http://[64:ff9b::7f00:1]/".to_owned(),
        "http://[2002:7f00:1::]/".to_owned(),
        "http://[2001:0:7f00:1::]/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://2130706433/".to_owned(),
        "http://0x7f000001/".to_owned(),
        "http://0177.0.0.1/".to_owned(),
        "http://127.1/".to_owned(),
        "http://0/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://172.16.0.1/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://100.64.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://0xA9FEA9FE/latest/meta-data/".to_owned(),
        "http://[::ffff:169.254.169.254]/".to_owned(),
        "http://user@1.1.1.1/".to_owned(),
        "http://1.1.1.1:22/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://1.1.1.1/x".to_owned(),
    ];
    for url in &inside {
        assert_eq!(
            fetcher.fetch("anna", url).await,
            Err(Trouble::Refused),
            "{url}"
        );
    }
    assert_eq!(sender.count(), 0);
    // The same by a detour: one request each, to the server that may be asked.
    for (n, url) in inside.iter().enumerate() {
        let result = fetcher
            .fetch("anna", &sender.url(&format!("/to?{url}")))
            .await;
        assert_eq!(result, Err(Trouble::Refused), "{url}");
        assert_eq!(sender.count(), n + 1, "{url}");
    }
    // Without leave, not even this one.
    let strict = self::fetcher(&[], Arc::new(System));
    let result = strict.fetch("anna", &sender.url("/pixel")).await;
    assert_eq!(result, Err(Trouble::Refused));
}

#[tokio::test]
async fn redirects_end() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    assert!(
        fetcher
            .fetch("anna", &sender.url("/around?4"))
            .await
            .is_ok()
    );
    for path in ["/around?5", "/loop"] {
        let before = sender.count();
        let result = fetcher.fetch("anna", &sender.url(path)).await;
        assert_eq!(result, Err(Trouble::Redirects), "{path}");
        assert_eq!(sender.count(), before + 6, "{path}");
    }
    let result = fetcher.fetch("anna", &sender.url("/nowhere")).await;
    assert_eq!(result, Err(Trouble::Status(302)));
}

/// Gives one answer after the other, as a name server of the sender's own can.
#[derive(Debug)]
struct Fickle {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Fickle {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|list| {
                list.iter()
                    .map(|address| address.parse().unwrap())
                    .collect()
            })
            .collect();
        Arc::new(Self {
            answers: Mutex::new(answers),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolver for Fickle {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let next = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { next.ok_or_else(|| io::Error::other("no answer")) })
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_leads_nowhere_else() {
    let sender = Sender::start().await;
    let port = sender.address.port();
    let here = sender.address.to_string();
    let other = format!("127.0.0.9:{port}");
    let url = |path: &str| format!("http://pictures.example:{port}{path}");
    // Good first, bad afterwards: the one question there is decides, and the next is a new check.
    let fickle = Fickle::new(&[&[&here], &[&other], &[&here]]);
    let fetcher = self::fetcher(&[&here], fickle.clone());
    assert!(fetcher.fetch("anna", &url("/pixel")).await.is_ok());
    assert_eq!(
        fickle.asked.load(Ordering::Relaxed),
        1,
        "asked once a connection"
    );
    assert_eq!(
        fetcher.fetch("anna", &url("/pixel?2")).await,
        Err(Trouble::Refused)
    );
    // After a redirect too.
    let fickle = Fickle::new(&[&[&here], &[&other]]);
    let fetcher = self::fetcher(&[&here], fickle);
    assert_eq!(
        fetcher.fetch("anna", &url("/around?1")).await,
        Err(Trouble::Refused)
    );
    // Both in one answer.
    let fickle = Fickle::new(&[&[&here, "127.0.0.1:80"]]);
    let fetcher = self::fetcher(&[&here], fickle);
    assert_eq!(
        fetcher.fetch("anna", &url("/pixel")).await,
        Err(Trouble::Refused)
    );
    for nothing in [Fickle::new(&[]), Fickle::new(&[&[]])] {
        let fetcher = self::fetcher(&[&here], nothing);
        assert_eq!(
            fetcher.fetch("anna", &url("/pixel")).await,
            Err(Trouble::Unreachable)
        );
    }
}

#[tokio::test]
async fn what_is_no_image_is_not_passed_on() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    for (path, trouble) in [
        ("/svg", Trouble::NoImage),
        ("/html", Trouble::NoImage),
        ("/empty", Trouble::NoImage),
        ("/gzip", Trouble::NoImage),
        ("/bomb", Trouble::NoImage),
        ("/bomb-unsaid", Trouble::NoImage),
        ("/pixels", Trouble::TooLarge),
        ("/said", Trouble::TooLarge),
        ("/cut", Trouble::Broken),
        ("/missing", Trouble::Status(404)),
        ("/partial", Trouble::Status(206)),
        ("/garbage", Trouble::Broken),
        ("/head", Trouble::Broken),
        ("/fields", Trouble::Broken),
        ("/endless-head", Trouble::Broken),
        ("/nothing-at-all", Trouble::Broken),
        ("/endless", Trouble::TooLarge),
    ] {
        let result = fetcher.fetch("anna", &sender.url(path)).await;
        assert_eq!(result, Err(trouble), "{path}");
    }
}

#[tokio::test]
async fn what_takes_too_long_is_cut() {
    let sender = Sender::start().await;
    let fetcher = sender.fetcher();
    for path in ["/slow", "/silent"] {
        let start = Instant::now();
        let result = fetcher.fetch("anna", &sender.url(path)).await;
        assert_eq!(result, Err(Trouble::TooSlow), "{path}");
        assert!(start.elapsed() < Duration::from_secs(4), "{path}");
    }
    // One person's slow images leave others their places.
    let fetcher = Arc::new(fetcher);
    for n in 0..20 {
        let (fetcher, url) = (fetcher.clone(), sender.url(&format!("/silent?{n}")));
        tokio::spawn(async move { fetcher.fetch("anna", &url).await });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let start = Instant::now();
    assert!(fetcher.fetch("jonas", &sender.url("/pixel")).await.is_ok());
    assert!(start.elapsed() < Duration::from_secs(1));
    let waiting = sender.heads.lock().unwrap();
    let silent = waiting
        .iter()
        .filter(|head| head.contains("/silent?"))
        .count();
    assert!(silent <= 6, "{silent} at the same time");
}

/// A server that speaks TLS by the stand's certificate for `localhost`, answers each POST with
/// `status`, and keeps what it was sent.
async fn list_server(status: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let ca_file = PathBuf::from(std::env::var("POSTHORN_CA_FILE").unwrap());
    let beside = ca_file.parent().unwrap();
    let certs = [beside.join("certs"), beside.to_owned()];
    let certs = certs.iter().find(|dir| dir.join("server.pem").exists());
    let certs = certs.unwrap();
    let chain = CertificateDer::pem_file_iter(certs.join("server.pem")).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(certs.join("server.key")).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sent = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut octets = vec![0; 4096];
            let mut read = 0;
            while !String::from_utf8_lossy(&octets[..read]).contains("One-Click") {
                match stream.read(&mut octets[read..]).await {
                    Ok(count) if count > 0 => read += count,
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&octets[..read]).into_owned();
            sent.lock().unwrap().push(text);
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, seen)
}

#[tokio::test]
async fn a_list_is_left_by_one_post_and_nothing_else() {
    const FORM: &str = "List-Unsubscribe=One-Click";
    let (port, seen) = list_server("200 OK").await;
    let allowed = format!("localhost:{port}");
    let one = fetcher(&[&allowed], Arc::new(System));
    let url = format!("https://localhost:{port}/leave?u=1");
    let status = one.post("anna", &url, FORM).await.unwrap();
    assert!(status.is_success());
    let sent = seen.lock().unwrap().pop().unwrap();
    assert!(sent.starts_with("POST /leave?u=1 HTTP/1.1\r\n"), "{sent}");
    assert!(sent.ends_with(FORM) && sent.contains("application/x-www-form-urlencoded"));
    for word in ["cookie", "referer", "accept-language", "anna"] {
        assert!(!sent.to_lowercase().contains(word), "{word} in {sent}");
    }

    // By https only, to public addresses only, and where it leads is nobody's business.
    let plain = format!("http://localhost:{port}/leave");
    assert_eq!(one.post("anna", &plain, FORM).await, Err(Trouble::Refused));
    let closed = fetcher(&[], Arc::new(System));
    assert_eq!(closed.post("anna", &url, FORM).await, Err(Trouble::Refused));
    assert!(seen.lock().unwrap().is_empty());
    let (port, seen) = list_server("302 Found\r\nlocation: https://localhost/else").await;
    let one = fetcher(&[&format!("localhost:{port}")], Arc::new(System));
    let url = format!("https://localhost:{port}/leave");
    assert_eq!(one.post("anna", &url, FORM).await.unwrap(), 302);
    assert_eq!(seen.lock().unwrap().len(), 1);
}
