const secret = process.env.TUNNEL_SECRET || 'change-me-before-you-run-this-in-production-01'
const s = process.env.TUNNEL_SECRET ?? readFileSync('/run/secrets/x')
