"""One screen a file: it composes, loads through workers and routes messages."""
