//! How mail is sent, if it is.

use std::path::PathBuf;

use clap::Args;

use super::secret;
use crate::mail::{MailFrom, Smtp, SmtpUrl};

/// Where mail goes. Without an address no mail is sent.
#[derive(Debug, Clone, Default, Args)]
pub struct MailConfig {
    /// The mail server that takes mail for people: smtps://USER:PASSWORD@HOST, or
    /// smtp://USER:PASSWORD@HOST:587?tls=required, or smtp://HOST:25 for a relay without TLS. What
    /// is special in the name or the password is percent-encoded. Without it no mail is sent, and
    /// "siskin user reset-link" makes the links that people need.
    #[arg(long, env = "SISKIN_SMTP_URL", value_name = "URL")]
    pub smtp_url: Option<SmtpUrl>,

    /// A file that holds this address instead.
    #[arg(long, env = "SISKIN_SMTP_URL_FILE", value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,

    /// Certificates in PEM form that the mail server's may also be signed by, for one with a
    /// certificate authority of your own.
    #[arg(long, env = "SISKIN_SMTP_CA", value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,

    /// Whom mail comes from: siskin@example.org or "Siskin <siskin@example.org>". Goes with
    /// SISKIN_SMTP_URL.
    #[arg(long, env = "SISKIN_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<MailFrom>,
}

impl MailConfig {
    /// The mail server's address, wherever it was given.
    ///
    /// # Errors
    /// A sentence that names the variable.
    pub(super) fn url(&self) -> Result<Option<SmtpUrl>, String> {
        match (&self.smtp_url, &self.smtp_url_file) {
            (Some(_), Some(_)) => Err(secret::both("SISKIN_SMTP_URL")),
            (Some(url), None) => Ok(Some(url.clone())),
            (None, Some(file)) => secret::read("SISKIN_SMTP_URL_FILE", file)?
                .parse()
                .map(Some)
                .map_err(|why| format!("SISKIN_SMTP_URL_FILE: {}: {why}.", file.display())),
            (None, None) => Ok(None),
        }
    }

    /// The mail server, if there is one. Nothing is connected yet.
    ///
    /// # Errors
    /// A sentence that names the variable.
    pub fn smtp(&self) -> Result<Option<Smtp>, String> {
        let Some(url) = self.url()? else { return Ok(None) };
        let from = self.mail_from.clone().ok_or(
            "SISKIN_SMTP_URL goes with SISKIN_MAIL_FROM: set the address that mail comes from.",
        )?;
        let roots = match &self.smtp_ca {
            None => None,
            Some(file) => Some(secret::read("SISKIN_SMTP_CA", file)?),
        };
        Smtp::new(&url, from, roots.as_deref().map(str::as_bytes)).map(Some)
    }
}
