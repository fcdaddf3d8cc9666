//! From the names of files to ids: sites, cells, goods keys, lots, what a hold stands on.

use super::trouble::Trouble;
use super::world::World;
use landsea_client::paper::{cell_key, plain_key};
use landsea_types::fingerprint::{RawGoodsKey, keyed};
use landsea_types::record::HoldTarget;
use landsea_types::role::LicenceKind;
use landsea_types::{Fp, GoodsKey, LotId, PledgeId};
use serde_json::Value;

impl World {
    /// The code of the site at which somebody of the cast keeps or watches goods.
    pub(super) fn site_of(&self, tag: &str) -> Result<String, Trouble> {
        let member = self.scenario.cast.get(tag);
        let licences = member.map(|m| m.licences.as_slice()).unwrap_or_default();
        let keeps = licences.iter().find(|l| l.kind == LicenceKind::WarehouseSite);
        let site = keeps.or_else(|| licences.first());
        site.map(|l| l.site.clone()).ok_or_else(|| Trouble::cannot(format!("{tag} has no site in this file")))
    }

    /// A cell: `A-07` at the site of `actor`, `BOND/A-07` at that of BOND.
    pub(super) fn cell(&self, actor: &str, text: &str) -> Result<GoodsKey, Trouble> {
        if let Some(id) = self.literal(text)? {
            return Ok(GoodsKey(id));
        }
        let (tag, cell) = text.split_once('/').unwrap_or((actor, text));
        Ok(self.keyed(cell_key(&self.site_of(tag)?, &self.varied_cell(cell))?))
    }

    /// A container, vehicle or pallet by class and number: `C:XLHU2601019`.
    pub(super) fn plain_key(&self, text: &str) -> Result<GoodsKey, Trouble> {
        match self.literal(text)? {
            Some(id) => Ok(GoodsKey(id)),
            None => Ok(self.keyed(plain_key(text)?)),
        }
    }

    fn keyed(&self, raw: RawGoodsKey) -> GoodsKey {
        GoodsKey(keyed(&self.network.seed.fingerprint_key(), &raw.raw))
    }

    /// The fingerprint of a paper.
    pub(super) fn evidence(&mut self, text: &str) -> Result<Fp, Trouble> {
        match self.literal(text)? {
            Some(id) => Ok(Fp(id)),
            None => Ok(self.paper(text)?.fp1),
        }
    }

    /// The lots of a document as the ledger has it; one that nobody has if there are none.
    pub(super) async fn lots_of(&mut self, doc: &str, node: &str) -> Result<Vec<LotId>, Trouble> {
        let (_, view) = self.doc(doc, node).await?;
        let lots = view.map(|v| v.public.lots).unwrap_or_default();
        let made_up = || LotId(*blake3::hash(format!("lot of {doc}").as_bytes()).as_bytes());
        Ok(if lots.is_empty() { vec![made_up()] } else { lots })
    }

    /// A lot: `bill` is the first of the bill, `bill.1` the second.
    pub(super) async fn lot(&mut self, text: &str, node: &str) -> Result<LotId, Trouble> {
        if let Some(id) = self.literal(text)? {
            return Ok(LotId(id));
        }
        let numbered = text.rsplit_once('.').and_then(|(doc, n)| Some((doc, n.parse::<usize>().ok()?)));
        let (doc, position) = numbered.unwrap_or((text, 0));
        let lots = self.lots_of(doc, node).await?;
        lots.get(position).copied().ok_or_else(|| Trouble::cannot(format!("{doc} has {} lots", lots.len())))
    }

    /// What a hold stands on: `{ doc = "bill" }`, `{ cell = "BOND/A-07" }` and the like.
    pub(super) async fn target(&mut self, actor: &str, value: &Value, node: &str) -> Result<HoldTarget, Trouble> {
        let unknown = || Trouble::cannot("a target is one of doc, lot, pledge, party and cell");
        let (word, name) = value.as_object().and_then(|map| map.iter().next()).ok_or_else(unknown)?;
        let name = name.as_str().ok_or_else(unknown)?;
        Ok(match word.as_str() {
            "doc" => HoldTarget::Doc(self.doc(name, node).await?.0),
            "lot" => HoldTarget::Lot(self.lot(name, node).await?),
            "pledge" => HoldTarget::Pledge(PledgeId(self.created(name, "pledge")?)),
            "party" => HoldTarget::Party(self.account(name)?),
            "cell" => HoldTarget::Cell(self.cell(actor, name)?),
            _ => return Err(unknown()),
        })
    }
}
