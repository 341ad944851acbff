"""A label says itself where, by whom and on which day its message was said.

Revision: 0007, after 0006. A trend of a big server had to look up every turn and every label of its
channels; now it reads one index. The defaults are for no row: SQLite asks for them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("conversation_id", "task", "said_on", "person_id", "valence")
INDEX = "labels_conversation_id_task_said_on_person_id_valence_idx"


def upgrade() -> None:
    for name in ("conversation_id", "person_id"):
        op.add_column("labels", sa.Column(name, Id, nullable=False, server_default="0"))
    op.add_column(
        "labels", sa.Column("said_on", sa.Date(), nullable=False, server_default="1970-01-01")
    )
    # SQLite keeps times as text, in UTC.
    day = "substr(turns.sent_at, 1, 10)"
    if op.get_bind().dialect.name == "postgresql":
        day = "CAST(turns.sent_at AT TIME ZONE 'UTC' AS date)"
    op.execute(
        "UPDATE labels SET conversation_id = turns.conversation_id, person_id = turns.person_id,"
        f" said_on = {day} FROM turns WHERE turns.id = labels.turn_id"
    )
    op.create_index(INDEX, "labels", list(COLUMNS))


def downgrade() -> None:
    op.drop_index(INDEX, "labels")
    for name in ("said_on", "person_id", "conversation_id"):
        op.drop_column("labels", name)
