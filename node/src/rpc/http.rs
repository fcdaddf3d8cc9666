//! The HTTP edge: plain pages for operators, and the token on its way to the methods.

use super::auth::Bearer;
use super::{Context, console, openrpc};
use crate::shell::now;
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use landsea_types::genesis::ParamKey;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use tower::{Layer, Service};

/// A block older than this many idle times means that the chain stands still.
const STALE_IDLE_TIMES: u64 = 6;

/// Wraps the RPC service.
#[derive(Clone)]
pub(super) struct EdgeLayer {
    context: Arc<Context>,
}

impl EdgeLayer {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }
}

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;
    fn layer(&self, inner: S) -> Self::Service {
        Edge { inner, context: Arc::clone(&self.context) }
    }
}

/// See [`EdgeLayer`].
#[derive(Clone)]
pub(super) struct Edge<S> {
    inner: S,
    context: Arc<Context>,
}

impl<S, B> Service<HttpRequest<B>> for Edge<S>
where
    S: Service<HttpRequest<B>, Response = HttpResponse>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
{
    type Response = HttpResponse;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Task<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: HttpRequest<B>) -> Self::Future {
        // A WebSocket begins as a GET, and may begin at any path.
        if request.method().as_str() == "GET"
            && !request.headers().contains_key("upgrade")
            && let Some(page) = page(&self.context, request.uri().path(), request.uri().query())
        {
            return Box::pin(std::future::ready(Ok(page)));
        }
        let header = request.headers().get("authorization");
        if let Some(token) = header.map(|v| token(v.to_str().unwrap_or_default())) {
            request.extensions_mut().insert(token);
        }
        Box::pin(self.inner.call(request))
    }
}

/// The token in an `Authorization` header. Whatever else stands there makes no token, so that its sender hears of it.
fn token(header: &str) -> Bearer {
    let (scheme, token) = header.trim().split_once(' ').unwrap_or_default();
    Bearer(if scheme.eq_ignore_ascii_case("bearer") { token.trim().into() } else { String::new() })
}

fn page(context: &Context, path: &str, query: Option<&str>) -> Option<HttpResponse> {
    match path {
        "/health" => Some(text(200, "ok\n".into())),
        "/ready" => Some(ready(context)),
        "/metrics" => Some(text(200, context.metrics.render(&context.hub, &context.network))),
        "/openrpc.json" => Some(content(200, "application/json", openrpc::text().into())),
        _ => console::page(context, path, query),
    }
}

/// Ready means: a quorum is within reach and the last block is fresh.
fn ready(context: &Context) -> HttpResponse {
    let snapshot = context.snapshot();
    let idle_ms = ParamKey::IdleBlockMs;
    let idle_ms = context.genesis.params().get(idle_ms);
    let age = now().since(snapshot.tip().time);
    let reachable = context.hub.status().connected.len() + 1;
    let needed = context.genesis.validator_set().quorum();
    if reachable < needed {
        return text(503, format!("{reachable} of {needed} members within reach\n"));
    }
    if age > idle_ms * STALE_IDLE_TIMES {
        return text(503, format!("the last block is {age} ms old\n"));
    }
    text(200, "ready\n".into())
}

fn text(status: u16, body: String) -> HttpResponse {
    content(status, "text/plain; charset=utf-8", body)
}

fn content(status: u16, kind: &'static str, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::from(body));
    *response.status_mut() = status.try_into().expect("a literal status is valid");
    let kind = kind.parse().expect("a literal header value is valid");
    response.headers_mut().insert("content-type", kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_the_header_is_a_token_or_none_and_never_anonymous() {
        assert_eq!(token("Bearer 0a0b").0, "0a0b");
        assert_eq!(token("bearer  0a0b ").0, "0a0b");
        for other in ["Basic 0a0b", "0a0b", "Bearer", ""] {
            assert_eq!(token(other).0, "", "{other:?}");
        }
    }
}
