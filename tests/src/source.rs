//! The workspace's own source, read as text: files, and what of them is code rather than comment, text or test.

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the workspace").to_path_buf()
}

/// One Rust file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path from the workspace's folder, with slashes.
    pub path: String,
    pub text: String,
    /// The text with comments, strings and characters blanked; lines stay where they are.
    pub code: String,
}

/// A function and its length in lines, from its name to its last brace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// Every Rust file of the given crates, `src` and `tests`, by path.
pub fn files(crates: &[&str]) -> Vec<SourceFile> {
    let root = workspace();
    let mut paths = Vec::new();
    for name in crates {
        collect(&root.join(name), &mut paths);
    }
    paths.sort();
    paths.into_iter().map(|path| SourceFile::read(&root, &path)).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder that opens can be listed").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

impl SourceFile {
    fn read(root: &Path, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let path = path.strip_prefix(root).expect("files are found under the root");
        let path = path.to_string_lossy().replace('\\', "/");
        Self { code: blank(&text), path, text }
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let in_folder = |name| self.path.split('/').any(|part| part == name);
        in_folder("tests") || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }

    /// The code without `#[cfg(test)]` modules; empty for a test file.
    pub fn product_code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = end_of_item(&code, start);
            let blanked: String = code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            code.replace_range(start..end, &blanked);
        }
        code
    }

    /// The functions with a body.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (start, _) in self.code.match_indices("fn ") {
            let is_word = !self.code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let name: String =
                self.code[start + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if is_word && !name.is_empty() && self.code[start..].find('{').is_some() {
                let end = end_of_item(&self.code, start);
                let lines = self.code[start..end].lines().count();
                found.push(Function { name, line: 1 + self.code[..start].matches('\n').count(), lines });
            }
        }
        found
    }
}

/// Where the item ends that starts at `start`: behind its `;`, or behind the brace that closes its first one.
fn end_of_item(code: &str, start: usize) -> usize {
    let (mut braces, mut brackets) = (0usize, 0usize);
    for (at, c) in code[start..].char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            '{' => braces += 1,
            '}' if braces <= 1 => return start + at + 1,
            '}' => braces -= 1,
            ';' if braces == 0 && brackets == 0 => return start + at + 1,
            _ => {}
        }
    }
    code.len()
}

/// What the scanner is inside of.
enum Inside {
    Code,
    Line,
    Block { depth: usize },
    Text,
    RawText { hashes: usize },
}

/// Blanks comments, strings and character literals. Lines stay where they are.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut inside) = (0, Inside::Code);
    while at < chars.len() {
        let (taken, kept, next) = scan(&chars, at, inside);
        for c in &chars[at..(at + taken).min(chars.len())] {
            out.push(if kept || *c == '\n' { *c } else { ' ' });
        }
        at += taken;
        inside = next;
    }
    out
}

/// How many characters belong together at `at`, whether they are code, and what follows.
fn scan(chars: &[char], at: usize, inside: Inside) -> (usize, bool, Inside) {
    let rest = &chars[at..];
    let starts = |prefix: &str| prefix.chars().enumerate().all(|(i, c)| rest.get(i) == Some(&c));
    match inside {
        Inside::Code if starts("//") => (2, false, Inside::Line),
        Inside::Code if starts("/*") => (2, false, Inside::Block { depth: 1 }),
        Inside::Code => scan_code(chars, at),
        Inside::Line if starts("\n") => (1, true, Inside::Code),
        Inside::Block { depth: 1 } if starts("*/") => (2, false, Inside::Code),
        Inside::Block { depth } if starts("*/") => (2, false, Inside::Block { depth: depth - 1 }),
        Inside::Block { depth } if starts("/*") => (2, false, Inside::Block { depth: depth + 1 }),
        Inside::Text if starts("\\") => (2, false, Inside::Text),
        Inside::Text if starts("\"") => (1, false, Inside::Code),
        Inside::RawText { hashes } if starts(&format!("\"{}", "#".repeat(hashes))) => (1 + hashes, false, Inside::Code),
        other => (1, false, other),
    }
}

fn scan_code(chars: &[char], at: usize) -> (usize, bool, Inside) {
    let rest = &chars[at..];
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match rest[0] {
        '"' => (1, false, Inside::Text),
        'r' if !in_word || chars[at - 1] == 'b' => {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) == Some(&'"') {
                (2 + hashes, false, Inside::RawText { hashes })
            } else {
                (1, true, Inside::Code)
            }
        }
        '\'' => (character(rest), false, Inside::Code),
        _ => (1, true, Inside::Code),
    }
}

/// The length of a character literal; 1 for the quote of a lifetime.
fn character(rest: &[char]) -> usize {
    if rest.get(1) == Some(&'\\') {
        let end = rest.iter().skip(3).position(|c| *c == '\'');
        return end.map_or(1, |end| end + 4);
    }
    if rest.get(2) == Some(&'\'') { 3 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile { path: "a/src/a.rs".into(), text: text.into(), code: blank(text) }
    }

    #[test]
    fn comments_and_texts_are_no_code() {
        let code = blank(
            "let a = \"unwrap() \\\" }\"; // unwrap()\nlet b = '}'; /* { /* x */ } */ let c: &'a str = r#\"\"{\"#;",
        );
        assert!(!code.contains("unwrap") && !code.contains('}') && !code.contains('{'), "{code}");
        assert!(code.contains("let b") && code.contains("let c: & a str"), "{code}");
        assert_eq!(code.lines().count(), 2);
    }

    #[test]
    fn functions_are_measured_to_their_last_brace() {
        let functions = file("fn short(a: [u8; 3]) -> u8 {\n    1\n}\ntrait T {\n    fn none(&self);\n}\n").functions();
        assert_eq!(functions[0], Function { name: "short".into(), line: 1, lines: 3 });
        assert_eq!(functions.iter().map(|f| f.lines).max(), Some(3));
    }

    #[test]
    fn test_modules_are_not_product_code() {
        let code =
            file("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { c.unwrap() }\n}\nfn d() {}\n").product_code();
        assert!(code.contains("fn a") && code.contains("fn d") && !code.contains("unwrap"), "{code}");
    }
}
