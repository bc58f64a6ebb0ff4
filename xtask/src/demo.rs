//! `cargo xtask demo`: from a fresh clone to the product on the screen.

use crate::{prepare, shell};
use anyhow::{Context, Result};

/// Builds the web app and the binary, then becomes `vigie demo` with the given arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    prepare::web_app()?;
    let binary = prepare::binary()?;
    let mut demo = shell::command(&binary, &["demo"]);
    demo.args(arguments);
    become_program(&mut demo).with_context(|| format!("cannot start {}", binary.display()))
}

/// Replaces this process, so that Ctrl-C and exit codes are the program's own.
#[cfg(unix)]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    shell::run(command)
}
