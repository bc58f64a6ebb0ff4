//! The web app is embedded as it was built: a new build of it makes a new build of this crate.
#![allow(clippy::print_stdout, reason = "cargo is told on standard output")]

fn main() {
    println!("cargo:rerun-if-changed=../../web/build");
}
