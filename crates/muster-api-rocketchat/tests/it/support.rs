//! A desk with the dialect served over real HTTP, and what the tests ask of answers.

use std::sync::Arc;

use muster_api_rocketchat::{Guard, Options, Settings, router};
use muster_app::roles::NewRole;
use muster_core::actor::Caller;
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_core::second_factor::Requirement;
use muster_http::layers::Layers;
use muster_http::routes::{Built, Route};
use muster_testkit::{AgentHandle, Client, Digest, PASSWORD, Reply, Served, TestDesk, TestEngine};
use serde_json::{Value, json};

pub(crate) const LOGIN: &str = "/api/v1/login";

/// How the dialect is served to a test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) engine: TestEngine,
    pub(crate) rate_limits: bool,
    pub(crate) department_removal: bool,
    pub(crate) second_factor: Requirement,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            engine: TestEngine::Sqlite,
            rate_limits: false,
            department_removal: false,
            second_factor: Requirement::Nobody,
        }
    }
}

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
    /// A desk and its administrator, `ada`, who is signed in.
    pub(crate) async fn new() -> (Self, Client) {
        Self::with(Setting::default()).await
    }

    pub(crate) async fn on(engine: TestEngine) -> (Self, Client) {
        Self::with(Setting { engine, ..Setting::default() }).await
    }

    pub(crate) async fn with(setting: Setting) -> (Self, Client) {
        let wire = Self::empty(setting).await;
        wire.desk.admin().await;
        let admin = wire.sign_in("ada").await;
        (wire, admin)
    }

    /// A desk that isn't set up.
    pub(crate) async fn empty(setting: Setting) -> Self {
        let desk = TestDesk::with(setting.engine, |settings| {
            settings.second_factor = setting.second_factor;
            if !setting.rate_limits {
                settings.sign_in_failures = 0;
            }
        });
        let desk = desk.await;
        let options = Options {
            layers: Layers::new(Arc::new(|| "request-1".to_owned())),
            rate_limits: setting.rate_limits,
            settings: Settings { department_removal: setting.department_removal },
        };
        let Built { router, routes, openapi } = router(desk.app.clone(), &options);
        let document = serde_json::to_value(openapi).unwrap();
        let served = desk.serve(router).await;
        Self { desk, routes, document, served }
    }

    pub(crate) fn nobody(&self) -> Client {
        self.served.anonymous()
    }

    /// Signs in with the password that agents of a test desk have.
    pub(crate) async fn sign_in(&self, username: &str) -> Client {
        let answer = self.nobody().post(LOGIN, &json!({"user": username, "password": PASSWORD})).await.ok();
        let data = &answer["data"];
        self.with_token(data["userId"].as_str().unwrap(), data["authToken"].as_str().unwrap())
    }

    pub(crate) fn with_token(&self, user: &str, token: &str) -> Client {
        self.nobody().header("x-user-id", user).header("x-auth-token", token)
    }

    /// The agent's id on this wire.
    pub(crate) async fn id(&self, agent: &AgentHandle) -> String {
        self.desk.profile(agent).await.agent.public_id.to_string()
    }

    /// A team's id on this wire.
    pub(crate) async fn team_id(&self, team: TeamId) -> String {
        self.desk.app.team(&Caller::operator(), team).await.unwrap().public_id.to_string()
    }

    /// An agent, whose only role holds these permissions, signed in.
    pub(crate) async fn holder(&self, name: &str, permissions: &[Permission]) -> Client {
        let role = NewRole {
            name: format!("Role of {name}"),
            description: String::new(),
            permissions: permissions.iter().copied().collect(),
        };
        self.desk.app.create_role(&Caller::operator(), role).await.unwrap();
        self.desk.agent(name).role(&format!("Role of {name}")).password().await;
        self.sign_in(name).await
    }

    /// What stands in the tables once all that follows from what was done is done.
    pub(crate) async fn digest(&self) -> Digest {
        self.desk.quiet().await;
        self.desk.digest().await
    }

    #[track_caller]
    pub(crate) fn same(before: &Digest, after: &Digest, place: &str) {
        assert_eq!(after.changed_since(before), Vec::<String>::new(), "{place}");
    }
}

/// A department that the wire takes, with these fields in place of its own.
pub(crate) fn department(name: &str, changes: &Value) -> Value {
    let mut fields = json!({
        "enabled": true,
        "showOnRegistration": true,
        "showOnOfflineForm": false,
        "name": name,
        "email": "support@example.org"
    });
    for (key, value) in changes.as_object().unwrap() {
        fields[key] = value.clone();
    }
    json!({"department": fields})
}

/// What tests ask of an answer.
pub(crate) trait Said {
    /// The body of a success, which says so last.
    fn ok(&self) -> Value;

    /// Checks that it is exactly this refusal.
    fn refuses(&self, status: u16, body: &Value);

    /// Checks that it is a 400 with this text, and with this type if there is one.
    fn fails(&self, error: &str, error_type: Option<&str>);
}

impl Said for Reply {
    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status(), 200, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.text().ends_with("\"success\":true}"), "{}", self.text());
        self.json()
    }

    #[track_caller]
    fn refuses(&self, status: u16, body: &Value) {
        assert_eq!((self.status().as_u16(), &self.json()), (status, body));
        assert_eq!(self.header("content-type"), Some("application/json"));
    }

    #[track_caller]
    fn fails(&self, error: &str, error_type: Option<&str>) {
        let mut body = json!({"success": false, "error": error});
        if let Some(error_type) = error_type {
            body["errorType"] = json!(error_type);
        }
        self.refuses(400, &body);
    }
}

/// The refusals that every route has.
pub(crate) fn not_signed_in() -> Value {
    let text = "You must be logged in to do this.";
    json!({"success": false, "status": "error", "error": text, "message": text})
}

pub(crate) fn lacks_permission() -> Value {
    json!({"success": false, "error": "User does not have the permissions required for this action [error-unauthorized]"})
}

pub(crate) fn forbidden() -> Value {
    json!({"success": false, "error": "unauthorized"})
}
