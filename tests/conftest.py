"""Being here makes `tests` importable, for what several tests share (`films`)."""
