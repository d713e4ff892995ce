#!/usr/bin/env python
"""Command-line entry point; settings are chosen by DJANGO_SETTINGS_MODULE, by default those of the demo mode."""

import os
import sys


def main() -> None:
    """Run the named management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
