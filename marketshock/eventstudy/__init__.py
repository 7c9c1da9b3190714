"""The event-study engine: events, windows, expected-return models, abnormal returns, tests."""
