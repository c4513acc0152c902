#!/bin/sh
# Verifies one webhook with openssl: the body on stdin, its three headers and the secret in the environment.
#
#     WIREWATCH_WEBHOOK_SECRET=whsec_... WEBHOOK_ID=... WEBHOOK_TIMESTAMP=... WEBHOOK_SIGNATURE=... \
#         examples/verify.sh < body.json && echo genuine
#
# The key is in the arguments of openssl for a moment: do not use it where others can list your processes.
set -eu

tolerance_seconds=300
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
if [ "$age" -gt "$tolerance_seconds" ] || [ "$age" -lt "-$tolerance_seconds" ]; then
    echo "older or newer than $tolerance_seconds s" >&2
    exit 1
fi

key=$(printf '%s' "${WIREWATCH_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

for signature in $WEBHOOK_SIGNATURE; do
    [ "$signature" = "v1,$expected" ] && exit 0
done
echo "no signature of ours" >&2
exit 1
