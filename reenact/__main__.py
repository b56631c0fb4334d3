"""python -m reenact"""

from reenact.cli import main

main()
