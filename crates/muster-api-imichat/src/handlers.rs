//! The endpoints: each translates, calls one use case, and translates back.

pub(crate) mod authorize;
pub(crate) mod search;
pub(crate) mod teams;
pub(crate) mod users;
