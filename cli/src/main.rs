//! The `landsea` command.
fn main() {}
