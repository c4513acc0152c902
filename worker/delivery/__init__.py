"""Delivering webhooks: what is sent (payload), how it is signed (sign), when it is tried (schedule), sending (send)."""
