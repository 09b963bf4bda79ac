"""From a table with headers of its own to rows of one time each: its columns, its layout, and what its cells
say in numbers and units."""
