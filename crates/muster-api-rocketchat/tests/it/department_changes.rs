//! Departments: creating, changing, archiving and deleting them.

use muster_core::permission::Permission;
use muster_testkit::postgres::engines;
use muster_testkit::{Client, Reply};
use serde_json::{Value, json};

use crate::support::{Said as _, Setting, Wire, department, lacks_permission};

const BASE: &str = "/api/v1/livechat/department";

async fn create(admin: &Client, name: &str, changes: Value) -> Reply {
    admin.post(BASE, &department(name, &changes)).await
}

async fn created(admin: &Client, name: &str, changes: Value) -> String {
    create(admin, name, changes).await.ok()["department"]["_id"].as_str().unwrap().to_owned()
}

async fn shown(admin: &Client, id: &str) -> Value {
    admin.get(&format!("{BASE}/{id}")).await.ok()["department"].clone()
}

fn code(code: &'static str) -> (String, Option<&'static str>) {
    (format!("[{code}]"), Some(code))
}

#[tokio::test]
async fn one_is_created_with_every_field_and_its_agents() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        let fallback = created(&admin, "Second", json!({})).await;
        let kim = wire.desk.agent("kim").await;
        let fields = json!({
            "description": "First line", "requestTagBeforeClosingChat": true, "chatClosingTags": ["done", "spam"],
            "offlineMessageChannelName": "general", "departmentsAllowedToForward": [fallback],
            "fallbackForwardDepartment": fallback, "allowReceiveForwardOffline": true,
            "maxNumberSimultaneousChat": "5", "waitingQueueMessage": "Please wait",
            "visitorInactivityTimeoutInSeconds": 300, "abandonedRoomsCloseCustomMessage": "Gone", "color": "red",
            "rank": 3, "hidden": false
        });
        let mut body = department("First", &fields);
        body["agents"] = json!([{"agentId": wire.id(&kim).await, "count": 2, "order": 1}, {"agentId": "unknown"}]);
        let answer = admin.post(BASE, &body).await.ok();
        let agents = answer["agents"].as_array().unwrap();
        assert_eq!((agents.len(), &agents[0]["username"], &agents[0]["count"]), (1, &json!("kim"), &json!(2)));
        let shown = shown(&admin, answer["department"]["_id"].as_str().unwrap()).await;
        assert_eq!(answer["department"], shown);
        for (key, value) in fields.as_object().unwrap() {
            let expected = if key == "maxNumberSimultaneousChat" { &json!(5) } else { value };
            assert_eq!(&shown[key], expected, "{key}");
        }
        assert_eq!(shown["numAgents"], 1);
    }
}

#[tokio::test]
async fn what_is_required_is_missed_in_the_products_words() {
    let (wire, admin) = Wire::new().await;
    let before = wire.digest().await;
    for field in ["enabled", "name", "showOnRegistration", "email", "showOnOfflineForm"] {
        let mut body = department("Support", &json!({}));
        body["department"].as_object_mut().unwrap().remove(field);
        let text = format!("must have required property '{field}' [invalid-params]");
        admin.post(BASE, &body).await.fails(&text, Some("invalid-params"));
    }
    let text = "must have required property 'department' [invalid-params]";
    admin.post(BASE, &json!({})).await.fails(text, Some("invalid-params"));
    for (field, value, text) in [
        ("name", json!(7), "must be string"),
        ("enabled", json!("true"), "must be boolean"),
        ("chatClosingTags", json!("x"), "must be array"),
        ("chatClosingTags", json!([1]), "must be string"),
        ("departmentsAllowedToForward", json!("x"), "must be array"),
        ("maxNumberSimultaneousChat", json!("many"), "must be number"),
        ("color", json!({}), "must be string,integer,boolean"),
    ] {
        let answer = create(&admin, "Support", json!({field: value})).await;
        answer.fails(&format!("{text} [invalid-params]"), Some("invalid-params"));
    }
    for (agents, text) in [
        (json!("kim"), "must be array"),
        (json!([{}]), "must have required property 'agentId'"),
        (json!([{"agentId": "x", "count": 0.5}]), "must be integer"),
    ] {
        let mut body = department("Support", &json!({}));
        body["agents"] = agents;
        admin.post(BASE, &body).await.fails(&format!("{text} [invalid-params]"), Some("invalid-params"));
    }
    Wire::same(&before, &wire.digest().await, "refused");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let (wire, admin) = Wire::new().await;
    let id = created(&admin, "Support", json!({})).await;
    let before = wire.digest().await;
    let tags = "At least one closing tag is required when the department requires tag(s) on closing conversations. \
                [error-validating-department-chat-closing-tags]";
    for (changes, (text, kind)) in [
        (
            json!({"requestTagBeforeClosingChat": true}),
            (tags.to_owned(), Some("error-validating-department-chat-closing-tags")),
        ),
        (json!({"fallbackForwardDepartment": "unknown"}), code("error-fallback-department-not-found")),
        (
            json!({"departmentsAllowedToForward": ["unknown"]}),
            ("Department not found [error-department-not-found]".to_owned(), Some("error-department-not-found")),
        ),
        (json!({"email": "nonsense"}), ("Invalid email [error-invalid-email]".to_owned(), Some("error-invalid-email"))),
        (json!({"name": " "}), ("name is empty [error-invalid-params]".to_owned(), Some("error-invalid-params"))),
        (
            json!({"maxNumberSimultaneousChat": -1}),
            (
                "maxNumberSimultaneousChat is out of range [error-invalid-params]".to_owned(),
                Some("error-invalid-params"),
            ),
        ),
        (
            json!({"maxNumberSimultaneousChat": 1.5}),
            (
                "maxNumberSimultaneousChat is out of range [error-invalid-params]".to_owned(),
                Some("error-invalid-params"),
            ),
        ),
    ] {
        create(&admin, "Other", changes.clone()).await.fails(&text, kind);
        let path = format!("{BASE}/{id}");
        admin.put(&path, &department("Support", &changes)).await.fails(&text, kind);
    }
    let (text, kind) = code("error-fallback-department-circular");
    let own = department("Support", &json!({"fallbackForwardDepartment": id}));
    admin.put(&format!("{BASE}/{id}"), &own).await.fails(&text, kind);
    let mut in_unit = department("Other", &json!({}));
    in_unit["departmentUnit"] = json!({"_id": "unit"});
    let (text, kind) = code("error-invalid-department-unit");
    admin.post(BASE, &in_unit).await.fails(&text, kind);
    Wire::same(&before, &wire.digest().await, "refused");
    in_unit["departmentUnit"] = json!({});
    admin.post(BASE, &in_unit).await.ok();
}

#[tokio::test]
async fn a_longer_circle_of_fallbacks_is_refused_too() {
    let (_wire, admin) = Wire::new().await;
    let one = created(&admin, "One", json!({})).await;
    let two = created(&admin, "Two", json!({"fallbackForwardDepartment": one})).await;
    let (text, kind) = code("error-fallback-department-circular");
    let body = department("One", &json!({"fallbackForwardDepartment": two}));
    admin.put(&format!("{BASE}/{one}"), &body).await.fails(&text, kind);
}

#[tokio::test]
async fn deviation_two_departments_do_not_share_a_name() {
    let (wire, admin) = Wire::new().await;
    created(&admin, "Support", json!({})).await;
    let other = created(&admin, "Sales", json!({})).await;
    let kim = wire.desk.agent("kim").await;
    let before = wire.digest().await;
    let text = "Department name is already in use [error-field-unavailable]";
    create(&admin, "SUPPORT", json!({})).await.fails(text, Some("error-field-unavailable"));
    let mut body = department("Support", &json!({}));
    body["agents"] = json!([{"agentId": wire.id(&kim).await}]);
    admin.put(&format!("{BASE}/{other}"), &body).await.fails(text, Some("error-field-unavailable"));
    Wire::same(&before, &wire.digest().await, "the department and its agents are written together or not at all");
}

#[tokio::test]
async fn what_a_change_leaves_out_stays_and_what_is_empty_goes() {
    let (_wire, admin) = Wire::new().await;
    let other = created(&admin, "Second", json!({})).await;
    let fields = json!({
        "description": "First line", "chatClosingTags": ["done"], "fallbackForwardDepartment": other,
        "departmentsAllowedToForward": [other], "maxNumberSimultaneousChat": 5, "color": "red",
        "visitorInactivityTimeoutInSeconds": "300", "allowReceiveForwardOffline": true
    });
    let id = created(&admin, "First", fields).await;
    let path = format!("{BASE}/{id}");
    let before = shown(&admin, &id).await;
    let after = admin.put(&path, &department("First", &json!({}))).await.ok();
    assert_eq!(after["department"], before);
    let empty = json!({
        "description": "", "chatClosingTags": [], "fallbackForwardDepartment": "", "departmentsAllowedToForward": "",
        "maxNumberSimultaneousChat": "", "visitorInactivityTimeoutInSeconds": "", "email": ""
    });
    let after = admin.put(&path, &department("First", &empty)).await.ok()["department"].clone();
    for gone in [
        "description",
        "chatClosingTags",
        "fallbackForwardDepartment",
        "departmentsAllowedToForward",
        "maxNumberSimultaneousChat",
        "visitorInactivityTimeoutInSeconds",
    ] {
        assert!(after.get(gone).is_none(), "{gone}");
    }
    assert_eq!((&after["email"], &after["color"]), (&json!(""), &json!("red")));
}

#[tokio::test]
async fn a_document_that_was_read_can_be_written_back_unchanged() {
    let (wire, admin) = Wire::new().await;
    let fields = json!({"maxNumberSimultaneousChat": 5, "color": "red", "chatClosingTags": ["done"]});
    let id = created(&admin, "First", fields).await;
    let document = shown(&admin, &id).await;
    let before = wire.digest().await;
    let answer = admin.put(&format!("{BASE}/{id}"), &json!({"department": document, "agents": []})).await.ok();
    assert_eq!(answer["department"], document);
    Wire::same(&before, &wire.digest().await, "written back");
}

#[tokio::test]
async fn a_change_adds_agents_and_takes_none_out() {
    let (wire, admin) = Wire::new().await;
    let id = created(&admin, "Support", json!({})).await;
    let (kim, lee) = (wire.desk.agent("kim").await, wire.desk.agent("lee").await);
    let put = async |agents: Value| {
        let mut body = department("Support", &json!({}));
        body["agents"] = agents;
        let answer = admin.put(&format!("{BASE}/{id}"), &body).await.ok();
        let names =
            answer["agents"].as_array().unwrap().iter().map(|link| link["username"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(put(json!([{"agentId": wire.id(&kim).await}])).await, ["kim"]);
    assert_eq!(put(json!([{"agentId": wire.id(&lee).await}])).await, ["kim", "lee"]);
    assert_eq!(put(json!([])).await, ["kim", "lee"]);
    assert_eq!(shown(&admin, &id).await["numAgents"], 2);
}

#[tokio::test]
async fn a_change_of_what_is_not_there_is_refused() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.put(&format!("{BASE}/unknown"), &department("Support", &json!({}))).await;
    answer.fails("Department not found [error-department-not-found]", Some("error-department-not-found"));
}

#[tokio::test]
async fn who_may_only_add_agents_passes_the_route_but_changes_no_department() {
    let (wire, admin) = Wire::new().await;
    let id = created(&admin, "Support", json!({})).await;
    let adder = wire.holder("lee", &[Permission::TeamMembersManage]).await;
    let before = wire.digest().await;
    let (text, kind) = code("error-not-allowed");
    adder.put(&format!("{BASE}/{id}"), &department("Support", &json!({}))).await.fails(&text, kind);
    let text = "must have required property 'department' [invalid-params]";
    adder.put(&format!("{BASE}/{id}"), &json!({})).await.fails(text, Some("invalid-params"));
    adder.post(BASE, &department("Other", &json!({}))).await.refuses(403, &lacks_permission());
    Wire::same(&before, &wire.digest().await, "refused");
}

#[tokio::test]
async fn archiving_disables_and_only_unarchiving_brings_back() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        for alias in [false, true] {
            let id = created(&admin, &format!("Support {alias}"), json!({})).await;
            let path = |verb: &str| if alias { format!("{BASE}/{verb}/{id}") } else { format!("{BASE}/{id}/{verb}") };
            let archived = admin.post(&path("archive"), &json!({})).await;
            assert_eq!(archived.text(), r#"{"success":true}"#);
            let document = shown(&admin, &id).await;
            assert_eq!((&document["archived"], &document["enabled"]), (&json!(true), &json!(false)));
            let before = wire.digest().await;
            let (text, kind) = code("error-archived-department-cant-be-enabled");
            let put = admin.put(&format!("{BASE}/{id}"), &department("Support", &json!({}))).await;
            put.fails(&text, kind);
            Wire::same(&before, &wire.digest().await, "archived");
            let quiet = department(&format!("Support {alias}"), &json!({"enabled": false}));
            admin.put(&format!("{BASE}/{id}"), &quiet).await.ok();
            admin.post(&path("unarchive"), &json!({})).await.ok();
            let document = shown(&admin, &id).await;
            assert_eq!((document.get("archived"), &document["enabled"]), (None, &json!(true)));
        }
        admin.post(&format!("{BASE}/unknown/archive"), &json!({})).await.fails("department-not-found", None);
        let (text, kind) = code("department-not-found");
        admin.post(&format!("{BASE}/unknown/unarchive"), &json!({})).await.fails(&text, kind);
    }
}

#[tokio::test]
async fn deleting_is_off_unless_the_desk_allows_it() {
    let (wire, admin) = Wire::new().await;
    let id = created(&admin, "Support", json!({})).await;
    let before = wire.digest().await;
    for id in [id.as_str(), "unknown"] {
        admin.delete(&format!("{BASE}/{id}")).await.fails("error-department-removal-disabled", None);
    }
    Wire::same(&before, &wire.digest().await, "off");
}

#[tokio::test]
async fn deleting_takes_links_and_references_along() {
    let setting = Setting { department_removal: true, ..Setting::default() };
    let (wire, admin) = Wire::with(setting).await;
    let id = created(&admin, "Support", json!({"color": "red"})).await;
    let other =
        created(&admin, "Sales", json!({"fallbackForwardDepartment": id, "departmentsAllowedToForward": [id]})).await;
    let kim = wire.desk.agent("kim").await;
    let kim = wire.id(&kim).await;
    let upsert = json!({"upsert": [{"agentId": kim}], "remove": []});
    admin.post(&format!("{BASE}/{id}/agents"), &upsert).await.ok();
    let remover = wire.holder("rob", &[Permission::TeamsDelete]).await;
    let answer = remover.delete(&format!("{BASE}/{id}")).await;
    assert_eq!(answer.text(), r#"{"success":true}"#);
    assert_eq!(shown(&admin, &id).await, Value::Null);
    let left = shown(&admin, &other).await;
    assert!(left.get("fallbackForwardDepartment").is_none() && left.get("departmentsAllowedToForward").is_none());
    let departments = admin.get(&format!("/api/v1/livechat/agents/{kim}/departments")).await.ok();
    assert_eq!(departments["departments"], json!([]));
    admin.delete(&format!("{BASE}/{id}")).await.fails("error-department-not-found", None);
    let other = wire.holder("olga", &[Permission::TeamsRead]).await;
    other.delete(&format!("{BASE}/{left}")).await.refuses(403, &lacks_permission());
}

#[tokio::test]
async fn deviation_more_than_five_hundred_agents_make_no_department() {
    let (wire, admin) = Wire::new().await;
    let mut body = department("Support", &json!({}));
    let agents: Vec<Value> = (0..501).map(|n| json!({"agentId": format!("a{n}")})).collect();
    body["agents"] = json!(agents);
    let before = wire.digest().await;
    let text = "agents is out of range [error-invalid-params]";
    admin.post(BASE, &body).await.fails(text, Some("error-invalid-params"));
    Wire::same(&before, &wire.digest().await, "too many");
}

#[tokio::test]
async fn clients_send_only_so_much_with_a_department_at_once() {
    let (_wire, admin) = Wire::new().await;
    let text = "must NOT have more than 50 properties [invalid-params]";
    create(&admin, "Support", numbered(0..51)).await.fails(text, Some("invalid-params"));
    let long = json!({"color": "x".repeat(4001)});
    let text = "must NOT have more than 4000 characters [invalid-params]";
    create(&admin, "Support", long).await.fails(text, Some("invalid-params"));
}

/// A further field for each number.
fn numbered(numbers: std::ops::Range<i32>) -> Value {
    Value::Object(numbers.map(|n| (format!("k{n}"), json!(n))).collect())
}

#[tokio::test]
async fn clients_keep_only_so_much_with_a_department_in_all() {
    let (wire, admin) = Wire::new().await;
    let id = created(&admin, "Support", numbered(0..50)).await;
    let put = async |changes: Value| admin.put(&format!("{BASE}/{id}"), &department("Support", &changes)).await;
    put(numbered(50..100)).await.ok();
    let before = wire.digest().await;
    let (text, kind) = ("department is out of range [error-invalid-params]", Some("error-invalid-params"));
    put(json!({"color": "red"})).await.fails(text, kind);
    Wire::same(&before, &wire.digest().await, "too many");
    put(json!({"color": "red", "k7": null, "k8": null})).await.ok();
    let document = shown(&admin, &id).await;
    assert_eq!((&document["color"], document.get("k7"), &document["k9"]), (&json!("red"), None, &json!(9)));
    let long: serde_json::Map<String, Value> = (0..20).map(|n| (format!("k{n}"), json!("x".repeat(4000)))).collect();
    put(Value::Object(long)).await.fails(text, kind);
}
