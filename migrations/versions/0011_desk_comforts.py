"""what makes the desk comfortable: cases merged and linked, customers reminded, steps for many cases, canned
replies, presence, drafts, saved views, and a search that knows what was written
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: SQLite would make the table anew, and other tables point at it.
    op.add_column("complaint", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_complaint_merged_into_id",
        "complaint",
        ["merged_into_id"],
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.add_column("complaint", sa.Column("next_prompt_at", sa.DateTime(), nullable=True))
    op.create_index(
        "ix_complaint_next_prompt_at",
        "complaint",
        ["next_prompt_at"],
        sqlite_where=sa.text("next_prompt_at IS NOT NULL"),
        postgresql_where=sa.text("next_prompt_at IS NOT NULL"),
    )
    op.create_index("ix_complaint_similar", "complaint", ["category_id", "unit_id", "received_at"])
    op.create_table(
        "complaint_link",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_link_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["complaint.id"], name=op.f("fk_complaint_link_other_id_complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "other_id", name=op.f("pk_complaint_link")),
    )
    op.create_index("ix_complaint_link_other_id", "complaint_link", ["other_id"])
    op.create_table(
        "complaint_text",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_text_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint_text")),
    )
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_bulk_run_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
        sa.UniqueConstraint("key", name=op.f("uq_bulk_run_key")),
    )
    op.create_index("ix_bulk_run_started_at", "bulk_run", ["started_at"])
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
    )
    op.create_table(
        "complaint_presence",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_presence_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_complaint_presence_user_id_user")),
        sa.PrimaryKeyConstraint("complaint_id", "user_id", name=op.f("pk_complaint_presence")),
    )
    op.create_table(
        "complaint_draft",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=12), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_draft_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_complaint_draft_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "complaint_id", "door", name=op.f("pk_complaint_draft")),
    )
    op.create_index("ix_complaint_draft_kept_at", "complaint_draft", ["kept_at"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_saved_view_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"])
    op.create_table(
        "default_view",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_default_view_user_id_user")),
        sa.ForeignKeyConstraint(["view_id"], ["saved_view.id"], name=op.f("fk_default_view_view_id_saved_view")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_default_view")),
    )


def downgrade() -> None:
    for table in (
        "default_view",
        "saved_view",
        "complaint_draft",
        "complaint_presence",
        "canned_reply",
        "bulk_run",
        "complaint_text",
    ):
        op.drop_table(table)
    op.drop_table("complaint_link")
    op.drop_index("ix_complaint_similar", "complaint")
    op.drop_index("ix_complaint_merged_into_id", "complaint")
    op.drop_index("ix_complaint_next_prompt_at", "complaint")
    op.drop_column("complaint", "next_prompt_at")
    op.drop_column("complaint", "merged_into_id")
