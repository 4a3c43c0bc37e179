"""The terminal app. Textual lives here and nowhere else; rules, SQL and YAML do not."""
