"""The only code with side effects that workflows may call: one class of activities per noun."""
