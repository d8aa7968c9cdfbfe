"""notices to staff, mails of the morning, and groups in messengers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at IS NULL")
TO_BE_MAILED = sa.text("mail = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("mail", sa.String(length=8), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_notice_complaint_id")),
        sa.ForeignKeyConstraint(["event_id"], ["complaint_event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("user_id", "event_id", name=op.f("uq_notice_user_id_event_id")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_user_id_id", ["user_id", "id"], unique=False)
        batch_op.create_index("ix_notice_created_at", ["created_at"], unique=False)
        batch_op.create_index(
            "ix_notice_unread",
            ["user_id", "complaint_id"],
            unique=False,
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        )
        batch_op.create_index(
            "ix_notice_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=TO_BE_MAILED,
            postgresql_where=TO_BE_MAILED,
        )
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("notices", sa.String(length=12), nullable=False),
        sa.Column("mail", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_choice_user_id")),
        sa.PrimaryKeyConstraint("user_id", "notices", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "morning_mail",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_morning_mail_delivery_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_morning_mail_user_id")),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_morning_mail")),
    )
    op.create_table(
        "messenger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("secret", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("least", sa.String(length=9), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_messenger_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messenger")),
    )
    op.create_table(
        "messenger_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("messenger_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_messenger_post_complaint_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["complaint_event.id"], name=op.f("fk_messenger_post_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["messenger_id"], ["messenger.id"], name=op.f("fk_messenger_post_messenger_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messenger_post")),
        sa.UniqueConstraint("messenger_id", "event_id", name=op.f("uq_messenger_post_messenger_id_event_id")),
    )
    with op.batch_alter_table("messenger_post", schema=None) as batch_op:
        batch_op.create_index("ix_messenger_post_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_messenger_post_messenger_id_id", ["messenger_id", "id"], unique=False)
        batch_op.create_index(
            "ix_messenger_post_messenger_id_lease_until", ["messenger_id", "lease_until"], unique=False
        )


def downgrade() -> None:
    for table in ("messenger_post", "messenger", "morning_mail", "notice_choice", "notice"):
        op.drop_table(table)
