"""Placement, hit test, snapping and typed times: laws over random documents and views."""

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genmo_studio.document.model import Document, Marker, PoseKey, TextClip, Track, TrackKind
from genmo_studio.document.queries import item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import DARK, clip_fill, contrast
from genmo_studio.ui.timeline.fades import FadeShape, fades
from genmo_studio.ui.timeline.headers import header_buttons
from genmo_studio.ui.timeline.hit import HitKind, hit_test
from genmo_studio.ui.timeline.index import IndexCache, index_items, unconditioned
from genmo_studio.ui.timeline.layout import lay_out
from genmo_studio.ui.timeline.snap import SnapTargets, snap_frame, snap_shift, snap_targets
from genmo_studio.ui.timeline.ticks import ruler_ticks
from genmo_studio.ui.timeline.timecode import TimeFormat, TimeInputError, format_time, parse_time
from genmo_studio.ui.timeline.view import View

starts = st.integers(0, 2000)


@st.composite
def tracks(draw: st.DrawFn, number: int) -> Track:
    if draw(st.booleans()):
        spans = draw(st.lists(st.tuples(starts, st.integers(1, 600)), max_size=12))
        items = [TextClip(f"t{number}c{n}", Span(a, a + length), "x") for n, (a, length) in enumerate(spans)]
        kind = TrackKind.TEXT
    else:
        items = [PoseKey(f"t{number}k{n}", f) for n, f in enumerate(draw(st.lists(starts, max_size=12, unique=True)))]
        kind = TrackKind.FULL_KEYS
    items.sort(key=lambda item: (item_span(item).start, item.id))
    return Track(f"t{number}", kind, "name", tuple(items), height=draw(st.integers(16, 120)))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    number = draw(st.integers(0, 6))
    return Document("d", "d", length=draw(st.integers(1, 3000)), tracks=tuple(draw(tracks(n)) for n in range(number)))


views = st.builds(
    View,
    width=st.floats(300, 2000),
    height=st.floats(150, 900),
    scale=st.floats(0.02, 60),
    scroll=st.floats(0, 2500),
    scroll_y=st.floats(0, 200),
)


@given(documents(), views, st.floats(0, 0.999), st.floats(0, 0.999))
def test_a_point_of_a_placed_thing_hits_it(document: Document, view: View, across: float, down: float) -> None:
    cache = IndexCache()
    layout = lay_out(document, view, cache)
    for row in layout.rows:
        placed = [(p.item.id, p.rect) for p in (*row.clips, *row.keys)]
        for item, rect in placed:
            x, y = rect.x + across * rect.width, rect.y + down * rect.height
            inside = rect.contains(x, y) and x >= view.metrics.header_width
            if not inside or not view.tracks_top <= y < row.rect.bottom:
                continue  # behind the headers, the ruler or the row's own end
            hit = hit_test(layout, x, y, cache=cache)
            others = {other for other, area in placed if area.contains(x, y)}
            assert hit.item in others
            assert hit.track == row.key
            assert hit.item == item or len(others) > 1


@given(documents(), views)
def test_everything_that_can_be_seen_is_placed_and_the_rest_is_not(document: Document, view: View) -> None:
    cache = IndexCache()
    layout = lay_out(document, view, cache)
    by_key = {row.key: row for row in layout.rows}
    first, last = view.visible()
    for track in document.tracks:
        seen = {i.id for i in track.items if item_span(i).stop > first and item_span(i).start < last}
        row = by_key.get(track.id)
        if row is None:
            continue
        if row.runs:
            for item in (i for i in track.items if i.id in seen):
                x = view.x_of(item_span(item).start) + 0.25
                assert any(run.rect.x <= x <= run.rect.right for run in row.runs)
        else:
            placed = {p.item.id for p in (*row.clips, *row.keys)}
            assert seen <= placed
            reach = 2 * view.metrics.key_radius / view.scale + 1
            near = {
                i.id for i in track.items if item_span(i).stop > first - reach and item_span(i).start < last + reach
            }
            assert placed <= near


def test_tl15_an_overlap_fades_the_first_out_and_the_second_in() -> None:
    texts = (
        TextClip("a", Span(0, 100), "walk"),
        TextClip("b", Span(60, 300), "wave"),
        TextClip("c", Span(150, 200), "jump"),
    )
    document = Document("d", "d", length=300, tracks=(Track("t", TrackKind.TEXT, "Text", texts),))
    view = View(scale=2.0, width=900.0, height=400.0)
    row = next(row for row in lay_out(document, view, IndexCache()).rows if row.key == "t")
    found = [(round((fade.rect.x - view.origin) / 2), round(fade.rect.width / 2), fade.shape) for fade in fades(row)]
    assert sorted(found, key=str) == sorted(
        [
            (60, 40, FadeShape.OUT),  # the first ends
            (60, 40, FadeShape.IN),  # the second begins
            (150, 50, FadeShape.BOTH),  # one within the other: both speak at once
            (150, 50, FadeShape.BOTH),
        ],
        key=str,
    )


@given(st.lists(st.tuples(starts, st.integers(1, 500)), max_size=30))
def test_overlapping_clips_get_lanes_of_their_own(raw: list[tuple[int, int]]) -> None:
    spans = sorted(Span(a, a + n) for a, n in raw)
    index = index_items(tuple(TextClip(f"c{n:02d}", span, "") for n, span in enumerate(spans)))
    for a in range(len(spans)):
        assert 0 <= index.lane[a] < index.lanes[a]
        for b in range(a):
            if spans[a].overlaps(spans[b]):
                assert index.lane[a] != index.lane[b]
                assert index.lanes[a] == index.lanes[b]
    covered = {f for span in index.overlaps for f in range(span.start, span.stop)}
    counted: dict[int, int] = {}
    for span in spans:
        for frame in range(span.start, span.stop):
            counted[frame] = counted.get(frame, 0) + 1
    assert covered == {frame for frame, count in counted.items() if count > 1}


def test_dense_tracks_become_blocks_and_still_can_be_hit() -> None:
    clips = tuple(TextClip(f"c{n:05d}", Span(n * 10, n * 10 + 9), "") for n in range(20_000))
    document = Document("d", "d", length=200_000, tracks=(Track("t", TrackKind.TEXT, "T", clips),))
    cache = IndexCache()
    view = View(width=1200).fitted(Span(0, 200_000))
    layout = lay_out(document, view, cache)
    row = layout.rows[1]
    assert not row.clips
    assert 0 < len(row.runs) < 2000
    hit = hit_test(layout, view.x_of(100_005), row.rect.y + row.rect.height / 2, cache=cache)
    assert hit.item == "c10000"


@given(views, st.floats(0.1, 10), st.floats(220, 1500))
def test_zoom_holds_the_time_under_the_pointer(view: View, factor: float, x: float) -> None:
    held = view.frame_at(x)
    zoomed = view.zoomed(factor, about_x=x)
    assume(zoomed.scroll > 0)
    assert zoomed.frame_at(x) == pytest.approx(held, abs=1e-6 + 1e-9 * abs(held))


@given(views, st.sampled_from(list(TimeFormat)), st.sampled_from([24, 25, 30, 60]))
def test_ruler_labels_keep_their_distance(view: View, style: TimeFormat, fps: int) -> None:
    ticks = ruler_ticks(view, fps=fps, style=style)
    labelled = [tick.x for tick in ticks if tick.label is not None]
    assert all(b - a > 50 for a, b in pairwise(labelled))
    assert len(ticks) < 1200


@given(st.integers(0, 500_000), st.sampled_from([24, 25, 30, 60]), st.sampled_from(list(TimeFormat)))
def test_tl20_a_shown_time_can_be_typed_back(frame: int, fps: int, style: TimeFormat) -> None:
    assert parse_time(format_time(frame, fps=fps, style=style), fps=fps, current=0) == frame


@pytest.mark.parametrize(
    ("typed", "frame"),
    [("120", 120), ("4s", 120), ("+10", 60), ("-10", 40), ("-99", 0), ("00:00:04:00", 120), ("4:12", 132),
     ("1:02:03", 1863), ("+2s", 110), ("250ms", 8), ("1.5 s", 45), (" 2m ", 3600), ("12f", 12)],
)  # fmt: skip
def test_tl20_typed_times(typed: str, frame: int) -> None:
    assert parse_time(typed, fps=30, current=50) == frame


@given(st.text(max_size=40))
def test_tl20_typed_nonsense_is_a_sentence(text: str) -> None:
    try:
        frame = parse_time(text, fps=30, current=5)
    except TimeInputError as error:
        frame = 0 if str(error).endswith(".") else -1
    assert 0 <= frame <= 10_000_000


targets = st.lists(st.integers(0, 1000), unique=True, max_size=20).map(
    lambda frames: snap_targets(
        Document("d", "d", length=1, markers=tuple(Marker(f"m{f}", f) for f in sorted(frames))), playhead=None
    )
)


@given(targets, st.floats(0, 1000), st.floats(0, 50))
def test_a_snap_takes_the_nearest_target_in_reach(found: SnapTargets, frame: float, within: float) -> None:
    snap = snap_frame(frame, found, within=within)
    best = min((abs(target - frame) for target in found.frames), default=float("inf"))
    if best <= within:
        assert snap.line == snap.frame
        assert abs(snap.frame - frame) == pytest.approx(best)
    else:
        assert snap.line is None
        assert snap.frame == round(frame)


@given(targets, st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.floats(-200, 200), st.floats(0, 30))
def test_a_shift_lets_the_best_edge_snap(found: SnapTargets, edges: list[int], shift: float, within: float) -> None:
    snap = snap_shift(shift, edges, found, within=within)
    best = min((abs(t - (e + shift)) for t in found.frames for e in edges), default=float("inf"))
    if best <= within:
        assert snap.line is not None
        assert snap.line in {edge + snap.frame for edge in edges}
        assert abs(snap.frame - shift) == pytest.approx(best)
    else:
        assert snap.frame == round(shift)


@given(documents())
@settings(max_examples=50)
def test_tl15_unconditioned_stretches_are_what_no_track_covers(document: Document) -> None:
    covered: set[int] = set()
    for track in document.tracks:
        spans = [item_span(item) for item in track.items]
        if track.kind is TrackKind.FULL_KEYS and spans:
            spans = [Span(spans[0].start, max(span.stop for span in spans))]
        covered.update(frame for span in spans for frame in range(span.start, span.stop))
    gaps = {frame for gap in unconditioned(document, IndexCache()) for frame in range(gap.start, gap.stop)}
    assert gaps == set(range(document.length)) - covered


def test_headers_and_corner() -> None:
    document = Document("d", "d", tracks=(Track("t", TrackKind.TEXT, "T"),))
    cache, view = IndexCache(), View()
    layout = lay_out(document, view, cache)
    for button, rect in header_buttons(layout.rows[1], view).items():
        hit = hit_test(layout, rect.x + 2, rect.y + 2, cache=cache)
        assert (hit.kind, hit.track, hit.button) == (HitKind.HEADER_BUTTON, "t", button)
    bottom = layout.rows[1].rect.bottom
    assert hit_test(layout, 30, bottom - 1, cache=cache).kind is HitKind.ROW_RESIZE
    assert hit_test(layout, 30, 5, cache=cache).kind is HitKind.CORNER
    assert hit_test(layout, 600, 5, cache=cache).kind is HitKind.RULER
    assert hit_test(layout, 600, bottom + 50, cache=cache).kind is HitKind.EMPTY


def test_text_is_readable_on_every_surface() -> None:
    for surface in (DARK.window, DARK.panel, DARK.raised, DARK.hover, DARK.row, DARK.outside):
        assert contrast(DARK.text, surface) >= 4.5
        assert contrast(DARK.text_dim, surface) >= 4.5
    for kind in DARK.kinds:
        assert contrast(DARK.text, clip_fill(DARK, kind)) >= 4.5
        assert contrast(DARK.kind(kind), DARK.row) >= 3.0  # graphics: WCAG 1.4.11
    assert contrast(DARK.accent_text, DARK.accent) >= 4.5
