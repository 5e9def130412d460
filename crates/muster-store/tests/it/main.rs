//! The store on both engines.

mod seam;
