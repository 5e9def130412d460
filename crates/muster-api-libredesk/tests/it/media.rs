//! Files: uploading them, reading them by right or by address, sending them with messages, pictures of people.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muster_testkit::matrix::uploads::Form;
use muster_testkit::{Client, Reply, VisitorHandle};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};
use crate::world::{DOT, with_form};

/// A PNG of 600 by 2 pixels, one colour.
fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(600, 2).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn form(filename: &'static str, bytes: &[u8]) -> Form {
    Form { file: "files", fields: Vec::new(), filename, bytes: bytes.to_vec(), largest: 20_000_000 }
}

async fn post(client: &Client, path: &str, form: &Form) -> Reply {
    client.send(with_form(client.request(Method::POST, path), form)).await
}

async fn upload(client: &Client, filename: &'static str, bytes: &[u8]) -> Value {
    post(client, "/api/v1/media", &form(filename, bytes)).await.data()
}

/// An address on this desk without the name of the desk.
fn place(url: &Value) -> String {
    url.as_str().unwrap().strip_prefix("https://desk.example.org").unwrap().to_owned()
}

/// Every file that the desk keeps, and what is left of uploads.
fn kept(data: &Path) -> Vec<PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&data.join("files"), &mut found);
    walk(&data.join("incoming"), &mut found);
    found
}

#[tokio::test]
async fn a_file_is_uploaded_and_its_address_is_good_for_an_hour() {
    let (wire, admin) = Wire::new().await;
    let bytes = png();
    let fields = vec![("inline", "true".to_owned()), ("linked_model", "messages".to_owned())];
    let media = post(&admin, "/api/v1/media", &Form { fields, ..form("photo.png", &bytes) }).await.data();
    let uuid = media["uuid"].as_str().unwrap();
    assert_eq!(
        (&media["filename"], &media["content_type"], &media["disposition"], &media["content_id"], &media["store"]),
        (&json!("photo.png"), &json!("image/png"), &json!("inline"), &json!(uuid), &json!("fs"))
    );
    assert_eq!((&media["size"], &media["meta"]), (&json!(bytes.len()), &json!({"width": 600, "height": 2})));
    assert_eq!((&media["model_id"], &media["model_type"]), (&Value::Null, &Value::Null));

    let address = place(&media["url"]);
    let shown = wire.nobody().get(&address).await;
    assert_eq!((shown.status().as_u16(), shown.bytes()), (200, bytes.as_slice()));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", "inline; filename=\"photo.png\""),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "private, max-age=3600"),
    ] {
        assert_eq!(shown.header(name), Some(value), "{name}");
    }
    assert_eq!(shown.header("content-length"), Some(bytes.len().to_string().as_str()));
    let kept = wire.nobody().get(&format!("{address}&download=1")).await;
    assert_eq!(kept.header("content-disposition"), Some("attachment; filename=\"photo.png\""));
    let small = wire.nobody().get(&address.replace("/uploads/", "/uploads/thumb_")).await;
    assert_eq!((small.status().as_u16(), small.header("content-type")), (200, Some("image/png")));
    let small = image::load_from_memory(small.bytes()).unwrap();
    assert_eq!(small.width(), 150);

    wire.desk.advance(Duration::from_secs(3601)).await;
    wire.nobody().get(&address).await.refuses(403, "PermissionException", "Invalid or expired media URL");
}

#[tokio::test]
async fn an_address_that_was_changed_is_refused() {
    let (wire, admin) = Wire::new().await;
    let media = upload(&admin, "a.txt", b"words").await;
    let other = upload(&admin, "b.txt", b"other words").await;
    let (address, uuid) = (place(&media["url"]), media["uuid"].as_str().unwrap());
    let (sig, exp) = address.split_once("?sig=").unwrap().1.split_once("&exp=").unwrap();
    let refused = [
        address.replace(uuid, other["uuid"].as_str().unwrap()),
        format!("/uploads/{uuid}?sig={sig}&exp={exp}0"),
        format!("/uploads/{uuid}?sig={}&exp={exp}", sig.to_lowercase()),
        format!("/uploads/{uuid}?sig=&exp={exp}"),
        format!("/uploads/{uuid}?exp={exp}"),
        format!("/uploads/{uuid}?sig={sig}%00&exp={exp}"),
    ];
    for path in &refused[..5] {
        wire.nobody().get(path).await.refuses(403, "PermissionException", "Invalid or expired media URL");
    }
    assert_eq!(wire.nobody().get(&refused[5]).await.status(), 400);
    for exp in ["soon", "-", "1e9", ""] {
        let answer = wire.nobody().get(&format!("/uploads/{uuid}?sig={sig}&exp={exp}")).await;
        assert_eq!(answer.status(), 400, "{exp}: {}", answer.text());
    }
    wire.nobody().get(&format!("/uploads/{uuid}")).await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn a_file_that_is_not_in_use_is_its_uploaders_alone() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    let path = format!("/uploads/{}", upload(&kim, "a.txt", b"words").await["uuid"].as_str().unwrap());
    let own = kim.get(&path).await;
    assert_eq!((own.status().as_u16(), own.bytes()), (200, b"words".as_slice()));
    assert_eq!(own.header("cache-control"), Some("no-store"));
    assert_eq!(own.header("content-disposition"), Some("attachment; filename=\"a.txt\""));
    admin.get(&path).await.refuses(404, "NotFoundException", "File not found");
    admin.get("/uploads/00000000-0000-0000-0000-000000000000").await.refuses(
        404,
        "NotFoundException",
        "File not found",
    );
}

#[tokio::test]
async fn what_is_not_taken_leaves_nothing_behind() {
    let (wire, admin) = Wire::new().await;
    let without = Form { file: "other", ..form("a.txt", b"words") };
    post(&admin, "/api/v1/media", &without).await.refuses(400, "InputException", "File not found");
    let empty = "This file is 0 bytes, so it will not be attached.";
    post(&admin, "/api/v1/media", &form("a.txt", b"")).await.refuses(400, "InputException", empty);
    let huge = post(&admin, "/api/v1/media", &form("a.bin", &vec![0; 20_000_001])).await;
    huge.refuses(413, "GeneralException", "File is too large, should be at most 20 MB");
    let largest = upload(&admin, "a.bin", &vec![0; 20_000_000]).await;
    assert_eq!(largest["size"], 20_000_000);
    assert_eq!(kept(wire.desk.data()).len(), 1);
}

#[tokio::test]
async fn a_file_goes_with_a_message_once_deviation() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    let path = format!("/api/v1/conversations/{}/messages", visitor.conversation);
    let (photo, notes) = (upload(&kim, "photo.png", &png()).await, upload(&kim, "notes.pdf", b"%PDF-1.7\n").await);
    let text = format!("<p>See <img src=\"/uploads/{}\"></p>", photo["uuid"].as_str().unwrap());
    let body = json!({"message": text, "sender_type": "agent", "attachments": [notes["id"]], "echo_id": "one"});
    let theirs = json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": [notes["id"]]});
    admin.post(&path, &theirs).await.refuses(400, "InputException", "Invalid `attachments`");

    let sent = kim.post(&path, &body).await.data();
    let names: Vec<&Value> = sent["attachments"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["photo.png", "notes.pdf"]);
    let (shown, kept) = (&sent["attachments"][0], &sent["attachments"][1]);
    assert_eq!((&kept["content_type"], &kept["thumbnail_url"]), (&json!("application/pdf"), &json!("")));
    assert_eq!((&kept["content"], &kept["disposition"]), (&Value::Null, &json!("attachment")));
    assert!(shown["thumbnail_url"].as_str().unwrap().contains("/uploads/thumb_"));
    let source = shown["url"].as_str().unwrap().replace('&', "&amp;");
    assert!(sent["content"].as_str().unwrap().contains(&format!("src=\"{source}\"")), "{sent}");
    for url in [&shown["url"], &shown["thumbnail_url"], &kept["url"]] {
        assert_eq!(wire.nobody().get(&place(url)).await.status(), 200);
    }
    let again = kim.post(&path, &body).await.data();
    assert_eq!((&again["uuid"], again["attachments"].as_array().unwrap().len()), (&sent["uuid"], 2));
    let twice = json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": [notes["id"]]});
    kim.post(&path, &twice).await.refuses(400, "InputException", "Invalid `attachments`");
    for unknown in [json!([0]), json!([-1]), json!([i64::MAX])] {
        let body = json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": unknown});
        kim.post(&path, &body).await.refuses(400, "InputException", "Invalid `attachments`");
    }

    let theirs = wire.visitor(&visitor);
    let chat = theirs.get(&format!("/api/v1/widget/chat/conversations/{}", visitor.conversation)).await.data();
    let files = chat["messages"][1]["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 2, "{chat}");
    assert_eq!(wire.nobody().get(&place(&files[0]["url"])).await.status(), 200);
}

#[tokio::test]
async fn a_message_may_be_nothing_but_files() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let path = format!("/api/v1/conversations/{}/messages", visitor.conversation);
    let file = upload(&admin, "a.txt", b"words").await;
    let body = json!({"message": "", "sender_type": "agent", "attachments": [file["id"]]});
    assert_eq!(admin.post(&path, &body).await.data()["attachments"][0]["name"], "a.txt");
    let nothing = json!({"message": "", "sender_type": "agent", "attachments": []});
    assert_eq!(admin.post(&path, &nothing).await.status(), 400);
    let many = json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": (1..=101).collect::<Vec<_>>()});
    admin.post(&path, &many).await.refuses(400, "InputException", "Invalid `attachments`");
}

#[tokio::test]
async fn another_messages_file_gets_no_address_by_being_named_deviation() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let (one, other) = (wire.desk.visitor(&inbox, "Hello").await, wire.desk.visitor(&inbox, "Hello").await);
    let secret = upload(&admin, "secret.png", &png()).await;
    let body = json!({"message": "<p>x</p>", "sender_type": "agent", "private": true, "attachments": [secret["id"]]});
    admin.post(&format!("/api/v1/conversations/{}/messages", one.conversation), &body).await.data();
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    let uuid = secret["uuid"].as_str().unwrap();
    let text = format!("<p><img src=\"/uploads/{uuid}\"><img src=\"cid:{uuid}\"></p>");
    let path = format!("/api/v1/conversations/{}/messages", other.conversation);
    let sent = kim.post(&path, &json!({"message": text, "sender_type": "agent"})).await.data();
    assert!(!sent["content"].as_str().unwrap().contains("sig="), "{sent}");
    assert_eq!(sent["attachments"], json!([]));
}

#[tokio::test]
async fn a_messages_file_is_read_with_the_right_to_read_the_message_deviation() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let file = upload(&admin, "a.txt", b"words").await;
    let body = json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": [file["id"]]});
    admin.post(&format!("/api/v1/conversations/{}/messages", visitor.conversation), &body).await.data();
    let path = format!("/uploads/{}", file["uuid"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.status(), 200);
    for (name, rights) in [
        ("blind", vec!["conversations:read", "conversations:read_all"]),
        ("elsewhere", vec!["messages:read", "conversations:read", "conversations:read_assigned"]),
        ("nowhere", vec!["messages:read"]),
    ] {
        admin.post("/api/v1/roles", &json!({"name": name, "permissions": rights})).await.data();
        let agent = wire.client(&wire.desk.agent(name).role(name).await);
        agent.get(&path).await.refuses(403, "PermissionException", "Permission denied");
    }
    admin
        .post(
            "/api/v1/roles",
            &json!({"name": "reader", "permissions":
        ["messages:read", "conversations:read", "conversations:read_all"]}),
        )
        .await
        .data();
    let reader = wire.client(&wire.desk.agent("reader").role("reader").await);
    assert_eq!(reader.get(&path).await.bytes(), b"words");
}

#[tokio::test]
async fn a_visitor_sends_a_file_where_the_inbox_takes_any() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    let theirs = wire.visitor(&visitor);
    let to = |visitor: &VisitorHandle| Form {
        fields: vec![("conversation_uuid", visitor.conversation.to_string())],
        ..form("photo.png", &png())
    };
    const PATH: &str = "/api/v1/widget/media/upload";
    post(&theirs, PATH, &to(&visitor)).await.refuses(400, "InputException", "File Upload is disabled");
    let chat =
        json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"features": {"file_upload": true}}});
    admin.put(&format!("/api/v1/inboxes/{}", inbox.id.0), &chat).await.data();

    let sent = post(&theirs, PATH, &to(&visitor)).await.data();
    assert_eq!((&sent["content"], &sent["attachments"][0]["name"]), (&json!(""), &json!("photo.png")));
    assert_eq!(wire.nobody().get(&place(&sent["attachments"][0]["url"])).await.status(), 200);
    let seen = admin.get(&format!("/api/v1/conversations/{}/messages", visitor.conversation)).await.data();
    assert_eq!(seen["results"][0]["attachments"][0]["uuid"], sent["attachments"][0]["uuid"]);
    assert_eq!(seen["results"][0]["sender_type"], "contact");
    let path = format!("/uploads/{}", sent["attachments"][0]["uuid"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.status(), 200);

    let other = wire.desk.visitor(&inbox, "Hello").await;
    post(&theirs, PATH, &to(&other)).await.refuses(403, "PermissionException", "Permission denied");
    let mut absent = visitor.clone();
    absent.conversation = uuid::Uuid::nil();
    post(&theirs, PATH, &to(&absent)).await.refuses(404, "NotFoundException", "Conversation not found");
    let unnamed = form("photo.png", DOT);
    post(&theirs, PATH, &unnamed).await.refuses(400, "InputException", "Invalid `conversation_uuid`");
    let none = Form { file: "other", ..to(&visitor) };
    post(&theirs, PATH, &none).await.refuses(400, "InputException", "File not found");
    // The picture and its small one.
    assert_eq!(kept(wire.desk.data()).len(), 2);
}

#[tokio::test]
async fn an_agent_has_one_picture() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    let put = async |form: &Form| kim.send(with_form(kim.request(Method::PUT, "/api/v1/agents/me"), form)).await;
    let set = put(&form("kim.png", &png())).await.data();
    let first = set["avatar_url"].as_str().unwrap().to_owned();
    assert_eq!(kim.get("/api/v1/agents/me").await.data()["avatar_url"], json!(first));
    assert_eq!(admin.get(&first).await.status(), 200);
    let second = put(&form("kim.gif", DOT)).await.data()["avatar_url"].as_str().unwrap().to_owned();
    admin.get(&first).await.refuses(404, "NotFoundException", "File not found");
    assert_eq!(put(&Form { file: "other", ..form("a.gif", DOT) }).await.data()["avatar_url"], json!(second));

    let not_image = "File type is not an image";
    put(&form("kim.txt", DOT)).await.refuses(400, "InputException", not_image);
    put(&form("kim.png", b"<script>alert(1)</script>")).await.refuses(400, "InputException", not_image);
    let large = [png().as_slice(), &vec![0; 2_000_000]].concat();
    put(&form("kim.png", &large)).await.refuses(
        400,
        "InputException",
        "File size too large, please upload a file less than 2MB",
    );
    assert_eq!(admin.get(&second).await.status(), 200);
    assert_eq!(kim.delete("/api/v1/agents/me/avatar").await.data(), true);
    assert_eq!(kim.delete("/api/v1/agents/me/avatar").await.data(), true);
    assert_eq!(kim.get("/api/v1/agents/me").await.data()["avatar_url"], Value::Null);
    wire.desk.quiet().await;
    // What was refused after it came in is tidied away later; all else is gone.
    assert!(kept(wire.desk.data()).iter().all(|path| !path.ends_with(second.strip_prefix("/uploads/").unwrap())));
}

#[tokio::test]
async fn a_malformed_picture_is_400_deviation() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.put("/api/v1/agents/me", &json!({"first_name": "Eve"})).await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json()["message"], "Error parsing request");
}

#[tokio::test]
async fn a_visitor_sees_the_agents_picture_without_a_session() {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    let set = with_form(admin.request(Method::PUT, "/api/v1/agents/me"), &form("ada.png", &png()));
    admin.send(set).await.data();
    let reply = json!({"message": "<p>Hi</p>", "sender_type": "agent"});
    admin.post(&format!("/api/v1/conversations/{}/messages", visitor.conversation), &reply).await.data();
    let theirs = wire.visitor(&visitor);
    let chat = theirs.get(&format!("/api/v1/widget/chat/conversations/{}", visitor.conversation)).await.data();
    let url = &chat["messages"][1]["author"]["avatar_url"];
    assert_eq!(wire.nobody().get(&place(url)).await.status(), 200);
}

/// Files that pretend to be something else, with what their names are made of.
const HOSTILE: [(&str, &[u8]); 14] = [
    ("image.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
    (
        "image.svg.png",
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
    ),
    ("page.png", b"<!DOCTYPE html><html><script>alert(1)</script></html>"),
    ("page.html", b"<script>alert(1)</script>"),
    ("page.xhtml", b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>"),
    ("script.js", b"alert(1)"),
    ("style.css", b"body{background:url(//example.com)}"),
    ("document.pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"),
    ("archive.zip.png", b"PK\x03\x04\x14\0\0\0\x08\0"),
    ("image.bmp", b"BM<script>alert(1)</script>"),
    ("../../../../etc/passwd", b"root:x:0:0"),
    ("..\\..\\x\"; filename=y.html", b"<b>x</b>"),
    ("invoice\u{202e}gnp.html", b"<b>x</b>"),
    ("nul%00.png", b"\0\0\0\0"),
];

#[tokio::test]
async fn no_file_is_shown_but_images_of_four_kinds_deviation() {
    let (wire, admin) = Wire::new().await;
    for (filename, bytes) in HOSTILE {
        let media = upload(&admin, filename, bytes).await;
        let shown = wire.nobody().get(&place(&media["url"])).await;
        assert_eq!((shown.status().as_u16(), shown.bytes()), (200, bytes), "{filename}");
        let disposition = shown.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; filename=\""), "{filename}: {disposition}");
        assert!(!disposition.contains("..") && !disposition.contains('/'), "{disposition}");
        assert!(!disposition.contains("%E2%80%AE") && !disposition.contains("filename=y"), "{disposition}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(shown.header("content-security-policy"), Some("sandbox; default-src 'none'"));
        let kind = shown.header("content-type").unwrap();
        let is_run = ["html", "xml", "svg", "script", "css"].iter().any(|word| kind.contains(word));
        assert!(!is_run, "{filename}: {kind}");
        assert_eq!((&media["meta"], &media["disposition"]), (&json!({}), &json!("attachment")), "{filename}");
    }
    for path in kept(wire.desk.data()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "{name}");
    }
    assert!(!wire.desk.data().join("etc").exists());
}

#[tokio::test]
async fn an_image_that_is_also_a_page_is_shown_as_an_image() {
    let (wire, admin) = Wire::new().await;
    let page = b"/*<!DOCTYPE html><script>alert(1)</script>*/";
    let polyglot = [DOT, page].concat();
    let media = upload(&admin, "page.html", &polyglot).await;
    let shown = wire.nobody().get(&place(&media["url"])).await;
    assert_eq!(shown.header("content-type"), Some("image/gif"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(shown.header("content-security-policy"), Some("sandbox; default-src 'none'"));
}
