"""The graph editor's pointer as a script of plain events: what a drag of keys, of a curve and of a box does."""

import pytest
from curve_samples import BOX, RISE, curves_of, held, scene, spot, value
from window_document import window_document

from genmo_studio.conditions.result import heard_tweaks
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import set_muted, set_track_flags
from genmo_studio.document.model import PoseKey
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.ui.panels.curve_channels import channels_of
from genmo_studio.ui.panels.curve_tools import Band, CurveHand, Falling, Pick, Place, Say
from genmo_studio.ui.panels.curve_view import DotAt, Shown
from genmo_studio.ui.timeline.effects import Begin, Button, Finish, Modifier, Pointer, Preview, Restore, Seek

# -- the hand ----------------------------------------------------------------------------------------------------------


class Script:
    """Plays pointer events and carries out what they ask of the document."""

    def __init__(self, **fields: object) -> None:
        made, _ = window_document()
        self.editor, self.hand = Editor(made), CurveHand()
        self.fields = {"hidden": frozenset(c for c in channels_of(("pelvis", "left_shoulder")) if c != RISE), **fields}
        self.picked: frozenset[DotAt] = frozenset()
        self.said: list[str] = []
        self.gesture = None

    @property
    def shown(self) -> Shown:
        return scene(self.editor.document, **self.fields)

    def place(self, *, ruler: bool = False) -> Place:
        document = self.editor.document
        return Place(self.shown, BOX, self.picked, lambda c, f: held(document, c, f), ruler=ruler)

    def do(self, effects) -> list:
        for effect in effects:
            match effect:
                case Begin(label):
                    self.gesture = self.editor.gesture(label)
                case Preview(edit):
                    self.gesture.preview(edit)
                case Finish(select) if self.gesture is not None:
                    self.gesture.commit(select=select)
                case Restore():
                    if self.gesture is not None:
                        self.gesture.cancel()
                case Pick(dots):
                    self.picked = dots
                case Say(text):
                    self.said.append(text)
        return list(effects)

    def drag(self, at: tuple[float, float], by: tuple[float, float], *, held=Modifier.NONE, steps: int = 5) -> list:
        effects = self.do(self.hand.press(Pointer(*at, modifiers=held), self.place()))
        for step in range(1, steps + 1):
            pointer = Pointer(at[0] + by[0] * step / steps, at[1] + by[1] * step / steps, modifiers=held)
            effects += self.do(self.hand.move(pointer))
        return effects

    def drop(self, held=Modifier.NONE) -> list:
        return self.do(self.hand.release(Pointer(0, 0, modifiers=held)))


def key_of(script: Script, name: str = "key1") -> PoseKey:
    key = find_item(script.editor.document, name)
    assert isinstance(key, PoseKey)
    return key


def test_kf10_dragging_a_key_is_one_step_and_esc_restores() -> None:
    script = Script()
    before = script.editor.document
    at = spot(script.shown, RISE, 45)
    script.drag(at, (40.0, -20.0))  # 4 frames, 10 degrees
    assert key_of(script).frame == 45 + 4
    script.do(script.hand.cancel())
    assert script.editor.document is before
    assert script.editor.history == ()
    script.drag(at, (40.0, -20.0))
    script.drop()
    assert script.editor.history == ("Move Key",)
    assert "frame 49" in script.said[-2]
    script.editor.undo()
    assert script.editor.document == before


def test_kf10_shift_holds_the_greater_way_and_ctrl_snaps_the_value() -> None:
    script = Script()
    at = spot(script.shown, RISE, 45)
    script.picked = frozenset({DotAt("key1", RISE)})
    script.hand.press(Pointer(*at), script.place())
    script.do(script.hand.move(Pointer(at[0] + 8, at[1] - 30, modifiers=Modifier.SHIFT)))
    assert key_of(script).frame == 45
    script.do(script.hand.move(Pointer(at[0] + 80, at[1] - 30, modifiers=Modifier.SHIFT)))
    assert key_of(script).frame == 53
    assert key_of(script).rotations["left_shoulder"] == pytest.approx(
        find_item(window_document()[0], "key1").rotations["left_shoulder"]  # type: ignore[union-attr]
    )
    script.do(script.hand.move(Pointer(at[0], at[1] - 31, modifiers=Modifier.CTRL)))
    curve = script.shown.curves.of(RISE)
    assert curve is not None
    assert curve.dots.values[1] % 5.0 == pytest.approx(0.0, abs=1e-3) or curve.dots.values[1] % 5.0 > 4.99
    script.drop()


def test_kf10_a_box_chooses_keys_and_one_of_them_drags_all() -> None:
    script = Script()
    effects = script.drag((5.0, 5.0), (990.0, 390.0))
    assert any(isinstance(effect, Band) for effect in effects)
    script.drop()
    assert len(script.picked) == 3
    script.drag(spot(script.shown, RISE, 45), (-30.0, -40.0))
    assert key_of(script).frame == 45, "key0 lies on frame 0 already"
    script.drop()
    moved = script.shown.curves.of(RISE)
    was = scene().curves.of(RISE)
    assert moved is not None
    assert was is not None
    assert moved.dots.values - was.dots.values == pytest.approx([20.0] * 3, abs=1e-3)
    assert script.editor.history[-1] == "Move Keys"


def test_kf10_a_press_on_nothing_lets_go_and_one_with_shift_adds() -> None:
    script = Script()
    x, y = spot(script.shown, RISE, 45)
    script.do(script.hand.press(Pointer(x, y), script.place()))
    script.drop()
    assert script.picked == {DotAt("key1", RISE)}
    x, y = spot(script.shown, RISE, 89)
    script.do(script.hand.press(Pointer(x, y, modifiers=Modifier.SHIFT), script.place()))
    script.drop(Modifier.SHIFT)
    assert len(script.picked) == 2
    script.do(script.hand.press(Pointer(20.0, 20.0), script.place()))
    script.drop()
    assert script.picked == frozenset()


def test_kf10_a_locked_channel_is_not_dragged() -> None:
    script = Script(locked=frozenset({RISE}))
    before = script.editor.document
    script.drag(spot(script.shown, RISE, 45), (0.0, -40.0))
    script.drop()
    script.drag(spot(script.shown, RISE, 30), (0.0, -40.0))
    script.drop()
    assert script.editor.document is before
    assert any("Locked" in said for said in script.said)


def test_kf11_dragging_the_curve_itself_makes_one_tweak_and_the_wheel_widens_it() -> None:
    script = Script()
    before = script.editor.document
    at = spot(script.shown, RISE, 30)
    script.drag(at, (0.0, -60.0))
    assert script.hand.holding
    effects = script.do(script.hand.widen(4))
    assert Falling((16, 45), text="14 + 14 frames") in effects
    script.do(script.hand.cancel())
    assert script.editor.document is before
    script.drag(at, (0.0, -60.0))
    script.do(script.hand.widen(4))
    script.drop()
    (tweak,) = heard_tweaks(script.editor.document)
    assert (tweak.span, tweak.rise) == (Span(16, 45), 14)
    assert script.editor.history == ("Tweak Motion",)
    assert value(script.editor.document, RISE, 30) - value(before, RISE, 30) == pytest.approx(30.0, abs=1e-3)
    script.drag(spot(script.shown, RISE, 30), (0.0, 30.0))
    script.drop()
    assert script.editor.history[-1] == "Change Tweak"
    assert len(heard_tweaks(script.editor.document)) == 1


def test_kf11_a_drag_back_to_where_it_began_leaves_no_tweak() -> None:
    script = Script()
    before = script.editor.document
    at = spot(script.shown, RISE, 30)
    script.drag(at, (0.0, -60.0))
    script.do(script.hand.move(Pointer(*at)))
    script.drop()
    assert script.editor.document is before
    assert script.editor.history == ()


def test_kf10_the_times_scrub_and_the_middle_button_pans() -> None:
    script = Script()
    assert script.hand.press(Pointer(500.0, -10.0), script.place(ruler=True)) == [Seek(45)]
    assert script.hand.move(Pointer(600.0, -10.0)) == [Seek(55)]
    script.drop()
    script.hand.press(Pointer(500.0, 100.0, Button.MIDDLE), script.place())
    (move,) = script.hand.move(Pointer(600.0, 140.0))
    assert move.box.first == pytest.approx(BOX.first - 10.0)  # type: ignore[union-attr]
    assert move.box.low == pytest.approx(BOX.low + 20.0)  # type: ignore[union-attr]


def test_se1_muted_and_locked_keys_are_drawn_as_such() -> None:
    made, _ = window_document()
    made = set_track_flags("t2", locked=True)(set_muted(("key1",), muted=True)(made))
    curve = curves_of(made).of(RISE)
    assert curve is not None
    assert curve.dots.fixed.all()
    assert list(curve.dots.muted) == [False, True, False]
