//! What one product keeps with a team.

use muster_core::id::TeamId;
use muster_core::{Entity, Error, Result, Why};
use muster_store::extras;
use serde_json::{Map, Value};

use super::input::Extras;
use crate::Work;

const KEYS_MAX: usize = 100;
const BYTES_MAX: usize = 64 * 1024;

/// Extras before and after a change.
pub(super) struct Moved {
    pub(super) before: Map<String, Value>,
    pub(super) after: Map<String, Value>,
}

/// Merges a change into the extras of a team whose row is locked. `None`: nothing moved.
pub(super) async fn merge(work: &mut Work<'_>, team: TeamId, given: &Extras) -> Result<Option<Moved>> {
    let before = extras::find(work.tx, Entity::Team, team.0, given.dialect).await?;
    let mut after = before.clone();
    for (key, value) in &given.values {
        if value.is_null() {
            after.remove(key);
        } else {
            after.insert(key.clone(), value.clone());
        }
    }
    if after == before {
        return Ok(None);
    }
    if after.len() > KEYS_MAX || Value::Object(after.clone()).to_string().len() > BYTES_MAX {
        return Err(Error::invalid("extras", Why::OutOfRange));
    }
    extras::save(work.tx, Entity::Team, team.0, given.dialect, &after).await?;
    Ok(Some(Moved { before, after }))
}
