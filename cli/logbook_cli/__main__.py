"""`python -m logbook_cli` is `logbook`."""

from logbook_cli.app import main

if __name__ == "__main__":
    main()
