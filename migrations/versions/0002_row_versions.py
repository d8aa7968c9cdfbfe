"""row versions of units and segments"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("unit", "segment"):
        # Not as a batch: SQLite would make the table anew, and other tables point at it.
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
