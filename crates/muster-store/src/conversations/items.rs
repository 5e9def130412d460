//! Lists of conversations: which, in what order, and what they show of each.

use muster_core::Result;
use muster_core::access::Scope;
use muster_core::conversation::{Order, OrderBy};
use muster_core::filter::Filter;
use muster_core::id::{AgentId, ContactId, ConversationId, TeamId};
use muster_core::inbox::Medium;
use muster_core::time::Zone;
use muster_core::view::{ConversationItem, Page, PageRequest};

use super::filter::condition as filtered;
use super::{last, mentions, priority};
use crate::db::{Row, SqlBuf, Tx};

/// Which conversations a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    All,
    /// Those assigned to this agent.
    Assigned(AgentId),
    /// Those that neither an agent nor a team is assigned to.
    Unassigned,
    /// Those of this team that nobody is assigned to.
    TeamUnassigned(TeamId),
    /// Those with a message that mentions this agent or one of these teams.
    Mentioning(AgentId, Vec<TeamId>),
}

impl List {
    fn condition(&self, buf: &mut SqlBuf) {
        match self {
            Self::All => buf.push("1 = 1"),
            Self::Assigned(agent) => buf.push("c.assignee_id = ").bind(*agent),
            Self::Unassigned => buf.push("c.assignee_id IS NULL AND c.team_id IS NULL"),
            Self::TeamUnassigned(team) => buf.push("c.assignee_id IS NULL AND c.team_id = ").bind(*team),
            Self::Mentioning(agent, teams) => {
                buf.push("c.id IN (SELECT conversation_id FROM mentions WHERE agent_id = ").bind(*agent);
                if !teams.is_empty() {
                    buf.push(" UNION SELECT conversation_id FROM mentions WHERE team_id IN ");
                    buf.bind_list(teams.iter().copied());
                }
                buf.push(")")
            }
        };
    }
}

/// Which page of what is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    pub list: List,
    /// As far as the reader may see.
    pub scope: Scope,
    pub filter: Filter,
    /// Where the filter's days are.
    pub zone: Zone,
    /// Whose unread messages are counted.
    pub reader: Option<AgentId>,
    pub page: PageRequest,
    pub order: Order,
}

impl Query {
    /// The statement that counts the whole list.
    #[must_use]
    pub fn counting(&self) -> SqlBuf {
        let mut count = SqlBuf::new("SELECT COUNT(*) AS count FROM conversations c");
        self.condition(&mut count);
        count
    }

    /// The statement that reads the page.
    #[must_use]
    pub fn reading(&self) -> SqlBuf {
        let mut select = item_columns(self.reader);
        select.push(" WHERE c.id IN (SELECT c.id FROM conversations c");
        select.push(order_joins(self.order.by));
        self.condition(&mut select);
        order_clause(&mut select, self.order);
        select.push(" LIMIT ").bind(self.page.size).push(" OFFSET ").bind(self.page.offset()).push(")");
        order_clause(&mut select, self.order);
        select
    }

    fn condition(&self, buf: &mut SqlBuf) {
        let mut lead = " WHERE ";
        // Without any condition the engines count fastest.
        if self.list != List::All {
            self.list.condition(buf.push(std::mem::replace(&mut lead, " AND ")));
        }
        if !self.scope.all {
            within(buf.push(std::mem::replace(&mut lead, " AND ")), &self.scope);
        }
        if !self.filter.is_empty() {
            filtered(buf.push(lead), &self.filter, &self.zone);
        }
    }
}

/// One page of a list. The total is that of the whole list, also beyond its last page.
///
/// # Errors
/// As [`Tx::query`].
pub async fn page(tx: &mut Tx, query: &Query) -> Result<Page<ConversationItem>> {
    let total = match tx.query_buf(&query.counting()).await?.first() {
        Some(row) => row.get("count")?,
        None => 0,
    };
    let mut items: Vec<_> = tx.query_buf(&query.reading()).await?.iter().map(item).collect::<Result<_>>()?;
    if let List::Mentioning(agent, teams) = &query.list {
        mentions::put(tx, *agent, teams, &mut items).await?;
    }
    Ok(Page { items, total })
}

/// What lists show of these conversations, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn items(tx: &mut Tx, ids: &[ConversationId], reader: Option<AgentId>) -> Result<Vec<ConversationItem>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = item_columns(reader);
    select.push(" WHERE c.id IN ").bind_list(ids.iter().copied()).push(" ORDER BY c.id");
    tx.query_buf(&select).await?.iter().map(item).collect()
}

/// The latest other conversations of a contact, as far as `scope` reaches, the newest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn previous(
    tx: &mut Tx,
    contact: ContactId,
    but: ConversationId,
    scope: &Scope,
    limit: i64,
) -> Result<Vec<ConversationItem>> {
    let mut select = item_columns(None);
    select.push(" WHERE c.contact_id = ").bind(contact).push(" AND c.id <> ").bind(but).push(" AND ");
    within(&mut select, scope);
    select.push(" ORDER BY c.created_at DESC, c.id DESC LIMIT ").bind(limit);
    tx.query_buf(&select).await?.iter().map(item).collect()
}

/// The condition that a conversation `c` lies within `scope`.
pub(crate) fn within(buf: &mut SqlBuf, scope: &Scope) {
    let Scope { all, assigned_to, teams, team_inboxes, unassigned, contact } = scope;
    if *all {
        buf.push("1 = 1");
        return;
    }
    buf.push("(1 = 0");
    if let Some(agent) = assigned_to {
        buf.push(" OR c.assignee_id = ").bind(*agent);
    }
    if !teams.is_empty() {
        buf.push(" OR c.team_id IN ").bind_list(teams.iter().copied());
    }
    if !team_inboxes.is_empty() {
        buf.push(" OR c.assignee_id IS NULL AND c.team_id IN ").bind_list(team_inboxes.iter().copied());
    }
    if *unassigned {
        buf.push(" OR c.assignee_id IS NULL AND c.team_id IS NULL");
    }
    if let Some((contact, inbox)) = contact {
        buf.push(" OR c.contact_id = ").bind(*contact).push(" AND c.inbox_id = ").bind(*inbox);
    }
    buf.push(")");
}

/// What the inner select needs besides the conversations, to order by it.
const fn order_joins(by: OrderBy) -> &'static str {
    match by {
        OrderBy::StatusName => " JOIN statuses st ON st.id = c.status_id",
        OrderBy::ContactEmail | OrderBy::ContactExternalId => " JOIN contacts ct ON ct.id = c.contact_id",
        _ => "",
    }
}

fn order_clause(buf: &mut SqlBuf, order: Order) {
    let column = match order.by {
        // Without a message a conversation stands by its creation.
        OrderBy::LastMessageAt => "c.sort_at",
        OrderBy::LastInteractionAt => "c.last_interaction_at",
        OrderBy::LastInteractionSender => "c.last_interaction_sender",
        OrderBy::CreatedAt => "c.created_at",
        OrderBy::WaitingSince => "c.waiting_since",
        OrderBy::SnoozedUntil => "c.snoozed_until",
        OrderBy::Priority => "c.priority",
        OrderBy::Status => "c.status_id",
        OrderBy::StatusName => "st.name",
        OrderBy::Team => "c.team_id",
        OrderBy::Assignee => "c.assignee_id",
        OrderBy::Inbox => "c.inbox_id",
        OrderBy::Medium => "c.channel",
        OrderBy::SlaPolicy => "c.sla_policy_id",
        OrderBy::ContactEmail => "ct.email",
        OrderBy::ContactExternalId => "ct.external_id",
    };
    let direction = if order.descending { " DESC" } else { " ASC" };
    buf.push(" ORDER BY ").push(column).push(direction);
    if order.by != OrderBy::LastMessageAt {
        buf.push(" NULLS LAST");
    }
    buf.push(", c.id").push(direction);
}

fn item_columns(reader: Option<AgentId>) -> SqlBuf {
    let mut select = SqlBuf::new(
        "SELECT c.id, c.uuid, c.number, c.contact_id, ct.created_at AS contact_created_at,
           ct.updated_at AS contact_updated_at, ct.first_name, ct.last_name, ct.email, ct.avatar_url, c.inbox_id,
           i.name AS inbox_name, c.channel, st.name AS status_name, c.priority, c.sla_policy_id, c.subject, c.assignee_id,
           c.team_id, c.waiting_since, c.first_reply_at, c.last_reply_at, c.resolved_at, c.last_message,
           c.last_message_at, c.last_message_sender, c.last_interaction, c.last_interaction_at,
           c.last_interaction_sender, c.created_at, c.updated_at, c.last_seq - COALESCE(seen.seq, 0) AS unread
         FROM conversations c JOIN contacts ct ON ct.id = c.contact_id JOIN inboxes i ON i.id = c.inbox_id
           JOIN statuses st ON st.id = c.status_id
           LEFT JOIN last_seen seen ON seen.conversation_id = c.id AND seen.agent_id = ",
    );
    select.bind(reader.map_or(0, |agent| agent.0));
    select
}

fn item(row: &Row) -> Result<ConversationItem> {
    Ok(ConversationItem {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        number: row.get("number")?,
        contact: row.get("contact_id")?,
        contact_created_at: row.get("contact_created_at")?,
        contact_updated_at: row.get("contact_updated_at")?,
        contact_first_name: row.get("first_name")?,
        contact_last_name: row.get("last_name")?,
        contact_email: row.get("email")?,
        contact_avatar_url: row.get("avatar_url")?,
        inbox: row.get("inbox_id")?,
        inbox_name: row.get("inbox_name")?,
        medium: row.get_word("channel", Medium::parse)?,
        status_name: row.get("status_name")?,
        priority: priority(row)?,
        sla_policy: row.get("sla_policy_id")?,
        subject: row.get("subject")?,
        assignee: row.get("assignee_id")?,
        team: row.get("team_id")?,
        waiting_since: row.get("waiting_since")?,
        first_reply_at: row.get("first_reply_at")?,
        last_reply_at: row.get("last_reply_at")?,
        resolved_at: row.get("resolved_at")?,
        last_message: last(row, "last_message", "last_message_at", "last_message_sender")?,
        last_interaction: last(row, "last_interaction", "last_interaction_at", "last_interaction_sender")?,
        unread: row.get("unread")?,
        mentioned_in: None,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
