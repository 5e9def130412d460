//! Measures the desk as its clients see it: the release program on loopback, with authentication and fsync, beside a
//! bare handler, raw fsync and pgbench in the same run. Prints the tables of `docs/performance.md`.

mod bare;
mod desk;
mod disk;
mod flood;
mod large;
mod memory;
mod out;
mod overload;
mod screens;
mod sockets;
mod table;
mod wrk;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::desk::{Desk, Engine};
use crate::table::Table;

/// How long and how often each thing is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    seconds: u64,
    rounds: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut plan = Plan { seconds: 5, rounds: 3 };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, url, inbox] = arguments.as_slice()
        && first == "flood"
    {
        return flood::run(url, inbox).await;
    }
    if arguments.first().is_some_and(|first| first == "large") {
        return large::run(arguments.get(1..).unwrap_or_default()).await;
    }
    if arguments.first().is_some_and(|first| first == "screens") {
        return screens::run(arguments.get(1..).unwrap_or_default()).await;
    }
    let is_overload = arguments.first().is_some_and(|first| first == "overload");
    let mut arguments = arguments.into_iter().skip(usize::from(is_overload));
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
        match (argument.as_str(), number()) {
            ("bare", Some(port)) => return bare::serve(u16::try_from(port)?).await,
            ("--seconds", Some(seconds)) => plan.seconds = seconds,
            ("--rounds", Some(rounds)) => plan.rounds = usize::try_from(rounds)?,
            _ => bail!(
                "usage: muster-bench [overload] [--seconds N] [--rounds N], muster-bench large [--scale N], or muster-bench screens"
            ),
        }
    }
    if is_overload {
        let mut table = Table::new();
        overload::measure(plan, &mut table).await?;
        table.print();
        return Ok(());
    }
    measure(plan).await
}

async fn measure(plan: Plan) -> Result<()> {
    let mut table = Table::new();
    table.fsync(disk::fsyncs_per_second(Duration::from_secs(plan.seconds))?);
    let bare = bare::Bare::start().await?;
    table.bare(&wrk::measure(plan, "get.lua", &bare.url(), &[bare.credential(), "/agent"]).await?);
    drop(bare);
    table.pgbench(&wrk::pgbench(plan).await?);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        measure_engine(plan, engine, &mut table).await?;
    }
    overload::measure(plan, &mut table).await?;
    table.print();
    Ok(())
}

async fn measure_engine(plan: Plan, engine: Engine, table: &mut Table) -> Result<()> {
    out::progress(&format!("starting a desk on {}", engine.name()));
    let (desk, start_up) = Desk::start(engine).await?;
    table.start_up(engine, start_up);
    table.memory(engine, "idle", memory::kib(desk.pid())?);
    let sample = desk.fill().await?;
    let credential = desk.credential();
    let agent = format!("/api/v1/agents/{}", sample.agents[0]);
    let (agents, conversations) = (sample.agents_file(), sample.conversations_file());
    let runs: [(&str, &str, Vec<&str>); 5] = [
        ("read an agent", "get.lua", vec![credential, &agent]),
        ("page of 50 conversations", "get.lua", vec![credential, "/api/v1/conversations/all?page=1&page_size=50"]),
        ("update an agent", "update_agent.lua", vec![credential, &agents]),
        ("append a message", "append.lua", vec![credential, &conversations]),
        ("claim a conversation", "claim.lua", vec![credential, &conversations, &sample.takers[0], &sample.takers[1]]),
    ];
    for (what, script, arguments) in runs {
        out::progress(&format!("{}: {what}", engine.name()));
        table.rate(engine, what, &wrk::measure(plan, script, desk.url(), &arguments).await?);
    }
    out::progress(&format!("{}: the router's own claims", engine.name()));
    table.router(engine, sockets::router_claims(&desk, &sample).await?);
    out::progress(&format!("{}: from the visitor to the agent's socket", engine.name()));
    table.latency(engine, &sockets::latency(&desk, &sample, Duration::from_secs(2 * plan.seconds)).await?);
    drop(desk);
    let (fresh, _) = Desk::start(engine).await?;
    let sample = fresh.fill_little().await?;
    out::progress(&format!("{}: many sockets", engine.name()));
    let before = memory::kib(fresh.pid())?;
    let open = sockets::open_many(&fresh, &sample).await?;
    let after = memory::kib(fresh.pid())?;
    table.memory(engine, "50 agents' and 2,000 visitors' sockets", after);
    table.per_socket(engine, (after.saturating_sub(before)) * 1024 / open.count());
    drop(open);
    Ok(())
}
