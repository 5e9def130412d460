-- Ids and instants are whole numbers (milliseconds since 1970, UTC), JSON is text, and *_key columns
-- hold folded text (NFKC, trimmed, lower case) computed by the program.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- People: agents and contacts draw their ids from one sequence.

CREATE TABLE agents (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    phone_country TEXT,
    phone_calling_code TEXT,
    phone_number TEXT,
    country TEXT,
    avatar_url TEXT,
    job_description TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    serves INTEGER NOT NULL,
    login_using_email INTEGER NOT NULL,
    must_change_password INTEGER NOT NULL,
    capacity INTEGER,
    rank INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    auto_answer TEXT NOT NULL,
    call_controls TEXT NOT NULL,
    sip_location TEXT,
    screen_recording INTEGER NOT NULL,
    agent_data TEXT,
    external_id TEXT,
    attributes TEXT NOT NULL,
    skill_attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_active_at INTEGER,
    last_login_at INTEGER,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_by_deleted_login ON agents (login_key) WHERE deleted_at IS NOT NULL;
CREATE INDEX agents_by_update ON agents (updated_at, id);

-- Logins and e-mails of all live agents are one name space.
CREATE TABLE sign_in_names (
    name_key TEXT PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    is_login INTEGER NOT NULL,
    is_email INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_names_by_agent ON sign_in_names (agent_id);

CREATE TABLE agent_state (
    agent_id INTEGER PRIMARY KEY REFERENCES agents (id),
    epoch INTEGER NOT NULL,
    intent TEXT NOT NULL,
    pause_reason TEXT,
    pause_note TEXT,
    link TEXT NOT NULL,
    lease_until INTEGER,
    idle INTEGER NOT NULL,
    dnd INTEGER NOT NULL,
    mode TEXT,
    phone TEXT,
    wrap_up_until INTEGER,
    load INTEGER NOT NULL,
    last_assigned_at INTEGER,
    state_since INTEGER NOT NULL,
    declared_by INTEGER
) STRICT;
CREATE INDEX agent_state_by_lease ON agent_state (lease_until) WHERE link <> 'absent';

CREATE TABLE leases (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    holder TEXT NOT NULL,
    kind TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (agent_id, holder)
) STRICT;

CREATE TABLE state_intervals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    state TEXT NOT NULL,
    mode TEXT,
    reason TEXT,
    from_at INTEGER NOT NULL,
    to_at INTEGER,
    ended_by TEXT
) STRICT;
CREATE UNIQUE INDEX state_intervals_open ON state_intervals (agent_id) WHERE to_at IS NULL;

CREATE TABLE roles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_roles (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    role_id INTEGER NOT NULL REFERENCES roles (id),
    PRIMARY KEY (agent_id, role_id)
) STRICT;
CREATE INDEX agent_roles_by_role ON agent_roles (role_id, agent_id);

CREATE TABLE teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    emoji TEXT,
    description TEXT NOT NULL,
    email TEXT,
    enabled INTEGER NOT NULL,
    archived_at INTEGER,
    mode TEXT NOT NULL,
    method TEXT,
    member_cap INTEGER,
    timezone TEXT NOT NULL,
    business_hours_id INTEGER,
    sla_policy_id INTEGER,
    fallback_team_id INTEGER REFERENCES teams (id),
    forward_to TEXT NOT NULL,
    accepts_when_absent INTEGER NOT NULL,
    offered_at_start INTEGER NOT NULL,
    offered_when_closed INTEGER NOT NULL,
    closing_tags TEXT NOT NULL,
    tag_required INTEGER NOT NULL,
    wrap_up_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE extras (
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (kind, id, dialect)
) STRICT;

-- load counts open conversations of this team with this member, and gates full_in_team as
-- agent_state.load gates full.
CREATE TABLE memberships (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    team_id INTEGER NOT NULL REFERENCES teams (id),
    public_id TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    capacity INTEGER,
    sort_order INTEGER NOT NULL,
    assignment_count INTEGER NOT NULL,
    load INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (agent_id, team_id)
) STRICT;
CREATE INDEX memberships_by_team ON memberships (team_id, agent_id);

CREATE TABLE skills (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    team_id INTEGER REFERENCES teams (id),
    rule TEXT,
    rule_level INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_skills (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    skill_id INTEGER NOT NULL REFERENCES skills (id),
    source TEXT NOT NULL,
    level INTEGER NOT NULL,
    PRIMARY KEY (agent_id, skill_id, source)
) STRICT;
CREATE INDEX agent_skills_by_skill ON agent_skills (skill_id, agent_id);

CREATE TABLE attribute_definitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    key_fold TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    options TEXT NOT NULL,
    regex TEXT,
    regex_hint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (scope, key_fold)
) STRICT;

-- Credentials: only hashes.

CREATE TABLE passwords (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (agent_id, kind)
) STRICT;

CREATE TABLE api_keys (
    key_id TEXT PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    UNIQUE (agent_id, name)
) STRICT;

CREATE TABLE one_time_links (
    hash TEXT PRIMARY KEY,
    agent_id INTEGER REFERENCES agents (id),
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX one_time_links_by_agent ON one_time_links (agent_id, purpose);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_by TEXT,
    ip TEXT,
    user_agent TEXT
) STRICT;
CREATE INDEX sessions_by_agent ON sessions (agent_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A secret waits for its first code until it is confirmed. A code is good for a later step than the last one.

CREATE TABLE second_factors (
    agent_id INTEGER PRIMARY KEY REFERENCES agents (id),
    sealed_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    hash TEXT NOT NULL,
    PRIMARY KEY (agent_id, hash)
) STRICT;

-- Programs with a key of their own. An account name is never given twice; a token of an earlier generation is dead.

CREATE TABLE integrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    account_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    team_scope TEXT NOT NULL,
    proof TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_by INTEGER REFERENCES agents (id),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    UNIQUE (kind, account_key)
) STRICT;
CREATE UNIQUE INDEX integrations_name ON integrations (kind, name_key) WHERE revoked_at IS NULL;

CREATE TABLE integration_teams (
    integration_id INTEGER NOT NULL REFERENCES integrations (id),
    team_id INTEGER NOT NULL REFERENCES teams (id),
    PRIMARY KEY (integration_id, team_id)
) STRICT;
CREATE INDEX integration_teams_by_team ON integration_teams (team_id);

CREATE TABLE integration_tokens (
    token_hash TEXT PRIMARY KEY,
    integration_id INTEGER NOT NULL REFERENCES integrations (id),
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integration_tokens_by_integration ON integration_tokens (integration_id, created_at);

-- day is the midnight (UTC) at which it begins.
CREATE TABLE integration_calls (
    integration_id INTEGER NOT NULL REFERENCES integrations (id),
    day INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (integration_id, day)
) STRICT;

-- Customers.

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT,
    phone_country TEXT,
    phone_calling_code TEXT,
    phone_number TEXT,
    country TEXT,
    avatar_url TEXT,
    external_id TEXT,
    blocked INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    manager_agent_id INTEGER REFERENCES agents (id),
    last_active_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_external ON contacts (external_id) WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE email IS NOT NULL AND kind = 'contact' AND external_id IS NULL AND deleted_at IS NULL;

CREATE TABLE inboxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    csat_enabled INTEGER NOT NULL,
    prompt_tags_on_reply INTEGER NOT NULL,
    sender TEXT NOT NULL,
    sender_name_template TEXT NOT NULL,
    config TEXT NOT NULL,
    secret TEXT,
    default_team_id INTEGER REFERENCES teams (id),
    linked_email_inbox_id INTEGER REFERENCES inboxes (id),
    retention_days INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT NOT NULL UNIQUE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    kind TEXT NOT NULL,
    inbox_id INTEGER REFERENCES inboxes (id),
    value TEXT NOT NULL,
    verified_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identities_value ON identities (kind, inbox_id, value);
CREATE INDEX identities_by_contact ON identities (contact_id);

CREATE TABLE visitor_sessions (
    token_hash TEXT PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    inbox_id INTEGER NOT NULL REFERENCES inboxes (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX visitor_sessions_by_contact ON visitor_sessions (contact_id);
CREATE INDEX visitor_sessions_by_expiry ON visitor_sessions (expires_at);

-- Conversations.

CREATE TABLE statuses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL,
    builtin INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    public_id TEXT NOT NULL UNIQUE,
    queue_public_id TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL UNIQUE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    identity_id INTEGER REFERENCES identities (id),
    inbox_id INTEGER NOT NULL REFERENCES inboxes (id),
    channel TEXT NOT NULL,
    status_id INTEGER NOT NULL REFERENCES statuses (id),
    category TEXT NOT NULL,
    is_closed INTEGER NOT NULL,
    team_id INTEGER REFERENCES teams (id),
    assignee_id INTEGER REFERENCES agents (id),
    assigned_at INTEGER,
    priority INTEGER,
    sla_policy_id INTEGER,
    subject TEXT,
    visitor_slot TEXT UNIQUE,
    snoozed_until INTEGER,
    waiting_since INTEGER,
    first_reply_at INTEGER,
    last_reply_at INTEGER,
    resolved_at INTEGER,
    closed_at INTEGER,
    reopened_count INTEGER NOT NULL,
    closed_by INTEGER,
    close_comment TEXT,
    last_message TEXT,
    last_message_at INTEGER,
    last_message_sender TEXT,
    last_interaction TEXT,
    last_interaction_at INTEGER,
    last_interaction_sender TEXT,
    last_seq INTEGER NOT NULL,
    contact_seen_seq INTEGER NOT NULL,
    sort_at INTEGER NOT NULL,
    required_skills TEXT NOT NULL,
    preferred_agent_id INTEGER REFERENCES agents (id),
    attributes TEXT NOT NULL,
    source TEXT NOT NULL,
    merged_into INTEGER REFERENCES conversations (id),
    erased_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_all ON conversations (sort_at DESC, id DESC);
CREATE INDEX conversations_mine ON conversations (assignee_id, category, sort_at DESC, id DESC);
CREATE INDEX conversations_assigned ON conversations (assignee_id, sort_at DESC, id DESC);
CREATE INDEX conversations_team ON conversations (team_id, assignee_id, category, sort_at DESC, id DESC);
CREATE INDEX conversations_unassigned ON conversations (sort_at DESC, id DESC) WHERE assignee_id IS NULL AND team_id IS NULL;
CREATE INDEX conversations_team_unassigned ON conversations (team_id, sort_at DESC, id DESC) WHERE assignee_id IS NULL;
CREATE INDEX conversations_by_contact ON conversations (contact_id, created_at, id);
CREATE INDEX conversations_by_identity ON conversations (identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX conversations_merged ON conversations (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE queue_entries (
    conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id),
    team_id INTEGER,
    rank INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    excluded TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    offer_agent_id INTEGER,
    offer_until INTEGER,
    last_outcome TEXT
) STRICT;
CREATE INDEX queue_entries_order ON queue_entries (team_id, rank, queued_at, conversation_id);

CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    agent_id INTEGER,
    because TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_conversation ON decisions (conversation_id, id);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    public_id TEXT NOT NULL UNIQUE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    activity TEXT,
    args TEXT,
    author_kind TEXT NOT NULL,
    author_id INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_type TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    client_ref TEXT,
    email_message_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    meta TEXT NOT NULL,
    UNIQUE (conversation_id, seq)
) STRICT;
CREATE UNIQUE INDEX messages_client_ref ON messages (conversation_id, author_kind, author_id, client_ref) WHERE client_ref IS NOT NULL;
CREATE INDEX messages_email ON messages (email_message_id) WHERE email_message_id IS NOT NULL;

CREATE TABLE last_seen (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, agent_id)
) STRICT;

-- What happened, and what has to happen.

-- The one writer numbers events in commit order, so their position is their id.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    aggregate_kind TEXT NOT NULL,
    aggregate_id INTEGER NOT NULL,
    seq INTEGER,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    request_id TEXT,
    payload TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_aggregate ON events (aggregate_kind, aggregate_id, id);

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    pos INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    ip TEXT,
    credential TEXT,
    action TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    before TEXT,
    after TEXT
) STRICT;
CREATE INDEX audit_by_entity ON audit (entity_kind, entity_id, id);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    key TEXT UNIQUE,
    payload TEXT NOT NULL,
    secret TEXT,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    locked_until INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    done_at INTEGER,
    dead_at INTEGER
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE timers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    UNIQUE (name, entity_kind, entity_id)
) STRICT;
CREATE INDEX timers_due ON timers (due_at, id);

INSERT INTO counters (name, value) VALUES ('conversation_number', 99), ('event_pos', 0), ('people', 0);
INSERT INTO statuses (name, name_key, category, builtin, created_at) VALUES
    ('Open', 'open', 'open', TRUE, 0),
    ('Snoozed', 'snoozed', 'waiting', TRUE, 0),
    ('Resolved', 'resolved', 'resolved', TRUE, 0),
    ('Closed', 'closed', 'resolved', TRUE, 0);
INSERT INTO attribute_definitions (scope, key, key_fold, name, description, type, options, regex_hint, created_at, updated_at, version) VALUES
    ('agent.custom', 'business', 'business', 'Business', '', 'list', '[]', '', 0, 0, 1),
    ('agent.custom', 'location', 'location', 'Location', '', 'list', '[]', '', 0, 0, 1);
