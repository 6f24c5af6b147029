"""Commands of the first start: the welcome view, new projects from a first thing, recent projects."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.new_text", "New from Text", icon="text",
               tooltip="Start a project by typing what the character does"),
    ActionSpec("file.new_video", "New from Video…", icon="video",
               tooltip="Start a project from a film of a person"),
    ActionSpec("file.new_music", "New from Music…", icon="music", tooltip="Start a project from a song to dance to"),
    ActionSpec("file.recent", "Open Recent", tooltip="Projects that were open lately", icon="open"),
    ActionSpec("file.welcome", "Welcome", tooltip="Show the welcome view beside what is open", icon="info"),
    ActionSpec("file.last_at_start", "Open Last Project at Start", kind=Kind.TOGGLE,
               tooltip="Go on where you stopped instead of with the sample"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&File>New &From": (
        "file.new_text",
        "file.new_video",
        "file.new_music",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator. The rest stands in the menu of project.py."""
