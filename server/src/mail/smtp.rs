//! Carries letters to a mail server.

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{self};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::queue::{Carrier, Failure};
use super::url::{Security, SmtpUrl};
use crate::application::Letter;

/// How long the server may take to answer a command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a letter may take in all.
const LETTER_TIMEOUT: Duration = Duration::from_secs(120);

/// Whom mail comes from: `siskin@example.org` or `Siskin <siskin@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom(Mailbox);

impl FromStr for MailFrom {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "give an address, with or without a name: Siskin <siskin@example.org>";
        if text.chars().any(char::is_control) {
            return Err(SHAPE);
        }
        text.parse().map(Self).map_err(|_| SHAPE)
    }
}

/// A mail server that takes letters.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// A client of the server at `url`. `roots` are certificates in PEM form that are trusted
    /// besides those that browsers trust. Nothing is connected yet.
    ///
    /// # Errors
    /// A sentence, if the address or the certificates can't be used.
    pub fn new(url: &SmtpUrl, from: MailFrom, roots: Option<&[u8]>) -> Result<Self, String> {
        let unusable = |_| "SISKIN_SMTP_URL: this address can't be used.".to_owned();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.secret())
            .map_err(unusable)?
            .timeout(Some(COMMAND_TIMEOUT));
        if url.security() != Security::Plain {
            let mut tls = TlsParameters::builder(url.host().to_owned());
            if let Some(pem) = roots {
                tls = tls.add_root_certificate(certificates(pem)?);
            }
            let tls = tls.build().map_err(unusable)?;
            builder = builder.tls(match url.security() {
                Security::Wrapped => Tls::Wrapper(tls),
                Security::Upgraded | Security::Plain => Tls::Required(tls),
            });
        }
        Ok(Self { transport: builder.build(), from: from.0 })
    }

    fn message(&self, letter: &Letter) -> Result<Message, lettre::error::Error> {
        let to = letter.to.as_str().parse().map_err(|_| lettre::error::Error::MissingTo)?;
        let auto = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.clone())
            .message_id(None)
            // RFC 3834: nobody's holiday answers it.
            .raw_header(HeaderValue::new(auto, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn carry(&self, letter: &Letter) -> Result<(), Failure> {
        let message = self.message(letter);
        let message = message.map_err(|_| Failure::never("the address can't be written to"))?;
        match tokio::time::timeout(LETTER_TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::later("the mail server took too long")),
        }
    }
}

/// All certificates of a file.
fn certificates(pem: &[u8]) -> Result<Certificate, String> {
    let none = || "SISKIN_SMTP_CA: there is no certificate in PEM form.".to_owned();
    // Text without any is no error to the parser.
    let marker = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(marker.len()).any(|bytes| bytes == marker) {
        return Err(none());
    }
    Certificate::from_pem(pem).map_err(|_| none())
}

/// What went wrong, without the server's own words: they may repeat the address.
fn failure(error: &smtp::Error) -> Failure {
    match error.status() {
        Some(code) if error.is_permanent() => {
            Failure::never(format!("the mail server refuses it for good ({code})"))
        }
        Some(code) => Failure::later(format!("the mail server refuses it for now ({code})")),
        None if error.is_client() => Failure::never("the mail server lacks what this mail needs"),
        None if error.is_response() => Failure::later("the mail server says what is no SMTP"),
        // What the network or TLS say, to which the server adds no words of its own.
        None => match std::error::Error::source(error) {
            Some(source) => Failure::later(format!("the mail server can't be reached: {source}")),
            None => Failure::later("the mail server can't be reached"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siskin_domain::Email;

    fn smtp(from: &str) -> Smtp {
        let url = "smtp://127.0.0.1:1".parse().unwrap();
        Smtp::new(&url, from.parse().unwrap(), None).unwrap()
    }
    fn letter(subject: &str) -> Letter {
        let to = Email::parse("ana@example.org").unwrap();
        let (text, html) = ("Hello.\r\n".to_owned(), "<p>Hello.</p>".to_owned());
        Letter { to, subject: subject.to_owned(), text, html }
    }

    #[test]
    fn no_header_can_be_added_to_a_mail() {
        let smtp = smtp("Siskin <siskin@example.org>");
        let message = smtp.message(&letter("Hi\r\nBcc: eve@evil.example\r\n\r\nBuy!")).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.lines().all(|line| !line.to_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert_eq!(message.envelope().to().len(), 1);
        for text in ["a@b.c\r\nBcc: d@e.f", "a@b.c\nBcc: d@e.f", "\"a\nBcc: d@e.f\"@b.c"] {
            assert!(Email::parse(text).is_err(), "{text:?}");
            assert!(text.parse::<MailFrom>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn mail_comes_from_an_address_with_or_without_a_name() {
        for text in ["siskin@example.org", "Siskin <siskin@example.org>"] {
            assert!(text.parse::<MailFrom>().is_ok(), "{text}");
        }
        for text in ["", "Siskin", "<>", "a@b@c"] {
            assert!(text.parse::<MailFrom>().is_err(), "{text}");
        }
    }
}
