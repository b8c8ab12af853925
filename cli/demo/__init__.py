"""`bursar demo`: plays the stories through the public API, as a client and an operator would."""
