//! Says nothing: to nobody, to some members, or nothing of some classes; always, or for spells of time.

use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::Member;
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "silent";
/// Length of a spell, milliseconds.
const SPELL_MS: (u64, u64) = (500, 10_000);

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let variant = match rng.between(0, 3) {
        0 => Variant::Mute,
        1 => Variant::TowardsSome,
        2 => Variant::SomeClasses { classes: Class::ALL.into_iter().filter(|_| rng.chance(400)).collect() },
        _ => Variant::Spells { ms: rng.between(SPELL_MS.0, SPELL_MS.1) },
    };
    Box::new(Silent { seed, variant })
}

/// What is not said.
enum Variant {
    /// Anything.
    Mute,
    /// Anything to some members.
    TowardsSome,
    /// Messages of these classes.
    SomeClasses { classes: Vec<Class> },
    /// Anything in every other spell of this length.
    Spells { ms: u64 },
}

/// See the module documentation.
struct Silent {
    seed: u64,
    variant: Variant,
}

impl Behaviour for Silent {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, _: &Arc<[u8]>) -> bool {
        match &self.variant {
            Variant::Mute => false,
            Variant::TowardsSome => !me.some(&mut Rng::new(self.seed)).contains(&to),
            Variant::SomeClasses { classes } => !classes.contains(&class),
            Variant::Spells { ms } => (me.now.get() / ms).is_multiple_of(2),
        }
    }
}
