//! A field of a partial update: absent, null and a value are three different things.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What a partial update says about one field.
///
/// The field needs `#[serde(default)]`, so that an absent one is read as [`Patch::Absent`]; where
/// it is written too, also `skip_serializing_if = "Patch::is_absent"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it as it is.
    #[default]
    Absent,
    /// Clear it.
    Null,
    Value(T),
}

impl<T> Patch<T> {
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// `None` if absent, `Some(None)` if null: the form use cases take.
    #[must_use]
    pub fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The value, if there is one: for fields where null means the same as absent.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The same with its value turned into something else.
    #[must_use]
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(inner) => Patch::Value(value(inner)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Absent | Self::Null => serializer.serialize_none(),
        }
    }
}

/// What `#[derive(ToSchema)]` writes for a generic type; the document shows the value or null.
impl<T: ComposeSchema> ComposeSchema for Patch<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        Option::<T>::compose(generics)
    }
}

impl<T: ToSchema + ComposeSchema> ToSchema for Patch<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
    struct Update {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        name: Patch<String>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        counts: Patch<Vec<i64>>,
    }

    #[test]
    fn absent_null_and_value_survive_the_wire() {
        for (wire, name) in [
            (json!({}), Patch::Absent),
            (json!({"name": null}), Patch::Null),
            (json!({"name": "x"}), Patch::Value("x".to_owned())),
        ] {
            let update: Update = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(update, Update { name, counts: Patch::Absent });
            assert_eq!(serde_json::to_value(update).unwrap(), wire);
        }
        assert!(serde_json::from_value::<Update>(json!({"name": 7})).is_err());
    }

    #[test]
    fn a_change_is_an_option_of_an_option() {
        assert_eq!(Patch::<u8>::Absent.into_change(), None);
        assert_eq!(Patch::<u8>::Null.into_change(), Some(None));
        assert_eq!(Patch::Value(7).map(|n| n + 1).into_change(), Some(Some(8)));
        assert_eq!(Patch::<u8>::Null.into_value(), None);
    }

    #[test]
    fn the_document_shows_a_nullable_value_that_is_not_required() {
        let schema = serde_json::to_value(Update::schema()).unwrap();
        assert_eq!(schema.get("required"), None);
        let mut components = Vec::new();
        Update::schemas(&mut components);
        let components: serde_json::Map<_, _> =
            components.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
        let reference = schema["properties"]["name"]["$ref"].as_str().unwrap();
        let name = reference.rsplit('/').next().unwrap();
        assert_eq!(components[name], json!({"oneOf": [{"type": "null"}, {"type": "string"}]}));
    }
}
