"""feedback and complaints"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["feedback_category.id"], name=op.f("fk_feedback_category_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_category")),
        sa.UniqueConstraint("code", name=op.f("uq_feedback_category_code")),
    )
    with op.batch_alter_table("feedback_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_category_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "assignment_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(length=8), nullable=True),
        sa.Column("to_unit_id", sa.Integer(), nullable=False),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["feedback_category.id"], name=op.f("fk_assignment_rule_category_id")
        ),
        sa.ForeignKeyConstraint(["handler_id"], ["user.id"], name=op.f("fk_assignment_rule_handler_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_assignment_rule_to_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_rule_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rule")),
    )
    op.create_table(
        "clock_policy",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_clock_policy_created_by_id")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_clock_policy")),
    )
    op.create_table(
        "working_calendar",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_working_calendar_created_by_id")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_working_calendar")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("summary", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("about_user_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["about_user_id"], ["user.id"], name=op.f("fk_feedback_about_user_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["feedback_category.id"], name=op.f("fk_feedback_category_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_feedback_customer_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_feedback_recorded_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feedback_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("key", name=op.f("uq_feedback_key")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_feedback_kind_received_at", ["kind", "received_at"], unique=False)
        batch_op.create_index("ix_feedback_received_at_id", ["received_at", "id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("about_user_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("waiting_until", sa.DateTime(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("due_clock", sa.String(length=12), nullable=False),
        sa.Column("soon_at", sa.DateTime(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_alarm_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["about_user_id"], ["user.id"], name=op.f("fk_complaint_about_user_id")),
        sa.ForeignKeyConstraint(
            ["calendar_version"], ["working_calendar.version"], name=op.f("fk_complaint_calendar_version")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["feedback_category.id"], name=op.f("fk_complaint_category_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_complaint_customer_id")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_complaint_feedback_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["user.id"], name=op.f("fk_complaint_handler_id")),
        sa.ForeignKeyConstraint(
            ["policy_version"], ["clock_policy.version"], name=op.f("fk_complaint_policy_version")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_complaint_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_complaint_feedback_id")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
        sa.UniqueConstraint("year", "running", name=op.f("uq_complaint_year_running")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_category_id_state", ["category_id", "state"], unique=False)
        batch_op.create_index("ix_complaint_closed_at_id", ["closed_at", "id"], unique=False)
        batch_op.create_index("ix_complaint_customer_id", ["customer_id"], unique=False)
        batch_op.create_index("ix_complaint_handler_id_state", ["handler_id", "state"], unique=False)
        batch_op.create_index(
            "ix_complaint_next_alarm_at",
            ["next_alarm_at"],
            unique=False,
            sqlite_where=sa.text("next_alarm_at IS NOT NULL"),
            postgresql_where=sa.text("next_alarm_at IS NOT NULL"),
        )
        batch_op.create_index("ix_complaint_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_complaint_unit_id_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "feedback_text",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_text_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_text")),
    )
    op.create_table(
        "callback_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_callback_try_by_id")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_callback_try_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_try")),
    )
    with op.batch_alter_table("callback_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_callback_try_complaint_id"), ["complaint_id"], unique=False)

    op.create_table(
        "complaint_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_complaint_event_by_id")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_event_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_event")),
        sa.UniqueConstraint("key", name=op.f("uq_complaint_event_key")),
    )
    with op.batch_alter_table("complaint_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_event_complaint_id"), ["complaint_id"], unique=False)

    op.create_table(
        "complaint_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=True),
        sa.Column("cause_text", sa.Text(), nullable=False),
        sa.Column("prevention", sa.Text(), nullable=False),
        sa.Column("no_prevention_because", sa.Text(), nullable=False),
        sa.Column("satisfaction", sa.String(length=10), nullable=False),
        sa.Column("solution_score", sa.Integer(), nullable=True),
        sa.Column("handling_score", sa.Integer(), nullable=True),
        sa.Column("called_back_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["feedback_category.id"], name=op.f("fk_complaint_round_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_round_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_round")),
        sa.UniqueConstraint("complaint_id", "number", name=op.f("uq_complaint_round_complaint_id_number")),
    )
    op.create_table(
        "complaint_unit",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_unit_complaint_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_complaint_unit_unit_id")),
        sa.PrimaryKeyConstraint("complaint_id", "unit_id", name=op.f("pk_complaint_unit")),
    )
    with op.batch_alter_table("complaint_unit", schema=None) as batch_op:
        batch_op.create_index(
            "ix_complaint_unit_unit_id_complaint_id", ["unit_id", "complaint_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("complaint_unit", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_unit_unit_id_complaint_id")

    op.drop_table("complaint_unit")
    op.drop_table("complaint_round")
    with op.batch_alter_table("complaint_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_event_complaint_id"))

    op.drop_table("complaint_event")
    with op.batch_alter_table("callback_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callback_try_complaint_id"))

    op.drop_table("callback_try")
    op.drop_table("feedback_text")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_unit_id_state")
        batch_op.drop_index("ix_complaint_state_due_at")
        batch_op.drop_index(
            "ix_complaint_next_alarm_at",
            sqlite_where=sa.text("next_alarm_at IS NOT NULL"),
            postgresql_where=sa.text("next_alarm_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_complaint_handler_id_state")
        batch_op.drop_index("ix_complaint_customer_id")
        batch_op.drop_index("ix_complaint_closed_at_id")
        batch_op.drop_index("ix_complaint_category_id_state")

    op.drop_table("complaint")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index("ix_feedback_received_at_id")
        batch_op.drop_index("ix_feedback_kind_received_at")
        batch_op.drop_index(batch_op.f("ix_feedback_customer_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_category_id"))

    op.drop_table("feedback")
    op.drop_table("working_calendar")
    op.drop_table("clock_policy")
    op.drop_table("assignment_rule")
    with op.batch_alter_table("feedback_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_category_parent_id"))

    op.drop_table("feedback_category")
