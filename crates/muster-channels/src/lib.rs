//! Messages out into the world. For now mail over SMTP, see [`mail`].
//!
//! A channel registers itself at the desk for the jobs that are its own: `muster-app` writes those in the transaction
//! that wants them and never calls a channel. Nothing here knows SQL, a rule of the desk, or any product's words.

pub mod mail;
