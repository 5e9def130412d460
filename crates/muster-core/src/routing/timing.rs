use super::{Board, Policy};
use crate::presence::Link;
use crate::time::Timestamp;

/// Tells the earliest instant after `now` at which time alone can change a decision: an exclusion,
/// a wrap-up or a proof of presence ends. `None`: nothing of the kind is due.
#[must_use]
pub fn next_change(board: &Board, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    if board.waiting_len() == 0 || policy.desk_mode_manual {
        return None;
    }
    let presence = board.agents().map(|agent| &agent.state).flat_map(|state| {
        let lease = state.lease_until.filter(|_| matches!(state.link, Link::Live | Link::Declared));
        [lease, state.wrap_up_until]
    });
    let exclusions = board.all_waiting().flat_map(|waiting| &waiting.excluded).map(|exclusion| exclusion.until);
    presence.flatten().chain(exclusions).filter(|instant| *instant > now).min()
}
