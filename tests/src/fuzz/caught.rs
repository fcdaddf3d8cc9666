//! Catching panics with their message and place.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Panics outside [`caught`], on any thread.
static STRAY: AtomicU64 = AtomicU64::new(0);

/// Panics so far that nobody on their thread listened for: those of servers and worker threads.
pub fn stray_panics() -> u64 {
    STRAY.load(Ordering::SeqCst)
}

/// Takes the panic hook once: a panic that somebody listens for is noted, any other is counted and printed as before.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if LISTENING.get() {
                let place = info.location().map_or(String::new(), |l| format!("{}:{}: ", l.file(), l.line()));
                let words = info.payload_as_str().unwrap_or("a panic without words");
                HEARD.set(Some(format!("{place}{words}")));
            } else {
                STRAY.fetch_add(1, Ordering::SeqCst);
                before(info);
            }
        }));
    });
}

/// Runs something; the error is the place and the words of its panic.
///
/// # Errors
/// When it panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    listen();
    let outer = LISTENING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    LISTENING.set(outer);
    result.map_err(|_| HEARD.take().unwrap_or_else(|| "a panic without words".into()))
}

/// Runs something that may halt, with the given words and no others. `None` when it halted.
///
/// # Panics
/// With the panic that was caught, when it has other words.
pub fn halts<T>(words: &[&str], work: impl FnOnce() -> T) -> Option<T> {
    match caught(work) {
        Ok(done) => Some(done),
        Err(problem) if words.iter().any(|w| problem.contains(w)) => None,
        Err(problem) => panic!("halted with other words than {words:?}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_with_its_words_and_place() {
        let problem = caught(|| panic!("number {}", 7)).expect_err("it panics");
        assert!(problem.ends_with("number 7") && problem.contains("caught.rs:"), "{problem}");
        assert_eq!(caught(|| 5), Ok(5));
    }

    #[test]
    fn only_the_named_halt_passes() {
        assert_eq!(halts(&["disk is gone"], || -> u8 { panic!("the disk is gone") }), None);
        let other = caught(|| halts(&["disk is gone"], || -> u8 { panic!("index out of range") }));
        assert!(other.expect_err("other words").contains("index out of range"));
    }
}
