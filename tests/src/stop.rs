//! Ctrl-C in the programs of this crate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a program that was told to stop.
pub const STOPPED: u8 = 130;

/// Set by the first Ctrl-C, which prints `notice`; the program ends what it is at and prints what there is. A second one ends it at once.
pub fn on_ctrl_c(notice: &'static str) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if seen.swap(true, Ordering::Relaxed) {
                    std::process::exit(i32::from(STOPPED));
                }
                eprintln!("{notice}");
            }
        });
    });
    stop
}
