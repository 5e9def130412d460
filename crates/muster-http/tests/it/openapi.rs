use muster_http::openapi::{self, About};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, Response};

use crate::toy::{self, Toy};

fn document() -> OpenApi {
    let key = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build());
    let about = About {
        info: Info::new("Toy", "1"),
        security: vec![("key", key)],
        errors: vec![("403", Response::new("Not allowed.")), ("200", Response::new("Never replaces."))],
    };
    openapi::finish(toy::build(Toy::default()).openapi, about)
}

#[test]
fn the_table_and_the_document_agree() {
    let built = toy::build(Toy::default());
    assert_eq!(openapi::differences(&built.routes, &built.openapi), Vec::<String>::new());
    let mut routes = built.routes;
    routes.retain(|route| route.path != "/panic");
    routes[0].path = "/elsewhere".to_owned();
    assert_eq!(openapi::differences(&routes, &built.openapi), ["GET /elsewhere", "GET /notes", "GET /panic"]);
}

#[test]
fn a_reference_that_leads_nowhere_is_told() {
    let mut document = document();
    assert_eq!(openapi::dangling(&document), Vec::<String>::new());
    document.components.as_mut().unwrap().schemas.remove("Note");
    assert_eq!(openapi::dangling(&document), ["#/components/schemas/Note"]);
}

#[test]
fn a_refusal_refers_to_its_shape() {
    let refusal = serde_json::to_value(openapi::refusal("Not today.", "Refused")).unwrap();
    let shape = serde_json::json!({"schema": {"$ref": "#/components/schemas/Refused"}});
    assert_eq!(refusal, serde_json::json!({"description": "Not today.", "content": {"application/json": shape}}));
}

#[test]
fn a_finished_document_has_ids_errors_and_security() {
    let document = serde_json::to_value(document()).unwrap();
    assert_eq!(document["info"]["title"], "Toy");
    assert_eq!(document["security"], serde_json::json!([{"key": []}]));
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "basic");
    let show = &document["paths"]["/notes/{id}"]["get"];
    assert_eq!(show["operationId"], "get_notes_id");
    assert_eq!(show["responses"]["403"]["description"], "Not allowed.");
    assert_eq!(show["responses"]["200"]["description"], "The id.");
}

#[test]
fn free_forms_are_found_and_can_be_allowed() {
    assert_eq!(openapi::free_form(&document(), &[]), ["Note.tags"]);
    assert_eq!(openapi::free_form(&document(), &["Note.tags"]), Vec::<String>::new());
}
