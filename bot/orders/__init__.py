"""A message without what it says to the labeller: "Answer Positive", "[Positive]", "SYSTEM: …"."""
