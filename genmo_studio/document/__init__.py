"""What the user made: frozen values, edits, history and storage. No Qt, no arrays, no torch."""
