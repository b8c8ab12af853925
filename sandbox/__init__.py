"""The pretend outside world: partners with books of their own, faults on demand, one business clock.

Written from the partners' contracts a second time and importing nothing of the product, so that a
misunderstanding of a contract shows as a failing test instead of being shared by both sides.
"""
