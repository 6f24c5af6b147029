"""Composition root: builds store, editor, engine, service and window, and starts them; nothing else.

Qt decides the GL binding, so PyOpenGL's is chosen after the application exists and before anything imports it; that is
why the window's modules are imported late. torch is never imported in this process: the engine has its own.
"""

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from genmo_studio.spare_memory import share_heaps

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication, QSplashScreen

    from genmo_studio.ui.files import Prompts
    from genmo_studio.ui.main_window import MainWindow

PROJECT_SUFFIXES = (".genmo", ".json")
SWITCH = 0.0005
"""Seconds that a thread which computes in the background may keep Python from the window's. Python's own 5 ms are due
again after each call into Qt, which lets go of Python: ten of those are seen as a window that hangs."""
ORGANISATION = NAME = "GENMO Studio"


def main(argv: list[str] | None = None) -> int:
    """Open the window (no arguments, or a project to open) or run a command; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or (len(arguments) == 1 and Path(arguments[0]).suffix.lower() in PROJECT_SUFFIXES):
        return run_window(Path(arguments[0]) if arguments else None)
    from genmo_studio import cli  # noqa: PLC0415

    return cli.main(arguments)


def run_window(path: Path | None) -> int:
    """Show the studio on a project (None: the sample) until it is closed."""
    app = make_application()
    splash = _splash(app)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would not hear Python's handler
    window = open_window(app, path)
    sys.excepthook = fault_teller(window)
    show(window)
    splash.finish(window)
    return app.exec()


def show(window: "MainWindow") -> None:
    """Bring a window that was just made to the screen."""
    gc.freeze()  # what stands by now lives as long as the program: the collector need not look through it
    window.show()


def make_application() -> "QApplication":
    """The QApplication with theme and GL set up; the one that exists, if there is one."""
    sys.setswitchinterval(SWITCH)
    share_heaps()
    gc.disable()  # loading makes much and drops nothing; garbage.collect_here takes over
    from genmo_studio.ui import early  # noqa: F401, I001, PLC0415 - before Qt, see there
    from PySide6.QtCore import QCoreApplication, Qt  # noqa: PLC0415

    from genmo_studio.ui.quick_imports import quick_imports  # noqa: PLC0415

    quick_imports()
    from PySide6.QtGui import QSurfaceFormat  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from genmo_studio.render.platform import ContextMaker, choose_platform  # noqa: PLC0415
    from genmo_studio.ui.garbage import collect_here  # noqa: PLC0415
    from genmo_studio.ui.icons import app_icon  # noqa: PLC0415
    from genmo_studio.ui.theme import DARK, apply_theme  # noqa: PLC0415
    from genmo_studio.ui.viewport.probe import surface_format  # noqa: PLC0415

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # Docks that float take their GL widgets to another window; shared contexts keep what was uploaded.
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        QSurfaceFormat.setDefaultFormat(surface_format())
        app = QApplication(sys.argv[:1])
    collect_here(app)
    app.setApplicationName(NAME)
    app.setOrganizationName(ORGANISATION)
    app.setDesktopFileName("genmo-studio")
    binding = choose_platform(
        ContextMaker.QT, system=sys.platform, qt_platform=app.platformName(), environment=os.environ
    )
    if binding is not None:
        os.environ["PYOPENGL_PLATFORM"] = binding
    apply_theme(app, DARK)
    app.setWindowIcon(app_icon())
    return app


def open_window(
    app: "QApplication",
    path: Path | None,
    *,
    settings: "QSettings | None" = None,
    prompts: "Prompts | None" = None,
    warm_up: bool = True,
) -> "MainWindow":
    """Build everything and open the project, or the sample (which plays at once) when there is none.

    ``settings`` keeps the layout (default: the user's own); ``prompts`` answers the questions about files (default:
    dialogs); ``warm_up`` starts the engine in the background before it is first needed.
    """
    from PySide6.QtCore import QSettings  # noqa: PLC0415

    from genmo_studio.document.editor import Editor  # noqa: PLC0415
    from genmo_studio.engine.client import EngineClient  # noqa: PLC0415
    from genmo_studio.engine.service import GenerationService  # noqa: PLC0415
    from genmo_studio.media.output import open_audio_out  # noqa: PLC0415
    from genmo_studio.motion.body import load_body  # noqa: PLC0415
    from genmo_studio.ui.appearance import stored  # noqa: PLC0415
    from genmo_studio.ui.control.welcome import WelcomeControl  # noqa: PLC0415
    from genmo_studio.ui.hand_back import hand_back_now_and_then  # noqa: PLC0415
    from genmo_studio.ui.main_window import MainWindow, Parts  # noqa: PLC0415
    from genmo_studio.ui.media_facts import MediaFacts  # noqa: PLC0415
    from genmo_studio.ui.project import Project, TakeStore, empty_document  # noqa: PLC0415
    from genmo_studio.ui.theme import apply_theme  # noqa: PLC0415
    from genmo_studio.ui.viewport.probe import probe_gl  # noqa: PLC0415

    settings = settings or QSettings(ORGANISATION, NAME)
    looks = stored(settings)
    apply_theme(app, looks.theme, scale=looks.scale)
    editor = Editor(empty_document())
    store = TakeStore()
    project = Project(editor, store)
    client = EngineClient()
    facts = MediaFacts(project)
    service = GenerationService(editor, client, store, locate=facts, read=store.motion)
    window = MainWindow(
        Parts(
            app=app,
            project=project,
            facts=facts,
            client=client,
            service=service,
            audio=open_audio_out(),
            body=load_body(editor.document.body.model),
            support=probe_gl(),
            theme=looks.theme,
            settings=settings,
            warm_up=warm_up,
        ),
        prompts=prompts,
    )
    window.commands.of(WelcomeControl).begin(path)
    hand_back_now_and_then(window)
    return window


def _splash(app: "QApplication") -> "QSplashScreen":
    """A quiet picture while the window is being made."""
    from PySide6.QtCore import Qt  # noqa: PLC0415
    from PySide6.QtGui import QColor, QPainter, QPixmap  # noqa: PLC0415
    from PySide6.QtWidgets import QSplashScreen  # noqa: PLC0415

    from genmo_studio.ui.icons import app_icon  # noqa: PLC0415
    from genmo_studio.ui.theme import DARK, ui_font  # noqa: PLC0415

    ratio = app.primaryScreen().devicePixelRatio()
    picture = QPixmap(round(420 * ratio), round(200 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(DARK.window))
    painter = QPainter(picture)
    painter.drawPixmap(36, 52, app_icon().pixmap(96, 96))
    painter.setPen(QColor(DARK.text))
    painter.setFont(ui_font(points=20.0))
    painter.drawText(160, 108, "GENMO Studio")
    painter.end()
    splash = QSplashScreen(picture, Qt.WindowType.WindowStaysOnTopHint)
    splash.show()
    app.processEvents()
    return splash


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def fault_teller(window: "MainWindow") -> Hook:
    """What Python calls for a fault of the program: it ends in the message bar, never in a closed window.

    A fault of a background task is told by the thread of the window, the only one that may touch a widget.
    """
    from PySide6.QtCore import QObject, Signal  # noqa: PLC0415

    from genmo_studio.ui.panels.message_bar import Message  # noqa: PLC0415

    class Teller(QObject):
        told = Signal(object)

    teller = Teller(window)
    teller.told.connect(window.post)

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        what = f"The program met a fault ({kind.__name__}: {error})."
        advice = "Your project is still open; save it under another name if something looks wrong."
        with contextlib.suppress(RuntimeError):  # the window has gone
            teller.told.emit(Message(what, advice, details))

    return tell


if __name__ == "__main__":
    sys.exit(main())
