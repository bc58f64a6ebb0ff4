//! The ratchet on sizes: files of at most 600 lines, functions of at most 70; an old larger one may only shrink.

use super::File;
use crate::shell::root;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use syn::visit::Visit;

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const EXCEPTIONS: &str = "xtask/ratchet.txt";

/// Measures every source file.
pub fn check(files: &[File], breaches: &mut Vec<String>) -> Result<()> {
    let exceptions = read_exceptions()?;
    let mut used = Vec::new();
    for file in files.iter().filter(|file| is_source(&file.path)) {
        let mut sizes = vec![(file.path.clone(), file.text.lines().count(), FILE_LINES_MAX)];
        if file.path.ends_with(".rs") {
            let functions = functions(file)?;
            sizes.extend(
                functions.into_iter().map(|(name, lines)| (name, lines, FUNCTION_LINES_MAX)),
            );
        }
        for (name, lines, most) in sizes.into_iter().filter(|(_, lines, most)| lines > most) {
            let allowed = exceptions.get(&name).copied().unwrap_or(most);
            if lines > allowed {
                breaches.push(format!("{name} has {lines} lines, at most {allowed}"));
            }
            used.push(name);
        }
    }
    for name in exceptions.keys().filter(|name| !used.contains(name)) {
        breaches.push(format!("{EXCEPTIONS}: {name} is within the limit now: delete its line"));
    }
    Ok(())
}

fn is_source(path: &str) -> bool {
    let written =
        [".rs", ".ts", ".svelte", ".mjs", ".py"].iter().any(|ending| path.ends_with(ending));
    written && !path.starts_with("web/src/lib/api/")
}

/// Lines `size name`, e.g. `640 crates/x/src/y.rs` or `81 crates/x/src/y.rs::function`.
fn read_exceptions() -> Result<BTreeMap<String, usize>> {
    let text = std::fs::read_to_string(root().join(EXCEPTIONS)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parse = |line: &str| -> Result<(String, usize)> {
        let (size, name) = line.split_once(' ').context("a line of the ratchet is `size name`")?;
        Ok((name.to_owned(), size.parse()?))
    };
    lines.map(parse).collect()
}

fn functions(file: &File) -> Result<Vec<(String, usize)>> {
    let syntax =
        syn::parse_file(&file.text).with_context(|| format!("cannot parse {}", file.path))?;
    let mut visitor = Functions { path: &file.path, found: Vec::new() };
    visitor.visit_file(&syntax);
    Ok(visitor.found)
}

struct Functions<'a> {
    path: &'a str,
    found: Vec<(String, usize)>,
}

impl Functions<'_> {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let lines =
            body.brace_token.span.close().end().line - signature.fn_token.span.start().line + 1;
        self.found.push((format!("{}::{}", self.path, signature.ident), lines));
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}
