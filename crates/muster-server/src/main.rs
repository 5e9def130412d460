//! The muster program: command line, configuration, wiring and listeners.
fn main() {}
