//! Notifications: what agents are told of in the transaction in which it happened, and how they read it.

use std::sync::Arc;

use muster_core::access::Scope;
use muster_core::actor::{Actor, Caller};
use muster_core::conversation::Conversation;
use muster_core::event::Event;
use muster_core::id::{AgentId, NotificationId};
use muster_core::notification::{NotificationCounts, NotificationKind, NotificationView, assignment_title};
use muster_core::{Entity, Error, Result};
use muster_store::notifications::{self, NewNotification};

use crate::{App, Work};

impl App {
    /// Some of the caller's own notifications, the newest first. Those about conversations that the caller may not
    /// read any more are left out.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents.
    pub async fn notifications(&self, caller: &Caller, limit: i64, offset: i64) -> Result<Vec<NotificationView>> {
        let agent = caller.actor.agent()?.id;
        let scope = Arc::new(Scope::of(&caller.actor));
        self.read(move |tx| {
            let scope = Arc::clone(&scope);
            Box::pin(async move { notifications::list(tx, agent, &scope, limit, offset).await })
        })
        .await
    }

    /// How many there are in [`App::notifications`].
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents.
    pub async fn count_notifications(&self, caller: &Caller) -> Result<NotificationCounts> {
        let agent = caller.actor.agent()?.id;
        let scope = Arc::new(Scope::of(&caller.actor));
        self.read(move |tx| {
            let scope = Arc::clone(&scope);
            Box::pin(async move { notifications::count(tx, agent, &scope).await })
        })
        .await
    }

    /// Marks one of the caller's own notifications as read.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's; [`Error::Unauthenticated`] for others than agents.
    pub async fn read_notification(&self, caller: &Caller, id: NotificationId) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                found(notifications::mark_read(work.tx, agent, id, work.now).await?)
            })
        })
        .await
    }

    /// Marks all of the caller's own notifications as read.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents.
    pub async fn read_all_notifications(&self, caller: &Caller) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                notifications::mark_all_read(work.tx, agent, work.now).await
            })
        })
        .await
    }

    /// Deletes one of the caller's own notifications.
    ///
    /// # Errors
    /// As [`App::read_notification`].
    pub async fn delete_notification(&self, caller: &Caller, id: NotificationId) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                found(notifications::delete(work.tx, agent, id).await?)
            })
        })
        .await
    }

    /// Deletes all of the caller's own notifications.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents.
    pub async fn delete_notifications(&self, caller: &Caller) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                notifications::delete_of_agent(work.tx, agent).await
            })
        })
        .await
    }
}

fn found(is_own: bool) -> Result<()> {
    if is_own { Ok(()) } else { Err(Error::NotFound(Entity::Notification)) }
}

/// Tells agents something, and their sockets of it.
pub(crate) async fn notify(work: &mut Work<'_>, new: &NewNotification) -> Result<()> {
    for (notification, agent) in notifications::insert(work.tx, new, work.now).await? {
        work.record(Event::NotificationCreated { notification, agent });
    }
    Ok(())
}

/// Tells an agent of a conversation that was assigned to them, unless they did it themselves.
pub(crate) async fn of_assignment(work: &mut Work<'_>, conversation: &Conversation, to: AgentId) -> Result<()> {
    let actor = work.actor().agent().ok().map(|agent| agent.id);
    if actor == Some(to) {
        return Ok(());
    }
    let by = match work.actor() {
        Actor::System | Actor::Visitor { .. } => None,
        Actor::Agent(_) | Actor::Integration(_) | Actor::Operator => Some(work.actor().name()),
    };
    let told = NewNotification {
        agents: vec![to],
        kind: NotificationKind::Assignment,
        title: assignment_title(by, &conversation.number),
        body: conversation.subject.clone(),
        conversation: Some(conversation.id),
        message: None,
        actor,
    };
    notify(work, &told).await
}
