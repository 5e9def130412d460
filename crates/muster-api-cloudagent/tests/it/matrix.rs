//! Every route against every caller who is refused and against what no client should send.

use muster_api_cloudagent::{Endpoint as Kind, Guard};
use muster_http::layers::BodyLimit;
use muster_http::routes::Route;
use muster_testkit::matrix::{Endpoint, Surface, callers};
use muster_testkit::{Client, PASSWORD, Reply, TestDesk, TestEngine, malformed};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Setup, Wire};

/// A desk with one of everything.
struct World {
    wire: Wire,
    endpoints: Vec<Endpoint>,
    keyed: Client,
    /// With the key, as an agent.
    agent: Client,
}

impl World {
    async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    async fn on(engine: TestEngine) -> Self {
        let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
        wire.desk.team("Support").await;
        wire.desk.skill("French").await;
        wire.desk.agent("leaver").await;
        wire.desk.agent("kim").password().await;
        wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
        let endpoint = |route: &Route<Guard>| Endpoint {
            method: route.method.clone(),
            path: route.path.clone(),
            documented: route.documented,
        };
        let endpoints = wire.routes.iter().map(endpoint).collect();
        let request =
            wire.keyed().request(reqwest::Method::GET, "/").basic_auth("kim", Some(PASSWORD)).build().unwrap();
        let basic = request.headers()["authorization"].to_str().unwrap();
        let (keyed, agent) = (wire.keyed(), wire.keyed().header("authorization", basic));
        Self { wire, endpoints, keyed, agent }
    }

    fn kind(&self, endpoint: &Endpoint) -> Kind {
        let mut routes = self.wire.routes.iter();
        routes.find(|route| route.path == endpoint.path).unwrap().guard.endpoint
    }
}

impl Surface for World {
    fn desk(&self) -> &TestDesk {
        &self.wire.desk
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn document(&self) -> &Value {
        &self.wire.document
    }

    fn path(&self, endpoint: &Endpoint) -> String {
        endpoint.path.clone()
    }

    fn body(&self, endpoint: &Endpoint) -> Option<Value> {
        let mut body = match self.kind(endpoint) {
            Kind::GenerateToken | Kind::AgentLogins => json!({}),
            Kind::UpdateAgent => json!({
                "agentId": "a1", "email": "a1@example.org", "agentName": "Ann One", "autoAnswer": "All", "chat": true,
                "callControls": {"mute": false}, "assignSkills": [{"skillName": "French", "priority": 2}],
                "assignAgentGroups": "Support"
            }),
            Kind::CreateAgent => json!({
                "agentId": "new", "agentName": "New One", "password": "abc", "email": "new@example.org", "priority": 2
            }),
            Kind::DeleteAgent => json!({"agentId": "leaver"}),
            Kind::AgentDetails => json!({"agentId": "a1"}),
            Kind::ChangeAgentState => json!({"agentId": "kim", "state": "Pause", "pauseReason": "Lunch"}),
            Kind::AgentAuthentication => json!({"action": "login", "phoneNumber": "5550100"}),
            Kind::CreateSkill => json!({
                "skillName": "Spanish", "skillLocation": "Mumbai", "record": "Do not record calls",
                "agents": [{"agentId": "a1", "priority": 1}]
            }),
        };
        body["userName"] = json!(ACCOUNT);
        Some(body)
    }

    fn client(&self, endpoint: &Endpoint) -> &Client {
        if self.kind(endpoint) == Kind::AgentAuthentication { &self.agent } else { &self.keyed }
    }

    /// One of the envelopes: two or three keys, a word of status, and something said.
    #[track_caller]
    fn check_envelope(&self, reply: &Reply, place: &str) {
        assert_eq!(reply.header("content-type"), Some("application/json"), "{place}");
        let body = reply.json();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let refusals: [&[&str]; 5] = [
            &["data", "message", "status"],
            &["message", "status"],
            &["messages", "status"],
            &["Message", "Status"],
            &["Message", "status"],
        ];
        let status = body["status"].as_str().or(body["Status"].as_str());
        if reply.status().is_success() {
            let is_token = keys == ["message", "token"];
            assert!(is_token || ["success", "Success"].contains(&status.unwrap()), "{place}");
        } else {
            assert!(refusals.contains(&keys.as_slice()), "{place}");
            assert!(["false", "error", "Fail"].contains(&status.unwrap()), "{place}");
        }
    }

    fn blank_is_empty(&self, endpoint: &Endpoint) -> bool {
        self.kind(endpoint) == Kind::DeleteAgent
    }

    fn ignores_content_type(&self) -> bool {
        true
    }

    /// A refused sign-in stands in the books.
    fn notes_refusals_in(&self, endpoint: &Endpoint) -> &'static [&'static str] {
        if self.kind(endpoint) == Kind::AgentAuthentication { &["audit", "events"] } else { &[] }
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        ["already", "Already"].iter().any(|word| reply.text().contains(word))
    }

    fn refuses(&self, reply: &Reply) -> bool {
        [400, 401, 404].contains(&reply.status().as_u16())
    }
}

malformed! {
    world: World::on,
    largest: BodyLimit::DEFAULT.0,
    words: ["a1", "kim", "ada", "acme", "French", "Support", "Ready", "Pause", "login", "true", "transfer"],
    once: [],
}

/// What a page says to a call without a key, and to one with a wrong key.
fn key_refusals(kind: Kind) -> (Value, Value) {
    let credential = |message: &str| json!({"status": "false", "message": message, "data": null});
    let error = |message: &str| json!({"status": "error", "message": message});
    let missing = "Api Key Should Not be Null or Empty.";
    match kind {
        Kind::UpdateAgent | Kind::CreateAgent | Kind::DeleteAgent => {
            (credential(missing), credential("Invalid User Details"))
        }
        Kind::GenerateToken => (credential(missing), credential("Invalid userName or apiKey")),
        Kind::AgentDetails | Kind::AgentLogins | Kind::ChangeAgentState => {
            (error("apiKey should not be empty"), error("userName or apiKey is Invalid"))
        }
        Kind::AgentAuthentication => (error("Invalid userName or apiKey"), error("Invalid userName or apiKey")),
        Kind::CreateSkill => (credential("Invalid User Details"), credential("Invalid User Details")),
    }
}

#[tokio::test]
async fn whoever_shows_no_good_key_is_refused_everywhere() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    let missing =
        |endpoint: &Endpoint| Some(callers::Refusal { status: 401, body: key_refusals(world.kind(endpoint)).0 });
    callers::are_refused(&world, "no key", &nobody, missing).await;
    callers::are_refused(&world, "a blank key", &nobody.clone().header("apiKey", ""), missing).await;
    let wrong =
        |endpoint: &Endpoint| Some(callers::Refusal { status: 401, body: key_refusals(world.kind(endpoint)).1 });
    callers::are_refused(&world, "a wrong key", &nobody.clone().header("apiKey", "x"), wrong).await;
    let imi = muster_app::integrations::NewIntegration {
        kind: "another",
        name: "Other".to_owned(),
        teams: None,
        proof: muster_core::integration::Proof::Either,
    };
    let other = world.wire.desk.app.create_integration(&muster_core::actor::Caller::operator(), imi).await.unwrap();
    callers::are_refused(&world, "another product's key", &nobody.clone().header("apiKey", &other.key), wrong).await;
    world
        .wire
        .desk
        .app
        .revoke_integration(&muster_core::actor::Caller::operator(), "cloudagent", "Acme")
        .await
        .unwrap();
    callers::are_refused(&world, "a revoked key", &world.keyed, wrong).await;
}

#[tokio::test]
async fn an_agents_own_credentials_are_none_of_an_accounts() {
    let world = World::new().await;
    let ada = world.wire.desk.agent("boss").role("Admin").password().await;
    let by_key = world.wire.nobody().header("apiKey", &ada.key.1);
    let wrong =
        |endpoint: &Endpoint| Some(callers::Refusal { status: 401, body: key_refusals(world.kind(endpoint)).1 });
    callers::are_refused(&world, "an agent's API key", &by_key, wrong).await;
}
