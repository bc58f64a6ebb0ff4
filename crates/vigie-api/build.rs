//! Makes the folder of the built web app exist, and builds this crate again when something in it changes.
//!
//! Cargo takes a missing path for a change of every build; an empty folder is the quiet way to say "not built yet".
#![allow(clippy::print_stdout, reason = "cargo is told on standard output")]

fn main() {
    let folder = "../../web/build";
    // A read-only source tree without the folder still builds: the server then explains what is missing.
    let _ = std::fs::create_dir_all(folder);
    println!("cargo:rerun-if-changed={folder}");
    println!("cargo:rerun-if-changed=build.rs");
}
