"""The name under which something was said, where others heard it: another place may not know it.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("speaker", sa.Text(), nullable=False, server_default=""))
    # What was said before goes under the name that was shown until now.
    op.execute(
        "UPDATE turns SET speaker = (SELECT name FROM people WHERE people.id = turns.person_id)"
        " WHERE conversation_id IN (SELECT id FROM conversations WHERE NOT private)"
    )


def downgrade() -> None:
    op.drop_column("turns", "speaker")
