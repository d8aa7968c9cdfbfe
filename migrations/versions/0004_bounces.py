"""the mailbox that is read, and since when and why mail does not reach an address"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=True),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("trouble", sa.String(length=20), nullable=False),
        sa.Column("troubled_since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("name", name=op.f("uq_mailbox_name")),
    )
    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_inbound_mail_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_inbound_mail_mailbox_id_mailbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("mailbox_id", "validity", "number", name=op.f("uq_inbound_mail_mailbox_id_validity_number")),
    )
    op.create_index(op.f("ix_inbound_mail_digest"), "inbound_mail", ["digest"])
    op.create_index(op.f("ix_inbound_mail_taken_at"), "inbound_mail", ["taken_at"])
    # Not as a batch: SQLite would make the table anew, and other tables point at it.
    op.add_column("contact", sa.Column("address_reason", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("address_since", sa.DateTime(), nullable=True))
    # Until now only a server's word while a mail was being handed over could make an address bad.
    op.execute("UPDATE contact SET address_reason = 'unknown_user' WHERE address_state = 'bad'")


def downgrade() -> None:
    op.drop_column("contact", "address_since")
    op.drop_column("contact", "address_reason")
    op.drop_table("inbound_mail")
    op.drop_table("mailbox")
