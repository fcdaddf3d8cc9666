//! Answers to what an operation needs: ids, versions, tickets, lots.

use super::build::{After, Builder, Built, shortage, usual_basis};
use super::trouble::Trouble;
use super::world::Held;
use crate::scenario::spec::{Kind, Need, Place, Spec, TicketWish, text_or_list};
use crate::scenario::values::{Version, When};
use landsea_client::LotInput;
use landsea_client::api::{DeriveRequest, method};
use landsea_client::paper::cell_request;
use landsea_types::operation::party::NewKey;
use landsea_types::operation::waybill::{ChildLot, NewLot};
use landsea_types::record::Lot;
use landsea_types::role::KeyPurpose;
use landsea_types::ticket::{ClassedKey, DeriveTicket};
use landsea_types::{Commit, Fp, GoodsKey, Hash, LotId, Operation, ProofId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

impl Builder<'_> {
    /// Builds an operation that is read through the ledger's own type.
    pub(super) async fn written(&mut self, spec: &Spec) -> Built<Operation> {
        let wrong = |p: crate::scenario::spec::Problem| Trouble::cannot(format!("{}: {p}", spec.name()));
        let mut answers = Vec::new();
        for need in spec.needs().map_err(wrong)? {
            answers.push(self.supply(&need).await?);
        }
        spec.fill(answers).map_err(wrong)
    }

    async fn supply(&mut self, need: &Need) -> Built<Value> {
        let text = need.value.as_ref().and_then(Value::as_str).unwrap_or_default();
        Ok(match need.kind {
            Kind::Doc => json!(self.world.doc(text, &self.node).await?.0),
            Kind::Party => json!(self.party_named(need.value.as_ref())?),
            Kind::Made(what) => json!(Hash(self.world.created(text, what)?)),
            Kind::Version => json!(self.version_of(need).await?),
            Kind::Lot => json!(self.lot_named(need.value.as_ref(), &need.place).await?),
            Kind::Lots => json!(self.lots_named(need).await?),
            Kind::Cell if need.value.is_none() => json!(self.cell_of_lot(&need.place).await?),
            Kind::Cell => json!(self.cell_named(text)?),
            Kind::Key => json!(self.key_named(text)?),
            Kind::Keys => json!(self.keys_of(need).await?),
            Kind::Site => json!(self.site_named(text)?),
            Kind::Paper => json!(self.world.evidence(text)?),
            Kind::Time => {
                let when = When::try_from(text.to_owned()).map_err(Trouble::Cannot)?;
                json!(self.world.when(&when, self.base)?)
            }
            Kind::Commit => json!(self.commitment(text)?),
            Kind::Quantity => json!(self.lot_record(&need.place).await?.qty),
            Kind::DocKind => json!(self.held(&need.place)?.paper.kind()),
            Kind::LegalBasis => json!(usual_basis(self.held(&need.place)?.paper.kind())),
            Kind::Ticket => json!(self.ticket_for(need).await?),
            Kind::ContentRoot => json!(self.held(&need.place)?.salts.content_root),
            Kind::IssueDate => json!(self.held(&need.place)?.paper.issue_date()?),
            Kind::NewLots => json!(self.new_lots(need).await?),
            Kind::ChildLots => json!(self.child_lots(need).await?),
            Kind::Shortages => json!(self.shortages(&need.place)?),
            Kind::NewKeys => json!(self.new_keys(&need.place).await?),
            Kind::Plain | Kind::Unit | Kind::OperationNumber | Kind::Position => need.value.clone().unwrap_or_default(),
        })
    }

    // ---- names

    fn party_named(&self, value: Option<&Value>) -> Built<landsea_types::AccountId> {
        self.world.account(value.and_then(Value::as_str).unwrap_or(&self.actor))
    }

    fn commitment(&self, text: &str) -> Built<Commit> {
        Ok(self.world.literal(text)?.map_or_else(|| self.commit(text), Commit))
    }

    fn held(&mut self, place: &Place) -> Built<Arc<Held>> {
        let name = place.document().ok_or_else(|| Trouble::cannot(format!("`{}` needs a document", place.field)))?;
        self.world.paper(name)
    }

    fn site_named(&mut self, text: &str) -> Built<Fp> {
        Ok(match self.world.literal(text)? {
            Some(id) => Fp(id),
            None => super::cast::site_fingerprint(&self.world.network, text)?,
        })
    }

    fn cell_named(&self, text: &str) -> Built<GoodsKey> {
        self.world.cell(&self.actor, text)
    }

    fn key_named(&self, text: &str) -> Built<GoodsKey> {
        self.world.plain_key(text)
    }

    // ---- lots

    async fn lots_of(&mut self, doc: &str) -> Built<Vec<LotId>> {
        self.world.lots_of(doc, &self.node).await
    }

    async fn lot_named(&mut self, value: Option<&Value>, place: &Place) -> Built<LotId> {
        match value {
            Some(Value::String(text)) => self.world.lot(text, &self.node).await,
            other => {
                let position = other.and_then(Value::as_u64).unwrap_or_default();
                let doc = place.text("doc").unwrap_or_default();
                self.world.lot(&format!("{doc}.{position}"), &self.node).await
            }
        }
    }

    /// `"bill"` is all lots of a document, `"bill.1"` one of them.
    async fn lots_named(&mut self, need: &Need) -> Built<Vec<LotId>> {
        let mut all = Vec::new();
        for text in text_or_list(need.value.as_ref()) {
            let is_one = text.rsplit_once('.').is_some_and(|(_, n)| n.parse::<usize>().is_ok());
            match is_one || self.world.literal(text)?.is_some() {
                true => all.push(self.lot_named(Some(&json!(text)), &need.place).await?),
                false => all.extend(self.lots_of(text).await?),
            }
        }
        Ok(all)
    }

    /// The record of the lot that the table around a field names.
    async fn lot_record(&mut self, place: &Place) -> Built<Lot> {
        let lot = self.lot_named(place.around("lot"), place).await?;
        self.record_of_lot(&lot).await
    }

    async fn record_of_lot(&mut self, lot: &LotId) -> Built<Lot> {
        let view = self.world.branch_client(&self.node)?.lot(lot).await?;
        let record = view.and_then(|v| v.record);
        record.ok_or_else(|| Trouble::cannot(format!("the ledger knows no lot {}", lot.short())))
    }

    async fn cell_of_lot(&mut self, place: &Place) -> Built<GoodsKey> {
        let record = self.lot_record(place).await?;
        let cell = record.keys.iter().find(|k| k.class == b'S').map(|k| k.key);
        cell.ok_or_else(|| Trouble::cannot("the lot lies in no cell: say `from`"))
    }

    /// Keys by class and number or by a paper's goods. Not written: the containers and wagons of a lot that is unstuffed, all keys of a
    /// lot that leaves wholly, none of one that leaves in part.
    async fn keys_of(&mut self, need: &Need) -> Built<Vec<GoodsKey>> {
        let mut all = Vec::new();
        for text in text_or_list(need.value.as_ref()) {
            match self.world.scenario.documents.contains_key(text) {
                true => all.extend(self.world.goods_keys(text)?),
                false => all.push(self.key_named(text)?),
            }
        }
        if need.value.is_some() {
            return Ok(all);
        }
        let record = self.lot_record(&need.place).await?;
        let leaves: fn(&ClassedKey) -> bool = match need.place.owner {
            "Unstuff" => |k| matches!(k.class, b'C' | b'W'),
            _ if need.place.around("qty").is_none() => |_| true,
            _ => |_| false,
        };
        Ok(record.keys.iter().filter(|k| leaves(k)).map(|k| k.key).collect())
    }

    async fn new_lots(&mut self, need: &Need) -> Built<Vec<NewLot>> {
        let held = self.held(&need.place)?;
        let wish: Option<Vec<LotInput>> = match &need.value {
            Some(lots) => Some(Deserialize::deserialize(lots).map_err(|e| Trouble::cannot(format!("lots: {e}")))?),
            None => None,
        };
        let ticket = self.lots_ticket(&need.place).await?;
        self.lots(&held, wish.as_ref(), &ticket)
    }

    /// The keys of lots pair with those of any ticket over their paper.
    async fn lots_ticket(&mut self, place: &Place) -> Built<DeriveTicket> {
        let request = self.held(place)?.paper.derive_request();
        self.signed_ticket(&request, &TicketWish::default()).await
    }

    /// The lots of a child's paper, each with the lot that it is a part of: named by `parents`, the only one there is, or the one whose
    /// goods it names.
    async fn child_lots(&mut self, need: &Need) -> Built<Vec<ChildLot>> {
        let lots = self.new_lots(&Need { value: need.value.clone(), ..need.clone() }).await?;
        let doc = need.place.text("doc").unwrap_or_default().to_owned();
        let mut parents = Vec::new();
        for lot in self.lots_of(&doc).await? {
            parents.push(self.record_of_lot(&lot).await?);
        }
        let named: Vec<usize> = match need.place.around("parents") {
            Some(list) => Deserialize::deserialize(list).map_err(|e| Trouble::cannot(format!("parents: {e}")))?,
            None => Vec::new(),
        };
        let one = |(index, lot): (usize, NewLot)| match parent_of(&parents, named.get(index).copied(), &lot) {
            Some(parent) => Ok(ChildLot { parent: parent.id, lot }),
            None => Err(Trouble::cannot(format!("lot {index} is a part of no lot of {doc}; say `parents`"))),
        };
        lots.into_iter().enumerate().map(one).collect()
    }

    fn shortages(&self, place: &Place) -> Built<Value> {
        let Some(text) = place.text("shortage") else { return Ok(json!([])) };
        let packages = place.around("shortage_packages").and_then(Value::as_u64).unwrap_or_default();
        Ok(json!([shortage(text, u32::try_from(packages).unwrap_or(u32::MAX))?]))
    }

    // ---- versions

    /// The version that an operation expects of what it is about.
    async fn version_of(&mut self, need: &Need) -> Built<u32> {
        let version = match &need.value {
            Some(value) => Version::deserialize(value).map_err(|e| Trouble::cannot(e.to_string()))?,
            None => Version::Current,
        };
        let (kind, value) = need.place.object.clone().unwrap_or((Kind::Plain, None));
        let name = value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let current = match kind {
            Kind::Doc => self.world.doc(&name, &self.node).await?.1.map(|v| v.public.ver),
            Kind::Party => {
                let tag = if name.is_empty() { self.actor.clone() } else { name };
                return self.party_ver(&tag, version).await;
            }
            Kind::Lot => {
                let lot = self.lot_named(value.as_ref(), &need.place).await?;
                self.world.branch_client(&self.node)?.lot(&lot).await?.and_then(|v| v.record).map(|r| r.ver)
            }
            Kind::Cell => {
                let cell = self.cell_named(&name)?;
                self.ver_at(method::CELL, json!({ "cell": cell })).await?
            }
            Kind::Paper => {
                let evidence = self.world.evidence(&name)?;
                self.ver_at(method::USE_MARK, json!({ "evidence": evidence })).await?
            }
            Kind::Made("proof") => {
                let proof = ProofId(self.world.created(&name, "proof")?);
                self.world.branch_client(&self.node)?.proof(&proof).await?.map(|v| v.public.ver)
            }
            Kind::Made(what) => {
                let id = Hash(self.world.created(&name, what)?);
                let method = match what {
                    "pledge" => method::PLEDGE,
                    "hold" => method::HOLD,
                    _ => method::OFFER,
                };
                self.ver_at(method, json!({ what: id })).await?
            }
            _ => None,
        };
        Ok(version.number(current.unwrap_or(1)))
    }

    /// The version in a record that the branch sees.
    async fn ver_at(&mut self, method: &'static str, params: Value) -> Built<Option<u32>> {
        let view: Value = self.world.branch_client(&self.node)?.call(method, params).await?;
        let found = ["/record/ver", "/public/ver", "/ver"].iter().find_map(|place| view.pointer(place)?.as_u64());
        Ok(found.and_then(|ver| u32::try_from(ver).ok()))
    }

    // ---- tickets and keys

    async fn ticket_for(&mut self, need: &Need) -> Built<DeriveTicket> {
        let mut wish = need.wish().map_err(Trouble::Cannot)?;
        if need.place.owner == "CellOpen" {
            return self.cell_ticket(&need.place, &wish).await;
        }
        if need.place.owner == "SplitChild" && wish.applicant.is_none() {
            wish.applicant = self.issuer_of(need.place.text("doc").unwrap_or_default()).await?;
        }
        let held = self.held(&need.place)?;
        self.ticket(&held, held.paper.kind(), &wish).await
    }

    async fn cell_ticket(&mut self, place: &Place, wish: &TicketWish) -> Built<DeriveTicket> {
        let cell = place.text("cell").unwrap_or_default();
        let site = match place.text("site") {
            Some(code) => code.to_owned(),
            None => self.world.site_of(&self.actor)?,
        };
        let request: DeriveRequest = cell_request(&site, &self.world.varied_cell(cell))?;
        self.signed_ticket(&request, wish).await
    }

    /// Whoever of the cast has issued a document: the tickets of its children are the issuer's, whoever sends them.
    async fn issuer_of(&mut self, doc: &str) -> Built<Option<String>> {
        let (_, view) = self.world.doc(doc, &self.node).await?;
        let Some(issuer) = view.map(|v| v.public.issuer) else { return Ok(None) };
        let has = |a: &super::world::Actor| a.identity.as_ref().is_some_and(|i| i.account == issuer);
        Ok(self.world.actors.iter().find(|(_, actor)| has(actor)).map(|(tag, _)| tag.clone()))
    }

    /// The next key of a firm that has lost its own.
    async fn new_keys(&mut self, place: &Place) -> Built<Vec<NewKey>> {
        let tag = place.text("party").unwrap_or(&self.actor).to_owned();
        let actor = self.world.actor(&tag)?.clone();
        let code = actor.code.ok_or_else(|| Trouble::cannot(format!("{tag} has no id; branches keep their keys")))?;
        let account = self.world.account(&tag)?;
        let view = self.world.branch_client(&self.node)?.party(&account).await?;
        let known = view.and_then(|v| v.record).map_or(1, |r| r.keys.len());
        let index = u16::try_from(known).map_err(|_| Trouble::cannot("too many keys"))?;
        let secret = super::cast::party_key(&self.world.network, &code, index)?;
        let public_key = secret.public();
        self.after.push(After::Recovering { tag, secret, index });
        Ok(vec![NewKey { public_key, purpose: KeyPurpose::Sign }])
    }
}

fn parent_of<'l>(parents: &'l [Lot], named: Option<usize>, child: &NewLot) -> Option<&'l Lot> {
    match (named, parents) {
        (Some(position), _) => parents.get(position),
        (None, [only]) => Some(only),
        _ => parents.iter().find(|parent| child.keys.iter().all(|key| parent.paper_keys.contains(key))),
    }
}
