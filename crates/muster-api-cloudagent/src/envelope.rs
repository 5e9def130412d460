//! The envelopes of answers. The product has a family for each generation of its pages, so each is a type of its own.

use std::borrow::Cow;
use std::io;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::ser::{Formatter, Serializer as JsonSerializer};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use muster_http::openapi::always_null;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A text of an answer.
pub(crate) type Message = Cow<'static, str>;

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident = $word:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, ToSchema)]
        pub(crate) enum $name {
            #[serde(rename = $word)]
            #[schema(rename = $word)]
            Word,
        }
    };
}

fixed! {
    /// Always the text `false`.
    FalseText = "false"
}
fixed! {
    /// Always `error`.
    ErrorWord = "error"
}
fixed! {
    /// Always `success`.
    SuccessWord = "success"
}
fixed! {
    /// Always `Fail`.
    FailWord = "Fail"
}
fixed! {
    /// Always `Success`.
    CapitalSuccess = "Success"
}

// Wire (documented): envelope A.
/// What is wrong with a credential, or with the JSON of a body.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CredentialRefusal {
    pub(crate) status: FalseText,
    pub(crate) message: Cow<'static, str>,
    #[schema(schema_with = always_null)]
    pub(crate) data: (),
}

// Wire (documented): envelope B, in both orders of its keys.
/// A refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refusal {
    pub(crate) status: ErrorWord,
    pub(crate) message: Cow<'static, str>,
}

/// A refusal whose message comes first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusalMessageFirst {
    pub(crate) message: Cow<'static, str>,
    pub(crate) status: ErrorWord,
}

// Wire (documented): envelope D, with a plural key, in both orders.
/// A refusal to delete.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeleteRefusal {
    pub(crate) status: ErrorWord,
    pub(crate) messages: Cow<'static, str>,
}

/// A refusal to delete whose messages come first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeleteRefusalMessagesFirst {
    pub(crate) messages: Cow<'static, str>,
    pub(crate) status: ErrorWord,
}

// Wire (documented): envelope F; the skill page prints it the other way round.
/// Fields that can't be accepted, each with the reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Faulty {
    pub(crate) status: FailWord,
    pub(crate) message: Faults,
}

/// Fields that can't be accepted, with the reasons first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FaultyMessageFirst {
    pub(crate) message: Faults,
    pub(crate) status: FailWord,
}

// Wire (documented): envelope M, in two kinds of letters.
/// A refusal to pause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateRefusal {
    pub(crate) status: ErrorWord,
    #[serde(rename = "Message")]
    pub(crate) message: Cow<'static, str>,
}

macro_rules! one_of {
    ($(#[$doc:meta])* $name:ident = $($shape:ident)|+) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                OneOfBuilder::new()$(.item(Ref::from_schema_name($shape::name())))+.into()
            }
        }

        impl ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $(
                    schemas.push(($shape::name().into_owned(), $shape::schema()));
                    $shape::schemas(schemas);
                )+
            }
        }
    };
}

// What one status may come with, for the document alone. Shapes that differ in nothing but the order of their keys are one.
one_of! {
    /// No credential, or another refusal.
    AnyRefusal = CredentialRefusal | Refusal
}
one_of! {
    /// A refusal to edit or create an agent.
    AgentRefusal = CredentialRefusal | Refusal | Faulty
}
one_of! {
    /// A refusal to create a skill.
    SkillRefusal = CredentialRefusal | Refusal | FaultyMessageFirst
}
one_of! {
    /// A refusal to change a state.
    ChangeRefusal = CredentialRefusal | Refusal | StateRefusal
}
one_of! {
    /// A refusal of a report.
    ReportRefusal = CredentialRefusal | RefusalMessageFirst
}

// Wire (documented): envelope S.
/// A change that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Changed {
    pub(crate) status: CapitalSuccess,
    pub(crate) message: Cow<'static, str>,
}

// Wire (documented): envelope s.
/// A success with a text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
    pub(crate) status: SuccessWord,
    pub(crate) message: Cow<'static, str>,
}

impl Changed {
    pub(crate) fn new(message: impl Into<Message>) -> Self {
        Self { status: CapitalSuccess::Word, message: message.into() }
    }
}

impl Told {
    pub(crate) fn new(message: impl Into<Message>) -> Self {
        Self { status: SuccessWord::Word, message: message.into() }
    }
}

/// What is wrong with which field, in the order in which it was found. The first reason of a field counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(Vec<(String, Message)>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, why: impl Into<Message>) {
        let field = field.into();
        if self.0.iter().all(|(known, _)| *known != field) {
            self.0.push((field, why.into()));
        }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (field, why) in other.0 {
            self.add(field, why);
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(known, _)| known == field)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, why) in &self.0 {
            map.serialize_entry(field, why)?;
        }
        map.end()
    }
}

impl PartialSchema for Faults {
    fn schema() -> RefOr<Schema> {
        let reason = ObjectBuilder::new().schema_type(Type::String);
        let map = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::from(reason)));
        map.description(Some("A reason by field.")).into()
    }
}

impl ToSchema for Faults {}

/// A success with status 200.
#[derive(Debug)]
pub(crate) struct Reply<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        respond(StatusCode::OK, &self.0)
    }
}

/// An answer of this shape.
pub(crate) fn respond(status: StatusCode, body: &impl Serialize) -> Response {
    (status, [(CONTENT_TYPE, JSON)], json(body)).into_response()
}

// Wire (documented): the pages print bodies on one line with a blank after each colon and none after commas.
/// JSON as the pages print it.
fn json(body: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    body.serialize(&mut JsonSerializer::with_formatter(&mut bytes, Printed))
        .expect("wire types have text keys and no failing parts");
    bytes
}

struct Printed;

impl Formatter for Printed {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_printed_as_the_pages_do() {
        let refusal = CredentialRefusal { status: FalseText::Word, message: "Invalid User Details".into(), data: () };
        let text = String::from_utf8(json(&refusal)).unwrap();
        assert_eq!(text, r#"{"status": "false","message": "Invalid User Details","data": null}"#);
    }

    #[test]
    fn faults_keep_their_order_and_the_first_reason_of_a_field() {
        let mut faults = Faults::default();
        faults.add("b", "first");
        faults.add("a", "other");
        faults.add("b", "second");
        let text = String::from_utf8(json(&Faulty { status: FailWord::Word, message: faults })).unwrap();
        assert_eq!(text, r#"{"Status": "Fail","Message": {"b": "first","a": "other"}}"#);
    }
}
