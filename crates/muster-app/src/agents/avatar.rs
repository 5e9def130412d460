//! An agent's own picture.

use muster_core::Result;
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::media::Owner;
use muster_store::agents;
use serde_json::json;

use super::edit;
use super::parts::Effect;
use crate::media::{self, Upload};
use crate::{App, Work};

impl App {
    /// Gives the caller a picture. An earlier one goes.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for others than agents; [`muster_core::Refusal::FileType`] for what is no
    /// image, `FileEmpty`, `FileTooLarge`; those of the disk.
    pub async fn set_my_avatar(&self, caller: &Caller, upload: Upload) -> Result<Profile> {
        let id = caller.actor.agent()?.id;
        self.with_kept(caller, upload, move |work, kept| {
            Box::pin(async move {
                let mut profile = edit::lock(work, id).await?;
                let file = media::replace_picture(work, Owner::Agent(id), kept).await?;
                show(work, &mut profile, Some(media::plain(file.uuid))).await?;
                agents::profile(work.tx, id).await
            })
        })
        .await
    }

    /// Takes the caller's picture away, if there is one.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for others than agents.
    pub async fn remove_my_avatar(&self, caller: &Caller) -> Result<()> {
        let id: AgentId = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                let mut profile = edit::lock(work, id).await?;
                media::drop_of_agent(work, id).await?;
                show(work, &mut profile, None).await
            })
        })
        .await
    }
}

async fn show(work: &mut Work<'_>, profile: &mut Profile, avatar_url: Option<String>) -> Result<()> {
    if profile.agent.avatar_url == avatar_url {
        return Ok(());
    }
    let was = std::mem::replace(&mut profile.agent.avatar_url, avatar_url);
    let event = Event::AgentUpdated { agent: profile.agent.id, fields: vec!["avatar_url".to_owned()] };
    let is = &profile.agent.avatar_url;
    work.record_change(event, json!({ "avatar_url": was }), json!({ "avatar_url": is }));
    edit::save(work, profile, Effect { changed: true, takes_away: false }).await
}
