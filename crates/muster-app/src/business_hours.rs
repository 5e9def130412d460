//! Business hours: when teams are there.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::business_hours::{BusinessHours, HoursPatch};
use muster_core::event::Event;
use muster_core::id::BusinessHoursId;
use muster_core::permission::Permission;
use muster_core::{Entity, Refusal, Result};
use muster_store::{business_hours, settings};
use serde_json::{Value, json};

use crate::work::changed_fields;
use crate::{App, Work};

impl App {
    /// All hours, the latest changed first.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for visitors.
    pub async fn list_business_hours(&self, caller: &Caller) -> Result<Vec<BusinessHours>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(business_hours::list(tx))).await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`] without `business_hours:manage`; [`muster_core::Error::NotFound`].
    pub async fn business_hours(&self, caller: &Caller, id: BusinessHoursId) -> Result<BusinessHours> {
        caller.actor.require(Permission::BusinessHoursManage)?;
        self.read(move |tx| Box::pin(business_hours::hours(tx, id))).await
    }

    /// Makes hours. What is not given is empty: closed on every day.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `business_hours:manage`; [`muster_core::Error::Invalid`], also without a
    /// name.
    pub async fn create_business_hours(&self, caller: &Caller, new: HoursPatch) -> Result<BusinessHours> {
        caller.actor.require(Permission::BusinessHoursManage)?;
        let named = HoursPatch { name: Some(new.name.clone().unwrap_or_default()), ..new };
        let new = Arc::new(BusinessHours::new(self.now()).patched(&named)?);
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_business_hours`]; [`muster_core::Error::NotFound`].
    pub async fn update_business_hours(
        &self,
        caller: &Caller,
        id: BusinessHoursId,
        patch: HoursPatch,
    ) -> Result<BusinessHours> {
        caller.actor.require(Permission::BusinessHoursManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::NotFound`]; [`Refusal::InUse`] while a team or the desk has
    /// them.
    pub async fn delete_business_hours(&self, caller: &Caller, id: BusinessHoursId) -> Result<()> {
        caller.actor.require(Permission::BusinessHoursManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

/// Whoever refers to these hours may: they are there, and stay so until the end of the transaction.
pub(crate) async fn require(work: &mut Work<'_>, id: Option<BusinessHoursId>) -> Result<()> {
    match id {
        Some(id) => business_hours::lock(work.tx, id).await.map(drop),
        None => Ok(()),
    }
}

async fn create(work: &mut Work<'_>, new: &BusinessHours) -> Result<BusinessHours> {
    let mut hours = BusinessHours { created_at: work.now, updated_at: work.now, ..new.clone() };
    hours.id = business_hours::insert(work.tx, &hours).await?;
    work.record_change(Event::BusinessHoursCreated { hours: hours.id }, json!(null), shown(&hours));
    Ok(hours)
}

async fn update(work: &mut Work<'_>, id: BusinessHoursId, patch: &HoursPatch) -> Result<BusinessHours> {
    let before = business_hours::lock(work.tx, id).await?;
    let mut hours = before.patched(patch)?;
    if hours == before {
        return Ok(before);
    }
    hours.version += 1;
    hours.updated_at = work.now;
    business_hours::save(work.tx, &hours).await?;
    let (was, is) = (shown(&before), shown(&hours));
    let fields = changed_fields(&was, &is);
    work.record_change(Event::BusinessHoursUpdated { hours: id, fields }, was, is);
    Ok(hours)
}

async fn delete(work: &mut Work<'_>, id: BusinessHoursId) -> Result<()> {
    let hours = business_hours::lock(work.tx, id).await?;
    let is_default = settings::general(work.tx).await?.business_hours == Some(id);
    if is_default || business_hours::has_team(work.tx, id).await? {
        return Err(Refusal::InUse(Entity::BusinessHours).into());
    }
    business_hours::delete(work.tx, id).await?;
    work.record_change(Event::BusinessHoursDeleted { hours: id }, shown(&hours), json!(null));
    Ok(())
}

fn shown(hours: &BusinessHours) -> Value {
    json!({
        "name": hours.name,
        "description": hours.description,
        "is_always_open": hours.is_always_open,
        "week": hours.week,
        "holidays": hours.holidays,
    })
}
