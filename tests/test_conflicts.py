"""The check before a generation: impossible and doubtful conditions, with why and what to do; measured limits."""

import msgspec
import numpy as np
import pytest

from genmo_studio.conditions import holding, limits
from genmo_studio.conditions.checks import Known, check_conditions
from genmo_studio.conditions.memo import Memo
from genmo_studio.conditions.problem import Problem, Severity, worst
from genmo_studio.conditions.text import count_actions
from genmo_studio.document.model import (
    ContactClip,
    Document,
    Foot,
    Item,
    MusicClip,
    PoseKey,
    TextClip,
    Track,
    TrackKind,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.time import Span
from genmo_studio.motion.body import forward_kinematics, load_body
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINTS

REST = load_body("genmo-free").rest_joints(np.zeros(10, np.float32))
COVER = TextClip(id="cover", span=Span(0, 300), text="a person moves")
KINDS = {PoseKey: TrackKind.PARTIAL_KEYS, Waypoint: TrackKind.PATH, TextClip: TrackKind.TEXT,
         VideoClip: TrackKind.VIDEO, MusicClip: TrackKind.MUSIC, ContactClip: TrackKind.CONTACTS}  # fmt: skip
STANDING = dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.0))
LEFT_ANKLE = float(REST[INDEX["left_ankle"], 1] - REST[:, 1].min())
"""m: height of the joint of a foot that stands."""


def document(*items: Item, length: int = 300, solo: TrackKind | None = None) -> Document:
    tracks = [
        Track(
            id=kind.value, kind=kind, name=kind.value.title(), solo=kind is solo,
            items=tuple(sorted((item for item in items if isinstance(item, made)), key=lambda i: (_start(i), i.id))),
        )
        for made, kind in KINDS.items()
    ]  # fmt: skip
    return Document(id="d", name="d", length=length, tracks=tuple(tracks))


def _start(item: Item) -> int:
    return item.frame if isinstance(item, PoseKey | Waypoint) else item.span.start


def problems(*items: Item, **options: object) -> list[Problem]:
    return check_conditions(document(COVER, *items, **options), known=Known(rest=REST, beats={"song": ()}.get))  # type: ignore[arg-type]


def text(words: str, stop: int = 120, start: int = 0, name: str = "t") -> TextClip:
    return TextClip(id=name, span=Span(start, stop), text=words)


def key(name: str, frame: int, **values: object) -> PoseKey:
    return PoseKey(id=name, frame=frame, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("items", "words", "severity", "ids"),
    [
        ([Waypoint(id="a", frame=0, position=(0, 0)), Waypoint(id="b", frame=30, position=(7, 0))],
         "7.0 m at 7 m/s; that is a hard sprint", Severity.WARNING, {"a", "b"}),
        ([Waypoint(id="a", frame=0, position=(0, 0)), Waypoint(id="b", frame=30, position=(20, 0))],
         "nobody runs faster", Severity.ERROR, {"a", "b"}),
        ([key("a", 10, positions={"left_wrist": (0, 1, 0), "right_wrist": (2.5, 1, 0)})],
         "left wrist and right wrist would be 2.50 m apart", Severity.ERROR, {"a"}),
        ([key("a", 10, positions={"left_ankle": (0, 0, 3)}), Waypoint(id="w", frame=10, position=(0, 0))],
         "pelvis and left ankle would be 3.00 m apart", Severity.ERROR, {"a", "w"}),
        ([key("a", 10, positions={"left_wrist": (0, 1, 0)}), key("b", 12, positions={"left_wrist": (1, 1, 0)})],
         "left wrist would move at 15 m/s", Severity.WARNING, {"a", "b"}),
        ([key("a", 10, positions={"left_wrist": (0, 1, 0)}), key("b", 11, positions={"left_wrist": (2, 1, 0)})],
         "60 m/s; nobody can do that", Severity.ERROR, {"a", "b"}),
        ([key("a", 10, rotations={"left_knee": (0, 0, 0)}), key("b", 11, rotations={"left_knee": (2, 0, 0)})],
         "left knee would turn by 115° in 1 frame", Severity.WARNING, {"a", "b"}),
        ([Waypoint(id="a", frame=10, heading=0.0), Waypoint(id="b", frame=12, heading=3.1)],
         "the body would turn by 178° in 2 frames", Severity.WARNING, {"a", "b"}),
        ([key("a", 10, root_position=(0, -0.4, 0))], "0.40 m under the ground", Severity.WARNING, {"a"}),
        ([key("a", 10, root_position=(0, 4, 0))], "4.00 m above the ground", Severity.WARNING, {"a"}),
        ([key("a", 10, root_position=(0, 1, 0)), key("b", 13, root_position=(0, 1.9, 0))],
         "would rise 0.90 m at 9 m/s", Severity.WARNING, {"a", "b"}),
        ([Waypoint(id="a", frame=10, position=(0, 0), velocity=(0.0, 20.0))],
         "is passed at 20 m/s; nobody runs faster", Severity.ERROR, {"a"}),
        ([Waypoint(id="a", frame=10, position=(0, 0), velocity=(0.0, 7.0))],
         "is passed at 7 m/s; that is a hard sprint", Severity.WARNING, {"a"}),
        ([key("a", 10, rotations={"left_knee": (0, 0, 0)}, hold=40),
          key("b", 30, rotations={"left_knee": (0.5, 0, 0)})],
         "The key at frame 30 lies inside the hold of the key at frame 10, which lasts to frame 50",
         Severity.WARNING, {"a", "b"}),
        ([key("a", 10, rotations={"left_knee": (0, 0, 0)}, hold=20), key("b", 31, rotations={"left_knee": (2, 0, 0)})],
         "From frame 30 to 31 the left knee would turn by 115° in 1 frame", Severity.WARNING, {"a", "b"}),
        ([key("a", 10, root_position=(0, 1, 0), hold=30), Waypoint(id="w", frame=25, position=(1.5, 0))],
         "A key and a waypoint at frame 25 disagree about the place", Severity.ERROR, {"a", "w"}),
        ([key("a", 10, positions={"left_wrist": (0, 1, 3)}), key("b", 5, root_position=(0, 1, 0), hold=20)],
         "At frame 10 left wrist and pelvis would be 3.00 m apart", Severity.ERROR, {"a", "b"}),
        ([key("a", 30, positions={"left_ankle": (0, 0.5, 0)}), ContactClip("c", Span(0, 60), Foot.LEFT)],
         "The left foot is planted from frame 0 to 59, but the key at frame 30 lifts it", Severity.ERROR, {"a", "c"}),
        ([key("a", 30, rotations=STANDING, root_position=(0, 1.5, 0)), ContactClip("c", Span(0, 60), Foot.RIGHT)],
         "The right foot is planted from frame 0 to 59, but the key at frame 30 lifts it", Severity.ERROR, {"a", "c"}),
        ([key("a", 10, positions={"left_ankle": (0, LEFT_ANKLE, 0)}),
          key("b", 50, positions={"left_ankle": (0.4, LEFT_ANKLE, 0)}), ContactClip("c", Span(0, 60), Foot.LEFT)],
         "The left foot is planted, but the keys at frames 10 and 50 put it 0.40 m apart", Severity.WARNING,
         {"a", "b", "c"}),
        ([key("a", 10, root_position=(0, 1, 0)), VideoClip(id="v", span=Span(0, 60), media="m", source=Span(0, 60))],
         "1 key lies inside the video from frame 0 to 59; it wins", Severity.INFO, {"a", "v"}),
        ([text("a person walks, sits down, stands up and waves")], "names 4 actions", Severity.WARNING, {"t"}),
        ([text("a person walks and then jumps", 40)], "2 actions and has only 40 frames", Severity.WARNING, {"t"}),
        ([text("slowly " * 34 + "walking")], "35 words and signs; about 30 are read", Severity.WARNING, {"t"}),
        ([text("a", name="a"), text("b", name="b")], "3 texts speak at once from frame 0 to 119", Severity.WARNING,
         {"a", "b", "cover"}),
        ([MusicClip(id="m", span=Span(0, 60), media="song", source=Span(0, 60))], "No beat was found",
         Severity.WARNING, {"m"}),
    ],
)  # fmt: skip
def test_conflicts_are_named_with_place_reason_and_advice(
    items: list[Item], words: str, severity: Severity, ids: set[str]
) -> None:
    (problem,) = problems(*items)
    assert words in problem.sentence
    assert (problem.severity, set(problem.items)) == (severity, ids)
    assert problem.sentence.endswith(".")
    assert problem.why.endswith(".")
    assert problem.advice.endswith(".")
    marked = set(worst([problem]))
    assert marked == (set() if severity is Severity.INFO else ids), "what only informs puts no badge on the timeline"


def test_solo_and_long_spans_are_told() -> None:
    (silent,) = problems(Waypoint(id="w", frame=10, position=(0, 0)), solo=TrackKind.TEXT)
    assert silent.sentence == "“Path” says nothing, because “Text” is solo."
    assert silent.advice
    (slow,) = check_conditions(document(text("a person walks", 2700), length=2700))
    assert "90 s long" in slow.sentence
    (refused,) = check_conditions(document(text("a person walks", 120_000), length=120_000))
    assert refused.severity is Severity.ERROR
    assert f"{limits.MAX_FRAMES:,}" in refused.sentence
    assert check_conditions(document(text("a person walks", 120_000), length=120_000), span=Span(0, 300)) == []


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("a person walks", 1), ("a person is walking slowly", 1), ("a man turns and jumps", 2), ("dancing", 1),
        ("someone runs, stops; then sits down", 3), ("she walks while waving", 1), ("happy and proud", 1),
        ("hops, hopped and is hopping", 3), ("picks up a box with both hands and carries it", 2), ("", 1),
    ],
)  # fmt: skip
def test_actions_of_a_prompt_are_counted(words: str, count: int) -> None:
    assert count_actions(words) == count


def test_what_a_body_can_do_is_no_problem() -> None:
    """Targets taken from real poses, and turns and speeds just inside of what was measured."""
    rng = np.random.default_rng(0)
    items: list[Item] = []
    for index in range(20):
        rotations = rng.normal(0, 0.5, (24, 3))
        _, places = forward_kinematics(matrix_from_rotvec(rotations), REST.astype(np.float64), np.zeros(3))
        ends = {name: tuple(map(float, places[INDEX[name]])) for name in ("left_wrist", "right_foot", "head")}
        pelvis = tuple(map(float, places[0]))
        items.append(key(f"k{index}", index * 14, positions=ends, root_position=pelvis))
    found = [p for p in problems(*items) if "apart" in p.sentence]
    assert found == []
    near = np.radians(limits.SEEN_TURN[0][1] - 1)
    still = [key("a", 10, rotations=dict.fromkeys(JOINTS[1:22], (0.0, 0.0, 0.0))),
             key("b", 11, rotations=dict.fromkeys(JOINTS[1:22], (float(near), 0.0, 0.0)))]  # fmt: skip
    assert problems(*still) == []
    run = limits.SEEN_ROOT - 0.1
    assert problems(Waypoint(id="a", frame=0, position=(0, 0)), Waypoint(id="b", frame=30, position=(run, 0))) == []


def test_kf13_holds_over_captured_motion_are_checked_in_bounded_steps() -> None:
    keys = tuple(key(f"k{n}", n, rotations={"head": (0.0, 0.0, 0.0)}) for n in range(1, 3_000))
    long = key("long", 0, rotations={"neck": (0.0, 0.0, 0.0)}, hold=3_000)
    made = holding.with_holds([long, *keys])
    assert len(made) <= 1 + len(keys) + 2 * holding.MOST_INSIDE
    assert {item.id for item in made} == {"long", *(k.id for k in keys)}


def test_what_was_not_touched_is_not_looked_at_again() -> None:
    memo, seen = Memo(), []

    def look() -> list[Problem]:
        seen.append(1)
        return []

    keys = (key("k", 10),)
    assert memo.of("keys", (keys, 30), look) is memo.of("keys", (keys, 30), look)
    assert len(seen) == 1
    memo.of("keys", (keys, 25), look)
    memo.of("keys", ((*keys, key("l", 11)), 25), look)
    memo.of("other", (keys, 25), look)
    assert len(seen) == 4


def test_a_memo_changes_no_answer() -> None:
    memo = Memo()
    items = [
        text("a person walks", 5, name="short"),
        key("a", 0, root_position=(0.0, 0.9, 0.0)),
        key("b", 4, root_position=(9.0, 0.9, 0.0)),
        key("b2", 4, root_position=(0.0, 0.9, 0.0)),
        key("c", 9, positions={"left_wrist": (40.0, 1.0, 0.0)}, root_position=(0.0, 5.0, 0.0)),
        Waypoint("w", 4, position=(3.0, 3.0)),
    ]
    random = np.random.default_rng(3)
    made = document(COVER, *items)
    for _ in range(40):
        track = made.tracks[int(random.integers(len(made.tracks)))]
        changed = msgspec.structs.replace(
            track, items=track.items[int(random.integers(2)) :], muted=bool(random.integers(2))
        )
        tracks = tuple(changed if one is track else one for one in made.tracks)
        now = msgspec.structs.replace(made, tracks=tracks, length=int(random.integers(100, 400)))
        known = Known(rest=REST if random.integers(2) else None)
        assert check_conditions(now, known=known, memo=memo) == check_conditions(now, known=known)
