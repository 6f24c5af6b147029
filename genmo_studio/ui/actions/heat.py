"""Commands of the heat strip under the result."""

from genmo_studio.motion.quality import Measure
from genmo_studio.ui.actions.spec import ActionSpec, Kind

MEASURES: dict[str, Measure] = {
    "heat.skate": Measure.SKATE,
    "heat.keys": Measure.KEYS,
    "heat.seams": Measure.SEAMS,
    "heat.jitter": Measure.JITTER,
}
"""Action id -> the measure it shows."""

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("heat.show", "Heat Strip", tooltip="Show under the result where the motion needs work",
               kind=Kind.TOGGLE),
    ActionSpec("heat.skate", "Heat: Foot Skate", tooltip="Show where feet slide on the ground", kind=Kind.TOGGLE,
               group="heat"),
    ActionSpec("heat.keys", "Heat: Key Error", tooltip="Show which keys the motion misses", kind=Kind.TOGGLE,
               group="heat"),
    ActionSpec("heat.seams", "Heat: Seam Jump", tooltip="Show where takes do not join smoothly", kind=Kind.TOGGLE,
               group="heat"),
    ActionSpec("heat.jitter", "Heat: Jitter", tooltip="Show where the body trembles", kind=Kind.TOGGLE, group="heat"),
    ActionSpec("heat.next", "Go to Next Weak Spot", tooltip="Jump to the next striped place of the heat strip"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&View>&Heat Strip": ("heat.show", "-", "heat.skate", "heat.keys", "heat.seams", "heat.jitter", "-", "heat.next"),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
