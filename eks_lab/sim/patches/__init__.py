"""How a patch becomes an object: JSON patch, merge patch, strategic merge patch, server-side apply, ownership."""
