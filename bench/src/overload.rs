//! What a flood does to agents: the time their requests take on a quiet desk, and the same while thousands of visitors'
//! sockets are open, slow clients hold connections, and somebody tries passwords, all at once.
//!
//! The flood comes from a process of its own ([`crate::flood`]). Each of its clients has an address of its own, in
//! `X-Forwarded-For`, so that limits by address hold none of them back.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use crate::desk::{Desk, Engine, Sample};
use crate::flood::{HALF, SOCKETS};
use crate::sockets::Latencies;
use crate::table::Table;
use crate::{Plan, memory, out};

/// Agents' requests a second.
const RATE: u32 = 50;

/// Measures on SQLite, and adds rows to the table.
pub(crate) async fn measure(plan: Plan, table: &mut Table) -> Result<()> {
    out::progress("a flood: starting a desk");
    let proxy = [("MUSTER_SERVER__TRUSTED_PROXIES", "127.0.0.1"), ("MUSTER_LOG", "error")];
    let (desk, _) = Desk::start_with(Engine::Sqlite, &proxy).await?;
    let sample = desk.fill().await?;
    let time = Duration::from_secs(3 * plan.seconds);
    let quiet = agents_requests(&desk, &sample, time).await?;
    table.agents("quiet", &quiet, "");

    let mut flood = Flood::start(&desk, &sample).await?;
    flood.wait_for(&format!("{HALF} sockets")).await?;
    let half = memory::kib(desk.pid())?;
    flood.wait_for(&format!("{SOCKETS} sockets")).await?;
    let all = memory::kib(desk.pid())?;
    table.memory(Engine::Sqlite, &format!("{SOCKETS} visitors' sockets"), all);
    table.per_socket(Engine::Sqlite, all.saturating_sub(half) * 1024 / u64::from(SOCKETS - HALF));
    let idle = agents_requests(&desk, &sample, time).await?;
    table.agents("with the sockets", &idle, &ratio(&idle, &quiet));

    flood.go_on().await?;
    flood.wait_for("flooding").await?;
    let flooded = agents_requests(&desk, &sample, time).await?;
    table.agents("with sockets, slow clients and wrong passwords", &flooded, &ratio(&flooded, &quiet));
    table.memory(Engine::Sqlite, "flooded", memory::kib(desk.pid())?);
    let told = flood.end().await?;
    table.note("what the flood got", &told);
    Ok(())
}

fn ratio(now: &Latencies, quiet: &Latencies) -> String {
    format!("p95 {:.1} × the quiet desk's", now.percentile(95) / quiet.percentile(95))
}

/// Agents read and write at a steady rate, however long an answer takes; each time counts from when the request was due.
async fn agents_requests(desk: &Desk, sample: &Sample, time: Duration) -> Result<Latencies> {
    let conversations = sample.conversations()?;
    let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
    let (begin, mut requests, mut number) = (Instant::now(), JoinSet::new(), 0_usize);
    while begin.elapsed() < time {
        let due = tick.tick().await;
        let conversation = &conversations[number * 7 % conversations.len()];
        let (method, path, body) = request(number, conversation, &sample.agents[number % sample.agents.len()]);
        let call = desk.request(&method, &path, &body);
        requests.spawn(async move {
            let answer = call.send().await?;
            let status = answer.status();
            answer.bytes().await?;
            if !status.is_success() {
                bail!("an agent was answered {status}");
            }
            anyhow::Ok(due.elapsed().as_secs_f64() * 1000.0)
        });
        number += 1;
    }
    let times = requests.join_all().await.into_iter().collect::<Result<Vec<f64>>>()?;
    Ok(Latencies::of(times))
}

/// Of ten requests five open a conversation, two list, two reply and one looks up an agent.
fn request(number: usize, conversation: &str, agent: &str) -> (Method, String, serde_json::Value) {
    match number % 10 {
        0 | 5 => (Method::GET, "/api/v1/conversations/all?page=1&page_size=50".to_owned(), json!(null)),
        3 | 8 => {
            let body = json!({"message": "<p>It is on its way.</p>", "sender_type": "agent", "private": false});
            (Method::POST, format!("/api/v1/conversations/{conversation}/messages"), body)
        }
        6 => (Method::GET, format!("/api/v1/agents/{agent}"), json!(null)),
        _ => (Method::GET, format!("/api/v1/conversations/{conversation}/messages"), json!(null)),
    }
}

/// The process that floods.
struct Flood {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Flood {
    async fn start(desk: &Desk, sample: &Sample) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["flood", desk.url(), &sample.inbox]).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        Ok(Self { child, lines })
    }

    async fn wait_for(&mut self, line: &str) -> Result<()> {
        match self.lines.next_line().await? {
            Some(said) if said == line => Ok(()),
            said => bail!("the flood said {said:?} and not {line:?}"),
        }
    }

    async fn go_on(&mut self) -> Result<()> {
        use tokio::io::AsyncWriteExt as _;
        Ok(self.child.stdin.as_mut().context("no input")?.write_all(b"\n").await?)
    }

    /// Ends it; its last line says what it was answered.
    async fn end(mut self) -> Result<String> {
        drop(self.child.stdin.take());
        let told = self.lines.next_line().await?.context("the flood said nothing at its end")?;
        self.child.wait().await?;
        Ok(told)
    }
}
