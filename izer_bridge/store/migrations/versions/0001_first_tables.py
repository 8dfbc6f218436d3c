"""The tables of the first version, from which every migration leads on.

Nothing is done here: a store without tables is given those of `store/tables` at once, and the mark
of the newest version (`store/schema.py`). A migration only ever meets one that has them.
"""

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None
