//! The contract modules: deterministic functions over a state view.
