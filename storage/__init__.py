"""The memory: people, conversations, turns and labels. Knows no model and no platform."""
