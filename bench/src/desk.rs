//! A desk to measure: the release program in a directory of its own, filled through its API.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use muster_store::Database;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::wrk;

/// The program of the profile that this one was built with.
const PROGRAM: &str = if cfg!(debug_assertions) { "target/debug/muster" } else { "target/release/muster" };
/// The administrator's address and password.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("admin@example.org", "Bench_passw0rd");
const AGENTS: usize = 100;
const CONVERSATIONS: usize = 2_000;
/// Requests under way while the desk is filled.
const AT_ONCE: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

pub(crate) struct Desk {
    url: String,
    credential: String,
    http: Client,
    child: Child,
    place: Place,
}

/// Where a desk keeps what it has; it goes with this value.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    /// Of PostgreSQL.
    database: Option<String>,
}

impl Place {
    async fn new(engine: Engine) -> Result<Self> {
        let directory = tempfile::tempdir_in("target")?;
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(wrk::database("muster_bench").await?),
        };
        Ok(Self { directory, database })
    }

    pub(crate) fn database(&self) -> Database {
        match &self.database {
            None => Database::Sqlite(self.directory.path().join("data").join("muster.db")),
            Some(url) => Database::Postgres(url.clone()),
        }
    }

    fn program(&self) -> Command {
        program(self.directory.path(), self.database.as_deref())
    }
}

/// What a desk was filled with.
pub(crate) struct Sample {
    pub(crate) agents: Vec<String>,
    /// Two agents with room for everything.
    pub(crate) takers: [String; 2],
    pub(crate) inbox: String,
    pub(crate) inbox_id: i64,
    files: PathBuf,
}

impl Sample {
    pub(crate) fn agents_file(&self) -> String {
        self.files.join("agents").display().to_string()
    }

    pub(crate) fn conversations(&self) -> Result<Vec<String>> {
        Ok(std::fs::read_to_string(self.conversations_file())?.lines().map(ToOwned::to_owned).collect())
    }

    pub(crate) fn conversations_file(&self) -> String {
        self.files.join("conversations").display().to_string()
    }
}

impl Desk {
    /// The desk, and how long an empty one took from the start of its process to its first answer.
    pub(crate) async fn start(engine: Engine) -> Result<(Self, Duration)> {
        Self::start_with(engine, &[("MUSTER_LIBREDESK__RATE_LIMITS", "false")]).await
    }

    /// The same with these variables.
    pub(crate) async fn start_with(engine: Engine, variables: &[(&str, &str)]) -> Result<(Self, Duration)> {
        let place = Place::new(engine).await?;
        let (url, http, child, start_up) = serve(&place, variables).await?;
        let credential = credential(&place).await?;
        Ok((Self { url, credential, http, child, place }, start_up))
    }

    /// Ends the process, and leaves what it kept.
    pub(crate) async fn stop(mut self) -> Result<(Place, String)> {
        self.child.kill().await?;
        Ok((self.place, self.credential))
    }

    /// Starts the process again where it was, without rate limits.
    pub(crate) async fn resume((place, credential): (Place, String)) -> Result<Self> {
        let (url, http, child, _) = serve(&place, &[("MUSTER_LIBREDESK__RATE_LIMITS", "false")]).await?;
        Ok(Self { url, credential, http, child, place })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// For `Authorization: Basic`.
    pub(crate) fn credential(&self) -> &str {
        &self.credential
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// What stands in `data` of the answer.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let mut answer: Value = self.request(&method, path, body).send().await?.json().await?;
        if answer["status"] != "success" {
            bail!("{method} {path}: {answer}");
        }
        Ok(answer["data"].take())
    }

    /// A request of the administrator.
    pub(crate) fn request(&self, method: &Method, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.request(method.clone(), format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Basic {}", self.credential));
        if *method == Method::GET { request } else { request.json(body) }
    }

    /// A team, an inbox and two agents.
    pub(crate) async fn fill_little(&self) -> Result<Sample> {
        self.call(
            Method::POST,
            "/api/v1/teams",
            &json!({"name": "Bench", "timezone": "UTC", "conversation_assignment_type": "Round robin"}),
        )
        .await?;
        let inbox = self
            .call(
                Method::POST,
                "/api/v1/inboxes",
                &json!({"name": "Bench", "channel": "livechat", "enabled": true, "config": {}}),
            )
            .await?;
        let inbox_id = inbox["id"].as_i64().context("no inbox id")?;
        let takers = [self.agent("taker-1", 60_000).await?, self.agent("taker-2", 60_000).await?];
        let files = self.place.directory.path().to_owned();
        let inbox = inbox["uuid"].as_str().context("no inbox uuid")?.to_owned();
        Ok(Sample { agents: Vec::new(), takers, inbox, inbox_id, files })
    }

    /// The same with a hundred agents and two thousand conversations.
    pub(crate) async fn fill(&self) -> Result<Sample> {
        let mut sample = self.fill_little().await?;
        let agents = stream::iter(0..AGENTS).map(|number| async move { self.agent(&number.to_string(), 100).await });
        sample.agents = agents.buffered(AT_ONCE).try_collect().await?;
        let inbox = sample.inbox_id;
        let conversations = stream::iter(0..CONVERSATIONS).map(|number| self.conversation(inbox, number));
        let uuids: Vec<String> = conversations.buffered(AT_ONCE).try_collect().await?;
        std::fs::write(sample.agents_file(), sample.agents.join("\n") + "\n")?;
        std::fs::write(sample.conversations_file(), uuids.join("\n") + "\n")?;
        Ok(sample)
    }

    pub(crate) async fn agent(&self, name: &str, capacity: u16) -> Result<String> {
        let body = json!({
            "first_name": "Bench", "last_name": name, "email": format!("agent-{name}@example.org"), "roles": ["Agent"],
            "teams": ["Bench"], "muster": {"capacity": capacity},
        });
        let agent = self.call(Method::POST, "/api/v1/agents", &body).await?;
        Ok(agent["id"].as_i64().context("no agent id")?.to_string())
    }

    pub(crate) async fn conversation(&self, inbox: i64, number: usize) -> Result<String> {
        let body = json!({
            "inbox_id": inbox, "contact_email": format!("customer-{number}@example.com"), "first_name": "Customer",
            "content": "<p>Where is my parcel?</p>", "initiator": "contact",
        });
        let conversation = self.call(Method::POST, "/api/v1/conversations", &body).await?;
        Ok(conversation["uuid"].as_str().context("no uuid")?.to_owned())
    }

    /// An API key of an agent, for `Authorization: Basic`.
    pub(crate) async fn key_of(&self, agent: &str) -> Result<String> {
        let key = self.call(Method::POST, &format!("/api/v1/agents/{agent}/api-key"), &json!({})).await?;
        encoded(&key)
    }
}

/// Starts the program; its address, a client, its process, and how long it took to its first answer.
async fn serve(place: &Place, variables: &[(&str, &str)]) -> Result<(String, Client, Child, Duration)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let url = format!("http://127.0.0.1:{port}");
    let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let mut command = place.program();
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).kill_on_drop(true);
    command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let begin = Instant::now();
    let child = command.spawn().context("target/release/muster is missing: run bench/run")?;
    while http.get(format!("{url}/health")).send().await.is_err() {
        if begin.elapsed() > Duration::from_secs(30) {
            bail!("the desk did not start");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok((url, http, child, begin.elapsed()))
}

fn program(directory: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--data").arg(directory.join("data"));
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command
}

/// Makes an administrator and a key.
async fn credential(place: &Place) -> Result<String> {
    let mut command = place.program();
    command.args(["admin", "create", "--email", ADMINISTRATOR.0, "--first-name", "Bench", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("no input")?.write_all(format!("{}\n", ADMINISTRATOR.1).as_bytes()).await?;
    if !child.wait().await?.success() {
        bail!("no administrator could be made");
    }
    let output = place.program().args(["api-key", "create", "--agent", ADMINISTRATOR.0, "--json"]).output().await?;
    encoded(&serde_json::from_slice(&output.stdout)?)
}

fn encoded(key: &Value) -> Result<String> {
    let part = |name: &str| key[name].as_str().with_context(|| format!("no {name}"));
    Ok(STANDARD.encode(format!("{}:{}", part("api_key")?, part("api_secret")?)))
}
