"""``genmo-studio check-reference``: run the public release's cases through our code and compare.

Vectors are arrays named ``case_group_name`` (see MODEL.md section 7). Groups: ``in`` (derived inputs), ``out`` (fused
conditions), ``est`` (one estimation pass), ``t400`` (one pass at step 400), ``ddim50`` (guided sampling), ``dec``
(decoded channels), ``world`` (roll-out) and ``incam`` (translation in the camera).
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genmo_studio.model.checkpoint import CheckpointError, LoadedModel, load_release
from genmo_studio.model.conditioning import Conditions, no_conditions
from genmo_studio.model.network import DenoiserOutput, TextContext
from genmo_studio.model.observations import cliff_camera, normalised_keypoints
from genmo_studio.model.sampler import Predict, ddim, estimate, guided, plain
from genmo_studio.motion.release_rollout import release_world_rollout
from genmo_studio.motion.representation import Features, camera_translation, decode
from genmo_studio.motion.rotations import rotvec_from_matrix
from genmo_studio.values import replace

MAX_VECTORS_BYTES = 1024**3
GUIDANCE = 2.5
Errors = dict[str, float]
Case = Callable[[str], Tensor]


def check_reference(checkpoint: Path, vectors: Path, *, statistics: Path | None = None) -> Errors:
    """Largest absolute error of each group over all cases in the file.

    Raises CheckpointError with one sentence when either file cannot be used.
    """
    loaded = load_release(checkpoint, statistics=statistics)
    # In double precision, so that the difference shown is the vectors' own rounding and our mistakes, not our rounding.
    model = replace(loaded, network=loaded.network.double(), statistics=loaded.statistics.double())
    if vectors.stat().st_size > MAX_VECTORS_BYTES:
        raise CheckpointError(f"{vectors.name} is larger than 1 GB and was not opened")
    errors: Errors = defaultdict(float)
    try:
        with np.load(vectors, allow_pickle=False) as file:
            names = sorted({name.split("_", 1)[0] for name in file.files})
            for name in names:
                arrays = {k.removeprefix(f"{name}_"): file[k] for k in file.files if k.startswith(f"{name}_")}
                with torch.no_grad():
                    for key, value in _run_case(model, arrays):
                        if key in arrays:
                            group = re.split("_", key, maxsplit=1)[0]
                            difference = np.abs(value.numpy() - arrays[key]).max()
                            errors[group] = max(errors[group], float(difference))
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        raise CheckpointError(f"{vectors.name} does not hold reference vectors of this form: {error}") from error
    return dict(errors)


def _conditions(model: LoadedModel, get: Case, has: Callable[[str], bool], length: int) -> Conditions:
    base = no_conditions(1, length, config=model.config)
    obs, _ = normalised_keypoints(get("in_kp2d"), get("in_bbx_xys"))
    turn = (get("in_cam_angvel") - model.statistics.camera_mean) / model.statistics.camera_std
    return replace(
        base,
        obs=obs,
        obs_visible=get("in_j2d_visible_mask"),
        cliffcam=cliff_camera(get("in_bbx_xys"), get("in_K_fullimg")),
        cam_angvel=turn,
        image=get("in_f_imgseq") if has("in_f_imgseq") else base.image,
        music=get("in_music_embed") if has("in_music_embed") else base.music,
        has_2d=get("in_has_2d_mask"),
        has_camera=get("in_has_cam_mask"),
        has_image=get("in_has_img_mask"),
        has_music=get("in_has_music_mask"),
        has_speech=get("in_has_audio_mask"),
    )


def _text(model: LoadedModel, get: Case, has: Callable[[str], bool], length: int) -> tuple[TextContext, TextContext]:
    if has("in_text_embed"):
        states = get("in_text_embed")[None]
        start = (get("in_window_start") * length).round().long()
        stop = (get("in_window_end") * length).round().long()
        frame = torch.arange(length)
        windows = ((frame >= start[:, None]) & (frame < stop[:, None])).double()[None]
    else:
        states, windows = get("in_encoded_text")[:, None], torch.ones(1, 1, length, dtype=torch.float64)
    denoiser = model.network.denoiser
    return denoiser.text_context(states, windows), denoiser.text_context(torch.zeros_like(states), windows)


def _run_case(model: LoadedModel, arrays: dict[str, np.ndarray]) -> Iterator[tuple[str, Tensor]]:
    def get(name: str) -> Tensor:
        value = torch.from_numpy(arrays[name])
        return value.double() if value.is_floating_point() else value

    noise = get("in_noise")
    length = noise.shape[1]
    conditions = _conditions(model, get, arrays.__contains__, length)
    yield "in_obs", conditions.obs
    yield "in_f_cliffcam", conditions.cliffcam
    yield "in_f_cam_angvel", conditions.cam_angvel
    encoder, denoiser = model.network.conditions, model.network.denoiser
    fused, uncond = encoder(conditions), encoder(conditions.without_weak())
    yield "out_f_cond", fused
    yield "out_f_uncond", uncond
    yield "out_f_empty", encoder(conditions.empty())
    text, no_text = _text(model, get, arrays.__contains__, length)
    predict = plain(denoiser, fused=fused, text=text)
    yield from _named(
        "est", estimate(predict, (1, length, 151), schedule=model.schedule, device=noise.device, dtype=noise.dtype)
    )
    yield from _named("t400", predict(get("in_xt"), torch.tensor([400])))
    predict = guided(denoiser, fused=fused, fused_uncond=uncond, text=text, text_uncond=no_text, scale=GUIDANCE)
    yield from _sampled(model, predict, noise)
    if "ddim50_x0" in arrays:  # decoded from the vectors' own x0, so that each group is judged by itself
        yield from _decoded(model, get("ddim50_x0"), get)


def _named(group: str, out: DenoiserOutput) -> Iterator[tuple[str, Tensor]]:
    yield f"{group}_pred_x_start", out.x0
    yield f"{group}_pred_cam", out.camera
    yield f"{group}_static_conf_logits", out.static_logits
    yield f"{group}_pred_context", out.hidden


def _sampled(model: LoadedModel, predict: Predict, noise: Tensor) -> Iterator[tuple[str, Tensor]]:
    *_, last = ddim(predict, noise, schedule=model.schedule, count=50)
    yield "ddim50_x0", last.output.x0
    yield "ddim50_sample", last.sample
    yield "ddim50_pred_cam", last.output.camera
    yield "ddim50_static_conf_logits", last.output.static_logits


def _rotvec_near(matrix: Tensor, reference: Tensor) -> Tensor:
    """Rotation vector of the same rotation whose turn is written as the reference writes it (angle may pass pi)."""
    vector = rotvec_from_matrix(matrix)
    angle = vector.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    other = vector * (1 - 2 * torch.pi / angle)
    nearer = (other - reference).norm(dim=-1, keepdim=True) < (vector - reference).norm(dim=-1, keepdim=True)
    return torch.where(nearer, other, vector)


def _decoded(model: LoadedModel, x0: Tensor, get: Case) -> Iterator[tuple[str, Tensor]]:
    features: Features = decode(model.statistics.restore(x0))
    pose = get("dec_body_pose")
    yield "dec_body_pose", _rotvec_near(features.body_pose, pose.reshape(*pose.shape[:-1], 21, 3)).flatten(-2)
    yield "dec_betas", features.betas
    yield "dec_global_orient", _rotvec_near(features.global_orient, get("dec_global_orient"))
    yield "dec_global_orient_gv", _rotvec_near(features.global_orient_gv, get("dec_global_orient_gv"))
    yield "dec_local_transl_vel", features.local_transl_vel
    # The release's own rounding, so that a mistake is told from float32 noise that adds up over hundreds of frames.
    orient, translation = release_world_rollout(
        global_orient=get("dec_global_orient").float(),
        global_orient_gv=get("dec_global_orient_gv").float(),
        cam_angvel=get("in_cam_angvel").float(),
        local_transl_vel=features.local_transl_vel.float(),
    )
    reference = get("world_global_orient")
    yield "world_global_orient", _rotvec_near(orient, reference)
    yield "world_transl", translation
    yield "incam_transl", camera_translation(get("ddim50_pred_cam"), get("in_bbx_xys"), get("in_K_fullimg"))
