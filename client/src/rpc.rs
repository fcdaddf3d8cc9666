//! The JSON-RPC client: typed methods over HTTP, subscriptions over WebSocket, tokens attached and renewed by themselves.

mod bulk;
mod error;
mod goods;
#[cfg(test)]
mod stand_in;
mod strength;
mod tls;
mod watch;

pub use bulk::OutcomeStream;
pub use error::RpcError;
use error::explain_call;
pub use strength::Strength;
use strength::Witnesses;
pub use tls::{TlsFiles, pem_certificates, pem_roots};

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonrpsee::core::client::{ClientT as _, Error as ClientError, Subscription, SubscriptionClientT as _};
use jsonrpsee::core::traits::ToRpcParams;
use jsonrpsee::http_client::{HeaderMap, HeaderValue, HttpClient, HttpClientBuilder};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use landsea_types::block::Header;
use landsea_types::bounds::PAGE_MAX;
use landsea_types::certificate::{Question, StatusCertificate};
use landsea_types::consensus::{Evidence, Validator};
use landsea_types::record::ChainEntry;
use landsea_types::{AccountId, ChainId, DocId, Fp, Height, Member, PledgeId, ProofId, Timestamp, Transaction, TxId};
use rustls::ClientConfig;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::api::{self, method};
use crate::keys::Identity;
use crate::token::{Token, TokenBody};

/// How long a token is asked to live, milliseconds; below [`crate::token::TOKEN_TTL_MAX_MS`] so that clocks may differ a little.
const TOKEN_MS: u64 = 10 * 60 * 1000;
/// A token is renewed when it has less than this left, milliseconds.
const TOKEN_MARGIN_MS: u64 = 60 * 1000;
/// Longest wait for an answer; the node ends its own wait for a commit earlier.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// Largest answer accepted, bytes.
const RESPONSE_BYTES_MAX: u32 = 32 * 1024 * 1024;

/// A connection to one node.
pub struct RpcClient {
    url: String,
    identity: Option<Identity>,
    /// Whose node it must be.
    member: Option<Member>,
    plain: HttpClient,
    home: Mutex<Option<Home>>,
    session: Mutex<Option<Session>>,
    witnesses: Option<Witnesses>,
    tls: Option<ClientConfig>,
}

/// Which node answers: what its status says, checked against the member that is meant.
#[derive(Clone, Copy)]
struct Home {
    chain: ChainId,
    member: Member,
}

/// A client whose requests carry a token.
#[derive(Clone)]
struct Session {
    client: HttpClient,
    not_after: Timestamp,
}

/// Parameters that are a JSON object already.
struct Params(Value);

impl ToRpcParams for Params {
    fn to_rpc_params(self) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        serde_json::value::to_raw_value(&self.0).map(Some)
    }
}

impl RpcClient {
    /// Prepares calls to `http://HOST:PORT` or `https://HOST:PORT` by anybody. Nothing is sent yet.
    ///
    /// # Errors
    /// [`RpcError::Transport`] for an address that is not one.
    pub fn new(url: &str) -> Result<Self, RpcError> {
        Self::with_tls(url, &TlsFiles::default())
    }

    /// As [`RpcClient::new`], with a private authority or a certificate of the client's own.
    ///
    /// # Errors
    /// As [`RpcClient::new`], and [`RpcError::Tls`] for files that cannot be used.
    pub fn with_tls(url: &str, files: &TlsFiles) -> Result<Self, RpcError> {
        let (url, tls) = (url.trim_end_matches('/').to_owned(), files.config()?);
        let plain = build_http(&url, HeaderMap::new(), tls.as_ref())?;
        let (home, session) = (Mutex::new(None), Mutex::new(None));
        Ok(Self { url, identity: None, member: None, plain, home, session, witnesses: None, tls })
    }

    /// Calls as a party: every request then carries a token signed with its key.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self.session = Mutex::new(None);
        self
    }

    /// Says whose node is meant. A node that calls itself another's gets no token: a token is good at the member that it names, so a node
    /// that could choose the name could pass it on. Without this the member that the node names first stands for the client's life.
    #[must_use]
    pub fn for_member(mut self, member: Member) -> Self {
        self.member = Some(member);
        self.home = Mutex::new(None);
        self.session = Mutex::new(None);
        self
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Who calls.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The chain that the node says it belongs to.
    ///
    /// # Errors
    /// When the node's status cannot be had.
    pub async fn chain_id(&self) -> Result<ChainId, RpcError> {
        Ok(self.home().await?.chain)
    }

    /// Calls any method with a JSON object of parameters.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn call<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        match &self.witnesses {
            Some(witnesses) => self.confirmed(witnesses, method, params).await,
            None => self.call_here(method, params).await,
        }
    }

    /// Calls this node alone.
    async fn call_here<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        let client = self.client().await?;
        match self.request(&client, method, params.clone()).await {
            Err(RpcError::Unauthenticated { .. }) if self.identity.is_some() => {
                *self.session.lock().expect("no panic while held") = None;
                let client = self.client().await?;
                self.request(&client, method, params).await
            }
            answer => answer.map_err(|error| self.unnamed(error)),
        }
    }

    /// A call without an identity carries no token, and the node's words about tokens help nobody.
    fn unnamed(&self, error: RpcError) -> RpcError {
        match error {
            RpcError::Unauthenticated { .. } if self.identity.is_none() => {
                RpcError::Unauthenticated { detail: "no key was named, and only a party may ask this".into() }
            }
            error => error,
        }
    }

    async fn request<T: DeserializeOwned>(
        &self,
        client: &HttpClient,
        method: &'static str,
        params: Value,
    ) -> Result<T, RpcError> {
        client.request(method, Params(params)).await.map_err(|error| self.explain(method, error))
    }

    fn explain(&self, method: &'static str, error: ClientError) -> RpcError {
        let url = self.url.clone();
        match error {
            ClientError::Call(object) => explain_call(method, &object),
            ClientError::Transport(problem) => RpcError::Transport { url, problem: innermost(problem.as_ref()) },
            ClientError::RequestTimeout => RpcError::Transport { url, problem: "no answer in time".into() },
            ClientError::RestartNeeded(problem) => RpcError::Transport { url, problem: problem.to_string() },
            other => RpcError::Protocol { method, problem: other.to_string() },
        }
    }

    async fn home(&self) -> Result<Home, RpcError> {
        if let Some(home) = *self.home.lock().expect("no panic while held") {
            return Ok(home);
        }
        let status: api::Status = self.request(&self.plain, method::STATUS, json!({})).await?;
        let home = Home { chain: status.chain_id, member: status.member };
        if let Some(meant) = self.member.filter(|meant| *meant != home.member) {
            return Err(RpcError::OtherMember { url: self.url.clone(), said: home.member, meant });
        }
        *self.home.lock().expect("no panic while held") = Some(home);
        Ok(home)
    }

    async fn client(&self) -> Result<HttpClient, RpcError> {
        if self.identity.is_none() {
            return Ok(self.plain.clone());
        }
        let open = self.session.lock().expect("no panic while held").clone();
        if let Some(session) = open.filter(|s| s.not_after.since(now()) > TOKEN_MARGIN_MS) {
            return Ok(session.client);
        }
        let (headers, not_after) = self.token_headers().await?;
        let client = build_http(&self.url, headers, self.tls.as_ref())?;
        *self.session.lock().expect("no panic while held") = Some(Session { client: client.clone(), not_after });
        Ok(client)
    }

    async fn token_headers(&self) -> Result<(HeaderMap, Timestamp), RpcError> {
        let not_after = now().saturating_add(TOKEN_MS);
        let mut headers = HeaderMap::new();
        if let Some(identity) = &self.identity {
            let home = self.home().await?;
            let text = format!("Bearer {}", token(identity, home, not_after).encode());
            let value = HeaderValue::from_str(&text).expect("hex is a valid header value");
            headers.insert("authorization", value);
        }
        Ok((headers, not_after))
    }

    /// Queues a transaction; the answer ACCEPTED is not durable.
    ///
    /// # Errors
    /// [`RpcError::Refused`] with the code of check steps 1 and 2, [`RpcError::Busy`].
    pub async fn submit(&self, transaction: &Transaction) -> Result<api::Submitted, RpcError> {
        self.submit_bytes(&transaction.encode()).await
    }

    /// As [`RpcClient::submit`], for bytes that may be no transaction at all.
    ///
    /// # Errors
    /// As [`RpcClient::submit`].
    pub async fn submit_bytes(&self, bytes: &[u8]) -> Result<api::Submitted, RpcError> {
        self.call(method::SUBMIT, json!({ "transaction": hex::encode(bytes) })).await
    }

    /// Submits and waits for the commit.
    ///
    /// # Errors
    /// As [`RpcClient::submit`], and [`RpcError::WaitTimeout`]. A refusal in the block is not an error here: see the view's code.
    pub async fn submit_and_wait(&self, transaction: &Transaction) -> Result<api::TransactionView, RpcError> {
        self.submit_bytes_and_wait(&transaction.encode()).await
    }

    /// As [`RpcClient::submit_and_wait`], for bytes that may be no transaction at all.
    ///
    /// # Errors
    /// As [`RpcClient::submit_and_wait`].
    pub async fn submit_bytes_and_wait(&self, bytes: &[u8]) -> Result<api::TransactionView, RpcError> {
        self.call(method::SUBMIT_AND_WAIT, json!({ "transaction": hex::encode(bytes) })).await
    }

    /// The code a transaction would get now.
    ///
    /// # Errors
    /// As [`RpcClient::submit`].
    pub async fn simulate(&self, transaction: &Transaction) -> Result<api::Simulated, RpcError> {
        self.call(method::SIMULATE, json!({ "transaction": hex::encode(transaction.encode()) })).await
    }

    /// A committed transaction with its outcome.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn transaction(&self, id: &TxId) -> Result<Option<api::TransactionView>, RpcError> {
        self.call(method::TRANSACTION, json!({ "id": id })).await
    }

    /// A block with its commit certificate.
    ///
    /// # Errors
    /// [`RpcError::Height`].
    pub async fn block(&self, height: Height) -> Result<Option<api::BlockView>, RpcError> {
        self.call(method::BLOCK, json!({ "height": height })).await
    }

    /// A block's header.
    ///
    /// # Errors
    /// [`RpcError::Height`].
    pub async fn header(&self, height: Height) -> Result<Option<Header>, RpcError> {
        self.call(method::HEADER, json!({ "height": height })).await
    }

    /// The validators that decide at a height.
    ///
    /// # Errors
    /// [`RpcError::Height`].
    pub async fn validators(&self, height: Height) -> Result<Vec<Validator>, RpcError> {
        self.call(method::VALIDATORS, json!({ "height": height })).await
    }

    /// The parameters in force, by name.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn params(&self) -> Result<serde_json::Map<String, Value>, RpcError> {
        self.call(method::PARAMS, json!({})).await
    }

    /// A document by id or fingerprint.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn document(&self, request: &api::DocumentRequest) -> Result<Option<api::DocumentView>, RpcError> {
        self.call(method::DOCUMENT, json!(request)).await
    }

    /// Ids of the documents that a party holds; the holder itself or a branch may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn documents_by_holder(
        &self,
        holder: &AccountId,
        after: Option<DocId>,
        limit: Option<usize>,
    ) -> Result<Vec<DocId>, RpcError> {
        self.call(method::DOCUMENTS_BY_HOLDER, page(json!({ "holder": holder }), after, limit)).await
    }

    /// The whole endorsement chain of a document, page by page; its own actors and branches may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn chain(&self, doc: &DocId) -> Result<Vec<ChainEntry>, RpcError> {
        let mut entries: Vec<ChainEntry> = Vec::new();
        loop {
            let after = entries.last().map(|entry| entry.n);
            let more = self.chain_page(doc, after, None).await?;
            let is_last = more.len() < PAGE_MAX;
            entries.extend(more);
            if is_last {
                return Ok(entries);
            }
        }
    }

    /// A page of the endorsement chain of a document, after the `after`-th entry.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn chain_page(
        &self,
        doc: &DocId,
        after: Option<u32>,
        limit: Option<usize>,
    ) -> Result<Vec<ChainEntry>, RpcError> {
        self.call(method::CHAIN, page(json!({ "doc": doc }), after, limit)).await
    }

    /// A pledge.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn pledge(&self, pledge: &PledgeId) -> Result<Option<api::PledgeView>, RpcError> {
        self.call(method::PLEDGE, json!({ "pledge": pledge })).await
    }

    /// Ids of a bank's pledges; the bank itself or a branch may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn pledges_by_party(
        &self,
        bank: &AccountId,
        after: Option<PledgeId>,
        limit: Option<usize>,
    ) -> Result<Vec<PledgeId>, RpcError> {
        self.call(method::PLEDGES_BY_PARTY, page(json!({ "bank": bank }), after, limit)).await
    }

    /// A party.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn party(&self, party: &AccountId) -> Result<Option<api::PartyView>, RpcError> {
        self.call(method::PARTY, json!({ "party": party })).await
    }

    /// The account of a party fingerprint; only branches may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn party_by_fingerprint(&self, fingerprint: &Fp) -> Result<Option<AccountId>, RpcError> {
        self.call(method::PARTY_BY_FINGERPRINT, json!({ "fingerprint": fingerprint })).await
    }

    /// A trade-authenticity case.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn proof(&self, proof: &ProofId) -> Result<Option<api::ProofView>, RpcError> {
        self.call(method::PROOF, json!({ "proof": proof })).await
    }

    /// A status certificate that answers a question offline.
    ///
    /// # Errors
    /// [`RpcError::Height`]; [`RpcError::OtherAnswer`] for a certificate that answers another question.
    pub async fn certificate(&self, question: &Question) -> Result<StatusCertificate, RpcError> {
        let certificate = self.call(method::CERTIFICATE, asking(question, None)).await?;
        strength::as_asked(certificate, question, None)
    }

    /// A status certificate of an earlier height, as far back as the node keeps proofs.
    ///
    /// # Errors
    /// [`RpcError::Height`] naming the heights that the node keeps; [`RpcError::OtherAnswer`] for a certificate that answers another
    /// question, or for another height.
    pub async fn certificate_at(&self, question: &Question, height: Height) -> Result<StatusCertificate, RpcError> {
        let certificate = self.call(method::CERTIFICATE, asking(question, Some(height))).await?;
        strength::as_asked(certificate, question, Some(height))
    }

    /// Has the node verify a certificate, as [`api::VerifyRequest::verify`] does here.
    ///
    /// # Errors
    /// [`RpcError::Transport`] for a certificate above the node's request limit.
    pub async fn verify(&self, request: &api::VerifyRequest) -> Result<api::Verified, RpcError> {
        self.call(method::VERIFY, json!(request)).await
    }

    /// Has the caller's own branch sign a ticket for raw fingerprints.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`] at another branch than the caller's, [`RpcError::QuotaExceeded`] above the rate.
    pub async fn fingerprint_derive(&self, request: &api::DeriveRequest) -> Result<api::Derived, RpcError> {
        self.call(method::FINGERPRINT_DERIVE, json!(request)).await
    }

    /// The attempt journal: the count for everybody, entries for the branches concerned.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn attempts(&self, after: Option<u64>, limit: Option<usize>) -> Result<api::Attempts, RpcError> {
        self.call(method::ATTEMPTS, page(json!({}), after, limit)).await
    }

    /// Evidence of equivocation; only branches may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn evidence(&self) -> Result<Vec<Evidence>, RpcError> {
        self.call(method::EVIDENCE, json!({})).await
    }

    /// How the node is.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn status(&self) -> Result<api::Status, RpcError> {
        self.call(method::STATUS, json!({})).await
    }

    async fn websocket(&self, method: &'static str) -> Result<(String, WsClient), RpcError> {
        let (headers, _) = self.token_headers().await?;
        let mut builder = WsClientBuilder::default().set_headers(headers).max_response_size(RESPONSE_BYTES_MAX);
        if let Some(config) = &self.tls {
            builder = builder.with_custom_cert_store(config.clone());
        }
        let url = websocket_url(&self.url);
        let client = builder.build(&url).await.map_err(|error| self.explain(method, error))?;
        Ok((url, client))
    }

    /// Follows events over a WebSocket.
    ///
    /// # Errors
    /// [`RpcError::Transport`]; [`RpcError::Height`] when `from_height` is pruned.
    pub async fn subscribe_events(&self, filter: &api::EventFilter) -> Result<EventStream, RpcError> {
        let (url, client) = self.websocket(method::SUBSCRIBE_EVENTS).await?;
        let params = Params(json!(filter));
        let opened = client.subscribe(method::SUBSCRIBE_EVENTS, params, method::UNSUBSCRIBE_EVENTS).await;
        let subscription = opened.map_err(|error| self.explain(method::SUBSCRIBE_EVENTS, error))?;
        Ok(EventStream { url, subscription, _client: client })
    }
}

/// Events as they are committed. Dropping it ends the subscription.
pub struct EventStream {
    url: String,
    subscription: Subscription<api::EventNotice>,
    _client: WsClient,
}

impl EventStream {
    /// The next event; `None` when the node ended the subscription.
    ///
    /// # Errors
    /// [`RpcError::Protocol`] for a notification that cannot be read.
    pub async fn next(&mut self) -> Result<Option<api::EventNotice>, RpcError> {
        match self.subscription.next().await {
            None => Ok(None),
            Some(Ok(notice)) => Ok(Some(notice)),
            Some(Err(error)) => {
                Err(RpcError::Protocol { method: method::EVENT, problem: format!("{}: {error}", self.url) })
            }
        }
    }
}

/// The WebSocket address of an HTTP address: the node serves both on one port.
pub fn websocket_url(url: &str) -> String {
    match url.split_once("://") {
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(("http", rest)) => format!("ws://{rest}"),
        _ => url.to_owned(),
    }
}

fn build_http(url: &str, headers: HeaderMap, tls: Option<&ClientConfig>) -> Result<HttpClient, RpcError> {
    let mut builder = HttpClientBuilder::default()
        .set_headers(headers)
        .request_timeout(REQUEST_TIMEOUT)
        .max_response_size(RESPONSE_BYTES_MAX);
    if let Some(config) = tls {
        builder = builder.with_custom_cert_store(config.clone());
    }
    builder.build(url).map_err(|error| RpcError::Transport { url: url.to_owned(), problem: error.to_string() })
}

fn token(identity: &Identity, home: Home, not_after: Timestamp) -> Token {
    let body = TokenBody {
        account: identity.account,
        key: identity.key,
        public_key: identity.secret.public(),
        audience: home.member,
        not_after,
    };
    Token::new(body, &home.chain, &identity.secret)
}

/// The parameters of `certificate`.
fn asking(question: &Question, height: Option<Height>) -> Value {
    match height {
        Some(height) => json!({ "question": question, "height": height }),
        None => json!({ "question": question }),
    }
}

fn page<T: serde::Serialize>(mut params: Value, after: Option<T>, limit: Option<usize>) -> Value {
    if let (Some(after), Some(map)) = (after, params.as_object_mut()) {
        map.insert("after".into(), json!(after));
    }
    if let (Some(limit), Some(map)) = (limit, params.as_object_mut()) {
        map.insert("limit".into(), json!(limit));
    }
    params
}

/// The innermost cause, which says what the outer layers only announce.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// This computer's clock. Only tokens and freshness depend on it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    Timestamp::new(u64::try_from(since.as_millis()).expect("the year is below 500 million"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonrpsee::types::ErrorObjectOwned;

    fn answer(code: i32) -> RpcError {
        explain_call(method::SUBMIT, &ErrorObjectOwned::owned(code, "words", None::<()>))
    }

    #[test]
    fn who_names_no_key_is_told_so_and_not_that_its_token_is_bad() {
        let anybody = RpcClient::new("http://127.0.0.1:9001").expect("an address");
        let told = anybody.unnamed(answer(api::error::UNAUTHENTICATED)).to_string();
        assert!(told.contains("no key was named") && !told.contains("token"), "{told}");
        let secret = landsea_types::SecretKey::from_seed([4; 32]);
        let named = anybody.with_identity(Identity { account: AccountId([1; 32]), key: 0, secret });
        let told = named.unnamed(answer(api::error::UNAUTHENTICATED)).to_string();
        assert!(told.contains("words"), "{told}");
    }

    #[test]
    fn a_websocket_address_keeps_host_and_port() {
        assert_eq!(websocket_url("http://127.0.0.1:9001"), "ws://127.0.0.1:9001");
        assert_eq!(websocket_url("https://cq.example"), "wss://cq.example");
    }

    #[test]
    fn a_token_is_for_one_member_and_one_chain() {
        let secret = landsea_types::SecretKey::from_seed([4; 32]);
        let identity = Identity { account: AccountId([1; 32]), key: 0, secret };
        let home = Home { chain: ChainId([2; 32]), member: Member::new(3) };
        let token = token(&identity, home, Timestamp::new(9));
        let read = Token::decode(&token.encode()).expect("its own encoding");
        assert!(read.signature_holds(&home.chain) && !read.signature_holds(&ChainId([5; 32])));
        assert_eq!(read.body.audience, Member::new(3));
    }
}
