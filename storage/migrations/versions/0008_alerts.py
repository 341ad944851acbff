"""A person lets a named responder be told that they may be in danger: whom, and since when.

Revision: 0008, after 0007. One row a person: a yes is to one responder, and a new one takes the
place of the one before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEX = "alerts_to_platform_to_user_id_idx"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("person_id", Id, nullable=False, autoincrement=False),
        sa.Column("to_platform", sa.Text(), nullable=False),
        sa.Column("to_user_id", sa.Text(), nullable=False),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="alerts_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="alerts_person_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index(INDEX, "alerts", ["to_platform", "to_user_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "alerts")
    op.drop_table("alerts")
