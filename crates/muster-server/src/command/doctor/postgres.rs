//! Whether PostgreSQL is set as a desk needs it.

use anyhow::Result;
use muster_store::db::{Store, StoreOptions};
use muster_store::health::{self, ServerSettings};

use super::Finding::{self, Fine, Note, Wrong};

/// Nothing on SQLite.
pub(super) async fn look(store: &Store) -> Result<Vec<Finding>> {
    let settings = store.read(|tx| Box::pin(health::server_settings(tx))).await?;
    Ok(settings.map(|settings| judge(&settings)).unwrap_or_default())
}

fn judge(settings: &ServerSettings) -> Vec<Finding> {
    // Too old a server isn't even opened.
    let mut findings = vec![Fine(format!("the server is PostgreSQL {}", settings.version))];
    for (name, is_on) in [("fsync", settings.fsync), ("full_page_writes", settings.full_page_writes)] {
        if !is_on {
            findings.push(Wrong(format!(
                "{name} is off on the database server: a loss of power can destroy the database; turn it on"
            )));
        }
    }
    if !["on", "remote_apply", "remote_write", "local"].contains(&settings.synchronous_commit.as_str()) {
        findings.push(Wrong(format!(
            "synchronous_commit is {} on the database server: messages that the desk has confirmed can be lost when \
             the server stops; turn it on",
            settings.synchronous_commit
        )));
    }
    findings.extend(connections(settings.connections));
    findings
}

/// `free` is what the server allows beside those that are reserved for its administrators.
fn connections(free: i64) -> Option<Finding> {
    let needed = i64::try_from(StoreOptions::POSTGRES_CONNECTIONS).unwrap_or(i64::MAX);
    let how = "raise max_connections on the database server";
    if free < needed {
        return Some(Wrong(format!(
            "the database server allows {free} connections, a desk opens up to {needed}: {how}"
        )));
    }
    (free < needed + needed / 2).then(|| {
        Note(format!(
            "the database server allows {free} connections, of which a desk opens up to {needed}; a backup or a command \
             beside it may find none: {how}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> ServerSettings {
        ServerSettings {
            version: "17.2".to_owned(),
            fsync: true,
            full_page_writes: true,
            synchronous_commit: "on".to_owned(),
            connections: 97,
        }
    }

    fn wrong(settings: &ServerSettings) -> String {
        let findings = judge(settings);
        let wrong: Vec<&str> =
            findings.iter().filter_map(|it| if let Wrong(text) = it { Some(text.as_str()) } else { None }).collect();
        wrong.join("\n")
    }

    #[test]
    fn a_server_as_it_comes_is_well() {
        assert!(matches!(&judge(&good())[..], [Fine(text)] if text.contains("17.2")));
    }

    #[test]
    fn what_can_lose_writes_is_wrong() {
        assert!(wrong(&ServerSettings { fsync: false, ..good() }).starts_with("fsync is off"));
        assert!(wrong(&ServerSettings { full_page_writes: false, ..good() }).starts_with("full_page_writes is off"));
        let settings = ServerSettings { synchronous_commit: "off".to_owned(), ..good() };
        assert!(wrong(&settings).starts_with("synchronous_commit is off"));
    }

    #[test]
    fn a_server_needs_as_many_connections_as_a_desk_opens() {
        assert!(matches!(connections(20), Some(Wrong(text)) if text.contains("20")));
        assert!(matches!(connections(45), Some(Note(_))));
        assert_eq!(connections(97), None);
    }
}
