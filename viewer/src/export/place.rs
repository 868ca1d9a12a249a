//! Places in the source as tools on the desk name them: URIs, relative to the checkout where they can be.

use crate::model::session::Session;
use mapwatch_event::{Frame, Site};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

/// What stands for the root of the checkout in SARIF.
pub const ROOT: &str = "SRCROOT";

/// What a path of a URI may not hold as it is (RFC 3986, `pchar`).
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Where a session's program was built: what lies before `target` in the path of its executable.
///
/// The compiler writes paths of the workspace relative to that folder, and absolute ones into debug information.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout(Option<String>);

impl Checkout {
    /// The checkout of a session; an unknown one where its executable lies in no `target` folder.
    #[must_use]
    pub fn of(session: Option<&Session>) -> Checkout {
        let executable = session.map(|session| session.header.executable.replace('\\', "/"));
        let root = executable.as_deref().and_then(|path| path.rsplit_once("/target/"));
        Checkout(root.map(|(root, _)| format!("{root}/")).filter(|root| root != "/"))
    }

    /// The path below the checkout, where it lies there; else as it is. Slashes are slashes.
    #[must_use]
    pub fn relative(&self, file: &str) -> String {
        let path = file.replace('\\', "/");
        let below = self.0.as_deref().and_then(|root| path.strip_prefix(root));
        below.or(path.strip_prefix("./")).unwrap_or(&path).to_owned()
    }

    /// A SARIF `artifactLocation`.
    #[must_use]
    pub fn artifact(&self, file: &str) -> Value {
        let path = self.relative(file);
        let encoded = utf8_percent_encode(&path, RESERVED);
        if path.starts_with('/') {
            json!({ "uri": format!("file://{encoded}") })
        } else if path.as_bytes().get(1) == Some(&b':') {
            json!({ "uri": format!("file:///{encoded}") })
        } else {
            json!({ "uri": encoded.to_string(), "uriBaseId": ROOT })
        }
    }

    /// Whether the path lies in the checkout, as far as one can tell.
    #[must_use]
    pub fn holds(&self, file: &str) -> bool {
        let path = self.relative(file);
        !path.is_empty() && !path.starts_with('/') && path.as_bytes().get(1) != Some(&b':')
    }

    /// A SARIF `physicalLocation`; a region only where there is a line.
    #[must_use]
    pub fn physical(&self, site: &Site) -> Value {
        let mut location = json!({ "artifactLocation": self.artifact(&site.file) });
        if site.line > 0 {
            location["region"] = json!({ "startLine": site.line });
            if site.column > 0 {
                location["region"]["startColumn"] = json!(site.column);
            }
        }
        location
    }
}

/// The place of a frame; `None` where it has no file.
#[must_use]
pub fn of_frame(frame: &Frame) -> Option<Site> {
    let Frame { file, line, column, .. } = frame;
    (!file.is_empty()).then(|| Site { file: file.clone(), line: *line, column: *column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let checkout = Checkout(Some("/home/a/shop/".into()));
        let uri = |file: &str| checkout.artifact(file);
        assert_eq!(uri("src/orders.rs"), json!({ "uri": "src/orders.rs", "uriBaseId": ROOT }));
        assert_eq!(uri("/home/a/shop/src/a b#.rs"), json!({ "uri": "src/a%20b%23.rs", "uriBaseId": ROOT }));
        assert_eq!(uri("/usr/src/ü.rs"), json!({ "uri": "file:///usr/src/%C3%BC.rs" }));
        assert_eq!(uri("C:\\x\\y.rs"), json!({ "uri": "file:///C:/x/y.rs" }));
        assert!(checkout.holds("./src/a.rs") && !checkout.holds("/usr/a.rs") && !checkout.holds(""));
    }

    #[test]
    fn a_place_without_a_line_has_no_region() {
        let site = Site { file: "a.rs".into(), line: 0, column: 0 };
        assert_eq!(Checkout::default().physical(&site).get("region"), None);
    }
}
