//! When whoever answers a chat is there, as customers are shown it.

use muster_core::Result;
use muster_core::business_hours::BusinessHours;
use muster_core::conversation::Conversation;
use muster_core::id::BusinessHoursId;
use muster_core::{Timestamp, time};
use muster_store::db::Tx;
use muster_store::{business_hours, settings, teams};

use crate::App;

/// The hours that customers are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OfficeHours {
    /// All there are.
    pub all: Vec<BusinessHours>,
    /// Those of the desk; `None`: always open.
    pub default: Option<BusinessHoursId>,
    /// Minutes that the desk's zone is ahead of UTC now.
    pub utc_offset: i16,
}

/// The hours of a conversation's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TeamHours {
    pub hours: BusinessHoursId,
    /// Minutes that the team's zone is ahead of UTC now.
    pub utc_offset: i16,
}

impl App {
    /// The hours that customers are shown. For everybody.
    ///
    /// # Errors
    /// The store's only.
    pub async fn office_hours(&self) -> Result<OfficeHours> {
        let now = self.now();
        self.read(move |tx| {
            Box::pin(async move {
                let desk = settings::general(tx).await?;
                Ok(OfficeHours {
                    all: business_hours::list(tx).await?,
                    default: desk.business_hours,
                    utc_offset: time::utc_offset(&desk.timezone, now),
                })
            })
        })
        .await
    }
}

/// The hours of the conversation's team, if it has some of its own.
pub(super) async fn of_team(tx: &mut Tx, conversation: &Conversation, now: Timestamp) -> Result<Option<TeamHours>> {
    let Some(team) = conversation.team else { return Ok(None) };
    let team = teams::find_team(tx, team).await?;
    Ok(team.and_then(|team| {
        let hours = team.business_hours?;
        Some(TeamHours { hours, utc_offset: time::utc_offset(&team.timezone, now) })
    }))
}
