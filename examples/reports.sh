#!/bin/sh
# All reports on all states, as far as they are missing or out of date: for cron, or by hand.
#
#   reports.sh FOLDER    the site comes to FOLDER/reports, the log to FOLDER/partnerships.log
#
# PARTNERSHIPS: the command, if it is not on the PATH. PARTNERSHIPS_NOTIFY: whom to tell (apprise).
# Ends with the status of the command: 0 all made, 1 some failed, 2 a mistake or another run at work.
set -eu
folder=${1:?usage: reports.sh FOLDER}
mkdir -p "$folder"
# progress would only fill cron's mail; failures still come on standard error
exec nice "${PARTNERSHIPS:-partnerships}" report --all --notebook all --resume \
    --jobs "$(getconf _NPROCESSORS_ONLN)" --retry 1 --timeout 900 --quiet \
    --out "$folder/reports" --log "$folder/partnerships.log" >/dev/null
