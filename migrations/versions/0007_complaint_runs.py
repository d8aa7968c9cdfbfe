"""when each run of a clock was due, for summaries"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ABOUT = sa.text("about_user_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "complaint_run",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_run_complaint_id")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "clock", "round", "turn", name=op.f("pk_complaint_run")),
    )
    with op.batch_alter_table("complaint_run", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_run_clock_due_at", ["clock", "due_at"], unique=False)
    for table in ("complaint", "feedback"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(
                f"ix_{table}_about_user_id",
                ["about_user_id"],
                unique=False,
                sqlite_where=ABOUT,
                postgresql_where=ABOUT,
            )


def downgrade() -> None:
    for table in ("feedback", "complaint"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"ix_{table}_about_user_id", sqlite_where=ABOUT, postgresql_where=ABOUT)
    with op.batch_alter_table("complaint_run", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_run_clock_due_at")

    op.drop_table("complaint_run")
