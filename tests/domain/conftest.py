"""Properties here may take as long as a busy machine needs: speed is not what they prove."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
