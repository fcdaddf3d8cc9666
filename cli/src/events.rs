//! What the numbers of an event mean: printed beside each, and in `docs/events.md`.

use crate::{output, when};
use landsea_types::Timestamp;
use landsea_types::event::{Event, EventName};
use landsea_types::role::{
    AttestResult, DocKind, FlowAction, FlowAlertKind, FlowStep, HoldKind, InstructionKind, LicenceKind, OfferState,
    RealiseMode, ReleaseReason, Role, Roles, TerminateReason, UsePurpose,
};
use std::fmt::Display;

/// How a number is spelled.
#[derive(Clone, Copy)]
pub(crate) enum Spelling {
    /// As it is: a height, an index, a count.
    Number,
    /// Milliseconds since 1970.
    Time,
    /// Thousandths of the unit of measure.
    Quantity,
    /// 1 or 0.
    Yes,
    /// A kind of document.
    Document,
    /// An outcome code.
    Code,
    /// The bit of one role, or the bits of several.
    Roles,
    /// The ASCII number of a class letter.
    Class,
    /// The place of a word in a list.
    Word { list: fn(usize) -> Option<String> },
}

/// An argument's name and spelling.
type Argument = (&'static str, Spelling);

fn word<T: Display + Copy>(all: &[T], place: usize) -> Option<String> {
    all.get(place).map(ToString::to_string)
}

macro_rules! words {
    ($all:expr) => {
        Spelling::Word { list: |place| word($all, place) }
    };
}

const ALERT: Spelling = words!(FlowAlertKind::ALL);
const HOLD: Spelling = words!(HoldKind::ALL);
const LICENCE: Spelling = words!(LicenceKind::ALL);
const PURPOSE: Spelling = words!(UsePurpose::ALL);

/// The arguments of an event, in order. Where there are more than are named, the last one repeats.
pub(crate) fn arguments(name: EventName) -> &'static [Argument] {
    use EventName::*;
    use Spelling::{Class, Code, Document, Number, Quantity, Roles, Time, Yes};
    match name {
        DocIssued | DocAnchored | AnchorClosed => &[("kind", Document)],
        Nominated => &[("named", Yes)],
        SurrenderRequested => &[("for_amendment", Yes)],
        SurrenderAnswered => &[("accepted", Yes)],
        Amended => &[("changed_fields", Number)],
        Split => &[("children", Number)],
        Merged => &[("parents", Number)],
        Converted => &[("shortage", Quantity)],
        CellCounted => &[("counted", Quantity), ("receipts", Quantity)],
        CellDeficit => &[("missing", Quantity)],
        Reserved | ReservationExpired | ReservationCancelled => &[("until", Time)],
        PledgeActive => &[("since_height", Number), ("index", Number), ("reg_until", Time)],
        PledgeAssigned => &[("since_height", Number), ("index", Number)],
        PledgeExtended => &[("reg_until", Time)],
        PledgeMatured | PledgeLapsed => &[("grace_until", Time)],
        PledgeReleased => &[("reason", words!(ReleaseReason::ALL))],
        CoverLow => &[("cover_bps", Number), ("cover_min_bps", Number)],
        DefaultDeclared => &[("since", Time)],
        Cured => &[("reg_until", Time), ("grace_until", Time)],
        Realised => &[("mode", words!(RealiseMode::ALL))],
        Mirrored => &[("expires", Time)],
        MirrorOverdue => &[("due", Time)],
        HoldPlaced | HoldEffective | HoldChanged => &[("kind", HOLD), ("until", Time)],
        HoldLifted | HoldLapsed => &[("kind", HOLD)],
        HoldQueued => &[("rank", Number)],
        ProofOpened => &[("template", Number), ("level", Number)],
        Attested => &[("kind", Document), ("result", words!(AttestResult::ALL))],
        AttWithdrawn => &[("kind", Document)],
        ProofMatched | ProofLinked => &[("level", Number)],
        ProofDegraded => &[("level", Number), ("before", Number)],
        ProofContradicted => &[("field", Number)],
        ProofClosed => &[("before", Number)],
        UseMarked | MarkReleased => &[("purpose", PURPOSE), ("bps", Number), ("used_bps", Number)],
        FlowEvent => &[("step", words!(FlowStep::ALL)), ("at", Time)],
        FlowCorrected => &[("action", words!(FlowAction::ALL))],
        FlowAlert => &[("alarm", ALERT)],
        DoublePledgeAttempt => &[("since_height", Number)],
        DuplicateGoods => &[("class", Class)],
        DuplicateDocument => &[("code", Code)],
        PartyOnboarded => &[("roles", Roles)],
        RoleAdded => &[("role", Roles), ("roles", Roles)],
        KeyRotated => &[("old_key", Number), ("new_key", Number), ("from_height", Number)],
        KeyRecovered => &[("first_key", Number), ("from_height", Number)],
        RecoveryNoticed => &[("effective", Time)],
        LicenceGranted => &[("kind", LICENCE), ("from", Time), ("to", Time)],
        LicenceRevoked => &[("kind", LICENCE), ("at", Time)],
        Tagged => &[("tag", Number), ("from", Time), ("to", Time)],
        Untagged => &[("tag", Number)],
        Delegated => &[("until", Time)],
        LossDeclared | PartialDelivery => &[("qty", Quantity)],
        InstructionGiven => &[("instruction", words!(InstructionKind::ALL))],
        Voided => &[("by_order", Yes)],
        StorageExtended => &[("until", Time)],
        LienSet => &[("lien", Yes)],
        SaleNoticed => &[("sold_from", Time), ("reason", words!(TerminateReason::ALL))],
        OfferMade => &[("until", Time)],
        OfferAccepted => &[("still_to_accept", Number)],
        OfferEnded => &[("state", words!(OfferState::ALL))],
        _ => &[],
    }
}

/// The arguments of an event with their names.
pub(crate) fn spelled(event: &Event) -> String {
    let known = arguments(event.name);
    let one = |(place, number): (usize, &u64)| match known.get(place).or(known.last()) {
        Some((name, spelling)) => format!("{name}={}", spell(*spelling, *number)),
        None => number.to_string(),
    };
    event.args.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
}

fn spell(spelling: Spelling, number: u64) -> String {
    let short = u16::try_from(number).ok();
    let text = match spelling {
        Spelling::Number => None,
        Spelling::Time => Some(when::text(Timestamp::new(number))),
        Spelling::Quantity => Some(output::quantity(number)),
        Spelling::Yes => Some(if number == 0 { "no" } else { "yes" }.to_owned()),
        Spelling::Document => short.and_then(|n| DocKind(n).name()).map(str::to_owned),
        Spelling::Code => Some(output::code(number)),
        Spelling::Roles => short.map(|bits| Roles(bits).iter().map(Role::name).collect::<Vec<_>>().join("+")),
        Spelling::Class => u8::try_from(number).ok().map(|letter| char::from(letter).to_string()),
        Spelling::Word { list } => usize::try_from(number).ok().and_then(list),
    };
    text.unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::Hash;
    use std::fmt::Write as _;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");

    fn said(name: EventName, args: &[u64]) -> String {
        let event = Event {
            name,
            subject: Hash([1; 32]),
            related: vec![],
            members: vec![],
            parties: vec![],
            args: args.into(),
        };
        spelled(&event)
    }

    #[test]
    fn numbers_are_named_and_spelled() {
        assert_eq!(said(EventName::FlowAlert, &[6]), "alarm=CUSTODY_GAP");
        let placed = said(EventName::HoldPlaced, &[0, 1_772_632_800_000]);
        assert_eq!(placed, "kind=DISPUTE until=2026-03-04 14:00:00.000 UTC");
        assert_eq!(said(EventName::CellDeficit, &[1_500]), "missing=1.500");
        assert_eq!(said(EventName::Converted, &[1_000, 2_000]), "shortage=1.000 shortage=2.000");
        assert_eq!(said(EventName::FlowAlert, &[99]), "alarm=99", "a word of a later release");
    }

    fn meaning(spelling: Spelling) -> String {
        match spelling {
            Spelling::Number => String::new(),
            Spelling::Time => "time".into(),
            Spelling::Quantity => "thousandths of the unit".into(),
            Spelling::Yes => "1 yes, 0 no".into(),
            Spelling::Document => "kind of document".into(),
            Spelling::Code => "outcome code".into(),
            Spelling::Roles => "bits of roles".into(),
            Spelling::Class => "ASCII number of the class letter".into(),
            Spelling::Word { list } => {
                let words: Vec<String> = (0..).map_while(|n| list(n).map(|word| format!("{n} {word}"))).collect();
                words.join(", ")
            }
        }
    }

    fn table() -> String {
        let mut text = "| event | arguments |\n|--|--|\n".to_owned();
        for name in EventName::ALL {
            let one = |(name, spelling): &Argument| match meaning(*spelling) {
                meaning if meaning.is_empty() => format!("`{name}`"),
                meaning => format!("`{name}` ({meaning})"),
            };
            let args: Vec<String> = arguments(*name).iter().map(one).collect();
            let args = if args.is_empty() { "-".to_owned() } else { args.join(", ") };
            writeln!(text, "| {} | {args} |", name.as_str()).expect("a text takes everything");
        }
        text
    }

    /// `LANDSEA_REWRITE_DOCS=1` writes the table anew.
    #[test]
    fn the_page_on_events_has_every_event_with_its_arguments() {
        let page = std::fs::read_to_string(PAGE).expect("the page is there");
        let start = page.find("| event |").expect("the page has a table");
        let whole = format!("{}{}", &page[..start], table());
        if std::env::var_os("LANDSEA_REWRITE_DOCS").is_some() {
            std::fs::write(PAGE, &whole).expect("the page can be written");
        } else {
            assert!(page == whole, "docs/events.md is not what this program says; run with LANDSEA_REWRITE_DOCS=1");
        }
    }
}
