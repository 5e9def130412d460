//! Lists that are read in.

use std::fmt::Write as _;

use muster_app::imports::{Kind, Outcome};
use muster_testkit::{TestEngine, both_engines};

use crate::conversations::World;

const ROWS: usize = 500;

/// A list of tags.
fn list() -> String {
    let mut list = "name\n".to_owned();
    for number in 0..ROWS {
        writeln!(list, "tag {number:03}").unwrap();
    }
    list
}

async fn deviation_a_list_goes_on_after_a_stop_in_the_middle(engine: TestEngine) {
    let world = World::new(engine).await;
    let status = async || world.app().import_status(&world.admin, Kind::Tags).await.unwrap();
    world.app().start_import(&world.admin, Kind::Tags, list().as_bytes()).await.unwrap().unwrap();
    let mut committed = world.app().store().committed();
    world.app().start().await.unwrap();
    while status().await.lines.is_empty() {
        committed.changed().await.unwrap();
    }
    world.app().stop().await;
    let stopped = status().await;
    assert!(stopped.is_running() && stopped.lines.len() < ROWS, "{} rows were worked off", stopped.lines.len());

    let next = world.desk.beside().await;
    next.start().await.unwrap();
    next.quiet().await.unwrap();
    let ended = status().await;
    assert!(!ended.is_running());
    assert_eq!(ended.lines[..stopped.lines.len()], stopped.lines);
    let made: Vec<&str> = ended
        .lines
        .iter()
        .map(|line| match &line.outcome {
            Outcome::Created { name } => name.as_str(),
            failed @ Outcome::Failed { .. } => panic!("row {}: {failed:?}", line.row),
        })
        .collect();
    let list = list();
    assert_eq!(made, list.lines().skip(1).collect::<Vec<_>>());
    let tags = next.list_tags(&world.admin).await.unwrap();
    assert_eq!(tags.len(), ROWS);
    next.stop().await;
}

both_engines!(deviation_a_list_goes_on_after_a_stop_in_the_middle);
