//! The address book: contacts, blocking, and notes on them.

use futures_util::{SinkExt as _, StreamExt as _};
use muster_core::id::ContactId;
use muster_testkit::matrix::uploads::Form;
use muster_testkit::{Client, VisitorHandle};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::mask::masked;
use crate::sockets::Socket;
use crate::support::{Said as _, Wire};
use crate::world::{DOT, with_form};

async fn desk() -> (Wire, Client, VisitorHandle) {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    (wire, admin, visitor)
}

fn path(contact: ContactId) -> String {
    format!("/api/v1/contacts/{contact}")
}

/// Somebody whom an agent has written down.
async fn known(wire: &Wire, admin: &Client, name: &str) -> ContactId {
    let inbox = wire.desk.inbox().await;
    let letter = json!({"inbox_id": inbox.id.0, "contact_email": format!("{name}@example.com"), "first_name": name,
                        "content": "<p>Hello</p>", "initiator": "contact"});
    ContactId(admin.post("/api/v1/conversations", &letter).await.data()["contact"]["id"].as_i64().unwrap())
}

#[tokio::test]
async fn a_contact_is_corrected_and_answered_whole() {
    let (wire, admin, _) = desk().await;
    let pat = known(&wire, &admin, "pat").await;
    let change = json!({"first_name": "Pat", "last_name": "Doe", "email": "Pat.Doe@example.com",
        "phone_number": "0151 234", "phone_number_country_code": "de", "country": "Germany", "avatar_url": null});
    insta::assert_snapshot!(masked(&admin.put(&path(pat), &change).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":4,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "first_name":"Pat",
        "last_name":"Doe",
        "email":"pat.doe@example.com",
        "type":"contact",
        "availability_status":"offline",
        "phone_number_country_code":"DE",
        "phone_number_calling_code":"+49",
        "phone_number":"0151 234",
        "avatar_url":null,
        "enabled":true,
        "last_active_at":null,
        "last_login_at":null,
        "roles":null,
        "permissions":[],
        "country":"Germany",
        "meta":null,
        "custom_attributes":{},
        "external_user_id":null,
        "teams":[],
        "api_key":null,
        "api_key_last_used_at":null
      }
    }
    "#);
    assert_eq!(admin.get(&path(pat)).await.data()["email"], "pat.doe@example.com");
}

#[tokio::test]
async fn a_contact_is_corrected_by_a_form_in_parts() {
    let (wire, admin, visitor) = desk().await;
    let parts = [("first_name", "Vic"), ("last_name", ""), ("email", "vic@example.com"), ("phone_number", "7")];
    let mut body = String::new();
    for (name, text) in parts {
        body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"));
    }
    body.push_str("--x--\r\n");
    let request = admin.request(reqwest::Method::PUT, &path(visitor.contact));
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(body);
    let changed = admin.send(request).await.data();
    assert_eq!((&changed["first_name"], &changed["phone_number"]), (&json!("Vic"), &json!("7")));
    assert_eq!((&changed["type"], &changed["enabled"]), (&json!("visitor"), &json!(true)));
    drop(wire);
}

#[tokio::test]
async fn a_contact_has_a_picture() {
    let (wire, admin, visitor) = desk().await;
    let with = |bytes: &[u8], filename| {
        let fields = vec![("first_name", "Vic".to_owned()), ("email", "vic@example.com".to_owned())];
        let form = Form { file: "files", fields, filename, bytes: bytes.to_vec(), largest: 2_000_000 };
        with_form(admin.request(reqwest::Method::PUT, &path(visitor.contact)), &form)
    };
    let changed = admin.send(with(DOT, "vic.gif")).await.data();
    let picture = changed["avatar_url"].as_str().unwrap().to_owned();
    assert!(picture.starts_with("/uploads/"), "{picture}");
    assert_eq!(admin.get(&picture).await.header("content-type"), Some("image/gif"));
    for (bytes, filename) in [(&b"<script>"[..], "vic.html"), (b"<script>", "vic.gif")] {
        admin.send(with(bytes, filename)).await.refuses(400, "InputException", "File type is not an image");
    }
    assert_eq!(admin.get(&path(visitor.contact)).await.data()["avatar_url"], picture);
    let emptied = json!({"first_name": "Vic", "email": "vic@example.com", "avatar_url": ""});
    assert_eq!(admin.put(&path(visitor.contact), &emptied).await.data()["avatar_url"], Value::Null);
    wire.desk.quiet().await;
    assert_eq!(admin.get(&picture).await.status(), 404);
}

#[tokio::test]
async fn deviation_what_is_not_sent_of_a_contact_stays() {
    let (wire, admin, _) = desk().await;
    let pat = known(&wire, &admin, "pat").await;
    let whole = json!({"first_name": "Pat", "last_name": "Doe", "email": "pat@example.com", "country": "Germany"});
    let before = admin.put(&path(pat), &whole).await.data();
    let brief = json!({"first_name": "Pat", "email": "pat@example.com"});
    assert_eq!(admin.put(&path(pat), &brief).await.data(), before);
    let emptied = json!({"first_name": "Pat", "email": "pat@example.com", "last_name": "", "country": null});
    let emptied = admin.put(&path(pat), &emptied).await.data();
    assert_eq!((&emptied["last_name"], &emptied["country"]), (&json!(""), &Value::Null));
}

#[tokio::test]
async fn deviation_a_blocked_contact_is_signed_out_for_good() {
    let (wire, admin, visitor) = desk().await;
    let block = format!("{}/block", path(visitor.contact));
    for enabled in [false, true] {
        admin.put(&block, &json!({"enabled": enabled})).await.data();
        let widget = wire.visitor(&visitor);
        widget.get("/api/v1/widget/chat/conversations").await.refuses(401, "UnauthorizedException", "Unauthorized");
    }
}

#[tokio::test]
async fn a_contact_without_name_or_with_another_ones_address_is_refused() {
    let (wire, admin, _) = desk().await;
    let (pat, pia) = (known(&wire, &admin, "pat").await, known(&wire, &admin, "pia").await);
    for (change, message) in [
        (json!({"first_name": "Pat"}), "email empty"),
        (json!({"first_name": "Pat", "email": ""}), "email empty"),
        (json!({"first_name": "Pat", "email": "pat"}), "Invalid email address"),
        (json!({"email": "pat@example.com"}), "first_name empty"),
        (json!({"first_name": "Pat", "email": "PIA@example.com"}), "Another contact with same email already exists"),
        (
            json!({"first_name": "Pat", "email": "pat@example.com", "phone_number_country_code": "Germany"}),
            "Invalid `phone_number_country_code`",
        ),
        (
            json!({"first_name": "Pat", "email": "pat@example.com", "avatar_url": "javascript:alert(1)"}),
            "Invalid `avatar_url`",
        ),
        (json!({"first_name": 7}), "Error parsing request"),
    ] {
        admin.put(&path(pat), &change).await.refuses(400, "InputException", message);
    }
    assert_eq!(admin.get(&path(pat)).await.data()["email"], "pat@example.com");
    admin.post(&format!("{}/erase", path(pia)), &json!({})).await.data();
    let whole = json!({"first_name": "Pat", "email": "pat@example.com"});
    for gone in [pia, ContactId(999)] {
        admin.get(&path(gone)).await.refuses(404, "NotFoundException", "User not found");
        admin.put(&path(gone), &whole).await.refuses(404, "NotFoundException", "User not found");
    }
    admin.get("/api/v1/contacts/abc").await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn who_is_blocked_is_unauthorized_at_the_widget_and_its_socket() {
    let (wire, admin, visitor) = desk().await;
    let widget = wire.visitor(&visitor);
    widget.get("/api/v1/widget/chat/conversations").await.data();
    let mut socket = wire.nobody().socket("/widget/ws").await.unwrap();
    let join = json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.inbox}});
    socket.send(Message::text(join.to_string())).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains("joined"));

    let block = format!("{}/block", path(visitor.contact));
    assert_eq!(admin.put(&block, &json!({"enabled": false})).await.data()["enabled"], false);
    while let Some(Ok(frame)) = socket.next().await {
        assert!(frame.is_close(), "{frame:?}");
    }
    widget.get("/api/v1/widget/chat/conversations").await.refuses(401, "UnauthorizedException", "Unauthorized");
    assert_eq!(admin.put(&block, &json!({"enabled": true})).await.data()["enabled"], true);
    admin.put(&block, &json!({})).await.refuses(400, "InputException", "`enabled` empty");
    let absent = "/api/v1/contacts/999/block";
    admin.put(absent, &json!({"enabled": true})).await.refuses(404, "NotFoundException", "User not found");
}

#[tokio::test]
async fn notes_are_written_listed_and_deleted_by_their_writer() {
    let (wire, admin, visitor) = desk().await;
    let notes = format!("{}/notes", path(visitor.contact));
    let all = ["contact_notes:read", "contact_notes:write", "contact_notes:delete"];
    let holder = wire.holder(&admin, &all).await;
    insta::assert_snapshot!(masked(&holder.post(&notes, &json!({"note": "<p onclick=x>Likes cats</p>"})).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "contact_id":3,
        "note":"<p>Likes cats</p>",
        "user_id":4,
        "first_name":"Holder",
        "last_name":"",
        "avatar_url":null
      }
    }
    "#);
    let second = admin.post(&notes, &json!({"note": "And dogs"})).await.data();
    let listed = holder.get(&notes).await.data();
    let texts: Vec<&Value> = listed.as_array().unwrap().iter().map(|note| &note["note"]).collect();
    assert_eq!(texts, ["And dogs", "<p>Likes cats</p>"]);
    holder.post(&notes, &json!({"note": " "})).await.refuses(400, "InputException", "note empty");

    let own = format!("{notes}/{}", second["id"]);
    holder.delete(&own).await.refuses(403, "InputException", "You can only delete your own note");
    let elsewhere = format!("/api/v1/contacts/999/notes/{}", second["id"]);
    admin.delete(&elsewhere).await.refuses(404, "NotFoundException", "Note not found");
    assert_eq!(admin.delete(&own).await.data(), true);
    admin.delete(&own).await.refuses(404, "NotFoundException", "Note not found");
    // An administrator deletes anybody's.
    assert_eq!(admin.delete(&format!("{notes}/1")).await.data(), true);
    assert_eq!(holder.get(&notes).await.data(), json!([]));
    for absent in [
        holder.get("/api/v1/contacts/999/notes").await,
        holder.post("/api/v1/contacts/999/notes", &json!({"note": "x"})).await,
    ] {
        absent.refuses(404, "NotFoundException", "User not found");
    }
}

#[tokio::test]
async fn notes_and_what_agents_keep_are_exported_only_when_asked_for() {
    let (wire, admin, visitor) = desk().await;
    admin.post(&format!("{}/notes", path(visitor.contact)), &json!({"note": "Likes cats"})).await.data();
    let conversation = format!("/api/v1/conversations/{}", visitor.conversation);
    admin.post(&format!("{conversation}/draft"), &json!({"content": "I think", "meta": {"to": 1}})).await.data();
    let lee = wire.desk.agent("lee").await;
    let note = json!({"message": "Look", "sender_type": "agent", "private": true,
                      "mentions": [{"type": "agent", "id": lee.id.0}]});
    admin.post(&format!("{conversation}/messages"), &note).await.data();
    let export = admin.get(&format!("{}/export", path(visitor.contact))).await.data();
    let held = &export["conversations"][0];
    assert_eq!([&export["notes"], &held["drafts"], &held["mentions"], &held["notifications"]], [&json!([]); 4]);
    let export = admin.get(&format!("{}/export?notes=true", path(visitor.contact))).await.data();
    let held = &export["conversations"][0];
    assert_eq!(export["notes"][0]["note"], "Likes cats");
    assert_eq!((&held["drafts"][0]["content"], &held["drafts"][0]["meta"]), (&json!("I think"), &json!({"to": 1})));
    assert_eq!((&held["mentions"][0]["agent_id"], &held["mentions"][0]["seq"]), (&json!(lee.id.0), &json!(2)));
    assert_eq!(held["notifications"][0]["body"], "Look");
}

#[tokio::test]
async fn the_pages_a_visitor_looks_at_are_shown_to_whoever_has_the_conversation_open() {
    let (wire, admin, visitor) = desk().await;
    let other = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let lee = wire.client(&wire.desk.agent("lee").await);
    wire.desk.quiet().await;
    let mut agents = [Socket(admin.socket("/ws").await.unwrap()), Socket(lee.socket("/ws").await.unwrap())];
    for (socket, conversation) in agents.iter_mut().zip([visitor.conversation, other.conversation]) {
        let follow = json!({"type": "conversation_subscribe", "data": {"conversation_uuid": conversation}});
        socket.send(&follow).await;
        socket.text("ping").await;
        socket.heard_until("pong").await;
    }
    let mut theirs = Socket(wire.nobody().socket("/widget/ws").await.unwrap());
    let visit = |url: &str, title: &str| json!({"type": "page_visit", "data": {"url": url, "title": title}});
    theirs.send(&visit("https://shop.example.com/unknown", "Not joined yet")).await;
    theirs.send(&json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.inbox}})).await;
    theirs.frame().await;
    theirs.send(&visit("https://shop.example.com/", "Shop")).await;
    let update = agents[0].frame_of("contact_update").await;
    let shop = json!({"url": "https://shop.example.com/", "title": "Shop", "time": "2026-01-05T09:00:00Z"});
    assert_eq!(update, json!({"contact_id": visitor.contact.0, "page_visits": [shop]}));
    // Too soon, and then no page of the web.
    theirs.send(&visit("https://shop.example.com/hurry", "Hurry")).await;
    theirs.send(&json!({"type": "ping"})).await;
    theirs.frame_of("pong").await;
    for senseless in ["javascript:alert(1)", "shop.example.com"] {
        wire.desk.clock.jump(std::time::Duration::from_secs(1));
        theirs.send(&visit(senseless, "x")).await;
        theirs.send(&json!({"type": "ping"})).await;
        theirs.frame_of("pong").await;
    }
    wire.desk.clock.jump(std::time::Duration::from_secs(1));
    theirs.send(&visit("https://shop.example.com/cart", "Cart")).await;
    // The ping has told that the visitor is there.
    let here = agents[0].frame_of("contact_update").await;
    assert_eq!(here, json!({"contact_id": visitor.contact.0, "availability_status": "online"}));
    let update = agents[0].frame_of("contact_update").await;
    let cart = json!({"url": "https://shop.example.com/cart", "title": "Cart", "time": "2026-01-05T09:00:03Z"});
    assert_eq!(update["page_visits"], json!([cart, shop]));
    agents[1].text("ping").await;
    assert!(agents[1].heard_until("pong").await.iter().all(|frame| frame["type"] != "contact_update"));

    let path = format!("/api/v1/conversations/{}/page-visits", visitor.conversation);
    assert_eq!(lee.get(&path).await.data(), json!([cart, shop]));
    let others = format!("/api/v1/conversations/{}/page-visits", other.conversation);
    assert_eq!(lee.get(&others).await.data(), json!([]));
    admin.post(&format!("{}/erase", self::path(visitor.contact)), &json!({})).await.data();
    assert_eq!(lee.get(&path).await.data(), json!([]));
}

/// The names in a list of contacts.
async fn names(admin: &Client, query: &str) -> Vec<String> {
    let page = admin.get(&format!("/api/v1/contacts?{query}")).await.data();
    let contacts = page["results"].as_array().unwrap().iter();
    contacts.map(|contact| contact["first_name"].as_str().unwrap().to_owned()).collect()
}

fn filters(rules: &Value) -> String {
    format!("filters={}", rules.to_string().replace('"', "%22").replace(' ', "%20"))
}

fn leaf(field: &str, operator: &str, value: &str) -> Value {
    json!({"model": "users", "field": field, "operator": operator, "value": value})
}

#[tokio::test]
async fn contacts_are_listed_in_pages_the_latest_first() {
    let (wire, admin, visitor) = desk().await;
    for name in ["ann", "bob", "cid"] {
        known(&wire, &admin, name).await;
        wire.desk.clock.jump(std::time::Duration::from_secs(24 * 3600));
    }
    assert_eq!(names(&admin, "").await, ["cid", "bob", "ann"], "a visitor without an address is left out");
    let claim = json!({"first_name": "Vic", "last_name": "", "email": "vic@example.com"});
    admin.put(&path(visitor.contact), &claim).await.data();
    assert_eq!(names(&admin, "order=asc").await, ["Vic", "ann", "bob", "cid"]);
    assert_eq!(names(&admin, "order_by=users.email&order=DESC").await, ["Vic", "cid", "bob", "ann"]);
    assert_eq!(names(&admin, "order_by=users.updated_at").await, ["Vic", "cid", "bob", "ann"]);
    let page = admin.get("/api/v1/contacts?page=2&page_size=3").await.data();
    assert_eq!((&page["total"], &page["total_pages"]), (&json!(4), &json!(2)));
    let vic = json!({"id": visitor.contact.0, "type": "visitor", "first_name": "Vic", "last_name": "",
        "email": "vic@example.com", "enabled": true, "avatar_url": null, "external_user_id": null,
        "availability_status": "offline", "created_at": "2026-01-05T09:00:00Z", "updated_at": "2026-01-08T09:00:00Z"});
    let first = admin.get("/api/v1/contacts?order=asc&page_size=1").await.data();
    assert_eq!(first["results"], json!([vic]));
}

#[tokio::test]
async fn contacts_are_filtered_by_address_and_time() {
    let (wire, admin, _) = desk().await;
    for name in ["ann", "bob", "cid"] {
        known(&wire, &admin, name).await;
        wire.desk.clock.jump(std::time::Duration::from_secs(24 * 3600));
    }
    let one = |rule: Value| filters(&json!([rule]));
    assert_eq!(names(&admin, &one(leaf("email", "contains", "BOB@"))).await, ["bob"]);
    assert_eq!(names(&admin, &one(leaf("email", "not equals", "bob@example.com"))).await, ["cid", "ann"]);
    assert_eq!(names(&admin, &one(leaf("created_at", "equals", "2026-01-06"))).await, ["bob"]);
    assert_eq!(names(&admin, &one(leaf("updated_at", "greater than", "2026-01-05"))).await, ["cid", "bob"]);
    let both = json!([leaf("email", "set", ""), leaf("created_at", "between", "2026-01-05,2026-01-06")]);
    assert_eq!(names(&admin, &filters(&both)).await, ["bob", "ann"]);
    let either =
        json!({"logic": "OR", "rules": [leaf("email", "equals", "ann@example.com"), leaf("email", "contains", "cid")]});
    assert_eq!(names(&admin, &filters(&either)).await, ["cid", "ann"]);
    for query in [
        "order=up".to_owned(),
        "order_by=users.first_name".to_owned(),
        "filters=nonsense".to_owned(),
        one(leaf("first_name", "equals", "ann")),
        one(leaf("email", "greater than", "ann")),
        one(leaf("created_at", "equals", "yesterday")),
        one(leaf("email", "in", "[]")),
        filters(&json!({"logic": "OR", "rules": []})),
        filters(&json!({"logic": "OR", "rules": [{"logic": "OR", "rules": [leaf("email", "set", "")]}]})),
    ] {
        admin.get(&format!("/api/v1/contacts?{query}")).await.refuses(400, "InputException", "Invalid filters.");
    }
    let kim = wire.client(&wire.desk.agent("kim").await);
    kim.get("/api/v1/contacts").await.refuses(403, "PermissionException", "Permission denied");
}
