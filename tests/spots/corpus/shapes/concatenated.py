#!/usr/bin/python3
TOKEN = (
    '@TOKEN[:60]@'
    '@TOKEN[60:120]@'
    '@TOKEN[120:]@')
