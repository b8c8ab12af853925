"""The rails by name. A new rail adds its own package and one line in `all_rails`."""
