//! An erasure against everybody who writes at the same moment: either order is fine, and nothing of them remains.

use std::sync::Arc;

use muster_app::messages::NewReply;
use muster_core::Error;
use muster_core::message::ContentType;
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};
use serde_json::Map;
use tokio::task::JoinSet;

use super::{contact_of, words_of};
use crate::conversations::World;

fn reply(text: &str) -> NewReply {
    NewReply {
        content: text.to_owned(),
        content_type: ContentType::Text,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    }
}

async fn who_writes_during_an_erasure_leaves_nothing(engine: TestEngine) {
    let world = Arc::new(World::new(engine).await);
    let lee = world.agent("lee").await;
    world.online(&lee).await;
    for _ in 0..rounds(8, 200) {
        let visitor = Arc::new(world.visitor("Hello").await);
        let contact = contact_of(&visitor);
        let mut writers = JoinSet::new();
        for number in 0..3 {
            let (world, visitor) = (Arc::clone(&world), Arc::clone(&visitor));
            writers.spawn(async move {
                let sent = world.app().visitor_send(&visitor.caller, visitor.conversation, "And", None).await;
                let started = world.start(Some(&visitor.token), &format!("More {number}")).await;
                (sent.map(drop), started.map(drop))
            });
        }
        let agent = (Arc::clone(&world), Arc::clone(&visitor), lee.clone());
        let mut answering = JoinSet::new();
        answering.spawn(async move {
            let (world, visitor, lee) = agent;
            let taken = world.claim(visitor.conversation, &lee).await.map(drop);
            let answered = world.app().send_message(&world.admin, visitor.conversation, reply("Yes?")).await;
            (taken, answered.map(drop))
        });
        world.app().erase_contact(&world.admin, contact).await.unwrap();
        while let Some(ended) = writers.join_next().await {
            let (sent, started) = ended.unwrap();
            for outcome in [sent, started] {
                assert!(matches!(outcome, Ok(()) | Err(Error::NotFound(_) | Error::Unauthenticated)), "{outcome:?}");
            }
        }
        let (taken, answered) = answering.join_next().await.unwrap().unwrap();
        for outcome in [taken, answered] {
            assert!(matches!(outcome, Ok(()) | Err(Error::NotFound(_))), "{outcome:?}");
        }
        assert_eq!(words_of(&world, contact).await, [0, 0, 0]);
        world.assert_books().await;
    }
}

both_engines!(who_writes_during_an_erasure_leaves_nothing);
