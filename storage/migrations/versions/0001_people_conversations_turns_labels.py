"""The first tables: who wrote, where, what became of it, how it was read.

Revision: 0001. Written out in full and frozen: it must make the same tables when `models.py` has
long moved on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="people_pkey"),
        sa.UniqueConstraint("platform", "user_id", name="people_platform_user_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "conversations",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="conversations_pkey"),
        sa.UniqueConstraint(
            "platform", "chat_id", "thread_id", name="conversations_platform_chat_id_thread_id_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "turns",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="turns_pkey"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="turns_conversation_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="turns_person_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "conversation_id", "message_id", name="turns_conversation_id_message_id_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("turns_conversation_id_id_idx", "turns", ["conversation_id", "id"])
    op.create_index("turns_person_id_sent_at_idx", "turns", ["person_id", "sent_at"])
    op.create_index("turns_state_id_idx", "turns", ["state", "id"])
    op.create_table(
        "labels",
        sa.Column("id", Id, nullable=False),
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("valence", sa.Float(53), nullable=False),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="labels_pkey"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="labels_turn_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("turn_id", "task", name="labels_turn_id_task_key"),
        sqlite_autoincrement=True,
    )
