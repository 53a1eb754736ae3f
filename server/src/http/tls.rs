//! TLS in the server itself: a certificate and its key from files, and new ones when they change.
//!
//! The files are read again every 2 seconds and compared by content: that needs no signal, and sees
//! what mounted secrets and certificate tools do with links and times of change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// What whoever speaks HTTP to this port is told.
const HTTPS_ONLY: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 29\r\nConnection: close\r\n\r\nThis port speaks HTTPS only.\n";

/// Why the files can't be used: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{variable}: can't read {}: {error}", path.display())]
    Unreadable {
        /// Which file.
        variable: &'static str,
        /// Where it is said to be.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// No certificate is in the file.
    #[error("SISKIN_TLS_CERT: {} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// No key is in the file.
    #[error("SISKIN_TLS_KEY: {} holds no unencrypted private key in PEM form", .0.display())]
    NoKey(PathBuf),
    /// The key belongs to another certificate.
    #[error("SISKIN_TLS_KEY: the key does not belong to the certificate in SISKIN_TLS_CERT")]
    OtherKey,
    /// The key, or the certificate, is too weak or of a kind that is not known.
    #[error(
        "SISKIN_TLS_KEY: the key and its certificate can't be used, take ECDSA P-256 or RSA of 2048 \
         bits or more: {0}"
    )]
    Unusable(rustls::Error),
}

/// TLS for a listener. Clones share the certificate.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    files: Files,
    /// What was read at first.
    mark: [u8; 32],
}

/// The certificate that the next handshake shows.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}

#[derive(Debug, Clone)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
}

/// The contents of both files.
struct Read {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub async fn open(cert: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let files = Files { cert, key };
        let provider = Arc::new(ring::default_provider());
        let read = files.read().await?;
        let current = Arc::new(Current(RwLock::new(files.certify(&read, &provider)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, current, files, mark: read.mark() })
    }

    /// Takes new files as they come, until the server is to stop. Files that can't be used are
    /// logged, and the certificate stays as it was.
    pub async fn follow(self, mut stopping: watch::Receiver<bool>) {
        let provider = ring::default_provider();
        let mut seen = Some(self.mark);
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            let read = self.files.read().await;
            let mark = read.as_ref().ok().map(Read::mark);
            if mark == std::mem::replace(&mut seen, mark) {
                continue;
            }
            match read.and_then(|read| self.files.certify(&read, &provider)) {
                Ok(certified) => {
                    *self.current.0.write() = certified;
                    tracing::info!("there is a new certificate");
                }
                Err(error) => tracing::warn!("the certificate stays as it was: {error}"),
            }
        }
    }

    /// Shakes hands, in time.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let shaken = tokio::time::timeout(HANDSHAKE, async {
            let stream = refuse_http(stream).await?;
            self.acceptor.accept(stream).await
        });
        shaken.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

/// A handshake begins with the byte 22, and HTTP with a letter: whoever came with `http://` gets
/// words instead of a broken connection.
async fn refuse_http(mut stream: TcpStream) -> io::Result<TcpStream> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    if !first[0].is_ascii_alphabetic() {
        return Ok(stream);
    }
    // Closing with the request unread would reset the connection before the answer is read.
    let _ = stream.read(&mut [0; 16 * 1024]).await?;
    stream.write_all(HTTPS_ONLY).await?;
    stream.shutdown().await?;
    Err(io::Error::new(io::ErrorKind::InvalidData, "it was plain HTTP"))
}

impl Files {
    async fn read(&self) -> Result<Read, TlsError> {
        let cert = read("SISKIN_TLS_CERT", &self.cert).await?;
        let key = read("SISKIN_TLS_KEY", &self.key).await?;
        Ok(Read { cert, key })
    }

    fn certify(
        &self,
        read: &Read,
        provider: &CryptoProvider,
    ) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read.cert).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(self.cert.clone()))?;
        // Why it is none is not said: that could repeat a part of the key.
        let key = PrivateKeyDer::from_pem_slice(&read.key)
            .map_err(|_| TlsError::NoKey(self.key.clone()))?;
        match CertifiedKey::from_der(chain, key, provider) {
            Ok(certified) => Ok(Arc::new(certified)),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(TlsError::OtherKey)
            }
            Err(error) => Err(TlsError::Unusable(error)),
        }
    }
}

impl Read {
    fn mark(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update((self.cert.len() as u64).to_be_bytes());
        hash.update(&self.cert);
        hash.update(&self.key);
        hash.finalize().into()
    }
}

async fn read(variable: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |error| TlsError::Unreadable { variable, path: path.to_owned(), error };
    tokio::fs::read(path).await.map_err(unreadable)
}
