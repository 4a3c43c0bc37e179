"""Runs the commands that lessons show for the sandbox, and says which of them do not do what the page promises."""
