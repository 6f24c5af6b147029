"""The shown motion on the project's body: what was made for another shape is put on this one. No Qt, no GL."""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import BodySettings
from genmo_studio.motion.body import FREE_BODY, Body, load_body
from genmo_studio.motion.fitting import fitted_to, lowest, pelvis_height
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace

_KEPT = 6


class Wardrobe:
    """Puts motions on the project's body; remembers the last ones, so that the same motion gives the same object."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._betas = np.zeros(10, np.float32)
        self._made: list[tuple[ShownMotion, ShownMotion]] = []
        self._lowest: tuple[Motion, NDArray[np.float64]] | None = None
        self._free: Body | None = body if body.name == FREE_BODY else None

    def set_body(self, body: Body, settings: BodySettings) -> bool:
        """Use this body in this shape; False when it is the one in use."""
        betas = np.asarray(settings.betas, np.float32)
        if body is self._body and np.array_equal(betas, self._betas):
            return False
        self._body, self._betas = body, betas
        self._made.clear()
        return True

    def worn(self, shown: ShownMotion | None) -> ShownMotion | None:
        """The motion on the project's body."""
        if shown is None:
            return None
        for given, made in self._made:
            if given is shown:
                return made
        made_on = self._origin(shown.motion)
        motion = fitted_to(
            shown.motion, self._betas, body=self._body, made_on=made_on, at=self._known(shown.motion, made_on)
        )
        made = shown if motion is shown.motion else replace(shown, motion=motion)
        self._made = [*self._made[1 - _KEPT :], (shown, made)]
        return made

    def _origin(self, motion: Motion) -> Body:
        """The body that a motion was made for, as far as it is here."""
        if motion.body != self._body.name and motion.body == FREE_BODY:
            if self._free is None:
                self._free = load_body(FREE_BODY)
            return self._free
        return self._body

    def _known(self, motion: Motion, body: Body) -> NDArray[np.float64] | None:
        """Lowest points of the motion as it was made: a slider that is dragged asks for them again and again."""
        if np.array_equal(motion.betas, self._betas) and body is self._body:
            return None
        if self._lowest is None or self._lowest[0] is not motion:
            self._lowest = motion, lowest(motion, body)
        return self._lowest[1]

    def share(self, shown: ShownMotion | None) -> float | None:
        """How much longer the legs are than those that the motion was made for; None when it was made for this body."""
        if shown is None or self.worn(shown) is shown:
            return None
        made_on = self._origin(shown.motion)
        return pelvis_height(self._body, self._betas) / pelvis_height(made_on, shown.motion.betas)
