//! Asking customers how it was, and taking their answers.

use std::sync::Arc;

use muster_core::actor::Actor;
use muster_core::contact::Contact;
use muster_core::conversation::Conversation;
use muster_core::event::Event;
use muster_core::id::SurveyId;
use muster_core::inbox::{Inbox, Medium};
use muster_core::message::{Author, MessageKind};
use muster_core::survey::{Answer, Survey, question};
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::db::Tx;
use muster_store::{contacts, conversations, inboxes, surveys};
use uuid::Uuid;

use crate::auth::Origin;
use crate::messages::{NewMessage, append};
use crate::{App, Work};

/// A survey and the inbox whose customers it asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub survey: Survey,
    pub inbox: Inbox,
}

impl App {
    /// The survey of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`], also if its contact was erased or its inbox deleted; [`Refusal::Blocked`].
    pub async fn survey(&self, uuid: Uuid) -> Result<Asked> {
        self.read(move |tx| {
            Box::pin(async move {
                let survey = found(surveys::find_by_uuid(tx, uuid).await?)?;
                let conversation = absent_too(conversations::conversation(tx, survey.conversation).await)?;
                respondent(tx, &conversation).await?;
                let inbox = absent_too(inboxes::inbox(tx, conversation.inbox).await)?;
                Ok(Asked { survey, inbox })
            })
        })
        .await
    }

    /// Takes the answer of whoever knows a survey's name, once.
    ///
    /// # Errors
    /// As [`App::survey`]; [`Error::Conflict`] if there is an answer.
    pub async fn answer_survey(&self, origin: &Origin, uuid: Uuid, answer: Answer) -> Result<()> {
        let answer = Arc::new(answer);
        self.write(&origin.caller(Actor::System), move |work| {
            let answer = Arc::clone(&answer);
            Box::pin(async move { take_answer(work, uuid, &answer).await })
        })
        .await
    }
}

/// The conversation's lock keeps its contact from being erased meanwhile.
async fn take_answer(work: &mut Work<'_>, uuid: Uuid, answer: &Answer) -> Result<()> {
    let survey = found(surveys::find_by_uuid(work.tx, uuid).await?)?;
    let conversation = absent_too(conversations::lock(work.tx, survey.conversation).await)?;
    let contact = respondent(work.tx, &conversation).await?;
    if !surveys::answer(work.tx, survey.id, answer, work.now).await? {
        return Err(Error::Conflict(Entity::Survey));
    }
    work.act_as(Actor::Visitor { contact: contact.id, inbox: conversation.inbox });
    let Survey { id: survey, message, .. } = survey;
    work.record(Event::SurveyAnswered { conversation: conversation.id, survey, message });
    Ok(())
}

/// Who is asked, if they are still known and welcome.
async fn respondent(tx: &mut Tx, conversation: &Conversation) -> Result<Contact> {
    let contact = absent_too(contacts::contact(tx, conversation.contact).await)?;
    if contact.blocked { Err(Refusal::Blocked.into()) } else { Ok(contact) }
}

fn found(survey: Option<Survey>) -> Result<Survey> {
    survey.ok_or(Error::NotFound(Entity::Survey))
}

/// What belongs to a survey and is gone takes the survey along.
fn absent_too<T>(result: Result<T>) -> Result<T> {
    match result {
        Err(Error::NotFound(_)) => Err(Error::NotFound(Entity::Survey)),
        other => other,
    }
}

/// Asks the customer of a conversation that was just resolved, if the inbox wants it and nobody asked before. By chat,
/// where the question stands in the thread.
pub(crate) async fn ask(work: &mut Work<'_>, conversation: &mut Conversation) -> Result<()> {
    if conversation.medium != Medium::Chat || !is_wanted(work.tx, conversation).await? {
        return Ok(());
    }
    let asking = NewMessage::new(MessageKind::Outgoing, Author::System, question());
    let message = append(work, conversation, asking).await?;
    let survey = Survey {
        id: SurveyId(0),
        uuid: work.draw.uuid(),
        conversation: conversation.id,
        message: Some(message.id),
        rating: None,
        feedback: None,
        fields: std::collections::BTreeMap::new(),
        created_at: work.now,
        responded_at: None,
    };
    let survey = surveys::insert(work.tx, &survey).await?;
    work.record(Event::SurveyRequested { conversation: conversation.id, survey });
    Ok(())
}

async fn is_wanted(tx: &mut Tx, conversation: &Conversation) -> Result<bool> {
    let inbox = match inboxes::inbox(tx, conversation.inbox).await {
        Ok(inbox) => inbox,
        Err(Error::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !inbox.csat_enabled || surveys::find_of(tx, conversation.id).await?.is_some() {
        return Ok(false);
    }
    match contacts::contact(tx, conversation.contact).await {
        Ok(contact) => Ok(!contact.blocked),
        Err(Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
