//! The OpenAPI document against the routes.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_api_cloudagent::{Endpoint, Guard, Options, Settings, router};
use muster_http::layers::Layers;
use muster_http::openapi::{differences, free_form};
use muster_http::routes::Built;
use muster_testkit::{TestDesk, TestEngine};
use serde_json::Value;

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
    let document = serde_json::to_value(built().await.openapi).unwrap();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                into.insert(reference.clone());
            }
            fields.values().for_each(|value| collect(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
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
