//! Samples that are made rather than taken from the chain.

use super::{Samples, entry};
use crate::fuzz::corpus::{self, Entry};
use crate::fuzz::fixture::Fixture;
use crate::fuzz::targets::{Damage, sample_restarts, sample_scripts};
use landsea_client::keys::{KeyFile, KeyKind};
use landsea_client::token::{Token, TokenBody};
use landsea_client::{Draft, Paper, SaltsFile};
use landsea_consensus::{
    ConsensusMessage, PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote, SignMark,
};
use landsea_node::mark::MarkFile;
use landsea_node::message::FetchMessage;
use landsea_node::replica::MarkKeeper as _;
use landsea_testnet::Network;
use landsea_types::certificate::{Disclosure, PaperEvidence};
use landsea_types::consensus::{Proposal, Signed, Vote, VoteType};
use landsea_types::fingerprint::{field::identity_fields, keyed};
use landsea_types::role::Role;
use landsea_types::ticket::{QueryTicket, QueryTicketBody};
use landsea_types::{AccountId, Fp, Hash, SecretKey, Timestamp, Transaction};
use std::path::{Path, PathBuf};

pub(super) fn all(chain: &Fixture, network: &Network) -> Result<Samples, String> {
    let io = |e: std::io::Error| e.to_string();
    // The scripts of the engine hold every kind of message, so messages are written first.
    corpus::replace("consensus_message", &consensus_messages(chain)).map_err(io)?;
    let restart =
        |r: crate::fuzz::targets::Restart| entry(format!("scene_{}.bin", r.scene), borsh::to_vec(&r).expect("memory"));
    Ok(vec![
        ("fetch_message", fetch_messages(chain)),
        ("consensus_engine", sample_scripts().into_iter().map(|(name, bytes)| entry(name, bytes)).collect()),
        ("wal", sample_restarts().into_iter().map(restart).collect()),
        ("token", vec![entry("branch.txt", token(chain).encode().into_bytes())]),
        ("paper", papers(chain)),
        ("document", documents()),
        ("draft", drafts(chain)),
        ("genesis", vec![entry("network.json", chain.genesis.to_json().into_bytes())]),
        ("node_config", vec![entry("node.toml", read(&network.node_dir(&network.nodes[0]).join("node.toml")))]),
        ("network_file", vec![entry("network.json", read(&network.dir.join("network.json")))]),
        ("key_file", key_files().map_err(io)?),
        ("salts_file", salts_files().map_err(io)?),
        ("scenario", scenarios()),
        ("sign_mark", sign_marks().map_err(io)?),
        ("stored_rows", damages(&[0, 1, 2, 3, 4, 5, 6, 7, 8], &[0, 7, 30, 77])),
        ("stored_files", damages(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &[0])),
        ("frames", frames()),
        ("handshake", handshakes()),
    ])
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One message of each kind about the first block that holds transactions, signed by its members.
fn consensus_messages(chain: &Fixture) -> Vec<Entry> {
    let at = chain.blocks.iter().find(|b| !b.batches.is_empty()).expect("some block holds transactions");
    let (id, block, height) = (chain.chain(), at.block.id(), at.block.header.height);
    let members = &chain.genesis.members;
    let vote = |n: usize, kind, block| {
        let vote = Vote { kind, height, round: 1, block, voter: members[n].index };
        Signed::<Vote>::new(vote, &id, &chain.key("validator", &members[n]))
    };
    let precommits = (0..3).map(|n| vote(n, VoteType::Precommit, None));
    let message = Proposal { height, round: 1, block, pol_round: Some(0), proposer: members[1].index };
    let signature = chain.key("validator", &members[1]).sign(&message.sign_bytes(&id));
    let polka = (0..3).map(|n| (members[n].index, vote(n, VoteType::Prevote, Some(block)).signature)).collect();
    let round_votes = precommits.map(|v| RoundVote {
        kind: v.message.kind,
        block: v.message.block,
        voter: v.message.voter,
        signature: v.signature,
    });
    let all = [
        ("vote", ConsensusMessage::Vote { vote: vote(2, VoteType::Prevote, Some(block)), rebroadcast: false }),
        ("vote_nil", ConsensusMessage::Vote { vote: vote(3, VoteType::Precommit, None), rebroadcast: true }),
        ("proposal", ConsensusMessage::Proposal { proposal: Signed { message, signature } }),
        (
            "polka",
            ConsensusMessage::Polka { certificate: PolkaCertificate { height, round: 1, block, signatures: polka } },
        ),
        (
            "round",
            ConsensusMessage::Round {
                certificate: RoundCertificate {
                    height,
                    round: 2,
                    kind: RoundCertificateKind::Precommit,
                    votes: round_votes.collect(),
                },
            },
        ),
    ];
    all.into_iter().map(|(name, message)| entry(format!("{name}.bin"), message.encode())).collect()
}

fn fetch_messages(chain: &Fixture) -> Vec<Entry> {
    let at = chain.blocks.iter().find(|b| !b.batches.is_empty()).expect("some block holds transactions").clone();
    let height = at.block.header.height;
    let all = [
        ("tip", FetchMessage::Tip { chain: chain.chain(), height }),
        ("want_block", FetchMessage::WantBlock { block: at.block.id() }),
        ("block", FetchMessage::Block { block: at.block.clone() }),
        ("want_batches", FetchMessage::WantBatches { batches: at.block.batches.clone() }),
        ("batch", FetchMessage::Batch { batch: at.batches[0].clone() }),
        ("want_committed", FetchMessage::WantCommitted { height }),
        ("committed", FetchMessage::Committed { committed: Box::new(at) }),
    ];
    all.into_iter().map(|(name, message)| entry(format!("{name}.bin"), message.encode())).collect()
}

fn token(chain: &Fixture) -> Token {
    let member = &chain.genesis.members[0];
    let secret = chain.key("branch", member);
    let body = TokenBody {
        account: member.branch_account(),
        key: 0,
        public_key: secret.public(),
        audience: member.index,
        not_after: Timestamp::new(1_800_000_000_000),
    };
    Token::new(body, &chain.chain(), &secret)
}

fn scenario_folder() -> PathBuf {
    crate::source::workspace().join("testnet").join("scenarios")
}

/// The files of a folder with an extension, by name.
fn files(folder: &Path, extension: &str) -> Vec<Entry> {
    let listed = std::fs::read_dir(folder).expect("the folder of scenarios can be read");
    let mut paths: Vec<PathBuf> = listed.map(|e| e.expect("listed").path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == extension));
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| entry(name(path), read(path))).collect()
}

fn documents() -> Vec<Entry> {
    files(&scenario_folder().join("documents"), "json")
}

fn scenarios() -> Vec<Entry> {
    let short = ["bad_input.toml", "halt_and_resume.toml", "s1.toml", "s1a_race.toml", "every_operation.toml"];
    files(&scenario_folder(), "toml").into_iter().filter(|e| short.contains(&e.name.as_str())).collect()
}

/// Papers that the chain does not know, read and opened, with the ticket of a branch.
fn papers(chain: &Fixture) -> Vec<Entry> {
    let member = &chain.genesis.members[0];
    let mut found = Vec::new();
    for document in documents() {
        let text = String::from_utf8(document.bytes).expect("documents are texts");
        let Ok(paper) = Paper::from_json(&text) else { continue };
        let kind = paper.kind();
        let body = QueryTicketBody {
            chain_id: chain.chain(),
            kind,
            raw1: Hash(paper.raws.fp1),
            fp1: Fp(keyed(&chain.fingerprint_key(), &paper.raws.fp1)),
            member: member.index,
            at: Timestamp::new(1_780_000_000_000),
        };
        let ticket = QueryTicket::new(body, &chain.key("validator", member));
        let identity = identity_fields(kind);
        let shown = paper.fields.iter().filter(|(id, _)| identity.contains(id)).cloned().collect();
        let salts = SaltsFile { content_root: paper.content_root(&[7; 32]).expect("fields"), secret: Hash([7; 32]) };
        let opened = paper.open_identity(&salts).map(|opening| Disclosure::Opened { opening });
        for (form, disclosure) in [("read", Some(Disclosure::Read { fields: shown })), ("opened", opened.ok())] {
            let evidence = disclosure.map(|disclosure| PaperEvidence { ticket: ticket.clone(), disclosure });
            found.extend(evidence.map(|e| entry(format!("{form}_{}", document.name), json(&e))));
        }
    }
    found.truncate(8);
    found
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("samples have a JSON form")
}

fn drafts(chain: &Fixture) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, (_, bytes)) in chain.transactions().enumerate().step_by(6) {
        let tx = Transaction::decode(bytes, &chain.chain()).expect("a committed transaction decodes");
        let draft = Draft {
            chain_id: tx.chain_id,
            sender: tx.sender,
            operations: tx.ops,
            consents: tx.consents,
            valid_until: Some(tx.valid_until),
            nonce: tx.nonce,
        };
        let request = draft.consent_request(0, AccountId([3; 32]), Role::Bank, Timestamp::new(9));
        entries.push(entry(format!("draft_{number:03}.json"), json(&draft)));
        entries.push(entry(format!("request_{number:03}.json"), json(&request.expect("it has an operation"))));
    }
    entries
}

/// Writes a file with `write` in a temporary folder and takes its bytes.
fn bytes_of<E: std::fmt::Display>(write: impl FnOnce(&Path) -> Result<(), E>) -> std::io::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    write(&path).map_err(|e| std::io::Error::other(e.to_string()))?;
    std::fs::read(path)
}

fn key_files() -> std::io::Result<Vec<Entry>> {
    let mut owned = KeyFile::from_secret(KeyKind::Ledger, SecretKey::from_seed([8; 32]));
    owned.account = Some(AccountId([9; 32]));
    owned.index = 2;
    let plain = KeyFile::from_secret(KeyKind::Validator, SecretKey::from_seed([8; 32]));
    let (owned, plain) = (bytes_of(|p| owned.create(p))?, bytes_of(|p| plain.create(p))?);
    Ok(vec![entry("ledger.json", owned), entry("validator.json", plain)])
}

fn salts_files() -> std::io::Result<Vec<Entry>> {
    let salts = SaltsFile { content_root: landsea_types::Commit([6; 32]), secret: Hash([7; 32]) };
    Ok(vec![entry("salts.json", bytes_of(|p| salts.create(p))?)])
}

/// A new mark, and marks that were moved one, two and three times.
fn sign_marks() -> std::io::Result<Vec<Entry>> {
    let moved = |times: u64| {
        let write = |path: &Path| -> std::io::Result<()> {
            MarkFile::create(path, SignMark::new_key())?;
            let mut file = MarkFile::open(path).map_err(std::io::Error::other)?;
            (1..=times).for_each(|height| file.store(crate::fuzz::targets::mark_at(height)));
            Ok(())
        };
        Ok(entry(format!("moved_{times}.bin"), bytes_of(write)?))
    };
    (0..=3).map(moved).collect()
}

/// Damages of every kind at some rows of every place.
fn damages(places: &[u8], rows: &[u16]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (place, row) in places.iter().flat_map(|p| rows.iter().map(move |r| (*p, *r))) {
        let how = (place + row as u8) % 4;
        let damage = Damage { place, row, how, at: 40 + 9 * u32::from(row), value: 5 };
        entries.push(entry(format!("place_{place}_row_{row:02}.bin"), damage.to_bytes()));
    }
    entries
}

fn frames() -> Vec<Entry> {
    let frame = |last: bool, payload: &[u8]| {
        let header = payload.len() as u32 | if last { 1 << 31 } else { 0 };
        [&header.to_le_bytes()[..], payload].concat()
    };
    let long = [frame(false, &[1; 65_536]), frame(true, &[2; 100])].concat();
    let mixed =
        [frame(true, b"first"), frame(true, b""), frame(false, b"sec"), frame(true, b"ond"), frame(true, b"")].concat();
    vec![
        entry("long_message.bin", long),
        entry("mixed.bin", mixed),
        entry("empty_inside.bin", [frame(false, b"x"), frame(false, b"")].concat()),
        entry("over_long_frame.bin", 65_537u32.to_le_bytes().to_vec()),
    ]
}

/// What libp2p's dialler says first: the selection of Noise, then a Noise message of some length.
fn handshakes() -> Vec<Entry> {
    let line = |text: &str| [&[text.len() as u8 + 1][..], text.as_bytes(), b"\n"].concat();
    let select = [line("/multistream/1.0.0"), line("/noise")].concat();
    let noise = |payload: &[u8]| [&select[..], &(payload.len() as u16).to_be_bytes(), payload].concat();
    vec![
        entry("select_only.bin", select.clone()),
        entry("first_noise_message.bin", noise(&[9; 32])),
        entry("long_noise_message.bin", noise(&[7; 2_000])),
        entry("unknown_protocol.bin", [line("/multistream/1.0.0"), line("/tls/1.0.0"), line("/yamux/1.0.0")].concat()),
        entry("http.bin", b"GET / HTTP/1.1\r\nHost: here\r\n\r\n".to_vec()),
    ]
}
