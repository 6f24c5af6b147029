"""Help of the panels: a page of the guide where it was shipped, else a few sentences. No widgets."""

from pathlib import Path

from genmo_studio import paths

_LARGEST = 200_000
"""Bytes of a page that are read."""

GUIDE_PAGES = {
    "viewport": "viewport",
    "timeline": "timeline",
    "curves": "curves",
    "generation": "generating",
    "inspector": "inspector",
    "takes": "takes",
    "media": "media",
    "video": "video",
    "jobs": "jobs",
    "markers": "markers",
    "history": "history",
    "body": "body",
    "body_parts": "posing",
    "poses": "posing",
    "welcome": "first-steps",
}
"""Page of the guide for each panel."""

SHORT = {
    "viewport": "# Viewport\n\nShows the character. Drag to orbit, middle-drag to pan, wheel to zoom. **F** looks "
    "at what is selected, **A** at the whole motion. Feet that stand on the ground have their mark at"
    " the lower left.",
    "timeline": "# Timeline\n\nEverything that the model is told lies here, one track for each kind. Drag in the "
    "ruler to move the playhead, drag a clip to move it, its edges to trim it. **T** adds a text at "
    "the playhead; a double click edits it. **I** and **O** mark the part that is generated next.",
    "curves": "# Curves\n\nFeet and root of the shown motion over time. A foot that stands and moves all the same"
    " slides: those frames are marked. Click to go there.",
    "generation": "# Generate\n\nSettings of the next take. *Generate* makes it carefully, *Draft* in one pass, to "
    "judge the timing. Below stands what contradicts itself on the timeline, before anything is "
    "generated.",
    "inspector": "# Inspector\n\nShows what is selected on the timeline and changes it; with several things "
    "selected, all of them.",
    "takes": "# Takes\n\nEvery motion that was made, newest first. A click shows it in the result. Nothing is "
    "thrown away until you delete it, and that can be undone.",
    "media": "# Media\n\nThe films and songs of the project. Drag one to the timeline, or drop files on the window.",
    "video": "# Video\n\nThe film at the playhead, in step with the motion.",
    "jobs": "# Jobs\n\nWhat is being generated and what waits. Every job can be cancelled; what is finished is kept.",
    "markers": "# Markers\n\nNames for moments and stretches of the timeline. **M** sets one at the playhead.",
    "history": "# History\n\nEvery step since the project was opened. Click one to go there; the disk marks what "
    "is saved.",
    "body": "# Body\n\nThe shape of the character. It changes how the motion looks, not the motion.",
    "poses": "# Poses\n\nPoses that you kept. *Add* keeps the pose at the playhead; a double click poses the body, or "
    "the selected joints.",
    "body_parts": "# Body Parts\n\nClick the parts that a limb key holds.",
    "welcome": "# Welcome\n\nBegin with the sample, with words, with a film or with a song. You can close this at "
    "any time.",
}
"""What is said where the guide was not shipped."""


def guide_folders() -> tuple[Path, ...]:
    """Where pages of the guide may lie: in a checkout, and in an installed program."""
    root = paths.assets().parent
    return root / "docs" / "guide", root / "guide"


def page(panel: str, *, folders: tuple[Path, ...] | None = None) -> str:
    """Markdown about a panel (name of its dock, or "viewport")."""
    name = GUIDE_PAGES.get(panel)
    for folder in guide_folders() if folders is None else folders:
        path = folder / f"{name}.md"
        if name is not None and path.is_file():
            with path.open("rb") as file:
                return file.read(_LARGEST).decode("utf-8", "replace")
    return SHORT.get(panel, f"# {panel.replace('_', ' ').title()}\n\nThere is no page about this panel yet.")


def page_folder(panel: str) -> Path | None:
    """Where the page lies, for its pictures; None for built-in text."""
    name = GUIDE_PAGES.get(panel)
    return next((folder for folder in guide_folders() if (folder / f"{name}.md").is_file()), None)
