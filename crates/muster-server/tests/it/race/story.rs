//! The committed events, told again from the first to the last: what they say must be possible.

use std::collections::{BTreeMap, BTreeSet};

use muster_core::event::{AssignedHow, Event, EventRecord, UnassignedWhy};
use muster_core::id::{AgentId, ConversationId, TeamId};
use muster_store::{Store, outbox, sql};

use super::BROKEN;
use super::cast::{CAP, CAPPED};

/// Events read at a time.
const BATCH: i64 = 1000;
/// The room of an agent that has no capacity set.
const ROOM: i64 = 99;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    is_open: bool,
    assignee: Option<AgentId>,
    team: Option<TeamId>,
}

/// Where the events told so far have led.
#[derive(Debug, Default)]
pub(super) struct Story {
    conversations: BTreeMap<ConversationId, Told>,
    capacity: BTreeMap<AgentId, i64>,
    /// Open conversations held.
    load: BTreeMap<AgentId, i64>,
    /// Open conversations held, of one team.
    team_load: BTreeMap<(AgentId, TeamId), i64>,
    members: BTreeSet<(AgentId, TeamId)>,
    capped: Option<TeamId>,
    /// How often each thing happened.
    counts: BTreeMap<&'static str, usize>,
}

impl Story {
    pub(super) async fn read(store: &Store) -> Self {
        let mut story = Self { capped: capped(store).await, ..Self::default() };
        let mut position = 0;
        loop {
            let events = store.read(move |tx| Box::pin(outbox::events_after(tx, position, BATCH))).await.unwrap();
            if events.is_empty() {
                return story;
            }
            for record in events {
                position += 1;
                assert_eq!(record.position, position, "{BROKEN} positions have a gap");
                story.tell(&record);
            }
        }
    }

    fn tell(&mut self, record: &EventRecord) {
        let at = record.position;
        match record.event {
            Event::AgentCapacityChanged { agent, after, .. } => {
                self.capacity.insert(agent, after.map_or(ROOM, i64::from));
            }
            Event::MembershipAdded { team, agent } => drop(self.members.insert((agent, team))),
            Event::MembershipRemoved { team, agent } => drop(self.members.remove(&(agent, team))),
            Event::ConversationCreated { conversation, .. } => self.turn(conversation, |told| told.is_open = true),
            Event::ConversationQueued { conversation, team } => self.turn(conversation, |told| told.team = team),
            Event::ConversationTeamChanged { conversation, before, after } => self.turn(conversation, |told| {
                assert_eq!(told.team, before, "{BROKEN} {conversation} changed from a team it was not in, at {at}");
                told.team = after;
            }),
            Event::ConversationAssigned { conversation, agent, how } => self.assign(at, conversation, agent, how),
            Event::ConversationUnassigned { conversation, agent, why } => {
                self.count(why.as_str());
                self.turn(conversation, |told| {
                    let was = told.assignee.take();
                    assert_eq!(
                        was,
                        Some(agent),
                        "{BROKEN} {conversation} was taken from one who did not have it, at {at}"
                    );
                });
            }
            Event::ConversationParked { conversation, .. }
            | Event::ConversationResolved { conversation }
            | Event::ConversationClosed { conversation } => {
                self.count(record.event.name());
                self.turn(conversation, |told| told.is_open = false);
            }
            Event::ConversationResumed { conversation } | Event::ConversationReopened { conversation } => {
                self.count(record.event.name());
                self.turn(conversation, |told| told.is_open = true);
            }
            _ => self.count(record.event.name()),
        }
    }

    fn assign(&mut self, at: i64, conversation: ConversationId, agent: AgentId, how: AssignedHow) {
        self.count(how.as_str());
        self.turn(conversation, |told| {
            let other = told.assignee.replace(agent);
            assert_eq!(other, None, "{BROKEN} {conversation} was given to {agent} while another had it, at {at}");
        });
        let told = self.conversations[&conversation];
        if !told.is_open {
            return;
        }
        let (load, room) = (self.load[&agent], self.capacity.get(&agent).copied().unwrap_or(ROOM));
        assert!(load <= room, "{BROKEN} {agent} got {load} of {room} open conversations, at {at}");
        if let Some(team) =
            told.team.filter(|team| Some(*team) == self.capped && self.members.contains(&(agent, *team)))
        {
            let load = self.team_load[&(agent, team)];
            assert!(load <= CAP, "{BROKEN} {agent} got {load} of {CAP} open conversations of a team, at {at}");
        }
    }

    /// Changes a conversation and, with it, what its agent holds.
    fn turn(&mut self, conversation: ConversationId, change: impl FnOnce(&mut Told)) {
        let mut told = self.conversations.get(&conversation).copied().unwrap_or_default();
        self.hold(told, -1);
        change(&mut told);
        self.hold(told, 1);
        self.conversations.insert(conversation, told);
    }

    fn hold(&mut self, told: Told, by: i64) {
        let Some(agent) = told.assignee.filter(|_| told.is_open) else { return };
        *self.load.entry(agent).or_default() += by;
        if let Some(team) = told.team {
            *self.team_load.entry((agent, team)).or_default() += by;
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// The last event has led to what stands in the tables.
    pub(super) async fn assert_ends_as(&self, store: &Store) {
        let select = sql!("SELECT id, category, assignee_id, team_id FROM conversations");
        let rows = store.read(move |tx| Box::pin(tx.query(select, &[]))).await.unwrap();
        assert_eq!(rows.len(), self.conversations.len());
        for row in rows {
            let id = row.get("id").unwrap();
            let stands = Told {
                is_open: row.get_str("category").unwrap() == "open",
                assignee: row.get("assignee_id").unwrap(),
                team: row.get("team_id").unwrap(),
            };
            assert_eq!(self.conversations.get(&id), Some(&stands), "{BROKEN} the events of {id} tell something else");
        }
    }

    /// Everything that can get in the way of something else has happened.
    pub(super) fn assert_was_a_race(&self) {
        let how = [AssignedHow::Router, AssignedHow::Taken, AssignedHow::Given].map(AssignedHow::as_str);
        let why = [
            UnassignedWhy::Reassigned,
            UnassignedWhy::Returned,
            UnassignedWhy::TeamChanged,
            UnassignedWhy::Disabled,
            UnassignedWhy::Locked,
            UnassignedWhy::Reassigning,
        ]
        .map(UnassignedWhy::as_str);
        let other = [
            "conversation.parked",
            "conversation.resumed",
            "conversation.resolved",
            "conversation.reopened",
            "conversation.priority_changed",
            "presence.changed",
            "agent.skills_changed",
            "membership.changed",
            "team.updated",
            "message.sent",
        ];
        let missing = how.iter().chain(&why).chain(&other).filter(|what| !self.counts.contains_key(**what));
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new(), "{:?}", self.counts);
    }
}

async fn capped(store: &Store) -> Option<TeamId> {
    let select = sql!("SELECT id, name FROM teams");
    let rows = store.read(move |tx| Box::pin(tx.query(select, &[]))).await.unwrap();
    rows.iter().find(|row| row.get_str("name").is_ok_and(|name| name == CAPPED)).map(|row| row.get("id").unwrap())
}
