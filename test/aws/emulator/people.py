"""The user pool: a password it makes itself keeps the pool's own policy."""

import secrets

import ministack.services.cognito as cognito


def repair():
    cognito._generate_temp_password = lambda: "Aa1!" + secrets.token_hex(12)
