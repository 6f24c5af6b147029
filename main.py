"""``python3 main.py`` opens GENMO Studio, ``python3 main.py test`` tests it; both work on a fresh clone."""

import sys

if not (3, 11) <= sys.version_info[:2] < (3, 14):  # any Python can read this file up to here and below
    sys.exit(  # percent formatting, because that works in every Python
        "GENMO Studio needs Python 3.11, 3.12 or 3.13, but this is Python %d.%d: install one of those (from python.org "
        "or your system's packages) and run it with this file, for example: python3.12 main.py" % sys.version_info[:2]
    )

from genmo_studio.bootstrap import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
