//! Tests of the test kit's own starters.

#[cfg(test)]
mod desk;
#[cfg(test)]
mod postgres;
