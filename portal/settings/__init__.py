"""Settings of the project: `base` reads the environment, `dev`, `test` and `production` are short."""
