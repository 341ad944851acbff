"""What a chat platform needs: joined turns, deliveries, consent, pairing, chats that move.

Revision: 0002, after 0001. Columns are added in place: a table made anew would forget which ids
were used once, and an id is never used twice. SQLite has no ADD CONSTRAINT, so the link of
`joined_to` is written into its column, in words that both databases read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "people", sa.Column("mood_memory", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "people", sa.Column("carded", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    id_type = Id.compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE turns ADD COLUMN joined_to {id_type} "
        "CONSTRAINT turns_joined_to_fkey REFERENCES turns (id) ON DELETE CASCADE"
    )
    op.create_index("turns_joined_to_idx", "turns", ["joined_to"])
    op.create_table(
        "moves",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("old_chat_id", sa.Text(), nullable=False),
        sa.Column("new_chat_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="moves_pkey"),
        sa.UniqueConstraint("platform", "old_chat_id", name="moves_platform_old_chat_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="deliveries_pkey"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="deliveries_turn_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "pairings",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("approved_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pairings_pkey"),
        sa.UniqueConstraint("platform", "user_id", name="pairings_platform_user_id_key"),
        sqlite_autoincrement=True,
    )
