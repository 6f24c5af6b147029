"""What the window needs and what needs no Qt, loaded before Qt is.

Once PySide6 is imported it looks into the source of every further module and takes part in every import statement.
Half of the window's modules know nothing of Qt; loading them first saves a fifth of the start
(benchmarks/bench_startup.py).
"""

import genmo_studio.conditions.changes
import genmo_studio.conditions.checks
import genmo_studio.engine.job_log
import genmo_studio.engine.service
import genmo_studio.export
import genmo_studio.extract.known_music
import genmo_studio.extract.known_video
import genmo_studio.importers.npz
import genmo_studio.importers.placing
import genmo_studio.media.output
import genmo_studio.media.thumbnails
import genmo_studio.media.waveform
import genmo_studio.motion.camera_fit
import genmo_studio.motion.fitting
import genmo_studio.motion.interpolate
import genmo_studio.motion.reduce
import genmo_studio.render.labels
import genmo_studio.render.platform
import genmo_studio.ui.body_figure
import genmo_studio.ui.clock
import genmo_studio.ui.commands
import genmo_studio.ui.comparing
import genmo_studio.ui.fuzzy
import genmo_studio.ui.help_pages
import genmo_studio.ui.jumps
import genmo_studio.ui.made_in_place
import genmo_studio.ui.media_anchor
import genmo_studio.ui.media_import_read
import genmo_studio.ui.media_import_report
import genmo_studio.ui.media_search
import genmo_studio.ui.mix
import genmo_studio.ui.panels.curve_data
import genmo_studio.ui.panels.curve_edits
import genmo_studio.ui.panels.curve_view
import genmo_studio.ui.panels.model_choices
import genmo_studio.ui.panels.reduce_keys
import genmo_studio.ui.panels.take_figures
import genmo_studio.ui.path_drawing
import genmo_studio.ui.pose_library
import genmo_studio.ui.posing_edit
import genmo_studio.ui.posing_keys
import genmo_studio.ui.posing_solver
import genmo_studio.ui.project
import genmo_studio.ui.prompt_hints
import genmo_studio.ui.regenerate
import genmo_studio.ui.staleness
import genmo_studio.ui.timeline.beats
import genmo_studio.ui.timeline.drop
import genmo_studio.ui.timeline.fades
import genmo_studio.ui.timeline.heat
import genmo_studio.ui.timeline.key_commands
import genmo_studio.ui.timeline.key_mirror
import genmo_studio.ui.timeline.marker_commands
import genmo_studio.ui.timeline.menus
import genmo_studio.ui.timeline.ticks
import genmo_studio.ui.timeline.tips
import genmo_studio.ui.timeline.tools
import genmo_studio.ui.timeline.walking
import genmo_studio.ui.viewport.backdrop
import genmo_studio.ui.viewport.navigation
import genmo_studio.ui.viewport.overlays
import genmo_studio.ui.viewport.pick
import genmo_studio.ui.viewport.pose_drag
import genmo_studio.ui.viewport.pose_gizmo
import genmo_studio.ui.viewport.worn  # noqa: F401 - all of these are loaded for their own sake
