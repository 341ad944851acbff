"""What a person says of how their message was read: beside the label, never in its place.

Revision: 0004, after 0003. A correction goes when its label goes, whoever deletes that.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("turn_id", Id, nullable=False, autoincrement=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("valence", sa.Float(53), nullable=False),
        sa.Column("corrected_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "task", name="corrections_pkey"),
        sa.ForeignKeyConstraint(
            ["turn_id", "task"],
            ["labels.turn_id", "labels.task"],
            name="corrections_turn_id_task_fkey",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("corrections")
