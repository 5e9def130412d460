//! Addresses of files that are good for a while, for whoever has them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use muster_core::media::{PLACE, is_shown, with_sources};
use muster_core::message::{ContentType, Message};
use muster_core::view::{Attachment, MessageView, Person};
use muster_core::{Error, Refusal, Result, Timestamp, Why};
use muster_store::db::Tx;
use muster_store::messages;
use sha2::Sha256;
use uuid::Uuid;

use super::files::FileName;
use crate::SecretKey;

/// How long an address is good.
const LIFE: Duration = Duration::from_secs(3600);

/// Makes and checks addresses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Links {
    /// Of its own, made of the desk's.
    key: [u8; 32],
    public_url: Arc<str>,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl Links {
    pub(crate) fn new(key: &SecretKey, public_url: &str) -> Self {
        Self { key: key.derived("links of files"), public_url: public_url.into() }
    }

    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Where a file is, for an hour from `now` on. A file and its thumbnail share a signature.
    pub(crate) fn url(&self, name: FileName, now: Timestamp) -> String {
        let exp = (now + LIFE).as_millis() / 1000;
        let sig = URL_SAFE_NO_PAD.encode(self.mac(name.uuid, exp).finalize().into_bytes());
        format!("{}{PLACE}{name}?sig={sig}&exp={exp}", self.public_url)
    }

    /// # Errors
    /// [`Error::Invalid`] for an `exp` that is no number; [`Refusal::LinkExpired`] if it is over, or the signature isn't
    /// of this file and this instant.
    pub(crate) fn check(&self, uuid: Uuid, exp: &str, sig: &str, now: Timestamp) -> Result<()> {
        let exp: i64 = exp.parse().map_err(|_| Error::invalid("exp", Why::Malformed))?;
        let sig = URL_SAFE_NO_PAD.decode(sig).map_err(|_| Refusal::LinkExpired)?;
        self.mac(uuid, exp).verify_slice(&sig).map_err(|_| Refusal::LinkExpired)?;
        if now.as_millis() / 1000 <= exp { Ok(()) } else { Err(Refusal::LinkExpired.into()) }
    }

    fn mac(&self, uuid: Uuid, exp: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key may have any length");
        mac.update(format!("{uuid}:{exp}").as_bytes());
        mac
    }

    /// Puts authors, conversations and files to messages, in their order. The images of a text that are files of its
    /// message get their addresses too.
    pub(crate) async fn views(&self, tx: &mut Tx, rows: Vec<Message>, now: Timestamp) -> Result<Vec<MessageView>> {
        let mut views = messages::views(tx, rows, now).await?;
        for view in &mut views {
            self.address(view, now);
        }
        Ok(views)
    }

    fn address(&self, view: &mut MessageView, now: Timestamp) {
        for attachment in &mut view.attachments {
            self.address_file(attachment, now);
        }
        let message = &mut view.message;
        if message.content_type == ContentType::Html && !view.attachments.is_empty() {
            let own = |uuid| view.attachments.iter().find(|file| file.media.uuid == uuid).map(|file| file.url.clone());
            message.content = with_sources(&message.content, &self.public_url, own);
        }
    }

    fn address_file(&self, attachment: &mut Attachment, now: Timestamp) {
        let media = &attachment.media;
        attachment.url = self.url(FileName::of(media.uuid), now);
        attachment.thumbnail_url = if media.has_thumbnail {
            Some(self.url(FileName::thumbnail_of(media.uuid), now))
        } else {
            is_shown(&media.content_type).then(|| attachment.url.clone())
        };
    }

    /// Somebody as a stranger may see them, who has no session: their picture has an address that is good for a while.
    pub(crate) fn shown_to_strangers(&self, person: Person, now: Timestamp) -> Person {
        let avatar_url = person.avatar_url.map(|url| match url.strip_prefix(PLACE).and_then(FileName::parse) {
            Some(name) => self.url(name, now),
            None => url,
        });
        Person { avatar_url, ..person }
    }
}

/// The address of a file for whoever has a right to it.
pub(crate) fn plain(uuid: Uuid) -> String {
    format!("{PLACE}{uuid}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links::new(&SecretKey::new([7; 32]), "https://desk.example.org")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn parts(url: &str) -> (String, String) {
        let query = url.split_once("?sig=").unwrap().1;
        let (sig, exp) = query.split_once("&exp=").unwrap();
        (sig.to_owned(), exp.to_owned())
    }

    #[test]
    fn an_address_is_good_for_its_own_file_for_an_hour() {
        let (links, uuid) = (links(), Uuid::from_u128(7));
        let url = links.url(FileName::thumbnail_of(uuid), at(1_000));
        assert!(url.starts_with("https://desk.example.org/uploads/thumb_00000000-"), "{url}");
        let (sig, exp) = parts(&url);
        assert_eq!(exp, "4600");
        assert!(links.check(uuid, &exp, &sig, at(4_600)).is_ok());
        let over = |result| matches!(result, Err(Error::Refused(Refusal::LinkExpired)));
        assert!(over(links.check(uuid, &exp, &sig, at(4_601))));
        assert!(over(links.check(Uuid::from_u128(8), &exp, &sig, at(1_000))));
        assert!(over(links.check(uuid, "4601", &sig, at(1_000))));
        assert!(over(links.check(uuid, &exp, &sig[1..], at(1_000))));
        assert!(over(links.check(uuid, &exp, "", at(1_000))));
        assert!(over(links.check(uuid, &exp, "ü", at(1_000))));
        let other = Links::new(&SecretKey::new([8; 32]), "https://desk.example.org");
        assert!(over(other.check(uuid, &exp, &sig, at(1_000))));
        for bad in ["", "soon", "1e3", "99999999999999999999"] {
            assert!(matches!(links.check(uuid, bad, &sig, at(0)), Err(Error::Invalid { field: "exp", .. })), "{bad}");
        }
    }
}
