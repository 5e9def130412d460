//! What the forms of chats may ask for.

use muster_core::Result;
use muster_core::attribute::{Definition, Scope};
use muster_store::attributes;

use crate::App;

impl App {
    /// The attributes that the form before a chat may ask for: contacts' and then conversations', each by key. Whoever is
    /// shown a form is shown those that it asks for.
    ///
    /// # Errors
    /// The store's only.
    pub async fn form_attributes(&self) -> Result<Vec<Definition>> {
        self.read(|tx| {
            Box::pin(async move {
                let mut definitions = attributes::definitions(tx, Scope::Contact).await?;
                definitions.extend(attributes::definitions(tx, Scope::Conversation).await?);
                Ok(definitions)
            })
        })
        .await
    }
}
