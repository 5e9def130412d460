//! Tests of the whole: the borders between the crates, and the running program.

#[cfg(test)]
mod borders;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod program;
