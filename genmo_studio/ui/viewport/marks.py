"""What the marks and colours of the picture mean, in words: for tool tips and the legend. Pure."""

from genmo_studio.document.model import Foot
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.render.motion_scene import GHOST_AFTER, GHOST_BEFORE
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.viewport.display import Mode
from genmo_studio.ui.viewport.hud import STANDS, Entry
from genmo_studio.ui.viewport.overlays import STRESS, STRESS_SEEN
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.subject import Contacts

_HOW = "Foot contacts on the timeline change it."


def foot_words(foot: Foot, contacts: Contacts) -> str:
    """Of the marks L and R at the lower edge."""
    chance = contacts.left if foot is Foot.LEFT else contacts.right
    stands = f"The {foot.value} foot rests on the ground in this frame (green)."
    lifted = f"The {foot.value} foot is in the air, or slides, in this frame (grey)."
    return f"{stands if chance > STANDS else lifted}\nAs the motion has it, {chance:.0%} sure. {_HOW}"


def stress_words(joint: int, stress: float) -> str:
    """Of a joint that is tinted red; empty for one that is not."""
    if stress <= STRESS_SEEN:
        return ""
    far = "farther than people can" if stress > 1 else "nearly as far as people can"
    return f"{spoken(JOINTS[joint]).capitalize()}: bent {far} (red).\nThis only warns: nothing is held back."


def legend(picture: Picture, frame: float) -> tuple[Entry, ...]:
    """Colours that need a word now."""
    stress = picture.stress(frame)
    tinted = picture.display.mode not in (Mode.SKELETON, Mode.SILHOUETTE)  # where the red is to be seen
    strained = tinted and stress is not None and bool((stress > STRESS_SEEN).any())
    sides = (("before", GHOST_BEFORE), ("after", GHOST_AFTER)) if picture.two_sided else ()
    return (*((("strained joint", STRESS),) if strained else ()), *sides)
