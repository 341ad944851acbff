"""The crisis layer: rules that see danger in a person's words, before any model does."""
