"""Commands about making motion, and about the jobs that do it."""

from genmo_studio.ui.actions.spec import ActionSpec, Scope

_J = Scope.JOBS

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("generate.full", "Generate", ("Ctrl+Return", "Ctrl+Enter"), icon="generate",
               tooltip="Make new takes from everything on the timeline: as many as the Generate panel says"),
    ActionSpec("generate.draft", "Draft", ("Ctrl+Shift+Return",), icon="draft",
               tooltip="Make a quick take in one pass, to judge timing"),
    ActionSpec("generate.cancel", "Cancel", ("Ctrl+.",), icon="cancel",
               tooltip="Stop the generation that runs; your timeline and takes stay as they are"),
    ActionSpec("generate.cancel_all", "Cancel All", ("Ctrl+Shift+.",), icon="cancel-all",
               tooltip="Stop the generation that runs and empty the queue; finished takes are kept"),
    ActionSpec("generate.new_seed", "New Seed", ("Ctrl+R",), icon="dice",
               tooltip="Another random seed, for another variation"),
    ActionSpec("generate.next_problem", "Next Problem", ("F8",), icon="warning",
               tooltip="Go to the next place where the conditions contradict each other or cannot be met"),
    ActionSpec("jobs.cancel", "Cancel This Job", ("Delete",), _J, "Stop this job, or unqueue it", "cancel"),
    ActionSpec("jobs.up", "Move Up", ("Alt+Up",), _J, "Make this job earlier", "move-up"),
    ActionSpec("jobs.down", "Move Down", ("Alt+Down",), _J, "Make this job later", "move-down"),
    ActionSpec("jobs.show", "Show Take", (), _J, "Show the take that came of this job", "take"),
    ActionSpec("jobs.details", "Copy Details", (), _J,
               "Copy everything about this job: how it was made and how it ended", "copy"),
    ActionSpec("jobs.clear", "Clear Finished", (), _J,
               "Take finished jobs off this list; their takes stay in the project", "clear-list"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Generate": (
        "generate.full",
        "generate.draft",
        "generate.cancel",
        "generate.cancel_all",
        "-",
        "generate.new_seed",
        "generate.next_problem",
    ),
    "&Generate>&Jobs": ("jobs.cancel", "jobs.up", "jobs.down", "-", "jobs.show", "jobs.details", "-", "jobs.clear"),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""

JOB_BUTTONS: tuple[tuple[str, ...], ...] = (
    ("jobs.cancel", "generate.cancel_all"),
    ("jobs.up", "jobs.down"),
    ("jobs.show", "jobs.details", "jobs.clear"),
)
"""The buttons above the list of jobs, in groups."""
