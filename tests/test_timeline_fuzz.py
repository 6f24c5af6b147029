"""A hand that presses, drags, clicks and gives up anywhere on the timeline, with any keys held: nothing ever breaks."""

from document_cases import assert_valid
from hypothesis import given, settings
from hypothesis import strategies as st
from timeline_hand import Hand
from timeline_samples import full_document

from genmo_studio.document import edits
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.effects import Button, Modifier, Pointer
from genmo_studio.ui.timeline.hit import hit_test
from genmo_studio.ui.timeline.menus import menu_of

XS, YS = st.floats(-50, 1600, width=32), st.floats(-50, 700, width=32)
KEYS = st.sampled_from([Modifier.NONE, Modifier.SHIFT, Modifier.CTRL, Modifier.ALT, Modifier.SHIFT | Modifier.CTRL])
GESTURE = st.tuples(
    st.tuples(XS, YS),
    st.lists(st.tuples(XS, YS), max_size=4),
    KEYS,
    st.sampled_from([Button.LEFT, Button.LEFT, Button.LEFT, Button.MIDDLE, Button.RIGHT]),
    st.sampled_from(["release", "release", "cancel", "double click"]),
)


@given(st.lists(GESTURE, min_size=1, max_size=6))
@settings(max_examples=150)
def test_tl3_any_gesture_leaves_a_valid_document_and_undo_brings_everything_back(gestures: list) -> None:
    before = edits.set_in_out(Span(120, 260))(full_document())
    hand = Hand(before)
    for (x, y), moves, keys, button, end in gestures:
        if end == "double click":
            hand.double_click(x, y)
        at_press, steps = hand.editor.document, hand.editor.position
        hand.press(x, y, keys=keys, button=button)
        for place in moves:
            hand.move(*place, keys=keys)
        if end == "cancel":
            hand.cancel()
            same = hand.editor.position == steps
            assert not same or hand.editor.document == at_press, "Esc leaves nothing behind"
        else:
            hand.release()
        assert not hand.editor.in_gesture
        assert not hand.tool.dragging
        assert_valid(hand.editor.document)
        hit = hit_test(hand.scene.layout, x, y, cache=hand.cache)
        menu_of(hit, hand.editor.document)
        assert hand.tool.move(Pointer(x, y), hand.scene) == [], "without a button a move does nothing"
    while hand.editor.undo():
        pass
    assert hand.editor.document == before
