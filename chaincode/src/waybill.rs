//! The `waybill` module.
