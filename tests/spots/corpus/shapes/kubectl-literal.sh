#!/bin/sh
kubectl create secret generic tunnel \
  --from-literal=tunnel-token=@TOKEN@ --namespace=web
