module.exports = { apps: [{
  script: 'cloudflared',
  args: 'tunnel run --token @TOKEN@',
}] };
