"""The door: cameras, films, pictures and screens. Nothing is imported here, so that extras stay optional."""
