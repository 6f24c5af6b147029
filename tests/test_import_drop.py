"""Where a drag over the timeline lands: rows, edges, snapping and ghosts, without a window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.document.model import Document, Marker, ResultPiece, Take, TextClip, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.ui.media_import import FileKind, Incoming, Landing, Place, Target, landing
from genmo_studio.ui.timeline.drags import Scene
from genmo_studio.ui.timeline.drop import BOTTOM_STRIP, describe, hover, new_rows, placed_ghosts, rows_bottom, target_at
from genmo_studio.ui.timeline.effects import Modifier, Pointer
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import lay_out
from genmo_studio.ui.timeline.view import View

TAKE = Take(id="t", name="Take 1", span=Span(0, 300), blob="0" * 64, request_hash="", seed=0, model="default")
DOCUMENT = Document(
    id="d",
    name="Doc",
    tracks=(
        Track(id="v", kind=TrackKind.VIDEO, name="Film"),
        Track(id="t1", kind=TrackKind.TEXT, name="Text", items=(TextClip(id="x", span=Span(90, 150), text="walks"),)),
        Track(id="hidden", kind=TrackKind.MUSIC, name="Hidden", hidden=True),
    ),
    takes=(TAKE,),
    result=(ResultPiece(span=Span(0, 300), take="t"),),
    markers=(Marker(id="m", frame=200),),
)
FILM = Incoming("Füße 足.mp4", FileKind.VIDEO, frames=60, has_sound=True)
SONG = Incoming("s.ogg", FileKind.SOUND, frames=60)
WALK = Incoming("walk.bvh", FileKind.BVH, frames=60)


def scene(view: View | None = None, *, snapping: bool = True) -> Scene:
    cache = IndexCache()
    return Scene(layout=lay_out(DOCUMENT, view or View(), cache), cache=cache, snapping=snapping, playhead=40)


def over(files, x_frame: float, y: float, *, held: Modifier = Modifier.NONE, view: View | None = None):
    shown = scene(view)
    pointer = Pointer(shown.layout.view.x_of(x_frame), y, modifiers=held)
    return hover(pointer, shown, lambda place: landing(DOCUMENT, files, place), targets=shown.targets())


def middle(key: str, view: View | None = None) -> float:
    row = next(row for row in scene(view).layout.rows if row.key == key)
    return row.rect.y + row.rect.height / 2


def test_the_place_under_the_pointer() -> None:
    layout = scene().layout
    x = layout.view.x_of(70)
    assert target_at(layout, x, 5) == Place(70, Target.AUTO)
    assert target_at(layout, x, layout.view.metrics.ruler_height + 5) == Place(70, Target.RESULT)
    assert target_at(layout, x, middle("v")) == Place(70, Target.TRACK, "v")
    assert target_at(layout, x, rows_bottom(layout) + 5) == Place(70, Target.BELOW)
    assert target_at(layout, 0, middle("v")).frame == 0, "over the headers the drop goes to the first frame in view"
    crowded = scene(View(height=150)).layout
    assert target_at(crowded, x, 150 - BOTTOM_STRIP / 2).target is Target.BELOW, "a new track can always be made"


@pytest.mark.parametrize(
    ("x", "start", "line"),
    [
        (41.0, 40, 40),  # the playhead
        (91.5, 90, 90),  # the start of a text
        (138.8, 140, 200),  # its own end takes the marker
        (60.4, 60, None),  # nothing near
    ],
)
def test_tl6_dd1_a_ghost_snaps_as_a_moved_clip_does(x: float, start: int, line: int | None) -> None:
    shown = over([FILM], x, middle("v"))
    assert shown.legal
    assert shown.landing.ghosts[0].span == Span(start, start + 60)
    assert shown.line == line
    loose = over([FILM], x, middle("v"), held=Modifier.SHIFT)
    assert loose.landing.ghosts[0].span.start == round(x)


def test_dd1_words_name_length_time_and_track() -> None:
    assert over([FILM], 60.4, middle("v")).words == "Füße 足.mp4   2.00 s   at 00:00:02:00   → Film"
    assert "→ new music track" in over([SONG], 60, 5).words, "a hidden track is not used unseen"
    assert over([WALK], 60.4, middle("\0result")).words.endswith("→ Result")
    both = over([FILM, SONG], 60.4, rows_bottom(scene().layout) + 30).words
    assert both.startswith("2 files   2.00 s")
    assert both.endswith("→ new video track, new music track")
    unknown = Incoming("lang.mp4", FileKind.VIDEO)
    assert "length is being read" in over([unknown], 60, middle("v")).words
    wrong = over([SONG], 60, middle("v"))
    assert not wrong.legal
    assert wrong.line is None
    assert wrong.words == "“Film” takes video, not sound; drop it below the tracks for a track of its own."
    assert describe(Landing(problem="No."), scene()) == "No."


@given(
    st.lists(st.sampled_from([FILM, SONG, WALK, Incoming("u.wav", FileKind.SOUND)]), min_size=1, max_size=4),
    st.floats(-50, 400),
    st.floats(0, 420),
    st.floats(120, 420),
    st.floats(0.05, 20),
)
def test_tl2_what_is_shown_lies_on_screen_where_it_will_be(files, frame, y, height, scale) -> None:
    """TL2, DD1: every ghost is drawn in the row that it lands on, new rows lie inside the view under the result."""
    view = View(height=height, scale=scale)
    shown = over(files, frame, y, view=view)
    layout = scene(view).layout
    rows = {row.key: row.rect for row in layout.rows if row.track is not None}
    made = {row.kind: row.rect for row in new_rows(layout, shown.landing.ghosts)}
    for rect in made.values():
        assert rect.y >= view.tracks_top
    for placed in placed_ghosts(layout, shown.landing.ghosts):
        ghost = placed.ghost
        row = layout.rows[0].rect if ghost.kind is None else rows[ghost.track] if ghost.track else made[ghost.kind]
        assert row.y <= placed.rect.y
        assert placed.rect.bottom <= row.bottom
        assert placed.rect.x == pytest.approx(view.x_of(ghost.span.start))
        assert ghost.span.start >= 0
    assert shown.legal == bool(shown.landing.ghosts)
    assert shown.words
