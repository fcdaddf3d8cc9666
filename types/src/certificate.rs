//! Status certificates.
