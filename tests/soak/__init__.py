"""Many runs of one study, many at a time, by every launcher: do they differ, and what do they leave?"""
