"""reports on complaints"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("figures_at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("suggestions", sa.Text(), nullable=False),
        sa.Column("drafted", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_complaint_report_created_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_complaint_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_report")),
    )
    with op.batch_alter_table("complaint_report", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_report_period_state", ["period", "state"], unique=False)
    op.create_table(
        "complaint_report_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_complaint_report_event_by_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["complaint_report.id"], name=op.f("fk_complaint_report_event_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_report_event")),
        sa.UniqueConstraint("key", name=op.f("uq_complaint_report_event_key")),
    )
    with op.batch_alter_table("complaint_report_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_complaint_report_event_report_id"), ["report_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("complaint_report_event")
    op.drop_table("complaint_report")
