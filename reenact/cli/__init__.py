"""The commands: the only place that names concrete classes, prints, and turns errors into exit codes."""
