//! Load by wrk and pgbench, and what they print.

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::Plan;

const CONNECTIONS: &str = "64";

/// Rates of several rounds, requests a second.
#[derive(Debug, Clone)]
pub(crate) struct Rates(pub(crate) Vec<f64>);

impl Rates {
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// Lowest and highest.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let low = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        (low, self.0.iter().copied().fold(0.0, f64::max))
    }
}

/// Runs a script of `bench/scripts` several times. Any answer but 2xx is a failure of the whole run.
pub(crate) async fn measure(plan: Plan, script: &str, url: &str, arguments: &[&str]) -> Result<Rates> {
    let mut rates = Vec::new();
    for _ in 0..plan.rounds {
        let output = Command::new("wrk")
            .args(["-t", "2", "-c", CONNECTIONS, "-d", &format!("{}s", plan.seconds)])
            .args(["-s", &format!("bench/scripts/{script}"), url, "--"])
            .args(arguments)
            .output()
            .await
            .context("wrk is not installed: run scripts/setup.sh bench")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
            bail!("{script} was refused:\n{text}{}", String::from_utf8_lossy(&output.stderr));
        }
        rates.push(number_after(&text, "Requests/sec:")?);
    }
    Ok(Rates(rates))
}

/// The rate of pgbench's simple update (`-N`), on a database of its own.
pub(crate) async fn pgbench(plan: Plan) -> Result<Rates> {
    let url = database("muster_pgbench").await?;
    let bin = bin().await?;
    run(Command::new(format!("{bin}/pgbench")).args(["-i", "-q", "-s", "10", &url])).await?;
    let mut rates = Vec::new();
    for _ in 0..plan.rounds {
        let time = plan.seconds.to_string();
        let mut command = Command::new(format!("{bin}/pgbench"));
        command.args(["-N", "-n", "-c", CONNECTIONS, "-j", "2", "-M", "prepared", "-T", &time, &url]);
        rates.push(number_after(&run(&mut command).await?, "tps =")?);
    }
    Ok(Rates(rates))
}

/// A new, empty database of the scratch cluster; its URL.
pub(crate) async fn database(name: &str) -> Result<String> {
    let server = server_url()?;
    let psql = format!("{}/psql", bin().await?);
    run(Command::new(&psql).args([&server, "-qc", &format!("DROP DATABASE IF EXISTS {name}")])).await?;
    run(Command::new(&psql).args([&server, "-qc", &format!("CREATE DATABASE {name}")])).await?;
    let (base, _) = server.rsplit_once('/').context("the URL names no database")?;
    Ok(format!("{base}/{name}"))
}

#[expect(clippy::disallowed_methods, reason = "scripts/with-postgres.sh says where its cluster is")]
fn server_url() -> Result<String> {
    std::env::var("MUSTER_TEST_POSTGRES_URL").context("run this through bench/run")
}

async fn bin() -> Result<String> {
    Ok(run(&mut Command::new("scripts/postgres-bin.sh")).await?.trim().to_owned())
}

async fn run(command: &mut Command) -> Result<String> {
    let output = command.output().await?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn number_after(text: &str, label: &str) -> Result<f64> {
    let (_, rest) = text.split_once(label).with_context(|| format!("no `{label}` in:\n{text}"))?;
    Ok(rest.split_whitespace().next().context("no number")?.parse()?)
}
