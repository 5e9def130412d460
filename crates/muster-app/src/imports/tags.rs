//! A row that is a tag.

use muster_core::tag::checked_name;
use muster_core::{Error, Result};

use super::Outcome;
use super::table::Cells;
use crate::{Work, tags};

pub(super) async fn make(work: &mut Work<'_>, row: &Cells) -> Result<Outcome> {
    match tags::create(work, &checked_name(row.get("name"))?).await {
        Ok(tag) => Ok(Outcome::Created { name: tag.name }),
        Err(Error::Conflict(_)) => Ok(Outcome::Failed { why: "the tag exists already".to_owned() }),
        Err(error) => Err(error),
    }
}
