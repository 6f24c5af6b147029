"""Commands of the video panel and of the view through a video's camera."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("video.camera", "Camera View", ("Shift+C",), Scope.VIEWPORT,
               "Look through the camera of the video at the playhead: its picture behind, the body over it",
               "camera-view", Kind.TOGGLE),
    ActionSpec("video.fainter", "Fainter Video", ("Shift+,",), Scope.VIEWPORT,
               "Less of the video behind the body"),
    ActionSpec("video.stronger", "Stronger Video", ("Shift+.",), Scope.VIEWPORT,
               "More of the video behind the body"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {"&View": ("video.camera", "video.fainter", "video.stronger")}
"""Menu title: action ids of this area, in order; "-" is a separator."""
