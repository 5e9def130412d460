//! Lists and searches of a desk with a million conversations and ten million messages, as their readers wait for them:
//! one request after the other, by HTTP.

mod fill;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, Url};
use serde_json::json;

use crate::desk::{Desk, Engine};
use crate::out;
use fill::{Amount, RARE_WORD, WORD};

/// Requests of each kind that are measured, after some that aren't.
const REQUESTS: usize = 200;
const WARM_UP: usize = 5;
const AGENTS: usize = 20;

pub(crate) async fn run(arguments: &[String]) -> Result<()> {
    let scale = match arguments {
        [] => 1,
        [name, scale] if name == "--scale" => {
            scale.parse::<i64>().ok().filter(|scale| *scale >= 1).context("no scale")?
        }
        _ => bail!("usage: muster-bench large [--scale N]"),
    };
    out::result("| what | on | p50 | p95 | budget (p95) |\n|---|---|---|---|---|");
    // PostgreSQL has a tenth.
    for (engine, conversations) in [(Engine::Sqlite, 1_000_000 / scale), (Engine::Postgres, 100_000 / scale)] {
        measure(engine, Amount { conversations: conversations.max(100) }).await?;
    }
    Ok(())
}

/// A desk of that size, and its name.
pub(crate) async fn desk(engine: Engine, conversations: i64) -> Result<(Desk, String)> {
    let (desk, _) = Desk::start(engine).await?;
    let sample = desk.fill_little().await?;
    let mut agents = Vec::new();
    for number in 0..AGENTS {
        agents.push(desk.agent(&number.to_string(), 100).await?.parse::<i64>()?);
    }
    let stopped = desk.stop().await?;
    let begin = Instant::now();
    fill::fill(stopped.0.database(), Amount { conversations }, sample.inbox_id, &agents).await?;
    let name = format!("{}, {conversations} conversations", engine.name());
    out::progress(&format!("{name}: filled in {} s", begin.elapsed().as_secs()));
    Ok((Desk::resume(stopped).await?, name))
}

async fn measure(engine: Engine, amount: Amount) -> Result<()> {
    let (desk, name) = desk(engine, amount.conversations).await?;
    for (what, budget, paths) in questions(&desk, amount).await? {
        out::progress(&format!("{name}: {what}"));
        let [p50, p95] = timed(&desk, &paths).await?;
        let shown = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        out::result(&format!("| {what} | {name} | {} | {} | {budget} |", shown(p50), shown(p95)));
    }
    Ok(())
}

/// What is asked, its budget, and the requests that take turns.
async fn questions(desk: &Desk, amount: Amount) -> Result<Vec<(&'static str, &'static str, Vec<String>)>> {
    let leaf = |field: &str, operator: &str, value: &str| json!({"model": "conversations", "field": field, "operator": operator, "value": value});
    let narrow = json!([leaf("status_id", "equals", "1"), leaf("priority_id", "in", "[\"1\",\"2\"]")]);
    let view = json!({"name": "Urgent", "visibility": "all", "filters": narrow});
    let view = desk.call(Method::POST, "/api/v1/shared-views", &view).await?["id"].as_i64().context("no view")?;
    let wide = json!([leaf("priority_id", "equals", "1"), leaf("assigned_user_id", "set", "")]);
    let filtered = Url::parse_with_params("http://desk/api/v1/conversations/all", [("filters", wide.to_string())])?;
    let filtered = format!("{}?{}", filtered.path(), filtered.query().unwrap_or_default());
    let list = |name: &str, page: u32| format!("/api/v1/conversations/{name}?page={page}");
    let search = |what: &str, query: &str| format!("/api/v1/{what}/search?query={query}");
    let numbers = (1..=7)
        .map(|part| search("conversations", &(fill::FIRST_NUMBER + amount.conversations * part / 8).to_string()));
    Ok(vec![
        ("all conversations, first page", "50 ms", vec![list("all", 1)]),
        ("all conversations, 100th page", "50 ms", vec![list("all", 100)]),
        ("unassigned conversations, first page", "50 ms", vec![list("unassigned", 1)]),
        ("a view: open and urgent", "50 ms", vec![format!("/api/v1/views/{view}/conversations")]),
        ("a filter that no index answers", "–", vec![filtered]),
        ("messages with a word of 1 %", "150 ms", vec![search("messages", WORD)]),
        (
            "messages with that and the beginning of a common one",
            "–",
            vec![search("messages", &format!("{WORD}+word1"))],
        ),
        ("messages with a word of 0.01 %", "150 ms", vec![search("messages", RARE_WORD)]),
        ("a conversation by its number", "–", numbers.collect()),
        ("conversations by a part of an address", "–", vec![search("conversations", "customer-777")]),
    ])
}

/// The median and the 95th percentile.
async fn timed(desk: &Desk, paths: &[String]) -> Result<[Duration; 2]> {
    let mut times = Vec::new();
    for path in paths.iter().cycle().take(WARM_UP + REQUESTS) {
        let begin = Instant::now();
        let answer = desk.request(&Method::GET, path, &json!(null)).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        times.push(begin.elapsed());
        if !status.is_success() {
            bail!("{path}: {status} {body}");
        }
    }
    let mut times = times.split_off(WARM_UP);
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().context("no time");
    Ok([at(50)?, at(95)?])
}
