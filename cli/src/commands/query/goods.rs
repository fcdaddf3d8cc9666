//! Questions about goods: lots, cells, what lies on them, where they are.

use super::{Ended, Page, found, show};
use crate::context::Context;
use crate::error::CliError;
use clap::{Args, Subcommand};
use landsea_client::rpc::RpcClient;
use landsea_types::record::HoldTarget;
use landsea_types::{AccountId, DocId, EventId, GoodsKey, Hash, Height, HoldId, LotId, Member, PledgeId};

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
        /// The member, by table index
        member: u8,
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
        GoodsQuery::Lots { doc, page } => show(context, &client.lots_by_doc(doc, page.after, page.limit).await?),
        GoodsQuery::GoodsKey { key } => found(context, client.goods_key(key).await?, "occupied goods key", key),
        GoodsQuery::Cell { cell } => found(context, client.cell(cell).await?, "cell", cell),
        GoodsQuery::Encumbrance { target } => {
            found(context, client.encumbrance(target).await?, "encumbrance of", target)
        }
        GoodsQuery::Reservation { target } => {
            found(context, client.reservation(target).await?, "reservation of", target)
        }
        GoodsQuery::Hold { hold } => found(context, client.hold(hold).await?, "hold", hold),
        GoodsQuery::Holds(args) => show(context, &client.holds(&args.target()?).await?),
        GoodsQuery::Queue(args) => show(context, &client.queue(&args.target()?).await?),
        GoodsQuery::Timeline { lot, page } => show(context, &client.timeline(lot, page.after, page.limit).await?),
        GoodsQuery::Where { lot, at_height } => {
            let height = at_height.map(Height::new);
            found(context, client.whereabouts(lot, height).await?, "lot", lot)
        }
        GoodsQuery::InTransit { member, page } => {
            show(context, &client.in_transit(Member::new(*member), page.after, page.limit).await?)
        }
    }
}
