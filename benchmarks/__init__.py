"""Measurements that anyone can rerun. Figures in docs/ come from here."""
