"""``python -m marketshock``."""

from marketshock.cli import main

if __name__ == "__main__":
    main()
