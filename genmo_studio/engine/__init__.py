"""Long work in a process of its own: the messages, the worker, the client that owns it, and the generation service."""
