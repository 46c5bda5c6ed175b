CERT = (
@CERTIFICATE|quote@)
