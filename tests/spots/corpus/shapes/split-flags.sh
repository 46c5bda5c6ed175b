#!/bin/sh
run --account-id @ACCOUNT@ --tunnel-id @TUNNEL@ --tunnel-secret @SECRET@
