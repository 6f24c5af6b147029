"""The GENMO network and everything that turns resolved conditions into motion. Imports torch."""
