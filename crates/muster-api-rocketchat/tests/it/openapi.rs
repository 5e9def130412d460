//! The OpenAPI document against the routes.

use std::sync::Arc;

use muster_api_rocketchat::{Access, Guard, Options, Settings, router};
use muster_http::layers::Layers;
use muster_http::openapi::{dangling, differences, free_form};
use muster_http::routes::Built;
use muster_testkit::{TestDesk, TestEngine};
use serde_json::json;

async fn built() -> Built<Guard> {
    let desk = TestDesk::new(TestEngine::Sqlite).await;
    let layers = Layers::new(Arc::new(|| "id".to_owned()));
    router(desk.app.clone(), &Options { layers, rate_limits: true, settings: Settings::default() })
}

#[tokio::test]
async fn the_document_and_the_routes_agree() {
    let built = built().await;
    assert_eq!(differences(&built.routes, &built.openapi), Vec::<String>::new());
    assert!(built.routes.iter().all(|route| route.documented));
    let document = serde_json::to_value(&built.openapi).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

/// Maps whose keys people define.
const MAPS: [&str; 2] = ["FullUser.customFields{}", "Me.customFields{}"];

#[tokio::test]
async fn nothing_is_free_form_but_maps_that_people_define() {
    assert_eq!(free_form(&built().await.openapi, &[]), MAPS);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    assert_eq!(dangling(&built().await.openapi), Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_describes_its_refusals_and_names_its_credential() {
    let built = built().await;
    let document = serde_json::to_value(&built.openapi).unwrap();
    for route in &built.routes {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let place = format!("{} {}", route.method, route.path);
        for status in ["400", "401", "403", "413", "429", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{place} {status}");
        }
        assert_eq!(operation["security"] == json!([{}]), route.guard.access == Access::Open, "{place}");
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{place}");
    }
}
