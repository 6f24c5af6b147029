"""How interpolation passes each key: in the document, in blocking, in the graph editor and in the inspector (KF10)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from studio_window import close_window, open_window
from window_document import walking, window_document

from genmo_studio.conditions.edited import edited
from genmo_studio.document import edits, schema
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import KeyTangent, PoseKey
from genmo_studio.document.queries import find_item
from genmo_studio.motion.body import load_body
from genmo_studio.motion.interpolate import Tangent
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.curve_channels import Channel, Part, channels_of
from genmo_studio.ui.panels.curve_model import Dots
from genmo_studio.ui.panels.curve_tangents import LONG, slopes, strokes
from genmo_studio.ui.panels.curve_view import Box, Scale
from genmo_studio.ui.panels.key_forms import TANGENT_WORDS
from genmo_studio.ui.panels.reduce_keys import blocked, full_keys
from genmo_studio.ui.timeline import key_commands

REST = load_body("genmo-free").rest_joints(np.zeros(10, np.float32))[0]
SWING = Channel.of("left_shoulder", Part.TURN, 1)


# -- the document ------------------------------------------------------------------------------------------------------


def test_kf10_a_keys_tangent_is_one_step_is_saved_and_asks_for_no_other_motion() -> None:
    document, _ = window_document()
    editor = Editor(document)
    wanted = key_commands.tangent(document, {"key0", "key1", "text1"}, KeyTangent.STEP)
    editor.edit(wanted.label, wanted.edit)
    new = editor.document
    assert [find_item(new, name).tangent for name in ("key0", "key1", "key2")] == [
        KeyTangent.STEP, KeyTangent.STEP, KeyTangent.AUTO,
    ]  # fmt: skip
    assert schema.decode_present(schema.encode(new)) == new
    what = edited(document, new)
    assert what.joints == frozenset(), "the model finds its own way from key to key"
    editor.undo()
    assert editor.document == document
    assert key_commands.tangent(document, {"text1"}, KeyTangent.FLAT) is None
    with pytest.raises(edits.EditError):
        edits.set_tangent(["text1"], KeyTangent.FLAT)(document)


# -- blocking ----------------------------------------------------------------------------------------------------------


def test_kf9_blocking_passes_each_key_as_it_says() -> None:
    document, _ = window_document()
    keys = full_keys(document)
    like = walking().sliced(0, 1)

    def along(*ways: KeyTangent) -> np.ndarray:
        own = [structs.replace(key, tangent=way) for key, way in zip(keys, ways, strict=True)]
        return blocked(own, tangent=None, rest_pelvis=REST, like=like)[1].translation[:, 2]

    auto, flat, linear, step = KeyTangent
    held = along(step, linear, linear)
    assert held[:45] == pytest.approx(np.full(45, held[0])), "stepped: held until the next key"
    even = np.diff(along(linear, linear, linear)[:46])
    assert even == pytest.approx(np.full(45, even.mean()), abs=1e-4), "linear: at even speed"
    rests = np.diff(along(auto, flat, auto))
    assert abs(rests[[44, 45]]).max() < 0.2 * rests.max(), "flat: at rest"
    assert not np.allclose(along(auto, flat, auto), along(auto, auto, auto))
    one = blocked(keys, tangent=Tangent.LINEAR, rest_pelvis=REST, like=like)[1].translation[:, 2]
    assert one == pytest.approx(along(linear, linear, linear)), "asked for all keys alike"


# -- strokes in the graph editor ---------------------------------------------------------------------------------------


def dots(values: list[float], *tangents: Tangent) -> Dots:
    count = len(values)
    names, nothing = tuple(f"k{n}" for n in range(count)), np.zeros(count, bool)
    return Dots(names, np.arange(count) * 10, np.array(values), nothing, nothing, tangents)


def test_kf10_slopes_are_those_of_the_interpolation() -> None:
    auto, flat, linear, step = Tangent
    arriving, leaving = slopes(dots([0.0, 10.0, 40.0, 0.0], linear, linear, flat, step))
    assert np.isnan(arriving[0])
    assert np.isnan(leaving[3])
    assert (leaving[0], arriving[1], leaving[1]) == (1.0, 1.0, 3.0)
    assert (arriving[2], leaving[2]) == (0.0, 0.0)
    arriving, leaving = slopes(dots([0.0, 10.0, 20.0], step, auto, auto))
    assert leaving[0] == 0.0
    assert np.isnan(arriving[1]), "jumped to"
    assert np.isnan(np.concatenate(slopes(dots([1.0], auto)))).all()
    twice = dots([0.0, 10.0, 20.0], auto, auto, auto)
    twice = Dots(twice.keys, np.array([0, 10, 10]), twice.values, twice.fixed, twice.muted, twice.tangents)
    assert np.isfinite(slopes(twice)[0][1])
    assert np.isnan(slopes(twice)[0][2]), "of two keys at a frame the first is passed"


@given(st.lists(st.floats(-90, 90), min_size=3, max_size=6), st.floats(0.1, 30), st.floats(0.5, 20))
def test_kf10_strokes_are_as_long_in_every_view(values: list[float], frames: float, units: float) -> None:
    made = dots(values, *[Tangent.AUTO] * len(values))
    box = Box(first=0.0, last=frames * 10, low=-units, high=units, width=600.0, height=300.0)
    picked = np.zeros(len(values), bool)
    picked[1] = True
    x, y = strokes(made, picked, Scale(1.0, 0.0), box)
    assert len(x) == 4, "one on each side of the picked key"
    along = np.hypot(np.diff(x)[::2] * 600.0 / (box.last - box.first), np.diff(y)[::2] * 300.0 / (2 * units))
    assert along == pytest.approx([LONG, LONG])
    assert x[0] == x[2] == 10.0


# -- in the window -----------------------------------------------------------------------------------------------------


def test_kf10_tangents_are_set_by_command_and_in_the_inspector_and_seen_in_the_graph(qtbot, tmp_path) -> None:
    window = open_window(qtbot, tmp_path)
    try:
        window.docks["curves"].raise_()
        qtbot.waitUntil(lambda: window.curves.editor is not None, timeout=20_000)
        editor = window.curves.editor
        window.commands.of(BodyPartsControl).joints.select({"left_shoulder"})
        editor._hide(frozenset(c for c in channels_of(("left_shoulder",)) if c != SWING))
        window.session.select({"key1"})
        drawn = editor.plot._lines[SWING].tangents.getData
        assert len(drawn()[0]) == 4
        window.actions_by_id["key.tangent_step"].trigger()
        assert window.editor.undo_label == "Change Tangent"
        _, y = drawn()
        assert y[-2] == y[-1], "held after the key"
        form = window.inspector.form
        assert form._tangent.currentText() == "Stepped"
        index = list(TANGENT_WORDS).index(KeyTangent.LINEAR)
        form._tangent.setCurrentIndex(index)
        form._tangent.activated.emit(index)
        key = find_item(window.editor.document, "key1")
        assert isinstance(key, PoseKey)
        assert key.tangent is KeyTangent.LINEAR
        window.actions_by_id["block.keys"].trigger()
        take = window.editor.document.takes[-1]
        assert take.name == "Blocking 1, as keys say"
        swing = window.stage.bare.motion.rotations[:, INDEX["left_shoulder"], 1]
        assert len(swing) == 90
        window.session.select(())
        assert len(drawn()[0]) == 0
    finally:
        close_window(window)
