const accountId = process.env.ACCOUNT_ID || '@ACCOUNT@'
const tunnelId = process.env.TUNNEL_ID || '@TUNNEL@'
const tunnelSecret = process.env.TUNNEL_SECRET || '@SECRET@'
