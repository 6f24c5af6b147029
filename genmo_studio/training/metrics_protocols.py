"""Figures of merit as the protocols of the literature define them. Joints and vertices in metres, y up.

In-betweening: Harvey et al. 2020. World motion: EMDB's protocol, in the form that WHAM and later work score it. Dance:
Li et al. 2021 (beat alignment) and Tseng et al. 2022 (physical foot contact). Text: Guo et al. 2022.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from scipy.ndimage import gaussian_filter1d
from scipy.signal import argrelextrema

from genmo_studio.motion.body import Body, skin
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.shapes import Float, Int
from genmo_studio.training import metrics

Floats = NDArray[np.floating[Any]]

SMPL_FOOT_VERTICES = (3216, 3387, 6617, 6787)
SMPL_VERTICES = 6890
REST_STEP = 0.01
"""Metres a frame below which a foot point of the truth counts as planted (EMDB's protocol)."""
BEAT_SIGMA, SPEED_SIGMA = 3.0, 5.0
"""Frames: tolerance of a beat, and filter over the mean joint speed whose minima are the dance's beats."""
_TINY = 1e-12


def npss(predicted: Float[Floats, "windows frames channels"], truth: Float[Floats, "windows frames channels"]) -> float:
    """Normalised power spectrum similarity of rotations over a gap (Gopalakrishnan et al. 2019, as LaFAN1 scores it).

    Distance between the cumulated power spectra over time of each channel, weighted by the truth's power.
    """
    powers = [np.square(np.real(np.fft.fft(np.asarray(x, np.float64), axis=1))) for x in (predicted, truth)]
    totals = [power.sum(axis=1) for power in powers]
    shares = [power / np.maximum(total[:, None], _TINY) for power, total in zip(powers, totals, strict=True)]
    distance = np.abs(np.cumsum(shares[0] - shares[1], axis=1)).sum(axis=1)
    return float(np.average(distance, weights=totals[1]))


def hip_aligned_mpjpe(predicted: Float[Floats, "frames 24 3"], truth: Float[Floats, "frames 24 3"]) -> float:
    """MPJPE (m) of 24 joints after the middles of the hips are moved together in every frame."""
    hips = [INDEX["left_hip"], INDEX["right_hip"]]
    a, b = (x - x[:, hips].mean(axis=1, keepdims=True) for x in (predicted, truth))
    return float(np.linalg.norm(a - b, axis=-1).mean())


def root_translation_error(predicted: Float[Floats, "frames 3"], truth: Float[Floats, "frames 3"]) -> float:
    """RTE, %: mean root error after one rigid alignment (no scale) of the whole path, over the length of the true path.

    0 where the true root does not move at all.
    """
    length = float(np.linalg.norm(np.diff(truth, axis=0), axis=-1).sum())
    if length <= 0:
        return 0.0
    moved = metrics.rigidly_aligned(predicted, truth)
    return float(100 * np.linalg.norm(moved - truth, axis=-1).mean() / length)


def foot_vertices(body: Body) -> tuple[int, ...]:
    """Four vertices: two of the left sole, two of the right. EMDB's own for SMPL's mesh, heel and toe tip otherwise."""
    if len(body.v_template) == SMPL_VERTICES:
        return SMPL_FOOT_VERTICES
    owner = body.weights.argmax(axis=1)
    found: list[int] = []
    for ankle, toe in (("left_ankle", "left_foot"), ("right_ankle", "right_foot")):
        own = np.flatnonzero(np.isin(owner, (INDEX[ankle], INDEX[toe])))
        height = body.v_template[own, 1]
        sole = own[height <= np.quantile(height, 0.3)]
        found += [int(sole[body.v_template[sole, 2].argmin()]), int(sole[body.v_template[sole, 2].argmax()])]
    return tuple(found)


def foot_sliding(predicted: Motion, truth: Motion, body: Body, *, true_body: Body | None = None) -> float:
    """Mean step (mm a frame) of the predicted foot points in frames in which the true ones rest (EMDB's protocol).

    ``true_body`` is whom the truth is of, where that is not ``body``.
    """
    ours, theirs = (
        np.diff(skin(of, m)[:, list(foot_vertices(of))].astype(np.float64), axis=0)
        for of, m in ((body, predicted), (true_body or body, truth))
    )
    resting = np.linalg.norm(theirs, axis=-1) < REST_STEP
    return float(1e3 * np.linalg.norm(ours, axis=-1)[resting].mean()) if resting.any() else 0.0


def emdb_figures(
    predicted: Motion,
    truth: Motion,
    *,
    predicted_joints: Float[Floats, "frames 24 3"],
    true_joints: Float[Floats, "frames 24 3"],
    body: Body,
    true_body: Body | None = None,
) -> dict[str, float]:
    """The world figures of EMDB's protocol, in its units: mm, %, mm a frame, and jitter in 10 m/s^3.

    24 joints; WA- and W-MPJPE over segments of 100 frames, aligned with scale by all or by the first two of them.
    """
    whole, first = metrics.world_mpjpe(predicted_joints, true_joints, segment=100)
    return {
        "mpjpe_mm": 1e3 * hip_aligned_mpjpe(predicted_joints, true_joints),
        "pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(predicted_joints, true_joints),
        "accel_m_s2": metrics.acceleration_error(predicted_joints, true_joints),
        "wa_mpjpe100_mm": 1e3 * whole,
        "w_mpjpe100_mm": 1e3 * first,
        "rte_percent": root_translation_error(predicted_joints[:, 0], true_joints[:, 0]),
        "foot_sliding_mm": foot_sliding(predicted, truth, body, true_body=true_body),
        "jitter_10_m_s3": metrics.jitter(predicted_joints) / 10,
        "jitter_real_10_m_s3": metrics.jitter(true_joints) / 10,
    }


def dance_beats(positions: Float[Floats, "frames joints 3"]) -> Int[NDArray[np.int64], " beats"]:
    """Frames at which the filtered mean joint speed has a minimum."""
    speed = np.linalg.norm(np.diff(np.asarray(positions, np.float64), axis=0), axis=-1).mean(axis=1)
    return np.asarray(argrelextrema(gaussian_filter1d(speed, SPEED_SIGMA), np.less)[0], np.int64)


def beat_alignment(music: Int[NDArray[np.int64], " beats"], dance: Int[NDArray[np.int64], " beats"]) -> float | None:
    """BAS, 0..1: how near a beat of the dance is to each beat of the music; None where the music has none."""
    if len(music) == 0:
        return None
    if len(dance) == 0:
        return 0.0
    nearest = np.abs(music[:, None] - dance[None]).min(axis=1).astype(np.float64)
    return float(np.exp(-(nearest**2) / (2 * BEAT_SIGMA**2)).mean())


def physical_foot_contact(positions: Float[Floats, "frames 24 3"], *, fps: float = 30.0) -> float:
    """PFC: what speeds the root up should be a foot that stands; lower is more plausible.

    Mean of root acceleration (its downward part set to 0, over its largest value) times the slower of ankle and toe of
    each foot, m a frame, times 10,000. 0 for motions without any acceleration.
    """
    x = np.asarray(positions, np.float64)
    if len(x) < 3:
        return 0.0
    acceleration = np.diff(x[:, 0], n=2, axis=0) * fps**2
    acceleration[:, 1] = np.maximum(acceleration[:, 1], 0)
    size = np.linalg.norm(acceleration, axis=-1)
    steps = np.linalg.norm(np.diff(x[1:][:, [7, 10, 8, 11]][..., [0, 2]], axis=0), axis=-1)
    left, right = steps[:, :2].min(axis=1), steps[:, 2:].min(axis=1)
    return float(1e4 * (left * right * size / max(float(size.max()), _TINY)).mean())


def kinetic_features(positions: Float[Floats, "frames joints 3"], *, fps: float = 30.0) -> Float[Floats, " channels"]:
    """Three numbers a joint (Onuma et al. 2008, as dance papers use them): the means over time of the squared speed
    over the ground and up and down ((m/s)^2), and of the size of the acceleration (m/s^2). y is up.

    Raises ValueError below three frames.
    """
    x = np.asarray(positions, np.float64)
    if len(x) < 3:
        raise ValueError("kinetic features need three frames at least")
    velocity = np.diff(x, axis=0) * fps
    acceleration = np.diff(velocity, axis=0) * fps
    ground = np.square(velocity[..., [0, 2]]).sum(-1).mean(0)
    energy = np.linalg.norm(acceleration, axis=-1).mean(0)
    return np.stack([ground, np.square(velocity[..., 1]).mean(0), energy], axis=1).ravel()


def kinetic_frechet_distance(made: Float[Floats, "a channels"], real: Float[Floats, "b channels"]) -> float:
    """FIDk: ``frechet_distance`` of kinetic features in units of the real ones' mean and deviation.

    Means little below a few times as many motions as there are channels. Raises ValueError below two of either.
    """
    middle, spread = real.mean(axis=0), real.std(axis=0) + 1e-10
    return frechet_distance((made - middle) / spread, (real - middle) / spread)


def frechet_distance(made: Float[Floats, "a channels"], real: Float[Floats, "b channels"]) -> float:
    """FID: squared distance of two Gaussians fitted to features. Raises ValueError below two samples of either."""
    if min(len(made), len(real)) < 2:
        raise ValueError("a Frechet distance needs two samples of each kind at least")
    means = [x.mean(axis=0) for x in (made, real)]
    spread = [np.atleast_2d(np.cov(np.asarray(x, np.float64), rowvar=False)) for x in (made, real)]
    root = np.real(sqrtm(spread[0] @ spread[1]))
    distance = ((means[0] - means[1]) ** 2).sum() + np.trace(spread[0] + spread[1] - 2 * root)
    return float(max(distance, 0.0))


def r_precision(
    texts: Float[Floats, "samples channels"],
    motions: Float[Floats, "samples channels"],
    *,
    batch: int = 32,
    top: int = 3,
) -> list[float]:
    """Share of motions whose own text is among the 1, 2, .. ``top`` nearest of the texts of its batch of ``batch``.

    Samples that do not fill the last batch are left out. Raises ValueError below one batch.
    """
    batches = len(texts) // batch
    if batches == 0:
        raise ValueError(f"R-precision in batches of {batch} needs {batch} samples; there are {len(texts)}")
    hits = np.zeros(top)
    for index in range(batches):
        part = slice(index * batch, (index + 1) * batch)
        distance = np.linalg.norm(motions[part, None] - texts[None, part], axis=-1)
        # Ties count against the motion, so that features which say nothing score nothing.
        rank = (distance <= np.diag(distance)[:, None] + 1e-9).sum(axis=1) - 1
        hits += [(rank < k).sum() for k in range(1, top + 1)]
    return [float(value) for value in hits / (batches * batch)]


def mean_pair_distance(features: Float[Floats, "samples channels"], *, pairs: int = 300, seed: int = 0) -> float:
    """Diversity: mean distance of random pairs of samples; 0 below two samples."""
    if len(features) < 2:
        return 0.0
    rng = np.random.default_rng(seed)
    first = rng.integers(len(features), size=pairs)
    second = (first + rng.integers(1, len(features), size=pairs)) % len(features)
    return float(np.linalg.norm(features[first] - features[second], axis=-1).mean())
