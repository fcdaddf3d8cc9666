//! Queries, events, and certificates with their verification.

use super::answer::Got;
use super::trouble::Trouble;
use super::world::{Saved, World};
use crate::members::members;
use crate::network::seed::{GenesisChanges, Seed, genesis};
use crate::scenario::file::queries::{EVENTS, Query};
use crate::scenario::step::{About, Expectation, QuestionName, Spoil, Step, Verify};
use landsea_client::api::{EventFilter, method};
use landsea_client::paper::party_request;
use landsea_client::rpc::now;
use landsea_types::certificate::{
    Disclosure, HistoryCertificate, PaperEvidence, Question, StatusCertificate, Trust, Verdict, Verification,
};
use landsea_types::event::EventName;
use landsea_types::fingerprint::keyed;
use landsea_types::genesis::Genesis;
use landsea_types::{GoodsKey, Member, ProofId, Timestamp};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Methods about a lot, which may be named by its document and position.
const OF_LOT: &[&str] = &[method::LOT, method::TIMELINE, method::WHERE];

/// How long a query or the awaited events may take when the step does not say.
const PATIENCE: Duration = Duration::from_secs(30);

impl World {
    /// Plays a query step.
    pub(crate) async fn query(&mut self, step: &Step, name: &str, args: &Value, node: &str) -> Result<Got, Trouble> {
        self.catch_up(node).await?;
        let patience = step.timeout.map_or(PATIENCE, |t| Duration::from_millis(t.ms));
        let asked = async {
            if name == EVENTS {
                return self.events(step, args, node, patience).await;
            }
            let method = Query::of(name).ok_or_else(|| Trouble::cannot(format!("no query {name}")))?.name;
            let params = self.params(step, name, args, node).await?;
            let answer: Value = self.client(step.actor.as_deref(), node)?.call(method, params).await?;
            let word = if answer.is_null() { "NULL" } else { "ANSWER" };
            Ok(Got::word(word, answer))
        };
        let answered = tokio::time::timeout(patience * 2, asked).await;
        let got = answered.map_err(|_| Trouble::cannot("no answer in time"))??;
        self.keep(step, Saved { json: got.json.clone(), ..Saved::default() });
        Ok(got)
    }

    /// The parameters of a method: names replaced by ids.
    async fn params(&mut self, step: &Step, name: &str, args: &Value, node: &str) -> Result<Value, Trouble> {
        let mut given = args.as_object().cloned().unwrap_or_default();
        if OF_LOT.contains(&name)
            && let Some(doc) = given.remove("doc")
        {
            let index = position(given.remove("index").as_ref());
            given.insert("lot".into(), json!(format!("{}.{index}", doc.as_str().unwrap_or_default())));
        }
        let actor = step.actor.clone().unwrap_or_default();
        let mut params = Map::new();
        for (key, value) in &given {
            let text = value.as_str().unwrap_or_default();
            match (name, key.as_str()) {
                (_, "doc") => {
                    params.insert("doc".into(), json!(self.doc(text, node).await?.0));
                }
                (method::GOODS_KEY, "paper") => {
                    params.insert("key".into(), json!(self.goods_key(text, given.get("index"))?));
                }
                (method::GOODS_KEY, "index") => {}
                (method::FINGERPRINT_DERIVE, "document") => return self.derive_params(text),
                (method::PARTY_BY_FINGERPRINT, "party") => {
                    params.insert("fingerprint".into(), json!(self.fingerprint_of(text)?));
                }
                (_, "paper") => {
                    params.insert("fingerprint".into(), json!(self.paper(text)?.fp1));
                }
                (method::IN_TRANSIT, "member") => {
                    params.insert(key.clone(), json!(self.node(text)?.member));
                }
                (_, "height") if self.saved.contains_key(text) => {
                    params.insert(key.clone(), self.height_of(text)?);
                }
                (_, "holder" | "bank" | "party") => {
                    params.insert(key.clone(), json!(self.account(text)?));
                }
                (_, "lot") => {
                    params.insert(key.clone(), json!(self.lot(text, node).await?));
                }
                (_, "cell") => {
                    params.insert(key.clone(), json!(self.cell(&actor, text)?));
                }
                (method::ENCUMBRANCE | method::RESERVATION, "target") => {
                    let target = self.target(&actor, value, node).await?;
                    params.insert(key.clone(), json!(landsea_types::Hash(target.id())));
                }
                (_, "target") => {
                    params.insert(key.clone(), json!(self.target(&actor, value, node).await?));
                }
                (_, "evidence") => {
                    params.insert(key.clone(), json!(self.evidence(text)?));
                }
                (_, "pledge" | "proof" | "hold" | "offer") => {
                    params.insert(key.clone(), json!(landsea_types::Hash(self.created(text, key)?)));
                }
                (method::TRANSACTION, "step") => {
                    params.insert("id".into(), self.reference(&format!("@{text}.id"))?);
                }
                (_, "height") if text == "latest" => {
                    params.insert(key.clone(), json!(self.status(node).await?.height));
                }
                _ => {
                    params.insert(key.clone(), self.resolve(value)?);
                }
            }
        }
        Ok(Value::Object(params))
    }

    fn goods_key(&mut self, paper: &str, index: Option<&Value>) -> Result<GoodsKey, Trouble> {
        let keys = self.goods_keys(paper)?;
        let wanted = position(index);
        keys.get(wanted).copied().ok_or_else(|| Trouble::cannot(format!("{paper} names {} goods", keys.len())))
    }

    pub(super) fn goods_keys(&mut self, paper: &str) -> Result<Vec<GoodsKey>, Trouble> {
        let held = self.paper(paper)?;
        let network_key = self.network.seed.fingerprint_key();
        Ok(held.paper.raws.goods_keys.iter().map(|k| GoodsKey(keyed(&network_key, &k.raw))).collect())
    }

    fn derive_params(&mut self, document: &str) -> Result<Value, Trouble> {
        let request = match self.actors.get(document).and_then(|a| a.code.clone()) {
            Some(code) => party_request(&code)?,
            None => self.paper(document)?.paper.derive_request(),
        };
        Ok(json!(request))
    }

    fn fingerprint_of(&self, tag: &str) -> Result<landsea_types::Fp, Trouble> {
        let code = self.actor(tag)?.code.clone().ok_or_else(|| Trouble::cannot(format!("{tag} has no id")))?;
        self.party_fingerprint(&code)
    }

    /// Follows events from a height until those that are expected have come.
    async fn events(&mut self, step: &Step, args: &Value, node: &str, patience: Duration) -> Result<Got, Trouble> {
        let filter = self.event_filter(args)?;
        let client = self.client(step.actor.as_deref(), node)?;
        let mut stream = client.subscribe_events(&filter).await?;
        let mut got = Got::word("ANSWER", json!({ "events": [] }));
        let deadline = tokio::time::Instant::now() + patience;
        while !self.has_all(&step.expect, &got) {
            match tokio::time::timeout_at(deadline, stream.next()).await {
                Ok(next) => match next? {
                    Some(notice) => {
                        got.height = Some(notice.height);
                        got.events.push(notice.event.clone());
                        got.json["events"].as_array_mut().expect("it was made as a list").push(json!(notice));
                    }
                    None => break,
                },
                Err(_) => break,
            }
        }
        Ok(got)
    }

    fn has_all(&self, expect: &Expectation, got: &Got) -> bool {
        !got.events.is_empty() && super::answer::problems(self, &only_events(expect), &[], got).is_empty()
    }

    fn event_filter(&self, args: &Value) -> Result<EventFilter, Trouble> {
        let resolved = self.resolve(args)?;
        let list = |name: &str| resolved.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let texts = |name: &str| list(name).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>();
        let mut members = Vec::new();
        for code in texts("members") {
            members.push(Member::new(self.node(&code)?.member));
        }
        let height = resolved.get("from_height").and_then(Value::as_u64).map(landsea_types::Height::new);
        Ok(EventFilter {
            names: texts("names").iter().filter_map(|n| EventName::from_name(n)).collect(),
            subjects: texts("subjects").iter().filter_map(|s| s.parse().ok()).collect(),
            members,
            from_height: height,
            from: None,
        })
    }

    /// Plays a certificate step: gets it, verifies it with the genesis, and keeps it.
    pub(crate) async fn certificate(
        &mut self,
        step: &Step,
        question: QuestionName,
        about: &About,
        node: &str,
    ) -> Result<Got, Trouble> {
        self.catch_up(node).await?;
        let mut params = json!({ "question": self.question(question, about)? });
        if let Some(at) = &about.at {
            params["height"] = self.height_of(at.get_ref())?;
        }
        let client = self.client(step.actor.as_deref(), node)?;
        let certificate: StatusCertificate = client.call(method::CERTIFICATE, params).await?;
        let genesis = self.genesis_file()?;
        let verification = verify(&certificate, &genesis, now().max(certificate.header.time), None, None);
        let mut got = got_of(&verification, &certificate);
        if let Some(name) = &step.save {
            got.detail = Some(self.write_certificate(name, &certificate)?);
        }
        let certificate = Some((certificate, step.actor.clone()));
        self.keep(step, Saved { json: got.json.clone(), certificate, ..Saved::default() });
        Ok(got)
    }

    /// The height of an earlier step, or a reference to one.
    fn height_of(&self, at: &str) -> Result<Value, Trouble> {
        if at.starts_with('@') { self.reference(at) } else { self.reference(&format!("@{at}.height")) }
    }

    fn question(&mut self, name: QuestionName, about: &About) -> Result<Question, Trouble> {
        if let (QuestionName::ProofLevel, Some(step)) = (name, &about.proof) {
            return Ok(Question::ProofLevel { proof: ProofId(self.created(step, "proof")?) });
        }
        let paper = about.paper.as_ref().ok_or_else(|| Trouble::cannot("the question needs a paper"))?;
        let fp1 = self.paper(paper)?.fp1;
        Ok(match name {
            QuestionName::DocStatus => Question::DocStatus { fp1 },
            QuestionName::NotPledged => Question::NotPledged { fp1 },
            QuestionName::Unknown => Question::Unknown { fp1 },
            QuestionName::Pledge => Question::Pledge { fp1 },
            QuestionName::Custody => Question::Custody { fp1 },
            QuestionName::GoodsKeys => Question::GoodsKeys { keys: self.goods_keys(paper)? },
            QuestionName::ProofLevel => return Err(Trouble::cannot("the question needs a proof")),
        })
    }

    fn write_certificate(&self, name: &str, certificate: &StatusCertificate) -> Result<String, Trouble> {
        let folder = self.network.dir.join("certificates");
        let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = folder.join(format!("{safe}.json"));
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, certificate.to_json()));
        written.map_err(|e| Trouble::cannot(format!("{}: {e}", path.display())))?;
        Ok(format!("written to {}", path.display()))
    }

    /// The verifier has the genesis file and nothing else.
    fn genesis_file(&self) -> Result<Genesis, Trouble> {
        let path = self.network.dir.join("genesis.json");
        let text = std::fs::read_to_string(&path).map_err(|e| Trouble::cannot(format!("{}: {e}", path.display())))?;
        Genesis::from_json(&text).map_err(|e| Trouble::cannot(e.to_string()))
    }

    /// Plays a verify step. Only the query ticket that comes with a paper needs a node, that of whoever shows it.
    pub(crate) async fn verify(&mut self, step: &Step, what: &Verify) -> Result<Got, Trouble> {
        let saved = self.saved.get(&what.certificate).and_then(|s| s.certificate.clone());
        let (mut certificate, asker) =
            saved.ok_or_else(|| Trouble::cannot(format!("step {} got no certificate", what.certificate)))?;
        let spoil = what.spoil.as_deref().and_then(Spoil::from_word);
        let genesis = match spoil {
            Some(Spoil::OtherGenesis) => self.other_genesis(),
            _ => self.genesis_file()?,
        };
        if let Some(spoil) = spoil {
            spoil_certificate(&mut certificate, spoil, genesis.validator_set().quorum());
        }
        if let Some(earlier) = &what.since {
            return self.verify_history(step, earlier, certificate, &genesis);
        }
        let at = match &what.at {
            Some(when) => self.when(when, now())?,
            None => now().max(certificate.header.time),
        };
        let max_age_ms = what.max_age.map(|age| age.ms);
        let first = verify(&certificate, &genesis, at, max_age_ms, None);
        let evidence = match &what.paper {
            Some(paper) => {
                Some(self.paper_evidence(paper, what.shown_by.as_ref().or(asker.as_ref()), &first.status).await?)
            }
            None => None,
        };
        let got = got_of(&verify(&certificate, &genesis, at, max_age_ms, evidence.as_ref()), &certificate);
        self.keep(step, Saved { json: got.json.clone(), ..Saved::default() });
        Ok(got)
    }

    /// Two certificates of one question: each verdict, and what became of the document in between.
    fn verify_history(
        &mut self,
        step: &Step,
        earlier: &str,
        later: StatusCertificate,
        genesis: &Genesis,
    ) -> Result<Got, Trouble> {
        let saved = self.saved.get(earlier).and_then(|s| s.certificate.clone());
        let (earlier, _) = saved.ok_or_else(|| Trouble::cannot(format!("step {earlier} got no certificate")))?;
        let now = now().max(later.header.time);
        let history = HistoryCertificate::new(earlier, later);
        let said = json!(history.verify(&Trust { genesis, pinned: None, now, max_age_ms: None }, None));
        let word = said.pointer("/change/change").and_then(Value::as_str).unwrap_or("INVALID").to_owned();
        let got = Got { height: Some(history.later.height), ..Got::word(word, said) };
        self.keep(step, Saved { json: got.json.clone(), ..Saved::default() });
        Ok(got)
    }

    fn other_genesis(&self) -> Genesis {
        let seed = Seed::new(&format!("not {}", self.network.seed.text()));
        genesis(&seed, &members(self.codes.len()), &GenesisChanges::default())
    }

    /// What a bearer shows beside the certificate: fields under the content root, or read off an unregistered paper.
    async fn paper_evidence(
        &mut self,
        paper: &str,
        by: Option<&String>,
        status: &Verdict,
    ) -> Result<PaperEvidence, Trouble> {
        let held = self.paper(paper)?;
        let by = by.ok_or_else(|| Trouble::cannot("nobody shows the paper: name `shown_by`"))?;
        let home = self.actor(by)?.home.clone();
        self.catch_up(&home).await?;
        let derived = self.client(Some(by), &home)?.fingerprint_derive(&held.paper.derive_request()).await?;
        let disclosure = match status {
            Verdict::Unknown => Disclosure::Read { fields: held.paper.fields.clone() },
            _ => Disclosure::Opened { opening: held.paper.open_identity(&held.salts)? },
        };
        Ok(PaperEvidence { ticket: derived.query_ticket, disclosure })
    }
}

fn position(index: Option<&Value>) -> usize {
    index.and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
}

fn only_events(expect: &Expectation) -> Expectation {
    Expectation { events: expect.events.clone(), ..Expectation::default() }
}

fn verify(
    certificate: &StatusCertificate,
    genesis: &Genesis,
    now: Timestamp,
    max_age_ms: Option<u64>,
    paper: Option<&PaperEvidence>,
) -> Verification {
    certificate.verify(&Trust { genesis, pinned: None, now, max_age_ms }, paper)
}

/// The verdict, with the lines of the verification and the certificate's size as fields.
fn got_of(verification: &Verification, certificate: &StatusCertificate) -> Got {
    let mut json = serde_json::to_value(verification).expect("a verification has only string keys");
    json["bytes"] = json!(certificate.to_bytes().len());
    json["height"] = json!(certificate.height);
    json["exit_code"] = json!(verification.exit_code());
    Got { height: Some(certificate.height), ..Got::word(verification.status.word(), json) }
}

fn spoil_certificate(certificate: &mut StatusCertificate, spoil: Spoil, quorum: usize) {
    match spoil {
        Spoil::OneSignatureShort => certificate.commit.truncate(quorum.saturating_sub(1)),
        Spoil::Signature => {
            if let Some((_, signature)) = certificate.commit.first_mut() {
                signature.0[3] ^= 1;
            }
        }
        Spoil::Header => certificate.header.state_root.0[0] ^= 1,
        Spoil::ProofByte => {
            if let Some(hash) = certificate.hashes.first_mut() {
                hash.0[0] ^= 1;
            }
        }
        Spoil::LeafLeftOut => drop(certificate.items.pop()),
        Spoil::OtherGenesis => {}
    }
}
