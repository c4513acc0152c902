"""Faults against a whole running stack, judged by what the receiver of its webhooks saw."""
