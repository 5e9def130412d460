//! Ratings: asking for one, giving it, and the pages on which customers do.

use muster_app::inboxes::InboxPatch;
use muster_core::actor::Caller;
use muster_core::inbox::Inbox;
use muster_testkit::{Client, Reply, VisitorHandle};
use serde_json::{Value, json};

use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

/// A desk whose chat asks for ratings, its administrator, and a visitor whose conversation is open.
async fn desk() -> (Wire, Client, Inbox, VisitorHandle) {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let asks = InboxPatch { csat_enabled: Some(true), ..InboxPatch::default() };
    let inbox = wire.desk.app.update_inbox(&Caller::operator(), inbox.id, asks).await.unwrap();
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    (wire, admin, inbox, visitor)
}

async fn resolve(agent: &Client, visitor: &VisitorHandle) {
    let path = format!("/api/v1/conversations/{}/status", visitor.conversation);
    agent.put(&path, &json!({"status": "Resolved"})).await.data();
}

/// The messages that ask, the latest first, as this agent sees them.
async fn questions(agent: &Client, visitor: &VisitorHandle) -> Vec<Value> {
    let path = format!("/api/v1/conversations/{}/messages", visitor.conversation);
    let messages = agent.get(&path).await.data()["results"].take();
    let all: Vec<Value> = serde_json::from_value(messages).unwrap();
    all.into_iter().filter(|message| message["meta"]["is_csat"] == true).collect()
}

/// Resolves the conversation, and answers how the survey is called.
async fn asked(admin: &Client, visitor: &VisitorHandle) -> String {
    resolve(admin, visitor).await;
    questions(admin, visitor).await[0]["meta"]["csat_uuid"].as_str().unwrap().to_owned()
}

async fn respond(wire: &Wire, uuid: &str, body: Value) -> Reply {
    wire.nobody().post(&format!("/api/v1/csat/{uuid}/response"), &body).await
}

#[tokio::test]
async fn deviation_a_chat_without_an_address_is_asked_about_once() {
    let (wire, admin, _, visitor) = desk().await;
    let uuid = asked(&admin, &visitor).await;
    let [question] = questions(&admin, &visitor).await.try_into().unwrap();
    assert_eq!(question["content"], "Please rate this conversation");
    assert_eq!((&question["type"], &question["private"]), (&json!("outgoing"), &json!(false)));
    assert_eq!(question["meta"], json!({"is_csat": true, "csat_submitted": false, "csat_uuid": uuid}));

    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    let shown = admin.get(&path).await.data();
    assert_eq!((&shown["status"], &shown["first_reply_at"]), (&json!("Resolved"), &Value::Null));
    assert_eq!((&shown["csat_rating"], &shown["csat_responded_at"]), (&Value::Null, &Value::Null));

    admin.put(&format!("{path}/status"), &json!({"status": "Open"})).await.data();
    resolve(&admin, &visitor).await;
    assert_eq!(questions(&admin, &visitor).await.len(), 1);
    wire.desk.quiet().await;
}

#[tokio::test]
async fn nobody_is_asked_where_the_inbox_does_not_want_it_or_the_chat_is_closed() {
    let (wire, admin, _, closed) = desk().await;
    let path = format!("/api/v1/conversations/{}/status", closed.conversation);
    admin.put(&path, &json!({"status": "Closed"})).await.data();
    assert_eq!(questions(&admin, &closed).await.len(), 0);

    let silent = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    resolve(&admin, &silent).await;
    assert_eq!(questions(&admin, &silent).await.len(), 0);
}

#[tokio::test]
async fn a_session_can_not_rate_its_own_work() {
    let (wire, admin, _, visitor) = desk().await;
    asked(&admin, &visitor).await;
    wire.desk.agent("lee").role("Admin").password().await;
    let lee = wire.sign_in("lee@example.org").await;
    let [question] = questions(&lee, &visitor).await.try_into().unwrap();
    assert_eq!(question["meta"], json!({"is_csat": true, "csat_submitted": false}));
    let path =
        format!("/api/v1/conversations/{}/messages/{}", visitor.conversation, question["uuid"].as_str().unwrap());
    assert_eq!(lee.get(&path).await.data()["meta"].get("csat_uuid"), None);
    assert!(admin.get(&path).await.data()["meta"]["csat_uuid"].is_string());
}

#[tokio::test]
async fn a_widget_is_asked_at_once_and_shows_the_answer_later() {
    let (wire, admin, inbox, visitor) = desk().await;
    let mut socket = Socket(wire.nobody().socket("/widget/ws").await.unwrap());
    socket.send(&json!({"type": "join", "token": visitor.token, "data": {"inbox_id": inbox.uuid}})).await;
    socket.frame_of("joined").await;
    let uuid = asked(&admin, &visitor).await;
    let question = socket.frame_of("new_message").await;
    assert_eq!(question["meta"], json!({"is_csat": true, "csat_submitted": false, "csat_uuid": uuid}));

    respond(&wire, &uuid, json!({"rating": 4, "feedback": "Quick"})).await.data();
    let chat = format!("/api/v1/widget/chat/conversations/{}", visitor.conversation);
    let shown = wire.visitor(&visitor).get(&chat).await.data();
    let meta = json!({"is_csat": true, "csat_submitted": true, "submitted_rating": 4, "submitted_feedback": "Quick",
                      "csat_uuid": uuid});
    assert_eq!(shown["messages"][1]["meta"], meta);
}

#[tokio::test]
async fn a_rating_is_given_once_and_shown_to_agents() {
    let (wire, admin, _, visitor) = desk().await;
    let uuid = asked(&admin, &visitor).await;
    wire.desk.quiet().await;
    let mut socket = Socket(admin.socket("/ws").await.unwrap());
    let subscribe = json!({"type": "conversation_subscribe", "data": {"conversation_uuid": visitor.conversation}});
    socket.send(&subscribe).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;

    let answer = respond(&wire, &uuid, json!({"rating": 5, "feedback": " Good "})).await;
    assert_eq!(answer.text(), r#"{"status":"success","data":true}"#);
    let told = socket.frame_of("message_update").await;
    let meta = json!({"is_csat": true, "csat_submitted": true, "submitted_rating": 5, "submitted_feedback": "Good"});
    assert_eq!((&told["conversation_uuid"], &told["meta"]), (&json!(visitor.conversation), &meta));

    let shown = admin.get(&format!("/api/v1/conversations/{}", visitor.conversation)).await.data();
    assert_eq!((&shown["csat_rating"], &shown["csat_feedback"]), (&json!(5), &json!("Good")));
    assert_eq!(shown["csat_responded_at"], "2026-01-05T09:00:00Z");

    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    respond(&wire, &uuid, json!({"rating": 1})).await.refuses(400, "InputException", "CSAT already submitted");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn what_is_no_rating_is_refused_and_changes_nothing() {
    let (wire, admin, _, visitor) = desk().await;
    let uuid = asked(&admin, &visitor).await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let range = "Rating must be between 0 and 5 (0 means no rating)";
    let nothing = "Either rating or feedback must be provided";
    let long = "Feedback is too long, should be at most 1000 characters";
    for (body, message) in [
        (json!({"rating": 6}), range),
        (json!({"rating": -1, "feedback": "x"}), range),
        (json!({"rating": 0}), nothing),
        (json!({}), nothing),
        (json!({"rating": 0, "feedback": "  "}), nothing),
        (json!({"feedback": "x".repeat(1001)}), long),
        (json!({"rating": "five"}), "Invalid JSON"),
        (json!([]), "Invalid JSON"),
    ] {
        respond(&wire, &uuid, body).await.refuses(400, "InputException", message);
    }
    let body = json!({"rating": 5});
    respond(&wire, "nonsense", body.clone()).await.refuses(400, "InputException", "Invalid UUID");
    let absent = "00000000-0000-4000-8000-000000000000";
    respond(&wire, absent, body).await.refuses(400, "InputException", "CSAT Survey not found");
    assert_eq!(wire.desk.digest().await, before);
    respond(&wire, &uuid, json!({"feedback": "Words alone"})).await.data();
}

#[tokio::test]
async fn who_is_blocked_or_erased_answers_no_more() {
    let (wire, admin, inbox, blocked) = desk().await;
    let erased = wire.desk.visitor(&inbox, "Hello").await;
    let (of_blocked, of_erased) = (asked(&admin, &blocked).await, asked(&admin, &erased).await);
    wire.desk.block(&blocked).await;
    admin.post(&format!("/api/v1/contacts/{}/erase", erased.contact), &json!({})).await.data();
    let body = json!({"rating": 1, "feedback": "x"});
    respond(&wire, &of_blocked, body.clone()).await.refuses(403, "PermissionException", "Access denied");
    respond(&wire, &of_erased, body).await.refuses(400, "InputException", "CSAT Survey not found");
    assert_eq!(wire.nobody().get(&format!("/csat/{of_blocked}")).await.status(), 403);
    assert_eq!(wire.nobody().get(&format!("/csat/{of_erased}")).await.status(), 404);
}

#[tokio::test]
async fn answers_are_counted_by_address() {
    let (wire, _, _, _) = desk().await;
    let absent = "/api/v1/csat/00000000-0000-4000-8000-000000000000/response";
    for _ in 0..100 {
        wire.nobody().post(absent, &json!({"rating": 5})).await;
    }
    assert_eq!(wire.nobody().post(absent, &json!({"rating": 5})).await.status(), 429);
    assert_eq!(wire.nobody().get("/csat/00000000-0000-4000-8000-000000000000").await.status(), 429);
}

async fn submit(wire: &Wire, path: &str, form: &[(&str, &str)]) -> Reply {
    let client = wire.nobody();
    let text = form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect::<Vec<_>>();
    let request = client.request(reqwest::Method::POST, path);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(text.join("&"));
    client.send(request).await
}

#[tokio::test]
async fn the_page_works_without_scripts() {
    let (wire, admin, inbox, visitor) = desk().await;
    let config = InboxPatch { config: Some(json!({"brand_name": "A & B"})), ..InboxPatch::default() };
    wire.desk.app.update_inbox(&Caller::operator(), inbox.id, config).await.unwrap();
    let uuid = asked(&admin, &visitor).await;
    let path = format!("/csat/{uuid}");
    let page = wire.nobody().get(&path).await;
    assert_eq!(page.status(), 200);
    let html = page.text();
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{html}");
    assert!(html.contains("<title>Please rate this conversation</title>") && html.contains("A &amp; B"), "{html}");
    assert_eq!(html.matches("type=\"radio\"").count(), 5);
    assert!(html.contains(&format!("<form method=\"post\" action=\"{path}\">")), "{html}");
    assert!(html.contains("<legend>") && html.contains("<label class=\"label\" for=\"feedback\">"), "{html}");
    assert!(!html.contains("<script") && !html.contains("style=\""), "{html}");
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"), "{policy}");

    let nothing = submit(&wire, &path, &[("feedback", "")]).await;
    assert_eq!(nothing.status(), 400);
    let html = nothing.text();
    assert!(html.contains("<title>Error: ") && html.contains("role=\"alert\""), "{html}");
    assert!(html.contains("Either rating or feedback must be provided"), "{html}");
    let strange = submit(&wire, &path, &[("rating", "many"), ("feedback", "<b>kept</b>")]).await;
    assert_eq!(strange.status(), 400);
    assert!(strange.text().contains("&lt;b&gt;kept&lt;/b&gt;</textarea>"), "{}", strange.text());

    let sent = submit(&wire, &path, &[("rating", "2"), ("feedback", "Slow <i>"), ("reason", "waiting time")]).await;
    assert_eq!(sent.status(), 200, "{}", sent.text());
    assert!(sent.text().contains("Your rating has been sent."));
    let shown = admin.get(&format!("/api/v1/conversations/{}", visitor.conversation)).await.data();
    assert_eq!((&shown["csat_rating"], &shown["csat_feedback"]), (&json!(2), &json!("Slow <i>")));
    let export = admin.get(&format!("/api/v1/contacts/{}/export", visitor.contact)).await.data();
    let rating = &export["conversations"][0]["conversation"]["csat"];
    assert_eq!((&rating["rating"], &rating["fields"]), (&json!(2), &json!({"reason": "waiting time"})));

    assert!(wire.nobody().get(&path).await.text().contains("rated already"));
    let again = submit(&wire, &path, &[("rating", "5")]).await;
    assert!(again.text().contains("rated already"), "{}", again.text());
}

#[tokio::test]
async fn only_the_widgets_pages_may_frame_it() {
    let (wire, admin, inbox, visitor) = desk().await;
    let uuid = asked(&admin, &visitor).await;
    let ancestors = |page: &Reply| {
        let policy = page.header("content-security-policy").unwrap().to_owned();
        policy.split_once("frame-ancestors ").unwrap().1.to_owned()
    };
    let framed = wire.nobody().get(&format!("/csat/{uuid}/widget")).await;
    assert_eq!(ancestors(&framed), "*");
    let config = json!({"trusted_domains": ["shop.example.com", "*.example.org"]});
    admin.put(&format!("/api/v1/inboxes/{}", inbox.id), &json!({"config": config})).await.data();
    let framed = wire.nobody().get(&format!("/csat/{uuid}/widget")).await;
    assert_eq!(ancestors(&framed), "'self' shop.example.com *.example.org");
    let action = format!("/csat/{uuid}?framed=1");
    assert!(framed.text().contains(&format!("action=\"{action}\"")), "{}", framed.text());
    let sent = submit(&wire, &action, &[("rating", "5")]).await;
    assert_eq!((sent.status().as_u16(), ancestors(&sent).as_str()), (200, "'self' shop.example.com *.example.org"));
    assert_eq!(ancestors(&wire.nobody().get(&format!("/csat/{uuid}")).await), "'none'");
}

#[tokio::test]
async fn a_page_that_leads_nowhere_says_so() {
    let (wire, _, _, _) = desk().await;
    for path in ["/csat/nonsense", "/csat/00000000-0000-4000-8000-000000000000/widget"] {
        let page = wire.nobody().get(path).await;
        assert_eq!(page.status(), 404);
        assert!(page.text().contains("Nothing to rate here"), "{}", page.text());
    }
    let page = submit(&wire, "/csat/00000000-0000-4000-8000-000000000000", &[("rating", "5")]).await;
    assert_eq!(page.status(), 404);
}
