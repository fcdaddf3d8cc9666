//! The limit of open files: connections of clients must not take the files that the store needs, for a failed write halts the node.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Logs of the store and the node, connections of members and operators, with room to spare.
const OTHER_FILES: u64 = 512;
/// Tables that room is made for where that is allowed.
const TABLES_WANTED: u64 = 65_536;
/// With room for so many, which some twenty million documents fill, the store holds all its tables open.
const TABLES_ALL: u64 = 16_384;
/// Tables below which reads become slow after some millions of documents.
const TABLES_MIN: u64 = 256;

/// Raises the process's limit so far that all connections of clients fit beside everything else, or says that they do not. Returns the
/// number of tables that the store may hold open, or `None` for all.
pub(crate) fn make_room(connections: u32) -> Option<u32> {
    let others = u64::from(connections) + OTHER_FILES;
    let (needed, wanted) = (others + TABLES_MIN, others + TABLES_WANTED);
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
    tables(limit, others)
}

fn tables(limit: u64, others: u64) -> Option<u32> {
    let tables = limit.saturating_sub(others).max(TABLES_MIN);
    u32::try_from(tables).ok().filter(|tables| u64::from(*tables) < TABLES_ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_wanted_and_never_lowered_and_tables_get_the_rest() {
        assert_eq!(tables(712 + TABLES_ALL, 712), None);
        assert_eq!(tables(u64::MAX, 712), None);
        assert_eq!(tables(711 + TABLES_ALL, 712), Some(16_383));
        assert_eq!(tables(2_000, 712), Some(1_288));
        assert_eq!(tables(500, 712), Some(256));
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(900), maximum }).expect("a lower limit is allowed");
        let room = make_room(200);
        let raised = getrlimit(Resource::Nofile).current;
        assert_eq!(raised, maximum.map_or(Some(66_248), |most| Some(most.min(66_248))));
        assert_eq!(room, tables(raised.unwrap_or(u64::MAX), 712));
        make_room(1);
        assert_eq!(getrlimit(Resource::Nofile).current, raised);
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).expect("as before");
    }
}
