//! What people may ask of the desk about themselves.

use futures_util::{SinkExt as _, StreamExt as _};
use muster_testkit::TestEngine;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Said as _, Wire};

fn path(contact: muster_core::id::ContactId, what: &str) -> String {
    format!("/api/v1/contacts/{contact}/{what}")
}

#[tokio::test]
async fn an_erased_contact_is_gone_and_what_is_left_says_nothing() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "My cat is called Mitzi").await;
    let conversation = format!("/api/v1/conversations/{}", visitor.conversation);
    let reply = json!({"message": "<p>Mitzi is a fine name</p>", "sender_type": "agent"});
    admin.post(&format!("{conversation}/messages"), &reply).await.data();
    assert_eq!(admin.post(&path(visitor.contact, "erase"), &json!({})).await.data(), true);

    let left = admin.get(&conversation).await.data();
    assert_eq!((&left["status"], &left["contact"]["first_name"]), (&json!("Closed"), &json!("")));
    assert_eq!((&left["last_message"], &left["contact"]["id"]), (&Value::Null, &json!(visitor.contact.0)));
    let thread = admin.get(&format!("{conversation}/messages")).await.data();
    let messages = thread["results"].as_array().unwrap();
    assert!(messages.len() >= 2 && messages.iter().all(|message| message["text_content"] == ""), "{thread}");

    for again in [
        admin.post(&path(visitor.contact, "erase"), &json!({})).await,
        admin.get(&path(visitor.contact, "export")).await,
    ] {
        again.refuses(404, "NotFoundException", "Contact not found");
    }
    for (method, rest, body) in [
        ("post", "messages", reply),
        ("put", "status", json!({"status": "Open"})),
        ("put", "priority", json!({"priority": "High"})),
    ] {
        let path = format!("{conversation}/{rest}");
        let answer = if method == "post" { admin.post(&path, &body).await } else { admin.put(&path, &body).await };
        answer.refuses(404, "NotFoundException", "Conversation not found");
    }
    let widget = wire.visitor(&visitor);
    widget.get("/api/v1/widget/chat/conversations").await.refuses(401, "UnauthorizedException", "Unauthorized");
}

#[tokio::test]
async fn an_erased_visitors_socket_is_closed_and_agents_hear_that_the_words_are_gone() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let mut theirs = wire.nobody().socket("/widget/ws").await.unwrap();
    let join = json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.inbox}});
    theirs.send(Message::text(join.to_string())).await.unwrap();
    assert!(theirs.next().await.unwrap().unwrap().to_text().unwrap().contains("joined"));
    let mut agents = admin.socket("/ws").await.unwrap();
    let follow = json!({"type": "conversation_subscribe", "data": {"conversation_uuid": visitor.conversation}});
    agents.send(Message::text(follow.to_string())).await.unwrap();
    agents.send(Message::text("ping")).await.unwrap();
    while agents.next().await.unwrap().unwrap() != Message::text("pong") {}

    admin.post(&path(visitor.contact, "erase"), &json!({})).await.data();
    loop {
        let frame = agents.next().await.unwrap().unwrap();
        let frame: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
        if frame["type"] == "conversation_update" && frame["data"].get("subject").is_some() {
            let gone = json!({"uuid": visitor.conversation, "subject": null, "last_message": null, "status": "Closed"});
            assert_eq!(frame["data"], gone);
            break;
        }
    }
    while let Some(Ok(frame)) = theirs.next().await {
        assert!(frame.is_close() || frame.to_text().unwrap().contains("conversation_update"), "{frame:?}");
    }
    let mut again = wire.nobody().socket("/widget/ws").await.unwrap();
    again.send(Message::text(join.to_string())).await.unwrap();
    assert!(again.next().await.unwrap().unwrap().to_text().unwrap().contains("Failed to join"));
}

#[tokio::test]
async fn an_export_holds_what_the_desk_knows_and_notes_only_when_asked_for() {
    let wire = Wire::on(TestEngine::Sqlite, false).await;
    let admin = wire.client(&wire.desk.admin().await);
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "First").await;
    let messages = format!("/api/v1/conversations/{}/messages", visitor.conversation);
    for number in 0..250 {
        let message =
            json!({"message": format!("Number {number}"), "sender_type": "agent", "private": number % 2 == 0});
        admin.post(&messages, &message).await.data();
    }
    let start = json!({"message": "Second", "echo_id": "mine-2"});
    wire.visitor(&visitor).post("/api/v1/widget/chat/conversations/init", &start).await.data();

    let export = admin.get(&path(visitor.contact, "export")).await;
    assert_eq!(export.header("content-type"), Some("application/json; charset=utf-8"));
    let export = export.data();
    assert_eq!((&export["contact"]["id"], &export["contact"]["type"]), (&json!(visitor.contact.0), &json!("visitor")));
    assert_eq!((&export["identities"], &export["sessions"]), (&json!([]), &json!(1)));
    let [first, second] = export["conversations"].as_array().unwrap().as_slice() else { panic!("{export}") };
    assert_eq!(first["conversation"]["uuid"], json!(visitor.conversation));
    assert_eq!(first["messages"].as_array().unwrap().len(), 1 + 125);
    assert_eq!(
        (&first["messages"][0]["author"], &first["messages"][0]["text_content"]),
        (&json!("contact"), &json!("First"))
    );
    assert_eq!(first["messages"][1]["author_name"], "Ada");
    assert_eq!(second["messages"][0]["echo_id"], "mine-2");
    assert!(first["events"].as_array().unwrap().len() > 250);
    assert_eq!((&export["events"][0]["name"], &export["audit"]), (&json!("contact.created"), &json!([])));

    let whole = admin.get(&format!("{}?notes=true", path(visitor.contact, "export"))).await.data();
    let kinds = |kind: &str| {
        let messages = whole["conversations"][0]["messages"].as_array().unwrap();
        messages.iter().filter(|message| message["kind"] == kind).count()
    };
    assert_eq!((kinds("incoming"), kinds("outgoing"), kinds("note")), (1, 125, 125));
    let senseless = admin.get(&format!("{}?notes=maybe", path(visitor.contact, "export"))).await;
    assert_eq!(senseless.status(), 400);
}
