"""The model: prompts in, label probabilities and text out. Knows no person and no platform."""
