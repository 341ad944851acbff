"""The commands of warmline: each parses, builds, calls and prints."""
