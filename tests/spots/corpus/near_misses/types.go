func New(accountID string, tunnelSecret []byte, tunnelID uuid.UUID) error {
	tunnelSecret := generateTunnelSecret()
	return create(tunnelSecret, tunnelID)
}
