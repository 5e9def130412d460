//! Filters and orders of the lists of contacts and of the activity log, which have few fields.
//!
//! The grammar is that of lists of conversations, without groups in groups.

use muster_core::activity::{ActivityField, ActivityFilter, ActivityTest};
use muster_core::contact::{ContactField, ContactFilter, ContactTest};
use muster_core::event::Event;
use muster_core::filter::{TextField, TextTest, VALUES_MAX};
use muster_http::query::Query;

use super::activity::activity_type;
use super::filter::{FilterLeaf, FilterRule, Filters, Logic, illegal, text_test, time_test};
use crate::error::Result;

/// Most tests in one filter.
const TESTS_MAX: usize = 50;

/// Whether one of the tests is enough, and the tests.
fn rules(text: Option<&str>) -> Result<(bool, Vec<FilterLeaf>)> {
    let text = text.map(str::trim).unwrap_or_default();
    if ["", "[]", "{}", "null"].contains(&text) {
        return Ok((false, Vec::new()));
    }
    let (any, rules) = match serde_json::from_str(text).map_err(|_| illegal())? {
        Filters::List(rules) => (false, rules),
        Filters::Group(group) => (group.logic == Logic::Or, group.rules),
    };
    let leaf = |rule| match rule {
        FilterRule::Leaf(leaf) => Ok(leaf),
        FilterRule::Group(_) => Err(illegal()),
    };
    let leaves: Vec<FilterLeaf> = rules.into_iter().map(leaf).collect::<Result<_>>()?;
    if (1..=TESTS_MAX).contains(&leaves.len()) { Ok((any, leaves)) } else { Err(illegal()) }
}

/// Whether the greatest comes first.
fn descending(query: &Query) -> Result<bool> {
    match query.get("order").map(str::to_ascii_lowercase).as_deref() {
        None | Some("desc") => Ok(true),
        Some("asc") => Ok(false),
        Some(_) => Err(illegal()),
    }
}

/// Which contacts are asked for.
pub(crate) fn contact_filter(query: &Query) -> Result<ContactFilter> {
    let (any, leaves) = rules(query.get("filters"))?;
    let tests = leaves.into_iter().map(|leaf| contact_test(leaf).ok_or_else(illegal)).collect::<Result<_>>()?;
    Ok(ContactFilter { any, tests })
}

fn contact_test(FilterLeaf { model, field, operator, value }: FilterLeaf) -> Option<ContactTest> {
    let value = value.unwrap_or_default();
    Some(match (model.as_str(), field.as_str()) {
        ("users", "email") => ContactTest::Email(bounded(text_test(TextField::ContactEmail, &operator, value)?)?),
        ("users", "created_at") => ContactTest::CreatedAt(time_test(&operator, &value)?),
        ("users", "updated_at") => ContactTest::UpdatedAt(time_test(&operator, &value)?),
        _ => return None,
    })
}

/// Names between one and as many values as a test may.
fn bounded(test: TextTest) -> Option<TextTest> {
    match &test {
        TextTest::In(values) if !(1..=VALUES_MAX).contains(&values.len()) => None,
        _ => Some(test),
    }
}

pub(crate) fn contact_order(query: &Query) -> Result<(ContactField, bool)> {
    let by = match query.get("order_by") {
        None | Some("users.created_at") => ContactField::CreatedAt,
        Some("users.updated_at") => ContactField::UpdatedAt,
        Some("users.email") => ContactField::Email,
        Some(_) => return Err(illegal()),
    };
    Ok((by, descending(query)?))
}

/// Which entries of the activity log are asked for.
pub(crate) fn activity_filter(query: &Query) -> Result<ActivityFilter> {
    let (any, leaves) = rules(query.get("filters"))?;
    let tests = leaves.into_iter().map(|leaf| activity_test(leaf).ok_or_else(illegal)).collect::<Result<_>>()?;
    Ok(ActivityFilter { any, tests })
}

fn activity_test(FilterLeaf { model, field, operator, value }: FilterLeaf) -> Option<ActivityTest> {
    let value = value.unwrap_or_default();
    Some(match (model.as_str(), field.as_str()) {
        ("activity_logs", "activity_type") => ActivityTest::Action(actions(&operator, &value)?),
        ("activity_logs", "actor_id") => actor_test(&operator, &value)?,
        ("activity_logs", "ip") => ActivityTest::Ip(bounded(text_test(TextField::ContactEmail, &operator, value)?)?),
        ("activity_logs", "created_at") => ActivityTest::At(time_test(&operator, &value)?),
        _ => return None,
    })
}

/// The events whose word on the wire meets a test.
fn actions(operator: &str, value: &str) -> Option<Vec<&'static str>> {
    let part = value.to_lowercase();
    let listed: Vec<String> = match operator {
        "in" => serde_json::from_str(value).ok()?,
        _ => Vec::new(),
    };
    let is_met = |word: &str| {
        Some(match operator {
            "equals" => word == value,
            "not equals" => word != value,
            "in" => listed.iter().any(|listed| listed == word),
            "contains" | "ilike" => word.contains(&part),
            "not contains" => !word.contains(&part),
            "set" => true,
            "not set" => false,
            _ => return None,
        })
    };
    let mut met = Vec::new();
    for (name, _) in Event::KINDS {
        if is_met(activity_type(name))? {
            met.push(*name);
        }
    }
    Some(met)
}

fn actor_test(operator: &str, value: &str) -> Option<ActivityTest> {
    let one = || value.trim().parse().ok().map(|id| vec![id]);
    let (ids, is_one): (Vec<i64>, bool) = match operator {
        "equals" => (one()?, true),
        "not equals" => (one()?, false),
        "in" => {
            let texts: Vec<String> = serde_json::from_str(value).ok()?;
            let ids: Option<Vec<i64>> = texts.iter().map(|text| text.trim().parse().ok()).collect();
            (ids.filter(|ids| (1..=VALUES_MAX).contains(&ids.len()))?, true)
        }
        _ => return None,
    };
    Some(ActivityTest::Actor { ids, is_one })
}

pub(crate) fn activity_order(query: &Query) -> Result<(ActivityField, bool)> {
    let by = match query.get("order_by") {
        None | Some("activity_logs.created_at") => ActivityField::At,
        Some("activity_logs.activity_type") => ActivityField::Action,
        Some("activity_logs.actor_id") => ActivityField::Actor,
        Some("activity_logs.ip") => ActivityField::Ip,
        Some(_) => return Err(illegal()),
    };
    Ok((by, descending(query)?))
}
