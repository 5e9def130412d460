//! Who hears which event.

use muster_core::access::may_read;
use muster_core::actor::Actor;
use muster_core::event::Event;

use super::Notice;

/// Whether `actor` hears of it: agents of conversations that they may read or could before, of the contacts in them, of
/// each other's presence, and each of the own notifications; visitors of what is public in their own conversations. Changes
/// of accounts and rights are nobody's news.
pub(super) fn hears(actor: &Actor, notice: &Notice) -> bool {
    let event = &notice.record.event;
    if matches!(event, Event::PresenceChanged { .. }) {
        return matches!(actor, Actor::Agent(_));
    }
    if let Event::NotificationCreated { agent, .. } = event {
        return matches!(actor, Actor::Agent(reader) if reader.id == *agent) && may_see(actor, notice);
    }
    if matches!(actor, Actor::Visitor { .. }) && !is_public(event) {
        return false;
    }
    if let Some(news) = &notice.contact {
        return news.conversations.iter().any(|(_, subject)| may_read(actor, subject));
    }
    is_readable(actor, notice) || notice.before.is_some_and(|subject| may_read(actor, &subject))
}

/// The same without what `actor` could read before and may not read now.
pub(super) fn hears_now(actor: &Actor, notice: &Notice) -> bool {
    hears(actor, notice) && (notice.before.is_none() || is_readable(actor, notice))
}

fn is_readable(actor: &Actor, notice: &Notice) -> bool {
    notice.subject.is_some_and(|subject| may_read(actor, &subject))
}

/// Whether the notification is still there, and about nothing that `actor` may not read.
fn may_see(actor: &Actor, notice: &Notice) -> bool {
    let view = notice.notification.as_ref();
    view.is_some_and(|view| view.subject.is_none_or(|subject| may_read(actor, &subject)))
}

/// Whether the customer may know: no notes, no activities, nothing of how the desk works.
const fn is_public(event: &Event) -> bool {
    matches!(
        event,
        Event::MessageReceived { .. }
            | Event::MessageSent { .. }
            | Event::ConversationCreated { .. }
            | Event::ConversationAssigned { .. }
            | Event::ConversationUnassigned { .. }
            | Event::ConversationTeamChanged { .. }
            | Event::ConversationStatusChanged { .. }
    )
}
