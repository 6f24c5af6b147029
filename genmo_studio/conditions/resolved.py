"""ResolvedConditions: a request after extraction, as frame-aligned arrays. What ``model.generator`` reads."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.time import Span

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ResolvedVideo:
    """Keypoints and camera of the video conditions on L request frames; frames without video have ``exists`` False."""

    exists: Bools
    """(L,)"""
    keypoints: Floats
    """(L, 17, 3) COCO order: x, y in pixels, confidence 0..1"""
    bbox_xys: Floats
    """(L, 3) centre x, y and size of the square person box, pixels"""
    intrinsics: Floats
    """(L, 3, 3) full-image camera matrix, pixels"""
    camera_rotations: Floats
    """(L, 3, 3) world-to-camera rotation, of the first frame of its clip: identity; identity throughout when static"""
    weight: Floats
    """(L,)"""


@dataclass(frozen=True, eq=False)
class ResolvedMusic:
    """Music features on L request frames."""

    exists: Bools
    """(L,)"""
    features: Floats
    """(L, 35) onset envelope 1, MFCC 20, chroma CENS 12, onset peak 1, beat 1"""
    weight: Floats
    """(L,)"""


@dataclass(frozen=True, eq=False)
class ResolvedText:
    """K prompts: token states and windows."""

    states: Floats
    """(K, S, D) token states, padding zeroed"""
    spans: tuple[Span, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class ResolvedConditions:
    """A request and the arrays its media and prompts became. Keys and waypoints stay in ``request``."""

    request: GenerationRequest
    video: ResolvedVideo | None = None
    music: ResolvedMusic | None = None
    text: ResolvedText | None = None
    notes: tuple[str, ...] = field(default=())
    """Sentences about what could not be used, shown to the user with the result."""
