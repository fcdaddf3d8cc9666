//! The local test network and the scenario runner.
