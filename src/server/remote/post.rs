//! Telling another server something in a person's place: the one click by which a mailing list is
//! left (RFC 8058). By the same guarded way as images, but by https only, and without a redirect:
//! what is posted is for the server that the mail names (section 3.2).

use super::fetcher::{AGENT, Fetcher};
use super::target::Target;
use super::trouble::Trouble;
use axum::body::Bytes;
use axum::http::{HeaderValue, Request, StatusCode, header};
use http_body_util::Full;

impl Fetcher {
    /// Posts `form`, as `application/x-www-form-urlencoded`, to `url` for `user`; the status of the
    /// answer, of which nothing else is read.
    pub async fn post(&self, user: &str, url: &str, form: &str) -> Result<StatusCode, Trouble> {
        let asked = async {
            let _place = self.gate.enter(user).await.ok_or(Trouble::TooSlow)?;
            let target = Target::parse(url, &self.allow)?;
            if !target.tls {
                return Err(Trouble::Refused);
            }
            let stream = self.connect_tls(&target).await?;
            let exchange = self.send(stream, request(&target, form)?).await?;
            Ok(exchange.response.status())
        };
        tokio::time::timeout(self.limits.time, asked)
            .await
            .unwrap_or(Err(Trouble::TooSlow))
    }
}

/// No cookies, no referrer, no language: the address itself says who leaves.
fn request(target: &Target, form: &str) -> Result<Request<Full<Bytes>>, Trouble> {
    let body = Full::new(Bytes::copy_from_slice(form.as_bytes()));
    let mut request = Request::post(target.path())
        .body(body)
        .map_err(|_| Trouble::Refused)?;
    let host = HeaderValue::from_str(&target.authority()).map_err(|_| Trouble::Refused)?;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    for (name, value) in [
        (header::USER_AGENT, AGENT),
        (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        (header::CONNECTION, "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(request)
}
