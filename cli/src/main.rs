//! The `landsea` command: the node, the test network, and the tools of branches, banks, carriers and warehouses.

mod args;
mod bulk;
mod commands;
mod commitments;
mod context;
mod error;
mod events;
mod example;
mod files;
mod friendly;
mod output;
mod submit;
mod when;

use clap::Parser as _;
use std::process::ExitCode;

/// The system's allocator took a third of the time of a change of the state tree (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::of_arguments(&error, std::env::args_os().any(|word| word == "--json")),
    };
    let json = cli.globals.json;
    let is_named = cli.globals.key.is_some() || std::env::var_os("LANDSEA_KEY").is_some_and(|path| !path.is_empty());
    let code = commands::run(cli).unwrap_or_else(|error| {
        let error = if is_named { error } else { error.asked_by_nobody() };
        output::error(&error, json);
        ExitCode::from(error.exit)
    });
    output::end(code, json)
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command, CommandFactory as _};

    fn own_ids(command: &Command) -> Vec<(String, String)> {
        let of = |arg: &Arg| (command.get_name().to_owned(), arg.get_id().to_string());
        let own = command.get_arguments().filter(|arg| !arg.is_global_set()).map(of);
        own.chain(command.get_subcommands().flat_map(own_ids)).collect()
    }

    #[test]
    fn no_argument_of_a_command_takes_the_name_of_a_global_option() {
        let cli = crate::args::Cli::command();
        let globals: Vec<String> =
            cli.get_arguments().filter(|arg| arg.is_global_set()).map(|arg| arg.get_id().to_string()).collect();
        assert!(globals.len() >= 7, "{globals:?}");
        let taken = own_ids(&cli).into_iter().filter(|(_, id)| globals.contains(id));
        assert_eq!(taken.collect::<Vec<_>>(), []);
    }
}
