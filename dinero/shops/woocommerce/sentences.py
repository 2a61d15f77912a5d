"""What is said when a WooCommerce shop can't be read: what is wrong, and what to do about it."""

from dinero.model.i18n import Text

KEY_REFUSED = Text(
    "The webshop does not accept the key, and there are three possible causes: the key is wrong or was deleted, the "
    "webshop's host removes it on the way, or WordPress does not know that it is reached over https. Make a new key "
    "with the right to read under WooCommerce > Settings > Advanced > REST API. If that does not help, show this to "
    "the webshop's host."
)
SECRET_WRONG = Text(
    "The webshop knows the key, but not its secret. Copy both again, or make a new key with the right to read under "
    "WooCommerce > Settings > Advanced > REST API."
)
NO_HTTPS = Text(
    "The webshop knows the key, but WordPress does not know that it is reached over https, so it does not use it. Ask "
    "the webshop's host to send X-Forwarded-Proto on to WordPress, and check that both addresses under Settings > "
    "General begin with https."
)
HEADER_STRIPPED = Text(
    "The key is right, but the webshop's host removes it from the call (the Authorization header). Ask the host to let "
    "it through. Otherwise you can allow the key in the address, where the host can see it in its log."
)
PERMALINKS_OFF = Text(
    "WordPress is there, but its data can't be reached, because permalinks are set to plain. Choose another kind under "
    "Settings > Permalinks in WordPress, save, and try again."
)
NO_WOOCOMMERCE = Text(
    "WordPress is there, but WooCommerce does not answer. Check that WooCommerce is activated, and that the address is "
    "the webshop's."
)
WRONG_ADDRESS = Text(
    "There is no WooCommerce at this address. Enter the webshop's address as the browser shows it on its front page."
)
RIGHT_MISSING = Text(
    "The key lacks the right to read orders. Make a key with the right to read under WooCommerce > Settings > Advanced "
    "> REST API, for a user who may see orders."
)
CLOSED = Text(
    "WordPress keeps its REST API closed ({code}), mostly because of a security plugin. Let calls to /wp-json/wc/v3 "
    "through in it."
)
NO_JSON = Text(
    "The webshop answered with a web page instead of data: a sign-in, maintenance, or security page. Try again in a "
    "few minutes. If it stays so, ask the webshop's host to let calls to /wp-json/wc/v3 through."
)
TOO_OLD = Text(
    "WooCommerce is too old to tell which orders were changed. Update WooCommerce to version 5.8 or newer, then try "
    "again."
)
TOO_OLD_VERSION = Text(
    "WooCommerce {version} is too old to tell which orders were changed. Update WooCommerce to version 5.8 or newer, "
    "then try again."
)
REDIRECTED = Text(
    "The webshop sends the call on to another address ({address}), and the key is not sent there. Enter that address "
    "for the webshop."
)
BUSY = Text("The webshop asks for a pause. The orders are fetched later by themselves.")
BROKEN = Text("The webshop has trouble right now. Try again in a few minutes.")
NO_CONTACT = Text("The webshop can't be reached. Check its address and the internet connection, and try again.")
UNKNOWN = Text("The webshop does not have what was asked for. Fetch the orders again.")
REFUSED = Text("The webshop said no ({code}). Check the key's rights in WooCommerce.")
NO_LIST = Text(
    "The webshop's answer is not a list, so nothing was read. Try again. If it stays so, report it to the developer of "
    "the dashboard."
)
NO_ORDER = Text("The webshop's answer is not the order that was asked for. Fetch the orders again.")
FILTER_IGNORED = Text(
    "The webshop's list has orders that were not asked for, so it may lack others. A plugin or the host may remove "
    "what is asked: ask the webshop's host about “{parameter}” in calls to /wp-json/wc/v3/orders."
)
TOO_LONG = Text("The webshop's list does not end. {read} orders were read. Ask the webshop's host about it.")
INCOMPLETE = Text(
    "The webshop says that it has {total} orders, but its list had only {read}. They are read again at the next fetch. "
    "If it stays so, ask the webshop's host about it."
)
REFUNDS_MISSING = Text(
    "The webshop did not show all refunds of order {order}. They are read again at the next fetch. If it stays so, ask "
    "the webshop's host about it."
)
ROWS_UNREADABLE = Text(
    "An order of the webshop could not be read. The rest is fetched. If an order is missing here, report it to the "
    "developer of the dashboard.",
    "{n} orders of the webshop could not be read. The rest is fetched. If an order is missing here, report it to the "
    "developer of the dashboard.",
)
NO_GRANT = Text("WooCommerce sent no usable key. Connect the webshop again.")
