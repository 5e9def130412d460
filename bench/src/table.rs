//! The results, beside the budgets.

use std::time::Duration;

use crate::desk::Engine;
use crate::out;
use crate::sockets::Latencies;
use crate::wrk::Rates;

/// Gathers Markdown rows as they come.
pub(crate) struct Table {
    rows: Vec<String>,
    bare: f64,
    fsync: f64,
    pgbench: f64,
}

impl Table {
    pub(crate) fn new() -> Self {
        let rows =
            vec!["| what | on | median | lowest–highest | against |".to_owned(), "|---|---|---|---|---|".to_owned()];
        Self { rows, bare: 0.0, fsync: 0.0, pgbench: 0.0 }
    }

    pub(crate) fn fsync(&mut self, rate: f64) {
        self.fsync = rate;
        self.row("raw fsync", "disk", &format!("{rate:.0}/s"), "", "");
    }

    pub(crate) fn bare(&mut self, rates: &Rates) {
        self.bare = rates.median();
        self.measured("bare handler with the same key check", "axum", rates, "");
    }

    pub(crate) fn pgbench(&mut self, rates: &Rates) {
        self.pgbench = rates.median();
        self.measured("pgbench -N", "PostgreSQL", rates, "");
    }

    pub(crate) fn rate(&mut self, engine: Engine, what: &str, rates: &Rates) {
        let median = rates.median();
        let against = match (what, engine) {
            ("read an agent" | "page of 50 conversations", _) => {
                format!("{:.0} % of the bare handler", 100.0 * median / self.bare)
            }
            (_, Engine::Sqlite) => format!("{:.1} × raw fsync", median / self.fsync),
            (_, Engine::Postgres) => format!("{:.0} % of pgbench", 100.0 * median / self.pgbench),
        };
        self.measured(what, engine.name(), rates, &against);
    }

    pub(crate) fn router(&mut self, engine: Engine, rate: f64) {
        self.row("the router gives out a queue", engine.name(), &format!("{rate:.0}/s"), "", "");
    }

    pub(crate) fn latency(&mut self, engine: Engine, latencies: &Latencies) {
        let (middle, high) = (latencies.percentile(50), latencies.percentile(99));
        let median = format!("p50 {middle:.1} ms, p99 {high:.1} ms");
        let count = format!("{} chats at 200/s", latencies.count());
        self.row("visitor's request to agent's socket", engine.name(), &median, "", &count);
    }

    /// Times of agents' requests.
    pub(crate) fn agents(&mut self, when: &str, times: &Latencies, against: &str) {
        let (middle, high) = (times.percentile(50), times.percentile(95));
        let figures = format!("p50 {middle:.1} ms, p95 {high:.1} ms");
        self.row(&format!("agents' requests at 50/s, {when}"), "SQLite", &figures, "", against);
    }

    pub(crate) fn note(&mut self, what: &str, text: &str) {
        self.row(what, "", text, "", "");
    }

    pub(crate) fn memory(&mut self, engine: Engine, when: &str, kib: u64) {
        self.row(&format!("memory, {when}"), engine.name(), &format!("{} MiB", kib / 1024), "", "");
    }

    pub(crate) fn per_socket(&mut self, engine: Engine, bytes: u64) {
        self.row("memory of one more socket", engine.name(), &format!("{:.1} KiB", bytes as f64 / 1024.0), "", "");
    }

    pub(crate) fn start_up(&mut self, engine: Engine, time: Duration) {
        self.row(
            "start of an empty desk to its first answer",
            engine.name(),
            &format!("{} ms", time.as_millis()),
            "",
            "",
        );
    }

    pub(crate) fn print(&self) {
        for row in &self.rows {
            out::result(row);
        }
    }

    fn measured(&mut self, what: &str, on: &str, rates: &Rates, against: &str) {
        let (low, high) = rates.spread();
        self.row(what, on, &format!("{:.0}/s", rates.median()), &format!("{low:.0}–{high:.0}"), against);
    }

    fn row(&mut self, what: &str, on: &str, median: &str, spread: &str, against: &str) {
        let row = format!("| {what} | {on} | {median} | {spread} | {against} |");
        out::progress(&row);
        self.rows.push(row);
    }
}
