use std::time::Duration;

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const KIM: AgentId = AgentId(1);
const LEE: AgentId = AgentId(2);
const SALES: TeamId = TeamId(7);

fn new() -> Conversation {
    Conversation {
        id: ConversationId(1),
        uuid: Uuid::nil(),
        public_id: PublicId::from_stored("p".into()),
        queue_public_id: PublicId::from_stored("q".into()),
        number: "100".into(),
        contact: ContactId(9),
        identity: None,
        inbox: InboxId(1),
        medium: Medium::Chat,
        status: OPEN,
        category: Category::Open,
        is_closed: false,
        team: None,
        assignee: None,
        assigned_at: None,
        priority: None,
        sla_policy: None,
        subject: None,
        visitor_slot: None,
        snoozed_until: None,
        waiting_since: None,
        first_reply_at: None,
        last_reply_at: None,
        resolved_at: None,
        closed_at: None,
        reopened_count: 0,
        closed_by: None,
        close_comment: None,
        last_message: None,
        last_interaction: None,
        last_seq: 0,
        contact_seen_seq: 0,
        sort_at: NOW,
        required_skills: Vec::new(),
        preferred_agent: None,
        attributes: Attributes::new(),
        source: serde_json::Value::Null,
        merged_into: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn status(id: StatusId) -> Status {
    let (name, category) = match id {
        OPEN => ("Open", Category::Open),
        SNOOZED => ("Snoozed", Category::Waiting),
        RESOLVED => ("Resolved", Category::Resolved),
        _ => ("Closed", Category::Resolved),
    };
    Status { id, name: name.into(), category, built_in: true, created_at: NOW }
}

fn back(to_assignee: bool) -> Back<'static> {
    Back { to_assignee, still_exists: true, name: "Kim" }
}

/// What can happen to a conversation.
#[derive(Debug, Clone, Copy)]
enum Step {
    Assign(AgentId),
    Unassign(UnassignedWhy),
    Team(Option<TeamId>),
    TeamGone,
    Status(StatusId, bool),
    CustomerWrote(bool),
    Priority(Option<i64>),
}

fn take(conversation: &mut Conversation, step: Step) -> Result<Effects> {
    let by = By::SYSTEM;
    match step {
        Step::Assign(id) => conversation.assign(&Assignee { id, name: "Kim".into() }, &by, AssignedHow::Given, NOW),
        Step::Unassign(why) => conversation.unassign("Kim", &by, why),
        Step::Team(team) => conversation.set_team(team.map(|id| (id, "Sales")), "Kim", &by),
        Step::TeamGone if conversation.team.is_some() => Ok(conversation.leave_team(None, &by)),
        Step::TeamGone => Ok(Effects::default()),
        Step::Status(id, keeps) => conversation.set_status(&status(id), None, &by, &back(keeps), NOW),
        Step::CustomerWrote(keeps) => conversation.customer_wrote(&status(OPEN), &back(keeps), NOW),
        Step::Priority(rank) => conversation.set_priority(rank.and_then(Priority::from_rank), &by),
    }
}

/// A conversation after `steps`, which must all be allowed.
fn after(steps: &[Step]) -> Conversation {
    let mut conversation = new();
    for step in steps {
        take(&mut conversation, *step).unwrap();
    }
    conversation
}

fn phase(conversation: &Conversation) -> &'static str {
    match (conversation.category, conversation.assignee) {
        (Category::Open, None) => "queued",
        (Category::Open, Some(_)) => "active",
        (Category::Waiting, _) => "parked",
        (Category::Resolved, _) if conversation.is_closed => "closed",
        (Category::Resolved, _) => "resolved",
    }
}

fn names(effects: &Effects) -> Vec<&'static str> {
    effects.events.iter().map(Event::name).collect()
}

const ASSIGN: Step = Step::Assign(KIM);
const PARK: Step = Step::Status(SNOOZED, true);
const RESOLVE: Step = Step::Status(RESOLVED, true);
const CLOSE: Step = Step::Status(CLOSED, true);
const OPEN_AGAIN: Step = Step::Status(OPEN, true);
const RETURN: Step = Step::Unassign(UnassignedWhy::Returned);

/// Steps before, the step, and what comes of it: phase, queue, events.
type Line = (&'static [Step], Step, &'static str, QueueChange, &'static [&'static str]);

#[test]
fn every_event_leads_from_each_phase_where_the_table_says() {
    let table: [Line; 20] = [
        (&[], ASSIGN, "active", QueueChange::Leave, &["conversation.assigned"]),
        (
            &[ASSIGN],
            Step::Assign(LEE),
            "active",
            QueueChange::Leave,
            &["conversation.unassigned", "conversation.assigned"],
        ),
        (&[ASSIGN], RETURN, "queued", QueueChange::Enter, &["conversation.unassigned", "conversation.queued"]),
        (&[], PARK, "parked", QueueChange::Leave, &["conversation.status_changed", "conversation.parked"]),
        (&[ASSIGN], PARK, "parked", QueueChange::Leave, &["conversation.status_changed", "conversation.parked"]),
        (&[PARK], ASSIGN, "parked", QueueChange::Leave, &["conversation.assigned"]),
        (&[ASSIGN, PARK], RETURN, "parked", QueueChange::Keep, &["conversation.unassigned"]),
        (
            &[ASSIGN, PARK],
            OPEN_AGAIN,
            "active",
            QueueChange::Keep,
            &["conversation.status_changed", "conversation.resumed"],
        ),
        (
            &[PARK],
            OPEN_AGAIN,
            "queued",
            QueueChange::Enter,
            &["conversation.status_changed", "conversation.resumed", "conversation.queued"],
        ),
        (
            &[ASSIGN, PARK],
            Step::CustomerWrote(false),
            "queued",
            QueueChange::Enter,
            &["conversation.status_changed", "conversation.resumed", "conversation.unassigned", "conversation.queued"],
        ),
        (&[ASSIGN], RESOLVE, "resolved", QueueChange::Leave, &["conversation.status_changed", "conversation.resolved"]),
        (&[], CLOSE, "closed", QueueChange::Leave, &["conversation.status_changed", "conversation.closed"]),
        (&[PARK], RESOLVE, "resolved", QueueChange::Keep, &["conversation.status_changed", "conversation.resolved"]),
        (&[RESOLVE], CLOSE, "closed", QueueChange::Keep, &["conversation.status_changed", "conversation.closed"]),
        (&[CLOSE], RESOLVE, "resolved", QueueChange::Keep, &["conversation.status_changed"]),
        (
            &[ASSIGN, RESOLVE],
            Step::CustomerWrote(true),
            "active",
            QueueChange::Keep,
            &["conversation.status_changed", "conversation.reopened"],
        ),
        (
            &[ASSIGN, CLOSE],
            Step::CustomerWrote(false),
            "queued",
            QueueChange::Enter,
            &["conversation.status_changed", "conversation.reopened", "conversation.unassigned", "conversation.queued"],
        ),
        (&[ASSIGN, RESOLVE], RETURN, "resolved", QueueChange::Keep, &["conversation.unassigned"]),
        (
            &[ASSIGN],
            Step::Team(Some(SALES)),
            "queued",
            QueueChange::Enter,
            &["conversation.team_changed", "conversation.unassigned", "conversation.queued"],
        ),
        (
            &[],
            Step::Team(Some(SALES)),
            "queued",
            QueueChange::Enter,
            &["conversation.team_changed", "conversation.queued"],
        ),
    ];
    for (before, step, to, queue, events) in table {
        let mut conversation = after(before);
        let effects = take(&mut conversation, step).unwrap();
        assert_eq!(
            (phase(&conversation), effects.queue, names(&effects).as_slice()),
            (to, queue, events),
            "{before:?} {step:?}"
        );
    }
}

#[test]
fn a_closed_conversation_is_neither_assigned_nor_moved() {
    for step in [ASSIGN, RETURN, Step::Team(Some(SALES)), Step::Priority(Some(1))] {
        let error = take(&mut after(&[CLOSE]), step).unwrap_err();
        assert!(matches!(error, crate::Error::Refused(Refusal::Closed(_))), "{step:?}");
    }
}

#[test]
fn a_merged_conversation_never_opens_again() {
    let mut conversation = after(&[CLOSE]);
    conversation.merged_into = Some(ConversationId(2));
    for step in [OPEN_AGAIN, Step::CustomerWrote(true)] {
        assert!(take(&mut conversation.clone(), step).is_err(), "{step:?}");
    }
}

#[test]
fn saying_what_is_already_true_changes_nothing() {
    let cases: [(&[Step], Step); 6] = [
        (&[ASSIGN], ASSIGN),
        (&[], RETURN),
        (&[], OPEN_AGAIN),
        (&[Step::Team(Some(SALES))], Step::Team(Some(SALES))),
        (&[Step::Priority(Some(2))], Step::Priority(Some(2))),
        (&[CLOSE], CLOSE),
    ];
    for (before, step) in cases {
        let mut conversation = after(before);
        let unchanged = conversation.clone();
        assert!(take(&mut conversation, step).unwrap().is_empty(), "{step:?}");
        assert_eq!(conversation, unchanged, "{step:?}");
    }
}

#[test]
fn parking_until_another_time_is_a_change() {
    let mut conversation = new();
    let until = NOW + Duration::from_secs(60);
    let park = |conversation: &mut Conversation, until| {
        conversation.set_status(&status(SNOOZED), Some(until), &By::SYSTEM, &back(true), NOW).unwrap()
    };
    assert!(!park(&mut conversation, until).is_empty());
    assert!(park(&mut conversation, until).is_empty());
    assert!(!park(&mut conversation, until + Duration::from_secs(1)).is_empty());
    take(&mut conversation, OPEN_AGAIN).unwrap();
    assert_eq!(conversation.snoozed_until, None);
}

#[test]
fn first_instants_stay_when_it_opens_again() {
    let mut conversation = after(&[CLOSE]);
    let later = NOW + Duration::from_secs(60);
    conversation.customer_wrote(&status(OPEN), &back(true), later).unwrap();
    assert_eq!((conversation.closed_at, conversation.resolved_at), (Some(NOW), Some(NOW)));
    assert_eq!((conversation.reopened_count, conversation.waiting_since), (1, Some(later)));
    conversation.set_status(&status(CLOSED), None, &By::SYSTEM, &back(true), later).unwrap();
    assert_eq!((conversation.closed_at, conversation.waiting_since), (Some(NOW), None));
}

#[test]
fn whoever_lost_work_is_preferred_and_from_whom_it_was_taken_is_kept_away() {
    for why in UnassignedWhy::ALL.iter().copied() {
        let mut conversation = after(&[ASSIGN]);
        let effects = take(&mut conversation, Step::Unassign(why)).unwrap();
        let lost = matches!(
            why,
            UnassignedWhy::Disabled
                | UnassignedWhy::Locked
                | UnassignedWhy::Reassigning
                | UnassignedWhy::Absent
                | UnassignedWhy::CameBackToNobody
        );
        assert_eq!(conversation.preferred_agent, lost.then_some(KIM), "{why:?}");
        assert_eq!(effects.exclude, (why == UnassignedWhy::Returned).then_some(KIM), "{why:?}");
    }
}

#[test]
fn a_team_that_goes_leaves_agent_and_place() {
    let mut active = after(&[Step::Team(Some(SALES)), ASSIGN]);
    let effects = active.leave_team(None, &By::SYSTEM);
    assert_eq!((active.team, active.assignee, effects.queue), (None, Some(KIM), QueueChange::Keep));
    let mut queued = after(&[Step::Team(Some(SALES))]);
    let effects = queued.leave_team(Some((TeamId(8), "Support")), &By::SYSTEM);
    assert_eq!((queued.team, effects.queue), (Some(TeamId(8)), QueueChange::Enter));
    assert_eq!(names(&effects), ["conversation.team_changed"]);
}

#[test]
fn messages_are_numbered_and_move_what_lists_show() {
    let mut conversation = new();
    let later = NOW + Duration::from_secs(5);
    assert_eq!(conversation.take_message(MessageKind::Activity, "", later), 1);
    assert_eq!((conversation.last_message.clone(), conversation.sort_at), (None, NOW));
    assert_eq!(conversation.take_message(MessageKind::Incoming, "hi\n there", later), 2);
    assert_eq!(conversation.take_message(MessageKind::Note, "psst", later), 3);
    let last = conversation.last_message.unwrap();
    let interaction = conversation.last_interaction.unwrap();
    assert_eq!((last.text.as_str(), last.sender), ("psst", Sender::Agent));
    assert_eq!((interaction.text.as_str(), interaction.sender), ("hi there", Sender::Contact));
    assert_eq!(conversation.sort_at, later);
}

#[test]
fn a_reply_ends_the_wait_and_the_first_one_is_remembered() {
    let mut conversation = new();
    conversation.customer_wrote(&status(OPEN), &back(true), NOW).unwrap();
    let later = NOW + Duration::from_secs(5);
    conversation.customer_wrote(&status(OPEN), &back(true), later).unwrap();
    assert_eq!(conversation.waiting_since, Some(NOW));
    conversation.replied(later);
    conversation.replied(later + Duration::from_secs(1));
    assert_eq!((conversation.first_reply_at, conversation.waiting_since), (Some(later), None));
    assert_eq!(conversation.last_reply_at, Some(later + Duration::from_secs(1)));
}

fn step() -> impl Strategy<Value = Step> {
    let agent = prop_oneof![Just(KIM), Just(LEE)];
    let why = proptest::sample::select(UnassignedWhy::ALL);
    let status = prop_oneof![Just(OPEN), Just(SNOOZED), Just(RESOLVED), Just(CLOSED)];
    prop_oneof![
        agent.prop_map(Step::Assign),
        why.prop_map(Step::Unassign),
        proptest::option::of(prop_oneof![Just(SALES), Just(TeamId(8))]).prop_map(Step::Team),
        Just(Step::TeamGone),
        (status, any::<bool>()).prop_map(|(status, keeps)| Step::Status(status, keeps)),
        any::<bool>().prop_map(Step::CustomerWrote),
        proptest::option::of(1_i64..6).prop_map(Step::Priority),
    ]
}

proptest! {
    /// Load and queue are what a recount would give, whatever happened.
    #[test]
    fn load_and_queue_always_equal_a_recount(steps in proptest::collection::vec(step(), 1..40)) {
        let mut conversation = new();
        let (mut load, mut queued) = (BTreeMap::<AgentId, i16>::new(), true);
        for step in steps {
            let before = conversation.clone();
            match take(&mut conversation, step) {
                Ok(effects) => {
                    for change in effects.net_load() {
                        *load.entry(change.agent).or_default() += change.by;
                    }
                    match effects.queue {
                        QueueChange::Enter => queued = true,
                        QueueChange::Leave => queued = false,
                        QueueChange::Keep => {}
                    }
                    prop_assert_eq!(effects.is_empty(), effects.events.is_empty());
                }
                Err(_) => prop_assert_eq!(&before, &conversation),
            }
            prop_assert_eq!(queued, conversation.is_queued());
            for agent in [KIM, LEE] {
                let holds = conversation.is_open() && conversation.assignee == Some(agent);
                prop_assert_eq!(load.get(&agent).copied().unwrap_or(0), i16::from(holds));
            }
        }
    }
}
