//! What people and containers ask the executable about itself: its health, completions, manual.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use http::Uri;

/// Everything that `siskin health` can be told.
#[derive(Debug, Clone, Args)]
pub struct HealthConfig {
    /// The server to ask, if it is another than that of this machine: https://tweets.example.org.
    /// Without a path, /readyz is asked.
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    pub url: Option<Uri>,

    /// Where the server of this machine listens, as the server was told.
    #[arg(long, env = "SISKIN_ADDR", value_name = "IP:PORT", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,

    /// The certificate with which that server speaks HTTPS, as it was told. Only whether there is
    /// one counts: the certificate names the public host, not this machine, and is not checked.
    #[arg(long, env = "SISKIN_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// How many seconds the answer may take: 1 to 300.
    #[arg(long, value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(1..=300))]
    pub timeout: u16,
}

/// What to ask.
#[derive(Debug, PartialEq, Eq)]
pub struct Question {
    /// The whole address.
    pub url: String,
    /// Is it this machine, whose certificate can't name it?
    pub own: bool,
}

impl HealthConfig {
    /// The address to ask.
    ///
    /// # Errors
    /// A sentence, if it can't be known.
    pub fn question(&self) -> Result<Question, String> {
        if let Some(uri) = &self.url {
            let root = uri.path() == "/" && uri.query().is_none();
            let url = uri.to_string();
            let url = if root { format!("{}/readyz", url.trim_end_matches('/')) } else { url };
            return Ok(Question { url, own: false });
        }
        if self.addr.port() == 0 {
            return Err("SISKIN_ADDR leaves the port open: say --url with the one that \
                        the server said"
                .to_owned());
        }
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        Ok(Question { url: format!("{scheme}://{}/readyz", reachable(self.addr)), own: true })
    }

    /// How long the answer may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout))
    }
}

/// Everything that `siskin man` can be told.
#[derive(Debug, Clone, Args)]
pub struct ManConfig {
    /// Write the pages of all commands into this folder instead.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// Everything that `siskin completions` can be told.
#[derive(Debug, Clone, Args)]
pub struct CompletionsConfig {
    /// For which shell.
    pub shell: clap_complete::Shell,
}

/// Who listens everywhere is asked at home.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

fn parse_url(text: &str) -> Result<Uri, &'static str> {
    const SHAPE: &str = "give scheme and host: https://tweets.example.org";
    let uri: Uri = text.parse().map_err(|_| SHAPE)?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => Ok(uri),
        _ => Err(SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(addr: &str, url: Option<&str>, tls: bool) -> Result<Question, String> {
        let config = HealthConfig {
            url: url.map(|url| parse_url(url).unwrap()),
            addr: addr.parse().unwrap(),
            tls_cert: tls.then(|| "cert.pem".into()),
            timeout: 5,
        };
        config.question()
    }

    #[test]
    fn the_server_of_this_machine_is_asked_where_it_listens() {
        for (addr, tls, url) in [
            ("127.0.0.1:3000", false, "http://127.0.0.1:3000/readyz"),
            ("0.0.0.0:80", false, "http://127.0.0.1:80/readyz"),
            ("[::]:3000", true, "https://[::1]:3000/readyz"),
            ("10.1.2.3:443", true, "https://10.1.2.3:443/readyz"),
        ] {
            assert_eq!(asked(addr, None, tls), Ok(Question { url: url.into(), own: true }));
        }
        assert!(asked("127.0.0.1:0", None, false).unwrap_err().contains("SISKIN_ADDR"));
    }

    #[test]
    fn another_server_is_asked_by_its_address_and_must_prove_its_name() {
        for (given, url) in [
            ("https://ex.org", "https://ex.org/readyz"),
            ("http://ex.org:81/", "http://ex.org:81/readyz"),
            ("http://ex.org/livez", "http://ex.org/livez"),
        ] {
            let question = Question { url: url.into(), own: false };
            assert_eq!(asked("127.0.0.1:0", Some(given), true), Ok(question));
        }
        for given in ["ex.org", "ftp://ex.org", "/readyz", ""] {
            assert!(parse_url(given).is_err(), "{given}");
        }
    }
}
