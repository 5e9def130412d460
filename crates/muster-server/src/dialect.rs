//! The dialects by name.

use clap::ValueEnum;

/// One product's wire API over the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    Libredesk,
    Rocketchat,
    Cloudagent,
    Imichat,
}

impl Dialect {
    /// In the order in which they answer for one that isn't there.
    pub(crate) const ALL: [Self; 4] = [Self::Libredesk, Self::Rocketchat, Self::Cloudagent, Self::Imichat];

    /// Its section of the configuration.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Libredesk => "libredesk",
            Self::Rocketchat => "rocketchat",
            Self::Cloudagent => "cloudagent",
            Self::Imichat => "imichat",
        }
    }

    /// The product.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Libredesk => "Libredesk",
            Self::Rocketchat => "Rocket.Chat",
            Self::Cloudagent => "CloudAgent",
            Self::Imichat => "imi.chat",
        }
    }
}
