"""What memory that people trust needs: history, check-ins, letters, grants, crises, looks, keys.

Revision: 0006, after 0005. Who is there already was told that messages are kept: history is on for
them. The tables that follow hang on their person; a look stands alone, and outlives them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

INDEXES = {
    "conversations": [("platform", "server_id")],
    "turns": [
        ("person_id", "ended", "conversation_id", "received_at"),
        ("received_at",),
    ],
    "checkins": [("next_at",)],
    "letters": [("person_id",)],
    "grants": [("to_platform", "to_user_id")],
    "crises": [("person_id", "at"), ("at",)],
    "audit": [("who",), ("platform", "user_id")],
}
TABLES = ("checkins", "letters", "grants", "crises", "audit", "admin_keys")


def upgrade() -> None:
    for name in ("history", "zone"):
        op.add_column("people", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE people SET history = 'on'")
    op.add_column(
        "turns", sa.Column("ended", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _of_people()
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        *_texts("who", "what", "about", "platform", "user_id"),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "admin_keys",
        *_texts("hashed", "kind"),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("hashed", name="admin_keys_pkey"),
    )
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, list(columns))


def downgrade() -> None:
    for table in ("turns", "conversations"):
        for columns in INDEXES[table]:
            op.drop_index(_name(table, columns), table)
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("turns", "ended")
    for name in ("zone", "history"):
        op.drop_column("people", name)


def _of_people() -> None:
    op.create_table(
        "checkins",
        sa.Column("person_id", Id, nullable=False, autoincrement=False),
        *_texts("chat_id", "thread_id"),
        sa.Column("minute", sa.Integer(), nullable=False),
        *_texts("zone"),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        *_texts("language"),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="checkins_pkey"),
        _person("checkins"),
    )
    op.create_table(
        "letters",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        *_texts("kind"),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="letters_pkey"),
        _person("letters"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "grants",
        sa.Column("person_id", Id, nullable=False, autoincrement=False),
        *_texts("to_platform", "to_user_id"),
        sa.Column("granted_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "to_platform", "to_user_id", name="grants_pkey"),
        _person("grants"),
    )
    op.create_table(
        "crises",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        *_texts("kind"),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="crises_pkey"),
        _person("crises"),
        sqlite_autoincrement=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["people.id"], name=f"{table}_person_id_fkey", ondelete="CASCADE"
    )


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"{table}_{'_'.join(columns)}_idx"
