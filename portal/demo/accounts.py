"""The demo's accounts as lines to print: who can sign in, as what, with which address."""

from portal.demo.data import read

PASSWORD = "heyan-demo-2026"  # public on purpose: production settings refuse the demo (portal.E011)
ROLE_WORDS = {
    "agent": "agent, first line",
    "second_line": "agent, second line",
    "supervisor": "supervisor",
    "editor": "editor",
    "reviewer": "reviewer",
    "safety_reviewer": "safety reviewer",
    "administrator": "administrator",
    "customer": "customer",
}


def demo_accounts() -> list[str]:
    """Return one line an account, staff first, and a line with the password."""
    people = read("people")
    rows = [(row["email"], ROLE_WORDS[row["role"]], row["name"], row["en"]) for row in people["staff"]]
    rows += [(row["email"], ROLE_WORDS["customer"], row["name"], row["en"]) for row in people["members"]]
    width = max(len(row[0]) for row in rows)
    lines = [f"{mail:<{width}}  {role:<18}  {name if english in name else f'{name} {english}'}" for mail, role, name, english in rows]
    return [*lines, f"{'password':<{width}}  {PASSWORD}"]
