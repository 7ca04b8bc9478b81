"""What `import tdscen` offers to Python: `load`, `check`, `compile`, `run`, `sweep`, and what they raise."""
