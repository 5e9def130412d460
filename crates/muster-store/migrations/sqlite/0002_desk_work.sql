-- What agents need beside conversations and messages: tags, drafts, mentions, files, notes on contacts, saved views,
-- macros, templates, opening hours, notifications and the customers' ratings.

CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE conversation_tags (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    tag_id INTEGER NOT NULL REFERENCES tags (id),
    PRIMARY KEY (conversation_id, tag_id)
) STRICT;
CREATE INDEX conversation_tags_by_tag ON conversation_tags (tag_id, conversation_id);

-- Of an agent or of a team.
CREATE TABLE mentions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    agent_id INTEGER REFERENCES agents (id),
    team_id INTEGER REFERENCES teams (id),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mentions_by_conversation ON mentions (conversation_id, message_id);
CREATE INDEX mentions_by_message ON mentions (message_id);
CREATE INDEX mentions_of_agent ON mentions (agent_id, conversation_id, message_id) WHERE agent_id IS NOT NULL;
CREATE INDEX mentions_of_team ON mentions (team_id, conversation_id, message_id) WHERE team_id IS NOT NULL;

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    meta TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (conversation_id, agent_id, kind)
) STRICT;
CREATE INDEX drafts_by_agent ON drafts (agent_id, id);
CREATE INDEX drafts_by_age ON drafts (updated_at);

-- Files are kept beside the database under their uuid. One without an owner was uploaded and is not in use yet.
CREATE TABLE media (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    has_thumbnail INTEGER NOT NULL,
    is_inline INTEGER NOT NULL,
    owner_kind TEXT,
    owner_id INTEGER,
    uploader_kind TEXT NOT NULL,
    uploader_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX media_by_owner ON media (owner_kind, owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX media_unused ON media (created_at) WHERE owner_id IS NULL;
CREATE INDEX media_by_uploader ON media (uploader_kind, uploader_id);

CREATE TABLE contact_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_notes_by_contact ON contact_notes (contact_id, id);

-- A view is its agent's own, a team's, or everybody's.
CREATE TABLE views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    filters TEXT NOT NULL,
    visibility TEXT NOT NULL,
    agent_id INTEGER REFERENCES agents (id),
    team_id INTEGER REFERENCES teams (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX views_by_agent ON views (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX views_by_team ON views (team_id) WHERE team_id IS NOT NULL;

CREATE TABLE macros (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    actions TEXT NOT NULL,
    visibility TEXT NOT NULL,
    visible_when TEXT NOT NULL,
    message_content TEXT NOT NULL,
    agent_id INTEGER REFERENCES agents (id),
    team_id INTEGER REFERENCES teams (id),
    usage_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX macros_by_agent ON macros (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX macros_by_team ON macros (team_id) WHERE team_id IS NOT NULL;

CREATE TABLE templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT,
    body TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    is_builtin INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX templates_default ON templates (kind) WHERE is_default;

CREATE TABLE business_hours (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    is_always_open INTEGER NOT NULL,
    hours TEXT NOT NULL,
    holidays TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT,
    conversation_id INTEGER REFERENCES conversations (id),
    message_id INTEGER REFERENCES messages (id),
    actor_id INTEGER,
    meta TEXT NOT NULL,
    read_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_of_agent ON notifications (agent_id, id);
CREATE INDEX notifications_unread ON notifications (agent_id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_conversation ON notifications (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX notifications_by_message ON notifications (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX notifications_by_age ON notifications (created_at);

-- A customer is asked once about a conversation.
CREATE TABLE surveys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    conversation_id INTEGER NOT NULL UNIQUE REFERENCES conversations (id),
    message_id INTEGER REFERENCES messages (id),
    rating INTEGER,
    feedback TEXT,
    meta TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    responded_at INTEGER
) STRICT;
CREATE INDEX surveys_by_message ON surveys (message_id) WHERE message_id IS NOT NULL;

-- For filtered lists and their totals.
CREATE INDEX conversations_by_status ON conversations (status_id, sort_at DESC, id DESC, priority, team_id, assignee_id, inbox_id);
CREATE INDEX conversations_by_inbox ON conversations (inbox_id, sort_at DESC, id DESC);
CREATE INDEX conversations_by_created ON conversations (created_at DESC, id DESC);
CREATE INDEX contacts_by_email ON contacts (email) WHERE email IS NOT NULL;

-- The words of messages, as the program makes them: in ASCII nothing but lower-case letters and digits. It keeps no texts;
-- rowid is the message's id. What is deleted is overwritten.
CREATE VIRTUAL TABLE message_search USING fts5 (words, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);

-- The last list of each kind that was read in. Whoever started it does what its rows ask for, one after the other.
CREATE TABLE imports (
    kind TEXT NOT NULL PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    ip TEXT,
    credential TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

-- Its cells until it has been worked off, then what came of it.
CREATE TABLE import_rows (
    kind TEXT NOT NULL REFERENCES imports (kind),
    number INTEGER NOT NULL,
    cells TEXT,
    told TEXT,
    PRIMARY KEY (kind, number)
) STRICT;

-- For taking away what a contact did.
CREATE INDEX audit_by_actor ON audit (actor);
