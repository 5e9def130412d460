//! The store on both engines.

mod advisory;
mod dump;
mod migrations;
mod place;
mod plans;
mod schema;
mod seam;
mod statements;
