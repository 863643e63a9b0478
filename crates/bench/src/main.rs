//! The binary `trent-bench`.

fn main() {}
