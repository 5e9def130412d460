//! Tests of the whole: the borders between the crates, and the running program.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod books;
#[cfg(test)]
mod borders;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod client;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod disk_full;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod four;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod nginx;
#[cfg(test)]
mod open_metrics;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod program;
#[cfg(test)]
mod race;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod secure;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod traces;
