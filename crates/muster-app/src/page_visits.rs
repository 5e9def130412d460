//! Where visitors are on the pages that show a widget: the latest of each, in memory alone. A restart forgets them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::ContactId;
use muster_core::{Error, Result, Timestamp, Why, text};
use uuid::Uuid;

use crate::App;
use crate::conversations::readable;
use crate::hub::{Heard, Visited};

/// Visits kept of one contact, and how long.
const KEPT: usize = 20;
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
const URL_MAX: usize = 2048;
const TITLE_MAX: usize = 256;
/// Bytes of all visits together. Of whom nothing was heard for longest is forgotten first.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A page that a visitor has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageVisit {
    pub url: String,
    pub title: String,
    pub at: Timestamp,
}

impl PageVisit {
    /// # Errors
    /// [`Error::Invalid`] unless `url` is one of the web of up to 2048 characters and `title` has up to 256.
    fn new(url: &str, title: &str, at: Timestamp) -> Result<Self> {
        let url = text::bounded("url", url, 1, URL_MAX)?;
        let is_web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        if !is_web || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Error::invalid("url", Why::Malformed));
        }
        Ok(Self { url, title: text::bounded("title", title, 0, TITLE_MAX)?, at })
    }

    const fn bytes(&self) -> usize {
        size_of::<Self>() + self.url.len() + self.title.len()
    }
}

/// The visits of all contacts.
#[derive(Debug, Default)]
pub(crate) struct PageVisits(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    of: BTreeMap<ContactId, Pages>,
    /// Contacts by when they were last heard of.
    turns: BTreeMap<u64, ContactId>,
    last_turn: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Pages {
    turn: u64,
    /// The newest first.
    visits: VecDeque<PageVisit>,
}

impl PageVisits {
    fn add(&self, contact: ContactId, visit: PageVisit) {
        self.lock().add(contact, visit);
    }

    /// The newest first.
    fn of(&self, contact: ContactId, now: Timestamp) -> Vec<PageVisit> {
        let book = self.lock();
        let visits = book.of.get(&contact).map(|pages| pages.visits.iter());
        visits.into_iter().flatten().filter(|visit| now.since(visit.at) < KEPT_FOR).cloned().collect()
    }

    /// Drops what an event says is nobody's business any more, or another contact's.
    pub(crate) fn forget(&self, event: &Event) {
        match event {
            Event::ContactErased { contact } | Event::ContactDeleted { contact } => drop(self.lock().remove(*contact)),
            Event::ContactMerged { contact, into } => self.lock().merge(*contact, *into),
            _ => {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn add(&mut self, contact: ContactId, visit: PageVisit) {
        let now = visit.at;
        let mut visits = self.remove(contact);
        visits.push_front(visit);
        visits.retain(|visit| now.since(visit.at) < KEPT_FOR);
        self.put(contact, visits);
    }

    fn merge(&mut self, from: ContactId, into: ContactId) {
        let mut visits = self.remove(from);
        visits.append(&mut self.remove(into));
        visits.make_contiguous().sort_by_key(|visit| std::cmp::Reverse(visit.at));
        self.put(into, visits);
    }

    fn put(&mut self, contact: ContactId, mut visits: VecDeque<PageVisit>) {
        visits.truncate(KEPT);
        if visits.is_empty() {
            return;
        }
        self.last_turn += 1;
        self.bytes += bytes(&visits);
        self.turns.insert(self.last_turn, contact);
        self.of.insert(contact, Pages { turn: self.last_turn, visits });
        while self.bytes > BYTES_MAX
            && let Some((_, longest)) = self.turns.first_key_value()
        {
            self.remove(*longest);
        }
    }

    fn remove(&mut self, contact: ContactId) -> VecDeque<PageVisit> {
        let Some(Pages { turn, visits }) = self.of.remove(&contact) else { return VecDeque::new() };
        self.turns.remove(&turn);
        self.bytes -= bytes(&visits);
        visits
    }
}

fn bytes(visits: &VecDeque<PageVisit>) -> usize {
    visits.iter().map(PageVisit::bytes).sum()
}

impl App {
    /// Notes which page a visitor looks at, and tells the agents who have a conversation of theirs open.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `url` or `title`; [`Error::NotFound`] for a contact who is gone.
    pub async fn visit_page(&self, contact: ContactId, url: &str, title: &str) -> Result<()> {
        let visit = PageVisit::new(url, title, self.now())?;
        self.inner.page_visits.add(contact, visit);
        let visits = self.inner.page_visits.of(contact, self.now()).into();
        let told = self.tell_of_contact(contact, Heard::Visited(Visited { contact, visits })).await;
        if matches!(told, Err(Error::NotFound(_))) {
            // Gone meanwhile: nobody would take it away any more.
            self.inner.page_visits.lock().remove(contact);
        }
        told
    }

    /// The pages that a conversation's contact has looked at within a day, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`muster_core::Refusal::NoAccess`].
    pub async fn page_visits(&self, caller: &Caller, uuid: Uuid) -> Result<Vec<PageVisit>> {
        let actor = std::sync::Arc::new(caller.actor.clone());
        let conversation = self.read(move |tx| {
            let actor = std::sync::Arc::clone(&actor);
            Box::pin(async move { readable(tx, &actor, uuid).await })
        });
        Ok(self.inner.page_visits.of(conversation.await?.contact, self.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn visit(page: usize, seconds: i64) -> PageVisit {
        PageVisit::new(&format!("https://example.com/{page}"), "A page", at(seconds)).unwrap()
    }

    #[test]
    fn twenty_visits_of_a_day_are_kept() {
        let visits = PageVisits::default();
        for page in 0..25 {
            visits.add(ContactId(1), visit(page, 0));
        }
        let urls = |visits: Vec<PageVisit>| visits.into_iter().map(|visit| visit.url).collect::<Vec<_>>();
        let expected: Vec<String> = (5..25).rev().map(|page| format!("https://example.com/{page}")).collect();
        assert_eq!(urls(visits.of(ContactId(1), at(1))), expected);
        assert_eq!(urls(visits.of(ContactId(2), at(1))), Vec::<String>::new());
        visits.add(ContactId(1), visit(99, 86_399));
        assert_eq!(visits.of(ContactId(1), at(86_399)).len(), 20);
        assert_eq!(urls(visits.of(ContactId(1), at(86_400))), ["https://example.com/99"]);
        visits.forget(&Event::ContactErased { contact: ContactId(1) });
        assert_eq!((visits.of(ContactId(1), at(86_400)).len(), visits.lock().bytes), (0, 0));
    }

    #[test]
    fn whoever_turns_out_to_be_known_keeps_their_visits() {
        let visits = PageVisits::default();
        for (contact, page) in [(1, 1), (2, 2), (1, 3)] {
            visits.add(ContactId(contact), visit(page, i64::try_from(page).unwrap()));
        }
        visits.forget(&Event::ContactMerged { contact: ContactId(1), into: ContactId(2) });
        let pages: Vec<i64> = visits.of(ContactId(2), at(3)).iter().map(|visit| visit.at.as_millis() / 1000).collect();
        assert_eq!((pages, visits.of(ContactId(1), at(3)).len()), (vec![3, 2, 1], 0));
    }

    #[test]
    fn all_visits_together_take_a_bounded_room() {
        let visits = PageVisits::default();
        let long = format!("https://example.com/{}", "x".repeat(2000));
        for contact in 0..12_000 {
            visits.add(ContactId(contact), PageVisit::new(&long, "", at(0)).unwrap());
            visits.add(ContactId(0), visit(1, 0));
        }
        let book = visits.lock();
        assert!(book.bytes <= BYTES_MAX && book.bytes > BYTES_MAX - 10_000, "{}", book.bytes);
        assert_eq!(book.bytes, book.of.values().map(|pages| bytes(&pages.visits)).sum::<usize>());
        assert_eq!(book.turns.len(), book.of.len());
        // Whoever goes on looking at pages is not forgotten.
        assert!(book.of.contains_key(&ContactId(0)) && !book.of.contains_key(&ContactId(1)));
    }

    #[test]
    fn only_pages_of_the_web_are_visited() {
        for good in ["https://example.com/", "http://example.com/a?b=c#d"] {
            assert!(PageVisit::new(good, "", at(0)).is_ok(), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(URL_MAX));
        for bad in ["", "example.com", "javascript:alert(1)", "file:///etc", "https://a b", "https://a\0", &long] {
            assert!(PageVisit::new(bad, "", at(0)).is_err(), "{bad}");
        }
        assert!(PageVisit::new("https://example.com", &"x".repeat(TITLE_MAX + 1), at(0)).is_err());
    }
}
