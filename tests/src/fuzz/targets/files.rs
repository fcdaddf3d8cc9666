//! What people and programs hand over in files.

use super::{from_json, kind, text};
use crate::fuzz::{Answer, Check, scratch};
use landsea_client::keys::KeyFile;
use landsea_client::{ConsentRequest, Draft, Identity, Paper, SaltsFile};
use landsea_node::config::NodeConfig;
use landsea_testnet::Network;
use landsea_testnet::scenario::file::parse;
use landsea_testnet::scenario::source::{Files, Source};
use landsea_types::genesis::Genesis;
use landsea_types::role::Role;
use landsea_types::{AccountId, SecretKey, Timestamp, bounds};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// A check that takes texts only.
fn of_text(mut check: impl FnMut(&str) -> Answer + 'static) -> Check {
    Box::new(move |bytes| match text(bytes) {
        Ok(text) => check(text),
        Err(answer) => answer,
    })
}

/// A check that finds its input in a private file.
fn of_file(name: &'static str, mut check: impl FnMut(&PathBuf, &[u8]) -> Answer + 'static) -> Check {
    let folder = scratch();
    let path = folder.path().join(name);
    std::fs::write(&path, []).expect("the folder is new");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("the file is there");
    Box::new(move |bytes| {
        // The folder lives as long as the check.
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the file can be written");
        check(&path, bytes)
    })
}

/// A firm's own document: fingerprints, content root, disclosure, lots.
pub(super) fn document() -> Check {
    of_text(|text| {
        let paper = match Paper::from_json(text) {
            Ok(paper) => paper,
            Err(error) => return kind(&error),
        };
        let request = paper.derive_request();
        assert!(request.goods_keys.len() == paper.raws.goods_keys.len());
        let salts = SaltsFile::for_paper(&paper).expect("a paper has fields");
        let opened = match paper.open_identity(&salts) {
            Err(error) => kind(&error),
            Ok(opening) => {
                let shown = opening.verify(&salts.content_root.0).expect("an opening opens");
                assert!(shown.iter().all(|field| paper.fields.contains(field)), "a field opens to another value");
                "opened".into()
            }
        };
        let date = paper.issue_date().map_or_else(|e| kind(&e), |_| "dated".into());
        format!("{:?} {opened} {date}", paper.kind())
    })
}

/// A draft that goes from party to party, and a request for a consent; both are signed by whoever gets them.
pub(super) fn draft() -> Check {
    let secret = SecretKey::from_seed([5; 32]);
    of_text(move |text| {
        if let Ok(request) = from_json::<ConsentRequest>(text) {
            let identity = Identity { account: request.party, key: 0, secret: secret.clone() };
            let consent = request.sign(&identity);
            assert!(consent.public_key.verify(&consent.sign_bytes(&request.chain_id), &consent.signature));
            return format!("consent to {}", request.operation.name());
        }
        match from_json::<Draft>(text) {
            Err(error) => kind(&error),
            Ok(draft) => signed(draft, &secret),
        }
    })
}

fn signed(mut draft: Draft, secret: &SecretKey) -> Answer {
    let identity = Identity { account: draft.sender, key: 0, secret: secret.clone() };
    let party = Identity { account: AccountId([3; 32]), key: 1, secret: secret.clone() };
    draft.consent_all(&party, Role::Bank, Timestamp::new(9));
    match draft.sign(&identity) {
        Err(error) => kind(&error),
        Ok(transaction) => {
            assert!(transaction.encode().len() <= bounds::TRANSACTION_BYTES_MAX);
            format!("draft of {}", transaction.ops[0].name())
        }
    }
}

pub(super) fn genesis() -> Check {
    of_text(|text| match Genesis::from_json(text) {
        Err(error) => kind(&error),
        Ok(genesis) => {
            let again = Genesis::from_json(&genesis.to_json()).unwrap_or_else(|e| panic!("does not read back: {e}"));
            assert_eq!(again.chain_id(), genesis.chain_id(), "a genesis reads back as another chain");
            assert_eq!(genesis.validator_set().len(), genesis.members.len());
            assert_eq!(genesis.member_records().len(), genesis.members.len());
            let writes = landsea_chaincode::genesis_writes(&genesis);
            format!("{} members, state {}", genesis.members.len(), !writes.is_empty())
        }
    })
}

pub(super) fn node_config() -> Check {
    of_file("node.toml", |path, _| match NodeConfig::load(path) {
        Err(error) => kind(&error.to_string().replace(&path.display().to_string(), "")),
        Ok(config) => {
            let written = toml::to_string(&config).expect("a configuration is a plain table");
            let again: NodeConfig = toml::from_str(&written).unwrap_or_else(|e| panic!("does not read back: {e}"));
            assert_eq!(again, config, "a configuration reads back as another one");
            format!("{} peers", config.peers.len().min(5))
        }
    })
}

pub(super) fn network() -> Check {
    let genesis = crate::fuzz::fixture::fixture().genesis.to_json();
    of_file("network.json", move |path, _| {
        let folder = path.parent().expect("a file lies in a folder");
        std::fs::write(folder.join("genesis.json"), &genesis).expect("the folder can be written");
        match Network::load(folder) {
            Err(error) => kind(&error.to_string().replace(&folder.display().to_string(), "")),
            Ok(network) => {
                let addresses = network.nodes.iter().filter(|n| n.rpc_address().is_some()).count();
                format!("{} nodes, {} with an address", network.nodes.len().min(5), addresses.min(5))
            }
        }
    })
}

/// No message may show the secret, even of a spoilt file.
pub(super) fn key() -> Check {
    of_file("some.key", |path, bytes| match KeyFile::load(path) {
        Err(error) => {
            let words = error.to_string();
            assert!(!shows_secret(&words, bytes), "an error shows a secret: {words}");
            kind(&words.replace(&path.display().to_string(), ""))
        }
        Ok(key) => {
            let secret = hex::encode(key.secret.to_seed());
            assert!(!format!("{key:?}").contains(&secret), "a key file prints its secret");
            format!("{} key, account {}", key.kind, key.account.is_some())
        }
    })
}

/// Whether words repeat twelve characters or more of the text behind `secret`.
fn shows_secret(words: &str, file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file);
    let Some((_, behind)) = text.split_once("secret") else { return false };
    let long = behind.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= 32);
    long.into_iter().any(|run| words.contains(&run[..12]))
}

pub(super) fn salts() -> Check {
    of_file("salts.json", |path, bytes| match SaltsFile::load(path) {
        Err(error) => {
            let words = error.to_string();
            assert!(!shows_secret(&words, bytes), "an error shows a secret: {words}");
            kind(&words.replace(&path.display().to_string(), ""))
        }
        Ok(salts) => {
            salts.commit("agreement", b"terms");
            "salts".into()
        }
    })
}

/// Every error of a scenario stands in the text.
pub(super) fn scenario() -> Check {
    of_text(|text| {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios").into();
        let source = Source { path: "fuzz.toml".into(), text: text.into(), files: Files::Folder { dir } };
        match parse(&source) {
            Ok(scenario) => format!("{} steps", scenario.steps.len()),
            Err(errors) => {
                assert!(!errors.is_empty(), "a scenario is refused without a reason");
                let lines = text.matches('\n').count() + 1;
                assert!(errors.iter().all(|e| (1..=lines).contains(&e.line) && e.column > 0), "{errors:?}");
                kind(&errors[0].problem)
            }
        }
    })
}
