//! A toy dialect on the real stack: the route table, the layers, the listener and the socket pump.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod layers;
mod openapi;
mod routes;
mod serve;
mod socket;
mod tls;
mod toy;
