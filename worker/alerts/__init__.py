"""Alerts, decided as values: what an alert's articles say (standing), what of it is news (news), what is told (decide),
and when it may go out (times, hold)."""
