"""What Streamlit's page says by itself, and how it is said here.

Streamlit 1.67 has no translations (facts.md, Streamlit 1.7). A key is its English; `{name}` in it is whatever stands
there, and is said too where it is one of these. `dinero/web/static/page.js` puts them in place.
"""

from collections.abc import Mapping

from dinero.model.i18n import Text

NAME = "{name}"  # stands for itself
_AWAY = Text(
    "The dashboard is away for a moment. Work that was begun goes on by itself when it is back. This page comes "
    "back by itself."
)
_NO_SUCH_PAGE = Text("The address leads nowhere, so this is the first page.")

WORDS: Mapping[str, Text] = {
    # When the server is away, or the address leads nowhere.
    "Connection error": Text("The dashboard does not answer"),
    "Streamlit server is not responding. Are you connected to the internet?": _AWAY,
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": _AWAY,
    "Connection timed out.": _AWAY,
    "Connection failed with status {name}": _AWAY,
    "Cannot connect to Streamlit {name}": _AWAY,
    "Connection lost. Please wait for the app to reconnect, then try again.": _AWAY,
    "Network error": _AWAY,
    "Unknown error": _AWAY,
    "Failed to fetch": _AWAY,
    "Connecting": Text("Connecting"),
    "Connecting to Streamlit server": Text("Connecting"),
    "Unable to connect to Streamlit server": Text("The dashboard does not answer"),
    "Page not found": Text("There is no such page"),
    "The page that you have requested does not seem to exist. Running the app's main page.": _NO_SUCH_PAGE,
    "You have requested page {name}": _NO_SUCH_PAGE,
    "Bad message format": Text("Load the page again"),
    "Download failed": Text("The file did not come. Try again."),
    "An error has occurred, please try again.": Text("That did not work. Try again."),
    # While it works.
    "Running...": Text("Working"),
    "Stop": Text("Stop"),
    "Stopping...": Text("Stopping"),
    "Please wait...": Text("One moment"),
    "progress": Text("Progress"),
    # Around everything.
    "Skip to main content": Text("Skip to the content"),
    "Link to heading": Text("Link to the heading"),
    "Close": Text("Close"),
    "Main menu": Text("Menu"),
    "Copy to clipboard": Text("Copy"),
    "Scrollable table": Text("Table"),
    # A long table.
    "Show/hide columns": Text("Show or hide columns"),
    "Show/hide columns: {name}": Text("Show or hide columns: {name}", name=NAME),
    "Download as CSV": Text("Save as CSV"),
    "Download as CSV: {name}": Text("Save as CSV: {name}", name=NAME),
    "Search": Text("Search"),
    "Search: {name}": Text("Search: {name}", name=NAME),
    "Fullscreen": Text("Whole screen"),
    "Fullscreen: {name}": Text("Whole screen: {name}", name=NAME),
    "Close fullscreen": Text("Close the whole screen"),
    "Close fullscreen: {name}": Text("Close the whole screen: {name}", name=NAME),
    "Clear selection": Text("Select none"),
    "Clear selection: {name}": Text("Select none: {name}", name=NAME),
    "Type to search": Text("Write what you look for"),
    "Previous Result": Text("Previous"),
    "Next Result": Text("Next"),
    "Close Search": Text("Close"),
    "Dataframe column menu": Text("The column"),
    "Copy column name": Text("Copy the name"),
    "Sort ascending": Text("Smallest first"),
    "Sort descending": Text("Largest first"),
    "Statistics": Text("Figures"),
    "Format": Text("Format"),
    "Autosize": Text("Fit the width"),
    "Pin column": Text("Keep in sight"),
    "Unpin column": Text("No longer keep in sight"),
    "Hide column": Text("Hide the column"),
    "Pagination": Text("Pages of the list"),
    "Page {name}": Text("Page {name}", name=NAME),
    "Previous page": Text("Previous page"),
    "Next page": Text("Next page"),
    # What is chosen, typed or picked.
    "Choose options": Text("Choose"),
    "Choose an option": Text("Choose"),
    "No options to select": Text("There is nothing to choose"),
    "No results": Text("Nothing fits"),
    "Open": Text("Open"),
    "Selectbox options": Text("Choices"),
    "Multiselect options": Text("Choices"),
    "Selected values": Text("Chosen"),
    "Remove {name}": Text("Remove {name}", name=NAME),
    "Select all": Text("Choose all"),
    "Clear all": Text("Clear"),
    "Clear value": Text("Clear"),
    "Clear entry": Text("Clear"),
    "Clear date": Text("Clear"),
    "Clear dates": Text("Clear"),
    "Increment": Text("One more"),
    "Decrement": Text("One less"),
    "Show password": Text("Show the password"),
    "Hide password": Text("Hide the password"),
    "Press Enter to apply": Text("Press Enter"),
    "Press Enter to submit form": Text("Press Enter"),
    "Choose date": Text("Choose the day"),
    "Choose date, {name}": Text("Choose the day, {name}", name=NAME),
    "Choose date range": Text("Choose the days"),
    "Choose date range, {name}": Text("Choose the days, {name}", name=NAME),
    "{name} start date": Text("{name}, first day", name=NAME),
    "{name} end date": Text("{name}, last day", name=NAME),
    "day, {name}": Text("day, {name}", name=NAME),
    "month, {name}": Text("month, {name}", name=NAME),
    "year, {name}": Text("year, {name}", name=NAME),
    "Previous month": Text("Previous month"),
    "Next month": Text("Next month"),
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": Text(
        "The arrows go from day to day. Enter chooses. Escape closes."
    ),
    "Quick select a date range": Text("Often used periods"),
    "Select...": Text("Choose"),
    "Past Week": Text("The last week"),
    "Past Month": Text("The last month"),
    "Past 3 Months": Text("The last 3 months"),
    "Past 6 Months": Text("The last 6 months"),
    "Past Year": Text("The last year"),
    "Past 2 Years": Text("The last 2 years"),
    "Upload": Text("Choose files"),
    "{name} per file": Text("{name} a file", name=NAME),
    "Drag and drop a file here": Text("Drop a file here"),
    "Drag and drop files here": Text("Drop files here"),
}
