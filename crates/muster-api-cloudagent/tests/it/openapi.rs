//! The OpenAPI document against the routes.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_api_cloudagent::{Endpoint, Guard, Options, Settings, router};
use muster_http::layers::Layers;
use muster_http::openapi::{dangling, differences, free_form};
use muster_http::routes::Built;
use muster_testkit::{Reply, TestDesk, TestEngine};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Wire, body};

async fn built() -> Built<Guard> {
    let desk = TestDesk::new(TestEngine::Sqlite).await;
    let layers = Layers::new(Arc::new(|| "id".to_owned()));
    router(desk.app.clone(), &Options { layers, rate_limits: true, settings: Settings::default() })
}

#[tokio::test]
async fn the_document_and_the_routes_agree() {
    let built = built().await;
    assert_eq!(differences(&built.routes, &built.openapi), Vec::<String>::new());
    let served: BTreeSet<Endpoint> = built.routes.iter().map(|route| route.guard.endpoint).collect();
    assert_eq!(served, BTreeSet::from(Endpoint::ALL));
}

#[tokio::test]
async fn nothing_is_free_form() {
    assert_eq!(free_form(&built().await.openapi, &[]), Vec::<String>::new());
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    assert_eq!(dangling(&built().await.openapi), Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_describes_its_refusals() {
    let built = built().await;
    let document = serde_json::to_value(&built.openapi).unwrap();
    for route in &built.routes {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        for status in ["400", "401", "413", "429", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{} {status}", route.path);
        }
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{}", route.path);
        assert!(operation["requestBody"].is_object(), "{}", route.path);
    }
}

/// What was answered, as one of the shapes that the document has for it.
fn check_shape(wire: &Wire, place: &str, answer: &Reply) {
    let (path, method) = place.split_once(' ').unwrap();
    let status = answer.status().as_u16().to_string();
    let described = &wire.document["paths"][path][method]["responses"][&status];
    let schema = &described["content"]["application/json"]["schema"];
    let resolve = |schema: &Value| match schema["$ref"].as_str() {
        Some(reference) => wire.document.pointer(reference.strip_prefix('#').unwrap()).unwrap().clone(),
        None => schema.clone(),
    };
    let schema = resolve(schema);
    let shapes: Vec<Value> = match schema["oneOf"].as_array() {
        Some(shapes) => shapes.iter().map(resolve).collect(),
        None => vec![schema],
    };
    let body = answer.json();
    let fits = |shape: &&Value| {
        let known = shape["properties"].as_object().unwrap();
        known.keys().eq(body.as_object().unwrap().keys())
            && known.iter().all(|(name, field)| {
                let words = resolve(field)["enum"].as_array().cloned();
                words.is_none_or(|words| words.contains(&body[name]))
            })
    };
    assert_eq!(shapes.iter().filter(fits).count(), 1, "{place} {status}: {body}");
}

#[tokio::test]
async fn refusals_have_the_shapes_that_the_document_names() {
    let wire = Wire::new().await;
    let sent = |changes: Value| body(changes);
    for (place, changes) in [
        ("/ca_apis/updateAgent put", json!({"agentName": "x"})),
        ("/ca_apis/updateAgent put", json!({"agentName": ""})),
        ("/ca_apis/updateAgent put", json!({"password": "ab"})),
        ("/ca_apis/updateAgent put", json!({"agentId": "zz"})),
        ("/ca_apis/updateAgent put", json!({"userName": "zz"})),
        ("/ca_apis/createAgent post", json!({"agentName": "x"})),
        ("/ca_apis/createAgent post", json!({"agentName": ""})),
        ("/ca_apis/createAgent post", json!({"agentName": "Ann One", "password": "ab"})),
        ("/ca_apis/createAgent post", json!({"agentName": "Ann One", "password": "abc"})),
        ("/ca_apis/createAgent post", json!({"agentId": ""})),
        ("/ca_apis/deleteAgent delete", json!({"agentId": "zz"})),
        ("/ca_apis/AgentDetails post", json!({"agentId": "zz"})),
        ("/ca_apis/AgentDetails post", json!({"campaignName": "Spring"})),
        ("/ca_apis/AgentDetails post", json!({"userName": "zz"})),
        ("/ca_apis/getAgentLogins post", json!({"userName": "zz"})),
        ("/ca_apis/changeAgentState post", json!({"state": "sleepy"})),
        ("/ca_apis/changeAgentState post", json!({"state": "Ready"})),
        ("/ca_apis/changeAgentState post", json!({"state": "Ready", "agentId": "zz"})),
        ("/ca_apis/changeAgentState post", json!({"userName": "zz"})),
        ("/ca_apis/skill post", json!({})),
        ("/ca_apis/skill post", json!({"userName": "zz"})),
        ("/CAServices/AgentAuthenticationV2/index.php post", json!({})),
    ] {
        let (path, method) = place.split_once(' ').unwrap();
        let method: Method = method.to_uppercase().parse().unwrap();
        let client = wire.keyed();
        let answer = client.send(client.request(method.clone(), path).json(&sent(changes))).await;
        assert!(answer.status().is_client_error(), "{place}");
        check_shape(&wire, place, &answer);
        check_shape(&wire, place, &client.send(client.request(method.clone(), path).body("{")).await);
        let stranger = wire.bearing("x");
        check_shape(&wire, place, &stranger.send(stranger.request(method, path).json(&sent(json!({})))).await);
    }
}

#[tokio::test]
async fn what_is_needed_and_what_may_be_null_is_said() {
    let document = serde_json::to_value(built().await.openapi).unwrap();
    let schemas = &document["components"]["schemas"];
    let required = |name: &str| -> BTreeSet<String> {
        let parts = schemas[name]["allOf"].as_array().unwrap();
        let listed = parts.iter().filter_map(|part| part["required"].as_array()).flatten();
        listed.map(|field| field.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(required("EditAgent"), BTreeSet::from(["agentId", "email", "userName"].map(str::to_owned)));
    let needed = ["agentId", "agentName", "email", "password", "userName"].map(str::to_owned);
    assert_eq!(required("CreateAgent"), BTreeSet::from(needed));
    let fields = schemas["AgentFields"]["properties"].as_object().unwrap();
    let takes_null = |field: &Value| {
        let text = field.to_string();
        text.contains("\"null\"")
    };
    let nullable: Vec<&String> = fields.iter().filter(|(_, field)| takes_null(field)).map(|(name, _)| name).collect();
    assert_eq!(nullable, ["agentData", "assignAgentGroups", "assignSkills", "callControls", "sipLocation"]);
}
