"""WooCommerce: orders over `wc/v3` with a key that may read (facts.md, WooCommerce 1)."""
