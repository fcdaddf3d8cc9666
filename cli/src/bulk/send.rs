//! From rows to committed documents: tickets, transactions, outcomes.
//!
//! Up to [`OPERATIONS_MAX`] rows share a transaction and its signature. A refused operation undoes its whole transaction, and the
//! outcome names the operation: that row has ended, the others go again, in smaller parts every time ([`remainder`]), so that many bad
//! rows together cost few rounds.
//!
//! - INV: a transaction is in the journal, on disk, before its bytes leave.
//! - INV: a row is in at most one transaction without an outcome. It is free again only when the ledger refused the transaction, or
//!   passed the height until which it is valid without taking it.

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
use landsea_types::operation::waybill::Anchor;
use landsea_types::role::LegalBasis;
use landsea_types::ticket::DeriveTicket;
use landsea_types::{ChainId, Code, Commit, DocId, Fp, Height, Operation, Transaction, TxId};
use std::collections::{HashMap, VecDeque};
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

/// Rows that go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    rows: Vec<usize>,
    /// How often the ledger refused a transaction of theirs.
    refusals: u32,
}

/// A transaction without an outcome.
struct Flight {
    bytes: Vec<u8>,
    group: Group,
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
    ends: HashMap<Commit, End>,
    journal: Journal,
    progress: Progress,
    queue: VecDeque<Group>,
    under_way: HashMap<TxId, Flight>,
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
        for (text, roots) in past.open {
            let found: Option<Vec<usize>> = roots.iter().map(|root| places.get(root).copied()).collect();
            if let Some((id, flight)) = found.and_then(|rows| reopened(&text, rows, &terms.chain)) {
                under_way.insert(id, flight);
            }
        }
        let sent = |index: &usize| under_way.values().any(|flight: &Flight| flight.group.rows.contains(index));
        let is_left = |index: &usize| roots[*index].is_some_and(|root| !past.ends.contains_key(&root)) && !sent(index);
        let left: Vec<usize> = (0..rows.len()).filter(is_left).collect();
        let queue = left.chunks(OPERATIONS_MAX).map(|rows| Group { rows: rows.to_vec(), refusals: 0 }).collect();
        let all = roots.iter().flatten().count();
        let mut progress = Progress::new(all as u64, json);
        progress.add(roots.iter().flatten().filter(|root| past.ends.contains_key(root)).count() as u64);
        Self {
            client,
            terms,
            rows,
            roots,
            ends: past.ends,
            journal,
            progress,
            queue,
            under_way,
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
        self.ask_all().await?;
        while !self.queue.is_empty() || !self.under_way.is_empty() {
            self.fill().await?;
            self.hear(&mut news).await?;
        }
        Ok(())
    }

    // ---- sending

    async fn fill(&mut self) -> Result<(), CliError> {
        while self.under_way.values().map(|f| f.group.rows.len()).sum::<usize>() < ROWS_UNDER_WAY_MAX {
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
                    Ok(derived) => ready.push((row, derived.ticket)),
                    Err(RpcError::Busy { .. } | RpcError::QuotaExceeded { .. }) => late.push(row),
                    Err(RpcError::Refused { code, detail }) => self.refuse(row, code, None, detail)?,
                    Err(other) => return Err(other.into()),
                }
            }
            self.pace(!late.is_empty(), !ready.is_empty())?;
            self.back(Group { rows: late, refusals: group.refusals });
            self.sign(ready, group.refusals, &mut built)?;
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
        refusals: u32,
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
                let group = Group { rows: ready.into_iter().map(|(row, _)| row).collect(), refusals };
                let flight =
                    Flight { bytes: tx.encode(), group, fps, valid_until: tx.valid_until, asked: Instant::now() };
                built.push((tx.id(), flight));
                Ok(())
            }
            Err(BuildError::TooLarge { .. }) if ready.len() > 1 => {
                let mut first = ready;
                let second = first.split_off(first.len() / 2);
                self.sign(first, refusals, built)?;
                self.sign(second, refusals, built)
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
            let rows = flight.group.rows.iter().map(|row| self.root(*row)).collect();
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
                SubmitAnswer::Refused { code: Code::TransactionExpired, .. } => self.void(id)?,
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
                Ok(())
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
                    self.void(id)?;
                } else {
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
            Code::RoleNotPermitted | Code::PartySuspended | Code::FeatureNotGranted | Code::KeyNotValid => {
                self.journal.write(&Entry::Void { transaction: id })?;
                Err(for_all(view.code, "no row can be registered"))
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
        let rows: Vec<Commit> = flight.group.rows.iter().map(|row| self.root(*row)).collect();
        if documents.len() != rows.len() {
            let what = format!("transaction {}: {} documents for {} rows", view.id, documents.len(), rows.len());
            return Err(CliError::local(what).next("Check that client and node have the same version."));
        }
        let ends = documents.iter().map(|document| End::Accepted { document: *document, transaction: view.id });
        self.ends.extend(rows.iter().copied().zip(ends));
        self.progress.add(rows.len() as u64);
        self.journal.write(&Entry::Accepted { transaction: view.id, rows, documents })
    }

    /// The refused row has ended; the others go again.
    async fn split(&mut self, flight: Flight, view: &TransactionView) -> Result<(), CliError> {
        let Group { rows, refusals } = flight.group;
        let refused = usize::from(view.operation).min(rows.len() - 1);
        let is_outdated = matches!(view.code, Code::TicketInvalid | Code::FingerprintEpochStale);
        if is_outdated && refusals < RENEWALS_MAX {
            self.back(Group { rows, refusals: refusals + 1 });
            return Ok(());
        }
        let fp = flight.fps.get(refused).copied();
        self.explain(rows[refused], fp, view).await?;
        remainder(rows, refused, refusals).into_iter().for_each(|group| self.back(group));
        Ok(())
    }

    /// Ends a refused row; of a duplicate it says which document was there first.
    async fn explain(&mut self, row: usize, fp: Option<Fp>, view: &TransactionView) -> Result<(), CliError> {
        let sentence = format!("{}: {}", view.code_name, view.code.meaning());
        let (Code::DuplicateDocument, Some(fp)) = (view.code, fp) else {
            return self.refuse(row, view.code, None, format!("{sentence}. `landsea codes` explains it"));
        };
        let request = DocumentRequest { doc: None, fingerprint: Some(fp) };
        let Some(found) = patiently(|| self.client.document(&request)).await? else {
            return self.refuse(row, view.code, None, sentence);
        };
        let public = found.public;
        if public.issuer == self.terms.identity.account && public.content_root == self.root(row) {
            return self.settle(row, End::Known { document: public.id });
        }
        let whose = match public.issuer == self.terms.identity.account {
            true => "you registered it before, with other fields or other salts".to_owned(),
            false => format!("account {} registered it before; ask member {}", public.issuer, public.home),
        };
        self.refuse(row, view.code, Some(public.id), format!("{sentence}; {whose}"))
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
    fn void(&mut self, id: TxId) -> Result<(), CliError> {
        if let Some(flight) = self.under_way.remove(&id) {
            self.back(flight.group);
        }
        self.journal.write(&Entry::Void { transaction: id })
    }
}

/// A transaction that an earlier run sent.
fn reopened(text: &str, rows: Vec<usize>, chain: &ChainId) -> Option<(TxId, Flight)> {
    let bytes = hex::decode(text).ok()?;
    let tx = Transaction::decode(&bytes, chain).ok()?;
    let fp = |op: &Operation| match op {
        Operation::WaybillAnchor(anchor) => Some(anchor.ticket.body.fp1),
        _ => None,
    };
    let fps = tx.ops.iter().filter_map(fp).collect();
    let group = Group { rows, refusals: 0 };
    Some((tx.id(), Flight { bytes, group, fps, valid_until: tx.valid_until, asked: Instant::now() }))
}

/// The rows beside a refused one: together after the first refusal, in twice as many parts after every further one.
fn remainder(mut rows: Vec<usize>, refused: usize, refusals: u32) -> Vec<Group> {
    rows.remove(refused);
    let parts = 1usize << refusals.min(4);
    let size = rows.len().div_ceil(parts).max(1);
    rows.chunks(size).map(|rows| Group { rows: rows.to_vec(), refusals: refusals + 1 }).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds and transactions until every row of one transaction has ended, when some are bad.
    fn play(bad: &[usize]) -> (u32, usize, Vec<usize>) {
        let mut groups = vec![Group { rows: (0..OPERATIONS_MAX).collect(), refusals: 0 }];
        let (mut rounds, mut sent, mut accepted) = (0, 0, Vec::new());
        while !groups.is_empty() {
            (rounds, sent) = (rounds + 1, sent + groups.len());
            let mut next = Vec::new();
            for group in groups {
                match group.rows.iter().position(|row| bad.contains(row)) {
                    Some(refused) => next.extend(remainder(group.rows, refused, group.refusals)),
                    None => accepted.extend(group.rows),
                }
            }
            groups = next;
        }
        accepted.sort_unstable();
        (rounds, sent, accepted)
    }

    #[test]
    fn one_bad_row_costs_one_more_transaction_and_no_good_row() {
        for bad in 0..OPERATIONS_MAX {
            let (rounds, sent, accepted) = play(&[bad]);
            assert_eq!((rounds, sent), (2, 2), "bad row {bad}");
            assert_eq!(accepted, (0..OPERATIONS_MAX).filter(|row| *row != bad).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_set_of_bad_rows_is_isolated_in_few_rounds() {
        for mask in 0..1u32 << OPERATIONS_MAX {
            let bad: Vec<usize> = (0..OPERATIONS_MAX).filter(|row| mask & (1 << row) != 0).collect();
            let (rounds, sent, accepted) = play(&bad);
            let good: Vec<usize> = (0..OPERATIONS_MAX).filter(|row| !bad.contains(row)).collect();
            assert_eq!(accepted, good, "{bad:?}");
            assert!(rounds <= 6 && sent <= 2 * OPERATIONS_MAX, "{bad:?}: {rounds} rounds, {sent} transactions");
        }
    }
}
