//! The `muster` object of an agent: read on every answer, taken in creates and updates, absent means untouched.

use muster_testkit::Client;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const AGENTS: &str = "/api/v1/agents";

fn kim(muster: Value) -> Value {
    let mut body = json!({"first_name": "Kim", "last_name": "Lee", "email": "kim@example.org", "roles": ["Agent"]});
    body["muster"] = muster;
    body
}

/// The agent after an update with this object.
async fn update(admin: &Client, path: &str, muster: Value) -> Value {
    admin.put(path, &kim(muster)).await.data()
}

async fn desk() -> (Wire, Client, String) {
    let (wire, admin) = Wire::new().await;
    let id = admin.post(AGENTS, &kim(Value::Null)).await.data()["id"].clone();
    (wire, admin, format!("{AGENTS}/{id}"))
}

#[tokio::test]
async fn what_is_written_is_read_back_and_an_empty_object_changes_nothing() {
    let (wire, admin, path) = desk().await;
    let written = json!({
        "login": "kim.lee",
        "login_using_email": false,
        "phone_number_country_code": "DE",
        "phone_number_calling_code": "+49",
        "job_description": "Second line",
        "locked": false,
        "serves": false,
        "capacity": 3,
        "rank": 7,
        "auto_answer": "inbound",
        "call_controls": {"mute": true},
        "sip_location": "Berlin",
        "screen_recording": true,
        "agent_data": "x"
    });
    let data = update(&admin, &path, written.clone()).await;
    for (key, value) in written.as_object().unwrap() {
        assert_eq!(&data["muster"][key], value, "{key}");
    }
    let before = wire.desk.digest().await;
    assert_eq!(update(&admin, &path, json!({})).await, data);
    assert_eq!(update(&admin, &path, Value::Null).await, data);
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn a_new_agent_takes_it_too() {
    let (wire, admin) = Wire::new().await;
    wire.desk.skill("French").await;
    let muster = json!({"login": "kim", "capacity": 2, "skills": [{"name": "french", "level": 60}]});
    let data = admin.post(AGENTS, &kim(muster)).await.data();
    assert_eq!((&data["muster"]["login"], &data["muster"]["capacity"]), (&json!("kim"), &json!(2)));
    assert_eq!(data["muster"]["skills"], json!([{"id": 1, "name": "French", "level": 60}]));
}

#[tokio::test]
async fn null_empties_what_can_be_empty() {
    let (_wire, admin, path) = desk().await;
    let full = json!({"capacity": 3, "sip_location": "Berlin", "phone_number": "123", "country": "Germany"});
    let data = update(&admin, &path, full).await;
    assert_eq!((&data["phone_number"], &data["country"]), (&json!("123"), &json!("Germany")));
    let empty = json!({"capacity": null, "sip_location": null, "phone_number": null, "country": null});
    let data = update(&admin, &path, empty).await;
    assert_eq!((&data["phone_number"], &data["country"]), (&Value::Null, &Value::Null));
    assert_eq!((&data["muster"]["capacity"], &data["muster"]["sip_location"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_phone_shows_both_codes_outside_and_what_is_stored_inside() {
    let (_wire, admin, path) = desk().await;
    let data = update(&admin, &path, json!({"phone_number_country_code": "us"})).await;
    assert_eq!(data["phone_number_country_code"], "US");
    assert_eq!(data["phone_number_calling_code"], "+1");
    assert_eq!(data["muster"]["phone_number_calling_code"], Value::Null);
    for bad in [json!({"phone_number_country_code": "USA"}), json!({"phone_number_calling_code": "49"})] {
        let field = bad.as_object().unwrap().keys().next().unwrap().clone();
        let answer = admin.put(&path, &kim(bad)).await;
        answer.refuses(400, "InputException", &format!("Invalid `{field}`"));
    }
}

#[tokio::test]
async fn channel_switches_move_one_by_one() {
    let (_wire, admin, path) = desk().await;
    let data = update(&admin, &path, json!({"channels": {"inbound": true}})).await;
    let channels = &data["muster"]["channels"];
    assert_eq!(channels.as_object().unwrap().len(), 11);
    assert_eq!(
        (&channels["chat"], &channels["inbound"], &channels["manual"]),
        (&json!(true), &json!(true), &json!(false))
    );
}

#[tokio::test]
async fn skills_go_by_name_or_id_and_replace() {
    let (wire, admin, path) = desk().await;
    let french = wire.desk.skill("French").await;
    wire.desk.skill("Billing").await;
    let data = update(&admin, &path, json!({"skills": [{"id": french.0, "level": 40}, {"name": "Billing"}]})).await;
    let expected = json!([{"id": 2, "name": "Billing", "level": 100}, {"id": 1, "name": "French", "level": 40}]);
    assert_eq!(data["muster"]["skills"], expected);
    assert_eq!(data["muster"]["derived_skills"], json!([]));
    let data = update(&admin, &path, json!({"skills": [{"name": "Billing", "level": 5}]})).await;
    assert_eq!(data["muster"]["skills"], json!([{"id": 2, "name": "Billing", "level": 5}]));
    let data = update(&admin, &path, json!({"skills": []})).await;
    assert_eq!(data["muster"]["skills"], json!([]));
}

#[tokio::test]
async fn an_unknown_skill_or_level_is_refused() {
    let (wire, admin, path) = desk().await;
    wire.desk.skill("French").await;
    for (skills, message) in [
        (json!([{"name": "Latin"}]), "Skill not found"),
        (json!([{"id": 9}]), "Skill not found"),
        (json!([{}]), "Skill not found"),
        (json!([{"name": "French", "level": 0}]), "Invalid `skills`"),
        (json!([{"name": "French", "level": 101}]), "Invalid `skills`"),
    ] {
        admin.put(&path, &kim(json!({"skills": skills}))).await.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn memberships_change_places_in_teams() {
    let (wire, admin, path) = desk().await;
    wire.desk.team("Sales").await;
    let mut body = kim(json!({"memberships": [{"name": "sales", "role": "manager", "capacity": 2, "order": -1}]}));
    body["teams"] = json!(["Sales"]);
    let data = admin.put(&path, &body).await.data();
    let place = &data["muster"]["memberships"][0];
    assert_eq!((&place["team_id"], &place["name"], &place["role"]), (&json!(1), &json!("Sales"), &json!("manager")));
    assert_eq!((&place["capacity"], &place["order"], &place["load"]), (&json!(2), &json!(-1), &json!(0)));
    assert_eq!(place["public_id"].as_str().unwrap().len(), 17);
    body["muster"] = json!({"memberships": [{"team_id": 1, "capacity": null}]});
    let data = admin.put(&path, &body).await.data();
    let place = &data["muster"]["memberships"][0];
    assert_eq!((&place["role"], &place["capacity"]), (&json!("manager"), &Value::Null));
}

#[tokio::test]
async fn a_place_in_no_team_or_a_team_of_others_is_refused() {
    let (wire, admin, path) = desk().await;
    wire.desk.team("Sales").await;
    for (membership, message) in [
        (json!({"team_id": 1}), "User is not a member of this team"),
        (json!({"name": "Nowhere"}), "Team not found"),
        (json!({}), "Team not found"),
    ] {
        let answer = admin.put(&path, &kim(json!({"memberships": [membership]}))).await;
        answer.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn attributes_merge_by_key_and_undefined_ones_are_refused() {
    let (_wire, admin, path) = desk().await;
    for (id, values) in [(1, ["Retail"]), (2, ["Rome"])] {
        admin.put(&format!("/api/v1/custom-attributes/{id}"), &json!({"values": values})).await.data();
    }
    let data = update(&admin, &path, json!({"custom_attributes": {"business": "Retail", "location": "Rome"}})).await;
    assert_eq!(data["custom_attributes"], json!({"business": "Retail", "location": "Rome"}));
    let data = update(&admin, &path, json!({"custom_attributes": {"location": null}})).await;
    assert_eq!(data["custom_attributes"], json!({"business": "Retail"}));
    assert_eq!(data["muster"]["custom_attributes"], data["custom_attributes"]);
    let answer = admin.put(&path, &kim(json!({"custom_attributes": {"shoe_size": 44}}))).await;
    answer.refuses(400, "InputException", "Invalid `custom_attributes`");
}

#[tokio::test]
async fn a_login_is_unique_and_well_formed() {
    let (wire, admin, path) = desk().await;
    wire.desk.agent("lou").await;
    for (login, status, kind, message) in [
        ("lou", 409, "ConflictException", "User with same login already exists"),
        ("LOU@example.org", 400, "InputException", "Invalid `login`"),
        ("k k", 400, "InputException", "Invalid `login`"),
        ("", 400, "InputException", "`login` empty"),
    ] {
        admin.put(&path, &kim(json!({"login": login}))).await.refuses(status, kind, message);
    }
}

#[tokio::test]
async fn a_locked_agent_is_shown_offline_and_its_key_refused() {
    let (wire, admin) = Wire::new().await;
    let handle = wire.desk.agent("kim").online().await;
    let path = format!("{AGENTS}/{}", handle.id);
    let data = update(&admin, &path, json!({"locked": true})).await;
    assert_eq!((&data["enabled"], &data["muster"]["locked"]), (&json!(true), &json!(true)));
    assert_eq!((&data["availability_status"], &data["muster"]["state"]), (&json!("offline"), &json!("blocked")));
    let answer = wire.client(&handle).get("/api/v1/agents/me").await;
    answer.refuses(401, "GeneralException", "Invalid credential");
    assert_eq!(update(&admin, &path, json!({"locked": false})).await["muster"]["locked"], false);
}
