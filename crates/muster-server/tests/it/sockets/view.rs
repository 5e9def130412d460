//! The messages of one conversation as somebody has come to know them.

use std::collections::BTreeMap;

use serde_json::Value;

/// Messages by their number, with UUID and text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View(BTreeMap<i64, (String, String)>);

impl View {
    pub(super) fn of<'m>(messages: impl IntoIterator<Item = &'m Value>) -> Self {
        let mut view = Self::default();
        messages.into_iter().for_each(|message| view.take(message));
        view
    }

    /// Takes in a message as the API shows it.
    ///
    /// # Panics
    /// If another one has its number, or it has had another number.
    pub(super) fn take(&mut self, message: &Value) {
        let text = |key: &str| message[key].as_str().unwrap().to_owned();
        let (seq, known) = (message["seq"].as_i64().unwrap(), (text("uuid"), text("text_content")));
        let twice = self.0.iter().find(|(other, (uuid, _))| **other != seq && *uuid == known.0);
        assert!(twice.is_none(), "{message} has also the number of {twice:?}");
        let before = self.0.insert(seq, known.clone());
        assert!(before.as_ref().is_none_or(|before| *before == known), "{known:?} in place of {before:?}");
    }

    /// # Panics
    /// If the numbers aren't 1, 2, 3 …
    pub(super) fn assert_gapless(&self) {
        assert!(self.0.keys().copied().eq((1..).take(self.0.len())), "{:?}", self.0.keys());
    }
}
