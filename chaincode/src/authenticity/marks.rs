//! `authenticity.mark_use` and `authenticity.release_mark`: one piece of evidence is used for each purpose once, in shares of basis
//! points. Amounts stay with the marker; the ledger holds the ratio and a commitment.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::authenticity::{MarkUse, ReleaseMark};
use landsea_types::record::{UseMark, UseMarks};
use landsea_types::role::{DocKind, Role, UsePurpose};
use landsea_types::{Bps, Code, bounds};

/// Who uses evidence.
const MARKERS: &[Role] = &[Role::Bank, Role::Customs, Role::Tax, Role::Insurer];

/// The whole of a piece of evidence.
const WHOLE_BPS: Bps = 10_000;

/// Marks a share of a piece of evidence as used for a purpose. All shares in use for it stay within the whole.
///
/// # Errors
/// 1005, 1006; 3003, 3008, 3009 for the marker's ticket over the evidence; 7005 with what is left for the purpose, also for a share of
/// nothing; 1010 when the evidence has its most marks and all of them are in use.
pub fn mark_use(cx: &mut Cx<'_, '_>, op: &MarkUse) -> Refused {
    cx.require_role(MARKERS)?; // 3
    check_evidence(cx, op)?; // 8
    let evidence = op.ticket.body.fp1;
    let mut marks = cx.view.use_marks(&evidence).unwrap_or(UseMarks { evidence, ver: 0, marks: Vec::new() });
    check_share(&marks, op)?; // 13
    let last = marks.marks.last().map_or(0, |mark| mark.n);
    make_room(&mut marks)?; // 13
    marks.marks.push(UseMark {
        n: internal(last.checked_add(1))?,
        purpose: op.purpose,
        by: cx.sender.id,
        bps: op.bps,
        reference: op.reference,
        at: cx.now(),
        released: false,
    });
    put(cx, marks, EventName::UseMarked, op.purpose, op.bps)
}

/// Check step 8: the ticket is the marker's own, over a paper.
fn check_evidence(cx: &Cx<'_, '_>, op: &MarkUse) -> Refused {
    let kind = op.ticket.body.kind;
    cx.require_ticket(&op.ticket, &cx.sender.id, kind)?;
    ensure(kind != DocKind::PARTY && kind != DocKind::SITE, Code::UnknownKindOrRules)
}

/// Check step 13: the share is one, and there is so much left.
fn check_share(marks: &UseMarks, op: &MarkUse) -> Refused {
    let left = WHOLE_BPS.saturating_sub(marks.used_bps(op.purpose));
    if op.bps == 0 || op.bps > left {
        return Err(Refusal::with_args(Code::UseMarkExceeded, &[u64::from(left)]));
    }
    Ok(())
}

/// Check step 13: where the marks are at their most, the oldest that was given back makes room. Its number is not used again.
fn make_room(marks: &mut UseMarks) -> Refused {
    if marks.marks.len() < bounds::USE_MARKS_MAX {
        return Ok(());
    }
    let given_back = marks.marks.iter().position(|mark| mark.released);
    let oldest = given_back.ok_or_else(|| Refusal::new(Code::TooLarge))?;
    marks.marks.remove(oldest);
    Ok(())
}

/// Gives a share back.
///
/// # Errors
/// 1005, 1006; 1012 (0 the evidence, 1 the mark), 1007; 5008 when it was given back before; 3005 for another's mark.
pub fn release_mark(cx: &mut Cx<'_, '_>, op: &ReleaseMark) -> Refused {
    cx.require_role(MARKERS)?; // 3
    let mut marks = Cx::known(cx.view.use_marks(&op.evidence), 0)?; // 4
    cx.expect_ver(op.expect_ver, marks.ver)?; // 4
    let mark = Cx::known(marks.marks.iter_mut().find(|mark| mark.n == op.mark), 1)?; // 4
    ensure(!mark.released, Code::PledgeState)?; // 6
    ensure(mark.by == cx.sender.id, Code::NotHolder)?; // 11
    mark.released = true;
    let (purpose, bps) = (mark.purpose, mark.bps);
    put(cx, marks, EventName::MarkReleased, purpose, bps)
}

/// Writes the marks and says what is in use now; by name to the marker alone.
fn put(cx: &mut Cx<'_, '_>, mut marks: UseMarks, name: EventName, purpose: UsePurpose, bps: Bps) -> Refused {
    marks.ver = internal(marks.ver.checked_add(1))?;
    cx.view.put_use_marks(&marks);
    let args = [purpose as u64, u64::from(bps), u64::from(marks.used_bps(purpose))];
    let (home, me) = (cx.sender.home, cx.sender.id);
    cx.emit(name, &marks.evidence.0, &[home], &[me], &args);
    Ok(())
}
