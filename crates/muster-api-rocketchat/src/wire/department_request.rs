//! What is said about departments.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::department::Scalar;
use crate::validate::{Amount, Broken, Kind, Parameters, Shape, amount, optional, required, whole};

/// A department, with agents to be added or changed in it. None is ever taken out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentRequest {
    pub(crate) department: DepartmentFields,
    pub(crate) agents: Option<Vec<DepartmentAgentRequest>>,
    /// No department belongs to a unit: nothing but `{}` is taken.
    pub(crate) department_unit: Option<DepartmentUnit>,
}

/// The unit that a department belongs to.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DepartmentUnit {
    #[serde(rename = "_id")]
    #[schema(value_type = Option<String>)]
    pub(crate) id: Option<Value>,
}

/// What a further field is set to; null takes it away.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use: the fields are read as they stand")]
struct Further(Option<Scalar>);

/// What is absent of the optional fields stays as it is. Further fields are kept for clients if they
/// hold a text, a whole number or a truth value; null takes one away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentFields {
    pub(crate) enabled: bool,
    pub(crate) show_on_registration: bool,
    pub(crate) show_on_offline_form: bool,
    pub(crate) name: String,
    /// Empty for none.
    pub(crate) email: String,
    pub(crate) description: Option<String>,
    pub(crate) request_tag_before_closing_chat: Option<bool>,
    pub(crate) allow_receive_forward_offline: Option<bool>,
    pub(crate) chat_closing_tags: Option<Vec<String>>,
    /// Ids of departments; an empty text for none.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) departments_allowed_to_forward: Option<Texts>,
    /// Id of a department; empty for none.
    pub(crate) fallback_forward_department: Option<String>,
    /// A number, or the text of one; 0 or an empty text for none.
    #[schema(value_type = Option<u16>)]
    pub(crate) max_number_simultaneous_chat: Option<AmountField>,
    /// A number, or the text of one; null or an empty text for none.
    #[serde(default, deserialize_with = "amount_or_null")]
    #[schema(value_type = Option<f64>)]
    pub(crate) visitor_inactivity_timeout_in_seconds: Option<AmountField>,
    #[serde(flatten)]
    #[schema(value_type = std::collections::BTreeMap<String, Further>)]
    others: Map<String, Value>,
}

/// What the server says of a department and nobody sets.
const READ_ONLY: [&str; 8] =
    ["_id", "type", "numAgents", "_updatedAt", "archived", "parentId", "ancestors", "businessHourId"];

const FIELDS: Shape = Shape {
    fields: &[
        required("enabled", Kind::Bool),
        required("name", Kind::Text),
        required("showOnRegistration", Kind::Bool),
        required("email", Kind::Text),
        required("showOnOfflineForm", Kind::Bool),
        optional("description", Kind::Text),
        optional("offlineMessageChannelName", Kind::Text),
        optional("abandonedRoomsCloseCustomMessage", Kind::Text),
        optional("waitingQueueMessage", Kind::Text),
        optional("fallbackForwardDepartment", Kind::Text),
        optional("requestTagBeforeClosingChat", Kind::Bool),
        optional("allowReceiveForwardOffline", Kind::Bool),
        optional("chatClosingTags", Kind::Texts),
        optional("departmentsAllowedToForward", Kind::TextsOrNone),
        optional("maxNumberSimultaneousChat", Kind::Amount),
        optional("visitorInactivityTimeoutInSeconds", Kind::Amount),
        optional(READ_ONLY[0], Kind::Anything),
        optional(READ_ONLY[1], Kind::Anything),
        optional(READ_ONLY[2], Kind::Anything),
        optional(READ_ONLY[3], Kind::Anything),
        optional(READ_ONLY[4], Kind::Anything),
        optional(READ_ONLY[5], Kind::Anything),
        optional(READ_ONLY[6], Kind::Anything),
        optional(READ_ONLY[7], Kind::Anything),
    ],
    others: Some(&Kind::ScalarOrNull),
};

/// Further fields in one call, and how long their names and texts may be. How much is kept with a department in all is
/// the desk's rule.
const OTHERS_MAX: usize = 50;
const OTHER_TEXT_MAX: usize = 4000;

impl Parameters for DepartmentRequest {
    const SHAPE: Shape = Shape::of(&[
        required("department", Kind::Object(FIELDS)),
        optional(
            "agents",
            Kind::Objects(Shape::of(&[
                required("agentId", Kind::Text),
                optional("count", Kind::Whole),
                optional("order", Kind::Whole),
            ])),
        ),
        optional("departmentUnit", Kind::Object(Shape::of(&[]))),
    ]);

    fn check(fields: &Map<String, Value>) -> Result<(), Broken> {
        let department = fields.get("department").and_then(Value::as_object).into_iter().flatten();
        let mut others = 0;
        for (name, value) in department {
            others += usize::from(FIELDS.names().all(|known| known != name));
            let length = value.as_str().map_or(0, |text| text.chars().count()).max(name.chars().count());
            if length > OTHER_TEXT_MAX {
                return Err(Broken(format!("must NOT have more than {OTHER_TEXT_MAX} characters")));
            }
        }
        if others > OTHERS_MAX {
            return Err(Broken(format!("must NOT have more than {OTHERS_MAX} properties")));
        }
        Ok(())
    }
}

impl DepartmentFields {
    /// The fields kept for clients; null removes one.
    pub(crate) fn extras(&self) -> Map<String, Value> {
        let others = self.others.iter().filter(|(name, _)| !READ_ONLY.contains(&name.as_str()));
        let mut extras: Map<String, Value> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        if let Some(AmountField(timeout)) = self.visitor_inactivity_timeout_in_seconds {
            extras.insert("visitorInactivityTimeoutInSeconds".to_owned(), timeout.value());
        }
        extras
    }
}

/// An agent in a department.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentAgentRequest {
    pub(crate) agent_id: String,
    /// 0 when absent.
    #[schema(value_type = Option<i32>)]
    pub(crate) count: Option<Whole>,
    /// 0 when absent.
    #[schema(value_type = Option<i32>)]
    pub(crate) order: Option<Whole>,
}

/// A whole number, however it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) i32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        whole(&value).map(Self).ok_or_else(|| serde::de::Error::custom("must be integer"))
    }
}

/// A number, the text of one, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AmountField(pub(crate) Amount);

impl<'de> Deserialize<'de> for AmountField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        amount(&value).map(Self).ok_or_else(|| serde::de::Error::custom("must be number"))
    }
}

fn amount_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AmountField>, D::Error> {
    let given = Option::<AmountField>::deserialize(deserializer)?;
    Ok(Some(given.unwrap_or(AmountField(Amount::None))))
}

/// A list of texts, or an empty text for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let items = value.as_array().into_iter().flatten();
        Ok(Self(items.filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect()))
    }
}
