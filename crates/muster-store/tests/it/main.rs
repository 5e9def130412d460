//! The store on both engines.

mod migrations;
mod place;
mod schema;
mod seam;
mod statements;
