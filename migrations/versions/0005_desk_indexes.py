"""indexes from which the desk is read without looking at the rows"""

from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_state_due_at")
        batch_op.drop_index("ix_complaint_closed_at_id")
        batch_op.create_index(
            "ix_complaint_desk",
            ["state", "due_at", "id", "handler_id", "unit_id", "about_user_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_complaint_closed", ["state", "closed_at", "id", "about_user_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_closed")
        batch_op.drop_index("ix_complaint_desk")
        batch_op.create_index("ix_complaint_closed_at_id", ["closed_at", "id"], unique=False)
        batch_op.create_index("ix_complaint_state_due_at", ["state", "due_at"], unique=False)
