//! Credentials: passwords, API keys, sessions and one-time links. Only hashes are kept.

mod keys;
mod links;
mod passwords;
mod second_factor;
mod sessions;

pub use keys::{ApiKey, delete_key, delete_keys, find_key, find_key_by_name, insert_key, list_keys, save_last_used};
pub use links::{
    Link, delete_links_of_agent, delete_links_of_purpose, find_link, insert_link, is_link_used, prolong_link, use_link,
};
pub use passwords::{delete_passwords, find_password, save_password};
pub use second_factor::{
    SecondFactor, count_recovery_codes, delete_recovery_codes, delete_second_factor, find_second_factor,
    insert_recovery_code, save_second_factor, use_recovery_code,
};
pub use sessions::{
    Session, delete_expired_sessions, delete_session, delete_sessions, delete_sessions_of_kind, end_sessions,
    extend_session, find_session, insert_session, list_sessions,
};
