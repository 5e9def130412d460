//! Agents with all that belongs to the aggregate: roles, memberships, skills and the hot state row.
//!
//! A profile is five short selects. Whatever changes an agent takes its `agent_state` row first
//! ([`lock_profile`]).

mod lists;
mod load;
mod memberships;
mod names;
mod profile;
mod roles;
mod row;
mod skills;
mod state;
mod write;

pub use lists::{
    count_admins, count_other_admins, holders_of_role, holders_of_skill, list_summaries, live_ids, lock_admins,
    members_of_team, role_names, summaries_of_team, team_labels,
};
pub use load::{change_load, claim_seat, claim_slot};
pub use memberships::{
    delete_membership, delete_memberships_of_team, insert_membership, lowest_count, save_membership, save_place,
    team_members, team_sizes,
};
pub use names::{
    SignInOwner, delete_sign_in_names, id_by_public_id, ids_by_logins, ids_by_public_ids, insert_sign_in_name,
    lock_names, names_like, sign_in_owner, was_login_deleted,
};
pub use profile::{
    all_profiles, find_agent, find_profile, lock_profile, lock_profiles, profile, profiles_around, profiles_by_ids,
};
pub use roles::{add_role, remove_role};
pub use skills::{remove_skill, remove_skills, save_skill};
pub use state::{find_state, insert_state, lock, lock_phones, raise_epochs, reached_at, save_state};
pub use write::{insert_agent, save_agent, save_last_active, save_last_login, touch_agents};
