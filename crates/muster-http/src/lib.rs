//! What the dialects share about HTTP.
//!
//! A dialect describes its endpoints in a [`routes::RouteTable`], wraps the router that comes out
//! of it in [`layers::Layers`], and the binary hands the result to [`serve::serve`]. Between the
//! two lie the plain parts every dialect needs: who calls ([`auth`], [`client`], [`origin`],
//! [`request`]), what it sent ([`body`], [`patch`], [`paging`], [`path`], [`query`]), how often it
//! may ([`limit`]), how that is counted ([`metrics`]), what it is answered ([`json`], [`failure`]), and the pump behind a WebSocket
//! ([`socket`]).
//!
//! Nothing here knows a product's words, a rule of the desk, or the store. What this crate has to
//! refuse by itself it names as a [`Trouble`], and the dialect's [`Envelope`] words the answer.

mod debug;

pub mod auth;
pub mod body;
pub mod client;
mod connection;
pub mod failure;
pub mod json;
pub mod layers;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod paging;
pub mod patch;
pub mod path;
pub mod query;
pub mod request;
pub mod routes;
pub mod serve;
pub mod socket;
pub mod tls;

use axum::response::Response;

/// What this crate refuses before a dialect's handler runs, or instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The path is served, but not with this method. The `Allow` header is added by the caller.
    MethodNotAllowed,
    /// The handler panicked; nothing of it may be shown.
    Panicked,
    /// The handler took longer than a request may.
    TimedOut,
    /// The `Host` header is missing, malformed or names a host this desk does not answer to.
    HostNotAllowed,
    /// The address holds an encoded NUL.
    Malformed,
}

/// How a dialect answers a [`Trouble`]: its status and its body.
pub type Envelope = fn(Trouble) -> Response;
