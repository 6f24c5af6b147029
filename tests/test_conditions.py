"""From what the user made to what the model is told, and what is checked before."""

import math
import random
from collections.abc import Callable

import msgspec
import pytest
from document_cases import MEDIA, random_document, randoms
from hypothesis import given, settings

from genmo_studio.conditions.checks import check_conditions
from genmo_studio.conditions.compile import Compiled, compile_request
from genmo_studio.conditions.problem import Severity
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.table import MODALITIES
from genmo_studio.document import edits
from genmo_studio.document.edits import compose
from genmo_studio.document.model import (
    Document,
    Item,
    MusicClip,
    PoseKey,
    TakeMode,
    TempoScale,
    TextClip,
    TrackKind,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import find_track
from genmo_studio.document.time import Span

FILES = {"clip": ("/media/clip.mp4", "c" * 64), "song": ("/media/song.ogg", "d" * 64)}


def project(*items: tuple[str, Item], length: int = 300) -> Document:
    """A document with one track for each kind, named by it, and these items."""
    document = Document(id="p", name="p", length=length, media=MEDIA)
    for kind in TrackKind:
        document = edits.add_track(kind, track_id=kind.value)(document)
    return compose(*(edits.add_item(track, item) for track, item in items))(document)


def compiled(document: Document, *, span: Span | None = None) -> GenerationRequest:
    return compile_request(document, span=span, locate=FILES.__getitem__).request


def text(name: str, start: int, stop: int, words: str = "a person walks") -> tuple[str, Item]:
    return "text", TextClip(id=name, span=Span(start, stop), text=words)


def test_every_kind_of_track_has_a_modality_and_a_field_of_the_request() -> None:
    of_the_result = {TrackKind.TWEAKS, TrackKind.LOCKS}  # the model is told neither
    assert set(MODALITIES) == set(TrackKind) - of_the_result
    assert {modality.field for modality in MODALITIES.values()} <= set(GenerationRequest.__struct_fields__)


def test_a_span_clips_conditions_and_counts_from_its_start() -> None:
    document = project(
        text("t", 50, 150),
        text("elsewhere", 220, 260),
        ("video", VideoClip(id="v", span=Span(80, 140), media="clip", source=Span(100, 220), weight=0.5)),
        ("music", MusicClip(id="m", span=Span(0, 300), media="song", source=Span(30, 330), tempo=TempoScale.HALF)),
        ("full_keys", PoseKey(id="k", frame=120, rotations={"pelvis": (0, 1, 0)}, root_position=(0, 1, 2))),
        ("full_keys", PoseKey(id="before", frame=99, rotations={"pelvis": (0, 1, 0)})),
        ("partial_keys", PoseKey(id="q", frame=199, positions={"left_wrist": (0, 1, 0)})),
        ("path", Waypoint(id="w", frame=100, position=(3, 4), heading=1)),
        ("path", Waypoint(id="after", frame=200, position=(3, 4))),
    )
    request = compiled(document, span=Span(100, 200))
    assert (request.frames, request.start) == (100, 100)
    assert [(t.text, t.span) for t in request.texts] == [("a person walks", Span(0, 50))]
    (video,) = request.videos
    assert (video.path, video.sha256) == FILES["clip"]
    assert (video.span, video.source, video.weight) == (Span(0, 40), Span(140, 220), 0.5)  # double speed
    (music,) = request.music
    assert (music.span, music.source, music.tempo) == (Span(0, 100), Span(130, 230), TempoScale.HALF)
    assert [(pose.frame, set(pose.rotations), set(pose.positions)) for pose in request.poses] == [
        (20, {"pelvis"}, set()),
        (99, set(), {"left_wrist"}),
    ]
    assert [(point.frame, point.position, point.heading) for point in request.waypoints] == [(0, (3, 4), 1)]


def test_settings_come_from_the_document_unless_given() -> None:
    document = edits.change_generation(seed=5, steps=12, guidance=3.0, model="tiny", foot_lock=0.5)(project())
    request = compiled(document)
    assert (request.seed, request.steps, request.guidance, request.model) == (5, 12, 3.0, "tiny")
    assert (request.foot_lock, request.mode, request.frames) == (0.5, TakeMode.FULL, 300)
    given_all = compile_request(
        document, locate=FILES.__getitem__, mode=TakeMode.DRAFT, seed=0, model="other", steps=1, guidance=0.0
    ).request
    assert (given_all.seed, given_all.steps, given_all.guidance, given_all.model) == (0, 1, 0.0, "other")
    assert given_all.mode is TakeMode.DRAFT
    for span in (Span(5, 5), Span(-1, 5)):
        with pytest.raises(ValueError, match="no frames"):
            compile_request(document, span=span, locate=FILES.__getitem__)


def test_mute_solo_weight_and_hiding() -> None:
    document = project(
        text("a", 0, 50, "one"),
        text("b", 60, 90, "two"),
        ("path", Waypoint(id="w", frame=5, position=(0, 0))),
    )

    def heard(*changes: edits.Edit) -> tuple[list[str], int]:
        request = compiled(compose(*changes)(document))
        return [text.text for text in request.texts], len(request.waypoints)

    assert heard() == (["one", "two"], 1)
    assert heard(edits.set_muted(["a"], muted=True)) == (["two"], 1)
    assert heard(edits.set_weight(["a", "w"], 0)) == (["two"], 0)
    assert heard(edits.set_track_flags("text", muted=True)) == ([], 1)
    assert heard(edits.set_track_flags("text", solo=True)) == (["one", "two"], 0)
    assert heard(edits.set_track_flags("path", solo=True)) == ([], 1)
    assert heard(edits.set_track_flags("text", solo=True, muted=True)) == ([], 0)
    assert heard(edits.set_track_flags("text", hidden=True), edits.set_track_flags("path", locked=True)) == (
        ["one", "two"],
        1,
    )


def _missing(error: Exception) -> Callable[[str], tuple[str, str]]:
    def locate(media: str) -> tuple[str, str]:
        if media == "clip":
            raise error
        return FILES[media]

    return locate


@pytest.mark.parametrize("error", [KeyError("clip"), FileNotFoundError("clip.mp4")])
def test_missing_media_leave_a_note_and_the_rest(error: Exception) -> None:
    document = project(
        text("t", 0, 50),
        ("video", VideoClip(id="v", span=Span(20, 60), media="clip", source=Span(0, 40))),
        ("video", VideoClip(id="later", span=Span(200, 240), media="clip", source=Span(0, 40))),
        ("music", MusicClip(id="m", span=Span(0, 60), media="song", source=Span(0, 60))),
    )
    result: Compiled = compile_request(document, span=Span(0, 50), locate=_missing(error))
    assert result.request.videos == ()
    assert len(result.request.music) == len(result.request.texts) == 1
    assert result.notes == (
        "The video “clip.mp4” was not found, so frames 20 to 49 are made without it; relink it to use it.",
    )


def test_what_says_nothing_is_left_out() -> None:
    document = project(
        text("t", 0, 50, "   "),
        ("full_keys", PoseKey(id="k", frame=3, rotations={"left_hand": (0, 0, 1), "tail": (0, 0, 1)})),
        ("partial_keys", PoseKey(id="q", frame=4)),
        ("path", Waypoint(id="w", frame=5)),
    )
    result = compile_request(document, locate=FILES.__getitem__)
    assert (result.request.texts, result.request.poses, result.request.waypoints) == ((), (), ())
    assert result.notes == ("The key at frame 3 sets left_hand, tail, which this body cannot turn or place.",)


@given(randoms())
@settings(max_examples=60)
def test_only_what_matters_decides_the_request(rng: random.Random) -> None:
    """Names, colours, ids, markers, the result and where files lie change nothing; neither does moving everything."""
    document = random_document(rng)
    moved = compose(
        *(edits.rename_track(track.id, "x") for track in document.tracks),
        edits.set_track_colour("v1", "#000000"),
        edits.clear_result(Span(0, 400)),
        edits.delete_marker("a"),
        edits.rename_project("x"),
        edits.set_track_flags("t1", hidden=True, locked=True),
    )(document)
    same = compile_request(moved, locate=lambda media: (f"/other/{media}", FILES[media][1])).request
    assert same.hash == compiled(document).hash
    everything = [item.id for track in document.tracks for item in track.items]
    later = edits.move_items(everything, by=100)(document)
    shifted = compiled(later, span=Span(100, later.length + 100))
    assert shifted.hash == compiled(document, span=Span(0, later.length)).hash
    assert msgspec.json.decode(msgspec.json.encode(shifted), type=GenerationRequest) == shifted


@given(randoms())
@settings(max_examples=60)
def test_a_request_lies_inside_its_span_and_its_media_inside_their_clips(rng: random.Random) -> None:
    document = random_document(rng, most=6)
    start = rng.randrange(300)
    span = Span(start, start + rng.randrange(1, 200))
    request = compiled(document, span=span)
    whole = Span(0, span.length)
    sources = {(clip.media, clip.source) for track in document.tracks for clip in track.items
               if isinstance(clip, VideoClip | MusicClip)}  # fmt: skip
    for condition in (*request.texts, *request.videos, *request.music):
        assert condition.span.intersection(whole) == condition.span
    for media in (*request.videos, *request.music):
        name = "clip" if media in request.videos else "song"
        assert any(m == name and s.start <= media.source.start < media.source.stop <= s.stop for m, s in sources)
    for point in (*request.poses, *request.waypoints):
        assert point.frame in whole
    for field in ("poses", "waypoints"):
        frames = [condition.frame for condition in getattr(request, field)]
        assert frames == sorted(frames)


def test_the_upper_track_comes_last_where_only_one_can_hold() -> None:
    document = project(("full_keys", PoseKey(id="a", frame=5, rotations={"head": (0, 0, 1)})))
    document = compose(
        edits.add_track(TrackKind.FULL_KEYS, index=0, track_id="above"),
        edits.add_item("above", PoseKey(id="b", frame=5, rotations={"head": (0, 0, 2)})),
    )(document)
    assert [pose.rotations["head"][2] for pose in compiled(document).poses] == [1, 2]


# -- checks ------------------------------------------------------------------------------------------------------------

COVER = text("cover", 0, 300)


def sentences(document: Document, *, span: Span | None = None) -> list[str]:
    return [problem.sentence for problem in check_conditions(document, span=span)]


def test_a_sound_project_has_no_problems() -> None:
    items = [
        COVER,
        (
            "full_keys",
            PoseKey(id="k", frame=30, rotations={"pelvis": (0, math.tau + 0.5, 0)}, root_position=(0, 1, 0)),
        ),
        ("path", Waypoint(id="w", frame=30, position=(0, 0), heading=0.5)),
        ("path", Waypoint(id="w2", frame=60, position=(3, 3))),
    ]
    assert sentences(project(*items)) == []


@pytest.mark.parametrize(
    ("items", "words", "severity", "span", "ids"),
    [
        (
            [("full_keys", PoseKey(id="a", frame=9, rotations={"head": (0, 0, 0.1)})),
             ("partial_keys", PoseKey(id="b", frame=9, rotations={"head": (0, 0, 0.2)}))],
            "Two keys at frame 9 disagree about head", Severity.ERROR, Span(9, 10), {"a", "b"},
        ),
        (
            [("full_keys", PoseKey(id="a", frame=9, root_position=(0, 1, 0))),
             ("partial_keys", PoseKey(id="b", frame=9, root_position=(0, 1.02, 0)))],
            "the place of the pelvis", Severity.ERROR, Span(9, 10), {"a", "b"},
        ),
        (
            [("full_keys", PoseKey(id="a", frame=9, root_position=(0, 1, 0))),
             ("path", Waypoint(id="w", frame=9, position=(0.5, 0)))],
            "disagree about the place", Severity.ERROR, Span(9, 10), {"a", "w"},
        ),
        (
            [("full_keys", PoseKey(id="a", frame=9, rotations={"pelvis": (0, 3.1, 0)})),
             ("path", Waypoint(id="w", frame=9, heading=-1.0))],
            "disagree about the heading", Severity.ERROR, Span(9, 10), {"a", "w"},
        ),
        (
            [("path", Waypoint(id="a", frame=10, position=(0, 0))),
             ("path", Waypoint(id="b", frame=40, position=(12.1, 0)))],
            "12.1 m at 12 m/s", Severity.ERROR, Span(10, 41), {"a", "b"},
        ),
        (
            [("path", Waypoint(id="a", frame=10, position=(0, 0))),
             ("full_keys", PoseKey(id="b", frame=11, root_position=(3, 1, 4)))],
            "5.0 m at 150 m/s", Severity.ERROR, Span(10, 12), {"a", "b"},
        ),
        ([text("s", 0, 9)], "only 9 frames", Severity.WARNING, Span(0, 9), {"s"}),
        ([text("s", 0, 50, " ")], "empty", Severity.INFO, Span(0, 50), {"s"}),
        ([("partial_keys", PoseKey(id="k", frame=7))], "holds nothing", Severity.INFO, Span(7, 8), {"k"}),
        (
            [("video", VideoClip(id="a", span=Span(0, 50), media="clip", source=Span(0, 50))),
             ("video", VideoClip(id="b", span=Span(40, 90), media="clip", source=Span(0, 50)))],
            "overlap from frame 40 to 49", Severity.WARNING, Span(40, 50), {"a", "b"},
        ),
    ],
)  # fmt: skip
def test_each_problem_is_found_with_its_place(
    items: list[tuple[str, Item]], words: str, severity: Severity, span: Span, ids: set[str]
) -> None:
    document = project(COVER, *items)
    (problem,) = check_conditions(document)
    assert words in problem.sentence
    assert problem.sentence.endswith(".")
    assert (problem.severity, problem.span, set(problem.items)) == (severity, span, ids)
    assert check_conditions(edits.set_muted(ids, muted=True)(document)) == []  # what is not heard is no problem
    assert check_conditions(document, span=Span(200, 300)) == []


def test_waypoints_on_two_tracks_can_disagree() -> None:
    document = compose(
        edits.add_track(TrackKind.PATH, track_id="other"),
        edits.add_item("other", Waypoint(id="b", frame=4, heading=0.0)),
    )(project(COVER, ("path", Waypoint(id="a", frame=4, heading=math.tau - 0.001))))
    assert sentences(document) == []
    document = edits.set_waypoint("b", position=None, heading=0.1)(document)
    assert sentences(document) == ["Two waypoints at frame 4 disagree; the upper one is used."]


def test_frames_that_nothing_conditions_are_named() -> None:
    document = project(
        text("a", 20, 60),
        ("full_keys", PoseKey(id="k", frame=100, root_position=(0, 1, 0))),
        ("path", Waypoint(id="w", frame=140, position=(0, 0))),
        length=200,
    )
    spans = [problem.span for problem in check_conditions(document)]
    assert spans == [Span(0, 20), Span(60, 100), Span(141, 200)]  # between near keys the movement is asked for
    assert [problem.span for problem in check_conditions(document, span=Span(50, 110))] == [Span(60, 100)]
    assert len(check_conditions(project())) == 1


@given(randoms())
@settings(max_examples=60)
def test_open_spans_are_the_frames_without_a_clip_or_near_keys(rng: random.Random) -> None:
    document = random_document(rng)
    covered: set[int] = set()
    keys: set[int] = set()
    for track in document.tracks:
        for item in track.items:
            if track.kind not in MODALITIES or item.muted or not item.weight:
                continue
            if isinstance(item, PoseKey | Waypoint):
                keys.add(item.frame)
                covered.update(range(item.frame, item.frame + 1 + getattr(item, "hold", 0)))
            else:
                covered.update(range(item.span.start, item.span.stop))
    if keys:
        covered.update(range(min(keys), max(keys) + 1))  # all keys lie within 300 frames
    free = [p.span for p in check_conditions(document) if p.severity is Severity.INFO and "Nothing" in p.sentence]
    frames = [frame for span in free for frame in range(span.start, span.stop)]
    assert frames == [frame for frame in range(document.length) if frame not in covered]


def test_many_keys_compile_and_are_checked() -> None:
    document = project()
    keys = [PoseKey(id=f"{n}", frame=n, rotations={"head": (0.0, 0.0, 0.1)}, root_position=(n / 100, 1.0, 0.0))
            for n in range(20_000)]  # fmt: skip
    document = edits.add_items("full_keys", keys)(document)
    assert len(compiled(document, span=Span(5_000, 5_300)).poses) == 300
    assert [problem.sentence[:18] for problem in check_conditions(document)] == ["The next take is 6"]
    row = find_track(document, "full_keys")
    assert row is not None
    assert len(row.items) == 20_000
