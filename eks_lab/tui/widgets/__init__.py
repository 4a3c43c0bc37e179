"""One public widget a file: frozen view models in, messages out."""
