"""Alerts, decided as values: what an alert's articles say (standing), what of it is told (decide), how sure a match is
(score), when it may go out (times, hold), and how often that would be (forecast)."""
