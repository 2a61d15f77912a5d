"""Where orders come from: one shop system each; all of them give `dinero.model.orders.Order`."""
