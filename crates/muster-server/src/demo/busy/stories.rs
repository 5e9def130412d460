//! Who works at the busy desk, and who has written to it. All of them are made up.

use super::super::sample::TEAM;
use super::BILLING;

/// Somebody who works here.
pub(super) struct Person {
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) role: &'static str,
    pub(super) teams: &'static [&'static str],
    /// Names and levels.
    pub(super) skills: &'static [(&'static str, u8)],
    pub(super) capacity: u16,
    pub(super) is_at_work: bool,
    /// Paused for this reason.
    pub(super) pause: Option<&'static str>,
}

const AGENT: Person = Person {
    first_name: "",
    last_name: "",
    role: "Agent",
    teams: &[TEAM],
    skills: &[],
    capacity: 8,
    is_at_work: true,
    pause: None,
};

pub(super) const PEOPLE: &[Person] = &[
    Person { first_name: "Amy", last_name: "Stone", skills: &[("Weaving", 60)], ..AGENT },
    Person { first_name: "Ben", last_name: "Field", skills: &[("Weaving", 90)], ..AGENT },
    Person { first_name: "Cora", last_name: "Lind", role: "Manager", teams: &[BILLING], capacity: 6, ..AGENT },
    Person {
        first_name: "Dan",
        last_name: "Reed",
        teams: &[TEAM, BILLING],
        capacity: 6,
        is_at_work: false,
        pause: Some("Lunch"),
        ..AGENT
    },
    Person {
        first_name: "Eve",
        last_name: "Marsh",
        skills: &[("French", 95)],
        capacity: 4,
        is_at_work: false,
        ..AGENT
    },
];

pub(super) const TAGS: &[&str] = &["care", "custom order", "delivery", "gift", "invoice", "returns"];

/// A chat, from its first message on.
pub(super) struct Story {
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) opening: &'static str,
    pub(super) lines: &'static [Line],
    pub(super) team: &'static str,
    /// Whose it is.
    pub(super) holder: Option<&'static str>,
    pub(super) priority: Option<&'static str>,
    pub(super) tags: &'static [&'static str],
    pub(super) end: End,
}

pub(super) enum Line {
    Customer(&'static str),
    /// By whoever has the chat.
    Agent(&'static str),
    Note(&'static str),
}

#[derive(Clone, Copy)]
pub(super) enum End {
    Open,
    /// For so long.
    Snoozed(&'static str),
    Resolved,
    /// Resolved, with the customer's rating and words.
    Rated(u8, &'static str),
}

const CHAT: Story = Story {
    first_name: "",
    last_name: "",
    opening: "",
    lines: &[],
    team: TEAM,
    holder: None,
    priority: None,
    tags: &[],
    end: End::Open,
};

/// The latest come last.
pub(super) const STORIES: &[Story] = &[
    Story {
        first_name: "Ada",
        last_name: "Brook",
        opening: "Can the linen shade be washed?",
        lines: &[
            Line::Agent("By hand in cold water, yes. Let it dry on the frame, so that it keeps its shape."),
            Line::Customer("Perfect, thank you!"),
        ],
        holder: Some("Amy"),
        tags: &["care"],
        end: End::Rated(5, "Quick, and it worked."),
        ..CHAT
    },
    Story {
        first_name: "Jonas",
        last_name: "Hale",
        opening: "I would like to return a blanket that I got twice.",
        lines: &[
            Line::Agent("Of course. The label is on its way to you; any post office takes the parcel."),
            Line::Customer("Got it. How long does the refund take?"),
            Line::Agent("Two days after it is back with us."),
        ],
        holder: Some("Ben"),
        tags: &["returns"],
        end: End::Rated(4, "Friendly. The label came a bit late."),
        ..CHAT
    },
    Story {
        first_name: "Mira",
        last_name: "Quill",
        opening: "Bonjour ! La lampe Heron existe-t-elle en noyer ?",
        lines: &[Line::Agent("Bonjour ! En frêne seulement, mais nous pouvons la teinter."), Line::Customer("Merci !")],
        holder: Some("Eve"),
        end: End::Resolved,
        ..CHAT
    },
    Story {
        first_name: "Tom",
        last_name: "Ashby",
        opening: "Which bulb does the pendant Bell take?",
        lines: &[Line::Agent("An E27 of at most 40 watts; a warm LED looks best in copper.")],
        holder: Some("Amy"),
        end: End::Resolved,
        ..CHAT
    },
    Story {
        first_name: "Lena",
        last_name: "Frost",
        opening: "Please send the invoice to our accounts department instead.",
        lines: &[Line::Agent("Done: a copy has gone to the address in your order.")],
        team: BILLING,
        holder: Some("Cora"),
        tags: &["invoice"],
        end: End::Rated(5, ""),
        ..CHAT
    },
    Story {
        first_name: "Otto",
        last_name: "Wells",
        opening: "When will the blanket Fjord be back in grey?",
        lines: &[
            Line::Agent("The next ones leave the loom in about two weeks. Shall I write to you then?"),
            Line::Customer("Yes, please."),
        ],
        holder: Some("Ben"),
        end: End::Snoozed("336h"),
        ..CHAT
    },
    Story {
        first_name: "Ines",
        last_name: "Calder",
        opening: "Could you weave our initials into a blanket? It is for a wedding in June.",
        lines: &[
            Line::Agent("We can, in one corner or along the edge. I am asking the weavers for a date."),
            Line::Note("Weavers answer on Monday. Ines needs it by the 12th of June."),
        ],
        holder: Some("Amy"),
        tags: &["custom order", "gift"],
        end: End::Snoozed("48h"),
        ..CHAT
    },
    Story {
        first_name: "Paul",
        last_name: "Iver",
        opening: "You charged my card twice for one lamp.",
        lines: &[
            Line::Agent("I am sorry! I see both charges and have asked the bank to take one back."),
            Line::Note("Refund 4711 is with the bank. Look again tomorrow."),
        ],
        team: BILLING,
        holder: Some("Dan"),
        priority: Some("High"),
        tags: &["invoice"],
        ..CHAT
    },
    Story {
        first_name: "Rosa",
        last_name: "Dell",
        opening: "Our order needs a purchase number on the invoice, or nobody here will pay it.",
        lines: &[
            Line::Agent("Which number shall it carry?"),
            Line::Customer("PO-2214, and the name of our school below it."),
        ],
        team: BILLING,
        holder: Some("Cora"),
        priority: Some("Medium"),
        tags: &["invoice"],
        ..CHAT
    },
    Story {
        first_name: "Emil",
        last_name: "Vance",
        opening: "Do you take orders of thirty lamps for a hotel? We would need them in two parts.",
        lines: &[
            Line::Agent("Gladly. From twenty on there is a tenth off, and two parts are no trouble."),
            Line::Note("Ask the workshop whether May is possible for the first fifteen."),
            Line::Customer("Then please send us an offer. Half in May, half in July."),
        ],
        team: BILLING,
        holder: Some("Cora"),
        priority: Some("High"),
        tags: &["custom order"],
        ..CHAT
    },
    Story {
        first_name: "Greta",
        last_name: "Holt",
        opening: "My lamp flickers when the washing machine runs. Is it broken?",
        lines: &[
            Line::Agent("Most likely the bulb. Does it flicker with another one too?"),
            Line::Customer("I will try tonight."),
            Line::Agent("Good. Write to me here, whatever comes of it."),
        ],
        holder: Some("Ben"),
        ..CHAT
    },
    Story {
        first_name: "Hugo",
        last_name: "Penn",
        opening: "The parcel came with a dent, and the shade is torn.",
        lines: &[
            Line::Agent("That should not have happened. I am sending a new shade today; please keep the old one."),
            Line::Customer("Thank you. Do you need a picture of it?"),
        ],
        holder: Some("Ben"),
        priority: Some("High"),
        tags: &["delivery", "returns"],
        ..CHAT
    },
    Story {
        first_name: "Wilma",
        last_name: "Oak",
        opening: "Is the wool of the Fjord mulesing-free?",
        lines: &[Line::Agent("Yes. It comes from two farms whom we visit each spring.")],
        holder: Some("Ben"),
        tags: &["care"],
        ..CHAT
    },
    Story {
        first_name: "Karl",
        last_name: "Berry",
        opening: "Can you wrap the lamp as a gift and leave the price out?",
        lines: &[Line::Agent("Both, at no cost. Shall a card go with it?")],
        holder: Some("Ben"),
        priority: Some("Low"),
        tags: &["gift"],
        ..CHAT
    },
    Story {
        first_name: "Sina",
        last_name: "Moor",
        opening: "The courier says that it was delivered, but there is nothing here.",
        lines: &[
            Line::Agent("I have asked the courier where it was left. May I have a number to call you back?"),
            Line::Customer("It is in my order. I am at home all day."),
            Line::Note("The courier's trace is open; an answer is promised by four."),
        ],
        holder: Some("Amy"),
        priority: Some("Highest"),
        tags: &["delivery"],
        ..CHAT
    },
    Story {
        first_name: "Finn",
        last_name: "Arden",
        opening: "How long is the cable of the pendant Bell, and can it be shortened?",
        lines: &[
            Line::Agent("Three metres. Any electrician shortens it; the ceiling cap hides what is left over."),
            Line::Customer("Then I take two. Do they hang at the same height by themselves?"),
        ],
        holder: Some("Amy"),
        ..CHAT
    },
    Story {
        first_name: "Nora",
        last_name: "Vale",
        opening: "Your shop sent me a reminder for an invoice that I have paid.",
        team: BILLING,
        priority: Some("Medium"),
        tags: &["invoice"],
        ..CHAT
    },
    Story {
        first_name: "Aron",
        last_name: "Pike",
        opening: "Can I pay half now and half on delivery?",
        team: BILLING,
        ..CHAT
    },
];

/// Those who wait for somebody who speaks French.
pub(super) const WAITING: &[(&str, &str, &str)] = &[
    ("Luc", "Garin", "Bonjour, ma couverture est arrivée avec un fil tiré. Que puis-je faire ?"),
    ("Odile", "Sorel", "Livrez-vous en Suisse, et combien cela coûte-t-il ?"),
];
