"""Telephony platforms, played against an application in process."""
