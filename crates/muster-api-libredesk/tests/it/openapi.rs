//! The OpenAPI document against the routes.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_api_libredesk::{Access, Guard, Options, VisitorLimits, router};
use muster_http::layers::Layers;
use muster_http::openapi::{dangling, differences, free_form};
use muster_http::routes::Built;
use muster_http::socket::Sockets;
use muster_testkit::{TestDesk, TestEngine};
use serde_json::json;
use tokio_util::sync::CancellationToken;

async fn built() -> Built<Guard> {
    let desk = TestDesk::new(TestEngine::Sqlite).await;
    let layers = Layers::new(Arc::new(|| "id".to_owned()));
    let sockets = Sockets::new(CancellationToken::new());
    let visitors = VisitorLimits::default();
    let options = Options { layers, rate_limits: true, sockets, visitors, integrations: &[], pages: None };
    router(desk.app.clone(), &options)
}

#[tokio::test]
async fn the_document_and_the_routes_agree() {
    let built = built().await;
    assert_eq!(differences(&built.routes, &built.openapi), Vec::<String>::new());
    let document = serde_json::to_value(&built.openapi).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

/// Maps whose keys people define: values of attributes, what a telephone client keeps, and what clients note on a
/// message.
const MAPS: [&str; 19] = [
    "ActivityExtension.after{}",
    "ActivityExtension.before{}",
    "AgentExtension.call_controls{}",
    "AgentExtension.custom_attributes{}",
    "AgentExtension.skill_attributes{}",
    "ChatMessage.meta{}",
    "Contact.custom_attributes{}",
    "ContactUser.custom_attributes{}",
    "Conversation.custom_attributes{}",
    "Conversation.meta{}",
    "ConversationFacts.custom_attributes{}",
    "ConversationFacts.source{}",
    "Draft.meta{}",
    "ExportedContact.custom_attributes{}",
    "ExportedDraft.meta{}",
    "ExportedMessage.meta{}",
    "Message.meta{}",
    "Notification.meta{}",
    "User.custom_attributes{}",
];

#[tokio::test]
async fn nothing_is_free_form_but_maps_that_people_define() {
    assert_eq!(free_form(&built().await.openapi, &MAPS), Vec::<String>::new());
    let all = free_form(&built().await.openapi, &[]);
    assert_eq!(all, MAPS);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    assert_eq!(dangling(&built().await.openapi), Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_describes_its_refusals_and_names_its_credential() {
    let built = built().await;
    let document = serde_json::to_value(&built.openapi).unwrap();
    for route in built.routes.iter().filter(|route| route.documented) {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let place = format!("{} {}", route.method, route.path);
        for status in ["400", "401", "403", "413", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{place} {status}");
        }
        assert_eq!(operation["responses"]["429"].is_object(), route.guard.limit.is_some(), "{place}");
        let without_agent = [json!([{}]), json!([{"visitor": []}]), json!([{}, {"visitor": []}])];
        let asks_no_agent = without_agent.contains(&operation["security"]);
        let needs_none = matches!(route.guard.access, Access::Always | Access::Open | Access::SignedOut);
        assert_eq!(asks_no_agent, needs_none, "{place}: {}", operation["security"]);
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{place}");
    }
}

#[tokio::test]
async fn whatever_vouches_for_a_caller_is_described() {
    let document = serde_json::to_value(built().await.openapi).unwrap();
    let known = document["components"]["securitySchemes"].as_object().unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let demands = operations.chain([&document]).filter_map(|operation| operation["security"].as_array()).flatten();
    let named: BTreeSet<&String> = demands.flat_map(|demand| demand.as_object().unwrap().keys()).collect();
    assert_eq!(named, known.keys().collect());
}
