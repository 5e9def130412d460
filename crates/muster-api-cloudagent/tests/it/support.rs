//! A desk with the dialect served over real HTTP, and what the tests ask of answers.

use std::sync::Arc;

use muster_api_cloudagent::{Guard, KIND, Options, Settings, router};
use muster_app::agents::AgentPatch;
use muster_app::integrations::NewIntegration;
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::integration::Proof;
use muster_http::layers::Layers;
use muster_http::routes::{Built, Route};
use muster_testkit::{Client, Reply, Served, TestDesk, TestEngine};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "acme";
pub(crate) const EDIT: &str = "/ca_apis/updateAgent";
pub(crate) const CREATE: &str = "/ca_apis/createAgent";
pub(crate) const DELETE: &str = "/ca_apis/deleteAgent";
pub(crate) const DETAILS: &str = "/ca_apis/AgentDetails";
pub(crate) const LOGINS: &str = "/ca_apis/getAgentLogins";
pub(crate) const STATE: &str = "/ca_apis/changeAgentState";
pub(crate) const DESK: &str = "/CAServices/AgentAuthenticationV2/index.php";
pub(crate) const SKILL: &str = "/ca_apis/skill";
pub(crate) const TOKEN: &str = "/ca_apis/CAToken/generateToken";

// The bodies of the pages.
pub(crate) const NO_KEY: &str = r#"{"status": "false","message": "Api Key Should Not be Null or Empty.","data": null}"#;
pub(crate) const WRONG_USER: &str = r#"{"status": "false","message": "Invalid User Details","data": null}"#;
pub(crate) const NO_TOKEN: &str = r#"{"status": "false","message": "Token Should Not be Null or Empty.","data": null}"#;
pub(crate) const WRONG_TOKEN: &str = r#"{"status": "false","message": "Invalid Token","data": null}"#;
pub(crate) const OLD_TOKEN: &str = r#"{"status": "false","message": "Token Expired","data": null}"#;
pub(crate) const MALFORMED: &str = r#"{"status": "false","message": "Invalid Json Pass Valid Json","data": null}"#;
pub(crate) const NO_AGENT: &str = r#"{"status": "error","message": "Agent not found"}"#;
pub(crate) const WRONG_NAME: &str = r#"{"Status": "Fail","Message": {"agentName": "The agent name must not be empty and it should be between 2 and 50 alphanumeric characters and allow special characters such as., @, _, -"}}"#;
pub(crate) const NO_NAME: &str = r#"{"status": "error","message": "Agent Name is required"}"#;
pub(crate) const WRONG_PASSWORD: &str =
    r#"{"message": "Password length must be between 3 and 50 characters","status": "error"}"#;
pub(crate) const NO_PASSWORD: &str = r#"{"message": "Password is required","status": "error"}"#;
pub(crate) const WRONG_EMAIL: &str = r#"{"message": "Invalid email format","status": "error"}"#;
pub(crate) const NO_EMAIL: &str = r#"{"message": "Email should not be null or empty","status": "error"}"#;
pub(crate) const TOO_MANY: &str = r#"{"status": "error","message": "Max limit exceeded"}"#;
pub(crate) const UPDATED: &str = r#"{"Status": "Success","Message": "Agent Updated Successfully"}"#;
pub(crate) const CREATED: &str = r#"{"Status": "Success","Message": "Agent Created Successfully"}"#;

/// A served desk.
pub(crate) struct Wire {
    pub(crate) desk: TestDesk,
    /// The router's own list.
    pub(crate) routes: Vec<Route<Guard>>,
    /// The OpenAPI document.
    pub(crate) document: Value,
    /// The account's key.
    pub(crate) key: String,
    served: Served,
}

/// How a desk is served.
pub(crate) struct Setup {
    pub(crate) engine: TestEngine,
    pub(crate) rate_limits: bool,
    pub(crate) settings: Settings,
    pub(crate) proof: Proof,
}

impl Default for Setup {
    fn default() -> Self {
        let settings = Settings::default();
        Self { engine: TestEngine::Sqlite, rate_limits: false, settings, proof: Proof::Either }
    }
}

impl Wire {
    /// A desk with an administrator, the account `acme`, and the agent `a1`, Ann One, `a1@example.org`; nobody counts
    /// calls.
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    /// The same, where calls are counted.
    pub(crate) async fn limited() -> Self {
        Self::with(Setup { rate_limits: true, ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let desk = TestDesk::with(setup.engine, |settings| {
            if !setup.rate_limits {
                settings.sign_in_failures = 0;
            }
        });
        let desk = desk.await;
        desk.admin().await;
        let a1 = desk.agent("a1").await;
        let named = AgentPatch { full_name: Some("Ann One".to_owned()), ..AgentPatch::default() };
        desk.app.update_agent(&Caller::operator(), a1.id, named).await.unwrap();
        Self::serve(desk, setup).await
    }

    /// A desk that waits for its first administrator.
    pub(crate) async fn not_set_up() -> Self {
        Self::serve(TestDesk::new(TestEngine::Sqlite).await, Setup::default()).await
    }

    async fn serve(desk: TestDesk, setup: Setup) -> Self {
        let new = NewIntegration { kind: KIND, name: "Acme".to_owned(), teams: None, proof: setup.proof };
        let made = desk.app.create_integration(&Caller::operator(), new).await.unwrap();
        assert_eq!(made.integration.account, ACCOUNT);
        let layers = Layers::new(Arc::new(|| "request-1".to_owned()));
        let options = Options { layers, rate_limits: setup.rate_limits, settings: setup.settings };
        let Built { router, routes, openapi } = router(desk.app.clone(), &options);
        let document = serde_json::to_value(openapi).unwrap();
        let served = desk.serve(router).await;
        Self { desk, routes, document, key: made.key, served }
    }

    pub(crate) fn nobody(&self) -> Client {
        self.served.anonymous()
    }

    /// A client that shows the account's key.
    pub(crate) fn keyed(&self) -> Client {
        self.nobody().header("apiKey", &self.key)
    }

    /// A client that shows a token.
    pub(crate) fn bearing(&self, token: &str) -> Client {
        self.nobody().header("Authorization", &format!("Bearer {token}"))
    }

    /// A new token of the account.
    pub(crate) async fn token(&self) -> String {
        let answer = self.keyed().post(TOKEN, &json!({"userName": ACCOUNT})).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Edits `a1` with the account's key; `email` is as it is unless it is among the changes.
    pub(crate) async fn edit(&self, changes: Value) -> Reply {
        self.keyed().put(EDIT, &body(changes)).await
    }

    #[track_caller]
    pub(crate) fn ok(&self, answer: &Reply) {
        is(answer, 200, UPDATED);
    }

    pub(crate) async fn agent(&self, login: &str) -> Profile {
        self.desk.app.agent_by_login(&Caller::operator(), login).await.unwrap()
    }

    /// Whether there is a live agent of this login.
    pub(crate) async fn has_agent(&self, login: &str) -> bool {
        self.desk.app.agent_by_login(&Caller::operator(), login).await.is_ok()
    }

    /// An agent's call of the sign-in, with the account's name and key and `login` unless the changes say otherwise.
    pub(crate) async fn desk_call(&self, login: &str, password: &str, changes: Value) -> Reply {
        let form = with(json!({"userName": ACCOUNT, "apiKey": self.key, "action": "login"}), changes);
        let pairs = form.as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap()));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let client = self.nobody().header("content-type", "application/x-www-form-urlencoded");
        client.send(client.request(Method::POST, DESK).basic_auth(login, Some(password)).body(form)).await
    }

    pub(crate) async fn logs_in(&self, login: &str, password: &str, changes: Value) {
        let answer = self.desk_call(login, password, changes).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }

    pub(crate) async fn logs_out(&self, login: &str, password: &str) {
        let answer = self.desk_call(login, password, json!({"action": "logout"})).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }

    pub(crate) async fn delete(&self, body: &Value) -> Reply {
        let client = self.keyed();
        client.send(client.request(Method::DELETE, DELETE).json(body)).await
    }
}

/// An edit of `a1` with these changes.
pub(crate) fn body(changes: Value) -> Value {
    with(json!({"userName": ACCOUNT, "agentId": "a1", "email": "a1@example.org"}), changes)
}

/// An object with further or other fields.
pub(crate) fn with(mut object: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("no object: {changes}") };
    object.as_object_mut().unwrap().extend(changes);
    object
}

/// An edit of `a1` without this field.
pub(crate) fn without(field: &str) -> Value {
    let mut body = body(json!({"agentName": "Ann One"}));
    body.as_object_mut().unwrap().remove(field);
    body
}

/// Checks status, content type and the exact body.
#[track_caller]
pub(crate) fn is(answer: &Reply, status: u16, body: &str) {
    assert_eq!((answer.status().as_u16(), answer.text().as_str()), (status, body));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// Checks that the answer is this, and that nothing was written meanwhile.
pub(crate) async fn refuses(wire: &Wire, client: &Client, request: reqwest::RequestBuilder, status: u16, body: &str) {
    let before = wire.desk.digest().await;
    let answer = client.send(request).await;
    is(&answer, status, body);
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new(), "{body}");
}

/// [`refuses`] for an edit with the account's key.
pub(crate) async fn refuses_edit(wire: &Wire, sent: &Value, status: u16, body: &str) {
    let client = wire.keyed();
    refuses(wire, &client, client.request(Method::PUT, EDIT).json(sent), status, body).await;
}
