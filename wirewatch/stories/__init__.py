"""What the articles of a story say together, and what changes a story."""
