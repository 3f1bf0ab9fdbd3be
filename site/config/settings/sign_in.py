"""How people log in: django-allauth's settings, in a file of their own because they are read together."""

ACCOUNT_ADAPTER = "membership.sign_in.views.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "membership.sign_in.forms.PasswordForm",
    "request_login_code": "membership.sign_in.forms.SendCodeForm",
    "confirm_login_code": "membership.sign_in.forms.CodeForm",
    "reset_password": "membership.sign_in.forms.ResetForm",
    "add_email": "membership.sign_in.forms.NewAddressForm",
}

# Whatever identifies somebody is found by membership/sign_in.py; allauth itself sees user names only.
ACCOUNT_LOGIN_METHODS = {"email", "username"}
# Nobody signs up here (the adapter is closed), but without a password field here allauth's log-in has none either.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SESSION_REMEMBER = True

ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True

# Known and unknown get the same answer. Nothing is sent to the unknown: the adapter only takes the same time.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True

# An address is confirmed when it is changed; those from the register are taken as they are.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True

ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
PASSWORD_RESET_TIMEOUT = 3600
# Django's own: allauth's would write its table of addresses for members only, and take longer for them.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"

ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/h/key",
    "request_login_code": "20/m/ip,3/m/key",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
