//! The first segments that tell the dialects apart.

/// CloudAgent's, at the root. ASCII case doesn't matter.
pub(super) const CLOUDAGENT: &[&str] =
    &["ca_apis", "ca_reports", "CAServices", "cloudAgentRestAPI", "APIServices", "events"];

/// imi.chat's, at the root.
pub(super) const IMICHAT: &[&str] = &["v3.1", "v3.0"];

/// Rocket.Chat's, at the root.
pub(super) const ROCKETCHAT_ROOTS: &[&str] = &["websocket", "sockjs", "livechat", "file-upload", "avatar"];

/// Kept for Muster's own pages.
pub(super) const PAGES: &[&str] = &["docs", "metrics", "demo"];

/// Libredesk's, below `/api/v1`.
pub(super) const LIBREDESK: &[&str] = &[
    "activity-logs",
    "agents",
    "ai",
    "auth",
    "automations",
    "business-hours",
    "config",
    "contacts",
    "context-links",
    "conversations",
    "csat",
    "custom-attributes",
    "drafts",
    "inboxes",
    "lang",
    "macros",
    "media",
    "messages",
    "notifications",
    "oidc",
    "priorities",
    "reports",
    "roles",
    "shared-views",
    "sla",
    "statuses",
    "tags",
    "teams",
    "templates",
    "views",
    "webhooks",
    "widget",
];

/// What Muster serves below `/api/v1` beyond Libredesk. Never a name of [`ROCKETCHAT`], and never one with a dot.
pub(super) const NATIVE: &[&str] = &["integrations", "jobs", "pause-reasons", "setup", "skills"];

/// Rocket.Chat's without a dot, below `/api/v1`; those with one are all its own. Not all of them are served.
pub(super) const ROCKETCHAT: &[&str] = &[
    "livechat",
    "omnichannel",
    "login",
    "logout",
    "me",
    "info",
    "canned-responses",
    "email-inbox",
    "mailer",
    "abac",
    "audit",
    "avatar",
    "banners",
    "directory",
    "downloadPendingAvatars",
    "downloadPendingFiles",
    "downloadPublicImportFile",
    "engagement-dashboard",
    "federation",
    "findOrCreateInvite",
    "fingerprint",
    "getCurrentImportOperation",
    "getImportFileData",
    "getImportProgress",
    "getLatestImportOperations",
    "listInvites",
    "removeInvite",
    "sendInvitationEmail",
    "sessions",
    "spotlight",
    "startImport",
    "statistics",
    "uploadImportFile",
    "useInviteToken",
    "video-conference",
];
