//! What a route declares about its parameters, and the words in which it says that they are wrong.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Failure, Result};

/// Parameters that come as named fields, and what the route declares about them.
pub(crate) trait Parameters: DeserializeOwned {
    const SHAPE: Shape;
    const WRAPPING: Wrapping = Wrapping::Suffixed;

    /// What the shape can't say.
    fn check(_: &Map<String, Value>) -> Result<(), Broken> {
        Ok(())
    }
}

/// How a route words the text of a broken rule.
///
/// Wire (documented): both forms exist, by the route's age; which route has which is not told for
/// most, and then it is the older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// `<text> [invalid-params]`
    Suffixed,
    /// `<text>`
    Bare,
}

/// The fields of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) fields: &'static [Field],
    /// What other fields may hold; `None`: anything.
    pub(crate) others: Option<&'static Kind>,
}

impl Shape {
    pub(crate) const fn of(fields: &'static [Field]) -> Self {
        Self { fields, others: None }
    }

    /// The names that the shape knows.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|field| field.name)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

pub(crate) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// A field that may be absent, or null, which is the same.
pub(crate) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Anything,
    Text,
    Bool,
    /// A whole number of 32 bits.
    Whole,
    /// A number, the text of one, or an empty text for none.
    Amount,
    /// One of these texts.
    Word(&'static [&'static str]),
    Texts,
    /// The same, or an empty text for none.
    TextsOrNone,
    Object(Shape),
    Objects(Shape),
    /// A text, or an object with these fields.
    TextOrObject(Shape),
    /// A text, a whole number, a truth value or null.
    ScalarOrNull,
}

/// The text of a broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

impl Broken {
    fn must(what: &str) -> Self {
        Self(format!("must {what}"))
    }

    /// A field that has to be there.
    pub(crate) fn missing(name: &str) -> Self {
        Self::must(&format!("have required property '{name}'"))
    }
}

/// Checks fields against what is declared, and reads them.
///
/// # Errors
/// 400 with the text of the first rule that is broken.
pub(crate) fn read<T: Parameters>(fields: Map<String, Value>) -> Result<T> {
    check_shape(&T::SHAPE, &fields).and_then(|()| T::check(&fields)).map_err(|broken| wrap(T::WRAPPING, broken))?;
    serde_json::from_value(Value::Object(fields)).map_err(|error| wrap(T::WRAPPING, Broken(error.to_string())))
}

fn wrap(wrapping: Wrapping, Broken(text): Broken) -> Failure {
    match wrapping {
        Wrapping::Suffixed => Failure::parameters(format!("{text} [invalid-params]")),
        Wrapping::Bare => Failure::parameters(text),
    }
}

fn check_shape(shape: &Shape, fields: &Map<String, Value>) -> Result<(), Broken> {
    let missing = shape.fields.iter().find(|field| field.required && !fields.contains_key(field.name));
    if let Some(field) = missing {
        return Err(Broken::missing(field.name));
    }
    for (name, value) in fields {
        match shape.fields.iter().find(|field| field.name == name) {
            Some(field) if value.is_null() && !field.required => {}
            Some(field) => check_kind(&field.kind, value)?,
            None => shape.others.map_or(Ok(()), |kind| check_kind(kind, value))?,
        }
    }
    Ok(())
}

fn check_kind(kind: &Kind, value: &Value) -> Result<(), Broken> {
    let or = |fits: bool, what: &str| if fits { Ok(()) } else { Err(Broken::must(what)) };
    match kind {
        Kind::Anything => Ok(()),
        Kind::Text => or(value.is_string(), "be string"),
        Kind::Bool => or(value.is_boolean(), "be boolean"),
        Kind::Whole => or(whole(value).is_some(), "be integer"),
        Kind::Amount => or(amount(value).is_some(), "be number"),
        Kind::Word(words) => {
            or(value.is_string(), "be string")?;
            let known = value.as_str().is_some_and(|word| words.contains(&word));
            or(known, "be equal to one of the allowed values")
        }
        Kind::TextsOrNone if value.as_str() == Some("") => Ok(()),
        Kind::Texts | Kind::TextsOrNone => {
            let items = value.as_array().ok_or_else(|| Broken::must("be array"))?;
            items.iter().try_for_each(|item| check_kind(&Kind::Text, item))
        }
        Kind::Object(shape) => {
            let fields = value.as_object().ok_or_else(|| Broken::must("be object"))?;
            check_shape(shape, fields)
        }
        Kind::Objects(shape) => {
            let items = value.as_array().ok_or_else(|| Broken::must("be array"))?;
            items.iter().try_for_each(|item| check_kind(&Kind::Object(*shape), item))
        }
        Kind::TextOrObject(shape) => match value {
            Value::Object(fields) => check_shape(shape, fields),
            other => or(other.is_string(), "be string"),
        },
        Kind::ScalarOrNull => {
            let is_scalar = value.is_string() || value.is_boolean() || whole(value).is_some();
            or(is_scalar || value.is_null(), "be string,integer,boolean")
        }
    }
}

/// A whole number of 32 bits, however it is written.
pub(crate) fn whole(value: &Value) -> Option<i32> {
    match value.as_i64() {
        Some(number) => i32::try_from(number).ok(),
        None => {
            value.as_f64().filter(|number| number.fract() == 0.0).and_then(|number| format!("{number}").parse().ok())
        }
    }
}

/// What stands in a field for an amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Amount {
    None,
    Number(f64),
}

impl Amount {
    /// As JSON, whole numbers without a fraction; null for none.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Number(number) => {
                format!("{number}").parse::<i64>().map_or_else(|_| Value::from(number), Value::from)
            }
        }
    }
}

/// Reads a number, the text of one, or an empty text.
pub(crate) fn amount(value: &Value) -> Option<Amount> {
    let number = match value {
        Value::String(text) if text.is_empty() => return Some(Amount::None),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        other => other.as_f64(),
    };
    number.filter(|number| number.is_finite()).map(Amount::Number)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read by the derived Debug only")]
    struct Sample {
        name: String,
        count: Option<Value>,
    }

    impl Parameters for Sample {
        const SHAPE: Shape = Shape {
            fields: &[
                required("name", Kind::Text),
                required("on", Kind::Bool),
                optional("count", Kind::Whole),
                optional("limit", Kind::Amount),
                optional("word", Kind::Word(&["a", "b"])),
                optional("tags", Kind::TextsOrNone),
                optional("parts", Kind::Objects(Shape::of(&[required("id", Kind::Text)]))),
                optional("password", Kind::TextOrObject(Shape::of(&[optional("digest", Kind::Text)]))),
            ],
            others: Some(&Kind::ScalarOrNull),
        };
    }

    fn refusal(changes: &Value) -> Option<String> {
        let mut fields = json!({"name": "x", "on": true});
        for (name, value) in changes.as_object().unwrap() {
            fields[name] = value.clone();
        }
        let Value::Object(fields) = fields else { unreachable!() };
        check_shape(&Sample::SHAPE, &fields).err().map(|Broken(text)| text)
    }

    #[test]
    fn each_rule_has_its_text() {
        for (changes, text) in [
            (json!({"name": 7}), "must be string"),
            (json!({"name": null}), "must be string"),
            (json!({"on": "true"}), "must be boolean"),
            (json!({"count": 1.5}), "must be integer"),
            (json!({"count": 2_147_483_648_i64}), "must be integer"),
            (json!({"limit": "x"}), "must be number"),
            (json!({"word": "c"}), "must be equal to one of the allowed values"),
            (json!({"tags": "x"}), "must be array"),
            (json!({"tags": [1]}), "must be string"),
            (json!({"parts": {}}), "must be array"),
            (json!({"parts": [1]}), "must be object"),
            (json!({"parts": [{}]}), "must have required property 'id'"),
            (json!({"password": 1}), "must be string"),
            (json!({"password": {"digest": 1}}), "must be string"),
            (json!({"else": []}), "must be string,integer,boolean"),
        ] {
            assert_eq!(refusal(&changes).as_deref(), Some(text), "{changes}");
        }
    }

    #[test]
    fn what_fits_is_taken_in_every_form_it_comes_in() {
        for changes in [
            json!({"count": 2.0, "limit": "", "tags": "", "password": {"digest": "x"}}),
            json!({"count": null, "limit": "5", "tags": [], "else": "x", "more": 1, "less": false, "none": null}),
            json!({"limit": 5, "word": "a", "parts": [{"id": "x", "y": {}}]}),
        ] {
            assert_eq!(refusal(&changes), None, "{changes}");
        }
        assert_eq!(amount(&json!(" 7 ")), Some(Amount::Number(7.0)));
        assert_eq!(amount(&json!("inf")), None);
        assert_eq!(Amount::Number(7.0).value(), json!(7));
        assert_eq!((Amount::Number(0.5).value(), Amount::None.value()), (json!(0.5), json!(null)));
        assert_eq!(whole(&json!(-3.0)), Some(-3));
    }

    #[test]
    fn the_first_missing_field_is_named() {
        assert_eq!(check_shape(&Sample::SHAPE, &Map::new()), Err(Broken::missing("name")));
    }
}
