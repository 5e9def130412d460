use muster_app::inboxes::{InboxPatch, NewInbox};
use muster_core::id::{InboxId, TeamId};
use muster_core::{Entity, Error};
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};
use serde_json::{Value, json};

use super::{World, chat};

async fn a_chats_secret_is_drawn_and_sealed(engine: TestEngine) {
    let world = World::new(engine).await;
    let secret = world.app().inbox_secret(&world.admin, world.inbox.id).await.unwrap().unwrap();
    assert_eq!(secret.len(), 32);
    assert!(secret.chars().all(|c| c.is_ascii_alphanumeric()));
    let stored = world.inbox.secret.as_deref().unwrap();
    assert!(!stored.contains(&secret));
    let patch = InboxPatch { secret: Some("of my own".into()), ..InboxPatch::default() };
    let changed = world.app().update_inbox(&world.admin, world.inbox.id, patch.clone()).await.unwrap();
    let before = world.desk.digest().await;
    assert_eq!(world.app().update_inbox(&world.admin, world.inbox.id, patch).await.unwrap(), changed);
    assert_eq!(world.desk.digest().await, before, "the same secret again is no change");
    let opened = world.app().inbox_secret(&world.admin, world.inbox.id).await.unwrap();
    assert_eq!(opened.as_deref(), Some("of my own"));
}

async fn what_is_absent_from_a_patch_stays(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let patch = InboxPatch {
        name: Some(" Shop ".into()),
        config: Some(json!({ "language": "de" })),
        default_team: Some(Some(team)),
        ..InboxPatch::default()
    };
    let changed = world.app().update_inbox(&world.admin, world.inbox.id, patch).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.default_team, changed.enabled), ("Shop", Some(team), true));
    assert_eq!((changed.version, changed.uuid), (world.inbox.version + 1, world.inbox.uuid));
    let before = world.desk.digest().await;
    let nothing = world.app().update_inbox(&world.admin, world.inbox.id, InboxPatch::default()).await.unwrap();
    assert_eq!(nothing, changed);
    assert_eq!(world.desk.digest().await, before);
    assert_eq!(world.app().inbox_by_uuid(changed.uuid).await.unwrap(), Some(changed.clone()));
    assert_eq!(world.app().inboxes(&world.admin).await.unwrap(), [changed]);
}

async fn inboxes_need_their_right_and_what_they_name(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    assert_eq!(world.app().inboxes(&kim).await.unwrap().len(), 1);
    assert!(matches!(world.app().inbox(&kim, world.inbox.id).await, Err(Error::Denied(_))));
    assert!(matches!(world.app().create_inbox(&kim, chat("x", json!({}))).await, Err(Error::Denied(_))));
    let lost = NewInbox { default_team: Some(TeamId(4711)), ..chat("x", json!({})) };
    assert!(matches!(world.app().create_inbox(&world.admin, lost).await, Err(Error::NotFound(Entity::Team))));
    let nameless = world.app().create_inbox(&world.admin, chat("  ", json!({}))).await;
    assert!(matches!(nameless, Err(Error::Invalid { field: "name", .. })));
    let none = world.app().update_inbox(&world.admin, InboxId(4711), InboxPatch::default()).await;
    assert!(matches!(none, Err(Error::NotFound(Entity::Inbox))));
}

async fn a_deleted_inbox_is_known_by_its_conversations_alone(engine: TestEngine) {
    let world = World::new(engine).await;
    let chat = world.inbox.id;
    let linked = InboxPatch { linked_email_inbox: Some(Some(chat)), ..InboxPatch::default() };
    let other = world.app().create_inbox(&world.admin, self::chat("Other", json!({}))).await.unwrap();
    let other_linked = world.app().update_inbox(&world.admin, other.id, linked).await.unwrap();
    let changes = world.audited("inbox.updated").await.len();
    let toggled = world.app().toggle_inbox(&world.admin, chat).await.unwrap();
    assert!(!toggled.enabled && world.app().toggle_inbox(&world.admin, chat).await.unwrap().enabled);
    let kim = world.agent("kim").await;
    assert!(matches!(world.app().delete_inbox(&kim, chat).await, Err(Error::Denied(_))));
    world.app().delete_inbox(&world.admin, chat).await.unwrap();
    assert_eq!(world.app().inbox_by_uuid(world.inbox.uuid).await.unwrap(), None);
    let left = world.app().inboxes(&world.admin).await.unwrap();
    assert_eq!(left.iter().map(|inbox| (inbox.id, inbox.linked_email_inbox)).collect::<Vec<_>>(), [(other.id, None)]);
    assert_eq!(left[0].version, other_linked.version + 1);
    let changes = world.audited("inbox.updated").await.split_off(changes + 2);
    let links =
        |(before, after): &(Value, Value)| (before["linked_email_inbox"].clone(), after["linked_email_inbox"].clone());
    assert_eq!(changes.iter().map(links).collect::<Vec<_>>(), [(json!(chat), json!(null))]);
    let again = world.app().delete_inbox(&world.admin, chat).await;
    assert!(matches!(again, Err(Error::NotFound(Entity::Inbox))));
}

async fn a_change_made_for_another_version_is_refused(engine: TestEngine) {
    let world = World::new(engine).await;
    let seen = world.inbox.version;
    let patch = |name: &str| InboxPatch { version: Some(seen), name: Some(name.into()), ..InboxPatch::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, patch("First")).await.unwrap();
    let second = world.app().update_inbox(&world.admin, world.inbox.id, patch("Second")).await;
    assert!(matches!(second, Err(Error::Conflict(Entity::Inbox))));
    assert_eq!(world.app().inbox(&world.admin, world.inbox.id).await.unwrap().name, "First");
}

async fn no_inbox_goes_on_by_one_that_is_deleted(engine: TestEngine) {
    let world = World::new(engine).await;
    let create = async || world.app().create_inbox(&world.admin, chat("Shop", json!({}))).await.unwrap().id;
    for round in 0..rounds(10, 200) {
        let (mut first, mut second) = (create().await, create().await);
        if round % 2 == 0 {
            (first, second) = (second, first);
        }
        let link = InboxPatch { linked_email_inbox: Some(Some(second)), ..InboxPatch::default() };
        let (linked, deleted) = tokio::join!(
            world.app().update_inbox(&world.admin, first, link),
            world.app().delete_inbox(&world.admin, second)
        );
        deleted.unwrap();
        assert!(matches!(linked, Ok(_) | Err(Error::NotFound(Entity::Inbox))), "{linked:?}");
        assert_eq!(world.app().inbox(&world.admin, first).await.unwrap().linked_email_inbox, None);
    }
}

both_engines!(
    a_change_made_for_another_version_is_refused,
    no_inbox_goes_on_by_one_that_is_deleted,
    a_deleted_inbox_is_known_by_its_conversations_alone,
    a_chats_secret_is_drawn_and_sealed,
    what_is_absent_from_a_patch_stays,
    inboxes_need_their_right_and_what_they_name,
);
