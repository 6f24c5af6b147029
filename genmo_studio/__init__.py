"""GENMO Studio: recover and create human motion on one timeline."""

__version__ = "0.1.0"
