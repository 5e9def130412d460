//! The domain of Muster: entities, ids, permissions, events and the rules between them.
//!
//! Nothing here reads a clock, draws a random number, touches a disk or a socket, or is `async`:
//! time, ids and tokens arrive as arguments. No product's own word appears here either; the
//! dialects translate at their own borders.
//!
//! Start reading at [`agent`], [`presence`], [`conversation`] and [`routing`]. To add an aggregate: a
//! module with its fields and its transitions (each returns the [`event::Event`]s it caused), a
//! variant of [`Entity`], and its events in [`event`].

pub mod access;
pub mod activity;
pub mod actor;
pub mod agent;
pub mod attribute;
pub mod business_hours;
pub mod contact;
pub mod conversation;
pub mod draft;
pub mod duration;
pub mod error;
pub mod event;
pub mod filter;
pub mod id;
pub mod inbox;
pub mod integration;
pub mod job;
pub mod macros;
pub mod media;
pub mod mention;
pub mod message;
pub mod notification;
pub mod password;
pub mod permission;
pub mod phone;
pub mod presence;
pub mod role;
pub mod routing;
pub mod saved_view;
pub mod search;
pub mod second_factor;
pub mod settings;
pub mod signed_identity;
pub mod skill;
pub mod survey;
pub mod tag;
pub mod team;
pub mod template;
pub mod text;
pub mod time;
pub mod variables;
pub mod view;
mod word;

pub use error::{Busy, Entity, Error, Refusal, Result, Why};
pub use time::Timestamp;
