use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::attribute::Scope;
use crate::id::AttributeId;
use crate::time::Timestamp;

fn definition(key: &str, kind: ValueKind) -> Definition {
    Definition {
        id: AttributeId(1),
        scope: Scope::AgentSkill,
        key: key.to_owned(),
        name: key.to_owned(),
        description: String::new(),
        kind,
        options: Vec::new(),
        regex: None,
        regex_hint: String::new(),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
        version: 1,
    }
}

/// One attribute of each kind, called as the kind is.
fn definitions() -> Vec<Definition> {
    ValueKind::ALL.iter().map(|kind| definition(kind.as_str(), *kind)).collect()
}

fn test(attribute: &str, op: Op, value: Value) -> Condition {
    Condition::Test(Test { attribute: attribute.to_owned(), op, value })
}

fn values(value: Value) -> Attributes {
    serde_json::from_value(value).unwrap()
}

#[test]
fn tests_compare_values_of_their_kind() {
    let held = values(json!({
        "text": "Fluent French", "number": 7, "bool": true, "date": "2025-08-28", "link": "https://example.org/a",
        "list": "Pune", "multi": ["fr", "de"],
    }));
    let cases = [
        (test("text", Op::Eq, json!("fluent FRENCH")), true),
        (test("text", Op::Eq, json!("French")), false),
        (test("text", Op::Contains, json!("french")), true),
        (test("text", Op::Contains, json!("german")), false),
        (test("link", Op::Contains, json!("example.org")), true),
        (test("list", Op::In, json!(["Rome", "pune"])), true),
        (test("list", Op::In, json!(["Rome"])), false),
        (test("number", Op::Eq, json!(7.0)), true),
        (test("number", Op::In, json!([1, 7])), true),
        (test("number", Op::Gt, json!(6.5)), true),
        (test("number", Op::Gt, json!(7)), false),
        (test("number", Op::Lt, json!(8)), true),
        (test("bool", Op::Eq, json!(true)), true),
        (test("bool", Op::Eq, json!(false)), false),
        (test("date", Op::Gt, json!("2025-08-27")), true),
        (test("date", Op::Lt, json!("2025-08-28")), false),
        (test("date", Op::Eq, json!("2025-08-28")), true),
        (test("multi", Op::Contains, json!("FR")), true),
        (test("multi", Op::Contains, json!("f")), false),
        (test("absent", Op::Eq, json!("x")), false),
    ];
    for (condition, expected) in cases {
        assert_eq!(condition.holds(&held), expected, "{condition:?}");
    }
}

#[test]
fn large_numbers_are_told_apart() {
    let held = values(json!({ "n": 9_007_199_254_740_993_u64 }));
    assert!(!test("n", Op::Eq, json!(9_007_199_254_740_992_u64)).holds(&held));
    assert!(test("n", Op::Gt, json!(-1)).holds(&held));
}

#[test]
fn all_takes_each_and_any_takes_one() {
    let held = values(json!({ "text": "fr", "number": 3 }));
    let french = || test("text", Op::Eq, json!("fr"));
    let senior = || test("number", Op::Gt, json!(5));
    assert!(Condition::Any(vec![senior(), french()]).holds(&held));
    assert!(!Condition::All(vec![senior(), french()]).holds(&held));
    assert!(Condition::All(vec![french(), Condition::Any(vec![senior(), french()])]).holds(&held));
}

#[test]
fn the_json_is_as_documented() {
    let text = r#"{"all":[{"test":{"attribute":"language","op":"eq","value":"fr"}},{"any":[]}]}"#;
    let condition: Condition = serde_json::from_str(text).unwrap();
    assert_eq!(condition, Condition::All(vec![test("language", Op::Eq, json!("fr")), Condition::Any(Vec::new())]));
    assert_eq!(serde_json::to_string(&condition).unwrap(), text);
    for bad in [
        r#"{"none":[]}"#,
        r#"{"all":[],"any":[]}"#,
        r#"{"test":{"attribute":"a","op":"ne","value":1}}"#,
        r#"{"test":{"attribute":"a","op":"eq"}}"#,
        r#"{"test":{"attribute":"a","op":"eq","value":1,"level":2}}"#,
    ] {
        assert!(serde_json::from_str::<Condition>(bad).is_err(), "{bad}");
    }
}

fn why(condition: Condition) -> Why {
    match condition.checked(&definitions()) {
        Err(Error::Invalid { field: "rule", why }) => why,
        other => panic!("the rule was to be invalid, not {other:?}"),
    }
}

#[test]
fn a_checked_condition_spells_attributes_as_defined() {
    let checked = Condition::Any(vec![test(" TEXT ", Op::Eq, json!("x"))]).checked(&definitions()).unwrap();
    assert_eq!(checked, Condition::Any(vec![test("text", Op::Eq, json!("x"))]));
    assert!(checked.names("Text") && !checked.names("list"));
}

#[test]
fn a_test_must_fit_its_attribute() {
    assert_eq!(why(test("shoe", Op::Eq, json!(1))), Why::UnknownAttribute { key: "shoe".to_owned() });
    for (key, op, value) in [
        ("text", Op::Eq, json!(1)),
        ("text", Op::Gt, json!("a")),
        ("text", Op::Contains, json!(" ")),
        ("text", Op::In, json!([])),
        ("text", Op::In, json!("x")),
        ("text", Op::In, json!(vec!["x"; VALUES_MAX + 1])),
        ("text", Op::Eq, json!("a\0")),
        ("number", Op::Eq, json!("1")),
        ("number", Op::Contains, json!(1)),
        ("bool", Op::In, json!([true])),
        ("bool", Op::Eq, Value::Null),
        ("date", Op::Gt, json!("2025-02-30")),
        ("multi", Op::Eq, json!(["a"])),
        ("list", Op::Eq, json!({"a": 1})),
    ] {
        assert_eq!(why(test(key, op, value.clone())), Why::UnfitAttribute { key: key.to_owned() }, "{op:?} {value}");
    }
}

#[test]
fn a_condition_is_bounded() {
    let leaf = || test("text", Op::Eq, json!("x"));
    let nested = |levels: usize| (1..levels).fold(leaf(), |inner, _| Condition::All(vec![inner]));
    assert!(nested(DEPTH_MAX).checked(&definitions()).is_ok());
    assert_eq!(why(nested(DEPTH_MAX + 1)), Why::OutOfRange);
    let wide = |tests: usize| Condition::Any((0..tests).map(|_| leaf()).collect());
    assert!(wide(TESTS_MAX).checked(&definitions()).is_ok());
    assert_eq!(why(wide(TESTS_MAX + 1)), Why::OutOfRange);
    assert_eq!(why(Condition::All(Vec::new())), Why::Malformed);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "[a-zA-ZßÀ\\-0-9 ]{0,12}".prop_map(Value::from),
        Just(Value::from("2025-08-28")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| proptest::collection::vec(inner, 0..3).prop_map(Value::from))
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![Just("Language".to_owned()), Just("LEVEL".to_owned()), "[a-zà]{1,4}"]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let leaf = (any_key(), proptest::sample::select(Op::ALL), any_value())
        .prop_map(|(attribute, op, value)| Condition::Test(Test { attribute, op, value }));
    leaf.prop_recursive(5, 32, 4, |inner| {
        let parts = proptest::collection::vec(inner, 0..4);
        prop_oneof![parts.clone().prop_map(Condition::All), parts.prop_map(Condition::Any)]
    })
}

fn upper_case(condition: Condition) -> Condition {
    let each = |parts: Vec<Condition>| parts.into_iter().map(upper_case).collect();
    match condition {
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
        Condition::Test(test) => Condition::Test(Test { attribute: test.attribute.to_uppercase(), ..test }),
    }
}

proptest! {
    #[test]
    fn every_condition_has_an_answer_that_the_case_of_keys_does_not_change(
        condition in any_condition(),
        pairs in proptest::collection::vec((any_key(), any_value()), 0..4),
    ) {
        // One value for each folded key, as definitions have it.
        let mut held = Attributes::new();
        for (key, value) in pairs {
            if held.keys().all(|other| text::key(other) != text::key(&key)) {
                held.insert(key, value);
            }
        }
        let answer = condition.holds(&held);
        let shouted: Attributes = held.iter().map(|(key, value)| (key.to_uppercase(), value.clone())).collect();
        prop_assert_eq!(condition.holds(&shouted), answer);
        prop_assert_eq!(upper_case(condition).holds(&held), answer);
    }

    #[test]
    fn a_condition_survives_storage(condition in any_condition()) {
        let text = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), condition);
    }
}
