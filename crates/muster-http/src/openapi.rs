//! Finishing a dialect's OpenAPI document, and the checks its tests run on it.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, Info, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
};

use crate::routes::Route;

/// What a document says beside its paths and schemas.
#[derive(Clone)]
pub struct About {
    pub info: Info,
    /// Each by its name. Any one of them is enough, unless an operation says otherwise.
    pub security: Vec<(&'static str, SecurityScheme)>,
    /// By status, for every operation that does not describe that status itself.
    pub errors: Vec<(&'static str, Response)>,
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("About").field("title", &self.info.title).finish_non_exhaustive()
    }
}

/// Completes the document a table was built with. Operation ids are made of method and path
/// (`get_api_v1_agents_id`), since handlers' names repeat from module to module.
#[must_use]
pub fn finish(mut openapi: OpenApi, about: About) -> OpenApi {
    openapi.info = about.info;
    let components = openapi.components.get_or_insert_with(Components::new);
    for (name, scheme) in &about.security {
        components.add_security_scheme(*name, scheme.clone());
    }
    let requirement = |name: &&str| SecurityRequirement::new::<_, [&str; 0], &str>(*name, []);
    openapi.security = Some(about.security.iter().map(|(name, _)| requirement(name)).collect());
    for (path, item) in &mut openapi.paths.paths {
        for (method, operation) in operations_mut(item) {
            operation.operation_id = Some(operation_id(&method, path));
            for (status, response) in &about.errors {
                let described = operation.responses.responses.entry((*status).to_owned());
                described.or_insert_with(|| RefOr::T(response.clone()));
            }
        }
    }
    openapi
}

/// The schema of a key that is there and always null.
#[must_use]
pub fn always_null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

/// A refusal in JSON, for [`About::errors`], of the shape that this component has.
#[must_use]
pub fn refusal(description: &str, component: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(component))).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

/// Puts names where a generic schema spells out one that has a name of its own. `generics` are how the names of
/// generic ones begin: `Envelope_`.
pub fn name_parts(components: &mut Components, generics: &[&str]) {
    let is_generic = |name: &str| generics.iter().any(|generic| name.starts_with(generic));
    let has_fields =
        |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(it)) if !it.properties.is_empty());
    let schemas = &mut components.schemas;
    let named = schemas.iter().filter(|(name, schema)| !is_generic(name) && has_fields(schema));
    let named: Vec<(String, RefOr<Schema>)> = named.map(|(name, schema)| (name.clone(), schema.clone())).collect();
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| is_generic(name)) {
        name_part(schema, &named);
    }
}

fn name_part(schema: &mut RefOr<Schema>, named: &[(String, RefOr<Schema>)]) {
    if let Some((name, _)) = named.iter().find(|(_, known)| known == schema) {
        *schema = Ref::from_schema_name(name).into();
        return;
    }
    match schema {
        RefOr::T(Schema::Object(object)) => object.properties.values_mut().for_each(|field| name_part(field, named)),
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                name_part(items, named);
            }
        }
        _ => {}
    }
}

fn operation_id(method: &Method, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.as_str().to_ascii_lowercase(), |id, word| id + "_" + word)
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
        (Method::HEAD, &mut item.head),
        (Method::OPTIONS, &mut item.options),
        (Method::TRACE, &mut item.trace),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// What a document is about, as `METHOD /path`.
#[must_use]
pub fn operations(openapi: &OpenApi) -> BTreeSet<String> {
    let mut paths = openapi.paths.paths.clone();
    let listed = paths.iter_mut().flat_map(|(path, item)| {
        operations_mut(item).map(move |(method, _)| format!("{method} {path}")).collect::<Vec<_>>()
    });
    listed.collect()
}

/// Where the table and the document disagree, as `METHOD /path`, sorted: routes that should be
/// documented and are not, and operations nobody serves. Empty is right.
#[must_use]
pub fn differences<G>(routes: &[Route<G>], openapi: &OpenApi) -> Vec<String> {
    let documented = routes.iter().filter(|route| route.documented);
    let served: BTreeSet<String> = documented.map(|route| format!("{} {}", route.method, route.path)).collect();
    served.symmetric_difference(&operations(openapi)).cloned().collect()
}

/// The references of a document that lead nowhere in it, each once, sorted. Empty is right.
#[must_use]
pub fn dangling(openapi: &OpenApi) -> Vec<String> {
    let document = serde_json::to_value(openapi).expect("a document is a tree of strings, lists and maps");
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    let leads = |reference: &str| reference.strip_prefix('#').is_some_and(|place| document.pointer(place).is_some());
    references.into_iter().filter(|reference| !leads(reference)).collect()
}

fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect_references(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, into)),
        _ => {}
    }
}

/// The places in answers' schemas that allow anything, each once, sorted, without those `allowed`.
///
/// A place is the schema's name, or the operation, and the way down: `Agent.custom_attributes`,
/// `GET /agents 200.data[]`; `[]` stands for the items of a list, `{}` for the values of a map.
#[must_use]
pub fn free_form(openapi: &OpenApi, allowed: &[&str]) -> Vec<String> {
    let document = serde_json::to_value(openapi).expect("a document is a tree of strings, lists and maps");
    free_places(&document).into_iter().filter(|place| !allowed.contains(&place.as_str())).collect()
}

fn free_places(document: &Value) -> BTreeSet<String> {
    let mut walk = Walk { document, seen: BTreeSet::new(), found: BTreeSet::new() };
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            for (status, response) in members(&operation["responses"]) {
                for (_, content) in members(&response["content"]) {
                    walk.schema(&content["schema"], &format!("{} {path} {status}", method.to_uppercase()));
                }
            }
        }
    }
    walk.found
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

struct Walk<'a> {
    document: &'a Value,
    /// Names of schemas that were looked into.
    seen: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn schema(&mut self, schema: &Value, place: &str) {
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            self.component(name);
            return;
        }
        if is_free(schema) {
            self.found.insert(place.to_owned());
        }
        for (name, property) in members(&schema["properties"]) {
            self.schema(property, &format!("{place}.{name}"));
        }
        self.all_of(parts(schema, "allOf"), place);
        for part in parts(schema, "anyOf").iter().chain(parts(schema, "oneOf")).chain(parts(schema, "prefixItems")) {
            self.schema(part, place);
        }
        for (key, suffix) in [("items", "[]"), ("additionalProperties", "{}")] {
            if schema[key].is_object() {
                self.schema(&schema[key], &format!("{place}{suffix}"));
            }
        }
    }

    /// An intersection is free only if all its parts are; one that just describes is.
    fn all_of(&mut self, parts: &[Value], place: &str) {
        if !parts.is_empty() && parts.iter().all(is_free) {
            self.found.insert(place.to_owned());
        }
        for part in parts.iter().filter(|part| !is_free(part)) {
            self.schema(part, place);
        }
    }

    fn component(&mut self, name: &str) {
        if self.seen.insert(name.to_owned()) {
            let document = self.document;
            self.schema(&document["components"]["schemas"][name], name);
        }
    }
}

fn parts<'a>(schema: &'a Value, list: &str) -> &'a [Value] {
    schema[list].as_array().map_or(&[], Vec::as_slice)
}

fn is_free(schema: &Value) -> bool {
    let shapes = ["$ref", "type", "enum", "const", "allOf", "anyOf", "oneOf", "not"];
    let has_shape = shapes.iter().any(|key| !schema[*key].is_null());
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        single => single.as_str().into_iter().collect(),
    };
    let is_open_object = types.contains(&"object")
        && schema["properties"].is_null()
        && ["allOf", "anyOf", "oneOf"].iter().all(|list| schema[*list].is_null())
        && !schema["additionalProperties"].is_object()
        && schema["additionalProperties"] != Value::Bool(false);
    let is_open_list = types.contains(&"array") && schema["items"].is_null() && schema["prefixItems"].is_null();
    !has_shape || is_open_object || is_open_list || schema["additionalProperties"] == Value::Bool(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_free_form_is_found() {
        let schema = json!({
            "type": "object",
            "properties": {
                "any": {},
                "open": {"type": "object"},
                "more": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true},
                "map": {"type": "object", "additionalProperties": {}},
                "typed_map": {"type": "object", "additionalProperties": {"type": "string"}},
                "closed": {"type": "object", "additionalProperties": false},
                "list": {"type": "array", "items": {"description": "anything"}},
                "bare_list": {"type": "array"},
                "maybe": {"oneOf": [{"type": "null"}, {"type": "object"}]},
                "described": {"allOf": [{"$ref": "#/components/schemas/Self"}, {"type": "object", "description": "x"}]},
                "only_described": {"allOf": [{"type": "object", "description": "x"}]},
                "text": {"type": ["string", "null"]}
            }
        });
        let answer = |schema: Value| json!({"content": {"application/json": {"schema": schema}}});
        let document = json!({
            "components": {"schemas": {"Self": schema, "Unused": {}}},
            "paths": {"/a": {"get": {"responses": {
                "200": answer(json!({"$ref": "#/components/schemas/Self"})),
                "201": answer(json!({})),
                "204": {"description": "nothing"}
            }}}}
        });
        let mut expected = ["any", "bare_list", "list[]", "map{}", "maybe", "more", "only_described", "open"]
            .map(|place| format!("Self.{place}"))
            .to_vec();
        expected.insert(0, "GET /a 201".to_owned());
        assert_eq!(free_places(&document).into_iter().collect::<Vec<_>>(), expected);
    }
}
