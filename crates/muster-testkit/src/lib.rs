//! Test desk, builders, a clock that stands still, and starters for the real servers that tests need.

pub mod breakage;
pub mod clock;
pub mod desk;
pub mod dice;
pub mod digest;
pub mod effort;
pub mod entropy;
mod environment;
pub mod http;
mod marks;
pub mod matrix;
pub mod people;
pub mod postgres;

pub use clock::TestClock;
pub use desk::TestDesk;
pub use digest::Digest;
pub use entropy::TestEntropy;
pub use http::{Client, Reply, Served};
pub use people::{AgentBuilder, AgentHandle, PASSWORD, VisitorHandle, signed_token};
pub use postgres::TestEngine;
