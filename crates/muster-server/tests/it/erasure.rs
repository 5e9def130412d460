//! The words of an erased contact are found nowhere: not in any column of any table, not in the database's files, not
//! in the log, not in an answer. Before, they were found: every place that a customer or an agent can write into is
//! filled with a word of its own.

mod killed;
mod places;

use std::time::Duration;

use muster_store::Store;
use muster_testkit::TestEngine;
use muster_testkit::both_engines;
use reqwest::Method;
use serde_json::{Value, json};

use crate::books;
use crate::client::{Address, Client, Socket};
use crate::program::{Place, Serving, ended_with_input};

/// What all words of the test begin with; also in lower case.
const MARK: &str = "zq7x";
const PASSWORD: &str = "Correct-horse-9";
/// An image of one pixel, as GIF.
const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\x01\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\x3b";

/// Words that the desk stores, and a column where each of them is found.
const STORED: &[(&str, &str)] = &[
    ("zq7xname", "contacts.first_name"),
    ("zq7xsurname", "contacts.last_name"),
    ("zq7xmail", "contacts.email"),
    ("zq7xplan", "contacts.attributes"),
    ("zq7xorder", "conversations.attributes"),
    ("zq7xfirst", "messages.content"),
    ("zq7xsecond", "messages.content"),
    ("zq7xecho", "messages.client_ref"),
    ("zq7xagain", "messages.client_ref"),
    ("zq7xanswer", "messages.content"),
    ("zq7xnote", "messages.content"),
    ("zq7xnoteecho", "messages.client_ref"),
    ("zq7xfeedback", "surveys.feedback"),
    ("zq7xreason", "surveys.meta"),
    ("zq7xgiven", "contacts.first_name"),
    ("zq7xfamily", "contacts.last_name"),
    ("zq7xaddress", "contacts.email"),
    ("zq7xsubject", "conversations.subject"),
    ("zq7xletter", "messages.content"),
    ("zq7xinvoice", "conversations.attributes"),
    ("zq7xdraft", "drafts.content"),
    ("zq7xdraftmeta", "drafts.meta"),
    ("zq7xremark", "contact_notes.note"),
    ("zq7xcalled", "notifications.body"),
    ("zq7xtheirs", "media.filename"),
    ("zq7xours", "media.filename"),
    ("zq7xpicture", "media.filename"),
];

async fn erased_words_are_found_nowhere(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let (visitor, contact) = (desk.chat().await, desk.letter().await);
    let store = books::open(desk.place.database()).await;
    for (word, column) in STORED {
        let found = places::in_tables(&store, word).await;
        assert!(found.iter().any(|found| found == column), "{word} is not in {column}, but in {found:?}");
    }
    for number in ["0151777888", "0x7c0de"] {
        assert_eq!(places::in_tables(&store, number).await.len(), usize::from(number == "0151777888"), "{number}");
    }
    if engine == TestEngine::Sqlite {
        assert!(!places::in_files(&desk.place.data(), MARK).is_empty(), "the files aren't read as they should");
    }
    for word in ["zq7xtheirbytes", "zq7xourbytes", "zq7xpicturebytes"] {
        assert_eq!(places::in_files(&desk.place.data().join("files"), word).len(), 1, "{word}");
    }
    desk.check_shown(true, &[visitor.contact, contact]).await;
    let file = desk.place.data().with_file_name("export.json");
    let export =
        desk.place.run(&["contact", "export", "--id", &visitor.contact.to_string(), "--notes", file.to_str().unwrap()]);
    export.ok();
    let export = std::fs::read_to_string(&file).unwrap();
    for word in [
        "zq7xname",
        "zq7xmail",
        "zq7xplan",
        "zq7xorder",
        "zq7xfirst",
        "zq7xecho",
        "zq7xanswer",
        "zq7xnote",
        "zq7xfeedback",
        "zq7xreason",
        "zq7xdraft",
        "zq7xdraftmeta",
        "zq7xremark",
        "zq7xcalled",
        "zq7xtheirs",
        "zq7xours",
    ] {
        assert!(export.to_lowercase().contains(word), "{word} is not in the export");
    }
    assert!(serde_json::from_str::<Value>(&export).is_ok());
    std::fs::remove_file(&file).unwrap();

    // One through the API, while the visitor's socket is open; one by the command.
    let mut socket = visitor.socket;
    desk.admin.post(&format!("/api/v1/contacts/{}/erase", visitor.contact), &json!({})).await.unwrap().data();
    while socket.next().await.is_some() {}
    let by_address = ["contact", "erase", "--email", "zq7xaddress@example.com"];
    let refused = ended_with_input(desk.place.command(&by_address), "no\n");
    assert_eq!((refused.code, refused.err.contains("nothing was erased")), (Some(2), true), "{refused:?}");
    let erased = ended_with_input(desk.place.command(&by_address), "yes\n").ok();
    assert!(erased.contains(&format!("Contact {contact} is erased")), "{erased}");
    let gone = desk.place.run(&["contact", "erase", "--email", "zq7xaddress@example.com", "--yes"]);
    assert_eq!(gone.code, Some(2), "{gone:?}");
    let gone = desk.place.run(&["contact", "erase", "--id", &visitor.contact.to_string(), "--yes"]);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    scrubbed(&store).await;

    assert_eq!(places::in_tables(&store, MARK).await, Vec::<String>::new());
    assert_eq!(places::in_tables(&store, "0151777888").await, Vec::<String>::new());
    if engine == TestEngine::Sqlite {
        assert_eq!(places::in_files(&desk.place.data(), MARK), Vec::<String>::new());
    }
    assert_eq!(places::in_files(&desk.place.data().join("files"), MARK), Vec::<String>::new());
    desk.check_shown(false, &[visitor.contact, contact]).await;
    books::check(&store).await;
    store.close().await;
    let log = desk.end();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is not read at its fullest");
    assert!(!log.to_lowercase().contains(MARK), "the log holds customers' words");
}

both_engines!(erased_words_are_found_nowhere);

/// Waits until the desk has cleaned its files.
async fn scrubbed(store: &Store) {
    const GIVEN_UP: &str = "SELECT COUNT(*) AS count FROM jobs
        WHERE name IN ('privacy.scrub', 'media.delete') AND dead_at IS NOT NULL";
    const LEFT: &str = "SELECT COUNT(*) AS count FROM jobs
        WHERE name IN ('privacy.scrub', 'media.delete') AND done_at IS NULL";
    while places::count(store, LEFT).await > 0 {
        assert_eq!(places::count(store, GIVEN_UP).await, 0);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

struct Desk {
    place: Place,
    serving: Serving,
    nobody: Client,
    admin: Client,
    inbox: Value,
}

/// Somebody who chats, with an open socket.
struct Chatting {
    contact: i64,
    socket: Socket,
}

impl Desk {
    async fn new(engine: TestEngine) -> Self {
        let place = Place::new(engine).await;
        let variables = [
            ("MUSTER_LOG", "trace"),
            ("MUSTER_LIBREDESK__RATE_LIMITS", "false"),
            ("MUSTER_ADMIN_EMAIL", "ada@example.org"),
            ("MUSTER_ADMIN_PASSWORD", PASSWORD),
        ];
        let serving = place.serve_with(&[], &variables);
        let address = Address::unknown();
        address.is(&serving.base);
        let nobody = Client::new(address);
        let key = place.run(&["api-key", "create", "--json", "--agent", "ada@example.org"]).ok();
        let key: Value = serde_json::from_str(&key).unwrap();
        let admin = nobody.with_key(key["api_key"].as_str().unwrap(), key["api_secret"].as_str().unwrap());
        for (scope, attribute) in [("contact", "plan"), ("conversation", "order")] {
            let definition = json!({"name": attribute, "description": "A", "applies_to": scope, "key": attribute,
                                    "data_type": "text"});
            admin.post("/api/v1/custom-attributes", &definition).await.unwrap().data();
        }
        let field = |key: &str, attribute: i64| json!({"key": key, "enabled": true, "custom_attribute_id": attribute});
        let fields = [field("name", 0), field("email", 0), field("phone", 0), field("plan", 7), field("order", 8)];
        let config = json!({"prechat_form": {"enabled": true, "fields": fields}, "features": {"file_upload": true}});
        let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "csat_enabled": true,
                           "config": config});
        let inbox = admin.post("/api/v1/inboxes", &inbox).await.unwrap().data().clone();
        Self { place, serving, nobody, admin, inbox }
    }

    fn end(mut self) -> String {
        self.serving.kill()
    }

    /// A visitor writes, an agent who is there answers; the conversation stays open.
    async fn chat(&self) -> Chatting {
        let inbox = self.inbox["uuid"].as_str().unwrap();
        let kim =
            json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "send_welcome_email": false});
        let id = self.admin.post("/api/v1/agents", &kim).await.unwrap().data()["id"].as_i64().unwrap();
        let kim =
            json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "new_password": PASSWORD});
        self.admin.put(&format!("/api/v1/agents/{id}"), &kim).await.unwrap().data();
        let kim = self.nobody.sign_in("kim@example.org", PASSWORD).await;
        let _present = kim.socket().await.unwrap();
        let url = format!("{}/api/v1/widget/chat/conversations/init", self.serving.base);
        let form = json!({"name": "Zq7xname Zq7xsurname", "email": "zq7xmail@example.com", "phone": "0151777888",
                          "phone_country_code": "DE", "plan": "zq7xplan", "order": "zq7xorder", "other": "zq7xother"});
        let start = json!({"message": "zq7xfirst", "echo_id": "zq7xecho", "form_data": form, "page": "zq7xpage"});
        let http = reqwest::Client::builder().no_proxy().user_agent("zq7xagent/1.0").build().unwrap();
        let start = http
            .post(url)
            .header("x-libredesk-inbox-id", inbox)
            .header("referer", "http://127.0.0.1/zq7xreferer")
            .json(&start);
        let started: Value = start.send().await.unwrap().json().await.unwrap();
        assert_eq!(started["status"], "success", "{started}");
        let chat = &started["data"];
        let visitor = self.nobody.visitor(inbox, chat["session_token"].as_str());
        let uuid = chat["conversation"]["uuid"].as_str().unwrap();
        let path = format!("/api/v1/widget/chat/conversations/{uuid}/message");
        visitor.post(&path, &json!({"message": "zq7xsecond", "echo_id": "zq7xagain"})).await.unwrap().data();
        for refused in [json!({"message": "zq7xlong".repeat(2000)}), json!({"message": ["zq7xlist"]})] {
            assert_eq!(visitor.post(&path, &refused).await.unwrap().status, 400);
        }
        let theirs = [("conversation_uuid", uuid)];
        let file = b"zq7xtheirbytes".to_vec();
        let upload = "/api/v1/widget/media/upload";
        visitor.upload_with(Method::POST, upload, &theirs, "zq7xtheirs.txt", file).await.unwrap().data();
        let mut socket = visitor.socket().await.unwrap();
        let visit = json!({"type": "page_visit", "data": {"url": "https://shop.example.com/zq7xvisit"}});
        socket.send(&visit).await.unwrap();
        socket.send(&json!({"type": "zq7xframe", "data": "zq7xdata"})).await.unwrap();
        let messages = format!("/api/v1/conversations/{uuid}/messages");
        let ours = self.admin.upload("/api/v1/media", "zq7xours.txt", b"zq7xourbytes".to_vec()).await.unwrap();
        for said in [
            json!({"message": "<p>zq7xanswer</p>", "sender_type": "agent", "attachments": [ours.data()["id"]]}),
            json!({"message": "<p>zq7xnote</p>", "sender_type": "agent", "private": true, "echo_id": "zq7xnoteecho"}),
        ] {
            self.admin.post(&messages, &said).await.unwrap().data();
        }
        self.rate(uuid, &http).await;
        let called = json!({"message": "<p>zq7xcalled</p>", "sender_type": "agent", "private": true,
                            "mentions": [{"type": "agent", "id": id}]});
        self.admin.post(&messages, &called).await.unwrap().data();
        let draft = json!({"content": "<p>zq7xdraft</p>", "meta": {"to": "zq7xdraftmeta"}});
        self.admin.post(&format!("/api/v1/conversations/{uuid}/draft"), &draft).await.unwrap().data();
        let shown = self.admin.get(&format!("/api/v1/conversations/{uuid}")).await.unwrap().data().clone();
        let contact = shown["contact"]["id"].as_i64().unwrap();
        let remark = json!({"note": "<p>zq7xremark</p>"});
        self.admin.post(&format!("/api/v1/contacts/{contact}/notes"), &remark).await.unwrap().data();
        self.picture(contact).await;
        self.visited(uuid).await;
        Chatting { contact, socket }
    }

    /// An administrator gives the visitor a picture, and leaves the rest.
    async fn picture(&self, contact: i64) {
        let path = format!("/api/v1/contacts/{contact}");
        let known = [
            ("first_name", "Zq7xname"),
            ("last_name", "Zq7xsurname"),
            ("email", "zq7xmail@example.com"),
            ("phone_number", "0151777888"),
            ("phone_number_country_code", "DE"),
        ];
        let picture = [DOT, b"zq7xpicturebytes"].concat();
        let changed = self.admin.upload_with(Method::PUT, &path, &known, "zq7xpicture.gif", picture).await.unwrap();
        assert!(changed.data()["avatar_url"].is_string(), "{changed:?}");
    }

    /// Waits until the page that the visitor told of over the socket is shown.
    async fn visited(&self, uuid: &str) {
        let path = format!("/api/v1/conversations/{uuid}/page-visits");
        while !self.admin.get(&path).await.unwrap().data().to_string().contains("zq7xvisit") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The conversation is resolved, rated on the page for that, and opened again.
    async fn rate(&self, uuid: &str, http: &reqwest::Client) {
        let path = format!("/api/v1/conversations/{uuid}");
        self.admin.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await.unwrap().data();
        let messages = self.admin.get(&format!("{path}/messages")).await.unwrap().data().clone();
        let messages = messages["results"].as_array().unwrap();
        let survey = messages.iter().find_map(|message| message["meta"]["csat_uuid"].as_str()).unwrap();
        let page = http.post(format!("{}/csat/{survey}", self.serving.base));
        let page = page.json(&json!({"rating": "2", "feedback": "zq7xfeedback", "reason": "zq7xreason"}));
        assert_eq!(page.send().await.unwrap().status(), 200);
        self.admin.put(&format!("{path}/status"), &json!({"status": "Open"})).await.unwrap().data();
    }

    /// An agent notes down what somebody said; the conversation is put off.
    async fn letter(&self) -> i64 {
        let letter = json!({"inbox_id": self.inbox["id"], "contact_email": "zq7xaddress@example.com",
            "first_name": "Zq7xgiven", "last_name": "Zq7xfamily", "subject": "zq7xsubject", "content": "<p>zq7xletter</p>",
            "initiator": "contact", "custom_attributes": {"order": "zq7xinvoice"}});
        let started = self.admin.post("/api/v1/conversations", &letter).await.unwrap().data().clone();
        let path = format!("/api/v1/conversations/{}/status", started["uuid"].as_str().unwrap());
        self.admin.put(&path, &json!({"status": "Snoozed", "snoozed_until": "2h"})).await.unwrap().data();
        started["contact"]["id"].as_i64().unwrap()
    }

    /// Whether what agents are shown holds customers' words.
    async fn check_shown(&self, expected: bool, contacts: &[i64]) {
        let mut shown = Vec::new();
        let list = self.admin.get("/api/v1/conversations/all?page_size=100").await.unwrap().data().clone();
        let listed = list["results"].as_array().unwrap().clone();
        assert_eq!(listed.len(), 2);
        shown.push(list);
        for conversation in listed {
            let path = format!("/api/v1/conversations/{}", conversation["uuid"].as_str().unwrap());
            for rest in ["", "/messages?page_size=100", "/routing", "/page-visits"] {
                shown.push(self.admin.get(&format!("{path}{rest}")).await.unwrap().data().clone());
            }
        }
        shown.push(self.admin.get("/api/v1/drafts").await.unwrap().data().clone());
        assert_eq!(shown.iter().any(|data| data.to_string().to_lowercase().contains(MARK)), expected);
        for contact in contacts {
            let notes = self.admin.get(&format!("/api/v1/contacts/{contact}/notes")).await.unwrap();
            assert_eq!(notes.status, if expected { 200 } else { 404 }, "{notes:?}");
            let export = self.admin.get(&format!("/api/v1/contacts/{contact}/export")).await.unwrap();
            assert_eq!(export.status, if expected { 200 } else { 404 }, "{export:?}");
            assert_eq!(export.body.to_string().to_lowercase().contains(MARK), expected);
        }
    }
}
