//! What is written. Of what people choose only usernames are in it, which are a few plain
//! characters: a mail server that sent the words of strangers to strangers would be theirs.

use maud::html;

use super::{Letter, Recipient};

/// Writes letters for one site.
#[derive(Debug, Clone)]
pub(in crate::application) struct Writer {
    /// Scheme, host and port as the operator set them, never as a request says.
    public_url: String,
}

impl Writer {
    pub(in crate::application) fn new(public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The address of a page that a secret opens.
    pub(in crate::application) fn link(&self, path: &str, secret: &str) -> String {
        format!("{}{path}?token={secret}", self.public_url)
    }

    pub(in crate::application) fn verify(&self, to: Recipient, link: &str) -> Letter {
        let site = self.site();
        let before = "Is this address yours? Open this page and press its button:";
        let after = format!(
            "The link works once, within 24 hours. If you have no account at {site}, somebody has \
             mistyped an address: do nothing, and nothing happens."
        );
        self.letter(to, "Is this address yours?", &[before], Some(link), &[&after])
    }

    pub(in crate::application) fn reset(&self, to: Recipient, link: &str) -> Letter {
        let before = "Somebody, you most likely, wants to choose a new password for your account. \
                      Choose it on this page:";
        let after = "The link works once, within one hour, and an older one works no more. If it \
                     was not you, do nothing: your password stays as it is.";
        self.letter(to, "Choose a new password", &[before], Some(link), &[after])
    }

    pub(in crate::application) fn password_changed(&self, to: Recipient) -> Letter {
        let said = "Your password was changed. All other sessions and tokens have ended.";
        let link = format!("{}/account/forgot", self.public_url);
        let after = "If it was not you, choose a new one at once:";
        self.letter(to, "Your password was changed", &[said, after], Some(&link), &[])
    }

    pub(in crate::application) fn address_changed(&self, to: Recipient) -> Letter {
        let said = "Your account has another e-mail address now. This one gets no more mail.";
        let after = "If it was not you, log in, end all other sessions and change it back: for three \
                     days no link to a new password is mailed to the new address. If you can't, \
                     write to whoever runs this site.";
        self.letter(to, "Your e-mail address was changed", &[said, after], None, &[])
    }

    /// Host and perhaps port.
    fn site(&self) -> &str {
        self.public_url.split_once("://").map_or(&*self.public_url, |(_, host)| host)
    }

    fn letter(
        &self,
        to: Recipient,
        about: &str,
        before: &[&str],
        link: Option<&str>,
        after: &[&str],
    ) -> Letter {
        let site = self.site();
        let (hello, from) = (format!("Hello @{},", to.username), format!("Siskin at {site}"));
        let paragraphs = std::iter::once(&*hello)
            .chain(before.iter().copied())
            .chain(link)
            .chain(after.iter().copied())
            .chain([&*from]);
        let text = paragraphs.map(|text| format!("{text}\r\n")).collect::<Vec<_>>().join("\r\n");
        let html = html! {
            (maud::DOCTYPE)
            html lang="en" {
                head { meta charset="utf-8"; title { (about) } }
                body {
                    p { (hello) }
                    @for text in before { p { (text) } }
                    @if let Some(link) = link { p { a href=(link) { (link) } } }
                    @for text in after { p { (text) } }
                    p { (from) }
                }
            }
        };
        let subject = format!("{about} ({site})");
        Letter { to: to.email, subject, text, html: html.into_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siskin_domain::{Email, Username};

    fn ana() -> Recipient {
        let username = Username::parse("ana").unwrap();
        Recipient { username, email: Email::parse("ana@example.org").unwrap() }
    }

    #[test]
    fn a_letter_says_the_same_in_both_forms_with_the_operators_address() {
        let writer = Writer::new("https://tweets.example/");
        let link = writer.link("/account/reset", "s3cret");
        assert_eq!(link, "https://tweets.example/account/reset?token=s3cret");
        let letter = writer.reset(ana(), &link);
        for form in [&letter.text, &letter.html] {
            for part in ["Hello @ana,", &link, "one hour", "Siskin at tweets.example"] {
                assert!(form.contains(part), "{part} in {form}");
            }
        }
        assert_eq!(letter.subject, "Choose a new password (tweets.example)");
        assert!(!format!("{letter:?}").contains("s3cret"));
    }

    #[test]
    fn text_has_short_lines_that_end_as_mail_does() {
        let writer = Writer::new("https://tweets.example");
        for letter in [
            writer.verify(ana(), "https://tweets.example/x"),
            writer.password_changed(ana()),
            writer.address_changed(ana()),
        ] {
            assert!(letter.text.lines().all(|line| line.len() < 998));
            assert_eq!(letter.text.matches('\n').count(), letter.text.matches("\r\n").count());
        }
    }
}
