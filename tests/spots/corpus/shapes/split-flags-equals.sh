#!/bin/sh
run --account-id="@ACCOUNT@" \
  --tunnel-secret="@SECRET@" --tunnel-id="@TUNNEL@"
