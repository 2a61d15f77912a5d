"""Sentences of earlier versions, and what they are called today.

The store keeps a sentence in the English of the day on which it was written, and nothing in the history is changed. So
a stored sentence that was worded anew since is read as today's, whose translation is in the catalogue.
"""

from collections.abc import Mapping

# What those sentences named in words and today's name in values: when they were written, there was one shop system.
FORMER_VALUES: Mapping[str, str] = {"shop": "Shoporama"}

FORMER: Mapping[str, str] = {
    "Correct the CVR number on the order in Shoporama, then fetch again.": (
        "Correct the CVR number on the order in {shop}, then fetch again."
    ),
    "Correct the EAN number on the order in Shoporama, then fetch again.": (
        "Correct the EAN number on the order in {shop}, then fetch again."
    ),
    "Correct the VAT number on the order in Shoporama, then fetch again.": (
        "Correct the VAT number on the order in {shop}, then fetch again."
    ),
    "Correct the customer's e-mail on the order in Shoporama, then fetch again.": (
        "Correct the customer's e-mail on the order in {shop}, then fetch again."
    ),
    "Enter the customer's e-mail on the order in Shoporama, then fetch again.": (
        "Enter the customer's e-mail on the order in {shop}, then fetch again."
    ),
    "Enter the name on the order in Shoporama, then fetch again.": (
        "Enter the name on the order in {shop}, then fetch again."
    ),
    "See the order in Shoporama.": ("See the order in {shop}."),
    "A discount lowers the sale and its VAT. What is no discount can't be booked from here: correct it in the "
    "shop, or enter the order in Dinero by hand.": (
        "A discount lowers the sale and its VAT. If it is not a discount, the order can't be booked from here: "
        "correct it in the shop, or enter the order in Dinero by hand."
    ),
    "A line has a discount of its own, and the lines can't be added up. Look in the shop.": (
        "A line has a discount of its own, and the lines can't be added up."
    ),
    "A sale that was taken back is no income. If the goods were delivered and a credit note follows in the "
    "shop, book the order, and the credit note after it. Otherwise leave it out with the reason.": (
        "A sale that was taken back is no income. If the goods were delivered and a credit note follows in the "
        "shop, book the order, and the credit note after it. Otherwise leave it out, and write why."
    ),
    "A sale without VAT to a company in another EU country needs a VAT number that is valid when it is sold. "
    "VIES, the EU's register, is asked again by itself; nothing needs to be done here unless you want to go "
    "on without its answer.": (
        "A sale without VAT to a company in another EU country needs a VAT number that is valid when it is sold. "
        "VIES, the EU's register, is asked again by itself. You need not do anything, unless you want to go on "
        "without its answer."
    ),
    "A test is no sale. Leave it out with the reason, unless it is one after all.": (
        "A test is no sale. Leave it out, unless it is a sale after all."
    ),
    "All orders of the shop were read, and this one was not among them: it was deleted, or the shop no longer "
    "lists it. A sale that was deleted is none; leave it out with the reason.": (
        "All orders of the shop were read, and this one was not among them: it was deleted, or the shop no longer "
        "lists it. A deleted sale is no sale: leave it out, and write why."
    ),
    "An exchange is two things: what comes back is credited, and what goes out is sold. One document with "
    "both is right in money and VAT, but it names the first invoice only where it is a credit note. Whether "
    "Dinero takes lines below zero is not known; the draft is compared to the øre before it is booked.": (
        "An exchange is two things: what comes back is credited, and what goes out is sold. One document with "
        "both is right in money and VAT, but it names the first invoice only where it is a credit note. We don't "
        "know whether Dinero takes lines below zero; the draft is compared to the øre before it is booked."
    ),
    "Book an invoice with days to pay when the order is sent, without a payment": (
        "No. Make an invoice with days to pay when the goods are sent"
    ),
    "Choose a later first day, or change the date on the set-up page if the report is to be corrected.": (
        "Choose a later first day. If the report is to be corrected, change the date under Set-up."
    ),
    "Compare it in Dinero with the order. Take it over as it is there, with your reason; after that it can "
    "also be taken back from here with a credit note.": (
        "Compare it in Dinero with the order. Take it over as it is there, and write why; after that you can also "
        "take it back from here with a credit note."
    ),
    "Complete the steps on the set-up page.": "Complete the set-up.",
    "Create the accounting year in Dinero, then fetch the accounts again on the set-up page.": (
        "Create the accounting year in Dinero, then fetch the accounts again under Set-up."
    ),
    "Dinero could not show what it has of this order, so nothing more was sent for it. The next run looks again.": (
        "Dinero could not show what it has of this order, so nothing more was sent. The next transfer looks again."
    ),
    "Dinero has a credit note of an order that is not known here since a backup was restored. Fetch the "
    "orders from the shop, then transfer again.": (
        "Dinero has a credit note of an order that has been unknown here since a backup was restored. Fetch the "
        "orders from the shop, then transfer again."
    ),
    "Dinero has no VAT of other countries. Your accountant can name an account without VAT for the goods and "
    "a liability account for the other country's VAT; both are named on the set-up page, under accounts. The "
    "OSS return itself is made from “EU sales”.": (
        "Dinero has no VAT of other countries. Your accountant can name an account without VAT for the goods and "
        "a liability account for the other country's VAT. You choose both under Set-up, at the accounts. The OSS "
        "return itself is made from the page EU sales."
    ),
    "Dinero is retiring the part of its API that was used. Nothing more is sent. Update the dashboard.": (
        "Dinero no longer takes calls from this version of the dashboard. Nothing more is sent. Update the dashboard."
    ),
    "Dinero's answer did not arrive. The next run looks in Dinero before anything is sent again.": (
        "Dinero's answer did not arrive. The next transfer looks in Dinero before anything is sent again."
    ),
    "Dinero's list ended at {read} of {total} rows. Nothing was done with it. Try again in a few minutes.": (
        "Dinero's list ended at {read} of {total} rows and was not used. Try again in a few minutes."
    ),
    "Dinero's list has no end that can be read. Nothing was done with it. Choose a shorter period.": (
        "Dinero's list has no end and was not used. Choose a shorter period."
    ),
    "Enter it in Dinero by hand, and leave it out here with the reason.": (
        "Enter it in Dinero by hand, then leave it out here."
    ),
    "Enter the rate on the set-up page.": "Enter the rate under Set-up.",
    "For an hour or more nothing could be transferred: {reason} It goes on by itself when that is over.": (
        "For an hour or more nothing could be transferred: {reason} It goes on by itself when that is mended."
    ),
    "For goods, Northern Ireland counts as the EU (VAT numbers begin with XI), but it is not known which "
    "country Dinero wants on the customer. With GB, Dinero counts the customer as outside the EU.": (
        "Goods to Northern Ireland follow the EU's rules (VAT numbers begin with XI). We don't know which country "
        "Dinero wants on the customer. With GB, Dinero counts the customer as outside the EU."
    ),
    "From here on the buyer's country's VAT applies: register for OSS, and change the answer about sales to "
    "EU consumers on the set-up page.": (
        "From here on the buyer's country's VAT applies: register for OSS, and change the answer about sales to "
        "EU consumers under Set-up."
    ),
    "Invoice {invoice} has goods with VAT and goods without, and the credit note does not name which of them "
    "it is for.": (
        "Invoice {invoice} has goods with VAT and goods without, and the credit note does not say which of them "
        "it is for."
    ),
    "Invoice {invoice} has several VAT rates, and the credit note does not name which of them it is for.": (
        "Invoice {invoice} has several VAT rates, and the credit note does not say which of them it is for."
    ),
    "It is listed under OSS for the return. Enter it in Dinero as your accountant says, and leave it out here "
    "with the reason.": (
        "It stands on the page EU sales, ready for the OSS return. If your accountant has named accounts for it, "
        "answer below. Otherwise enter it in Dinero as your accountant says, then leave it out here."
    ),
    "Leave it out with the reason, or enter it in Dinero by hand. It is read anew when the shop changes it.": (
        "Leave it out, or enter it in Dinero by hand. It is read anew when the shop changes it."
    ),
    "Line {line} can't be read. Look at the order in the shop.": "Line {line} can't be read.",
    "Line {line} has an amount beyond all bounds. Look at the order in the shop.": (
        "Line {line} has an amount that is too large to be right."
    ),
    "Line {line} has no quantity or no price. Look at the order in the shop.": (
        "Line {line} lacks its quantity or its price."
    ),
    "Line {line} says {told}, but its pieces come to {total}. Look at the order in the shop.": (
        "Line {line} says {told}, but its pieces come to {total}."
    ),
    "Line {line}: {quantity} × {price} is not whole øre, and how the shop rounds is not known. Enter the "
    "order in Dinero by hand.": (
        "Line {line}: {quantity} × {price} is not whole øre, and we don't know how the shop rounds. Enter the "
        "order in Dinero by hand."
    ),
    "Lines have discounts of their own of {discount} in all, and the order adds up neither with nor without "
    "them. Compare with the order in the shop.": (
        "Lines have discounts of their own of {discount} in all, and the order adds up neither with nor without them."
    ),
    "Look at the order in Shoporama. If the dashboard reads it wrongly, see the raw order.": (
        "See the order in {shop}."
    ),
    "Looked in Dinero for what became of the last step.": "Checked in Dinero whether the last step succeeded.",
    "Looked in Dinero: the refund is not registered yet.": "Checked in Dinero: the refund is not registered yet.",
    "Looked in Dinero: the sale is not registered yet.": "Checked in Dinero: the sale is not registered yet.",
    "Name it on the set-up page, under accounts.": "Choose it under Set-up, at the accounts.",
    "Name the account that your accountant says on the set-up page, under accounts.": (
        "Choose the account that your accountant names under Set-up, at the accounts."
    ),
    "Report it in the VOEC return. Enter the sale in Dinero as your accountant says, and leave it out here "
    "with the reason.": (
        "Report it in the VOEC return. Enter the sale in Dinero as your accountant says, then leave it out here."
    ),
    "Row {row}: a fee of {fee} would be money to the shop.": "Row {row}: a fee of {fee} would be money to you.",
    "Shoporama allows {calls} calls a day, and they are used. Fetch again later.": (
        "The webshop allows {calls} calls a day, and they are used. Fetch again later."
    ),
    "Shoporama answered with a web page instead of data. Try again in a few minutes; if it stays so, check "
    "the key and the shop's address on the set-up page.": (
        "Shoporama answered with a web page instead of data. Try again in a few minutes. If it stays so, check "
        "the key and the shop's address under Set-up."
    ),
    "Shoporama does not accept the key. Make a new key in Shoporama under Account > Webshop > API access, "
    "with the right to read, and enter it on the set-up page.": (
        "Shoporama does not accept the key. Make a new key in Shoporama under Account > Webshop > API access, "
        "with the right to read, and enter it under Set-up."
    ),
    "Shoporama gives the same page of its list again and again, so only {read} were read. Ask Shoporama's "
    "support about the paging of its API.": (
        "Shoporama gives the same page of its list again and again, so only {read} were read. Ask Shoporama's "
        "support about it."
    ),
    "Shoporama refused the call with the code {status}. Check the key's rights in Shoporama.": (
        "Shoporama said no (code {status}). Check the key's rights in Shoporama."
    ),
    "Shoporama sent no usable key back. Start the connection again on the set-up page.": (
        "Shoporama sent no usable key back. Connect again under Set-up."
    ),
    "Shoporama takes no more calls from this key for now; a key has 1,000 calls a day. The orders are fetched "
    "later by themselves. Shoporama's support can raise the limit.": (
        "The day's calls to Shoporama are used (1,000 for a key). The orders are fetched later by themselves. "
        "Shoporama's support can raise the limit."
    ),
    "Shoporama's answer is not a list, so nothing was read. Try again; if it stays so, report it to the "
    "developer of the dashboard.": (
        "Shoporama's answer is not a list, so nothing was read. Try again. If it stays so, report it to the "
        "developer of the dashboard."
    ),
    "Shoporama's list ended too early: {read} of {total} were read. They are read again at the next fetch; if "
    "it stays so, ask Shoporama's support.": (
        "Shoporama's list ended too early: {read} of {total} were read. They are read again at the next fetch. If "
        "it stays so, ask Shoporama's support."
    ),
    "Since a backup was restored, Dinero has a credit note for this invoice that could not be taken over yet, "
    "so it is not known what is left of the invoice.": (
        "Since a backup was restored, Dinero has a credit note for this invoice that could not be taken over yet, "
        "so we don't know what is left of the invoice."
    ),
    "Take the first invoice back, or credit its part, and enter what goes out in Dinero by hand. Then leave "
    "this order out with the reason.": (
        "Take the first invoice back, or credit its part, and enter what goes out in Dinero by hand. Then leave "
        "this order out."
    ),
    "The CVR number “{number}” can't exist.": "“{number}” is not a valid CVR number.",
    "The EAN number “{number}” can't exist.": "“{number}” is not a valid EAN number.",
    "The VAT number “{number}” can't exist.": "“{number}” is not a valid VAT number.",
    "The change was left as it is: {reason}": "The invoice was left as it is: {reason}",
    "The country “{country}” is not understood.": "We don't know the country “{country}”.",
    "The credit note is for order {order}, which is not known here.": (
        "The credit note belongs to an order that is not fetched yet."
    ),
    "The credit note's total is 0.": "The credit note comes to 0 kr.",
    "The currency “{currency}” is not understood. Check the order in the shop.": (
        "We don't know the currency “{currency}”."
    ),
    "The customer of {n} order was forgotten.": "The customer's data was removed from {n} order.",
    "The customer of {n} orders was forgotten.": "The customer's data was removed from {n} orders.",
    "The order does not say when it was placed. Look at it in the shop.": (
        "The order does not say when it was placed."
    ),
    "The order has another EU country's VAT (OSS), which Dinero can't book.": (
        "The order has another EU country's VAT (OSS), for which Dinero has no VAT code."
    ),
    "The order has no id, so it can't be told from others. Look in the shop.": (
        "The order has no id, so it can't be told from others."
    ),
    "The order has two totals, {total} and {price}. Find out in the shop which one the customer paid.": (
        "The order has two totals, {total} and {price}. Find out which one the customer paid."
    ),
    "The order is from before the dashboard took over, and is left to what was used before.": (
        "The order is from before the start that you chose, and is left alone."
    ),
    "The order is from {date}, before the dashboard took over, and is left to what was used before, though it "
    "was paid or sent after that: the order's date decides.": (
        "The order is from {date}, before the start that you chose, and is left alone, though it was paid or sent "
        "after it: the order's date decides."
    ),
    "The order says both {flag} = “{value}” and {time}. Check in the shop which of them is right.": (
        "The order says both {flag} = “{value}” and {time}. Find out which of them is right."
    ),
    "The order's lines can't be read. Look at the order in the shop.": "The order's lines can't be read.",
    "The order's period was let in, but the order is not checked yet: Dinero may have it already.": (
        "The order's period was taken in, but the order is not checked yet: Dinero may have it already."
    ),
    "The order's prices are without VAT, but lines, VAT and total do not add up as such.": (
        "The order's prices are without VAT, but lines and VAT together are not the total."
    ),
    "The order's total is 0, so there is no sale to pay.": ("The order is of 0 kr., so there is nothing to register."),
    "The paid mark means that the money has come: register the sale as paid then": (
        "Yes, the money has come or is reserved. Register the sale as paid"
    ),
    "The paid mark of “{method}” may be set without money.": (
        "The order is marked as paid, but with “{method}” the money may not have come."
    ),
    "The set-up is not complete. Complete the steps on the set-up page.": (
        "The set-up is not complete. Go on under Set-up."
    ),
    "The take-over counts by the order's date unless you say otherwise. What was used before may have booked "
    "it when it was paid or sent; if it was switched off before that, nobody has it.": (
        "The order's date decides, unless you say otherwise. What you used before may have booked the order when "
        "it was paid or sent. If it was switched off by then, nobody has it."
    ),
    "The transfer of order {number}, {total}, was begun.": "The transfer began.",
    "There is nothing to post for a total of 0. Whether Dinero books an invoice of 0 is not known; it says so "
    "before anything is booked.": (
        "There is nothing to post for a total of 0. We don't know whether Dinero books an invoice of 0. If it "
        "does not, it says so, and nothing is booked."
    ),
    "We are below the limit: Danish VAT, as long as the year's counter is below it": (
        "I am below the limit: Danish VAT, as long as the year's counter is below it"
    ),
    "We are registered for OSS: hold these orders and list them for the OSS return": (
        "I am registered for OSS: hold these orders, and list them for the OSS return"
    ),
    "What stands in the field for the CVR number can't be one.": (
        "What stands in the field for the CVR number is not one."
    ),
    "What was used before has such orders: leave them out here": (
        "What I used before has such orders: leave them out here"
    ),
    "{n} row in Shoporama's list could not be read; all others were. Look for an order that is missing here, "
    "and report it to the developer of the dashboard.": (
        "An order from Shoporama could not be read. The rest is fetched. If an order is missing here, report it "
        "to the developer of the dashboard."
    ),
    "{n} rows in Shoporama's list could not be read; all others were. Look for orders that are missing here, "
    "and report it to the developer of the dashboard.": (
        "{n} orders from Shoporama could not be read. The rest is fetched. If an order is missing here, report it "
        "to the developer of the dashboard."
    ),
    "VAT is switched off in the shop by mistake: the prices contain 25 %": (
        "The prices contain 25 %, which I pay to SKAT: the shop does not say so"
    ),
    "With card and MobilePay the paid mark means money. With invoice, bank transfer and other ways it may only mean "
    "that somebody set it.": (
        "With card and MobilePay the paid mark means that the money has come or is reserved. With invoice, bank "
        "transfer and other ways it may only mean that somebody set it."
    ),
    "Yes, the money has come. Register the sale as paid": (
        "Yes, the money has come or is reserved. Register the sale as paid"
    ),
    "“{field}” is “{value}”, which can't be read. Check the field on the order in the shop.": (
        "“{field}” is “{value}” and can't be read."
    ),
}
