//! The limit of open files: connections of clients must not take the files that the store needs, for a failed write halts the node.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files of the store and the log, connections of members and operators, with room to spare.
const OTHER_FILES: u64 = 768;

/// Raises the process's limit so far that all connections of clients fit beside everything else, or says that they do not.
pub(crate) fn make_room(connections: u32) {
    let wanted = u64::from(connections) + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(now) = current.filter(|now| *now < wanted) else { return };
    let possible = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(possible), maximum });
    if raised.is_err() || possible < wanted {
        tracing::warn!(
            limit = now.max(possible),
            wanted,
            "the limit of open files is too low for `rpc_connections`: raise it (LimitNOFILE, ulimit -n), or lower `rpc_connections`"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_wanted_and_never_lowered() {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(900), maximum }).expect("a lower limit is allowed");
        make_room(200);
        assert_eq!(getrlimit(Resource::Nofile).current, maximum.map_or(Some(968), |most| Some(most.min(968))));
        make_room(1);
        assert!(getrlimit(Resource::Nofile).current >= Some(968));
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).expect("as before");
    }
}
