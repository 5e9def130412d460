//! One desk with the four dialects side by side over real HTTP, and a client of each.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_api_cloudagent as cloudagent;
use muster_api_imichat as imichat;
use muster_api_libredesk as libredesk;
use muster_api_rocketchat as rocketchat;
use muster_app::integrations::{CreatedIntegration, NewIntegration};
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::TeamId;
use muster_core::integration::Proof;
use muster_http::layers::Layers;
use muster_http::socket::Sockets;
use muster_testkit::{AgentHandle, Client, PASSWORD, Reply, Served, TestDesk, TestEngine};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// A served desk, without limits on calls.
pub(crate) struct Four {
    pub(crate) desk: TestDesk,
    pub(crate) libredesk: Served,
    pub(crate) rocketchat: Served,
    pub(crate) cloudagent: Served,
    pub(crate) imichat: Served,
    /// The team that the imi.chat client acts for.
    pub(crate) team: TeamId,
    /// By the administrator's API key.
    pub(crate) l: Client,
    /// By the administrator's token.
    pub(crate) r: Client,
    /// By the account's token; bodies have to name [`Self::account`].
    pub(crate) c: Client,
    pub(crate) account: String,
    pub(crate) cloudagent_key: CreatedIntegration,
    /// By a token of a key that serves the whole desk, for [`Self::team`].
    pub(crate) i: Client,
    pub(crate) imichat_key: CreatedIntegration,
}

impl Four {
    /// A desk with Ada, its administrator, and the team Support.
    pub(crate) async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    pub(crate) async fn on(engine: TestEngine) -> Self {
        let desk = TestDesk::new(engine).await;
        let layers = || Layers::new(Arc::new(|| "request-1".to_owned()));
        let options = libredesk::Options {
            layers: layers(),
            rate_limits: false,
            sockets: Sockets::new(CancellationToken::new()),
            integrations: &[],
            pages: None,
            visitors: libredesk::VisitorLimits::default(),
        };
        let libredesk = desk.serve(libredesk::router(desk.app.clone(), &options).router).await;
        let settings = rocketchat::Settings { department_removal: true };
        let options = rocketchat::Options { layers: layers(), rate_limits: false, settings };
        let rocketchat = desk.serve(rocketchat::router(desk.app.clone(), &options).router).await;
        let options =
            cloudagent::Options { layers: layers(), rate_limits: false, settings: cloudagent::Settings::default() };
        let cloudagent = desk.serve(cloudagent::router(desk.app.clone(), &options).router).await;
        let options = imichat::Options { layers: layers(), rate_limits: false, settings: imichat::Settings::default() };
        let imichat = desk.serve(imichat::router(desk.app.clone(), &options).router).await;

        let ada = desk.admin().await;
        let team = desk.team("Support").await;
        let cloudagent_key = integration(&desk, cloudagent::KIND).await;
        let imichat_key = integration(&desk, imichat::KIND).await;
        let account = cloudagent_key.integration.account.clone();
        let (l, r) = (libredesk.as_agent(&ada), sign_in(&rocketchat, "ada").await);
        let c = cloudagent_token(&cloudagent, &cloudagent_key).await;
        let i = imichat_token(&imichat, &imichat_key).await.header("teamid", &team.to_string());
        Self {
            desk,
            libredesk,
            rocketchat,
            cloudagent,
            imichat,
            team,
            l,
            r,
            c,
            account,
            cloudagent_key,
            i,
            imichat_key,
        }
    }

    /// An agent as Libredesk shows it, with the `muster` extension.
    pub(crate) async fn shown(&self, agent: &AgentHandle) -> Value {
        let reply = self.l.get(&format!("/api/v1/agents/{}", agent.id)).await;
        assert_eq!(reply.status(), 200, "{}", reply.text());
        reply.json()["data"].take()
    }

    pub(crate) async fn profile(&self, agent: &AgentHandle) -> Profile {
        self.desk.profile(agent).await
    }

    /// The agent's id at Rocket.Chat.
    pub(crate) async fn user_id(&self, agent: &AgentHandle) -> String {
        self.profile(agent).await.agent.public_id.to_string()
    }

    /// A team's id at Rocket.Chat.
    pub(crate) async fn department_id(&self, team: TeamId) -> String {
        self.desk.app.team(&Caller::operator(), team).await.unwrap().public_id.to_string()
    }

    /// Changes an agent through CloudAgent: the fields beside `userName`, `agentId` and `email`.
    pub(crate) async fn edit(&self, agent: &AgentHandle, fields: Value) -> Reply {
        let profile = self.profile(agent).await;
        let mut body = json!({
            "userName": self.account, "agentId": profile.agent.login, "email": profile.agent.email,
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        done(self.c.put("/ca_apis/updateAgent", &body).await)
    }

    /// Changes an agent through imi.chat.
    pub(crate) async fn update(&self, agent: &AgentHandle, fields: &Value) -> Reply {
        done(self.i.patch(&format!("/v3.1/users/{}", agent.id), fields).await)
    }

    /// An agent signed in at Rocket.Chat, with the password of a test desk's agents.
    pub(crate) async fn user(&self, login: &str) -> Client {
        sign_in(&self.rocketchat, login).await
    }
}

/// The answer, which is a success.
#[track_caller]
pub(crate) fn done(reply: Reply) -> Reply {
    assert_eq!(reply.status(), 200, "{}", reply.text());
    reply
}

async fn integration(desk: &TestDesk, kind: &'static str) -> CreatedIntegration {
    let new = NewIntegration { kind, name: "Acme".to_owned(), teams: None, proof: Proof::Either };
    desk.app.create_integration(&Caller::operator(), new).await.unwrap()
}

async fn sign_in(served: &Served, login: &str) -> Client {
    let body = json!({"user": login, "password": PASSWORD});
    let answer = done(served.anonymous().post("/api/v1/login", &body).await).json();
    let text = |name: &str| answer["data"][name].as_str().unwrap().to_owned();
    served.anonymous().header("x-user-id", &text("userId")).header("x-auth-token", &text("authToken"))
}

async fn cloudagent_token(served: &Served, key: &CreatedIntegration) -> Client {
    let body = json!({"userName": key.integration.account});
    let keyed = served.anonymous().header("apiKey", &key.key);
    let answer = done(keyed.post("/ca_apis/CAToken/generateToken", &body).await).json();
    served.anonymous().header("authorization", &format!("Bearer {}", answer["token"].as_str().unwrap()))
}

async fn imichat_token(served: &Served, key: &CreatedIntegration) -> Client {
    let shown = STANDARD.encode(format!("{}@{}", key.key, key.integration.account));
    let answer = done(served.anonymous().header("authorization", &shown).get("/v3.1/authorize").await);
    served.anonymous().header("access_token", answer.header("access_token").unwrap())
}
