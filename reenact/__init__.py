"""reenact: one picture and an actor in, the moving avatar out."""
