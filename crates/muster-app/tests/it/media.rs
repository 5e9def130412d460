//! Files: when their bytes go.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use muster_app::media::{FileName, Upload};
use muster_app::messages::NewReply;
use muster_core::actor::Caller;
use muster_core::media::{Media, UploadRules};
use muster_core::message::ContentType;
use muster_core::{Entity, Error, Refusal, Result};
use muster_testkit::{AgentHandle, TestDesk, TestEngine, both_engines};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn upload_as(desk: &TestDesk, caller: &Caller, filename: &str, bytes: &[u8]) -> Result<Media> {
    let mut spool = desk.app.begin_upload(UploadRules::default()).await?;
    spool.write(bytes).await?;
    desk.app.upload(caller, Upload { spool, filename: filename.to_owned(), is_inline: false }).await
}

async fn upload(desk: &TestDesk, agent: &AgentHandle) -> Media {
    upload_as(desk, &agent.caller(), "words.txt", b"words").await.unwrap()
}

async fn send(desk: &TestDesk, agent: &AgentHandle, conversation: Uuid, files: &[&Media]) {
    let reply = NewReply {
        content: "<p>See</p>".to_owned(),
        content_type: ContentType::Html,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: files.iter().map(|file| file.id).collect(),
    };
    desk.app.send_message(&agent.caller(), conversation, reply).await.unwrap();
}

fn place(desk: &TestDesk, uuid: Uuid) -> PathBuf {
    let [first, second, ..] = uuid.into_bytes();
    desk.data().join(format!("files/{first:02x}/{second:02x}/{uuid}"))
}

/// A file in the place of files, put there at this time of the desk.
fn put(desk: &TestDesk, uuid: Uuid, at_millis: i64) -> PathBuf {
    let path = place(desk, uuid);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "words").unwrap();
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(at_millis).unwrap());
    File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    path
}

async fn a_file_that_is_never_sent_goes_after_fifteen_days(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let ada = desk.admin().await;
    let visitor = desk.visitor(&desk.inbox().await, "Hello").await;
    let (unused, sent) = (upload(&desk, &ada).await, upload(&desk, &ada).await);
    send(&desk, &ada, visitor.conversation, &[&sent]).await;
    desk.app.keep_tidy().await.unwrap();
    desk.advance(DAY * 14).await;
    assert!(place(&desk, unused.uuid).exists());
    desk.advance(DAY * 2).await;
    assert!(!place(&desk, unused.uuid).exists() && place(&desk, sent.uuid).exists());
    let gone = desk.app.file(&ada.caller(), FileName::of(unused.uuid)).await;
    assert!(matches!(gone, Err(Error::NotFound(Entity::Media))), "{gone:?}");
    assert!(desk.app.file(&ada.caller(), FileName::of(sent.uuid)).await.is_ok());
}

async fn a_file_without_a_row_goes_after_a_day(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let ada = desk.admin().await;
    let known = upload(&desk, &ada).await;
    let now = desk.now().as_millis();
    let hours = |hours: i64| now - hours * 3_600_000;
    let old = put(&desk, Uuid::from_u128(u128::MAX), hours(25));
    let young = put(&desk, Uuid::from_u128(0), hours(23));
    let known_path = put(&desk, known.uuid, hours(25));
    let foreign = desk.data().join("files/ff/ff/notes.txt");
    fs::write(&foreign, "not the desk's").unwrap();
    desk.app.keep_tidy().await.unwrap();
    desk.quiet().await;
    assert_eq!([&old, &young, &known_path, &foreign].map(|path| path.exists()), [false, true, true, true]);
}

async fn bytes_go_with_whoever_is_forgotten(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let ada = desk.admin().await;
    let inbox = desk.inbox().await;
    let (one, other) = (desk.visitor(&inbox, "Hello").await, desk.visitor(&inbox, "Hello").await);
    let (mine, theirs) = (upload(&desk, &ada).await, upload(&desk, &ada).await);
    send(&desk, &ada, one.conversation, &[&mine]).await;
    send(&desk, &ada, other.conversation, &[&theirs]).await;
    desk.app.erase_contact(&ada.caller(), one.contact).await.unwrap();
    desk.quiet().await;
    assert!(!place(&desk, mine.uuid).exists() && place(&desk, theirs.uuid).exists());
    let gone = desk.app.file(&ada.caller(), FileName::of(mine.uuid)).await;
    assert!(matches!(gone, Err(Error::NotFound(Entity::Media))), "{gone:?}");
}

async fn only_its_uploader_sends_a_file_and_only_agents_upload(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (ada, kim) = (desk.admin().await, desk.agent("kim").role("Agent").await);
    let visitor = desk.visitor(&desk.inbox().await, "Hello").await;
    let file = upload(&desk, &ada).await;
    let reply = NewReply {
        content: "<p>See</p>".to_owned(),
        content_type: ContentType::Html,
        private: true,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: vec![file.id],
    };
    desk.quiet().await;
    let digest = desk.digest().await;
    let refused = desk.app.send_message(&kim.caller(), visitor.conversation, reply.clone()).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "attachments", .. })), "{refused:?}");
    let theirs = visitor.caller();
    for caller in [&theirs, &Caller::system(), &Caller::operator()] {
        let refused = upload_as(&desk, caller, "a.txt", b"words").await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{refused:?}");
    }
    let off = desk.app.visitor_upload_rules(&theirs).await;
    assert!(matches!(off, Err(Error::Refused(Refusal::UploadsOff))), "{off:?}");
    assert_eq!(desk.digest().await, digest);
    desk.app.send_message(&ada.caller(), visitor.conversation, reply).await.unwrap();
}

async fn what_is_cut_off_leaves_nothing(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let mut spool = desk.app.begin_upload(UploadRules::default()).await.unwrap();
    spool.write(b"words").await.unwrap();
    let incoming = desk.data().join("incoming");
    let count = |path: &Path| fs::read_dir(path).unwrap().count();
    assert_eq!(count(&incoming), 1);
    drop(spool);
    assert_eq!(count(&incoming), 0);
    // A desk that is killed drops nothing; the next one does.
    fs::write(incoming.join("left"), "words").unwrap();
    let next = desk.beside().await;
    next.start().await.unwrap();
    assert!(!incoming.exists());
    next.stop().await;
}

both_engines!(
    a_file_that_is_never_sent_goes_after_fifteen_days,
    a_file_without_a_row_goes_after_a_day,
    bytes_go_with_whoever_is_forgotten,
    only_its_uploader_sends_a_file_and_only_agents_upload,
    what_is_cut_off_leaves_nothing,
);
