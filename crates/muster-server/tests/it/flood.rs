//! More comes in than the desk takes on: whoever sends too much is refused, and agents work on.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::Client;
use crate::desk::Desk;
use crate::program::Place;

/// Limits by address and by time, for those who aren't agents.
const LIMITED: (&str, &str) = ("MUSTER_LIBREDESK__RATE_LIMITS", "true");

/// Makes a chat inbox; answers with its UUID.
async fn inbox(desk: &Desk) -> String {
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Example"}});
    let made = desk.admin.post("/api/v1/inboxes", &inbox).await.unwrap();
    made.data()["uuid"].as_str().unwrap().to_owned()
}

/// Begins a chat; answers with its visitor and its UUID.
async fn visitor(desk: &Desk, inbox: &str) -> (Client, String) {
    let chat = json!({"message": "Hello"});
    let begun = desk.nobody.visitor(inbox, None).post("/api/v1/widget/chat/conversations/init", &chat).await.unwrap();
    let (token, uuid) = (&begun.data()["session_token"], &begun.data()["conversation"]["uuid"]);
    (desk.nobody.visitor(inbox, token.as_str()), uuid.as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_sockets_leave_room_for_agents() {
    let desk = Desk::new(Place::sqlite(), &[("MUSTER_LIMITS__VISITOR_SOCKETS", "2")]);
    let inbox = inbox(&desk).await;
    let (visitor, _) = visitor(&desk, &inbox).await;
    let (first, second) = (visitor.socket().await.unwrap(), visitor.socket().await.unwrap());
    assert!(visitor.socket().await.is_err());
    let agent = desk.admin.socket().await.unwrap();
    drop(first);
    while visitor.socket().await.is_err() {
        tokio::task::yield_now().await;
    }
    drop((second, agent));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_its_share_of_visitors_sockets() {
    let desk = Desk::new(Place::sqlite(), &[("MUSTER_LIMITS__VISITOR_SOCKETS_PER_ADDRESS", "1"), LIMITED]);
    let inbox = inbox(&desk).await;
    let (visitor, _) = visitor(&desk, &inbox).await;
    let socket = visitor.socket().await.unwrap();
    assert!(visitor.socket().await.is_err());
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_writes_so_much_in_a_minute() {
    let desk = Desk::new(Place::sqlite(), &[("MUSTER_LIMITS__VISITOR_MESSAGES_PER_MINUTE", "3"), LIMITED]);
    let inbox = inbox(&desk).await;
    let (talker, chat) = visitor(&desk, &inbox).await;
    let (other, other_chat) = visitor(&desk, &inbox).await;
    let say = async |visitor: &Client, chat: &str| {
        let path = format!("/api/v1/widget/chat/conversations/{chat}/message");
        visitor.post(&path, &json!({"message": "More"})).await.unwrap().status
    };
    for _ in 0..3 {
        assert_eq!(say(&talker, &chat).await, StatusCode::OK);
    }
    assert_eq!(say(&talker, &chat).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(say(&other, &other_chat).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_hold_nothing_that_agents_need() {
    let desk = Desk::new(Place::sqlite(), &[]);
    let key = "authorization: Basic eA==";
    let slow = [
        "GET /health HTTP/1.1\r\nhost: lo".to_owned(),
        format!("POST /api/v1/agents HTTP/1.1\r\nhost: localhost\r\n{key}\r\ncontent-length: 1000000\r\n\r\n{{"),
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{".to_owned(),
    ];
    let held = join_all((0..210).map(|number| dribble(&desk, &slow[number % slow.len()]))).await;
    for _ in 0..50 {
        desk.admin.get("/api/v1/agents/me").await.unwrap().data();
    }
    drop(held);
}

/// A client that begins a request and doesn't go on.
async fn dribble(desk: &Desk, text: &str) -> TcpStream {
    let base = desk.address.now().await;
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}
