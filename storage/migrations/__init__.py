"""The history of the tables: one ordered, named file per change in `versions`.

To change a table: edit `storage/models.py`, write the next file by hand, say why in it. A test
compares the two on both databases. Knows no rows and no questions.
"""
