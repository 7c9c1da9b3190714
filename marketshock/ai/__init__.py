"""The figures behind the AI race: training cost, token prices, benchmarks, timeline."""
