//! Whether the clocks can be right.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp as Shown;
use muster_app::{Clock as _, SystemClock};
use muster_core::Timestamp;
use muster_store::db::Store;
use muster_store::health;

use super::Finding::{self, Fine, Note, Wrong};

/// When the commit was made that the program is built from; 0 if that isn't known. Seconds since 1970.
const MADE: &str = env!("MUSTER_COMMITTED");
/// How far the clocks of two machines may be apart.
const APART: Duration = Duration::from_secs(2);

pub(super) fn look() -> Finding {
    since_made(SystemClock.now(), Timestamp::from_millis(MADE.parse::<i64>().unwrap_or(0).saturating_mul(1000)))
}

fn since_made(now: Timestamp, made: Timestamp) -> Finding {
    if now < made {
        return Wrong(format!(
            "the system's clock says {}, which is before this program was made ({}): set it, and let it be kept right \
             (`timedatectl set-ntp true`)",
            shown(now),
            shown(made)
        ));
    }
    Fine(format!("the system's clock says {}", shown(now)))
}

/// Compares the clock with what the database knows of time.
pub(super) async fn look_into(store: &Store) -> Result<Vec<Finding>> {
    let times = store.read(|tx| Box::pin(health::times(tx))).await?;
    let now = SystemClock.now();
    let events = times.last_event.and_then(|last| after_events(now, last));
    let server = times.server.and_then(|server| beside_server(now, server));
    Ok(events.into_iter().chain(server).collect())
}

fn after_events(now: Timestamp, last: Timestamp) -> Option<Finding> {
    (last > now + APART).then(|| {
        Wrong(format!(
            "the system's clock says {}, but the desk's latest event is of {}: the clock was set back, or was ahead \
             before; set it right, or timers and sign-ins end at wrong times",
            shown(now),
            shown(last)
        ))
    })
}

fn beside_server(now: Timestamp, server: Timestamp) -> Option<Finding> {
    let apart = now.since(server).max(server.since(now));
    (apart > APART).then(|| {
        Note(format!(
            "the database server's clock and this machine's are {} s apart: let both be kept right (NTP)",
            apart.as_secs()
        ))
    })
}

fn shown(at: Timestamp) -> String {
    Shown::from_millisecond(at.as_millis()).map_or_else(|_| "no date at all".to_owned(), |at| format!("{at:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_800_000_003_000);
    const SOON: Timestamp = Timestamp::from_millis(1_800_000_001_000);

    #[test]
    fn a_clock_before_the_program_or_its_events_is_wrong() {
        assert!(matches!(since_made(NOON, LATER), Wrong(_)));
        assert!(matches!(since_made(LATER, NOON), Fine(_)));
        assert!(matches!(after_events(NOON, LATER), Some(Wrong(_))));
        assert_eq!(after_events(NOON, SOON), None);
        assert_eq!(after_events(LATER, NOON), None);
    }

    #[test]
    fn clocks_that_are_apart_are_noted_whichever_is_ahead() {
        for (ours, servers) in [(NOON, LATER), (LATER, NOON)] {
            assert!(matches!(beside_server(ours, servers), Some(Note(text)) if text.contains("3 s")));
        }
        assert_eq!(beside_server(NOON, SOON), None);
    }
}
