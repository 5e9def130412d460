//! What a change of channels means to an agent who is at work.

use muster_core::Result;
use muster_core::agent::Profile;
use muster_core::presence::Change;

use crate::{Work, presence};

/// Moves an agent whose mode the channels no longer permit to the first that they do. With none left the sign-in at desk
/// programs ends.
pub(super) async fn follow_channels(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    let channels = profile.agent.channels;
    if profile.state.mode.is_none_or(|mode| channels.permit(mode)) {
        return Ok(());
    }
    match channels.first_permitted() {
        Some(mode) => {
            let change = Change::AtDesk { mode: Some(mode), phone: profile.state.phone.clone() };
            presence::shift(work, profile, &[change], "changed").await.map(drop)
        }
        None => presence::leave_desk(work, profile, "channels").await.map(drop),
    }
}
