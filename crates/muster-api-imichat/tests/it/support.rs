//! A desk with the dialect served over real HTTP, and what the tests ask of answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_api_imichat::{Guard, KIND, Options, Settings, router};
use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::attributes::{AttributePatch, NewAttribute};
use muster_app::auth::Origin;
use muster_app::integrations::{CreatedIntegration, NewIntegration};
use muster_core::actor::{Caller, Via};
use muster_core::attribute::{Scope, ValueKind};
use muster_core::id::{AgentId, TeamId};
use muster_core::integration::Proof;
use muster_http::layers::Layers;
use muster_http::routes::{Built, Route};
use muster_testkit::{AgentHandle, Client, Reply, Served, TestDesk, TestEngine};
use serde_json::{Value, json};

/// A served desk.
pub(crate) struct Wire {
    pub(crate) desk: TestDesk,
    /// The router's own list.
    pub(crate) routes: Vec<Route<Guard>>,
    /// The OpenAPI document.
    pub(crate) document: Value,
    served: Served,
}

impl Wire {
    /// A desk that isn't set up.
    pub(crate) async fn on(engine: TestEngine, settings: Settings) -> Self {
        Self::counting(engine, settings, true).await
    }

    /// The same, which counts calls or doesn't.
    pub(crate) async fn counting(engine: TestEngine, settings: Settings, rate_limits: bool) -> Self {
        let desk = TestDesk::new(engine).await;
        let drawn = AtomicU32::new(1);
        let request_ids = Arc::new(move || format!("request-{}", drawn.fetch_add(1, Ordering::Relaxed)));
        let options = Options { layers: Layers::new(request_ids), rate_limits, settings };
        let Built { router, routes, openapi } = router(desk.app.clone(), &options);
        let document = serde_json::to_value(openapi).unwrap();
        let served = desk.serve(router).await;
        Self { desk, routes, document, served }
    }

    /// A desk that isn't set up, with the usual settings.
    pub(crate) async fn empty() -> Self {
        Self::on(TestEngine::Sqlite, Settings::default()).await
    }

    pub(crate) fn nobody(&self) -> Client {
        self.served.anonymous()
    }

    /// A key for the whole desk.
    pub(crate) async fn key(&self, name: &str) -> CreatedIntegration {
        self.key_for(name, None).await
    }

    /// A key for these teams, or for the whole desk.
    pub(crate) async fn key_for(&self, name: &str, teams: Option<Vec<TeamId>>) -> CreatedIntegration {
        let new = NewIntegration { kind: KIND, name: name.to_owned(), teams, proof: Proof::Either };
        self.desk.app.create_integration(&Caller::operator(), new).await.unwrap()
    }

    /// A client with a fresh token of this key, for a team.
    pub(crate) async fn client(&self, key: &CreatedIntegration, team: TeamId) -> Client {
        self.with_token(key).await.header("teamid", &team.to_string())
    }

    /// A client with a fresh token of this key.
    pub(crate) async fn with_token(&self, key: &CreatedIntegration) -> Client {
        let answer = self.nobody().header("authorization", &encoded(key)).get("/v3.1/authorize").await;
        let token = answer.header("access_token").unwrap_or_else(|| panic!("{}", answer.text()));
        self.nobody().header("access_token", token)
    }
}

/// What `authorize` takes.
pub(crate) fn encoded(key: &CreatedIntegration) -> String {
    STANDARD.encode(format!("{}@{}", key.key, key.integration.account))
}

/// A desk with an administrator, the team Support with Ana in it, lists of business units and locations, and a client
/// of a key that serves the whole desk.
pub(crate) struct World {
    pub(crate) wire: Wire,
    pub(crate) ada: AgentHandle,
    pub(crate) team: TeamId,
    pub(crate) ana: AgentHandle,
    pub(crate) key: CreatedIntegration,
    pub(crate) client: Client,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestEngine::Sqlite, Settings::default()).await
    }

    pub(crate) async fn on(engine: TestEngine, settings: Settings) -> Self {
        Self::over(Wire::on(engine, settings).await).await
    }

    pub(crate) async fn over(wire: Wire) -> Self {
        let ada = wire.desk.admin().await;
        let team = wire.desk.team("Support").await;
        let ana = wire.desk.agent("ana").team(team).password().await;
        let key = wire.key("People").await;
        let client = wire.client(&key, team).await;
        let world = Self { wire, ada, team, ana, key, client };
        world.offer("business", &["Retail", "Wholesale"]).await;
        world.offer("location", &["Pune"]).await;
        world
    }

    /// Fills the list of a custom attribute.
    pub(crate) async fn offer(&self, key: &str, options: &[&str]) {
        let app = &self.wire.desk.app;
        let defined = app.attribute_definitions(Scope::AgentCustom).await.unwrap();
        let id = defined.iter().find(|definition| definition.key == key).unwrap().id;
        let options = options.iter().map(ToString::to_string).collect();
        let patch = AttributePatch { options: Some(options), ..AttributePatch::default() };
        app.update_attribute(&Caller::operator(), id, patch).await.unwrap();
    }

    /// Defines a text attribute of skill.
    pub(crate) async fn define_skill(&self, key: &str) {
        self.define(Scope::AgentSkill, key, ValueKind::Text).await;
    }

    /// Defines an attribute.
    pub(crate) async fn define(&self, scope: Scope, key: &str, kind: ValueKind) {
        let new = NewAttribute {
            scope,
            key: key.to_owned(),
            name: key.to_owned(),
            description: "Of users".to_owned(),
            kind,
            options: Vec::new(),
            regex: String::new(),
            regex_hint: String::new(),
        };
        self.wire.desk.app.create_attribute(&Caller::operator(), new).await.unwrap();
    }

    /// Locks Ana.
    pub(crate) async fn lock(&self) {
        let extension = AgentExtension { locked: Some(true), ..AgentExtension::default() };
        let patch = AgentPatch { extension, ..AgentPatch::default() };
        self.wire.desk.app.update_agent(&Caller::operator(), self.ana.id, patch).await.unwrap();
    }

    /// Ana's address.
    pub(crate) fn path(&self) -> String {
        user(self.ana.id)
    }

    /// Changes Ana.
    pub(crate) async fn update(&self, body: &Value) -> Reply {
        self.client.patch(&self.path(), body).await
    }

    /// Ana as she is shown.
    pub(crate) async fn shown(&self) -> Value {
        self.client.get(&self.path()).await.response(4306)
    }
}

/// Where somebody signs in from.
pub(crate) fn origin() -> Origin {
    Origin { ip: None, user_agent: None, request_id: None, via: Via::Api }
}

pub(crate) fn user(id: AgentId) -> String {
    format!("/v3.1/users/{id}")
}

/// What tests ask of an answer.
pub(crate) trait Said {
    /// The `response` of a success with this code.
    fn response(&self, code: u16) -> Value;

    /// Checks status, the usual headers and the exact body of what is no success.
    fn comes_out(&self, outcome: Outcome);

    /// Checks the headers that stand on every answer.
    fn is_stamped(&self);
}

impl Said for Reply {
    #[track_caller]
    fn response(&self, code: u16) -> Value {
        let mut body = self.json();
        assert_eq!((self.status().as_u16(), &body["status_code"]), (200, &json!(code)), "{}", self.text());
        self.is_stamped();
        body["response"].take()
    }

    #[track_caller]
    fn comes_out(&self, (status, code, description): Outcome) {
        let body = format!(r#"{{"status_code":{code},"description":"{description}","response":""}}"#);
        assert_eq!((self.status().as_u16(), self.text()), (status, body));
        self.is_stamped();
    }

    #[track_caller]
    fn is_stamped(&self) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.header("trxid").is_some_and(|id| id.starts_with("request-")));
        assert_eq!(self.header("trxid"), self.header("x-request-id"));
        for name in ["rate-limit-limit", "rate-limit-remaining"] {
            assert!(self.header(name).is_some_and(|count| count.parse::<u32>().is_ok()), "{name}");
        }
        assert!(self.header("rate-limit-reset").is_some_and(|reset| reset.ends_with("T00:00:00Z")));
    }
}

/// Status, number, text.
pub(crate) type Outcome = (u16, u16, &'static str);

/// The outcomes that are no success.
pub(crate) mod outcome {
    use super::Outcome;

    pub(crate) const MISSING_HEADER: Outcome =
        (400, 2002, "Invalid header param - could not find mandatory header parameters");
    pub(crate) const INVALID_TOKEN: Outcome = (400, 2003, "Invalid Access Token");
    pub(crate) const TOKEN_EXPIRED: Outcome = (401, 2004, "Access Token expired");
    pub(crate) const INTERNAL: Outcome = (500, 2007, "Internal Server Error");
    pub(crate) const NO_TEAM: Outcome =
        (404, 2010, "Could not find details of team based on the teamid passed in the header");
    pub(crate) const METHOD_NOT_ALLOWED: Outcome = (405, 2099, "Method not allowed");
    pub(crate) const NO_USER: Outcome = (404, 3101, "Requested user was not found");
    pub(crate) const UPDATE_FAILED: Outcome = (500, 3104, "The user update failed");
    pub(crate) const INVALID_BUSINESS: Outcome =
        (400, 3107, "The value provided for the custom attribute 'business' is not valid.");
    pub(crate) const INVALID_LOCATION: Outcome =
        (400, 3110, "The value provided for the custom attribute 'location' is not valid.");
    pub(crate) const NO_BODY: Outcome = (400, 3114, "Request body not provided");
    pub(crate) const INVALID_REQUEST: Outcome = (400, 3115, "Request is invalid");
    pub(crate) const NO_ROUTE: Outcome = (404, 2098, "Resource not found");
    pub(crate) const LIMIT_EXCEEDED: Outcome = (429, 2029, "Rate limit exceeded");
    /// What passes by itself.
    pub(crate) const UNAVAILABLE: Outcome = (503, 2007, "Internal Server Error");
}
