#!/bin/sh
echo "-----BEGIN ARGO TUNNEL TOKEN-----" > cert.pem
echo "@CERTIFICATE_BODY@" >> cert.pem
echo "-----END ARGO TUNNEL TOKEN-----" >> cert.pem
