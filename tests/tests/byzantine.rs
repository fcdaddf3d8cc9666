//! Members that do not follow the protocol, among members that do: whatever one kind does, heights go on, what was acknowledged stays,
//! and nobody else is blamed. After every step the cluster itself checks all properties; see `landsea_tests::properties`.
//!
//! Per kind there is a run over several seeds, and a test that the attack takes place and what comes of it.

use landsea_consensus::{ConsensusMessage, Step};
use landsea_node::message::FetchMessage;
use landsea_p2p::Class;
use landsea_tests::byzantine::{Behaviour, KINDS, Kind, Puppeteer};
use landsea_tests::cluster::{ClusterConfig, NoMutation};
use landsea_tests::rng::Rng;
use landsea_tests::suite::FastSuite;
use landsea_tests::{Chain, Cluster, Faults};
use landsea_types::batch::BatchBody;
use landsea_types::bounds::{BLOCK_BYTES_MAX, FUTURE_MESSAGES_PER_PEER_MAX, MEMPOOL_BATCHES_PER_ORIGIN_MAX};
use landsea_types::consensus::{Signed, VoteType};
use landsea_types::ticket::ClassedKey;
use landsea_types::{Batch, BatchId, Block, BlockId, GoodsKey, Header, Height, Member, Operation, Proposal, Suite};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Virtual milliseconds that are more than enough for anything that must happen.
const LONG: u64 = 300_000;
/// The member that misbehaves where there is one.
const LIAR: Member = Member::new(4);

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("there is no kind {name}"))
}

fn cluster(members: usize, seed: u64, faults: Faults) -> Cluster {
    Cluster::with(ClusterConfig {
        chain: Chain::new(members, seed),
        seed,
        faults,
        suite: Arc::new(FastSuite::new()),
        mutation: Box::new(NoMutation),
        keeps_violation: false,
    })
}

// ---- Runs over seeds.

/// Clients of all members submit while the liars lie; then the network is sound again, and heights and transactions must go on.
fn survives_with(mut cluster: Cluster, rng: &mut Rng) {
    let members = cluster.members();
    for _ in 0..10 {
        let through = *rng.pick(&members).expect("there are members");
        cluster.submit_new(through);
        cluster.run_for(rng.between(0, 1_500));
    }
    cluster.set_faults(Faults::NONE);
    cluster.run_heights(5, LONG);
    let correct = cluster.correct();
    let through = *rng.pick(&correct).expect("most are correct");
    let id = cluster.submit_new(through);
    cluster.run_to_commit(id, LONG);
    cluster.run_heights(1, LONG);
    cluster.assert_sound();
}

/// One liar of a kind among four.
fn survives_alone(kind: &Kind, seed: u64) {
    eprintln!("{} among four, seed {seed}", kind.name);
    let mut rng = Rng::new(seed ^ 0xb1);
    let faults = if rng.chance(400) { Faults::HARSH } else { Faults { delay_ms: (1, 20), ..Faults::NONE } };
    let mut cluster = cluster(4, seed, faults);
    let liar = Member::new(rng.between(1, 4) as u8);
    cluster.make_byzantine(liar, (kind.make)(seed));
    survives_with(cluster, &mut rng);
}

/// A liar of a kind and one of any kind among seven.
fn survives_in_company(kind: &Kind, seed: u64) {
    let mut rng = Rng::new(seed ^ 0xb2);
    let other = rng.pick(KINDS).expect("there are kinds");
    eprintln!("{} and {} among seven, seed {seed}", kind.name, other.name);
    let faults = if rng.chance(300) { Faults::HARSH } else { Faults { delay_ms: (1, 20), ..Faults::NONE } };
    let mut cluster = cluster(7, seed, faults);
    cluster.make_byzantine(Member::new(2), (kind.make)(seed));
    cluster.make_byzantine(Member::new(rng.between(3, 7) as u8), (other.make)(!seed));
    survives_with(cluster, &mut rng);
}

fn survives(name: &str) {
    let kind = kind(name);
    (0..seeds(6)).for_each(|seed| survives_alone(kind, seed));
    (100..100 + seeds(2)).for_each(|seed| survives_in_company(kind, seed));
}

/// More seeds on demand: `LANDSEA_SEEDS_TIMES=20`.
fn seeds(usual: u64) -> u64 {
    let times = std::env::var("LANDSEA_SEEDS_TIMES").ok().and_then(|times| times.parse::<u64>().ok());
    usual * times.unwrap_or(1)
}

#[test]
fn heights_go_on_with_an_equivocating_proposer() {
    survives("equivocating proposer");
}

#[test]
fn heights_go_on_with_a_double_voter() {
    survives("double voter");
}

#[test]
fn heights_go_on_when_one_key_runs_twice() {
    survives("twins");
}

#[test]
fn heights_go_on_with_a_silent_member() {
    survives("silent");
}

#[test]
fn heights_go_on_when_junk_headers_surround_real_ones() {
    survives("two junk headers");
}

#[test]
fn heights_go_on_when_batches_are_withheld() {
    survives("withheld batch");
}

#[test]
fn heights_go_on_when_batches_conflict() {
    survives("conflicting batches");
}

#[test]
fn heights_go_on_when_roots_are_wrong() {
    survives("wrong state root");
}

#[test]
fn heights_go_on_when_invalid_transactions_are_proposed() {
    survives("invalid transactions");
}

#[test]
fn heights_go_on_when_votes_are_replayed() {
    survives("stale votes");
}

#[test]
fn heights_go_on_when_certificates_are_forged() {
    survives("forged certificates");
}

#[test]
fn heights_go_on_when_heights_are_lied_about() {
    survives("lying heights");
}

#[test]
fn heights_go_on_under_a_flood_of_future_messages() {
    survives("future-height flood");
}

#[test]
fn heights_go_on_under_junk_bytes() {
    survives("junk bytes");
}

#[test]
fn heights_go_on_under_wrong_wishes() {
    survives("wrong wishes");
}

#[test]
fn every_kind_has_a_name_of_its_own_and_tells_it() {
    let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    assert!(KINDS.iter().all(|kind| (kind.make)(1).name() == kind.name));
}

#[test]
fn a_run_with_liars_is_the_same_every_time() {
    let run = |seed: u64| {
        let mut cluster = cluster(7, seed, Faults::HARSH);
        cluster.make_byzantine(Member::new(2), (kind("twins").make)(seed));
        cluster.make_byzantine(Member::new(5), (kind("junk bytes").make)(seed));
        cluster.submit_new(Member::new(1));
        cluster.run_heights(4, LONG);
        cluster.trace()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

// ---- That each attack takes place.

/// What a liar did and got.
#[derive(Default)]
struct Log {
    /// Messages of the replica behind that were held back.
    held_back: usize,
    /// Messages of the replica behind that went out unchanged.
    let_out: usize,
    /// Messages that the behaviour sent of its own, by class.
    sent: BTreeMap<Class, usize>,
    /// What the member signed for a step, over everything that it sent.
    signed: BTreeMap<(Height, u32, Option<VoteType>), BTreeSet<Option<BlockId>>>,
    /// Requests for committed heights that came.
    asked: usize,
    /// Committed heights that came as answers, and their bytes.
    answers: usize,
    answered_bytes: usize,
}

impl Log {
    fn note_signed(&mut self, member: Member, class: Class, bytes: &[u8]) {
        let message = if class == Class::Consensus { ConsensusMessage::decode(bytes).ok() } else { None };
        let (step, block) = match message {
            Some(ConsensusMessage::Vote { vote, .. }) if vote.message.voter == member => {
                let vote = vote.message;
                ((vote.height, vote.round, Some(vote.kind)), vote.block)
            }
            Some(ConsensusMessage::Proposal { proposal }) if proposal.message.proposer == member => {
                let proposal = proposal.message;
                ((proposal.height, proposal.round, None), Some(proposal.block))
            }
            _ => return,
        };
        self.signed.entry(step).or_default().insert(block);
    }

    fn note_received(&mut self, class: Class, bytes: &[u8]) {
        match (class, FetchMessage::decode(bytes)) {
            (Class::Fetch, Some(FetchMessage::WantCommitted { .. })) => self.asked += 1,
            (Class::Fetch, Some(FetchMessage::Committed { .. })) => {
                self.answers += 1;
                self.answered_bytes += bytes.len();
            }
            _ => {}
        }
    }

    /// Steps for which two messages were signed: votes, and proposals.
    fn double_signed(&self, proposals: bool) -> usize {
        let steps = self.signed.iter().filter(|((_, _, kind), _)| kind.is_none() == proposals);
        steps.filter(|(_, blocks)| blocks.len() > 1).count()
    }
}

/// A behaviour that is written down.
struct Watched {
    inner: Box<dyn Behaviour>,
    log: Rc<RefCell<Log>>,
}

impl Watched {
    fn after(&self, me: &Puppeteer<'_>, before: usize) {
        let mut log = self.log.borrow_mut();
        for (_, class, bytes) in me.outbox.iter().skip(before) {
            *log.sent.entry(*class).or_default() += 1;
            log.note_signed(me.member, *class, bytes);
        }
    }
}

impl Behaviour for Watched {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    fn on_receive(&mut self, me: &mut Puppeteer<'_>, from: Member, class: Class, bytes: &[u8]) -> bool {
        self.log.borrow_mut().note_received(class, bytes);
        let before = me.outbox.len();
        let passes = self.inner.on_receive(me, from, class, bytes);
        self.after(me, before);
        passes
    }
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let before = me.outbox.len();
        let passes = self.inner.on_send(me, to, class, bytes);
        self.after(me, before);
        let mut log = self.log.borrow_mut();
        if passes {
            log.let_out += 1;
            log.note_signed(me.member, class, bytes);
        } else {
            log.held_back += 1;
        }
        passes
    }
    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        let before = me.outbox.len();
        self.inner.on_tick(me);
        self.after(me, before);
    }
}

/// A liar of a kind among four on a sound network, with 24 transactions in a minute, also through the liar.
fn watched(name: &str, seed: u64) -> (Cluster, Rc<RefCell<Log>>) {
    let mut cluster = cluster(4, seed, Faults::NONE);
    let log = Rc::new(RefCell::new(Log::default()));
    cluster.make_byzantine(LIAR, Box::new(Watched { inner: (kind(name).make)(seed), log: Rc::clone(&log) }));
    for turn in 0..24 {
        cluster.submit_new(Member::new(turn % 4 + 1));
        cluster.run_for(2_500);
    }
    cluster.run_heights(2, LONG);
    cluster.assert_sound();
    (cluster, log)
}

/// The round that decided, by height.
fn rounds(cluster: &Cluster) -> BTreeMap<Height, u32> {
    let snapshot = cluster.store(Member::new(1)).reader().snapshot();
    let heights = (1..=cluster.tip(Member::new(1)).height.get()).map(Height::new);
    heights.map(|height| (height, snapshot.certificate(height).expect("committed").round)).collect()
}

/// The first proposers of the heights that took more than one round.
fn lost_rounds(cluster: &Cluster) -> Vec<Member> {
    let validators = cluster.chain.genesis.validator_set();
    let slow = rounds(cluster).into_iter().filter(|(_, round)| *round > 0);
    slow.map(|(height, _)| validators.proposer(height, 0).member).collect()
}

/// The liar's rounds were lost now and then, and no others.
fn assert_loses_own_rounds_only(cluster: &Cluster) {
    let lost = lost_rounds(cluster);
    assert!(!lost.is_empty(), "the attack cost nothing");
    assert!(lost.iter().all(|first| *first == LIAR), "rounds of others were lost: {lost:?}");
}

fn reasons(cluster: &Cluster) -> BTreeSet<&'static str> {
    cluster.seen().faults().iter().map(|fault| fault.reason).collect()
}

fn assert_blamed_for(cluster: &Cluster, expected: &[&str]) {
    let reasons = reasons(cluster);
    expected.iter().for_each(|reason| assert!(reasons.contains(reason), "{reason} is not among {reasons:?}"));
    assert!(cluster.seen().faults().iter().all(|fault| fault.peer == LIAR));
}

#[test]
fn two_proposals_for_a_round_become_evidence_where_both_are_seen() {
    let (cluster, log) = watched("equivocating proposer", 1);
    assert!(log.borrow().double_signed(true) > 0, "no round had two proposals");
    assert!(cluster.seen().evidence().contains(&LIAR), "nobody holds evidence");
}

#[test]
fn two_votes_for_a_step_become_evidence_where_both_are_seen() {
    let (cluster, log) = watched("double voter", 1);
    assert!(log.borrow().double_signed(false) > 0, "no step had two votes");
    assert!(cluster.seen().evidence().contains(&LIAR), "nobody holds evidence");
}

#[test]
fn twins_sign_different_messages_for_one_step_although_each_follows_the_protocol() {
    let (_, log) = watched("twins", 1);
    let log = log.borrow();
    assert!(log.double_signed(true) + log.double_signed(false) > 0, "the twins never differed");
    assert!(log.sent[&Class::Consensus] > 0 && log.held_back > 0, "one of the twins did not speak");
}

#[test]
fn a_silent_member_costs_its_own_rounds_only() {
    let (cluster, log) = watched("silent", 6);
    assert!(log.borrow().held_back > 0 && log.borrow().let_out == 0, "something went out");
    assert_loses_own_rounds_only(&cluster);
    assert_eq!(cluster.seen().faults(), [], "silence proves nothing");
}

#[test]
fn junk_headers_around_the_real_one_cost_no_round() {
    let (cluster, log) = watched("two junk headers", 1);
    assert!(log.borrow().sent[&Class::Header] > 100, "too few junk headers");
    assert_eq!(lost_rounds(&cluster), []);
    assert_eq!(cluster.seen().faults(), [], "a header that nobody names proves nothing");
}

#[test]
fn withheld_batches_cost_a_round_or_two_and_prove_nothing() {
    let mut lost = Vec::new();
    for seed in 1..=4 {
        let (cluster, log) = watched("withheld batch", seed);
        assert!(log.borrow().held_back > 0, "nothing was withheld");
        assert_eq!(cluster.seen().faults(), [], "a batch that does not come proves nothing");
        // Where the proposer alone lacks a batch, it does not know that the others have started the height.
        let slowest = rounds(&cluster).into_values().max();
        assert!(slowest <= Some(2), "a height took {slowest:?} rounds more than one");
        lost.extend(lost_rounds(&cluster));
    }
    assert!(lost.contains(&LIAR), "its own blocks named batches that others had");
}

#[test]
fn of_conflicting_batches_each_is_a_batch_and_a_spoilt_one_is_a_fault() {
    let (cluster, log) = watched("conflicting batches", 1);
    assert!(log.borrow().sent[&Class::Batch] > 0, "there were no other batches");
    assert_blamed_for(&cluster, &["batch with a bad origin signature"]);
}

#[test]
fn a_block_with_a_wrong_root_is_never_decided() {
    let (cluster, log) = watched("wrong state root", 1);
    assert!(log.borrow().sent[&Class::Header] > 0, "no header was patched");
    assert_loses_own_rounds_only(&cluster);
}

#[test]
fn invalid_transactions_are_faults_of_the_origin_before_anything_is_executed() {
    let mut found = BTreeSet::new();
    for seed in 1..=4 {
        let (cluster, _) = watched("invalid transactions", seed);
        assert_loses_own_rounds_only(&cluster);
        found.extend(reasons(&cluster));
    }
    let expected = [
        "batch with a bad sender signature",
        "batch with a bad size or chain",
        "batch with an undecodable transaction",
        "malformed block",
        "oversized batch",
    ];
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn replayed_votes_are_answered_within_a_bound_and_prove_nothing() {
    let (mut cluster, log) = watched("stale votes", 1);
    log.borrow_mut().answers = 0;
    log.borrow_mut().sent.clear();
    cluster.run_for(20_000);
    let log = log.borrow();
    assert!(log.answers > 0, "no replayed vote was answered");
    assert!(log.answers <= log.sent[&Class::Consensus], "an answer without a question");
    assert_eq!(cluster.seen().faults(), []);
    assert_eq!(lost_rounds(&cluster), []);
}

#[test]
fn forged_certificates_are_faults_and_decide_nothing() {
    let (cluster, _) = watched("forged certificates", 1);
    assert_blamed_for(
        &cluster,
        &["committed block without a valid certificate", "a vote, proposal or certificate that does not verify"],
    );
    assert_eq!(lost_rounds(&cluster), []);
}

#[test]
fn lies_about_heights_lead_to_questions_and_delay_nobody() {
    let (cluster, log) = watched("lying heights", 1);
    assert!(log.borrow().asked > 0, "nobody believed the liar for a moment");
    // A vote for the next height starts it everywhere but at the liar's own replica.
    assert!(lost_rounds(&cluster).iter().all(|first| *first == LIAR));
}

#[test]
fn a_flood_of_future_messages_is_dropped_beyond_its_bound() {
    let (mut cluster, log) = watched("future-height flood", 1);
    let before = log.borrow().sent[&Class::Consensus];
    cluster.run_for(60_000);
    assert!(log.borrow().sent[&Class::Consensus] - before > 3 * 2 * FUTURE_MESSAGES_PER_PEER_MAX, "that was no flood");
    let buffered: Vec<usize> = cluster.correct().into_iter().map(|m| cluster.engine(m).buffered).collect();
    assert!(buffered.iter().all(|held| (1..=FUTURE_MESSAGES_PER_PEER_MAX).contains(held)), "{buffered:?}");
}

#[test]
fn junk_on_every_class_is_a_fault_of_its_sender() {
    let (cluster, _) = watched("junk bytes", 1);
    assert_blamed_for(
        &cluster,
        &["undecodable consensus message", "undecodable block", "undecodable batch", "undecodable fetch message"],
    );
    assert_eq!(lost_rounds(&cluster), []);
}

#[test]
fn wrong_wishes_are_answered_within_a_bound() {
    let (mut cluster, log) = watched("wrong wishes", 1);
    log.borrow_mut().sent.clear();
    log.borrow_mut().answers = 0;
    cluster.run_for(20_000);
    let log = log.borrow();
    assert!(log.answers > 0 && log.answers <= log.sent[&Class::Fetch]);
    assert_eq!(lost_rounds(&cluster), []);
}

/// Four members, the last of them a puppet whose turn to propose is next; also that height.
fn before_the_puppets_turn() -> (Cluster, Height) {
    let mut cluster = cluster(4, 1, Faults::NONE);
    cluster.run_to_height(Height::new(3), LONG);
    cluster.make_puppet(LIAR);
    let validators = cluster.chain.genesis.validator_set();
    let is_next = |c: &Cluster| c.lowest() == c.highest() && validators.proposer(c.lowest().next(), 0).member == LIAR;
    assert!(cluster.run_until(LONG, is_next), "the turns go round");
    let height = cluster.highest().next();
    (cluster, height)
}

fn held_batches(cluster: &Cluster) -> Vec<usize> {
    cluster.correct().into_iter().map(|m| cluster.store(m).undecided_batches().len()).collect()
}

#[test]
fn batches_that_came_because_a_bad_block_named_them_do_not_stay_beyond_the_quota_of_their_origin() {
    let (mut cluster, height) = before_the_puppets_turn();
    let quota = MEMPOOL_BATCHES_PER_ORIGIN_MAX;
    for batch in heavy_batches(&cluster, quota, 1) {
        tell_correct(&mut cluster, Class::Batch, &borsh::to_vec(&batch).expect("encodes"));
    }
    cluster.run_for(50);
    // Light ones, so that nothing but the root of the block is wrong; heavy ones came first and will not all fit into the next.
    let named = batches(&cluster, quota, 1_000, 1);
    propose_bad_block(&mut cluster, height, named.iter().map(Batch::id).collect());
    cluster.run_for(1);
    for batch in named {
        tell_correct(&mut cluster, Class::Fetch, &FetchMessage::Batch { batch }.encode());
    }
    // Long enough for the checks, too short for the next round to decide.
    cluster.run_for(5);
    assert_eq!(held_batches(&cluster), [2 * quota; 3], "what a block names is fetched whatever else is held");
    cluster.run_to_height(height, LONG);
    let held = held_batches(&cluster);
    assert!(held.iter().all(|n| *n <= quota), "{held:?} batches of one origin are held");
    cluster.run_heights(2, LONG);
    cluster.assert_sound();
}

#[test]
fn a_block_is_refused_as_soon_as_the_batches_at_hand_are_too_much_for_one() {
    let (mut cluster, height) = before_the_puppets_turn();
    let mut named = heavy_batches(&cluster, MEMPOOL_BATCHES_PER_ORIGIN_MAX, 1);
    propose_bad_block(&mut cluster, height, named.iter().map(Batch::id).collect());
    cluster.run_for(1);
    named.truncate(block_full_of(&cluster) + 1);
    for batch in named {
        tell_correct(&mut cluster, Class::Fetch, &FetchMessage::Batch { batch }.encode());
    }
    // Waiting for the rest would take the whole time of a proposer, two seconds.
    let refused = |c: &Cluster| c.correct().into_iter().all(|m| c.engine(m).step > Step::Propose);
    assert!(cluster.run_until(200, refused), "{}", cluster.describe());
    cluster.run_to_height(height, LONG);
    cluster.assert_sound();
}

/// How many heavy batches fit into a block.
fn block_full_of(cluster: &Cluster) -> usize {
    let batches = heavy_batches(cluster, 1, 1);
    BLOCK_BYTES_MAX / batches.iter().map(Batch::payload_bytes).sum::<usize>()
}

/// Batches of the liar's, a dozen of which are too much for a block.
fn heavy_batches(cluster: &Cluster, count: usize, from: u64) -> Vec<Batch> {
    batches(cluster, count, from, 7)
}

/// Batches of the liar's, numbered from `from`, with that many copies of a large transaction each.
fn batches(cluster: &Cluster, count: usize, from: u64, copies: usize) -> Vec<Batch> {
    let tip = cluster.tip(Member::new(1));
    let branch = cluster.chain.branch(LIAR);
    let mut transaction = branch.onboard(7, tip.height, tip.time);
    if let Some(Operation::PartyOnboard(onboard)) = transaction.ops.first_mut() {
        onboard.ticket.body.goods_keys = vec![ClassedKey { class: b'M', key: GoodsKey::default() }; 1_500];
    }
    let transactions = vec![transaction.sign(&branch.branch_key).encode(); copies];
    let batch = |sequence| {
        let (chain_id, origin, transactions) = (cluster.chain.id(), LIAR, transactions.clone());
        let body = BatchBody { chain_id, origin, sequence, transactions };
        Batch::new(body, &cluster.chain.validator_key(LIAR), &FastSuite::new())
    };
    (from..from + count as u64).map(batch).collect()
}

fn tell_correct(cluster: &mut Cluster, class: Class, bytes: &[u8]) {
    for to in cluster.correct() {
        cluster.inject(LIAR, to, class, bytes.to_vec());
    }
}

/// Proposes a block over these batches whose roots are wrong.
fn propose_bad_block(cluster: &mut Cluster, height: Height, batches: Vec<BatchId>) {
    let tip = cluster.tip(Member::new(1));
    let header = Header {
        height,
        time: cluster.now(),
        parent: tip.block_id,
        proposer: LIAR,
        batches_hash: Block::batches_hash(&batches),
        ..tip.header.expect("a height was committed")
    };
    let block = Block { header, batches };
    tell_correct(cluster, Class::Header, &borsh::to_vec(&block).expect("encodes"));
    let message = Proposal { height, round: 0, block: block.id(), pol_round: None, proposer: LIAR };
    let bytes = message.sign_bytes(&cluster.chain.id());
    let signature = FastSuite::new().sign(&cluster.chain.validator_key(LIAR), &bytes);
    let proposal = ConsensusMessage::Proposal { proposal: Signed { message, signature } };
    tell_correct(cluster, Class::Consensus, &proposal.encode());
}
