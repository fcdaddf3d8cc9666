//! Which names and which pages may call a node from a browser.
//!
//! A page of another site gets no CORS header, so its script reads no answer. What CORS does not cover is refused here: WebSockets and requests
//! that name a foreign `Origin`, and, on a loopback address, a `Host` that is somebody's domain name (DNS rebinding).

use hyper::Uri;
use hyper::header::{HOST, HeaderMap, ORIGIN};
use std::net::IpAddr;

/// The names under which a listener is reached.
pub(super) struct Names {
    /// Names given by the operator, in lower case.
    given: Vec<String>,
    /// Whether a request must name one of them, an address or `localhost`.
    is_strict: bool,
}

impl Names {
    /// Names of a listener on an address, with those that its operator gave.
    pub(super) fn new(listen: IpAddr, given: &[String]) -> Self {
        let given: Vec<String> = given.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { is_strict: listen.is_loopback() || !given.is_empty(), given }
    }

    /// Whether a request may pass, or why not.
    pub(super) fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), &'static str> {
        let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"));
        let host = uri.authority().map(|authority| authority.as_str()).or(header(HOST));
        if let Some(host) = host
            && self.is_strict
            && !self.is_known(name_of(host))
        {
            return Err(
                "this node is not called by that name: use its address, or have its operator add the name to `rpc_names`\n",
            );
        }
        match header(ORIGIN) {
            Some(origin) if !self.is_own(origin, host) => Err("pages of other sites may not call this node\n"),
            _ => Ok(()),
        }
    }

    fn is_known(&self, name: &str) -> bool {
        let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        is_address || name.eq_ignore_ascii_case("localhost") || self.is_given(name)
    }

    fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.eq_ignore_ascii_case(name))
    }

    /// A page of the node itself, or of a name that its operator gave.
    fn is_own(&self, origin: &str, host: Option<&str>) -> bool {
        let Some(from) = origin.strip_prefix("https://").or(origin.strip_prefix("http://")) else { return false };
        host.is_some_and(|host| host.eq_ignore_ascii_case(from)) || self.is_given(name_of(from))
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn admits(names: &Names, host: Option<&str>, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            value.map(|value| headers.insert(name, value.parse().expect("a header value")));
        }
        names.admit(&Uri::from_static("/"), &headers).is_ok()
    }

    #[test]
    fn a_loopback_node_answers_to_addresses_localhost_and_given_names_only() {
        let names = Names::new(Ipv4Addr::LOCALHOST.into(), &["Ledger.Example".into()]);
        for host in
            ["127.0.0.1:9001", "[::1]:9001", "[::1]", "localhost", "LOCALHOST:1", "192.0.2.7", "ledger.example:443"]
        {
            assert!(admits(&names, Some(host), None), "{host}");
        }
        assert!(admits(&names, None, None), "HTTP/1.0 names no host");
        for host in
            ["evil.example", "evil.example:9001", "localhost.evil.example", "127.0.0.1.evil.example", "", "\u{e4}"]
        {
            assert!(!admits(&names, Some(host), None), "{host}");
        }
        let open = Names::new(Ipv4Addr::UNSPECIFIED.into(), &[]);
        assert!(admits(&open, Some("cq.example"), None), "a node on a network has names that it does not know");
    }

    #[test]
    fn a_page_of_another_site_is_not_admitted_and_the_nodes_own_is() {
        let names = Names::new(Ipv4Addr::LOCALHOST.into(), &["ledger.example".into()]);
        let host = Some("127.0.0.1:9001");
        for own in
            ["http://127.0.0.1:9001", "https://127.0.0.1:9001", "https://ledger.example", "https://ledger.example:8443"]
        {
            assert!(admits(&names, host, Some(own)), "{own}");
        }
        for foreign in [
            "https://evil.example",
            "http://127.0.0.1:9002",
            "http://127.0.0.1",
            "null",
            "file://",
            "",
            "x127.0.0.1:9001",
        ] {
            assert!(!admits(&names, host, Some(foreign)), "{foreign}");
        }
        assert!(!admits(&names, None, Some("http://127.0.0.1:9001")), "nothing to compare with");
    }
}
