"""An OpenAI-compatible server as the engine: how Warmline outgrows one machine."""
