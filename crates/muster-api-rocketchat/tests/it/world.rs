//! A desk with one of everything, and a request to each route of the router's own list.

use muster_testkit::matrix::{Endpoint, Surface};
use muster_testkit::{Client, PASSWORD, Reply, TestDesk, TestEngine};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Setting, Wire, department};

pub(crate) struct World {
    pub(crate) wire: Wire,
    endpoints: Vec<Endpoint>,
    /// With a token of Ada, the only administrator.
    pub(crate) admin: Client,
    pub(crate) nobody: Client,
    /// Id of the one department.
    department: String,
    /// Id of an agent of the department.
    kim: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    pub(crate) async fn on(engine: TestEngine) -> Self {
        let (wire, admin) = Wire::with(Setting { engine, department_removal: true, ..Setting::default() }).await;
        let team = wire.desk.team("Support").await;
        let kim = wire.desk.agent("kim").team(team).password().await;
        let (department, kim) = (wire.team_id(team).await, wire.id(&kim).await);
        let endpoint = |route: &muster_http::routes::Route<_>| Endpoint {
            method: route.method.clone(),
            path: route.path.clone(),
            documented: route.documented,
        };
        let (endpoints, nobody) = (wire.routes.iter().map(endpoint).collect(), wire.nobody());
        wire.desk.quiet().await;
        Self { wire, endpoints, admin, nobody, department, kim }
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
        let id = if endpoint.path.contains("/department/") { &self.department } else { &self.kim };
        let path = endpoint.path.replace("{_id}", id).replace("{agentId}", &self.kim).replace("{type}", "agent");
        match path.as_str() {
            "/api/v1/users.info" => format!("{path}?userId={}", self.kim),
            "/api/v1/livechat/department.autocomplete" => format!("{path}?selector=%7B%7D"),
            "/api/v1/livechat/department.listByIds" => format!("{path}?ids[]={}", self.department),
            _ => path,
        }
    }

    fn body(&self, endpoint: &Endpoint) -> Option<Value> {
        let path = endpoint.path.strip_prefix("/api/v1").unwrap_or(&endpoint.path);
        Some(match (endpoint.method.as_str(), path) {
            ("POST", "/login") => json!({"user": "kim", "password": PASSWORD}),
            ("POST", "/users.create") => json!({
                "name": "Lee", "email": "lee@example.org", "username": "lee", "password": PASSWORD, "active": true,
                "roles": ["user", "livechat-agent"], "verified": true, "requirePasswordChange": false,
                "sendWelcomeEmail": false, "customFields": {}
            }),
            ("POST", "/users.setActiveStatus") => json!({"userId": self.kim, "activeStatus": true}),
            ("POST", "/users.delete") => json!({"userId": "unknown"}),
            ("POST", "/users.setStatus") => json!({"status": "online", "message": "Here"}),
            ("POST", "/livechat/agent.status") => json!({"status": "available", "agentId": self.kim}),
            ("POST", "/livechat/agents.saveInfo") => json!({
                "agentId": self.kim, "agentData": {"maxNumberSimultaneousChat": 3}, "agentDepartments": [self.department]
            }),
            ("POST", "/livechat/users/{type}") => json!({"username": "kim"}),
            ("POST", "/livechat/department") => {
                let mut body = department("Sales", &json!({"maxNumberSimultaneousChat": 3}));
                body["agents"] = json!([{"agentId": self.kim, "count": 1, "order": 1}]);
                body
            }
            ("PUT", "/livechat/department/{_id}") => {
                let mut body = department("Support", &json!({"maxNumberSimultaneousChat": 3}));
                body["agents"] = json!([{"agentId": self.kim, "count": 1, "order": 1}]);
                body
            }
            ("POST", "/livechat/department/{_id}/agents") => json!({
                "upsert": [{"agentId": self.kim, "username": "kim", "count": 1, "order": 1}],
                "remove": [{"agentId": self.kim}]
            }),
            _ => return None,
        })
    }

    fn names_nothing(&self, endpoint: &Endpoint) -> bool {
        endpoint.path == "/api/v1/users.delete"
    }

    /// Nobody's token is ended by a run, which would end the run with it.
    fn client(&self, endpoint: &Endpoint) -> &Client {
        if endpoint.path.ends_with("/login") || endpoint.path.ends_with("/logout") { &self.nobody } else { &self.admin }
    }

    #[track_caller]
    fn check_envelope(&self, reply: &Reply, place: &str) {
        assert_eq!(reply.header("content-type"), Some("application/json"), "{place}");
        let body = reply.json();
        assert_eq!(body["success"], reply.status().is_success(), "{place}");
        if !reply.status().is_success() {
            assert!(body["error"].as_str().is_some_and(|error| !error.is_empty()), "{place}");
        }
    }

    fn blank_is_empty(&self, _: &Endpoint) -> bool {
        true
    }

    /// Wire (documented): what isn't there is null or an empty list.
    fn shows_absence(&self, endpoint: &Endpoint) -> bool {
        let lists_nothing = ["/department/{_id}", "/department/{_id}/agents", "/agents/{agentId}/departments"];
        endpoint.method == Method::GET && lists_nothing.iter().any(|path| endpoint.path.ends_with(path))
    }

    fn ignores_content_type(&self) -> bool {
        true
    }

    /// A refused sign-in stands in the books.
    fn notes_refusals_in(&self, endpoint: &Endpoint) -> &'static [&'static str] {
        if endpoint.path == "/api/v1/login" { &["audit", "events"] } else { &[] }
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        reply.text().contains("already in use")
    }
}
