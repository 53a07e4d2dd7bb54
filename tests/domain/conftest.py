"""Properties of the rules are tried without a time limit for one example: the machine may be busy."""

from hypothesis import settings

settings.register_profile("dialerd", deadline=None)
settings.load_profile("dialerd")
