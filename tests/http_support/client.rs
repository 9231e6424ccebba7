//! A browser for the tests: HTTP/1.1 over a plain socket, with cookies, following nothing, so that
//! a test sees each answer as it comes. An answer that breaks off fails the test.

use super::form::{BOUNDARY, Form};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a page of our own sends along.
pub const OWN: (&str, &str) = ("Sec-Fetch-Site", "same-origin");

pub const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
pub const JSON: (&str, &str) = ("Accept", "application/json");

/// As one path segment or query value.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// As `application/x-www-form-urlencoded`.
pub fn urlencoded(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

/// A request to be sent just so.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A call or a form with `fields`.
    pub fn post(path: &str, fields: &[(&str, &str)]) -> Self {
        Self::new("POST", path)
            .header(("Content-Type", "application/x-www-form-urlencoded"))
            .body(urlencoded(fields))
    }

    pub fn header(mut self, (name, value): (&str, &str)) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn headers(self, headers: &[(&str, &str)]) -> Self {
        headers
            .iter()
            .fold(self, |request, header| request.header(*header))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value; names in lower case.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map_or("", |(_, value)| value);
        assert!(
            name == "set-cookie" || found.next().is_none(),
            "{name} twice"
        );
        value
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The Set-Cookie lines for cookies of this name.
    pub fn cookies(&self, name: &str) -> Vec<&str> {
        let begin = format!("{name}=");
        self.headers
            .iter()
            .filter(|(known, value)| known == "set-cookie" && value.starts_with(&begin))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    fn parse(raw: &[u8], what: &str) -> Self {
        let end = raw
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("{what}: no answer, {} octets", raw.len()));
        let head = std::str::from_utf8(&raw[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self {
            status: status.parse().unwrap(),
            headers,
            body: raw[end + 4..].to_vec(),
        };
        if answer.header("transfer-encoding") == "chunked" {
            answer.body =
                dechunk(&answer.body).unwrap_or_else(|| panic!("{what}: the answer broke off"));
        } else if let Ok(length) = answer.header("content-length").parse::<usize>() {
            let whole = answer.body.len() == length || what.starts_with("HEAD ");
            assert!(whole, "{what}: {} of {length} octets", answer.body.len());
        }
        answer
    }
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// A browser with its cookies.
#[derive(Clone, Debug)]
pub struct Browser {
    address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    /// Loads pages in advance: nothing is marked as read by it.
    pub prefetches: bool,
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            prefetches: false,
        }
    }

    /// What `Origin` says of our own pages.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn session(&self) -> Option<&String> {
        self.cookies.get("posthorn")
    }

    /// A page, as a person opens it.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).headers(&[HTML, OWN])).await
    }

    /// A form, sent without JavaScript.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::post(path, fields).headers(&[HTML, OWN]))
            .await
    }

    /// A call of the browser's half.
    pub async fn call(&mut self, name: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/api/{name}");
        self.send(Request::post(&path, fields).headers(&[JSON, OWN]))
            .await
    }

    /// The composer's form, sent without JavaScript.
    pub async fn submit(&mut self, intent: &str, form: &Form) -> Answer {
        self.send(multipart(intent, form.octets()).headers(&[HTML, OWN]))
            .await
    }

    /// The composer's form, sent by the browser's half; what came of it.
    pub async fn hand_in(&mut self, intent: &str, form: &Form) -> serde_json::Value {
        let answer = self
            .send(multipart(intent, form.octets()).headers(&[JSON, OWN]))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The sign-in page's form.
    pub async fn sign_in(&mut self, address: &str, password: &str) -> Answer {
        let fields = [("address", address), ("password", password), ("next", "")];
        self.post("/api/sign_in", &fields).await
    }

    /// Sends a request with the cookies and takes over those of the answer.
    pub async fn send(&mut self, request: Request) -> Answer {
        let what = format!("{} {:.200}", request.method, request.path);
        let raw = self.raw(&request);
        let mut answer = Vec::new();
        let whole = timeout(PATIENCE, exchange(self.address, raw, &mut answer)).await;
        assert!(
            whole.is_ok(),
            "{what}: no answer in time, but {} octets, which end with {:?}",
            answer.len(),
            String::from_utf8_lossy(&answer[answer.len().saturating_sub(600)..])
        );
        let answer = Answer::parse(&answer, &what);
        for (_, cookie) in answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn raw(&self, request: &Request) -> Vec<u8> {
        let Request {
            method,
            path,
            headers,
            body,
        } = request;
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        let own_cookie = headers.iter().any(|(name, _)| name == "Cookie");
        if !own_cookie && !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            write!(head, "Cookie: {}\r\n", cookies.join("; ")).unwrap();
        }
        if self.prefetches {
            head.push_str("Sec-Purpose: prefetch\r\n");
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let told = headers.iter().any(|(name, _)| name == "Content-Length");
        if method != "GET" && method != "HEAD" && !told {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// A request with the composer's form.
pub fn multipart(intent: &str, body: Vec<u8>) -> Request {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Request::new("POST", &format!("/api/submit/{intent}"))
        .header(("Content-Type", &kind))
        .body(body)
}

/// Writes and reads at the same time: an answer may come before the request was read.
async fn exchange(address: SocketAddr, request: Vec<u8>, answer: &mut Vec<u8>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let sender = tokio::spawn(async move {
        let _ = writing.write_all(&request).await;
        writing
    });
    // An error after a whole answer is none; Answer::parse notices one that is not whole.
    let _ = reading.read_to_end(answer).await;
    sender.abort();
}
