"""The HTTP API: what every route shares lives here, each noun's own in routes/ and schemas/."""
