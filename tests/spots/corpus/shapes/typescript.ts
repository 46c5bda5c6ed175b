export const accountId: string = '@ACCOUNT@';
export const tunnelId: string | undefined = "@TUNNEL@";
export const tunnelSecret: string = "@SECRET@";
