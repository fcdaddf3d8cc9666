//! The verifier: from a genesis to a verdict, without asking anybody.

use super::paper::{PaperEvidence, PaperLine, judge};
use super::question::{Question, decode, needed};
use super::verdict::{Integrity, IssuerLine, Kept, Verdict, Verification};
use super::{Item, StatusCertificate, VERSION};
use crate::block::Header;
use crate::consensus::{CertificateError, ValidatorSet};
use crate::genesis::{Genesis, ParamKey};
use crate::record::{
    PublicDoc, PublicEncumbrance, PublicFp, PublicGoodsKey, PublicHold, PublicLot, PublicProof, PublicReservation,
};
use crate::role::{DocState, LotStatus};
use crate::state::{Family, Leaf, leaf_value, tree_key};
use crate::tree::{ProofError, ProofLeaf, StateProof};
use crate::{ChainId, Height, Timestamp};
use std::collections::BTreeMap;

/// What the verifier starts from.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The chain's genesis, checked with [`Genesis::check`].
    pub genesis: &'a Genesis,
    /// A newer header of the chain that the verifier knows to be genuine, against a history forged with retired keys.
    pub pinned: Option<&'a Header>,
    /// The verifier's own clock.
    pub now: Timestamp,
    /// Largest age of the header, milliseconds; `None` accepts any age.
    pub max_age_ms: Option<u64>,
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("certificate version {0} is not known")]
    Version(u8),
    #[error("made for chain {got}, this genesis is chain {expected}")]
    OtherChain { got: ChainId, expected: ChainId },
    #[error("height or chain differ between certificate and header")]
    HeaderMismatch,
    #[error("the validators of block {height} are not those that the genesis leads to")]
    Validators { height: Height },
    #[error("block {height} was not decided: {error}")]
    NotDecided { height: Height, error: CertificateError },
    #[error("the header contradicts the pinned header of block {height}")]
    Pinned { height: Height },
    #[error("block time {time} lies in the future of the verifier's clock {now}")]
    Future { time: Timestamp, now: Timestamp },
    #[error("the question is outside the limits")]
    Question,
    #[error("the shared hashes are repeated, unused or missing")]
    Hashes,
    #[error("the leaves shown are not exactly those that the question needs")]
    Items,
    #[error("{family:?} {id}: {error}")]
    Proof { family: Family, id: crate::Hash, error: ProofError },
    #[error("the leaves shown contradict each other: {0}")]
    Contradiction(&'static str),
}

/// Public parts by object: `None` for what is proved absent.
type Proved<'c> = BTreeMap<(Family, [u8; 32]), Option<&'c [u8]>>;

impl StatusCertificate {
    /// Verifies the certificate and says what it proves; `paper` is judged against the document it shows.
    pub fn verify(&self, trust: &Trust<'_>, paper: Option<&PaperEvidence>) -> Verification {
        match self.verify_inner(trust, paper) {
            Ok(verification) => verification,
            Err(error) => Verification {
                integrity: Integrity::Invalid { reason: error.to_string() },
                status: Verdict::Invalid,
                issuer: None,
                paper: PaperLine::not_shown("the certificate proves nothing"),
            },
        }
    }

    fn verify_inner(&self, trust: &Trust<'_>, paper: Option<&PaperEvidence>) -> Result<Verification, VerifyError> {
        let chain = trust.genesis.chain_id();
        self.check_frame(&chain)?;
        let set = self.validators(trust.genesis, &chain)?;
        self.check_decided(&chain, &set)?;
        self.check_pinned(trust.pinned)?;
        self.check_clock(trust)?;
        let proved = self.proved()?;
        let doc = document(&self.question, &proved)?;
        let status = status(&self.question, self.header.time, &proved, doc.as_ref())?;
        let status = self.stale(trust).unwrap_or(status);
        let paper = match &status {
            Verdict::Stale { .. } => PaperLine::not_shown("the certificate is too old"),
            _ => judge(paper, self.question.fp1(), doc.as_ref(), trust.genesis, &chain),
        };
        let header = &self.header;
        let (signers, validators) = (self.commit.len(), set.len());
        let integrity = Integrity::Valid { signers, validators, height: header.height, time: header.time };
        Ok(Verification { integrity, status, issuer: doc.and_then(|d| issuer(&d, trust.genesis)), paper })
    }

    fn check_frame(&self, chain: &ChainId) -> Result<(), VerifyError> {
        if self.version != VERSION {
            return Err(VerifyError::Version(self.version));
        }
        if self.chain_id != *chain {
            return Err(VerifyError::OtherChain { got: self.chain_id, expected: *chain });
        }
        let header = &self.header;
        let same = header.version == Header::VERSION && header.chain_id == *chain && header.height == self.height;
        if !same {
            return Err(VerifyError::HeaderMismatch);
        }
        if self.question.is_well_formed() { Ok(()) } else { Err(VerifyError::Question) }
    }

    /// The set of this height: the genesis set, changed as quorums of the sets before decided.
    fn validators(&self, genesis: &Genesis, chain: &ChainId) -> Result<ValidatorSet, VerifyError> {
        let mut set = genesis.validator_set();
        let mut last = Height::ZERO;
        for change in &self.valset_proof {
            let header = &change.header;
            let height = header.height;
            let fits = header.chain_id == *chain
                && last < height
                && height < self.height
                && header.validators_hash == set.hash()
                && header.next_validators_hash == change.next.hash()
                && change.commit.height == height
                && change.commit.block == header.id();
            if !fits {
                return Err(VerifyError::Validators { height });
            }
            change.commit.verify(chain, &set).map_err(|error| VerifyError::NotDecided { height, error })?;
            // The set arrives as bytes: build it again so that members and keys are distinct and in order.
            let seats = change.next.as_slice().to_vec();
            set = ValidatorSet::new(seats).map_err(|_| VerifyError::Validators { height })?;
            last = height;
        }
        Ok(set)
    }

    fn check_decided(&self, chain: &ChainId, set: &ValidatorSet) -> Result<(), VerifyError> {
        let height = self.height;
        if self.header.validators_hash != set.hash() {
            return Err(VerifyError::Validators { height });
        }
        self.commit_certificate().verify(chain, set).map_err(|error| VerifyError::NotDecided { height, error })
    }

    /// A pinned header must be on the same chain of blocks; an older certificate counts only while the same validators stand.
    fn check_pinned(&self, pinned: Option<&Header>) -> Result<(), VerifyError> {
        let Some(pinned) = pinned else { return Ok(()) };
        let (mine, height) = (&self.header, pinned.height);
        let fits = pinned.chain_id == mine.chain_id
            && match mine.height.cmp(&height) {
                std::cmp::Ordering::Equal => mine.id() == pinned.id(),
                std::cmp::Ordering::Less => mine.time < pinned.time && mine.validators_hash == pinned.validators_hash,
                std::cmp::Ordering::Greater => mine.time > pinned.time && self.leads_from(pinned),
            };
        if fits { Ok(()) } else { Err(VerifyError::Pinned { height }) }
    }

    /// Whether the validators after the pinned header are those that this certificate's own chain of sets has at that height.
    fn leads_from(&self, pinned: &Header) -> bool {
        let later = self.valset_proof.iter().find(|change| change.header.height > pinned.height);
        let at_pin = match self.valset_proof.iter().find(|change| change.header.height == pinned.height) {
            Some(change) => return change.header.id() == pinned.id(),
            None => later.map_or(self.header.validators_hash, |change| change.header.validators_hash),
        };
        at_pin == pinned.next_validators_hash
    }

    fn check_clock(&self, trust: &Trust<'_>) -> Result<(), VerifyError> {
        let drift = trust.genesis.params().get(ParamKey::ClockDriftMs);
        let (time, now) = (self.header.time, trust.now);
        if time > now.saturating_add(drift) { Err(VerifyError::Future { time, now }) } else { Ok(()) }
    }

    fn stale(&self, trust: &Trust<'_>) -> Option<Verdict> {
        let max_age_ms = trust.max_age_ms?;
        let age_ms = trust.now.since(self.header.time);
        (age_ms > max_age_ms).then_some(Verdict::Stale { age_ms, max_age_ms })
    }

    /// Checks every path, and that the items are exactly those that the question needs given what they prove.
    fn proved(&self) -> Result<Proved<'_>, VerifyError> {
        self.check_hashes()?;
        let mut proved = Proved::new();
        for item in &self.items {
            self.check_item(item)?;
            proved.insert((item.family, item.id.0), item.opening.as_ref().map(|o| o.public.as_slice()));
        }
        let public = |family: Family, id: &[u8; 32]| proved.get(&(family, *id)).copied().flatten().map(<[u8]>::to_vec);
        let shown: Vec<(Family, [u8; 32])> = self.items.iter().map(|i| (i.family, i.id.0)).collect();
        if shown == needed(&self.question, &public) { Ok(proved) } else { Err(VerifyError::Items) }
    }

    fn check_hashes(&self) -> Result<(), VerifyError> {
        // Entries stand in order of first use, so each is used, and there is one way to write a certificate.
        let mut next = 0usize;
        for index in self.items.iter().flat_map(|item| &item.path) {
            match usize::from(*index).cmp(&next) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => next += 1,
                std::cmp::Ordering::Greater => return Err(VerifyError::Hashes),
            }
        }
        let mut distinct = self.hashes.clone();
        distinct.sort();
        distinct.dedup();
        if next == self.hashes.len() && distinct.len() == next { Ok(()) } else { Err(VerifyError::Hashes) }
    }

    fn check_item(&self, item: &Item) -> Result<(), VerifyError> {
        let path = item.path.iter().map(|index| self.hashes.get(usize::from(*index)).copied());
        let siblings = path.collect::<Option<Vec<_>>>().ok_or(VerifyError::Hashes)?;
        let key = tree_key(item.family, &item.id.0);
        let value = item.opening.as_ref().map(|o| leaf_value(&o.public, &o.record_hash));
        let leaf = match &value {
            Some(_) if item.neighbour.is_some() => return Err(VerifyError::Items),
            Some(value) => {
                Some(ProofLeaf { key: crate::Hash(key), value_hash: crate::Hash(*blake3::hash(value).as_bytes()) })
            }
            None => item.neighbour,
        };
        let proof = StateProof { leaf, siblings };
        proof
            .verify(&self.header.state_root, &key, value.as_ref().map(<[u8; 32]>::as_slice))
            .map_err(|error| VerifyError::Proof { family: item.family, id: item.id, error })
    }
}

/// What a state says to a question, without any proof: for who reads its own state. It is what a certificate of the state would say.
///
/// `leaf` reads one version of the state, whose block time is `at`.
pub fn answer(question: &Question, at: Timestamp, leaf: impl Fn(Family, &[u8; 32]) -> Option<Leaf>) -> Verdict {
    let items = super::items_for(question, &leaf);
    let shown: Vec<_> = items.into_iter().map(|(f, id)| ((f, id), leaf(f, &id).map(|l| l.public))).collect();
    let proved: Proved<'_> = shown.iter().map(|(key, public)| (*key, public.as_deref())).collect();
    let verdict = document(question, &proved).and_then(|doc| status(question, at, &proved, doc.as_ref()));
    verdict.unwrap_or(Verdict::Invalid)
}

fn status(
    question: &Question,
    at: Timestamp,
    proved: &Proved<'_>,
    doc: Option<&PublicDoc>,
) -> Result<Verdict, VerifyError> {
    match (question, doc) {
        (Question::GoodsKeys { keys }, _) => goods(keys, proved),
        (Question::ProofLevel { proof }, _) => level(&proof.0, proved, at),
        (_, None) => Ok(Verdict::Unknown),
        (Question::Unknown { .. }, Some(doc)) => Ok(Verdict::Registered { doc: doc.id }),
        (Question::DocStatus { .. }, Some(doc)) => Ok(state_only(doc)),
        (Question::Pledge { .. }, Some(doc)) => pledged(doc, proved),
        (Question::NotPledged { .. }, Some(doc)) => not_pledged(doc, proved),
        (Question::Custody { .. }, Some(doc)) => custody(doc, proved),
    }
}

/// The document of the fingerprint asked for, if the question has one and the ledger knows it.
fn document(question: &Question, proved: &Proved<'_>) -> Result<Option<PublicDoc>, VerifyError> {
    let Some(fp1) = question.fp1() else { return Ok(None) };
    let Some(fp) = public::<PublicFp>(proved, Family::Fp, &fp1.0)? else { return Ok(None) };
    let doc = public::<PublicDoc>(proved, Family::Doc, &fp.doc.0)?;
    let doc = doc.ok_or(VerifyError::Contradiction("the fingerprint names a document that is not there"))?;
    if doc.id != fp.doc || doc.fp1 != fp1 {
        return Err(VerifyError::Contradiction("the document has another identity than the fingerprint"));
    }
    Ok(Some(doc))
}

/// Decodes a proved public part; `None` for what is proved absent.
fn public<T: borsh::BorshDeserialize>(
    proved: &Proved<'_>,
    family: Family,
    id: &[u8; 32],
) -> Result<Option<T>, VerifyError> {
    let shown = proved.get(&(family, *id)).ok_or(VerifyError::Items)?;
    let undecodable = || VerifyError::Contradiction("a public part does not decode");
    shown.map(|bytes| decode(Some(bytes.to_vec())).ok_or_else(undecodable)).transpose()
}

/// The state alone, for questions that show no encumbrance; ACTIVE here is not FREE.
fn state_only(doc: &PublicDoc) -> Verdict {
    match (doc.state, doc.replaced_by) {
        (DocState::Accomplished, _) => Verdict::Delivered,
        (DocState::PaperOut, _) => Verdict::Paper,
        (state, Some(by)) if state.is_terminal() => Verdict::Replaced { by },
        (state, _) => Verdict::State { state },
    }
}

/// A pledge of a document that has ended lives on over what stands in its place: the document alone says nothing about it.
fn pledged(doc: &PublicDoc, proved: &Proved<'_>) -> Result<Verdict, VerifyError> {
    if doc.state.is_terminal() {
        return Ok(state_only(doc));
    }
    Ok(encumbered(&[doc.id.0], proved)?.unwrap_or(Verdict::NotEncumbered))
}

/// FREE only if the document is ACTIVE and nothing lies on it or on any of its lots. What weighs most is named first.
fn not_pledged(doc: &PublicDoc, proved: &Proved<'_>) -> Result<Verdict, VerifyError> {
    if doc.state.is_terminal() {
        return Ok(state_only(doc));
    }
    let targets: Vec<[u8; 32]> = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|lot| lot.0)).collect();
    for burden in [encumbered, held, reserved] {
        if let Some(verdict) = burden(&targets, proved)? {
            return Ok(verdict);
        }
    }
    match doc.state {
        DocState::Active if !doc.lots.is_empty() => Ok(Verdict::Free),
        DocState::Active => Ok(Verdict::NoGoods),
        _ => Ok(state_only(doc)),
    }
}

fn encumbered(targets: &[[u8; 32]], proved: &Proved<'_>) -> Result<Option<Verdict>, VerifyError> {
    let found = first::<PublicEncumbrance>(Family::Encumbrance, targets, proved)?;
    Ok(found.map(|e| Verdict::Encumbered { since: e.since_height, index: e.index, member: e.member }))
}

/// Of holds on several targets the gravest is named.
fn held(targets: &[[u8; 32]], proved: &Proved<'_>) -> Result<Option<Verdict>, VerifyError> {
    let holds = all::<PublicHold>(Family::Hold, targets, proved)?;
    let gravest = holds.into_iter().min_by_key(|hold| hold.kind.gravity());
    Ok(gravest.map(|hold| Verdict::Held { kind: hold.kind }))
}

/// The leaf decides: a reservation whose term has passed but which is not swept still counts.
fn reserved(targets: &[[u8; 32]], proved: &Proved<'_>) -> Result<Option<Verdict>, VerifyError> {
    let found = first::<PublicReservation>(Family::Reservation, targets, proved)?;
    Ok(found.map(|r| Verdict::Reserved { until: r.until, member: r.member }))
}

/// The leaf of the first target that has one.
fn first<T: borsh::BorshDeserialize>(
    family: Family,
    targets: &[[u8; 32]],
    proved: &Proved<'_>,
) -> Result<Option<T>, VerifyError> {
    Ok(all(family, targets, proved)?.into_iter().next())
}

/// The leaves of a family on the targets, in their order. Every target must be shown, present or absent.
fn all<T: borsh::BorshDeserialize>(
    family: Family,
    targets: &[[u8; 32]],
    proved: &Proved<'_>,
) -> Result<Vec<T>, VerifyError> {
    targets.iter().filter_map(|target| public::<T>(proved, family, target).transpose()).collect()
}

/// Who keeps each lot. A document that has ended commands no goods, and one without any is named so.
fn custody(doc: &PublicDoc, proved: &Proved<'_>) -> Result<Verdict, VerifyError> {
    match doc.state {
        state if state.is_terminal() => return Ok(state_only(doc)),
        DocState::Active if doc.lots.is_empty() => return Ok(Verdict::NoGoods),
        _ if doc.lots.is_empty() => return Ok(state_only(doc)),
        _ => {}
    }
    let lots = doc.lots.iter().map(|id| kept(doc, id, proved));
    Ok(Verdict::Custody { lots: lots.collect::<Result<_, _>>()? })
}

fn kept(doc: &PublicDoc, id: &crate::LotId, proved: &Proved<'_>) -> Result<Kept, VerifyError> {
    let lot = public::<PublicLot>(proved, Family::Lot, &id.0)?;
    let lot = lot.ok_or(VerifyError::Contradiction("the document names a lot that is not there"))?;
    if lot.status == LotStatus::Active && lot.title != Some(doc.id) {
        return Err(VerifyError::Contradiction("a lot of the document stands under another one"));
    }
    Ok(Kept { lot: *id, status: lot.status, custodian: lot.custodian, place: lot.place })
}

fn goods(keys: &[crate::GoodsKey], proved: &Proved<'_>) -> Result<Verdict, VerifyError> {
    let ids: Vec<[u8; 32]> = keys.iter().map(|k| k.0).collect();
    let occupied = first::<PublicGoodsKey>(Family::GoodsKey, &ids, proved)?;
    Ok(occupied.map_or(Verdict::Unoccupied, |o| Verdict::Occupied { lot: o.lot }))
}

fn level(id: &[u8; 32], proved: &Proved<'_>, at: Timestamp) -> Result<Verdict, VerifyError> {
    let Some(case) = public::<PublicProof>(proved, Family::Proof, id)? else { return Ok(Verdict::Unknown) };
    if case.id.0 != *id {
        return Err(VerifyError::Contradiction("the case has another identity than the question"));
    }
    let level = if at < case.valid_until { case.level } else { 0 };
    Ok(Verdict::Level { level, state: case.state, subject: case.subject })
}

fn issuer(doc: &PublicDoc, genesis: &Genesis) -> Option<IssuerLine> {
    let home = genesis.member(doc.home)?;
    let (code, name) = (home.code.clone(), home.name_en.clone());
    Some(IssuerLine { issuer: doc.issuer, home: doc.home, code, name })
}
