"""From media to conditions: the pose of a real body, cut and stretched clips, and what cannot be had."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, MediaCondition, Regeneration, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TempoScale
from genmo_studio.document.time import Span
from genmo_studio.extract.camera import CameraTurn, guess_intrinsics
from genmo_studio.extract.known_video import KeypointTrack
from genmo_studio.extract.music import BEAT
from genmo_studio.extract.pose2d import BlazePose, PoseError, PoseObservation
from genmo_studio.extract.resolve import resolve, source_positions
from genmo_studio.extract.video import assemble, extract_video, person_box, same_sides
from genmo_studio.extract.warp import square_crop
from genmo_studio.media.files import sha256_of
from genmo_studio.values import replace

SHARED = Path(__file__).parents[2] / "shared" / "media"


def write_video(path, images):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "12", "preset": "veryfast"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")))
        container.mux(stream.encode())
    return path


@dataclass
class BrightSpot:
    """A small detector of its own kind: all 17 points surround the one bright square of the picture."""

    name: str = "bright-spot"
    looked: int = 0

    def estimate(self, image):
        self.looked += 1
        rows, columns = np.nonzero(image[..., 0] > 180)
        if not len(rows):
            return None
        around = np.stack(np.meshgrid([-8, -4, 0, 4, 8], [-10, -3, 3, 10]), -1).reshape(-1, 2)[:17]
        points = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) + around
        return PoseObservation(np.concatenate([points, np.full((17, 1), 0.9)], 1).astype(np.float32), 0.9)

    def reset(self):
        """It remembers nothing."""


SPEED = 4  # pixels a frame


@pytest.fixture(scope="module")
def spot(tmp_path_factory):
    """60 frames on a still, textured background: a square moves to the right; hidden in frames 20-22 and 40-55."""
    background = np.random.default_rng(0).integers(0, 120, (12, 40))
    background = np.kron(background, np.ones((12, 12)))[:, :400, None].repeat(3, 2).astype(np.uint8)
    images = []
    for frame in range(60):
        image = background.copy()
        if not (20 <= frame < 23 or 40 <= frame < 56):
            image[60:72, 20 + SPEED * frame : 32 + SPEED * frame] = 250
        images.append(image)
    return write_video(tmp_path_factory.mktemp("m") / "spot.mp4", images)


def centre(keypoints: np.ndarray) -> np.ndarray:
    return keypoints[..., :15, 0].mean(axis=-1)  # three whole rows of five


def last(steps):
    """The result of an extractor, whose other items are progress."""
    items = list(steps)
    assert all(isinstance(item, Progress) and 0 <= item.fraction <= 1 for item in items[:-1])
    return items[-1]


def test_a_video_becomes_a_track_once(spot, tmp_path):
    backend = BrightSpot()
    track = last(extract_video(spot, cache=tmp_path, backend=backend))
    assert isinstance(track, KeypointTrack)
    assert np.flatnonzero(~track.found).tolist() == list(range(40, 56))  # three frames are bridged, sixteen are not
    shown = np.flatnonzero(track.found)
    assert centre(track.keypoints)[shown] == pytest.approx(26 + SPEED * shown, abs=2.5)
    assert track.keypoints[21, :, 2].max() < 0.5 < track.keypoints[10, :, 2].min()
    assert np.abs(np.diff(track.bbox_xys[:, 0])).max() < 3 * SPEED  # no jump over the gap
    assert track.bbox_xys[5:15, 2] == pytest.approx(1.2 * 16 / 0.75, rel=0.1)
    assert (track.camera_moves, track.size) == (False, (400, 144))
    assert any("19 of 60 frames" in note for note in track.notes)
    again = last(extract_video(spot, cache=tmp_path, backend=backend))
    assert backend.looked == 60
    assert np.array_equal(again.keypoints, track.keypoints)
    assert again.notes == track.notes


def test_a_video_without_anybody_says_so():
    nobody = np.zeros((5, 17, 3), np.float32)
    camera = CameraTurn(np.tile(np.eye(3, dtype=np.float32), (5, 1, 1)), moves=False, uncertain=5)
    track = assemble(nobody, camera, intrinsics=guess_intrinsics(640, 480), size=(640, 480), name="a.mp4")
    assert not track.found.any()
    assert track.bbox_xys[0].tolist() == [320, 240, 640]
    assert track.notes[0] == "Nobody was found in a.mp4; it does not guide the motion."
    assert person_box(nobody[0]) is None


def test_frames_that_take_left_for_right_are_put_right():
    rng = np.random.default_rng(1)
    figure = rng.uniform(0, 300, (17, 2))
    true = np.zeros((80, 17, 3), np.float32)
    true[..., :2] = figure + np.arange(80)[:, None, None] * 3 + rng.normal(0, 2, (80, 17, 2))
    true[..., 2] = 0.9
    flipped = true.copy()
    mirrored = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    for frame in (7, 20, 21, 22, 23, 60):
        flipped[frame] = true[frame][mirrored]
    assert np.array_equal(same_sides(flipped), true)
    flipped[30:] = flipped[30:, mirrored]  # it lasts: nobody can tell, and the network is believed
    flipped[:, :, 2] *= (np.arange(80) != 30)[:, None]  # after a frame without anybody
    assert np.array_equal(same_sides(flipped)[32:, :, :2], true[32:, mirrored, :2])


@given(
    start=st.integers(-20, 20), length=st.integers(1, 40), source=st.integers(0, 50), source_length=st.integers(1, 80)
)
def test_source_positions_keep_proportion(start, length, source, source_length):
    span, part = Span(start, start + length), Span(source, source + source_length)
    here, at = source_positions(span, part, frames=30)
    assert here.tolist() == [f for f in range(30) if f in span]
    assert (np.diff(at) > 0).all()
    assert ((at > source - 1) & (at < source + source_length)).all()
    if length == source_length:
        assert at.tolist() == (source + here - start).tolist()


def resolved(request, cache, **more) -> ResolvedConditions:
    return last(resolve(request, cache=cache, text_encoder=more.pop("text_encoder", "minilm"), **more))


def clip(path, span, source, **more) -> MediaCondition:
    return MediaCondition(str(path), sha256_of(path), Span(*span), Span(*source), **more)


def test_video_clips_are_cut_stretched_and_laid_over_each_other(spot, tmp_path):
    request = GenerationRequest(
        frames=80,
        videos=(
            clip(spot, (60, 90), (0, 15)),  # half speed, and it ends after the request
            clip(spot, (0, 30), (2, 32), weight=0.5),
            clip(spot, (-5, 10), (25, 40)),  # begins before the request; heavier, so it wins where both are
            clip(spot, (40, 44), (40, 44)),  # nobody is there
        ),
    )
    video = resolved(request, tmp_path, pose=BrightSpot()).video
    assert video is not None
    assert np.flatnonzero(video.exists).tolist() == [*range(30), *range(60, 80)]
    source = np.concatenate([30 + np.arange(10), 2 + np.arange(10, 30), (np.arange(20) + 0.5) / 2 - 0.5])
    source[-20] = 0  # a quarter of a frame before the first
    calm = ~np.isin(source, [18, 19, 20, 21, 22, 23, 24, 39])  # beside gaps the smoothing leans to one side
    found = centre(video.keypoints)[video.exists]
    assert found[calm] == pytest.approx(26 + SPEED * source[calm], abs=1.6)
    assert np.unique(video.weight[:10]).tolist() == [1.0]
    assert np.unique(video.weight[10:30]).tolist() == [0.5]
    assert not video.keypoints[~video.exists].any()
    assert np.allclose(video.camera_rotations, np.eye(3))
    assert (video.intrinsics[:, 0, 0] > 1).all()


def test_what_cannot_be_had_becomes_a_sentence_and_the_rest_goes_on(spot, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film" * 50)
    gone = MediaCondition(str(tmp_path / "gone.mp4"), "0" * 64, Span(0, 10), Span(0, 10))
    request = GenerationRequest(
        frames=20,
        texts=(TextCondition("jump", Span(0, 20)), TextCondition("  ", Span(0, 5))),
        videos=(gone, clip(broken, (0, 10), (0, 10)), clip(spot, (5, 15), (0, 10))),
        music=(clip(broken, (0, 20), (0, 20)), clip(spot, (0, 20), (0, 20))),
    )
    found = resolved(request, tmp_path, pose=BrightSpot(), text_encoder="t5")
    assert found.video is not None
    assert np.flatnonzero(found.video.exists).tolist() == list(range(5, 15))
    assert (found.text, found.music) == (None, None)
    notes = " ".join(found.notes)
    for part in ("gone.mp4 is not where it was", "broken.mp4", "spot.mp4 holds no sound", "T5"):
        assert part in notes
    assert all(note.endswith(".") for note in found.notes)
    with pytest.raises(PoseError, match=r"vendor_pose\.py"):
        BlazePose(tmp_path)
    changed = GenerationRequest(frames=5, videos=(MediaCondition(str(spot), "f" * 64, Span(0, 5), Span(0, 5)),))
    assert "has changed since it was added" in resolved(changed, tmp_path, pose=BrightSpot()).notes[0]
    nothing = resolved(GenerationRequest(frames=5), tmp_path)
    assert (nothing.video, nothing.music, nothing.text, nothing.notes) == (None, None, None, ())


def test_a_film_that_has_no_part_in_what_is_made_anew_is_not_remarked_upon(spot, tmp_path):
    whole = GenerationRequest(frames=100, videos=(clip(spot, (0, 60), (0, 60)),))
    (note,) = resolved(whole, tmp_path, pose=BrightSpot()).notes
    assert "19 of 60 frames" in note
    for span, told in ((Span(50, 90), (note,)), (Span(60, 90), ())):
        asked = replace(whole, regeneration=Regeneration(base="0" * 64, span=span))
        assert resolved(asked, tmp_path, pose=BrightSpot()).notes == told


def test_music_and_prompts_reach_their_frames(tmp_path):
    rate, beat = 15_360, 15
    sound = np.zeros(rate * 12, np.float32)
    burst = np.random.default_rng(0).standard_normal(600) * np.exp(-np.arange(600) / 120)
    for start in range(beat * 512, len(sound) - 600, beat * 512):
        sound[start : start + 600] += burst
    song = tmp_path / "song.flac"
    soundfile.write(song, sound * 0.2, rate)
    request = GenerationRequest(
        frames=200,
        texts=(TextCondition("a person walks", Span(0, 120)), TextCondition("wave " * 50, Span(60, 200), 0.5)),
        music=(clip(song, (20, 120), (100, 200)), clip(song, (120, 180), (100, 220), tempo=TempoScale.DOUBLE)),
    )
    found = resolved(request, tmp_path)
    music, text = found.music, found.text
    assert np.flatnonzero(music.exists).tolist() == list(range(20, 180))
    beats = np.flatnonzero(music.features[20:120, BEAT]) + 20
    offset = (beats - 20 + 100) % beat
    assert (np.minimum(offset, beat - offset) <= 1).all()
    assert 6 <= len(beats) <= 7
    assert music.features[120:180, BEAT].sum() == pytest.approx(120 / beat * 2, abs=2)  # none is lost at double speed
    assert text.states.shape == (2, 32, 384)
    assert (text.spans, text.weights) == ((Span(0, 120), Span(60, 200)), (1.0, 0.5))
    assert any("longer than the model reads" in note for note in found.notes)


def test_a_crop_shows_what_is_there_at_any_scale_and_angle():
    rows, columns = np.mgrid[:300, :500]
    image = np.stack([columns * 0.5, rows * 0.5, np.full_like(rows, 50.0)], -1).astype(np.uint8)
    for side, angle in ((64.0, 0.0), (200.0, 0.7), (250.0, np.pi / 2)):
        crop, to_image = square_crop(image, centre=np.array([250.0, 150.0]), side=side, angle=angle, size=64)
        x, y = np.meshgrid(np.arange(64) + 0.5, np.arange(64) + 0.5)
        at = np.stack([x, y], -1) @ to_image[:, :2].T + to_image[:, 2]
        inside = ((at > 3) & (at < [497, 297])).all(-1)
        assert np.abs(crop[..., :2] - (at - 0.5) * 0.5)[inside].max() < 1.0
    far, _ = square_crop(image, centre=np.array([-500.0, 0.0]), side=100, angle=0, size=8)
    assert not far.any()


def test_the_pose_of_a_drawn_body_is_found_where_its_joints_are():
    """Closed loop: the studio's own body, drawn from a known camera, through the real networks."""
    if not (paths.assets() / "body" / "genmo_free.npz").is_file():
        pytest.skip("the free body is not in assets/body")
    from genmo_studio.motion.body import joint_positions, load_body
    from genmo_studio.motion.motion import Motion
    from genmo_studio.render.egl import NoContextError
    from genmo_studio.render.motion_scene import MotionScene
    from genmo_studio.render.offscreen import OffscreenContext

    frames, size = 6, (640, 720)
    body = load_body("genmo-free")
    rotations = np.zeros((frames, 24, 3), np.float32)
    swing = np.linspace(0, 1, frames)
    rotations[:, 16, 2], rotations[:, 17, 2] = -1.1 + 0.4 * swing, 1.1 - 1.0 * swing  # arms down, one rising
    rotations[:, 1, 0], rotations[:, 4, 0] = -0.5 * swing, 0.6 * swing
    translation = np.zeros((frames, 3), np.float32)
    translation[:, 1] = 0.95
    motion = Motion(rotations=rotations, translation=translation, betas=np.zeros(10, np.float32))
    scene = MotionScene(body, motion)
    camera = scene.camera(aspect=size[0] / size[1])
    joints = joint_positions(motion, body)
    try:
        context = OffscreenContext()
    except NoContextError as error:
        pytest.skip(str(error))
    with context:
        images = [context.render(scene.at(frame), camera, *size)[..., :3] for frame in range(frames)]
    project = camera.projection_matrix(size) @ camera.view_matrix()
    clip_space = np.concatenate([joints, np.ones((frames, 24, 1))], -1) @ project.T
    pixels = (clip_space[..., :2] / clip_space[..., 3:] * [1, -1] + 1) / 2 * size
    pose = BlazePose()
    found = [pose.estimate(image) for image in images]
    assert all(observation is not None for observation in found)
    smpl = [16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8]
    error = np.array(
        [np.linalg.norm(o.keypoints[5:, :2] - p[smpl], axis=1) for o, p in zip(found, pixels, strict=True)]
    )
    height = np.ptp(pixels[0, :, 1])
    assert error.mean() < 0.03 * height
    assert error.max() < 0.12 * height


def test_a_real_person_is_found_on_real_film(tmp_path):
    film = SHARED / "video" / "sports2d_demo.mp4"
    if not film.is_file():
        pytest.skip("the test films are not beside this checkout")
    from genmo_studio.media.video import VideoReader

    pose = BlazePose()
    with VideoReader(film) as reader:
        found = [pose.estimate(reader.frame_at(frame)) for frame in range(0, 15, 3)]
    assert all(observation is not None and observation.score > 0.8 for observation in found)
    points = np.array([observation.keypoints for observation in found])
    hips, head, ankles = points[:, 11:13, :2].mean((0, 1)), points[:, 0, :2].mean(0), points[:, 15:, :2].mean((0, 1))
    assert hips == pytest.approx([657, 280], abs=25)  # where a person looked at the picture and saw them
    assert head[1] < 200 < hips[1] < ankles[1]
    assert np.linalg.norm(np.diff(points[:, 5:, :2], axis=0), axis=-1).max() < 150  # an arm is being raised
