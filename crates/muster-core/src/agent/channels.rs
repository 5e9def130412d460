//! Which kinds of work an agent may do, and in which mode.

use crate::word::words;
use crate::{Error, Result, Why};

words! {
    /// A kind of work an agent can be signed in for.
    pub enum Mode {
        Inbound = "inbound",
        Manual = "manual",
        Preview = "preview",
        Progressive = "progressive",
        Chat = "chat",
        Blended = "blended",
    }
}

/// Eleven switches: which kinds of work the agent may do, and which of them within blended mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Channels(u16);

words! {
    /// One of the eleven channel switches.
    pub enum Channel {
        Inbound = "inbound",
        Manual = "manual",
        Preview = "preview",
        Progressive = "progressive",
        Chat = "chat",
        Blended = "blended",
        BlendedInbound = "blended_inbound",
        BlendedManual = "blended_manual",
        BlendedPreview = "blended_preview",
        BlendedProgressive = "blended_progressive",
        BlendedChat = "blended_chat",
    }
}

impl Channels {
    /// What agents have who were not given channels: chat only.
    pub const DEFAULT: Self = Self(1 << Channel::Chat as u16);
    pub const NONE: Self = Self(0);
    const MASK: u16 = 0x7ff;

    /// Takes a stored bit set.
    ///
    /// # Errors
    /// [`Error::Invalid`] for bits that mean nothing.
    pub fn from_bits(bits: i64) -> Result<Self> {
        u16::try_from(bits)
            .ok()
            .filter(|bits| bits & !Self::MASK == 0)
            .map(Self)
            .ok_or(Error::invalid("channels", Why::OutOfRange))
    }

    #[must_use]
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    #[must_use]
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & (1 << channel as u16) != 0
    }

    #[must_use]
    pub const fn with(self, channel: Channel, on: bool) -> Self {
        let bit = 1 << channel as u16;
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }

    /// Moves switches. Turning `blended` on while nothing is chosen for blended mode copies the five plain switches
    /// into it; if those are all off too, inbound and manual.
    #[must_use]
    pub fn changed(self, changes: &[(Channel, bool)]) -> Self {
        const PAIRS: [(Channel, Channel); 5] = [
            (Channel::Inbound, Channel::BlendedInbound),
            (Channel::Manual, Channel::BlendedManual),
            (Channel::Preview, Channel::BlendedPreview),
            (Channel::Progressive, Channel::BlendedProgressive),
            (Channel::Chat, Channel::BlendedChat),
        ];
        let moved = changes.iter().fold(self, |channels, (channel, on)| channels.with(*channel, *on));
        let turned_on = moved.has(Channel::Blended) && !self.has(Channel::Blended);
        if !turned_on || PAIRS.iter().any(|(_, blended)| moved.has(*blended)) {
            return moved;
        }
        if PAIRS.iter().all(|(plain, _)| !moved.has(*plain)) {
            return moved.with(Channel::BlendedInbound, true).with(Channel::BlendedManual, true);
        }
        PAIRS.iter().fold(moved, |channels, (plain, blended)| channels.with(*blended, moved.has(*plain)))
    }

    /// Whether the agent may sign in for `mode`.
    #[must_use]
    pub const fn permit(self, mode: Mode) -> bool {
        self.has(match mode {
            Mode::Inbound => Channel::Inbound,
            Mode::Manual => Channel::Manual,
            Mode::Preview => Channel::Preview,
            Mode::Progressive => Channel::Progressive,
            Mode::Chat => Channel::Chat,
            Mode::Blended => Channel::Blended,
        })
    }

    /// The mode an agent works in who asked for none, or whose own is permitted no more. `None`: there is none left.
    #[must_use]
    pub fn first_permitted(self) -> Option<Mode> {
        const ORDER: [Mode; 6] =
            [Mode::Blended, Mode::Inbound, Mode::Chat, Mode::Progressive, Mode::Preview, Mode::Manual];
        ORDER.into_iter().find(|mode| self.permit(*mode))
    }

    /// Whether text conversations may be given to an agent signed in for `mode`; `None` means
    /// signed in by a desk that knows no modes.
    #[must_use]
    pub const fn allow_text(self, mode: Option<Mode>) -> bool {
        let blended = self.has(Channel::Blended) && self.has(Channel::BlendedChat);
        match mode {
            None => self.has(Channel::Chat) || blended,
            Some(Mode::Chat) => self.has(Channel::Chat),
            Some(Mode::Blended) => blended,
            Some(Mode::Inbound | Mode::Manual | Mode::Preview | Mode::Progressive) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_needs_the_chat_switch_of_the_mode() {
        let blended = Channels::NONE.with(Channel::Blended, true).with(Channel::BlendedChat, true);
        assert!(
            blended.allow_text(None)
                && blended.allow_text(Some(Mode::Blended))
                && !blended.allow_text(Some(Mode::Chat))
        );
        assert!(!Channels::NONE.with(Channel::Blended, true).allow_text(None));
        assert!(Channels::DEFAULT.allow_text(None) && !Channels::DEFAULT.allow_text(Some(Mode::Inbound)));
    }

    #[test]
    fn blended_without_a_choice_copies_the_plain_switches() {
        let chat = Channels::DEFAULT.changed(&[(Channel::Blended, true)]);
        assert!(chat.has(Channel::BlendedChat) && !chat.has(Channel::BlendedInbound));
        let nothing = Channels::DEFAULT.changed(&[(Channel::Blended, true), (Channel::Chat, false)]);
        assert!(nothing.has(Channel::BlendedInbound) && nothing.has(Channel::BlendedManual));
        assert!(!nothing.allow_text(None));
        let chosen = Channels::DEFAULT.changed(&[(Channel::Blended, true), (Channel::BlendedManual, true)]);
        assert!(!chosen.has(Channel::BlendedChat));
        assert_eq!(chosen.changed(&[(Channel::Blended, false)]).changed(&[(Channel::Blended, true)]), chosen);
    }

    #[test]
    fn switches_said_as_they_are_move_nothing() {
        for bits in 0..=i64::from(Channels::MASK) {
            let channels = Channels::from_bits(bits).unwrap();
            let said: Vec<_> = Channel::ALL.iter().map(|channel| (*channel, channels.has(*channel))).collect();
            assert_eq!(channels.changed(&said), channels, "{bits:b}");
        }
    }

    #[test]
    fn the_first_permitted_mode_is_the_widest() {
        assert_eq!(Channels::NONE.first_permitted(), None);
        assert_eq!(Channels::DEFAULT.first_permitted(), Some(Mode::Chat));
        let order = [
            (Channel::Manual, Mode::Manual),
            (Channel::Preview, Mode::Preview),
            (Channel::Progressive, Mode::Progressive),
            (Channel::Chat, Mode::Chat),
            (Channel::Inbound, Mode::Inbound),
            (Channel::Blended, Mode::Blended),
        ];
        let mut channels = Channels::NONE.with(Channel::BlendedChat, true);
        assert_eq!(channels.first_permitted(), None);
        for (channel, mode) in order {
            assert!(!channels.permit(mode));
            channels = channels.with(channel, true);
            assert!(channels.permit(mode));
            assert_eq!(channels.first_permitted(), Some(mode));
        }
    }
}
