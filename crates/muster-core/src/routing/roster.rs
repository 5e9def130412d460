use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::board::Demand;
use super::eligible::{account, channel, is_full, meets, membership, room, there};
use super::set::Set;
use super::verdicts::Verdicts;
use super::{Board, Candidate, Policy, Reason, Reasons, TeamRules};
use crate::id::{AgentId, SkillId, TeamId};
use crate::inbox::Medium;
use crate::skill::RequiredSkill;
use crate::time::Timestamp;

/// The lines of the predicate in the order of [`eligible`](super::eligible()).
#[derive(Clone, Copy)]
enum Stage {
    Account,
    Membership,
    Skills,
    Channel,
    There,
    Room,
    /// About one entry of the queue, so not judged here: whoever gets this far is in the pool.
    Exclusion,
}

impl Stage {
    const ALL: [Self; 7] =
        [Self::Account, Self::Membership, Self::Skills, Self::Channel, Self::There, Self::Room, Self::Exclusion];
}

/// What all conversations of a team and medium have in common: each set holds those of the set
/// before who pass one line more, skills apart.
struct Ground<'a> {
    team: Option<TeamId>,
    rules: Option<&'a TeamRules>,
    medium: Medium,
    members: Set,
    channel: Set,
    there: Set,
    room: Set,
}

/// What one line of the queue asks for, as sets.
pub(super) struct Need<'a> {
    pub(super) demand: &'a Demand,
    /// Index of its [`Ground`].
    ground: usize,
    /// Who holds every skill asked for.
    holders: Rc<Set>,
}

/// The agents of a board in one round: the predicate's lines judged once for everybody and kept as
/// sets, and a working copy of whoever is given something.
pub(super) struct Roster<'a> {
    board: &'a Board,
    policy: &'a Policy,
    now: Timestamp,
    /// In order of id.
    agents: Vec<Cow<'a, Candidate>>,
    everybody: Rc<Set>,
    account: Verdicts,
    there: Verdicts,
    channel: BTreeMap<Medium, Verdicts>,
    membership: BTreeMap<Option<TeamId>, Verdicts>,
    levels: BTreeMap<SkillId, Vec<(usize, u8)>>,
    holders: BTreeMap<RequiredSkill, Rc<Set>>,
    full: Set,
    grounds: Vec<Ground<'a>>,
}

impl<'a> Roster<'a> {
    pub(super) fn new(board: &'a Board, policy: &'a Policy, now: Timestamp) -> Self {
        let agents: Vec<_> = board.agents().map(Cow::Borrowed).collect();
        let channels = Medium::ALL.iter().map(|medium| (*medium, Verdicts::judge(&agents, |a| channel(a, *medium))));
        let mut full = Set::empty(agents.len());
        for (at, _) in agents.iter().enumerate().filter(|(_, agent)| is_full(agent, policy)) {
            full.insert(at);
        }
        let mut roster = Self {
            everybody: Rc::new(Set::everybody(agents.len())),
            account: Verdicts::judge(&agents, account),
            there: Verdicts::judge(&agents, |agent| there(agent, policy, now)),
            channel: channels.collect(),
            membership: BTreeMap::new(),
            levels: BTreeMap::new(),
            holders: BTreeMap::new(),
            full,
            grounds: Vec::new(),
            board,
            policy,
            now,
            agents,
        };
        roster.judge_teams();
        roster.list_levels();
        roster
    }

    /// Judges membership for the teams that something waits for.
    fn judge_teams(&mut self) {
        let mut teams: Vec<Option<TeamId>> = self.board.lines().map(|(demand, _)| demand.team).collect();
        teams.dedup();
        for team in teams {
            let verdicts = match team {
                Some(id) if self.board.team(id).is_some_and(|rules| rules.open) => {
                    Verdicts::all_missed(Reason::NotMember, self.agents.len())
                }
                _ => Verdicts::judge(&self.agents, |agent| membership(agent, team, None)),
            };
            self.membership.insert(team, verdicts);
        }
        for (at, agent) in self.agents.iter().enumerate() {
            for seat in &agent.memberships {
                let rules = self.board.team(seat.team).filter(|rules| rules.open);
                let verdicts = self.membership.get_mut(&Some(seat.team));
                if let (Some(rules), Some(verdicts)) = (rules, verdicts) {
                    verdicts.replace(at, self.agents.len(), membership(agent, Some(seat.team), Some(rules)));
                }
            }
        }
    }

    fn list_levels(&mut self) {
        for (at, agent) in self.agents.iter().enumerate() {
            for (skill, level) in &agent.levels {
                self.levels.entry(*skill).or_default().push((at, *level));
            }
        }
    }

    pub(super) fn board(&self) -> &'a Board {
        self.board
    }

    pub(super) fn policy(&self) -> &'a Policy {
        self.policy
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn len(&self) -> usize {
        self.agents.len()
    }

    pub(super) fn agent(&self, at: usize) -> &Candidate {
        &self.agents[at]
    }

    pub(super) fn find(&self, id: AgentId) -> Option<usize> {
        self.agents.binary_search_by_key(&id, |agent| agent.id).ok()
    }

    /// Works out who comes into question for a line. Cheapest when lines come in order.
    pub(super) fn need(&mut self, demand: &'a Demand) -> Need<'a> {
        let known = self.grounds.last().is_some_and(|last| (last.team, last.medium) == (demand.team, demand.medium));
        if !known {
            self.grounds.push(self.ground(demand));
        }
        let mut holders = Rc::clone(&self.everybody);
        for (at, asked) in demand.skills.iter().enumerate() {
            let of_this = self.holders(asked);
            holders = if at == 0 { of_this } else { Rc::new(holders.and(&of_this)) };
        }
        Need { demand, ground: self.grounds.len() - 1, holders }
    }

    fn holders(&mut self, asked: &RequiredSkill) -> Rc<Set> {
        if let Some(known) = self.holders.get(asked) {
            return Rc::clone(known);
        }
        let mut set = Set::empty(self.agents.len());
        let holders = self.levels.get(&asked.skill).into_iter().flatten();
        holders.filter(|(_, level)| meets(*level, asked)).for_each(|(at, _)| set.insert(*at));
        let set = Rc::new(set);
        self.holders.insert(asked.clone(), Rc::clone(&set));
        set
    }

    fn ground(&self, demand: &Demand) -> Ground<'a> {
        let rules = demand.team.and_then(|team| self.board.team(team));
        let members = self.membership[&demand.team].pass.and(&self.account.pass);
        let channel = members.and(&self.channel[&demand.medium].pass);
        let there = channel.and(&self.there.pass);
        let mut with_room = there.clone();
        there
            .iter()
            .filter(|at| room(self.agent(*at), rules, self.policy).is_err())
            .for_each(|at| with_room.remove(at));
        Ground { team: demand.team, rules, medium: demand.medium, members, channel, there, room: with_room }
    }

    /// Counts one more conversation on an agent's working copy.
    pub(super) fn take(&mut self, at: usize, team: Option<TeamId>) {
        let agent = self.agents[at].to_mut();
        agent.take(team, self.now);
        let full = is_full(agent, self.policy);
        if full {
            self.full.insert(at);
        }
        for ground in self.grounds.iter_mut().filter(|ground| full || ground.team == team) {
            if room(agent, ground.rules, self.policy).is_err() {
                ground.room.remove(at);
            }
        }
    }

    /// Whether anybody may be given what waits in the line, exclusions apart.
    pub(super) fn is_served(&self, need: &Need<'_>) -> bool {
        self.is_reached(Stage::Exclusion, need)
    }

    /// Everybody who may be given what waits in the line, exclusions apart.
    pub(super) fn pool(&self, need: &Need<'_>) -> Set {
        self.reached(Stage::Exclusion, need)
    }

    /// Drops those who have no room any more from the line's pool.
    pub(super) fn refresh(&self, need: &Need<'_>, pool: &mut Set) {
        pool.keep(&self.grounds[need.ground].room);
    }

    /// What keeps those who came closest from an entry of this line: the distinct reasons of those
    /// who passed the most lines. Whoever passed all can only be excluded from the entry. Empty if
    /// there are no agents.
    pub(super) fn nearest(&self, need: &Need<'_>) -> Reasons {
        let last = Stage::ALL.into_iter().rev().find(|stage| self.is_reached(*stage, need));
        let missed = last.map(|stage| self.missed(stage, need));
        missed.into_iter().flatten().map(|(reason, _)| reason).collect()
    }

    /// Everybody who isn't in the line's pool, by the first reason: those who came closest first.
    pub(super) fn misses(&self, need: &Need<'_>) -> Vec<(Reason, Set)> {
        let judged = Stage::ALL.into_iter().rev().filter(|stage| !matches!(stage, Stage::Exclusion));
        judged.flat_map(|stage| self.missed(stage, need)).collect()
    }

    /// Two sets: who is in both passes every stage before `stage`.
    fn bounds<'s>(&'s self, stage: Stage, need: &'s Need<'_>) -> (&'s Set, &'s Set) {
        let ground = &self.grounds[need.ground];
        match stage {
            Stage::Account => (&self.everybody, &self.everybody),
            Stage::Membership => (&self.account.pass, &self.everybody),
            Stage::Skills => (&ground.members, &self.everybody),
            Stage::Channel => (&ground.members, &need.holders),
            Stage::There => (&ground.channel, &need.holders),
            Stage::Room => (&ground.there, &need.holders),
            Stage::Exclusion => (&ground.room, &need.holders),
        }
    }

    fn is_reached(&self, stage: Stage, need: &Need<'_>) -> bool {
        let (a, b) = self.bounds(stage, need);
        a.intersects(b)
    }

    fn reached(&self, stage: Stage, need: &Need<'_>) -> Set {
        let (a, b) = self.bounds(stage, need);
        a.and(b)
    }

    /// Those who come as far as `stage` and no further, by reason.
    fn missed(&self, stage: Stage, need: &Need<'_>) -> Vec<(Reason, Set)> {
        let reached = self.reached(stage, need);
        match stage {
            Stage::Account => self.account.missed_by(&reached),
            Stage::Membership => self.membership[&need.demand.team].missed_by(&reached),
            Stage::Skills => self.missed_skills(need, reached),
            Stage::Channel => self.channel[&need.demand.medium].missed_by(&reached),
            Stage::There => self.there.missed_by(&reached),
            Stage::Room => {
                let without_room = reached.without(&self.grounds[need.ground].room);
                let full = (Reason::Full, without_room.and(&self.full));
                let full_in_team = (Reason::FullInTeam, without_room.without(&self.full));
                [full, full_in_team].into_iter().filter(|(_, set)| !set.is_empty()).collect()
            }
            Stage::Exclusion => vec![(Reason::Excluded, reached)],
        }
    }

    fn missed_skills(&self, need: &Need<'_>, mut left: Set) -> Vec<(Reason, Set)> {
        let mut missed = Vec::new();
        for asked in &need.demand.skills {
            let holders = &self.holders[asked];
            let without = left.without(holders);
            if !without.is_empty() {
                missed.push((Reason::Skill(asked.skill), without));
            }
            left.keep(holders);
        }
        missed
    }
}
