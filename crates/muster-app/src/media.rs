//! Files: taking them in, giving them out to whoever may read them, and letting go of them.
//!
//! A file's bytes are on the disk under a name of the desk's own before its row is committed, so a row never points at
//! nothing; whoever deletes a row writes a job in the same transaction that deletes the bytes. What is left without a
//! row, because a desk died in between, is found and deleted later.

mod files;
mod links;
mod pictures;
mod spool;
mod tidy;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use muster_core::access;
use muster_core::actor::{ActorRef, Caller};
use muster_core::id::{AgentId, ContactId, ConversationId, MediaId, MessageId};
use muster_core::media::{Media, Owner, UploadRules, content_type, filename, with_sources};
use muster_core::message::Body;
use muster_core::permission::Permission;
use muster_core::view::Person;
use muster_core::{Busy, Entity, Error, Refusal, Result, Why};
use muster_store::db::Tx;
use muster_store::{conversations, media};
use uuid::Uuid;

pub use files::{FileName, FileStore, Files, StoredFile};
pub use spool::Spool;

pub(crate) use links::{Links, plain};
pub(crate) use pictures::Pictures;
pub(crate) use tidy::{keep_tidy, let_go, register};

use crate::{App, Work};

/// Most files of one message.
const FILES_MAX: usize = 100;

/// A file that has come in.
#[derive(Debug)]
pub struct Upload {
    pub spool: Spool,
    /// As its sender calls it.
    pub filename: String,
    /// Meant to be shown within a text.
    pub is_inline: bool,
}

/// A file to be handed out.
#[derive(Debug)]
pub struct OpenFile {
    pub media: Media,
    /// Whether it is the small picture, which is always a PNG.
    pub is_thumbnail: bool,
    pub stored: StoredFile,
}

/// A file whose bytes are kept, and which has no row yet.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    uuid: Uuid,
    filename: String,
    content_type: &'static str,
    size: i64,
    picture: Option<pictures::Picture>,
    is_inline: bool,
}

impl App {
    /// Which files agents and customers may send.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn upload_rules(&self) -> Result<UploadRules> {
        let settings = self.general_settings().await?;
        Ok(UploadRules { max_size: settings.max_upload_bytes(), extensions: settings.upload_extensions.clone() })
    }

    /// Makes ready for a file that is coming in, of at most as many bytes as the rules say.
    ///
    /// # Errors
    /// [`Busy::ReadOnly`] while the store takes no writes; those of the disk.
    pub async fn begin_upload(&self, rules: UploadRules) -> Result<Spool> {
        if !self.inner.store.is_writable().await {
            return Err(Error::Busy(Busy::ReadOnly));
        }
        let name = self.draw().uuid();
        Spool::create(&self.inner.files.incoming, name, rules).await.map_err(failed)
    }

    /// Keeps an agent's file, which belongs to nothing yet. Unused it goes after fifteen days.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents; [`Refusal::FileEmpty`], [`Refusal::FileTooLarge`],
    /// [`Refusal::FileType`]; those of the disk.
    pub async fn upload(&self, caller: &Caller, upload: Upload) -> Result<Media> {
        let uploader = ActorRef::Agent(caller.actor.agent()?.id);
        self.with_kept(caller, upload, move |work, kept| {
            Box::pin(async move {
                work.tx.keep_quiet();
                insert(work, kept, uploader, None).await
            })
        })
        .await
    }

    /// A file, for somebody who may read what it belongs to; for its uploader while it belongs to nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Denied`], [`Refusal::NoAccess`]; [`Error::Unauthenticated`] for others than agents.
    pub async fn file(&self, caller: &Caller, name: FileName) -> Result<OpenFile> {
        caller.actor.agent()?;
        let actor = Arc::new(caller.actor.clone());
        let found = self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let media = media::find_by_uuid(tx, name.uuid).await?.ok_or(Error::NotFound(Entity::Media))?;
                match media.owner {
                    Some(Owner::Message(message)) => {
                        actor.require(Permission::MessagesRead)?;
                        let conversation = media::conversation_of(tx, message).await?;
                        let conversation = conversations::conversation(tx, conversation).await?;
                        access::check(&actor, &conversation.subject())?;
                    }
                    Some(Owner::Agent(_) | Owner::Contact(_)) => {}
                    None if media.uploader == actor.reference() => {}
                    None => return Err(Error::NotFound(Entity::Media)),
                }
                Ok(media)
            })
        });
        self.opened(found.await?, name).await
    }

    /// A file, for whoever has its address.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for an `exp` that is no number; [`Refusal::LinkExpired`] for an address
    /// that isn't good, or isn't any more.
    pub async fn file_by_link(&self, name: FileName, exp: &str, sig: &str) -> Result<OpenFile> {
        self.inner.links.check(name.uuid, exp, sig, self.now())?;
        let found = self.read(move |tx| {
            Box::pin(async move { media::find_by_uuid(tx, name.uuid).await?.ok_or(Error::NotFound(Entity::Media)) })
        });
        self.opened(found.await?, name).await
    }

    /// Where a file is, for an hour, for whoever has the address.
    #[must_use]
    pub fn file_link(&self, uuid: Uuid) -> String {
        self.inner.links.url(FileName::of(uuid), self.now())
    }

    /// Somebody as those may see them who have no session, such as visitors.
    #[must_use]
    pub fn shown_to_strangers(&self, person: Person) -> Person {
        Person { email: None, ..self.inner.links.shown_to_strangers(person, self.now()) }
    }

    async fn opened(&self, media: Media, name: FileName) -> Result<OpenFile> {
        let stored = self.inner.files.store.open(name).await.map_err(failed)?;
        let stored = stored.ok_or(Error::NotFound(Entity::Media))?;
        Ok(OpenFile { media, is_thumbnail: name.is_thumbnail, stored })
    }

    /// Checks a file that came in, and keeps its bytes.
    pub(crate) async fn keep(&self, upload: Upload) -> Result<Kept> {
        let Upload { mut spool, filename: given, is_inline } = upload;
        let name = filename(&given);
        spool.rules().check_name(&name)?;
        if spool.size() == 0 {
            return Err(Refusal::FileEmpty.into());
        }
        spool.finish().await.map_err(failed)?;
        let content_type = content_type(spool.head());
        let picture = self.inner.pictures.look(spool.path(), content_type).await;
        let uuid = spool.name();
        let size = i64::try_from(spool.size()).map_err(Error::internal)?;
        let store = &self.inner.files.store;
        if let Some(thumbnail) = picture.as_ref().and_then(|picture| picture.thumbnail.as_deref()) {
            let beside = spool.beside(thumbnail).await.map_err(failed)?;
            store.put(FileName::thumbnail_of(uuid), beside).await.map_err(failed)?;
        }
        store.put(FileName::of(uuid), spool.path().to_owned()).await.map_err(failed)?;
        Ok(Kept { uuid, filename: name, content_type, size, picture, is_inline })
    }
}

impl App {
    /// Keeps a file's bytes and does `job` with them, which writes their row. If the desk says no they are gone again.
    pub(crate) async fn with_kept<T, F>(&self, caller: &Caller, upload: Upload, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'w, 't> Fn(&'w mut Work<'t>, Kept) -> BoxFuture<'w, Result<T>> + Clone + Send + Sync + 'static,
    {
        let kept = self.keep(upload).await?;
        let uuid = kept.uuid;
        let written = self.write(caller, move |work| job(work, kept.clone())).await;
        tidy::settle(self, uuid, written).await
    }
}

impl Kept {
    /// Whether it is a picture that a browser may show.
    pub(crate) fn is_picture(&self) -> bool {
        self.picture.is_some()
    }
}

/// Writes the row of a file whose bytes are kept.
pub(crate) async fn insert(work: &mut Work<'_>, kept: Kept, uploader: ActorRef, owner: Option<Owner>) -> Result<Media> {
    let Kept { uuid, filename, content_type, size, picture, is_inline } = kept;
    let (width, height) = picture.as_ref().map(|picture| (picture.width, picture.height)).unzip();
    let row = Media {
        id: MediaId(0),
        uuid,
        filename,
        content_type: content_type.to_owned(),
        size,
        width,
        height,
        has_thumbnail: picture.is_some_and(|picture| picture.thumbnail.is_some()),
        is_inline,
        owner,
        uploader,
        created_at: work.now,
    };
    media::insert(work.tx, row).await
}

/// Makes this file the one picture of its owner: an earlier one goes.
pub(crate) async fn replace_picture(work: &mut Work<'_>, owner: Owner, kept: Kept) -> Result<Media> {
    if !kept.is_picture() {
        return Err(Refusal::FileType.into());
    }
    drop_of(work, owner).await?;
    let uploader = work.actor().reference();
    insert(work, kept, uploader, Some(owner)).await
}

/// Forgets what belongs to an owner.
pub(crate) async fn drop_of(work: &mut Work<'_>, owner: Owner) -> Result<()> {
    let gone = media::delete_of(work.tx, owner).await?;
    let_go(work, &gone).await
}

/// Forgets the picture of an agent.
pub(crate) async fn drop_of_agent(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    drop_of(work, Owner::Agent(agent)).await
}

/// Forgets the files of conversations that are about to be deleted.
pub(crate) async fn drop_of_conversations(work: &mut Work<'_>, ids: &[ConversationId]) -> Result<()> {
    let gone = media::delete_of_conversations(work.tx, ids).await?;
    let_go(work, &gone).await
}

/// The files that a new message is to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// By id: each has to be there.
    ids: BTreeSet<MediaId>,
    /// Named as images in the text.
    shown: BTreeSet<Uuid>,
}

impl Wanted {
    /// # Errors
    /// [`Error::Invalid`] for more than a message takes.
    pub(crate) fn of(ids: &[MediaId]) -> Result<Self> {
        if ids.len() > FILES_MAX {
            return Err(Error::invalid("attachments", Why::OutOfRange));
        }
        Ok(Self { ids: ids.iter().copied().collect(), shown: BTreeSet::new() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Takes note of the files that the text shows, and names them there in the one way that lasts.
    pub(crate) fn settle(&mut self, body: &mut Body, public_url: &str) {
        body.content = with_sources(&body.content, public_url, |uuid| {
            if self.shown.len() < FILES_MAX {
                self.shown.insert(uuid);
            }
            Some(plain(uuid))
        });
    }

    /// Gives the files to a message that was just stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] if one asked for by id isn't there, isn't the caller's or is in use.
    pub(crate) async fn give(&self, work: &mut Work<'_>, message: MessageId) -> Result<()> {
        let shown: Vec<Uuid> = self.shown.iter().copied().collect();
        let shown = media::ids_of(work.tx, &shown).await?.into_iter().map(|(_, id)| id);
        let wanted: BTreeSet<MediaId> = shown.chain(self.ids.iter().copied()).collect();
        let uploader = work.actor().reference();
        let ids: Vec<MediaId> = wanted.into_iter().collect();
        let unused = media::lock_unused(work.tx, &ids).await?;
        let own: Vec<MediaId> =
            unused.iter().filter(|media| media.uploader == uploader).map(|media| media.id).collect();
        if self.ids.iter().any(|id| !own.contains(id)) {
            return Err(Error::invalid("attachments", Why::Unknown));
        }
        media::give(work.tx, &own, Owner::Message(message)).await
    }
}

/// Forgets all files of a contact.
pub(crate) async fn drop_of_contact(work: &mut Work<'_>, contact: ContactId) -> Result<()> {
    let gone = media::delete_of_contact(work.tx, contact).await?;
    let_go(work, &gone).await
}

/// Which of these names have a row.
pub(crate) async fn known(tx: &mut Tx, uuids: &[Uuid]) -> Result<BTreeSet<Uuid>> {
    Ok(media::ids_of(tx, uuids).await?.into_iter().map(|(uuid, _)| uuid).collect())
}

/// A failure of the disk: a full one is busy, as it is for other writes.
pub(crate) fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Busy(Busy::ReadOnly),
        _ => Error::internal(error),
    }
}
