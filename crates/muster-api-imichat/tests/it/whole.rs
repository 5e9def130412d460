//! The desk that every route is tried on: one of everything, and no limit on calls.

use muster_api_imichat::{Access, Settings};
use muster_core::attribute::{Scope, ValueKind};
use muster_http::routes::Route;
use muster_testkit::matrix::{Endpoint, Surface};
use muster_testkit::{Client, PASSWORD, Reply, TestDesk, TestEngine};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, World, encoded};

pub(crate) struct Whole {
    pub(crate) world: World,
    endpoints: Vec<Endpoint>,
    authorizing: Client,
}

impl Whole {
    pub(crate) async fn on(engine: TestEngine) -> Self {
        let wire = Wire::counting(engine, Settings::default(), false).await;
        let world = World::over(wire).await;
        world.define_skill("language").await;
        world.define(Scope::AgentSkill, "grade", ValueKind::Number).await;
        let endpoints = world.wire.routes.iter().map(endpoint).collect();
        let authorizing = world.wire.nobody().header("authorization", &encoded(&world.key));
        Self { world, endpoints, authorizing }
    }

    /// What stands before the endpoint.
    pub(crate) fn access(&self, endpoint: &Endpoint) -> Access {
        let mut routes = self.world.wire.routes.iter();
        routes.find(|route| self::endpoint(route) == *endpoint).unwrap().guard.access
    }
}

fn endpoint(route: &Route<muster_api_imichat::Guard>) -> Endpoint {
    Endpoint { method: route.method.clone(), path: route.path.clone(), documented: route.documented }
}

impl Surface for Whole {
    fn desk(&self) -> &TestDesk {
        &self.world.wire.desk
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn document(&self) -> &Value {
        &self.world.wire.document
    }

    fn path(&self, endpoint: &Endpoint) -> String {
        endpoint.path.replace("{user_id}", &self.world.ana.id.to_string())
    }

    fn body(&self, endpoint: &Endpoint) -> Option<Value> {
        let attributes = json!({"business": "Retail", "location": "Pune"});
        match (endpoint.method.as_str(), endpoint.path.split_once("users").map(|(_, rest)| rest)) {
            ("POST", Some("")) => Some(json!({
                "first_name": "Bea", "last_name": "Lind", "login_id": "bea", "email_id": "bea@example.org",
                "password": PASSWORD, "job_description": "Tier 1", "login_using_email": true,
                "privileges": [{"teamid": self.world.team, "role": "Team Agent"}],
                "custom_attributes": attributes, "skill_attributes": {"language": "fr"}
            })),
            ("POST", _) => Some(json!({"conditions": [{"field": "status", "operator": "eq", "value": "active"}]})),
            ("PATCH" | "PUT", _) => Some(json!({
                "first_name": "Anna", "last_name": "Ruiz", "status": "active", "job_description": "Tier 2",
                "login_using_email": true, "custom_attributes": attributes, "skill_attributes": {"grade": 2}
            })),
            _ => None,
        }
    }

    fn client(&self, endpoint: &Endpoint) -> &Client {
        if self.access(endpoint) == Access::Key { &self.authorizing } else { &self.world.client }
    }

    #[track_caller]
    fn check_envelope(&self, reply: &Reply, place: &str) {
        reply.is_stamped();
        let body = reply.json();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["description", "response", "status_code"], "{place}");
        assert!(body["status_code"].is_u64() && body["description"].is_string(), "{place}");
        assert!(reply.status().is_success() || body["response"] == "", "{place}");
    }

    /// Asking for a token makes one, though it is a `GET`.
    fn notes_refusals_in(&self, endpoint: &Endpoint) -> &'static [&'static str] {
        if self.access(endpoint) == Access::Key { &["integration_tokens"] } else { &[] }
    }

    fn ignores_content_type(&self) -> bool {
        true
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        reply.header("x-error-detail") == Some("login_id or email_id is taken")
    }

    fn refuses_unknown_keys(&self, endpoint: &Endpoint) -> bool {
        endpoint.path.ends_with("/search")
    }

    fn too_large(&self) -> u16 {
        400
    }
}
