//! A filter as the condition of a query over conversations `c`.
//!
//! A positive test may be null where there is no value, which a query takes for false; a negative one says itself what
//! holds there. So nothing is ever negated as a whole that could be null.

use muster_core::filter::{Filter, IdField, IdTest, TagTest, Test, TextField, TextTest, TimeField, TimeRange};
use muster_core::time::Zone;

use crate::conditions;
use crate::db::SqlBuf;

pub(super) fn condition(buf: &mut SqlBuf, filter: &Filter, zone: &Zone) {
    let (rules, between, none) = match filter {
        Filter::All(rules) => (rules, " AND ", "1 = 1"),
        Filter::Any(rules) => (rules, " OR ", "1 = 0"),
        Filter::Test(test) => return tested(buf, test, zone),
    };
    if rules.is_empty() {
        buf.push(none);
        return;
    }
    buf.push("(");
    for (at, rule) in rules.iter().enumerate() {
        condition(buf.push(if at == 0 { "" } else { between }), rule, zone);
    }
    buf.push(")");
}

fn tested(buf: &mut SqlBuf, test: &Test, zone: &Zone) {
    match test {
        Test::Id(field, test) => id(buf, *field, test),
        Test::Time(field, test) => time(buf, *field, test.range(zone)),
        Test::Text(field, test) => text(buf, *field, test),
        Test::Tags(test) => tags(buf, test),
    }
}

fn id(buf: &mut SqlBuf, field: IdField, test: &IdTest) {
    let column = match field {
        IdField::Status => "c.status_id",
        IdField::Priority => "c.priority",
        IdField::Team => "c.team_id",
        IdField::Assignee => "c.assignee_id",
        IdField::Inbox => "c.inbox_id",
        IdField::SlaPolicy => "c.sla_policy_id",
    };
    match test {
        IdTest::Is(value) => buf.push(column).push(" = ").bind(*value),
        IdTest::IsNot(value) => {
            buf.push("(").push(column).push(" IS NULL OR ").push(column).push(" <> ").bind(*value).push(")")
        }
        IdTest::Above(value) => buf.push(column).push(" > ").bind(*value),
        IdTest::Below(value) => buf.push(column).push(" < ").bind(*value),
        IdTest::Between(low, high) => buf.push(column).push(" BETWEEN ").bind(*low).push(" AND ").bind(*high),
        IdTest::In(values) => buf.push(column).push(" IN ").bind_list(values.iter().copied()),
        IdTest::Set => buf.push(column).push(" IS NOT NULL"),
        IdTest::NotSet => buf.push(column).push(" IS NULL"),
    };
}

fn time(buf: &mut SqlBuf, field: TimeField, range: TimeRange) {
    let column = match field {
        TimeField::LastMessageAt => "c.last_message_at",
        TimeField::LastInteractionAt => "c.last_interaction_at",
        TimeField::CreatedAt => "c.created_at",
        TimeField::WaitingSince => "c.waiting_since",
        TimeField::SnoozedUntil => "c.snoozed_until",
        TimeField::Deadline => "CAST(NULL AS BIGINT)",
    };
    conditions::time(buf, column, range);
}

fn text(buf: &mut SqlBuf, field: TextField, test: &TextTest) {
    let (before, column, behind) = match field {
        TextField::LastInteractionSender => ("(", "c.last_interaction_sender", ")"),
        TextField::Medium => ("(", "c.channel", ")"),
        TextField::StatusName => ("c.status_id IN (SELECT id FROM statuses WHERE ", "name", ")"),
        TextField::ContactEmail => ("c.contact_id IN (SELECT id FROM contacts WHERE ", "email", ")"),
        TextField::ContactExternalId => ("c.contact_id IN (SELECT id FROM contacts WHERE ", "external_id", ")"),
    };
    let is_negative = matches!(test, TextTest::IsNot(_) | TextTest::Lacks(_) | TextTest::NotSet);
    buf.push(if is_negative { "NOT " } else { "" }).push(before);
    conditions::text_within(buf, column, test).push(behind);
}

fn tags(buf: &mut SqlBuf, test: &TagTest) {
    let is_negative = matches!(test, TagTest::Lacks(_) | TagTest::NotSet);
    buf.push(if is_negative { "NOT " } else { "" });
    match test {
        TagTest::Has(tags) => {
            buf.push("c.id IN (SELECT conversation_id FROM conversation_tags WHERE tag_id IN ");
            buf.bind_list(tags.iter().copied())
        }
        TagTest::Lacks(tags) => {
            buf.push("EXISTS (SELECT 1 FROM conversation_tags t WHERE t.conversation_id = c.id AND t.tag_id IN ");
            buf.bind_list(tags.iter().copied())
        }
        TagTest::Set | TagTest::NotSet => {
            buf.push("EXISTS (SELECT 1 FROM conversation_tags t WHERE t.conversation_id = c.id")
        }
    }
    .push(")");
}
