/// The desk's settings for routing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Raised whenever a setting changes; every decision names the one it was made under.
    pub version: i64,
    /// Open conversations of an agent who has no capacity of their own.
    pub default_capacity: u16,
    /// Whether an idle agent gets work.
    pub idle_is_present: bool,
    /// Whether somebody else's word counts as presence. For desks without sockets.
    pub trust_declared: bool,
    /// The router gives out nothing; people take conversations.
    pub desk_mode_manual: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            default_capacity: 99,
            idle_is_present: false,
            trust_declared: false,
            desk_mode_manual: false,
        }
    }
}
