//! Erasures on the running program.

mod killed;
mod places;
