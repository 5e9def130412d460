//! Definitions of attributes.

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::attributes::{AttributePatch, NewAttribute};
use muster_app::skills::{NewSkill, SkillPatch};
use muster_core::actor::Caller;
use muster_core::agent::Attributes;
use muster_core::attribute::{Definition, Scope, ValueKind};
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::skill::{Condition, Op, Test};
use muster_core::{Entity, Error, Refusal, Why};
use muster_store::{contacts, params, sql};
use muster_testkit::effort::rounds;
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::{Value, json};

use super::{
    agent, assert_conflict, assert_denied, assert_invalid, assert_not_found, assert_refused, caller, conversation,
    desk, digest, event_names, inbox, read, update,
};

both_engines!(
    an_attribute_lives,
    what_can_not_be_is_refused,
    scope_key_and_kind_never_change,
    a_change_that_a_value_would_not_fit_is_refused,
    a_deleted_attribute_takes_agents_values_along,
    a_deleted_attribute_takes_contacts_and_conversations_values_along,
    an_attribute_that_a_rule_asks_for_stays,
    values_written_beside_a_deletion_do_not_outlive_it,
    values_written_beside_a_narrower_definition_fit_it,
);

fn new(scope: Scope, key: &str, kind: ValueKind) -> NewAttribute {
    NewAttribute {
        scope,
        key: key.to_owned(),
        name: key.to_owned(),
        description: String::new(),
        kind,
        options: Vec::new(),
        regex: String::new(),
        regex_hint: String::new(),
    }
}

pub(super) async fn define(desk: &TestDesk, scope: Scope, key: &str, kind: ValueKind) -> Definition {
    desk.app.create_attribute(&Caller::operator(), new(scope, key, kind)).await.unwrap()
}

fn options(options: &[&str]) -> AttributePatch {
    AttributePatch { options: Some(options.iter().map(ToString::to_string).collect()), ..AttributePatch::default() }
}

fn values(attributes: Value) -> AgentPatch {
    let attributes: Attributes = serde_json::from_value(attributes).unwrap();
    AgentPatch { extension: AgentExtension { attributes, ..Default::default() }, ..AgentPatch::default() }
}

fn skill_values(skill_attributes: Value) -> AgentPatch {
    let skill_attributes: Attributes = serde_json::from_value(skill_attributes).unwrap();
    AgentPatch { extension: AgentExtension { skill_attributes, ..Default::default() }, ..AgentPatch::default() }
}

async fn an_attribute_lives(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = caller(&agent(&desk, "kim@example.org").await);
    let plan = NewAttribute {
        options: vec![" free ".to_owned(), "paid".to_owned()],
        ..new(Scope::Contact, " Plan ", ValueKind::List)
    };
    let made = desk.app.create_attribute(&admin, plan.clone()).await.unwrap();
    assert_eq!((made.key.as_str(), made.options.as_slice()), ("Plan", &["free".to_owned(), "paid".to_owned()][..]));
    assert_eq!(desk.app.attribute(&kim, made.id).await.unwrap(), made);
    assert_eq!(desk.app.list_attributes(&kim, Some(Scope::Contact)).await.unwrap(), std::slice::from_ref(&made));
    let keys: Vec<_> =
        desk.app.list_attributes(&kim, None).await.unwrap().into_iter().map(|attribute| attribute.key).collect();
    assert_eq!(keys, ["business", "location", "Plan"]);
    let again = NewAttribute { key: "PLAN".to_owned(), ..plan.clone() };
    assert_conflict(desk.app.create_attribute(&admin, again).await, Entity::Attribute);
    define(&desk, Scope::Conversation, "plan", ValueKind::Text).await;
    assert_denied(desk.app.create_attribute(&kim, plan).await, Permission::CustomAttributesManage);
    let renamed = AttributePatch { name: Some("Tariff".to_owned()), ..AttributePatch::default() };
    assert_denied(desk.app.update_attribute(&kim, made.id, renamed.clone()).await, Permission::CustomAttributesManage);
    assert_denied(desk.app.delete_attribute(&kim, made.id).await, Permission::CustomAttributesManage);
    let changed = desk.app.update_attribute(&admin, made.id, renamed.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.version), ("Tariff", 2));
    let before = digest(&desk).await;
    assert_eq!(desk.app.update_attribute(&admin, made.id, renamed).await.unwrap(), changed);
    assert_eq!(digest(&desk).await, before);
    desk.app.delete_attribute(&admin, made.id).await.unwrap();
    assert_not_found(desk.app.attribute(&admin, made.id).await, Entity::Attribute);
    assert_not_found(desk.app.delete_attribute(&admin, made.id).await, Entity::Attribute);
    let names = event_names(&desk).await;
    let count = |name: &str| names.iter().filter(|found| **found == name).count();
    assert_eq!(["attribute.created", "attribute.updated", "attribute.deleted"].map(count), [2, 1, 1],);
}

async fn what_can_not_be_is_refused(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let before = digest(&desk).await;
    let text = || new(Scope::Contact, "plan", ValueKind::Text);
    let many: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
    let cases = [
        ("key", NewAttribute { key: "  ".to_owned(), ..text() }),
        ("key", NewAttribute { key: "a\"b".to_owned(), ..text() }),
        ("key", NewAttribute { key: "Contact_Email".to_owned(), ..text() }),
        ("name", NewAttribute { name: "x".repeat(141), ..text() }),
        ("description", NewAttribute { description: "x".repeat(1001), ..text() }),
        ("options", NewAttribute { options: vec!["a".to_owned(), "A".to_owned()], ..text() }),
        ("options", NewAttribute { options: vec![String::new()], ..text() }),
        ("options", NewAttribute { options: many, ..text() }),
        ("regex", NewAttribute { regex: "(".to_owned(), ..text() }),
        ("regex", NewAttribute { regex: "x".repeat(501), ..text() }),
        ("regex", NewAttribute { regex: "x".to_owned(), kind: ValueKind::Number, ..text() }),
        ("regex_hint", NewAttribute { regex_hint: "x".repeat(1001), ..text() }),
    ];
    for (field, new) in cases {
        assert_invalid(desk.app.create_attribute(&admin, new).await, field);
    }
    assert_eq!(digest(&desk).await, before);
}

async fn scope_key_and_kind_never_change(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let plan = define(&desk, Scope::Contact, "Plan", ValueKind::Text).await;
    let none = AttributePatch::default;
    let same = AttributePatch {
        scope: Some(Scope::Contact),
        key: Some(" PLAN".to_owned()),
        kind: Some(ValueKind::Text),
        ..none()
    };
    assert_eq!(desk.app.update_attribute(&admin, plan.id, same).await.unwrap(), plan);
    for (field, patch) in [
        ("scope", AttributePatch { scope: Some(Scope::Conversation), ..none() }),
        ("key", AttributePatch { key: Some("tariff".to_owned()), ..none() }),
        ("kind", AttributePatch { kind: Some(ValueKind::Link), ..none() }),
    ] {
        assert_invalid(desk.app.update_attribute(&admin, plan.id, patch).await, field);
    }
}

async fn a_change_that_a_value_would_not_fit_is_refused(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let floor = define(&desk, Scope::AgentCustom, "floor", ValueKind::List).await;
    desk.app.update_attribute(&admin, floor.id, options(&["1", "2"])).await.unwrap();
    let code = define(&desk, Scope::AgentCustom, "code", ValueKind::Text).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, values(json!({ "floor": "2", "code": "ab" }))).await.unwrap();
    let before = digest(&desk).await;
    match desk.app.update_attribute(&admin, floor.id, options(&["1", "3"])).await {
        Err(Error::Invalid { field: "options", why: Why::UnfitAttribute { key } }) => assert_eq!(key, "floor"),
        other => panic!("the options were to be refused, not {other:?}"),
    }
    let regex = |regex: &str| AttributePatch { regex: Some(regex.to_owned()), ..AttributePatch::default() };
    assert_invalid(desk.app.update_attribute(&admin, code.id, regex("^[0-9]+$")).await, "regex");
    assert_eq!(digest(&desk).await, before);
    desk.app.update_attribute(&admin, floor.id, options(&["2", "3"])).await.unwrap();
    desk.app.update_attribute(&admin, code.id, regex("^[a-z]+$")).await.unwrap();
    assert_invalid(update(&desk, kim, values(json!({ "code": "AB" }))).await, "attributes");
    let free = desk.app.update_attribute(&admin, code.id, regex("")).await.unwrap();
    assert_eq!(free.regex, None);
}

async fn a_deleted_attribute_takes_agents_values_along(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let floor = define(&desk, Scope::AgentCustom, "floor", ValueKind::Number).await;
    define(&desk, Scope::AgentSkill, "floor", ValueKind::Number).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let lee = agent(&desk, "lee@example.org").await;
    update(&desk, kim, values(json!({ "floor": 2 }))).await.unwrap();
    let before = update(&desk, kim, skill_values(json!({ "floor": 3 }))).await.unwrap();
    desk.app.delete_attribute(&admin, floor.id).await.unwrap();
    let after = read(&desk, kim).await;
    assert!(after.agent.attributes.is_empty());
    assert_eq!(json!(after.agent.skill_attributes), json!({ "floor": 3 }));
    assert_eq!(after.agent.version, before.agent.version + 1);
    assert_eq!(read(&desk, lee.agent.id).await, lee, "who had no value is untouched");
}

async fn a_deleted_attribute_takes_contacts_and_conversations_values_along(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    // What would have a meaning in a path or a pattern.
    let key = "plan.v1 $[0] %_'é";
    let inbox = inbox(&desk).await;
    let plans = [Scope::Contact, Scope::Conversation].map(|scope| (scope, key));
    let mut ids = Vec::new();
    for (scope, key) in plans {
        ids.push(define(&desk, scope, key, ValueKind::Text).await.id);
        define(&desk, scope, "other", ValueKind::Number).await;
    }
    let held: Attributes = [(key.to_owned(), json!("gold")), ("other".to_owned(), json!(1.5))].into();
    let uuid = conversation(&desk, &admin, inbox, |new| new.attributes = held.clone()).await;
    let bare = conversation(&desk, &admin, inbox, |new| new.contact_email = "other@example.com".to_owned()).await;
    let known = desk.app.conversation(&admin, uuid).await.unwrap();
    assert_eq!(known.conversation.attributes, held);
    let contact = known.conversation.contact;
    let text = serde_json::to_string(&held).unwrap();
    let write = desk.app.store().write(move |tx| {
        let text = text.clone();
        let update = sql!("UPDATE contacts SET attributes = $2 WHERE id = $1");
        Box::pin(async move { tx.execute(update, &params![contact, text]).await })
    });
    write.await.unwrap();
    let untouched = desk.app.conversation(&admin, bare).await.unwrap();
    for id in ids {
        desk.app.delete_attribute(&admin, id).await.unwrap();
    }
    let left: Attributes = [("other".to_owned(), json!(1.5))].into();
    assert_eq!(desk.app.conversation(&admin, uuid).await.unwrap().conversation.attributes, left);
    let contact = desk.app.store().read(move |tx| Box::pin(contacts::contact(tx, contact))).await.unwrap();
    assert_eq!(contact.attributes, left);
    assert_eq!(desk.app.conversation(&admin, bare).await.unwrap(), untouched);
}

fn speaks(value: &str) -> Condition {
    Condition::Test(Test { attribute: "language".to_owned(), op: Op::Eq, value: json!(value) })
}

async fn an_attribute_that_a_rule_asks_for_stays(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let language = define(&desk, Scope::AgentSkill, "Language", ValueKind::Text).await;
    let new = NewSkill { name: "French".to_owned(), rule: Some(speaks("fr")), ..NewSkill::default() };
    let french = desk.app.create_skill(&admin, new).await.unwrap().id;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, skill_values(json!({ "language": "fr" }))).await.unwrap();
    let before = digest(&desk).await;
    let refused = desk.app.delete_attribute(&admin, language.id).await;
    assert_refused(refused, Refusal::NeededByRule("French".to_owned()));
    assert_eq!(digest(&desk).await, before);
    let free = SkillPatch { rule: Some(None), ..SkillPatch::default() };
    desk.app.update_skill(&admin, french, free).await.unwrap();
    desk.app.delete_attribute(&admin, language.id).await.unwrap();
    assert!(read(&desk, kim).await.agent.skill_attributes.is_empty());
}

async fn agents(desk: &TestDesk) -> Vec<AgentId> {
    let mut agents = Vec::new();
    for number in 0..3 {
        agents.push(agent(desk, &format!("agent{number}@example.org")).await.agent.id);
    }
    agents
}

async fn values_written_beside_a_deletion_do_not_outlive_it(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let agents = agents(&desk).await;
    for round in 0..rounds(8, 80) {
        let floor = define(&desk, Scope::AgentCustom, "floor", ValueKind::Number).await;
        let writes = agents.iter().map(|agent| update(&desk, *agent, values(json!({ "floor": 1 }))));
        let writes = futures_util::future::join_all(writes);
        let (written, deleted) = tokio::join!(writes, desk.app.delete_attribute(&admin, floor.id));
        deleted.unwrap();
        for outcome in written {
            assert!(matches!(outcome, Ok(_) | Err(Error::Invalid { field: "attributes", .. })), "{outcome:?}");
        }
        for agent in &agents {
            assert!(read(&desk, *agent).await.agent.attributes.is_empty(), "round {round}");
        }
    }
}

async fn values_written_beside_a_narrower_definition_fit_it(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let agents = agents(&desk).await;
    let floor = define(&desk, Scope::AgentCustom, "floor", ValueKind::List).await;
    for round in 0..rounds(8, 80) {
        desk.app.update_attribute(&admin, floor.id, options(&["1", "2"])).await.unwrap();
        let writes = agents.iter().map(|agent| update(&desk, *agent, values(json!({ "floor": "2" }))));
        let writes = futures_util::future::join_all(writes);
        let (written, narrowed) = tokio::join!(writes, desk.app.update_attribute(&admin, floor.id, options(&["1"])));
        let now = desk.app.attribute(&admin, floor.id).await.unwrap();
        assert_eq!(narrowed.is_ok(), written.iter().all(Result::is_err), "round {round}: {narrowed:?} {written:?}");
        for agent in &agents {
            let held = read(&desk, *agent).await.agent.attributes;
            assert!(held.values().all(|value| now.admits(value)), "round {round}");
            update(&desk, *agent, values(json!({ "floor": null }))).await.unwrap();
        }
    }
}
