//! The HTTP edge: who may knock at all, pages for people and operators, and a request's body and token on their way to the methods.

use super::auth::Bearer;
use super::bounds::{REQUEST_BYTES_MAX, SPENT_BODY_BYTES_MAX};
use super::listen::Peer;
use super::origin::Names;
use super::quota::{Kind, Prepaid};
use super::{Context, console, errors, openrpc};
use crate::shell::now;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use jsonrpsee::Extensions;
use jsonrpsee::core::BoxError;
use jsonrpsee::server::ws::is_upgrade_request;
use jsonrpsee::server::{HttpBody, HttpResponse};
use jsonrpsee::types::{ErrorObjectOwned, Id, Response, ResponsePayload};
use landsea_types::genesis::ParamKey;
use std::sync::Arc;
use std::time::Duration;
use tower::Service;

/// A block older than this many idle times means that the chain stands still.
const STALE_IDLE_TIMES: u64 = 6;
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// What stands between a connection and the methods.
pub(super) struct Edge {
    pub(super) context: Arc<Context>,
    pub(super) names: Names,
    /// How long a request's body may take.
    pub(super) body_time: Duration,
}

impl Edge {
    /// Answers a request of the public listener; `methods` is the connection's own service.
    pub(super) async fn answer<S>(&self, mut methods: S, peer: Peer, request: Request<Incoming>) -> HttpResponse
    where
        S: Service<Request<HttpBody>, Response = HttpResponse, Error = BoxError>,
    {
        if let Err(refusal) = self.names.admit(request.uri(), request.headers()) {
            return text(StatusCode::FORBIDDEN, refusal.into());
        }
        // A WebSocket begins as a GET, and may begin at any path. The rule is that of the methods' own service, so that whatever is no
        // WebSocket to it has a body within its bounds.
        let upgrades = request.method() == Method::GET && is_upgrade_request(&request);
        if request.method() == Method::GET && !upgrades {
            return self.page(&peer, request.uri().path(), request.uri().query());
        }
        let (mut head, body) = request.into_parts();
        if let Some(value) = head.headers.get(AUTHORIZATION) {
            head.extensions.insert(token(value.to_str().unwrap_or_default()));
        }
        head.extensions.insert(peer);
        let body = match upgrades {
            true => HttpBody::new(body),
            false => match self.paid(&mut head.extensions, body).await {
                Ok(whole) => whole,
                Err(refusal) => return refusal,
            },
        };
        let answered = methods.call(Request::from_parts(head, body)).await;
        answered.unwrap_or_else(|error| {
            tracing::warn!(%error, "a request got no answer");
            text(StatusCode::INTERNAL_SERVER_ERROR, "the node failed to answer\n".into())
        })
    }

    /// Takes the price of a request before its body is read, so that one which is none costs it too. Whoever has spent his quota is read no
    /// further than a few calls, each of which then gets its own answer.
    async fn paid(&self, extensions: &mut Extensions, body: Incoming) -> Result<HttpBody, HttpResponse> {
        match self.context.quotas.of_request(&self.context, extensions).take(Kind::Requests, 1) {
            Ok(()) => drop(extensions.insert(Prepaid::default())),
            Err(_) if body.size_hint().upper().is_some_and(|bytes| bytes <= SPENT_BODY_BYTES_MAX) => {}
            Err(error) => return Err(later(refusal(StatusCode::TOO_MANY_REQUESTS, error))),
        }
        self.whole(body).await
    }

    /// The body in one piece, within its bounds of bytes and time.
    async fn whole(&self, body: Incoming) -> Result<HttpBody, HttpResponse> {
        if body.size_hint().lower() > u64::from(REQUEST_BYTES_MAX) {
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, errors::request_too_large()));
        }
        let limited = Limited::new(body, REQUEST_BYTES_MAX as usize);
        match tokio::time::timeout(self.body_time, limited.collect()).await {
            Ok(Ok(collected)) => Ok(HttpBody::new(Full::new(collected.to_bytes()))),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, errors::request_too_large()))
            }
            Ok(Err(_)) => Err(ended(StatusCode::BAD_REQUEST, "the request's body cannot be read\n")),
            Err(_) => Err(ended(StatusCode::REQUEST_TIMEOUT, "the request's body took too long\n")),
        }
    }

    fn page(&self, peer: &Peer, path: &str, query: Option<&str>) -> HttpResponse {
        if let Err(error) = self.context.quotas.of_address(peer.address()).take(Kind::Requests, 1) {
            return later(text(StatusCode::TOO_MANY_REQUESTS, format!("{}\n", error.message())));
        }
        let page = match path {
            "/health" => Some(health()),
            "/openrpc.json" => Some(content(StatusCode::OK, JSON, openrpc::text())),
            _ => console::page(&self.context, path, query),
        };
        page.unwrap_or_else(|| text(StatusCode::NOT_FOUND, "no such page; the methods are answered to POST /\n".into()))
    }
}

/// The pages of a listener that is not for clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pages {
    pub(super) ready: bool,
    pub(super) metrics: bool,
}

impl Pages {
    pub(super) fn answer(self, context: &Context, names: &Names, request: &Request<Incoming>) -> HttpResponse {
        if let Err(refusal) = names.admit(request.uri(), request.headers()) {
            return text(StatusCode::FORBIDDEN, refusal.into());
        }
        match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/health") => health(),
            (&Method::GET | &Method::HEAD, "/ready") if self.ready => ready(context),
            (&Method::GET | &Method::HEAD, "/metrics") if self.metrics => {
                context.metrics.set_connections(context.room.counts());
                text(StatusCode::OK, context.metrics.render(&context.hub, &context.network))
            }
            _ => text(StatusCode::NOT_FOUND, "no such page here\n".into()),
        }
    }
}

/// The token in an `Authorization` header. Whatever else stands there makes no token, so that its sender hears of it.
fn token(header: &str) -> Bearer {
    let (scheme, token) = header.trim().split_once(' ').unwrap_or_default();
    Bearer(if scheme.eq_ignore_ascii_case("bearer") { token.trim().into() } else { "".into() })
}

fn health() -> HttpResponse {
    text(StatusCode::OK, "ok\n".into())
}

/// Ready means: a quorum is within reach and the last block is fresh.
fn ready(context: &Context) -> HttpResponse {
    let snapshot = context.snapshot();
    let idle_ms = context.genesis.params().get(ParamKey::IdleBlockMs);
    let age = now().since(snapshot.tip().time);
    let reachable = context.hub.status().connected.len() + 1;
    let needed = context.genesis.validator_set().quorum();
    if reachable < needed {
        return text(StatusCode::SERVICE_UNAVAILABLE, format!("{reachable} of {needed} members within reach\n"));
    }
    if age > idle_ms * STALE_IDLE_TIMES {
        return text(StatusCode::SERVICE_UNAVAILABLE, format!("the last block is {age} ms old\n"));
    }
    text(StatusCode::OK, "ready\n".into())
}

/// An error that is found before a request is one; what follows on the connection cannot be read.
fn refusal(status: StatusCode, error: ErrorObjectOwned) -> HttpResponse {
    let answer = Response::new(ResponsePayload::<()>::error(error), Id::Null);
    let body = serde_json::to_string(&answer).expect("an error is plain data");
    closing(content(status, JSON, body))
}

fn ended(status: StatusCode, words: &str) -> HttpResponse {
    closing(text(status, words.into()))
}

/// After this answer the connection ends.
fn closing(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A quota is spent; part of it is back within a second.
fn later(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn text(status: StatusCode, body: String) -> HttpResponse {
    content(status, TEXT, body)
}

fn content(status: StatusCode, kind: &'static str, body: impl Into<HttpBody>) -> HttpResponse {
    let mut response = HttpResponse::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_the_header_is_a_token_or_none_and_never_anonymous() {
        assert_eq!(&*token("Bearer 0a0b").0, "0a0b");
        assert_eq!(&*token("bearer  0a0b ").0, "0a0b");
        for other in ["Basic 0a0b", "0a0b", "Bearer", ""] {
            assert_eq!(&*token(other).0, "", "{other:?}");
        }
    }
}
