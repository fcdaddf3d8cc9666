//! The demo as a newcomer plays it, and what it leaves on the disks.

use landsea_tests::processes::landsea;
use landsea_tests::secrets;
use std::process::Command;

fn play_demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(landsea());
    command.args(["testnet", "up", "--demo", "--once", "--dir"]).arg(folder.path().join("network"));
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("5001 ALREADY_PLEDGED"), "the second pledge was not seen refused: {said}");
    folder
}

#[test]
fn the_demo_answers_as_expected_and_leaves_no_secret_on_any_node() {
    let folder = play_demo();
    let secrets = secrets::of_scenario("s1.toml");
    assert!(secrets.contains("shltckgsin2026000417") && secrets.contains("xlhu2601019"), "{secrets:?}");
    let files = secrets::assert_none_in(&folder.path().join("network/nodes"), &secrets);
    assert!(files >= 15 * 5, "the nodes' files are missing: {files}");
}
