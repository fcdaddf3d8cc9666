//! Questions about goods: lots, cells, what lies on them, where they are.

use super::{Ended, Page, found, known, list, of_doc, show};
use crate::context::Context;
use crate::error::CliError;
use crate::output;
use clap::{Args, Subcommand};
use landsea_client::api::HoldView;
use landsea_client::rpc::RpcClient;
use landsea_types::record::HoldTarget;
use landsea_types::{AccountId, DocId, EventId, GoodsKey, Hash, Height, HoldId, LotId, PledgeId};

/// The questions.
#[derive(Debug, Subcommand)]
pub(crate) enum GoodsQuery {
    /// A lot
    Lot {
        /// The lot
        lot: LotId,
    },
    /// The lots of a document
    Lots {
        /// The document
        doc: DocId,
        #[command(flatten)]
        page: Page<LotId>,
    },
    /// The lot that occupies a goods key
    GoodsKey {
        /// The key, as in a derive ticket
        #[arg(id = "goods_key", value_name = "KEY")]
        key: GoodsKey,
    },
    /// A warehouse cell: keeper, supervisor and owners see what was counted
    Cell {
        /// The cell's goods key
        cell: GoodsKey,
    },
    /// The live encumbrance of a document or lot
    Encumbrance {
        /// The document or lot
        target: Hash,
    },
    /// The reservation of a document or lot
    Reservation {
        /// The document or lot
        target: Hash,
    },
    /// A hold, ended ones included
    Hold {
        /// The hold
        hold: HoldId,
    },
    /// The effective holds on an object, the gravest first
    Holds(TargetArgs),
    /// The holds placed on an object, effective or waiting, in the order of placing
    Queue(TargetArgs),
    /// What was seen of the goods of a lot, from the first lot they were in (custodian, holder, pledgee, branches)
    Timeline {
        /// The lot
        lot: LotId,
        #[command(flatten)]
        page: Page<EventId>,
    },
    /// Where a lot is, or was
    Where {
        /// The lot
        lot: LotId,
        /// The height; the newest when absent
        #[arg(long, value_name = "HEIGHT")]
        at_height: Option<u64>,
    },
    /// Lots on their way in a member's territory (branches)
    InTransit {
        /// The member, by code or index
        member: String,
        #[command(flatten)]
        page: Page<LotId>,
    },
}

/// What a hold stands on.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct TargetArgs {
    /// A document
    #[arg(long, value_name = "ID")]
    doc: Option<DocId>,
    /// A lot
    #[arg(long, value_name = "ID")]
    lot: Option<LotId>,
    /// A pledge
    #[arg(long, value_name = "ID")]
    pledge: Option<PledgeId>,
    /// A party
    #[arg(long, value_name = "ID")]
    party: Option<AccountId>,
    /// A warehouse cell
    #[arg(long, value_name = "KEY")]
    cell: Option<GoodsKey>,
}

impl TargetArgs {
    fn target(&self) -> Result<HoldTarget, CliError> {
        let doc = self.doc.map(HoldTarget::Doc).or(self.lot.map(HoldTarget::Lot));
        let other = self.pledge.map(HoldTarget::Pledge).or(self.party.map(HoldTarget::Party));
        let target = doc.or(other).or(self.cell.map(HoldTarget::Cell));
        target.ok_or_else(|| CliError::usage("name one of --doc, --lot, --pledge, --party and --cell"))
    }
}

/// Runs a question about goods.
pub(super) async fn run(context: &Context, client: &RpcClient, query: &GoodsQuery) -> Ended {
    match query {
        GoodsQuery::Lot { lot } => found(context, client.lot(lot).await?, "lot", lot),
        GoodsQuery::Lots { doc, page } => {
            of_doc(context, client, doc, &client.lots_by_doc(doc, page.after, page.limit).await?).await
        }
        GoodsQuery::GoodsKey { key } => found(context, client.goods_key(key).await?, "occupied goods key", key),
        GoodsQuery::Cell { cell } => found(context, client.cell(cell).await?, "cell", cell),
        GoodsQuery::Encumbrance { target } => {
            found(context, client.encumbrance(target).await?, "encumbrance of", target)
        }
        GoodsQuery::Reservation { target } => {
            found(context, client.reservation(target).await?, "reservation of", target)
        }
        GoodsQuery::Hold { hold } => found(context, client.hold(hold).await?, "hold", hold),
        GoodsQuery::Holds(args) => {
            let target = args.target()?;
            on_target(context, client, &target, &client.holds(&target).await?).await
        }
        GoodsQuery::Queue(args) => {
            let target = args.target()?;
            on_target(context, client, &target, &client.queue(&target).await?).await
        }
        GoodsQuery::Timeline { lot, page } => timeline(context, client, lot, page).await,
        GoodsQuery::Where { lot, at_height } => whereabouts(context, client, lot, at_height.map(Height::new)).await,
        GoodsQuery::InTransit { member, page } => in_transit(context, client, member, page).await,
    }
}

/// Shows the holds on an object; none could also mean that there is no such object.
async fn on_target(context: &Context, client: &RpcClient, target: &HoldTarget, holds: &[HoldView]) -> Ended {
    if let (HoldTarget::Doc(doc), true) = (target, holds.is_empty()) {
        return of_doc(context, client, doc, holds).await;
    }
    if holds.is_empty() {
        let (is_known, what) = match target {
            HoldTarget::Doc(_) => (true, "document"),
            HoldTarget::Lot(lot) => (client.lot(lot).await?.is_some(), "lot"),
            HoldTarget::Pledge(pledge) => (client.pledge(pledge).await?.is_some(), "pledge"),
            HoldTarget::Party(party) => (client.party(party).await?.is_some(), "party"),
            HoldTarget::Cell(cell) => (client.cell(cell).await?.is_some(), "cell"),
        };
        known(is_known, what, &Hash(target.id()))?;
    }
    list(context, holds)
}

async fn timeline(context: &Context, client: &RpcClient, lot: &LotId, page: &Page<EventId>) -> Ended {
    let entries = client.timeline(lot, page.after, page.limit).await?;
    if entries.is_empty() {
        known(client.lot(lot).await?.is_some(), "lot", lot)?;
        if let Some(after) = page.after {
            known(has_event(client, lot, after).await?, &format!("event of lot {lot} with id"), &after)?;
        }
    }
    list(context, &entries)
}

async fn has_event(client: &RpcClient, lot: &LotId, event: EventId) -> Result<bool, CliError> {
    let mut after = None;
    loop {
        let entries = client.timeline(lot, after, None).await?;
        let Some(last) = entries.last().map(|entry| entry.event.id) else { return Ok(false) };
        if entries.iter().any(|entry| entry.event.id == event) {
            return Ok(true);
        }
        after = Some(last);
    }
}

/// Where a lot was. A height of which the node has no proof left is no answer, and not the same as a lot that did not exist.
async fn whereabouts(context: &Context, client: &RpcClient, lot: &LotId, height: Option<Height>) -> Ended {
    let view = client.whereabouts(lot, height).await?;
    let is_known = view.as_ref().is_none_or(|view| view.custody.is_some());
    let ended = found(context, view, "lot", lot)?;
    match height {
        Some(height) if !is_known => {
            let what = format!("the node cannot say who kept lot {lot} at height {height}");
            let next = "The lot was made later, or the node proves no heights that far back; ask an archive node \
                        (docs/operating.md).";
            Err(CliError::refused(what).next(next))
        }
        _ => Ok(ended),
    }
}

async fn in_transit(context: &Context, client: &RpcClient, member: &str, page: &Page<LotId>) -> Ended {
    let member = context.names().find(member)?;
    let answer = client.in_transit(member, page.after, page.limit).await?;
    if answer.lots.is_empty() && answer.next.is_none() {
        let next = client.status().await?.height.next();
        let is_known = client.validators(next).await?.iter().any(|seat| seat.member == member);
        known(is_known || context.genesis()?.is_some(), "member", &member)?;
        output::note("there are none");
    }
    show(context, &answer)
}
