#!/bin/sh
@CERTIFICATE|prefix:# @
