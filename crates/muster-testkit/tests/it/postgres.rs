use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use muster_testkit::both_engines;
use muster_testkit::postgres::{Cluster, Fsync, TestEngine, clone_database, empty_database, engines, server_url};
use tokio_postgres::{Client, NoTls};

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_prepared_once_and_each_copy_stands_alone() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let key = empty_database().await.url(); // a key nobody used before
    let prepared = Arc::new(AtomicUsize::new(0));
    let databases = join_all((0..8).map(|_| {
        let prepared = Arc::clone(&prepared);
        clone_database(&key, async move |url| {
            prepared.fetch_add(1, Ordering::SeqCst);
            execute(&url, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1)").await;
        })
    }))
    .await;

    assert_eq!(prepared.load(Ordering::SeqCst), 1);
    execute(&databases[0].url(), "INSERT INTO t VALUES (2)").await;
    assert_eq!(count(&databases[0].url()).await, 2);
    assert_eq!(count(&databases[1].url()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_dropped_with_its_value_even_while_in_use() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let database = empty_database().await;
    let url = database.url();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let _in_use = connect(&url).await;

    drop(database);

    let server = connect(&server_url()).await;
    let left = server.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_cluster_comes_back_with_what_was_committed() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let mut cluster = Cluster::start(Fsync::On).await;
    execute(&cluster.url(), "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1)").await;
    let _session_that_holds_on = connect(&cluster.url()).await;

    cluster.kill();
    cluster.restart().await;

    assert_eq!(count(&cluster.url()).await, 1);
}

async fn the_engine_given_is_the_one_named(engine: TestEngine) {
    assert!(engines().contains(&engine));
}

both_engines!(the_engine_given_is_the_one_named);

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap();
}

async fn count(url: &str) -> i64 {
    connect(url).await.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get(0)
}

#[expect(clippy::disallowed_methods, reason = "the connection's task ends by itself when its client is dropped")]
async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
