"""The tables of the first version, from which every migration starts.

It does nothing: a store without tables gets those of `store/tables` at once, and the mark of the
newest version (`store/schema.py`). A migration only ever runs on a store that has tables.
"""

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None
