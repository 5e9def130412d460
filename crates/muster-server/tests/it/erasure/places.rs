//! Reading the desk's tables beside it.

use muster_store::{SqlBuf, Store};

/// The `count` of a statement.
pub(super) async fn count(store: &Store, select: &'static str) -> i64 {
    let read = store.read(move |tx| Box::pin(async move { tx.query_buf(&SqlBuf::new(select)).await?[0].get("count") }));
    read.await.unwrap()
}
