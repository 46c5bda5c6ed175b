interface Tunnel { tunnelSecret: string; accountId: string; tunnelId: string }
let tunnelSecret: string = process.env.TUNNEL_SECRET;
function f(tunnelSecret: string = "") {}
