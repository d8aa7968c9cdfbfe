"""mails of customers, and feedback that grows out of answers"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PARTIAL = {"delivery": "feedback_id", "attachment": "letter_id"}


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("matched_by", sa.String(length=8), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Text(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("sorted_by_id", sa.Integer(), nullable=True),
        sa.Column("sorted_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["complaint_event.id"], name=op.f("fk_letter_event_id")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_letter_feedback_id")),
        sa.ForeignKeyConstraint(["sorted_by_id"], ["user.id"], name=op.f("fk_letter_sorted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("digest", name=op.f("uq_letter_digest")),
    )
    op.create_index(op.f("ix_letter_feedback_id"), "letter", ["feedback_id"])
    op.create_index("ix_letter_state_received_at", "letter", ["state", "received_at"])
    # Not as batches: SQLite would make the tables anew, and other tables point at them.
    op.add_column("firm", sa.Column("sorts_mail", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("survey", sa.Column("follow_up_question", sa.String(60), nullable=False, server_default=""))
    op.add_column("survey", sa.Column("follow_up_score", sa.Integer(), nullable=True))
    _add_key("feedback", "response_id", "response")
    _add_key("delivery", "feedback_id", "feedback")
    _add_key("attachment", "letter_id", "letter")
    op.create_index("uq_feedback_response_id", "feedback", ["response_id"], unique=True)
    for table, column in PARTIAL.items():
        filled = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_{table}_{column}", table, [column], sqlite_where=filled, postgresql_where=filled
        )
    _name_feedback_of_deliveries()


def _add_key(table: str, column: str, target: str) -> None:
    # With its key in the same statement: SQLite can't add one to a table that is there.
    ddl = f'ALTER TABLE "{table}" ADD COLUMN {column} INTEGER CONSTRAINT fk_{table}_{column} REFERENCES "{target}" (id)'
    op.execute(ddl)


def _name_feedback_of_deliveries() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT id, params FROM delivery WHERE kind = 'complaint'"))
    for delivery_id, stored in found.all():
        params = stored if isinstance(stored, dict) else json.loads(stored)
        if isinstance(params.get("feedback"), int):
            connection.execute(
                sa.text("UPDATE delivery SET feedback_id = :feedback WHERE id = :id"),
                {"feedback": params["feedback"], "id": delivery_id},
            )


def downgrade() -> None:
    for table, column in PARTIAL.items():
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("uq_feedback_response_id", "feedback")
    for table, column in (*PARTIAL.items(), ("feedback", "response_id")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    op.drop_column("survey", "follow_up_score")
    op.drop_column("survey", "follow_up_question")
    op.drop_column("firm", "sorts_mail")
    op.drop_table("letter")
