//! The console: the web page in `console/dist`, embedded, so that a node needs neither files nor a build step to serve it.
//!
//! The page names script and style with the hash of their content, so a browser may keep those for ever. The policy allows nothing
//! but the node's own files: no inline script, no other host.

use super::Context;
use jsonrpsee::server::{HttpBody, HttpResponse};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

macro_rules! dist {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../console/dist/", $name)).as_slice()
    };
}

/// The file of a path; `None` for paths that are not the console's.
pub(super) fn page(context: &Context, path: &str, query: Option<&str>) -> Option<HttpResponse> {
    let cache = if query.is_some_and(|q| q.starts_with("v=")) { FOR_EVER } else { ASK_AGAIN };
    match path {
        "/" => Some(file("text/html; charset=utf-8", ASK_AGAIN, dist!("index.html").into())),
        "/console/app.js" => Some(file("text/javascript; charset=utf-8", cache, dist!("app.js").into())),
        "/console/style.css" => Some(file("text/css; charset=utf-8", cache, dist!("style.css").into())),
        "/console/icon.svg" => Some(file("image/svg+xml", cache, dist!("icon.svg").into())),
        "/console/genesis.json" => Some(file("application/json", ASK_AGAIN, context.genesis.to_json().into_bytes())),
        _ => None,
    }
}

fn file(kind: &'static str, cache: &'static str, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::from(body));
    let headers = [
        ("content-type", kind),
        ("cache-control", cache),
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().expect("a literal header value is valid"));
    }
    response
}

#[cfg(test)]
mod tests {
    /// Kilobytes that the page may weigh in all.
    const KIB_MAX: usize = 300;

    #[test]
    fn the_embedded_page_names_its_own_files_runs_no_inline_script_and_is_light() {
        let files = [dist!("index.html"), dist!("app.js"), dist!("style.css"), dist!("icon.svg")];
        let html = std::str::from_utf8(files[0]).expect("the page is text");
        for name in ["/console/app.js?v=", "/console/style.css?v=", "/console/icon.svg?v="] {
            assert!(html.contains(name), "{name} is not in the page");
        }
        let scripts: Vec<&str> = html.split("<script").skip(1).collect();
        assert_eq!(scripts.len(), 1);
        assert!(scripts[0].contains("></script>"), "the script is inline: {}", scripts[0]);
        let bytes: usize = files.iter().map(|f| f.len()).sum();
        assert!(bytes <= KIB_MAX * 1024, "{bytes} bytes");
    }
}
