//! The limit of open files: connections of clients must not take the files that the store needs, for a failed write halts the node.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Logs of the store and the node, connections of members and operators, with room to spare.
const OTHER_FILES: u64 = 512;
/// Tables that the store holds open, at most: a quarter of a terabyte.
const TABLES_MAX: u64 = 4_096;
/// Tables below which reads become slow after some millions of documents.
const TABLES_MIN: u64 = 256;

/// Raises the process's limit so far that all connections of clients fit beside everything else, or says that they do not. Returns the
/// number of tables that the store may hold open.
pub(crate) fn make_room(connections: u32) -> u32 {
    let others = u64::from(connections) + OTHER_FILES;
    let (needed, wanted) = (others + TABLES_MIN, others + TABLES_MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let mut limit = current.unwrap_or(u64::MAX);
    if limit < wanted {
        let possible = maximum.map_or(wanted, |maximum| wanted.min(maximum));
        let is_raised = setrlimit(Resource::Nofile, Rlimit { current: Some(possible), maximum }).is_ok();
        limit = if is_raised { possible } else { limit };
    }
    if limit < needed {
        tracing::warn!(
            limit,
            needed,
            "the limit of open files is too low for `rpc_connections`: raise it (LimitNOFILE, ulimit -n), or lower `rpc_connections`"
        );
    }
    let tables = limit.saturating_sub(others).clamp(TABLES_MIN, TABLES_MAX);
    u32::try_from(tables).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_wanted_and_never_lowered_and_tables_get_the_rest() {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(900), maximum }).expect("a lower limit is allowed");
        let tables = make_room(200);
        let raised = getrlimit(Resource::Nofile).current;
        assert_eq!(raised, maximum.map_or(Some(4_808), |most| Some(most.min(4_808))));
        assert_eq!(u64::from(tables), raised.map_or(TABLES_MAX, |limit| (limit - 712).clamp(TABLES_MIN, TABLES_MAX)));
        make_room(1);
        assert_eq!(getrlimit(Resource::Nofile).current, raised);
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).expect("as before");
    }
}
