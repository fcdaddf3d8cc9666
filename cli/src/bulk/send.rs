//! From rows to committed documents: tickets, transactions, outcomes.
//!
//! Up to [`OPERATIONS_MAX`] rows share a transaction and its signature. A refused operation undoes its whole transaction, and the
//! outcome names the operation: that row has ended, the others go again, in smaller parts every time ([`remainder`]), so that many bad
//! rows together cost few rounds.
//!
//! - INV: a transaction is in the journal, on disk, before its bytes leave.
//! - INV: a row is in at most one transaction without an outcome. It is free again only when the ledger refused the transaction, or
//!   passed the height until which it is valid without taking it.
//!
//! A transaction knows its rows by their content roots, because a run may find some of them corrected or gone from the file. Such a
//! transaction is not sent again, lest a row be registered that the firm has withdrawn; but it may still be taken, so its other rows,
//! and rows about its documents, wait for its end.
//!
//! A refusal that is about the sender ends the run and no row. A transaction that came too late is made anew.

#[cfg(test)]
mod tests;

use super::journal::{End, Entry, Journal, Past};
use super::progress::Progress;
use super::rows::Row;
use crate::error::{CliError, exit};
use landsea_client::api::{DocumentRequest, OutcomesFilter, SubmitAnswer, TransactionView};
use landsea_client::builder::{BuildError, Draft};
use landsea_client::keys::Identity;
use landsea_client::rpc::{OutcomeStream, RpcClient, RpcError};
use landsea_types::bounds::OPERATIONS_MAX;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::Anchor;
use landsea_types::role::LegalBasis;
use landsea_types::ticket::DeriveTicket;
use landsea_types::{ChainId, Code, Commit, DocId, Fp, Height, Operation, Transaction, TxId};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// Transactions made in one go, their tickets asked for in one call.
const GROUPS_AT_ONCE: usize = 3;
/// Rows that wait for their outcome, at most.
const ROWS_UNDER_WAY_MAX: usize = 2_048;
/// A transaction without an outcome is asked about after this long.
const ASK_AFTER: Duration = Duration::from_secs(10);
/// Pause after the branch signs no more tickets for now.
const RATE_PAUSE: Duration = Duration::from_secs(2);
/// How long a node may be busy or away, and how long the branch may sign nothing; the rate counts minutes.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longest wait for news.
const TICK: Duration = Duration::from_secs(1);
/// How often a row gets a new ticket because its last one was no longer good.
const RENEWALS_MAX: u32 = 3;

const _: () = assert!(GROUPS_AT_ONCE * OPERATIONS_MAX <= 64, "a node takes 64 calls in a batch");

/// Who sends, and how.
pub(crate) struct Terms {
    pub(crate) chain: ChainId,
    pub(crate) identity: Identity,
    pub(crate) legal_basis: LegalBasis,
    pub(crate) valid_for: u64,
}

/// What the transactions of some rows went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tries {
    /// Refused for one of the rows: the parts grow smaller.
    splits: u32,
    /// Made anew with the same rows: a ticket that was no longer good, or a validity that had passed.
    renewals: u32,
}

/// Rows that go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    rows: Vec<usize>,
    tries: Tries,
}

/// A transaction without an outcome.
struct Flight {
    bytes: Vec<u8>,
    /// Its rows by their content roots, in the order of its operations.
    roots: Vec<Commit>,
    /// Whether a row of it is no longer in the file.
    is_withdrawn: bool,
    tries: Tries,
    fps: Vec<Fp>,
    valid_until: Height,
    asked: Instant,
}

/// The work on one file.
pub(crate) struct Sender<'a> {
    client: &'a RpcClient,
    terms: Terms,
    rows: &'a [Row],
    /// Content root by row; `None` for a row that is wrong.
    roots: &'a [Option<Commit>],
    /// Row by content root.
    places: HashMap<Commit, usize>,
    ends: HashMap<Commit, End>,
    journal: Journal,
    progress: Progress,
    queue: VecDeque<Group>,
    under_way: HashMap<TxId, Flight>,
    /// Documents of transactions that were withdrawn when this run began.
    withdrawn: HashSet<Fp>,
    /// Rows about those documents; they wait until no such transaction is open.
    held: Vec<(usize, Fp)>,
    height: Height,
    /// No tickets before this time.
    tickets_from: Option<Instant>,
    tickets_last: Instant,
}

impl<'a> Sender<'a> {
    /// Takes up the work where the journal ends.
    pub(crate) fn new(
        client: &'a RpcClient,
        terms: Terms,
        (rows, roots): (&'a [Row], &'a [Option<Commit>]),
        (journal, past): (Journal, Past),
        json: bool,
    ) -> Self {
        let places: HashMap<Commit, usize> =
            roots.iter().enumerate().filter_map(|(index, root)| Some(((*root)?, index))).collect();
        let mut under_way = HashMap::new();
        for (text, rows) in past.open {
            let is_withdrawn = rows.iter().any(|root| !places.contains_key(root));
            under_way.extend(reopened(&text, rows, is_withdrawn, &terms.chain));
        }
        let open = under_way.values().filter(|flight: &&Flight| flight.is_withdrawn);
        let withdrawn = open.flat_map(|flight| flight.fps.clone()).collect();
        let sent: HashSet<Commit> = under_way.values().flat_map(|flight: &Flight| flight.roots.clone()).collect();
        let is_left = |root: &Commit| !past.ends.contains_key(root) && !sent.contains(root);
        let left: Vec<usize> = (0..rows.len()).filter(|row| roots[*row].as_ref().is_some_and(is_left)).collect();
        let queue = in_groups(&left).collect();
        let all = roots.iter().flatten().count();
        let mut progress = Progress::new(all as u64, json);
        progress.add(roots.iter().flatten().filter(|root| past.ends.contains_key(root)).count() as u64);
        Self {
            client,
            terms,
            rows,
            roots,
            places,
            ends: past.ends,
            journal,
            progress,
            queue,
            under_way,
            withdrawn,
            held: Vec::new(),
            height: Height::ZERO,
            tickets_from: None,
            tickets_last: Instant::now(),
        }
    }

    /// How a row ended; `None` when it has not.
    pub(crate) fn end(&self, row: usize) -> Option<&End> {
        self.ends.get(&self.roots[row]?)
    }

    /// Takes the bar away.
    pub(crate) fn close(&self) {
        self.progress.end();
    }

    /// Sends until every row has ended. It may be dropped at any time: the journal knows what was sent.
    ///
    /// # Errors
    /// What stops all rows: a sender who may not, a node that stays away, a full disk.
    pub(crate) async fn run(&mut self) -> Result<(), CliError> {
        let mut news = patiently(async || self.client.subscribe_outcomes(&OutcomesFilter::default()).await).await?;
        self.height = patiently(|| self.client.status()).await?.height;
        self.check_validity().await?;
        if self.is_any_withdrawn() {
            self.progress.say("rows changed while their transaction was open; their neighbours wait for its end");
        }
        self.ask_all().await?;
        while !self.queue.is_empty() || !self.under_way.is_empty() || !self.held.is_empty() {
            self.release().await?;
            self.fill().await?;
            self.hear(&mut news).await?;
        }
        Ok(())
    }

    /// A validity that no block accepts would make every transaction anew for ever.
    async fn check_validity(&self) -> Result<(), CliError> {
        let params = patiently(|| self.client.params()).await?;
        let bound = params.get(ParamKey::ValidUntilMax.name()).and_then(Value::as_u64);
        let bound = bound.unwrap_or(ParamKey::ValidUntilMax.default_value());
        if (1..=bound).contains(&self.terms.valid_for) {
            return Ok(());
        }
        let what = format!("--valid-for {}: this chain allows 1 to {bound} heights", self.terms.valid_for);
        Err(CliError::usage(what).next("Leave --valid-for away, or name a number within these bounds."))
    }

    fn is_any_withdrawn(&self) -> bool {
        self.under_way.values().any(|flight| flight.is_withdrawn)
    }

    /// Rows that waited for the end of withdrawn transactions: settled where their document was registered, in line where it was not.
    async fn release(&mut self) -> Result<(), CliError> {
        if self.is_any_withdrawn() {
            return Ok(());
        }
        let mut free = Vec::new();
        for (row, fp) in std::mem::take(&mut self.held) {
            self.withdrawn.remove(&fp);
            if !self.registered(row, fp).await? {
                free.push(row);
            }
        }
        self.queue.extend(in_groups(&free));
        Ok(())
    }

    // ---- sending

    async fn fill(&mut self) -> Result<(), CliError> {
        while self.under_way.values().map(|f| f.roots.len()).sum::<usize>() < ROWS_UNDER_WAY_MAX {
            if self.queue.is_empty() || self.tickets_from.is_some_and(|from| Instant::now() < from) {
                return Ok(());
            }
            let count = self.queue.len().min(GROUPS_AT_ONCE);
            let groups: Vec<Group> = self.queue.drain(..count).collect();
            let built = self.build(groups).await?;
            self.submit(built).await?;
        }
        Ok(())
    }

    /// Gets tickets for some groups and makes transactions of what got one; the rest goes back in line.
    async fn build(&mut self, groups: Vec<Group>) -> Result<Vec<(TxId, Flight)>, CliError> {
        let paper = |index: &usize| self.rows[*index].paper.as_ref().expect("only sound rows are in line");
        let requests: Vec<_> = groups.iter().flat_map(|g| &g.rows).map(|row| paper(row).derive_request()).collect();
        let mut tickets = patiently(|| self.client.fingerprint_derive_many(&requests)).await?.into_iter();
        let mut built = Vec::new();
        for group in groups {
            let (mut ready, mut late) = (Vec::new(), Vec::new());
            for row in group.rows {
                match tickets.next().ok_or_else(|| CliError::local("the node answered for too few documents"))? {
                    Ok(derived) if self.withdrawn.contains(&derived.ticket.body.fp1) => {
                        self.held.push((row, derived.ticket.body.fp1));
                    }
                    Ok(derived) => ready.push((row, derived.ticket)),
                    Err(RpcError::Busy { .. } | RpcError::QuotaExceeded { .. }) => late.push(row),
                    Err(RpcError::Refused { code, detail }) if concerns_sender(code) => {
                        return Err(for_all(code, &detail));
                    }
                    Err(RpcError::Refused { code, detail }) => self.refuse(row, code, None, detail)?,
                    Err(other) => return Err(other.into()),
                }
            }
            self.pace(!late.is_empty(), !ready.is_empty())?;
            self.back(Group { rows: late, tries: group.tries });
            self.sign(ready, group.tries, &mut built)?;
        }
        Ok(built)
    }

    /// The branch signs so many tickets a minute.
    fn pace(&mut self, is_late: bool, is_ready: bool) -> Result<(), CliError> {
        let now = Instant::now();
        if is_ready {
            self.tickets_last = now;
        }
        if is_late {
            if now.duration_since(self.tickets_last) > PATIENCE {
                return Err(CliError::new(exit::UNREACHABLE, "the branch signs no more tickets")
                    .next("Run the same command again later, or ask the branch to raise `derives_per_minute`."));
            }
            if self.tickets_from.is_none() {
                self.progress.say("the branch limits tickets a minute; waiting");
            }
            self.tickets_from = Some(now + RATE_PAUSE);
        } else if self.tickets_from.take().is_some() {
            self.progress.say("");
        }
        Ok(())
    }

    fn back(&mut self, group: Group) {
        if !group.rows.is_empty() {
            self.queue.push_front(group);
        }
    }

    /// Makes a transaction, or several where one would be too large.
    fn sign(
        &mut self,
        ready: Vec<(usize, DeriveTicket)>,
        tries: Tries,
        built: &mut Vec<(TxId, Flight)>,
    ) -> Result<(), CliError> {
        if ready.is_empty() {
            return Ok(());
        }
        let mut draft = Draft::new(self.terms.chain, self.terms.identity.account)
            .valid_until(self.height.saturating_add(self.terms.valid_for));
        for (row, ticket) in &ready {
            draft = draft.operation(Operation::WaybillAnchor(self.anchor(*row, ticket.clone())?));
        }
        match draft.sign(&self.terms.identity) {
            Ok(tx) => {
                let fps = ready.iter().map(|(_, ticket)| ticket.body.fp1).collect();
                let roots = ready.iter().map(|(row, _)| self.root(*row)).collect();
                built.push((tx.id(), Flight { tries, ..Flight::of(&tx, roots, fps) }));
                Ok(())
            }
            Err(BuildError::TooLarge { .. }) if ready.len() > 1 => {
                let mut first = ready;
                let second = first.split_off(first.len() / 2);
                self.sign(first, tries, built)?;
                self.sign(second, tries, built)
            }
            Err(other) => Err(other.into()),
        }
    }

    fn anchor(&self, row: usize, ticket: DeriveTicket) -> Result<Anchor, CliError> {
        let paper = self.rows[row].paper.as_ref().expect("only sound rows are in line");
        Ok(Anchor {
            kind: paper.kind(),
            ticket,
            content_root: self.root(row),
            issue_date: paper.issue_date()?,
            legal_basis: self.terms.legal_basis,
        })
    }

    fn root(&self, row: usize) -> Commit {
        self.roots[row].expect("only sound rows are in line")
    }

    async fn submit(&mut self, built: Vec<(TxId, Flight)>) -> Result<(), CliError> {
        let ids: Vec<TxId> = built.iter().map(|(id, _)| *id).collect();
        for (id, flight) in built {
            let rows = flight.roots.clone();
            self.journal.write(&Entry::Sent { transaction: hex::encode(&flight.bytes), rows })?;
            self.under_way.insert(id, flight);
        }
        self.journal.sync()?;
        self.transmit(ids).await
    }

    /// Sends bytes that are under way, for the first time or again.
    async fn transmit(&mut self, ids: Vec<TxId>) -> Result<(), CliError> {
        if ids.is_empty() {
            return Ok(());
        }
        let bytes: Vec<Vec<u8>> = ids.iter().filter_map(|id| Some(self.under_way.get(id)?.bytes.clone())).collect();
        let answers = patiently(|| self.client.submit_batch(&bytes)).await?;
        for (id, answer) in ids.into_iter().zip(answers) {
            match answer {
                // What a busy node did not take is sent again when its outcome stays away.
                SubmitAnswer::Accepted { .. } | SubmitAnswer::Busy { .. } => {}
                SubmitAnswer::Refused { code: Code::AlreadyCommitted, .. } => self.ask(id).await?,
                SubmitAnswer::Refused { code: Code::TransactionExpired, detail } => self.void(id, &detail)?,
                SubmitAnswer::Refused { code, detail } => return Err(for_all(code, &detail)),
            }
        }
        Ok(())
    }

    // ---- hearing

    async fn hear(&mut self, news: &mut OutcomeStream) -> Result<(), CliError> {
        match tokio::time::timeout(TICK, news.next()).await {
            Ok(Ok(Some(notice))) => {
                self.height = self.height.max(notice.height);
                for (id, _) in notice.outcomes {
                    if self.under_way.contains_key(&id) {
                        self.ask(id).await?;
                    }
                }
                // Blocks without news of ours may come for ever.
                self.ask_late().await
            }
            Ok(Ok(None) | Err(_)) => {
                *news = patiently(async || self.client.subscribe_outcomes(&OutcomesFilter::default()).await).await?;
                self.ask_all().await
            }
            Err(_) => self.ask_late().await,
        }
    }

    async fn ask_late(&mut self) -> Result<(), CliError> {
        if self.under_way.values().any(|flight| flight.asked.elapsed() > ASK_AFTER) {
            return self.ask_all().await;
        }
        Ok(())
    }

    /// Asks about everything under way, and sends again what the ledger does not have.
    async fn ask_all(&mut self) -> Result<(), CliError> {
        // The height first: what is not there when a later height was reached will not come.
        self.height = patiently(|| self.client.status()).await?.height;
        let height = self.height;
        let ids: Vec<TxId> = self.under_way.keys().copied().collect();
        let mut again = Vec::new();
        for id in ids {
            self.ask(id).await?;
            if let Some(flight) = self.under_way.get_mut(&id) {
                flight.asked = Instant::now();
                if flight.valid_until <= height {
                    self.void(id, "it was not taken in time")?;
                } else if !flight.is_withdrawn {
                    again.push(id);
                }
            }
        }
        for ids in again.chunks(GROUPS_AT_ONCE) {
            self.transmit(ids.to_vec()).await?;
        }
        Ok(())
    }

    /// Takes in the outcome of a transaction, if there is one.
    async fn ask(&mut self, id: TxId) -> Result<(), CliError> {
        let Some(view) = patiently(|| self.client.transaction(&id)).await? else { return Ok(()) };
        let Some(flight) = self.under_way.remove(&id) else { return Ok(()) };
        match view.code {
            Code::Ok => self.accept(flight, &view),
            code if concerns_sender(code) => {
                self.journal.write(&Entry::Void { transaction: id })?;
                Err(for_all(code, "no row can be registered"))
            }
            Code::TransactionExpired => {
                self.journal.write(&Entry::Void { transaction: id })?;
                self.renew(&flight, "the ledger took it too late")
            }
            _ => {
                self.split(flight, &view).await?;
                self.journal.write(&Entry::Void { transaction: id })
            }
        }
    }

    fn accept(&mut self, flight: Flight, view: &TransactionView) -> Result<(), CliError> {
        let anchored = view.events.iter().filter(|event| event.name == EventName::DocAnchored);
        let documents: Vec<DocId> = anchored.map(|event| DocId(event.subject.0)).collect();
        let rows = flight.roots;
        if documents.len() != rows.len() {
            let what = format!("transaction {}: {} documents for {} rows", view.id, documents.len(), rows.len());
            return Err(CliError::local(what).next("Check that client and node have the same version."));
        }
        let ends = documents.iter().map(|document| End::Accepted { document: *document, transaction: view.id });
        self.ends.extend(rows.iter().copied().zip(ends));
        self.progress.add(rows.iter().filter(|root| self.places.contains_key(root)).count() as u64);
        self.journal.write(&Entry::Accepted { transaction: view.id, rows, documents })
    }

    /// The refused row has ended; the others go again.
    async fn split(&mut self, flight: Flight, view: &TransactionView) -> Result<(), CliError> {
        let is_outdated = matches!(view.code, Code::TicketInvalid | Code::FingerprintEpochStale);
        if is_outdated && flight.tries.renewals < RENEWALS_MAX {
            return self.renew(&flight, &view.code_name);
        }
        let refused = usize::from(view.operation).min(flight.roots.len() - 1);
        // A row that the firm took out of its file goes nowhere and needs no end.
        if let Some(row) = self.places.get(&flight.roots[refused]).copied() {
            self.explain(row, flight.fps.get(refused).copied(), view).await?;
        }
        remainder(&flight.roots, refused, flight.tries).into_iter().for_each(|(roots, tries)| {
            let rows = self.rows_of(&roots);
            self.back(Group { rows, tries });
        });
        Ok(())
    }

    /// Rows that are still in the file.
    fn rows_of(&self, roots: &[Commit]) -> Vec<usize> {
        roots.iter().filter_map(|root| self.places.get(root).copied()).collect()
    }

    /// The rows of a transaction that ended without effect go again, all of them.
    fn renew(&mut self, flight: &Flight, why: &str) -> Result<(), CliError> {
        let Tries { splits, renewals } = flight.tries;
        if renewals >= RENEWALS_MAX {
            let what = format!("a transaction was made {RENEWALS_MAX} times anew and never taken: {why}");
            return Err(CliError::new(exit::UNREACHABLE, what)
                .next("Nothing is wrong with the rows. Look after the node, then run the same command again."));
        }
        let rows = self.rows_of(&flight.roots);
        self.back(Group { rows, tries: Tries { splits, renewals: renewals + 1 } });
        Ok(())
    }

    /// Ends a refused row; of a duplicate it says which document was there first.
    async fn explain(&mut self, row: usize, fp: Option<Fp>, view: &TransactionView) -> Result<(), CliError> {
        let sentence = format!("{}: {}", view.code_name, view.code.meaning());
        let (Code::DuplicateDocument, Some(fp)) = (view.code, fp) else {
            return self.refuse(row, view.code, None, format!("{sentence}. `landsea codes` explains it"));
        };
        match self.registered(row, fp).await? {
            true => Ok(()),
            false => self.refuse(row, view.code, None, sentence),
        }
    }

    /// Ends a row whose document the ledger has; false when it has not.
    async fn registered(&mut self, row: usize, fp: Fp) -> Result<bool, CliError> {
        let request = DocumentRequest { doc: None, fingerprint: Some(fp) };
        let Some(found) = patiently(|| self.client.document(&request)).await? else { return Ok(false) };
        let public = found.public;
        let is_own = public.issuer == self.terms.identity.account;
        if is_own && public.content_root == self.root(row) {
            self.settle(row, End::Known { document: public.id })?;
            return Ok(true);
        }
        let whose = match is_own {
            true => "you registered it before, with other fields or other salts".to_owned(),
            false => format!("account {} registered it before; ask member {}", public.issuer, public.home),
        };
        let code = Code::DuplicateDocument;
        let sentence = format!("{}: {}; {whose}", code.name(), code.meaning());
        self.refuse(row, code, Some(public.id), sentence)?;
        Ok(true)
    }

    fn refuse(&mut self, row: usize, code: Code, document: Option<DocId>, sentence: String) -> Result<(), CliError> {
        self.settle(row, End::Refused { code: code.number(), document, sentence })
    }

    fn settle(&mut self, row: usize, end: End) -> Result<(), CliError> {
        let root = self.root(row);
        self.journal.write(&Entry::Settled { row: root, end: end.clone() })?;
        self.ends.insert(root, end);
        self.progress.add(1);
        Ok(())
    }

    /// The ledger will never take it: its rows go again.
    fn void(&mut self, id: TxId, why: &str) -> Result<(), CliError> {
        self.journal.write(&Entry::Void { transaction: id })?;
        match self.under_way.remove(&id) {
            Some(flight) => self.renew(&flight, why),
            None => Ok(()),
        }
    }
}

impl Flight {
    fn of(tx: &Transaction, roots: Vec<Commit>, fps: Vec<Fp>) -> Self {
        let (bytes, valid_until, asked) = (tx.encode(), tx.valid_until, Instant::now());
        Self { bytes, roots, is_withdrawn: false, tries: Tries::default(), fps, valid_until, asked }
    }
}

/// A transaction that an earlier run sent.
fn reopened(text: &str, roots: Vec<Commit>, is_withdrawn: bool, chain: &ChainId) -> Option<(TxId, Flight)> {
    let bytes = hex::decode(text).ok()?;
    let tx = Transaction::decode(&bytes, chain).ok()?;
    let fp = |op: &Operation| match op {
        Operation::WaybillAnchor(anchor) => Some(anchor.ticket.body.fp1),
        _ => None,
    };
    let fps = tx.ops.iter().filter_map(fp).collect();
    Some((tx.id(), Flight { is_withdrawn, ..Flight::of(&tx, roots, fps) }))
}

/// New rows, as many together as one transaction takes.
fn in_groups(rows: &[usize]) -> impl Iterator<Item = Group> {
    rows.chunks(OPERATIONS_MAX).map(|rows| Group { rows: rows.to_vec(), tries: Tries::default() })
}

/// What stands beside a refused row: together after the first refusal, in twice as many parts after every further one.
fn remainder<T: Clone>(rows: &[T], refused: usize, tries: Tries) -> Vec<(Vec<T>, Tries)> {
    let others: Vec<T> = [&rows[..refused], &rows[refused + 1..]].concat();
    let parts = 1usize << tries.splits.min(4);
    let size = others.len().div_ceil(parts).max(1);
    others.chunks(size).map(|part| (part.to_vec(), Tries { splits: tries.splits + 1, ..tries })).collect()
}

/// Whether a refusal is about who sends, whichever row it came back for.
fn concerns_sender(code: Code) -> bool {
    matches!(
        code,
        Code::BadSignature
            | Code::RoleNotPermitted
            | Code::PartySuspended
            | Code::FeatureNotGranted
            | Code::LicenceMissing
            | Code::KeyNotValid
    )
}

/// What is wrong with the sender stops every row.
fn for_all(code: Code, detail: &str) -> CliError {
    CliError::refused(format!("{code} ({}): {detail}", code.meaning()))
        .next("Nothing is wrong with the rows. Put this right with your branch, then run the same command again.")
}

/// Asks again while the node is busy or away; the same question, or the same bytes, do no harm twice.
async fn patiently<T>(call: impl AsyncFn() -> Result<T, RpcError>) -> Result<T, CliError> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        match call().await {
            Err(RpcError::Busy { .. } | RpcError::QuotaExceeded { .. } | RpcError::Transport { .. })
                if start.elapsed() < PATIENCE =>
            {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            answer => return Ok(answer?),
        }
    }
}
