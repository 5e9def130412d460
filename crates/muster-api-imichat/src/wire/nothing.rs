//! An answer that holds nothing.

use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

// Wire (documented, in a sample of another call): the empty text; (chosen) on every refusal too.
/// Nothing to show: the empty text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("")
    }
}

impl PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some([""])).into()
    }
}

impl ToSchema for Nothing {}
