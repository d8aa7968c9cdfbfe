"""What may be changed about a user, and by whom."""

from collections.abc import Collection

from app.rules.permissions import Role


def refusal(
    *,
    own: bool,
    roles_before: Collection[str],
    roles_after: Collection[str],
    active_before: bool,
    active_after: bool,
    other_administrators: int,
) -> str | None:
    """Return why a change of roles or activity is not allowed, or None.

    Codes: `own_roles`, `own_account` (nobody promotes or locks out himself), `last_administrator`,
    `unknown_role`.
    """
    if not set(roles_after) <= set(Role):
        return "unknown_role"
    if own and set(roles_before) != set(roles_after):
        return "own_roles"
    if own and active_before and not active_after:
        return "own_account"
    was_administrator = active_before and Role.ADMINISTRATOR in roles_before
    is_administrator = active_after and Role.ADMINISTRATOR in roles_after
    if was_administrator and not is_administrator and not other_administrators:
        return "last_administrator"
    return None
