//! Filters of lists of conversations, as clients write them.
//!
//! Wire (observed, 2.7): models, fields and operators; values are texts whatever they mean.

use muster_core::filter::{Filter, IdField, IdTest, Moment, TagTest, Test, TextField, TextTest, TimeField, TimeTest};
use muster_core::id::TagId;
use muster_core::inbox::Medium;
use muster_core::time::{Day, Timestamp};
use muster_core::{Error, Why};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Failure, Result};

/// A list of leaves, all of which must hold, or a group. At most ten groups, two deep below the outermost, and 50 leaves.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Filters {
    List(Vec<FilterRule>),
    Group(FilterGroup),
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum FilterRule {
    #[schema(no_recursion)]
    Group(FilterGroup),
    Leaf(FilterLeaf),
}

/// Rules of which all (`AND`) or one (`OR`) must hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct FilterGroup {
    pub(crate) logic: Logic,
    #[schema(no_recursion)]
    pub(crate) rules: Vec<FilterRule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Logic {
    #[serde(alias = "and")]
    And,
    #[serde(alias = "or")]
    Or,
}

/// One test. Negative operators hold where there is no value.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"model": "conversations", "field": "status_id", "operator": "equals", "value": "1"}))]
pub(crate) struct FilterLeaf {
    /// `conversations`, `conversation_statuses`, `users` (the contact) or `inboxes`.
    pub(crate) model: String,
    /// Of `conversations`: `status_id`, `priority_id`, `assigned_team_id`, `assigned_user_id`, `inbox_id`,
    /// `last_message_at`, `last_interaction_at`, `last_interaction_sender`, `created_at`, `waiting_since`,
    /// `next_sla_deadline_at`, `snoozed_until`, `sla_policy_id`, `tags`; of `conversation_statuses`: `id`, `name`; of
    /// `users`: `email`, `external_user_id`; of `inboxes`: `channel`.
    pub(crate) field: String,
    /// `equals`, `not equals`, `set` and `not set` for every field but `tags`; `greater than`, `less than` and `between`
    /// for numbers and times; `in` for numbers and texts; `contains` (or `ilike`) and `not contains` for texts. For
    /// `tags`: `contains` one of them, `not contains` any of them, `set`, `not set`.
    pub(crate) operator: String,
    /// A number, a text, an instant, or a day (`YYYY-MM-DD`) in the desk's time zone; `a,b` for `between`; a JSON array of
    /// texts for `in` and for tags, with at most 100 of them.
    #[serde(default)]
    pub(crate) value: Option<String>,
}

/// Wire (observed, 2.7): 500 in lists, 400 in views. Ours is 400.
pub(crate) fn illegal() -> Failure {
    Failure::input("Invalid filters.")
}

/// What is wrong with a filter, in the wire's words.
pub(crate) fn refused(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "filters", why: Why::OutOfRange } => {
            Failure::input("Too many filter groups. Maximum 10 groups are allowed.")
        }
        Error::Invalid { field: "filters", .. } => illegal(),
        error => error.into(),
    }
}

/// Reads filters as they stand in a query. Absent ones, and empty ones of any form, are none.
pub(crate) fn parse(text: Option<&str>) -> Result<Filter> {
    let text = text.map(str::trim).unwrap_or_default();
    if ["", "[]", "{}", "null"].contains(&text) {
        return Ok(Filter::All(Vec::new()));
    }
    serde_json::from_str::<Filters>(text).map_err(|_| illegal())?.read()
}

impl Filters {
    pub(crate) fn read(self) -> Result<Filter> {
        let filter = match self {
            Self::List(rules) => Filter::All(rules.into_iter().map(FilterRule::read).collect::<Result<_>>()?),
            Self::Group(group) => group.read()?,
        };
        filter.check().map_err(refused)?;
        Ok(filter)
    }
}

impl From<Filter> for Filters {
    /// A list where one says the same.
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::All(rules) if rules.iter().all(|rule| matches!(rule, Filter::Test(_))) => {
                Self::List(rules.into_iter().map(FilterRule::from).collect())
            }
            Filter::Test(test) => Self::List(vec![FilterRule::Leaf(test.into())]),
            Filter::All(rules) => Self::Group(FilterGroup::of(Logic::And, rules)),
            Filter::Any(rules) => Self::Group(FilterGroup::of(Logic::Or, rules)),
        }
    }
}

impl FilterRule {
    fn read(self) -> Result<Filter> {
        match self {
            Self::Group(group) => group.read(),
            Self::Leaf(leaf) => leaf.read().ok_or_else(illegal).map(Filter::Test),
        }
    }
}

impl From<Filter> for FilterRule {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::All(rules) => Self::Group(FilterGroup::of(Logic::And, rules)),
            Filter::Any(rules) => Self::Group(FilterGroup::of(Logic::Or, rules)),
            Filter::Test(test) => Self::Leaf(test.into()),
        }
    }
}

impl FilterGroup {
    fn of(logic: Logic, rules: Vec<Filter>) -> Self {
        Self { logic, rules: rules.into_iter().map(FilterRule::from).collect() }
    }

    fn read(self) -> Result<Filter> {
        let rules = self.rules.into_iter().map(FilterRule::read).collect::<Result<_>>()?;
        Ok(match self.logic {
            Logic::And => Filter::All(rules),
            Logic::Or => Filter::Any(rules),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id(IdField),
    Time(TimeField),
    Text(TextField),
    Tags,
}

/// The first of a field's names is the one it is shown by.
const FIELDS: [(&str, &str, Field); 19] = [
    ("conversations", "status_id", Field::Id(IdField::Status)),
    ("conversations", "priority_id", Field::Id(IdField::Priority)),
    ("conversations", "assigned_team_id", Field::Id(IdField::Team)),
    ("conversations", "assigned_user_id", Field::Id(IdField::Assignee)),
    ("conversations", "inbox_id", Field::Id(IdField::Inbox)),
    ("conversations", "sla_policy_id", Field::Id(IdField::SlaPolicy)),
    ("conversations", "last_message_at", Field::Time(TimeField::LastMessageAt)),
    ("conversations", "last_interaction_at", Field::Time(TimeField::LastInteractionAt)),
    ("conversations", "created_at", Field::Time(TimeField::CreatedAt)),
    ("conversations", "waiting_since", Field::Time(TimeField::WaitingSince)),
    ("conversations", "snoozed_until", Field::Time(TimeField::SnoozedUntil)),
    ("conversations", "next_sla_deadline_at", Field::Time(TimeField::Deadline)),
    ("conversations", "last_interaction_sender", Field::Text(TextField::LastInteractionSender)),
    ("conversations", "tags", Field::Tags),
    ("conversation_statuses", "id", Field::Id(IdField::Status)),
    ("conversation_statuses", "name", Field::Text(TextField::StatusName)),
    ("users", "email", Field::Text(TextField::ContactEmail)),
    ("users", "external_user_id", Field::Text(TextField::ContactExternalId)),
    ("inboxes", "channel", Field::Text(TextField::Medium)),
];

impl FilterLeaf {
    fn read(self) -> Option<Test> {
        let Self { model, field, operator, value } = self;
        let value = value.unwrap_or_default();
        let (.., field) = FIELDS.into_iter().find(|(of, name, _)| *of == model && *name == field)?;
        Some(match field {
            Field::Id(field) => Test::Id(field, id_test(&operator, &value)?),
            Field::Time(field) => Test::Time(field, time_test(&operator, &value)?),
            Field::Text(field) => Test::Text(field, text_test(field, &operator, value)?),
            Field::Tags => Test::Tags(tag_test(&operator, &value)?),
        })
    }
}

fn id_test(operator: &str, value: &str) -> Option<IdTest> {
    let number = || value.trim().parse().ok();
    Some(match operator {
        "equals" => IdTest::Is(number()?),
        "not equals" => IdTest::IsNot(number()?),
        "greater than" => IdTest::Above(number()?),
        "less than" => IdTest::Below(number()?),
        "between" => {
            let (low, high) = value.split_once(',')?;
            IdTest::Between(low.trim().parse().ok()?, high.trim().parse().ok()?)
        }
        "in" => IdTest::In(numbers(value)?),
        "set" => IdTest::Set,
        "not set" => IdTest::NotSet,
        _ => return None,
    })
}

pub(crate) fn time_test(operator: &str, value: &str) -> Option<TimeTest> {
    Some(match operator {
        "equals" => TimeTest::Is(moment(value)?),
        "not equals" => TimeTest::IsNot(moment(value)?),
        "greater than" => TimeTest::After(moment(value)?),
        "less than" => TimeTest::Before(moment(value)?),
        "between" => {
            let (first, last) = value.split_once(',')?;
            TimeTest::Between(moment(first)?, moment(last)?)
        }
        "set" => TimeTest::Set,
        "not set" => TimeTest::NotSet,
        _ => return None,
    })
}

pub(crate) fn text_test(field: TextField, operator: &str, value: String) -> Option<TextTest> {
    let stored = |value: String| match field {
        TextField::Medium => medium_stored(value),
        _ => value,
    };
    let part_stored = |part: String| match field {
        TextField::Medium => medium_part_stored(part),
        _ => part,
    };
    if value.contains('\0') {
        return None;
    }
    Some(match operator {
        "equals" => TextTest::Is(stored(value)),
        "not equals" => TextTest::IsNot(stored(value)),
        "in" => TextTest::In(texts(&value)?.into_iter().map(stored).collect()),
        "contains" | "ilike" => TextTest::Contains(part_stored(value)),
        "not contains" => TextTest::Lacks(part_stored(value)),
        "set" => TextTest::Set,
        "not set" => TextTest::NotSet,
        _ => return None,
    })
}

fn tag_test(operator: &str, value: &str) -> Option<TagTest> {
    let tags = || numbers(value).map(|ids| ids.into_iter().map(TagId).collect());
    Some(match operator {
        "contains" => TagTest::Has(tags()?),
        "not contains" => TagTest::Lacks(tags()?),
        "set" => TagTest::Set,
        "not set" => TagTest::NotSet,
        _ => return None,
    })
}

fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    Day::parse(text).map(Moment::On).or_else(|| Timestamp::parse(text).map(Moment::At))
}

fn texts(value: &str) -> Option<Vec<String>> {
    let texts: Vec<String> = serde_json::from_str(value).ok()?;
    (!texts.iter().any(|text| text.contains('\0'))).then_some(texts)
}

fn numbers(value: &str) -> Option<Vec<i64>> {
    texts(value)?.iter().map(|text| text.trim().parse().ok()).collect()
}

/// Wire: `livechat` is what the desk calls `chat`.
fn medium_stored(word: String) -> String {
    if word == "livechat" { "chat".to_owned() } else { word }
}

/// A part of the wire's word for a chat that no word of the desk has means a chat.
fn medium_part_stored(part: String) -> String {
    let folded = part.to_ascii_lowercase();
    let is_known = Medium::ALL.iter().any(|medium| medium.as_str().contains(&folded));
    if !is_known && "livechat".contains(&folded) { Medium::Chat.as_str().to_owned() } else { part }
}

fn medium_shown(word: String) -> String {
    if word == "chat" { "livechat".to_owned() } else { word }
}

impl From<Test> for FilterLeaf {
    fn from(test: Test) -> Self {
        let (field, (operator, value)) = match test {
            Test::Id(field, test) => (Field::Id(field), shown_id(test)),
            Test::Time(field, test) => (Field::Time(field), shown_time(&test)),
            Test::Text(field, test) => (Field::Text(field), shown_text(field, test)),
            Test::Tags(test) => (Field::Tags, shown_tags(test)),
        };
        let (model, name, _) = FIELDS.into_iter().find(|(.., known)| *known == field).expect("every field has a name");
        Self { model: model.to_owned(), field: name.to_owned(), operator: operator.to_owned(), value: Some(value) }
    }
}

fn shown_id(test: IdTest) -> (&'static str, String) {
    match test {
        IdTest::Is(value) => ("equals", value.to_string()),
        IdTest::IsNot(value) => ("not equals", value.to_string()),
        IdTest::Above(value) => ("greater than", value.to_string()),
        IdTest::Below(value) => ("less than", value.to_string()),
        IdTest::Between(low, high) => ("between", format!("{low},{high}")),
        IdTest::In(values) => ("in", array(values)),
        IdTest::Set => ("set", String::new()),
        IdTest::NotSet => ("not set", String::new()),
    }
}

fn shown_time(test: &TimeTest) -> (&'static str, String) {
    let shown = |moment: &Moment| match moment {
        Moment::At(at) => at.to_string(),
        Moment::On(day) => day.to_string(),
    };
    match test {
        TimeTest::Is(moment) => ("equals", shown(moment)),
        TimeTest::IsNot(moment) => ("not equals", shown(moment)),
        TimeTest::After(moment) => ("greater than", shown(moment)),
        TimeTest::Before(moment) => ("less than", shown(moment)),
        TimeTest::Between(first, last) => ("between", format!("{},{}", shown(first), shown(last))),
        TimeTest::Set => ("set", String::new()),
        TimeTest::NotSet => ("not set", String::new()),
    }
}

fn shown_text(field: TextField, test: TextTest) -> (&'static str, String) {
    let shown = |value: String| match field {
        TextField::Medium => medium_shown(value),
        _ => value,
    };
    match test {
        TextTest::Is(value) => ("equals", shown(value)),
        TextTest::IsNot(value) => ("not equals", shown(value)),
        TextTest::In(values) => ("in", array(values.into_iter().map(shown))),
        TextTest::Contains(value) => ("contains", shown(value)),
        TextTest::Lacks(value) => ("not contains", shown(value)),
        TextTest::Set => ("set", String::new()),
        TextTest::NotSet => ("not set", String::new()),
    }
}

fn shown_tags(test: TagTest) -> (&'static str, String) {
    match test {
        TagTest::Has(tags) => ("contains", array(tags)),
        TagTest::Lacks(tags) => ("not contains", array(tags)),
        TagTest::Set => ("set", String::new()),
        TagTest::NotSet => ("not set", String::new()),
    }
}

fn array<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    serde_json::Value::from_iter(values.into_iter().map(|value| value.to_string())).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leaf(field: &str, operator: &str, value: &str) -> serde_json::Value {
        let (model, field) = field.split_once('.').unwrap();
        json!({"model": model, "field": field, "operator": operator, "value": value})
    }

    fn read(filters: &serde_json::Value) -> Option<Filter> {
        parse(Some(&filters.to_string())).ok()
    }

    #[test]
    fn what_is_read_is_shown_as_it_was() {
        for filters in [
            json!([leaf("conversations.status_id", "in", r#"["1","2"]"#)]),
            json!([
                leaf("conversations.created_at", "between", "2026-01-05,2026-01-06"),
                leaf("conversations.waiting_since", "greater than", "2026-01-05T10:00:00Z"),
                leaf("conversations.tags", "not contains", r#"["7"]"#),
                leaf("conversations.assigned_user_id", "not set", ""),
            ]),
            json!({"logic": "OR", "rules": [
                leaf("users.email", "contains", "example"),
                {"logic": "AND", "rules": [
                    leaf("inboxes.channel", "equals", "livechat"),
                    leaf("inboxes.channel", "contains", "livechat"),
                    leaf("inboxes.channel", "not contains", "livechat"),
                    leaf("conversation_statuses.name", "not equals", "Open"),
                    {"logic": "OR", "rules": [leaf("conversations.last_interaction_sender", "equals", "agent")]},
                ]},
            ]}),
        ] {
            let read = read(&filters).unwrap();
            assert_eq!(serde_json::to_value(Filters::from(read)).unwrap(), filters);
        }
    }

    #[test]
    fn every_field_is_read_and_shown() {
        for (model, field, kind) in FIELDS {
            let operators: &[(&str, &str)] = match kind {
                Field::Id(_) => &[("equals", "1"), ("between", "1,2"), ("in", r#"["1"]"#), ("less than", "3")],
                Field::Time(_) => &[("equals", "2026-01-05"), ("less than", "2026-01-05T10:00:00Z"), ("set", "")],
                Field::Text(_) => &[("equals", "a"), ("not contains", "a"), ("in", r#"["a","b"]"#), ("not set", "")],
                Field::Tags => &[("contains", r#"["1"]"#), ("set", ""), ("not set", "")],
            };
            for (operator, value) in operators {
                let filter = read(&json!([leaf(&format!("{model}.{field}"), operator, value)])).unwrap();
                let Filter::All(rules) = &filter else { panic!("{filter:?}") };
                let [Filter::Test(test)] = rules.as_slice() else { panic!("{rules:?}") };
                let shown = FilterLeaf::from(test.clone());
                assert_eq!((shown.operator.as_str(), shown.value.as_deref()), (*operator, Some(*value)));
            }
        }
    }

    #[test]
    fn a_part_of_a_channel_is_looked_for_in_the_words_of_the_wire() {
        for (part, stored) in
            [("livechat", "chat"), ("LiveChat", "chat"), ("live", "chat"), ("chat", "chat"), ("mai", "mai")]
        {
            let contains = text_test(TextField::Medium, "contains", part.to_owned());
            assert_eq!(contains, Some(TextTest::Contains(stored.to_owned())), "{part}");
            let lacks = text_test(TextField::Medium, "not contains", part.to_owned());
            assert_eq!(lacks, Some(TextTest::Lacks(stored.to_owned())), "{part}");
        }
        let email = text_test(TextField::ContactEmail, "contains", "livechat".to_owned());
        assert_eq!(email, Some(TextTest::Contains("livechat".to_owned())));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for text in ["x", "1", "\"\"", "[1]", "[[]]", "{\"logic\":\"XOR\",\"rules\":[]}", "[{\"model\":\"x\"}]"] {
            assert!(parse(Some(text)).is_err(), "{text}");
        }
        for (field, operator, value) in [
            ("conversations.id", "equals", "1"),
            ("users.password", "equals", "x"),
            ("conversations.status_id", "equals", "Open"),
            ("conversations.status_id", "equals", ""),
            ("conversations.status_id", "contains", "1"),
            ("conversations.status_id", "is", "1"),
            ("conversations.status_id", "in", "1"),
            ("conversations.status_id", "in", "[]"),
            ("conversations.status_id", "in", "[1]"),
            ("conversations.status_id", "between", "1"),
            ("conversations.created_at", "equals", "yesterday"),
            ("conversations.created_at", "equals", "2026-02-30"),
            ("conversations.created_at", "in", "[\"2026-02-03\"]"),
            ("conversations.created_at", "contains", "2026"),
            ("users.email", "greater than", "a"),
            ("users.email", "contains", "\0"),
            ("conversations.tags", "equals", "1"),
            ("conversations.tags", "contains", "1"),
        ] {
            assert!(read(&json!([leaf(field, operator, value)])).is_none(), "{field} {operator} {value}");
        }
    }

    #[test]
    fn no_filters_let_everything_through() {
        for none in [None, Some(""), Some(" "), Some("[]"), Some("{}"), Some("null")] {
            assert!(parse(none).unwrap().is_empty(), "{none:?}");
        }
    }
}
