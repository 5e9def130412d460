//! What a client knows: the conversations that it may read, what lists show of them, and their messages in order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::asker::Asker;
use crate::support::Said as _;

pub(super) type Messages = Vec<Value>;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Picture(BTreeMap<String, Known>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Known {
    /// Without the unread count, which is each reader's own and isn't in frames.
    fields: Map<String, Value>,
    /// By UUID.
    messages: Vec<String>,
}

impl Picture {
    pub(super) async fn load(client: &Asker, lists: &[String]) -> Self {
        let mut picture = Self::default();
        for item in items(client, lists).await {
            picture.put(client, &item).await;
        }
        picture
    }

    pub(super) fn uuids(&self) -> BTreeSet<String> {
        self.0.keys().cloned().collect()
    }

    pub(super) fn drop(&mut self, uuid: &str) {
        self.0.remove(uuid);
    }

    /// Takes over how a conversation is now; of one that wasn't known its messages are loaded. False if it may not be
    /// read any more.
    pub(super) async fn put(&mut self, client: &Asker, item: &Value) -> bool {
        let uuid = item["uuid"].as_str().unwrap().to_owned();
        if !self.0.contains_key(&uuid) {
            let Some(messages) = load_messages(client, &uuid).await else { return false };
            let messages = messages.iter().map(|message| message["uuid"].as_str().unwrap().to_owned()).collect();
            self.0.insert(uuid.clone(), Known { fields: Map::new(), messages });
        }
        let mut fields = item.as_object().unwrap().clone();
        fields.remove("unread_message_count");
        self.0.get_mut(&uuid).unwrap().fields = fields;
        true
    }

    pub(super) fn add_message(&mut self, conversation: &str, uuid: &str) {
        let messages = &mut self.0.get_mut(conversation).unwrap().messages;
        if !messages.iter().any(|known| known == uuid) {
            messages.push(uuid.to_owned());
        }
    }

    /// Takes over what has changed, as far as lists show it.
    pub(super) fn update(&mut self, changed: &Value) {
        let Some(known) = self.0.get_mut(changed["uuid"].as_str().unwrap()) else { return };
        for (name, value) in changed.as_object().unwrap() {
            if let Some(field) = known.fields.get_mut(name) {
                *field = value.clone();
            }
        }
    }
}

/// The conversations of some lists, each once.
pub(super) async fn items(client: &Asker, lists: &[String]) -> Vec<Value> {
    let mut items = BTreeMap::new();
    for list in lists {
        let page = client.get(&format!("{list}?page_size=500")).await.data();
        assert_eq!(page["total_pages"].as_i64().unwrap().min(1), page["total_pages"], "one page is enough");
        for item in page["results"].as_array().unwrap() {
            items.insert(item["uuid"].as_str().unwrap().to_owned(), item.clone());
        }
    }
    items.into_values().collect()
}

/// The ids of an agent's notifications, page by page.
pub(super) async fn notifications(client: &Asker) -> BTreeSet<i64> {
    let mut ids = BTreeSet::new();
    loop {
        let page = client.get(&format!("/api/v1/notifications?limit=100&offset={}", ids.len())).await.data();
        let page = page.as_array().unwrap();
        if page.is_empty() {
            return ids;
        }
        for notification in page {
            assert!(ids.insert(notification["id"].as_i64().unwrap()), "{notification} is listed twice");
        }
    }
}

/// All messages of a conversation, the first one first; `None` if it may not be read.
pub(super) async fn load_messages(client: &Asker, conversation: &str) -> Option<Messages> {
    let answer = client.get(&format!("/api/v1/conversations/{conversation}/messages?page_size=500")).await;
    if answer.status() == 403 {
        return None;
    }
    let page = answer.data();
    assert!(page["total_pages"].as_i64().unwrap() <= 1, "one page is enough");
    let mut messages = page["results"].as_array().unwrap().clone();
    messages.reverse();
    Some(messages)
}
