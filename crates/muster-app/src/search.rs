//! Search: conversations by number and address, messages by their words, contacts by address.

use std::sync::Arc;

use muster_core::access::Scope;
use muster_core::actor::Caller;
use muster_core::contact::Contact;
use muster_core::permission::Permission;
use muster_core::search::WordQuery;
use muster_core::view::{FoundConversation, FoundMessage};
use muster_core::{Error, Result, Why, text};
use muster_store::{contacts, search};

use crate::App;

/// Most rows of each search.
const CONVERSATIONS: i64 = 1000;
const MESSAGES: u16 = 30;
const CONTACTS: i64 = 15;

impl App {
    /// The conversations that the caller may read: first the one of this number, then up to 1000 of contacts with the
    /// text in their e-mail address, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] for `query`.
    pub async fn search_conversations(&self, caller: &Caller, query: &str) -> Result<Vec<FoundConversation>> {
        caller.actor.require(Permission::ConversationsRead)?;
        let query = checked(query)?;
        let scope = Arc::new(Scope::of(&caller.actor));
        self.scan(move |tx| {
            let (query, scope) = (Arc::clone(&query), Arc::clone(&scope));
            Box::pin(async move {
                let number = query.strip_prefix('#').unwrap_or(&query);
                let numbered = search::conversation_by_number(tx, number, &scope).await?;
                let mut found: Vec<_> = numbered.into_iter().collect();
                for other in search::conversations_by_email(tx, &query, &scope, CONVERSATIONS).await? {
                    if found.first().is_none_or(|first| first.uuid != other.uuid) {
                        found.push(other);
                    }
                }
                Ok(found)
            })
        })
        .await
    }

    /// Up to 30 messages with these words, private notes among them, in conversations that the caller may read. The
    /// latest come first; nothing else ranks them. The last word may be unfinished.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] for `query`.
    pub async fn search_messages(&self, caller: &Caller, query: &str) -> Result<Vec<FoundMessage>> {
        caller.actor.require(Permission::MessagesRead)?;
        let Some(words) = WordQuery::parse(&checked(query)?) else { return Ok(Vec::new()) };
        let (words, scope) = (Arc::new(words), Arc::new(Scope::of(&caller.actor)));
        self.scan(move |tx| {
            let (words, scope) = (Arc::clone(&words), Arc::clone(&scope));
            Box::pin(async move { search::messages(tx, &words, &scope, MESSAGES).await })
        })
        .await
    }

    /// Up to 15 contacts with the text in their e-mail address, by id. Visitors, who only say so, are none.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] for `query`.
    pub async fn search_contacts(&self, caller: &Caller, query: &str) -> Result<Vec<Contact>> {
        caller.actor.require(Permission::ContactsRead)?;
        let query = checked(query)?;
        self.scan(move |tx| {
            let query = Arc::clone(&query);
            Box::pin(async move { contacts::search(tx, &query, CONTACTS).await })
        })
        .await
    }
}

fn checked(query: &str) -> Result<Arc<str>> {
    if text::is_storable(query) { Ok(query.trim().into()) } else { Err(Error::invalid("query", Why::Malformed)) }
}
