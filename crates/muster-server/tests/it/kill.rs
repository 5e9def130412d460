//! The program is killed at random moments while thirty-two writers are at it, and served again at once: whatever was
//! acknowledged is there, with its event and its audit entry, and nothing is there by half.

mod acknowledged;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::effort::rounds;
use muster_testkit::postgres::{Cluster, Fsync, TestEngine, engines};
use serde_json::json;
use tokio::task::JoinSet;

pub(crate) use acknowledged::Acknowledged;
pub(crate) use writer::Trouble;
use writer::{World, Writer};

use crate::books;
use crate::desk::Desk;
use crate::program::Place;
use muster_testkit::dice::Dice;

const WRITERS: u64 = 32;
/// The agents who are given conversations, and how many each.
const PRESENT: usize = 4;
const CAPACITY: u16 = 20;
/// Whoever is declared present is present: no sockets are held here.
pub(crate) const VARIABLES: [(&str, &str); 1] = [("MUSTER_PRESENCE__TRUST_DECLARED", "true")];

async fn what_was_acknowledged_outlives_the_program(engine: TestEngine) {
    let cluster = match engine {
        TestEngine::Sqlite => None,
        TestEngine::Postgres => Some(Cluster::start(Fsync::On).await),
    };
    let place = cluster.as_ref().map_or_else(Place::sqlite, |cluster| Place::postgres(cluster.url()));
    let mut scene = Scene::set_up(place, Trouble::Kills).await;
    let mut dice = Dice::new(5);
    for round in 0..rounds(50, 1000) {
        tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
        scene.desk.kill();
        if round % 5 == 0 {
            scene.desk.start_in_vain(Duration::from_millis(dice.below(400))).await;
        }
        scene.desk.start();
        scene.check().await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_database_server() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let mut cluster = Cluster::start(Fsync::On).await;
    let mut scene = Scene::set_up(Place::postgres(cluster.url()), Trouble::Outages).await;
    let mut dice = Dice::new(7);
    for round in 0..rounds(5, 50) {
        tokio::time::sleep(Duration::from_millis(dice.below(600))).await;
        cluster.kill();
        if round % 2 == 0 {
            scene.desk.kill();
        }
        cluster.restart().await;
        if round % 2 == 0 {
            scene.desk.start();
        }
        scene.check().await;
    }
    scene.end().await;
}

async fn a_desk_is_made_after_being_killed_in_the_making(engine: TestEngine) {
    let place = Place::new(engine).await;
    let mut dice = Dice::new(11);
    for _ in 0..rounds(20, 200) {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let desk = Desk::new(place, &[]);
    desk.admin.get("/api/v1/agents/me").await.unwrap().data();
    let store = desk.books().await;
    books::check(&store).await;
    store.close().await;
}

both_engines!(what_was_acknowledged_outlives_the_program, a_desk_is_made_after_being_killed_in_the_making);

/// A desk with its writers at work.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    world: Arc<World>,
    writers: JoinSet<()>,
    /// How much of what was acknowledged has been looked at.
    checked: usize,
}

impl Scene {
    pub(crate) async fn set_up(place: Place, trouble: Trouble) -> Self {
        let desk = Desk::new(place, &VARIABLES);
        let inbox =
            json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Example"}});
        let inbox = desk.admin.post("/api/v1/inboxes", &inbox).await.unwrap().data().clone();
        let mut present = Vec::new();
        for number in 0..PRESENT {
            present.push(present_agent(&desk, number).await);
        }
        let world = Arc::new(World::new(&desk, &inbox, present, trouble));
        let mut writers = JoinSet::new();
        for number in 0..WRITERS {
            writers.spawn(Writer::new(Arc::clone(&world), number).run());
        }
        Self { desk, world, writers, checked: 0 }
    }

    /// Waits until so many writes have been acknowledged, and answers with them, in an instant in which no other is under
    /// way.
    pub(crate) async fn acknowledged(&self, least: usize) -> Vec<Acknowledged> {
        while self.world.acknowledged().len() < least {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _paused = self.world.pause().await;
        self.world.acknowledged()
    }

    /// Lets the writers finish, and the desk end.
    pub(crate) async fn stop(&mut self) {
        self.finish_writing().await;
        self.desk.terminate();
    }

    async fn finish_writing(&mut self) {
        self.world.end();
        while let Some(ended) = self.writers.join_next().await {
            ended.unwrap();
        }
    }

    /// Stops the writers between two requests and looks at what they have been acknowledged since the last look.
    async fn check(&mut self) {
        let world = Arc::clone(&self.world);
        let _paused = world.pause().await;
        self.look(self.checked).await;
    }

    async fn look(&mut self, from: usize) {
        let acknowledged = self.world.acknowledged();
        let store = self.desk.books().await;
        books::check(&store).await;
        let requests = books::requests(&store).await;
        store.close().await;
        Acknowledged::assert_stored(&acknowledged[from..], &self.desk.admin, &requests).await;
        self.checked = acknowledged.len();
    }

    /// Lets the writers finish, and looks at everything.
    async fn end(mut self) {
        self.finish_writing().await;
        self.look(0).await;
        let counts = Acknowledged::counts(&self.world.acknowledged());
        println!("acknowledged and found again: {counts:?}");
        assert!(counts.len() == Acknowledged::KINDS && counts.values().all(|count| *count > 0), "{counts:?}");
        self.desk.terminate();
        self.desk.start();
        let store = self.desk.books().await;
        while !books::is_positioned(&store).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.desk.terminate();
        books::check(&store).await;
        books::check_assignments(&store).await;
        store.close().await;
    }
}

/// Makes an agent who is given conversations, and answers with the id.
async fn present_agent(desk: &Desk, number: usize) -> i64 {
    let agent = json!({
        "first_name": format!("Present {number}"),
        "email": format!("present-{number}@example.org"),
        "roles": ["Agent"],
        "send_welcome_email": false,
        "availability_status": "online",
        "muster": {"capacity": CAPACITY},
    });
    let made = desk.admin.post("/api/v1/agents", &agent).await.unwrap();
    made.data()["id"].as_i64().unwrap()
}
