use std::collections::BTreeMap;

use super::{Explanation, Ranked};
use crate::id::SkillId;
use crate::routing::Reason;

impl Explanation {
    /// Says it in plain words, a line for each agent: first the candidates in order, then the
    /// others with what keeps them from it.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.manual {
            lines.push("People take these conversations themselves; the router gives none out.".to_owned());
        }
        lines.extend(self.candidates.iter().map(|candidate| self.candidate_in_words(candidate)));
        let unnamed = self.candidate_count.saturating_sub(self.candidates.len());
        if unnamed > 0 {
            lines.push(format!("{unnamed} more could take it."));
        }
        for excluded in &self.excluded {
            lines.push(format!("{}: {}", excluded.name, self.reason_in_words(excluded.reason)));
        }
        lines.extend(self.unnamed_in_words());
        if self.candidate_count == 0 && self.excluded_counts.is_empty() {
            lines.push("There are no agents.".to_owned());
        }
        lines
    }

    fn candidate_in_words(&self, candidate: &Ranked) -> String {
        let mut facts = Vec::new();
        if candidate.preferred {
            facts.push("preferred".to_owned());
        }
        facts.push(match candidate.load {
            0 => "no open conversation".to_owned(),
            1 => "1 open conversation".to_owned(),
            load => format!("{load} open conversations"),
        });
        for (asked, level) in self.skills.iter().zip(&candidate.levels) {
            facts.push(format!("{} {level}", self.skill_in_words(asked.skill)));
        }
        if let Some(order) = candidate.order {
            facts.push(format!("order {order} in the team"));
        }
        if let Some(count) = candidate.assignment_count {
            facts.push(format!("given {count} in the team so far"));
        }
        facts.push(match candidate.last_assigned_at {
            Some(at) => format!("last given one at {at}"),
            None => "never given one before".to_owned(),
        });
        format!("{}: {}", candidate.name, facts.join(", "))
    }

    fn unnamed_in_words(&self) -> impl Iterator<Item = String> {
        let mut left: BTreeMap<Reason, usize> = self.excluded_counts.clone();
        for excluded in &self.excluded {
            left.entry(excluded.reason).and_modify(|count| *count = count.saturating_sub(1));
        }
        left.into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(reason, count)| format!("{count} more: {}", self.reason_in_words(reason)))
    }

    fn skill_in_words(&self, skill: SkillId) -> String {
        let name = self.skills.iter().find(|asked| asked.skill == skill).and_then(|asked| asked.name.clone());
        name.unwrap_or_else(|| format!("skill {skill}"))
    }

    fn reason_in_words(&self, reason: Reason) -> String {
        let fixed = match reason {
            Reason::Skill(skill) => return self.missing_skill_in_words(skill),
            Reason::Gone => "the account was deleted",
            Reason::Disabled => "the account is disabled",
            Reason::Locked => "the account is locked",
            Reason::NotServing => "takes no customer work",
            Reason::MayNotReply => "may not reply to customers",
            Reason::TeamClosed => "the team is disabled, archived or gone",
            Reason::NotMember if self.team.is_none() => "may not read conversations without a team",
            Reason::NotMember => "not a member of the team",
            Reason::Analyst => "only an analyst in the team",
            Reason::Channel => "not set to text conversations",
            Reason::Paused => "paused",
            Reason::Reassigning => "giving work away",
            Reason::Idle => "idle",
            Reason::WrapUp => "finishing the last conversation",
            Reason::Absent => "not signed in",
            Reason::DeclaredOnly => "said to be there, but not signed in",
            Reason::Full => "no room for another conversation",
            Reason::FullInTeam => "no room for another conversation of this team",
            Reason::Excluded => "gave it back a moment ago",
        };
        fixed.to_owned()
    }

    fn missing_skill_in_words(&self, skill: SkillId) -> String {
        let name = self.skill_in_words(skill);
        match self.skills.iter().find(|asked| asked.skill == skill) {
            Some(asked) if asked.level > 1 => format!("{name} is missing or below {}", asked.level),
            _ => format!("{name} is missing"),
        }
    }
}
