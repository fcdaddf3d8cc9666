//! Draws of `party`.

use super::{Draw, Drawer, Drawn, alone};
use crate::kit::*;
use landsea_types::operation::party::*;
use landsea_types::role::{KeyPurpose, LicenceKind, Role};
use landsea_types::{Operation, SecretKey};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("party.onboard", onboard),
    ("party.add_role", add_role),
    ("party.suspend", suspend),
    ("party.resume", resume),
    ("party.rotate_key", rotate_key),
    ("party.grant_licence", grant_licence),
    ("party.revoke_licence", revoke_licence),
    ("party.recover_key", recover_key),
    ("party.tag", tag),
    ("party.untag", untag),
    ("party.delegate", delegate),
    ("party.revoke_delegation", revoke_delegation),
    ("party.exit", exit),
];

/// Firms without whom the others can go on.
const MINOR: [&str; 8] = ["F1", "F4", "E4", "E3", "WUL", "TAXG", "OCEAN", "R-NN"];

fn firm(draw: &mut Draw<'_>) -> &'static str {
    if draw.dice.chance(10) { draw.dice.pick(&["E1", "E6", "B3", "SUP", "COLD"]) } else { draw.dice.pick(&MINOR) }
}

fn onboard(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = if draw.dice.chance(20) { "E1".to_string() } else { format!("NEW {}", draw.dice.below(20)) };
    let home = draw.branch();
    let op = draw.world.onboard_op(&tag, &[Role::Enterprise], &home, None);
    alone(home, op)
}

fn add_role(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = firm(draw);
    let (party, role) = (draw.world.party(tag), draw.dice.pick(&[Role::Enterprise, Role::Forwarder, Role::Branch]));
    let op = AddRole { party: party.id, expect_ver: party.ver, role };
    alone(draw.branch_of(tag), Operation::PartyAddRole(op))
}

fn suspend(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = firm(draw);
    let party = draw.world.party(tag);
    alone(draw.branch_of(tag), Operation::PartySuspend(Suspend { party: party.id, expect_ver: party.ver }))
}

fn resume(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = firm(draw);
    let party = draw.world.party(tag);
    alone(draw.branch_of(tag), Operation::PartyResume(Resume { party: party.id, expect_ver: party.ver }))
}

fn new_key(draw: &mut Draw<'_>) -> NewKey {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&draw.dice.next().to_le_bytes());
    NewKey { public_key: SecretKey::from_seed(seed).public(), purpose: KeyPurpose::Sign }
}

fn rotate_key(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = draw.dice.pick(&MINOR);
    let (party, new_key) = (draw.world.party(tag), new_key(draw));
    let from_height = draw.world.height.saturating_add(1 + draw.dice.below(3));
    let op = RotateKey { party: party.id, expect_ver: party.ver, old_key: 0, new_key, from_height };
    alone(tag, Operation::PartyRotateKey(op))
}

fn grant_licence(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = draw.dice.pick(&["WUL", "PORT", "COLD", "SUP"]);
    let kind = if tag == "SUP" { LicenceKind::Supervision } else { LicenceKind::WarehouseSite };
    let site = format!("site {}", draw.dice.below(4));
    let (branch, op) = draw.world.licence_op(tag, kind, &site);
    alone(branch, op)
}

fn revoke_licence(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = draw.dice.pick(&["WUL", "PORT", "SUP"]);
    let party = draw.world.party(tag);
    let licence = draw.dice.one(party.licences.clone())?;
    let op = RevokeLicence { party: party.id, expect_ver: party.ver, kind: licence.kind, site: licence.site };
    alone(draw.branch_of(tag), Operation::PartyRevokeLicence(op))
}

fn recover_key(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = draw.dice.pick(&MINOR);
    let (party, key) = (draw.world.party(tag), new_key(draw));
    let op = RecoverKey { party: party.id, expect_ver: party.ver, keys: vec![key] };
    alone(draw.branch_of(tag), Operation::PartyRecoverKey(op))
}

fn tag(draw: &mut Draw<'_>) -> Option<Drawn> {
    let firm = firm(draw);
    let party = draw.world.party(firm);
    let (from, to) = (draw.world.time, draw.world.time.saturating_add(90 * DAY));
    let tag = draw.dice.below(3) as u16;
    let op = SetTag { party: party.id, expect_ver: party.ver, tag, from, to };
    let branch = if draw.dice.chance(50) { draw.branch_of(firm) } else { draw.branch() };
    alone(branch, Operation::PartyTag(op))
}

fn untag(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tagged: Vec<_> = draw.state().parties.values().filter(|p| !p.tags.is_empty()).cloned().collect();
    let party = draw.dice.one(tagged)?;
    let tag = draw.dice.one(party.tags.clone())?;
    let branch = draw.world.genesis.member(tag.by)?.code.clone();
    alone(branch, Operation::PartyUntag(Untag { party: party.id, expect_ver: party.ver, tag: tag.tag }))
}

fn delegate(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = draw.dice.pick(&["E1", "E5", "E6", "B1", "MTO"]);
    let (party, to) = (draw.world.party(tag), draw.world.account("FF"));
    let until = draw.world.time.saturating_add(draw.dice.below(60 * DAY));
    let op = Delegate { party: party.id, expect_ver: party.ver, to, operations: vec![0x0404, 0x0405, 0x0605], until };
    alone(tag, Operation::PartyDelegate(op))
}

fn revoke_delegation(draw: &mut Draw<'_>) -> Option<Drawn> {
    let granted: Vec<_> = draw.state().parties.values().filter(|p| !p.delegations.is_empty()).cloned().collect();
    let party = draw.dice.one(granted)?;
    let to = party.delegations[0].to;
    let op = RevokeDelegation { party: party.id, expect_ver: party.ver, to };
    alone(draw.name(&party.id), Operation::PartyRevokeDelegation(op))
}

fn exit(draw: &mut Draw<'_>) -> Option<Drawn> {
    let tag = firm(draw);
    let party = draw.world.party(tag);
    alone(draw.branch_of(tag), Operation::PartyExit(Exit { party: party.id, expect_ver: party.ver }))
}
