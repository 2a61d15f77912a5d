"""Where payouts come from: one acquirer each; all of them give `dinero.model.payouts.Payout`."""
