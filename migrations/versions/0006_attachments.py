"""public forms, customers' links and attachments"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_public_form_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_form")),
        sa.UniqueConstraint("address", name=op.f("uq_public_form_address")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_public_form_unit_id")),
    )
    op.create_table(
        "feedback_link",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=9), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_link_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_link")),
        sa.UniqueConstraint("nonce", name=op.f("uq_feedback_link_nonce")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("form_key", sa.String(length=43), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["complaint_event.id"], name=op.f("fk_attachment_event_id")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_attachment_feedback_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("stored", name=op.f("uq_attachment_stored")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_feedback_id"), ["feedback_id"], unique=False)
        batch_op.create_index("ix_attachment_form_key", ["form_key"], unique=False)


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("feedback_link")
    op.drop_table("public_form")
