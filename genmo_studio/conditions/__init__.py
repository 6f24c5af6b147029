"""What the model is told: one module a modality, and the pure compile step from document to request."""
