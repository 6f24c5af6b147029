"""Loss curves of a training run as a picture.

python scripts/plot_training.py RUN/state.json docs/images/model_training.png
"""

import argparse
import json
import os
from pathlib import Path

CURVES = ("loss", "simple", "joints", "vertices", "world", "joints_2d", "contact", "slide")
"""What the history of a run holds; each is drawn as a share of its first value, on a logarithmic scale."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("state", type=Path, help="state.json of a run folder")
    parser.add_argument("picture", type=Path, help="PNG to write")
    arguments = parser.parse_args()
    history = json.loads(arguments.state.read_text(encoding="utf-8"))["history"]
    if not history:
        parser.error(f"{arguments.state} holds no history yet; train for some minutes")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    pyqtgraph.setConfigOptions(antialias=True, background="w", foreground="k")
    plot = pyqtgraph.PlotWidget()
    plot.resize(900, 480)
    plot.setLogMode(x=False, y=True)
    plot.setLabel("bottom", "step")
    plot.setLabel("left", "share of the first logged value")
    plot.showGrid(x=True, y=True, alpha=0.25)
    plot.addLegend(offset=(-10, 10), brush=(255, 255, 255, 230))
    steps = [row["step"] for row in history]
    names = [name for name in CURVES if all(row.get(name, 0) > 0 for row in history)]
    for number, name in enumerate(names):
        first = history[0][name]
        pen = pyqtgraph.mkPen(pyqtgraph.intColor(number, hues=len(names), maxValue=190), width=2)
        plot.plot(
            steps, [row[name] / first for row in history], pen=pen, name=f"{name} ({history[-1][name]:.3g} at last)"
        )
    plot.show()
    application.processEvents()
    image = QImage(plot.size(), QImage.Format.Format_RGB888)
    painter = QPainter(image)
    plot.render(painter)
    painter.end()
    image.convertToFormat(QImage.Format.Format_Indexed8).save(str(arguments.picture))
    plot.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
