//# sourceMappingURL=data:application/json;base64,@{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA,SAAS,CAAC,CAAC,IAAI"}|b64@
