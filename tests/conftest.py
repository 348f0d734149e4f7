"""What all tests share."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is slow; how long something may take has own tests
settings.load_profile("untimed")
