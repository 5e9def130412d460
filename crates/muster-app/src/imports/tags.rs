//! A row that is a tag.

use muster_core::Result;
use muster_core::tag::checked_name;
use muster_store::tags as rows;

use super::Outcome;
use super::table::Cells;
use crate::{Work, tags};

pub(super) async fn make(work: &mut Work<'_>, row: &Cells) -> Result<Outcome> {
    let name = checked_name(row.get("name"))?;
    if !rows::hold_by_names(work.tx, std::slice::from_ref(&name)).await?.is_empty() {
        return Ok(Outcome::Failed { why: "the tag exists already".to_owned() });
    }
    let tag = tags::create(work, &name).await?;
    Ok(Outcome::Created { name: tag.name })
}
