//! The OpenAPI document against the routes.

use std::sync::Arc;

use muster_api_imichat::{Access, Guard, Options, Settings, router};
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
    let paths = built.routes.iter().map(|route| route.path.as_str());
    let (later, earlier): (Vec<&str>, Vec<&str>) = paths.partition(|path| path.starts_with("/v3.1/"));
    assert_eq!(later.len(), earlier.len());
    assert_eq!(later.len(), 8);
}

/// Maps whose keys people define: values of attributes.
const MAPS: [&str; 2] = ["User.custom_attributes{}", "User.skill_attributes{}"];

#[tokio::test]
async fn nothing_is_free_form_but_maps_that_people_define() {
    assert_eq!(free_form(&built().await.openapi, &[]), MAPS);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    assert_eq!(dangling(&built().await.openapi), Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_describes_its_refusals_its_stamps_and_its_credential() {
    let built = built().await;
    let document = serde_json::to_value(&built.openapi).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    for route in &built.routes {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let place = format!("{} {}", route.method, route.path);
        for status in ["200", "400", "401", "404", "429", "500", "503"] {
            for header in ["trxid", "Rate-Limit-Limit", "Rate-Limit-Remaining", "Rate-Limit-Reset"] {
                assert!(operation["responses"][status]["headers"][header].is_object(), "{place} {status}");
            }
        }
        let security = &operation["security"];
        match route.guard.access {
            Access::Key => assert_eq!(*security, json!([{"api_key": []}]), "{place}"),
            Access::Token | Access::Team => assert!(security.is_null(), "{place}"),
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let names_team = parameters.into_iter().any(|it| it["name"] == "teamid" && it["in"] == "header");
        assert_eq!(names_team, route.guard.access == Access::Team, "{place}");
        assert!(operation["summary"].is_string(), "{place}");
    }
    assert_eq!(document["security"], json!([{"access_token": []}]));
}

#[tokio::test]
async fn the_document_says_what_the_page_says() {
    let document = serde_json::to_value(built().await.openapi).unwrap();
    let schemas = &document["components"]["schemas"];
    let fields =
        |name: &str| -> Vec<String> { schemas[name]["properties"].as_object().unwrap().keys().cloned().collect() };
    let mut update = fields("UpdateUser");
    update.sort();
    let mut expected = [
        "first_name",
        "last_name",
        "status",
        "job_description",
        "login_using_email",
        "custom_attributes",
        "skill_attributes",
    ];
    expected.sort_unstable();
    assert_eq!(update, expected);
    assert_eq!(schemas["UpdateUser"].get("required"), None);
    assert_eq!(schemas["Status"]["enum"], json!(["active", "inactive"]));
    assert_eq!(schemas["RoleType"]["enum"], json!(["Customer Care", "Administrative"]));
    assert_eq!(schemas["Nothing"]["enum"], json!([""]));
    let mut user = fields("User");
    user.sort();
    let mut expected = [
        "id",
        "created_at",
        "updated_at",
        "first_name",
        "last_name",
        "login_id",
        "email_id",
        "status",
        "logged_in",
        "job_description",
        "login_using_email",
        "role_type",
        "accepting_chats",
        "skill_attributes",
        "active_chats",
        "custom_attributes",
    ];
    expected.sort_unstable();
    assert_eq!(user, expected);
}

#[tokio::test]
async fn the_document_has_the_codes_of_the_page() {
    let document = serde_json::to_value(built().await.openapi).unwrap();
    for method in ["patch", "put"] {
        let responses = &document["paths"]["/v3.1/users/{user_id}"][method]["responses"];
        for (status, codes) in [
            ("200", vec!["4309"]),
            ("400", vec!["2002", "2003", "3107", "3110", "3114", "3115"]),
            ("401", vec!["2004"]),
            ("404", vec!["2010", "3101"]),
            ("500", vec!["2007", "3104"]),
        ] {
            let description = responses[status]["description"].as_str().unwrap();
            let words = description.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
            assert_eq!(words.collect::<Vec<_>>(), codes, "{method} {status}");
        }
    }
}
