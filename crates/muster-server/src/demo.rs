//! `muster demo`: a throw-away desk, filled and used from outside.

mod busy;
mod client;
mod once;
mod presence;
mod sample;
pub(crate) mod wire;

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use muster_app::App;

use crate::cli::{Demo, Place, Sample};
use crate::config::{Config, Server, reachable};
use crate::demo::client::Client;
use crate::demo::sample::{Administrator, SampleAgent, TEAM};
use crate::exit::Usage;
use crate::out;
use crate::pages::Shop;
use crate::serve::Running;
use crate::signals::Signals;

pub(crate) async fn run(place: &Place, config: Config, demo: Demo) -> Result<()> {
    if place.data.is_some() {
        return Err(Usage::new("a demo's data is thrown away: leave out --data").into());
    }
    let data = tempfile::tempdir().context("no place for the demo's data")?;
    let config = Config {
        server: Server { data: data.path().join("desk"), listen: listen(&config, &demo)?, ..config.server },
        database: config.database,
        ..Config::default()
    };
    let mut signals = Signals::listen()?;
    let shop = Shop::default();
    let mut desk = Running::start(&config, None, Some(shop.clone())).await?;
    let shown = tokio::select! {
        shown = show(desk.app.clone(), base(desk.address, demo.at), demo.sample, &shop) => shown,
        () = signals.told() => Ok(()),
        error = desk.failed() => Err(error),
    };
    desk.stop().await;
    shown
}

fn listen(config: &Config, demo: &Demo) -> Result<SocketAddr, Usage> {
    let usual = if demo.sample.once { ([127, 0, 0, 1], 0).into() } else { config.server.listen };
    let listen = demo.listen.unwrap_or(usual);
    if listen.ip().is_loopback() || demo.public {
        return Ok(listen);
    }
    Err(Usage::new(format!("others can reach {listen}: say --public if they may, or take an address of 127.0.0.1")))
}

/// Where clients reach the demo: at its own address, unless they go through something in front of it.
fn base(address: SocketAddr, at: Option<String>) -> String {
    let at = at.map(|url| url.trim_end_matches('/').to_owned());
    at.unwrap_or_else(|| format!("http://{}", reachable(address)))
}

/// Plays once and ends, or fills the desk and stays until it is dropped.
async fn show(app: App, base: String, wanted: Sample, shop: &Shop) -> Result<()> {
    let nobody = Client::new(base.clone())?;
    let administrator = sample::administrator(&app).await?;
    let admin = nobody.with_key(&administrator.api_key, &administrator.api_secret);
    if wanted.once {
        out::line(format_args!("A throw-away desk answers at {base}"))?;
        once::play(&admin, &nobody).await?;
        return Ok(out::line("The desk works.")?);
    }
    let team = sample::team(&admin, TEAM, "🛟").await?;
    let inbox = sample::inbox(&admin, team).await?;
    let agents = if wanted.busy {
        busy::fill(&admin, &nobody, &inbox, team).await.context("filling the desk")?
    } else {
        vec![agent(&admin, "Amy", "Stone").await?, agent(&admin, "Ben", "Field").await?]
    };
    shop.open(&inbox);
    announce(&base, &administrator, &agents, &inbox)?;
    stay(&nobody, agents).await;
    Ok(())
}

async fn agent(admin: &Client, first_name: &'static str, last_name: &str) -> Result<SampleAgent> {
    let created = sample::create_agent(admin, first_name, last_name).await?;
    sample::ready_agent(admin, first_name, &created).await
}

/// Keeps the agents at work.
async fn stay(nobody: &Client, agents: Vec<SampleAgent>) {
    futures_util::future::join_all(agents.into_iter().map(|agent| presence::keep(nobody.clone(), agent))).await;
}

fn announce(base: &str, admin: &Administrator, agents: &[SampleAgent], inbox: &str) -> Result<()> {
    let Administrator { email, password, api_key, api_secret } = admin;
    out::line(format_args!("The demo answers at {base}. All of it is thrown away when it ends (Ctrl-C).\n"))?;
    out::line(format_args!("Write as a customer, on a page with the chat widget:\n  {base}/demo\n"))?;
    out::line(format_args!("Answer as an agent, in another window:\n  {base}/login\n"))?;
    out::line(format_args!("  administrator  {email}  {password}"))?;
    for SampleAgent { email, password, .. } in agents {
        out::line(format_args!("  agent          {email}  {password}"))?;
    }
    out::line("The agents are at work: the demo holds their sockets open and prints what they hear.\n")?;
    if let Some(why) = muster_ui::missing() {
        out::line(format_args!("Console and widget are not part of this program: {why}.\n"))?;
    }
    out::line(format_args!("Read the APIs' documentation:\n  {base}/docs\n"))?;
    out::line(format_args!(
        "Or use the API. Paste this into another terminal:\n  \
         API_KEY={api_key}\n  \
         API_SECRET={api_secret}\n  \
         INBOX={inbox}\n"
    ))?;
    out::line(format_args!(
        "Write as a customer there:\n  \
         curl {base}/api/v1/widget/chat/conversations/init \\\n    \
         --header \"X-Libredesk-Inbox-ID: $INBOX\" --header 'Content-Type: application/json' \\\n    \
         --data '{{\"message\": \"My parcel has not arrived.\"}}'\n\n\
         Ask why it went where it went, with the uuid from the answer:\n  \
         curl --user \"$API_KEY:$API_SECRET\" {base}/api/v1/conversations/UUID/routing\n"
    ))?;
    out::line(format_args!("listening on {base}"))?;
    Ok(())
}
