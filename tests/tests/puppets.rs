//! What one member may do to the others. A puppet holds its member's real keys and is spoken for by the test: one function per
//! behaviour. The simulator with any mix of Byzantine members grows from here.

use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_tests::{Cluster, Faults};
use landsea_types::consensus::{Signed, VoteType};
use landsea_types::{Block, BlockId, Hash, Header, Height, Member, Proposal, Signature, Vote};

const LONG: u64 = 120_000;

fn member(index: u8) -> Member {
    Member::new(index)
}

/// Four members, the last of them a puppet, one height before the puppet's turn to propose.
fn before_the_puppets_turn(seed: u64) -> (Cluster, Member, Height) {
    let mut cluster = Cluster::new(4, seed, Faults::NONE);
    let puppet = member(4);
    cluster.run_to_height(Height::new(1), LONG);
    cluster.make_puppet(puppet);
    let validators = cluster.chain.genesis.validator_set();
    let is_next = |c: &Cluster| validators.proposer(c.lowest().next(), 0).member == puppet && c.lowest() == c.highest();
    assert!(cluster.run_until(LONG, is_next), "{}", cluster.describe());
    let height = cluster.lowest().next();
    (cluster, puppet, height)
}

fn tell_all(cluster: &mut Cluster, from: Member, class: Class, bytes: &[u8]) {
    for to in cluster.running() {
        cluster.inject(from, to, class, bytes.to_vec());
    }
}

/// A well-formed empty block above the tip, with the roots of the parent.
fn block_above_tip(cluster: &Cluster, proposer: Member) -> Block {
    let tip = cluster.tip(member(1));
    let parent = tip.header.expect("a height was committed");
    let header = Header {
        height: tip.height.next(),
        time: cluster.now(),
        parent: tip.block_id,
        proposer,
        batches_hash: Block::batches_hash(&[]),
        transactions: 0,
        ..parent
    };
    Block { header, batches: Vec::new() }
}

fn proposal(cluster: &Cluster, by: Member, height: Height, block: BlockId) -> Vec<u8> {
    let message = Proposal { height, round: 0, block, pol_round: None, proposer: by };
    let signature = cluster.chain.validator_key(by).sign(&message.sign_bytes(&cluster.chain.id()));
    ConsensusMessage::Proposal { proposal: Signed { message, signature } }.encode()
}

fn prevote(cluster: &Cluster, by: Member, height: Height, block: Option<BlockId>) -> Vec<u8> {
    let message = Vote { kind: VoteType::Prevote, height, round: 0, block, voter: by };
    let vote = Signed::<Vote>::new(message, &cluster.chain.id(), &cluster.chain.validator_key(by));
    ConsensusMessage::Vote { vote, rebroadcast: false }.encode()
}

fn round_of(cluster: &Cluster, height: Height) -> u32 {
    let snapshot = cluster.store(member(1)).reader().snapshot();
    snapshot.certificate(height).expect("committed").round
}

#[test]
fn an_honest_looking_proposal_of_a_puppet_is_decided() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(1);
    let block = block_above_tip(&cluster, puppet);
    tell_all(&mut cluster, puppet, Class::Header, &borsh::to_vec(&block).expect("encodes"));
    let proposal = proposal(&cluster, puppet, height, block.id());
    tell_all(&mut cluster, puppet, Class::Consensus, &proposal);
    cluster.run_to_height(height, LONG);
    // The other tests of this file differ from this one in a single respect.
    assert_eq!(cluster.seen().decided()[&height].block, block.id());
    assert_eq!(round_of(&cluster, height), 0);
}

#[test]
fn a_block_with_a_wrong_root_is_refused_before_the_vote() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(2);
    let mut block = block_above_tip(&cluster, puppet);
    block.header.state_root = Hash([9; 32]);
    tell_all(&mut cluster, puppet, Class::Header, &borsh::to_vec(&block).expect("encodes"));
    let proposal = proposal(&cluster, puppet, height, block.id());
    tell_all(&mut cluster, puppet, Class::Consensus, &proposal);
    cluster.run_to_height(height.saturating_add(2), LONG);
    assert_ne!(cluster.seen().decided()[&height].block, block.id());
    assert!(round_of(&cluster, height) > 0, "the puppet's round must end without a decision");
    cluster.assert_sound();
}

#[test]
fn a_block_that_names_a_batch_nobody_has_delays_one_round() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(3);
    let mut block = block_above_tip(&cluster, puppet);
    block.batches = vec![landsea_types::BatchId([8; 32])];
    block.header.batches_hash = Block::batches_hash(&block.batches);
    tell_all(&mut cluster, puppet, Class::Header, &borsh::to_vec(&block).expect("encodes"));
    let proposal = proposal(&cluster, puppet, height, block.id());
    tell_all(&mut cluster, puppet, Class::Consensus, &proposal);
    cluster.run_to_height(height.saturating_add(2), LONG);
    assert_eq!(round_of(&cluster, height), 1);
    assert_eq!(cluster.seen().faults(), [], "a missing batch proves nothing");
    cluster.assert_sound();
}

#[test]
fn a_proposal_without_its_block_delays_one_round() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(4);
    let proposal = proposal(&cluster, puppet, height, BlockId([7; 32]));
    tell_all(&mut cluster, puppet, Class::Consensus, &proposal);
    cluster.run_to_height(height.saturating_add(2), LONG);
    assert_eq!(round_of(&cluster, height), 1);
    cluster.assert_sound();
}

#[test]
fn a_flood_of_headers_does_not_silence_honest_proposers() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(5);
    cluster.run_to_height(height, LONG);
    for n in 0..50 {
        let mut junk = block_above_tip(&cluster, member(1));
        junk.header.state_root = Hash([n; 32]);
        tell_all(&mut cluster, puppet, Class::Header, &borsh::to_vec(&junk).expect("encodes"));
    }
    let id = cluster.submit_new(member(2));
    cluster.run_to_commit(id, LONG);
    let next = cluster.seen().height_of(&id).expect("committed");
    assert_eq!(round_of(&cluster, next), 0, "junk headers cost a round");
    cluster.assert_sound();
}

#[test]
fn two_votes_for_one_step_become_evidence_on_every_member() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(6);
    for block in [Some(BlockId([1; 32])), None] {
        let vote = prevote(&cluster, puppet, height, block);
        tell_all(&mut cluster, puppet, Class::Consensus, &vote);
    }
    cluster.run_to_height(height.saturating_add(2), LONG);
    for honest in cluster.running() {
        assert_eq!(cluster.store(honest).evidence().len(), 1, "member {honest}");
    }
    assert_eq!(cluster.seen().evidence(), [puppet; 3]);
}

#[test]
fn a_vote_in_another_members_name_is_a_fault_of_its_sender() {
    let (mut cluster, puppet, height) = before_the_puppets_turn(7);
    let message = Vote { kind: VoteType::Prevote, height, round: 0, block: None, voter: member(1) };
    let forged = Signed { message, signature: Signature([5; 64]) };
    cluster.run_for(6_000);
    let forged = ConsensusMessage::Vote { vote: forged, rebroadcast: false }.encode();
    tell_all(&mut cluster, puppet, Class::Consensus, &forged);
    cluster.run_to_height(height.saturating_add(1), LONG);
    assert!(cluster.seen().faults().iter().all(|f| f.peer == puppet));
    assert!(cluster.seen().evidence().is_empty(), "a forged vote is no evidence against its alleged voter");
}

#[test]
fn a_member_whose_clock_is_ahead_costs_its_own_rounds_only() {
    let mut cluster = Cluster::new(4, 8, Faults::NONE);
    let fast = member(2);
    cluster.set_clock_skew(fast, 60_000);
    cluster.run_to_height(Height::new(12), 4 * LONG);
    let validators = cluster.chain.genesis.validator_set();
    for height in (2..=12).map(Height::new) {
        let expected = u32::from(validators.proposer(height, 0).member == fast);
        assert_eq!(round_of(&cluster, height), expected, "height {height}");
    }
    assert_eq!(cluster.seen().faults(), [], "a wrong clock proves nothing");
    cluster.assert_sound();
}

#[test]
fn a_member_whose_clock_is_behind_proposes_blocks_that_are_just_later_than_their_parents() {
    let mut cluster = Cluster::new(4, 9, Faults::NONE);
    cluster.set_clock_skew(member(3), -900_000);
    cluster.run_to_height(Height::new(12), LONG);
    assert!((1..=12).all(|h| round_of(&cluster, Height::new(h)) == 0), "a late clock costs nothing");
    cluster.assert_sound();
}

#[test]
fn a_member_whose_clock_is_behind_helps_to_decide_a_block_that_the_others_are_locked_on() {
    let mut cluster = Cluster::new(4, 131, Faults::NONE);
    let slow = member(4);
    cluster.set_clock_skew(slow, -600_000);
    cluster.run_to_height(Height::new(2), LONG);
    let locked_undecided = |c: &Cluster, m: u8| {
        let engine = c.engine(member(m));
        engine.locked.is_some() && engine.decided < engine.height
    };
    let locked = cluster.run_until(LONG, |c| (1..=3).all(|m| locked_undecided(c, m)));
    assert!(locked, "the three are locked at the same moment\n{}", cluster.describe());
    let height = cluster.engine(member(2)).height;
    // Two locked members need the slow one, for whose clock the block is ten minutes early.
    cluster.crash(member(1));
    cluster.run_to_height(height, LONG);
    cluster.assert_sound();
}
