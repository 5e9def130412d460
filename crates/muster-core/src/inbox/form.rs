//! The form that visitors fill in before their first message. What they type is a claim: it is kept
//! with the visitor and never compared with known contacts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Inbox;
use crate::agent::{self, Attributes, Phone};
use crate::{Error, Result, Why, phone};

/// Most answers that one form may hold.
const FIELDS_MAX: usize = 100;
/// Longest text of one answer, in characters; longer ones are cut.
const TEXT_MAX: usize = 1000;
const NUMBER_MAX: f64 = 1e12;
const NAME_MAX: usize = 140;
const PHONE_MAX: usize = 20;

/// Answers by the key of their field.
pub type Form = BTreeMap<String, Value>;

/// What the form told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Phone,
    /// Answers to fields that stand for an attribute, by its key.
    pub attributes: Attributes,
}

#[derive(Deserialize)]
struct Field {
    key: String,
    #[serde(default)]
    required: bool,
    #[serde(default = "yes")]
    enabled: bool,
    custom_attribute_id: Option<i64>,
}

impl Field {
    /// 0 is as good as absent.
    fn is_attribute(&self) -> bool {
        self.custom_attribute_id.is_some_and(|id| id != 0)
    }
}

const fn yes() -> bool {
    true
}

impl Inbox {
    /// Reads the answers to the inbox's form; what the form doesn't ask is ignored. `is_known` tells
    /// whether an attribute of this key is defined: a field without its attribute isn't asked.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `form_data` when a required answer is missing or there are too many,
    /// `email` when it is no address.
    pub fn read_form(&self, form: &Form, is_known: impl Fn(&str) -> bool) -> Result<Claims> {
        if form.len() > FIELDS_MAX {
            return Err(Error::invalid("form_data", Why::OutOfRange));
        }
        let mut claims = Claims::default();
        let is_asked = |field: &Field| !field.is_attribute() || is_known(&field.key);
        for field in self.form_fields().into_iter().filter(is_asked) {
            match form.get(&field.key).and_then(answer) {
                Some(answer) => claims.take(&field, answer, form)?,
                None if field.required => return Err(Error::invalid("form_data", Why::Empty)),
                None => {}
            }
        }
        Ok(claims)
    }

    /// The fields that are asked. One that can't be understood isn't.
    fn form_fields(&self) -> Vec<Field> {
        let form = &self.config["prechat_form"];
        if form["enabled"] != Value::Bool(true) {
            return Vec::new();
        }
        let fields = form["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        fields.iter().filter_map(|field| Field::deserialize(field).ok()).filter(|field| field.enabled).collect()
    }
}

impl Claims {
    fn take(&mut self, field: &Field, answer: Value, form: &Form) -> Result<()> {
        if field.is_attribute() {
            self.attributes.insert(field.key.clone(), answer);
            return Ok(());
        }
        let Some(text) = answer.as_str() else { return Ok(()) };
        match field.key.as_str() {
            "name" => self.name = Some(text.chars().take(NAME_MAX).collect()),
            "email" => self.email = Some(agent::email("email", text)?),
            "phone" => self.phone = claimed_phone(text, form.get("phone_country_code").and_then(Value::as_str)),
            _ => {}
        }
        Ok(())
    }
}

/// An answer within its bounds; `None` for one that says nothing.
fn answer(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) => number.as_f64().filter(|n| n.abs() <= NUMBER_MAX).map(|_| value.clone()),
        Value::String(text) => {
            let text: String = text.trim().chars().filter(|c| *c != '\0').take(TEXT_MAX).collect();
            (!text.is_empty()).then_some(Value::String(text))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(crate) fn claimed_phone(number: &str, country: Option<&str>) -> Phone {
    let country = country.map(|country| country.trim().to_uppercase());
    let calling_code = country.as_deref().and_then(phone::calling_code);
    Phone {
        country: country.filter(|_| calling_code.is_some()),
        calling_code,
        number: Some(number.chars().take(PHONE_MAX).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::inbox::tests::chat;

    fn asking(fields: &Value) -> Inbox {
        chat(json!({ "prechat_form": { "enabled": true, "fields": fields } }))
    }

    fn form(answers: Value) -> Form {
        serde_json::from_value(answers).unwrap()
    }

    #[test]
    fn a_required_answer_must_be_there() {
        let inbox = asking(&json!([{ "key": "name", "required": true }]));
        for missing in [json!({}), json!({ "name": "  " }), json!({ "name": null })] {
            assert!(inbox.read_form(&form(missing), |_| true).is_err());
        }
        assert_eq!(inbox.read_form(&form(json!({ "name": " Kim " })), |_| true).unwrap().name.as_deref(), Some("Kim"));
    }

    #[test]
    fn a_form_that_is_off_or_a_field_that_is_not_asked_demands_nothing() {
        let off =
            chat(json!({ "prechat_form": { "enabled": false, "fields": [{ "key": "name", "required": true }] } }));
        assert_eq!(off.read_form(&form(json!({ "name": "Kim" })), |_| true).unwrap(), Claims::default());
        let orphan = json!([
            { "key": "plan", "required": true, "custom_attribute_id": 7 },
            { "key": "email", "required": true, "enabled": false },
        ]);
        assert_eq!(asking(&orphan).read_form(&Form::new(), |_| false).unwrap(), Claims::default());
    }

    #[test]
    fn answers_are_bounded() {
        let inbox = asking(&json!([
            { "key": "email" }, { "key": "phone" }, { "key": "plan", "custom_attribute_id": 7 },
            { "key": "seats", "custom_attribute_id": 8 },
        ]));
        let told = inbox
            .read_form(
                &form(json!({ "phone": "0151", "phone_country_code": "de", "plan": "x".repeat(2000), "seats": 1e13 })),
                |_| true,
            )
            .unwrap();
        assert_eq!(told.phone.calling_code.as_deref(), Some("+49"));
        assert_eq!(told.attributes["plan"].as_str().map(str::len), Some(TEXT_MAX));
        assert!(!told.attributes.contains_key("seats"));
        assert!(inbox.read_form(&form(json!({ "email": "not an address" })), |_| true).is_err());
    }
}
