//! Search.

use muster_testkit::Client;
use serde_json::{Value, json};

use crate::lists::started;
use crate::mask::masked;
use crate::support::{Said as _, Wire};

async fn numbers(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/api/v1/conversations/search?query={query}")).await.data();
    let number = |found: &Value| found["reference_number"].as_str().unwrap().to_owned();
    found.as_array().unwrap().iter().map(number).collect()
}

async fn texts(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/api/v1/messages/search?query={query}")).await.data();
    found.as_array().unwrap().iter().map(|found| found["text_content"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn conversations_are_found_by_number_and_address() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    started(&wire, &admin, &inbox, "pat@example.org", "Hello").await;
    started(&wire, &admin, &inbox, "sam100@example.org", "Hello").await;
    started(&wire, &admin, &inbox, "pat@example.org", "Again").await;
    insta::assert_snapshot!(masked(&admin.get("/api/v1/conversations/search?query=101").await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "created_at":"2026-01-05T09:00:00Z",
          "uuid":"[drawn 1]",
          "reference_number":"101",
          "subject":"A lamp",
          "status":"Open"
        }
      ]
    }
    "#);
    assert_eq!(numbers(&admin, "100").await, ["100", "101"], "the number first, then the address");
    assert_eq!(numbers(&admin, "%23100").await, ["100"]);
    assert_eq!(numbers(&admin, "PAT@exam").await, ["102", "100"]);
    assert_eq!(numbers(&admin, "p_t").await, [""; 0]);
    assert_eq!(numbers(&admin, "nobody").await, [""; 0]);
}

#[tokio::test]
async fn deviation_messages_are_found_by_their_words_and_tell_when_they_were_written() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "pat@example.org", "My <b>Caf\u{e9}</b> lamp flickers").await;
    insta::assert_snapshot!(masked(&admin.get("/api/v1/messages/search?query=LAMP%20cafe").await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "created_at":"2026-01-05T09:00:00Z",
          "text_content":"My Café lamp flickers",
          "conversation_created_at":"2026-01-05T09:00:00Z",
          "conversation_uuid":"[drawn 1]",
          "conversation_reference_number":"100",
          "conversation_status":"Open"
        }
      ]
    }
    "#);
    let note = json!({"message": "The lamp is known to flicker", "sender_type": "agent", "private": true});
    admin.post(&format!("/api/v1/conversations/{uuid}/messages"), &note).await.data();
    assert_eq!(texts(&admin, "lamp").await, ["The lamp is known to flicker", "My Caf\u{e9} lamp flickers"]);
    assert_eq!(texts(&admin, "lamp+flicke").await.len(), 2, "the last word may be unfinished");
    assert_eq!(texts(&admin, "flicke+lamp").await.len(), 0);
    assert_eq!(texts(&admin, "amp").await.len(), 0, "words, not parts of them");
    assert_eq!(texts(&admin, "...").await.len(), 0);
    let long = "word ".repeat(100);
    started(&wire, &admin, &inbox, "pat@example.org", &long).await;
    assert_eq!(texts(&admin, "word").await, [long[..200].to_owned()]);
}

#[tokio::test]
async fn deviation_what_may_not_be_read_is_left_out_before_the_limit() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let kim = wire.desk.agent("kim").await;
    let mine = started(&wire, &admin, &inbox, "pat@example.org", "My lamp").await;
    let given = json!({"assignee_id": kim.id.0});
    admin.put(&format!("/api/v1/conversations/{mine}/assignee/user"), &given).await.data();
    for number in 0..31 {
        started(&wire, &admin, &inbox, "sam@example.org", &format!("lamp {number}")).await;
    }
    let rights = ["conversations:read", "conversations:read_assigned", "messages:read"];
    admin.post("/api/v1/roles", &json!({"name": "Own", "permissions": rights})).await.data();
    let roles = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Own"]});
    admin.put(&format!("/api/v1/agents/{}", kim.id.0), &roles).await.data();
    let kim = wire.client(&kim);
    assert_eq!(texts(&kim, "lamp").await, ["My lamp"]);
    assert_eq!(texts(&admin, "lamp").await.len(), 30);
    assert_eq!(numbers(&kim, "example").await, ["100"]);
    assert_eq!(numbers(&kim, "101").await, [""; 0]);
}

#[tokio::test]
async fn contacts_are_found_by_address_and_visitors_are_not() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    started(&wire, &admin, &inbox, "pat@example.org", "Hello").await;
    wire.desk.visitor(&inbox, "Hello").await;
    insta::assert_snapshot!(masked(&admin.get("/api/v1/contacts/search?query=AT%40ex").await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "id":3,
          "created_at":"2026-01-05T09:00:00Z",
          "first_name":"Pat",
          "last_name":"",
          "email":"pat@example.org"
        }
      ]
    }
    "#);
    assert_eq!(admin.get("/api/v1/contacts/search?query=nobody").await.data(), json!([]));
}

#[tokio::test]
async fn a_search_needs_three_bytes_and_its_right() {
    let (wire, admin) = Wire::new().await;
    let nobody = wire.holder(&admin, &["view:manage"]).await;
    for path in ["/api/v1/conversations/search", "/api/v1/messages/search", "/api/v1/contacts/search"] {
        for query in ["", "?query=", "?query=ab"] {
            let answer = admin.get(&format!("{path}{query}")).await;
            answer.refuses(400, "InputException", " Please enter at least 3 characters to search.");
        }
        admin.get(&format!("{path}?query=%00%00%00")).await.refuses(400, "InputException", "Something went wrong");
        let answer = nobody.get(&format!("{path}?query=lamp")).await;
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}
