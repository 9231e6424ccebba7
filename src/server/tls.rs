//! Connections to mail servers: implicit TLS for IMAP and SMTP alike, with one set of trusted
//! authorities and one crypto provider (ring).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// Connecting and the handshake together must be done within this time.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Octets that are read of a connection at a time. Servers write TLS records of a few kilobytes, and
/// without this each of them would be a call of its own.
const READ_AHEAD: usize = 16 << 10;

/// A connection to a mail server.
pub type Stream = TlsStream<BufReader<TcpStream>>;

/// A mail server's host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Name resolution, TCP or the handshake failed, or took too long.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The certificate is not for this host or not from a trusted authority.
    #[error("the certificate is not trusted: {0}")]
    CertificateNotTrusted(String),
}

/// Why the trusted authorities could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("cannot read {0}: {1}")]
    File(PathBuf, String),
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    #[error("no trusted authority was found, neither the system's nor a file's")]
    NoAuthority,
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// The client's side of TLS: the system's authorities and those of `ca_file` (PEM).
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unreadable =
            |error: &dyn std::fmt::Display| TrustError::File(path.to_path_buf(), error.to_string());
        let mut found = false;
        for certificate in
            CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?
        {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
            found = true;
        }
        if !found {
            return Err(TrustError::Empty(path.to_path_buf()));
        }
    }
    if roots.is_empty() {
        return Err(TrustError::NoAuthority);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TrustError::Setup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// A TLS connection to `endpoint`, or why not, within [`CONNECT_TIMEOUT`].
pub async fn connect(
    config: &Arc<ClientConfig>,
    endpoint: &Endpoint,
) -> Result<Stream, ConnectError> {
    tokio::time::timeout(CONNECT_TIMEOUT, handshake(config, endpoint))
        .await
        .unwrap_or_else(|_| Err(ConnectError::Unreachable("timed out".to_owned())))
}

async fn handshake(
    config: &Arc<ClientConfig>,
    endpoint: &Endpoint,
) -> Result<Stream, ConnectError> {
    let unreachable = |error: &dyn std::fmt::Display| ConnectError::Unreachable(error.to_string());
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|error| unreachable(&error))?;
    let tcp = TcpStream::connect((endpoint.host.as_str(), endpoint.port))
        .await
        .map_err(|error| unreachable(&error))?;
    // Commands are small and wait for their answers.
    tcp.set_nodelay(true).map_err(|error| unreachable(&error))?;
    TlsConnector::from(config.clone())
        .connect(name, BufReader::with_capacity(READ_AHEAD, tcp))
        .await
        .map_err(|error| {
            let certificate = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<tokio_rustls::rustls::Error>())
                .is_some_and(|inner| {
                    matches!(inner, tokio_rustls::rustls::Error::InvalidCertificate(_))
                });
            if certificate {
                ConnectError::CertificateNotTrusted(error.to_string())
            } else {
                unreachable(&error)
            }
        })
}
