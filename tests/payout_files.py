"""One sound file for each reader of payouts, with own rows: sales, a refund, fees, and what else the format has."""

import csv
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from dinero.acquirers.acquirer import PayoutFile, TableRow

COPIED = Path(__file__).parent / "data" / "payouts"


def of_rows(rows: Sequence[Sequence[str]], name: str = "file.csv") -> PayoutFile:
    """A file of these rows of cells."""
    return PayoutFile(
        name, tuple(TableRow(number, tuple(map(str.strip, cells))) for number, cells in enumerate(rows, start=1))
    )


def of_csv(text: str, separator: str = ",", name: str = "file.csv") -> PayoutFile:
    """A file of this text."""
    return of_rows([*csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)], name)


def of_path(path: Path) -> PayoutFile:
    """A file as it lies there, with the separator that its first line has most of."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_bytes().decode("cp1252")
    first = text.split("\n", 1)[0]
    return of_csv(text, max(",;\t", key=first.count), path.name)


def rows_of(file: PayoutFile) -> list[list[str]]:
    """A file's cells, to be changed."""
    return [list(row.cells) for row in file.rows]


def changed(file: PayoutFile, row: int, column: str, value: str) -> PayoutFile:
    """The file with one other cell. `row` counts from 1, where the names of the columns are."""
    rows = rows_of(file)
    rows[row - 1][rows[0].index(column)] = value
    return of_rows(rows, file.name)


def without_column(file: PayoutFile, column: str) -> PayoutFile:
    """The file without one of its columns."""
    place = file.rows[0].cells.index(column)
    return of_rows([[*row.cells[:place], *row.cells[place + 1 :]] for row in file.rows], file.name)


def in_order(file: PayoutFile, of: Callable[[list[int]], list[int]]) -> PayoutFile:
    """The file with its columns in another order."""
    places = of([*range(len(file.rows[0].cells))])
    return of_rows([[row.cells[place] for place in places] for row in file.rows], file.name)


CLEARHAUS = of_csv(
    "merchant_id,merchant_name,id,settled,currency,period_start_date,period_end_date,payout_amount,payout_date,"
    "summary_sales,summary_credits,summary_refunds,summary_chargebacks,summary_fees,summary_other_postings,summary_net,"
    "reserve_amount,reserve_date,fees_sales,fees_refunds,fees_chargebacks,fees_interchange,fees_scheme,"
    "payout_reference_number,payout_descriptor,reserve_reference_number,reserve_descriptor\n"
    # The open period; a plain one; one with all that there may be; one whose reserve is kept, and was paid.
    "7654321,Webshoppen,s4,false,DKK,2026-11-24,,,,500.00,0.00,0.00,0.00,-7.00,0.00,493.00,,,-7.00,0.00,0.00,0.00,0.00,"
    ",,,\n"
    "7654321,Webshoppen,s3,true,DKK,2026-11-17,2026-11-23,245.39,2026-11-26,249.00,0.00,0.00,0.00,-3.61,0.00,245.39,,,"
    "-2.11,0.00,0.00,-1.00,-0.50,R3,CH7654321 2026-11-26,,\n"
    "7654321,Webshoppen,s2,true,DKK,2026-11-10,2026-11-16,1471.00,2026-11-19,2500.00,-50.00,-300.00,-600.00,-104.00,"
    "25.00,1471.00,,,-25.00,-4.00,-75.00,0.00,0.00,R2,CH7654321 2026-11-19,,\n"
    "7654321,Webshoppen,s1,true,DKK,2026-11-03,2026-11-09,885.00,2026-11-12,1000.00,0.00,0.00,0.00,-15.00,0.00,985.00,"
    "100.00,2027-05-12,-15.00,0.00,0.00,0.00,0.00,R1,CH7654321 2026-11-12,V1,CH7654321R 2027-05-12\n"
)

_SALE = "Sted,548005,Danmark,Betaling,{at},{day},Belastning,{amount},{balance},{fee},{net},DKK,Kunde,+45 00,{text},,"
VIPPS = of_csv(
    "Salgssted,MSN/Vippsnummer,Land,Betalingsløsning,Tidspunkt,Bokføringsdato,Type,Beløp,Balanse,Gebyr,Nettobeløp,"
    "Valuta,Kundens navn,Kundens telefonnummer,Melding,Kategori,PSP-referanse,Ordre-ID/Referanse,Utbetalingsnummer,"
    "Bankkonto for utbetaling,Planlagt utbetalingsdato\n"
    + _SALE.format(at="2026-11-02 10:00:00", day="2026-11-02", amount="249.00", balance="249.00", fee="-3.61",
                   net="245.39", text='"Hej\n med dig"') + "p1,1001,,,\n"
    + _SALE.format(at="2026-11-03 11:30:00", day="2026-11-03", amount="100.00", balance="349.00", fee="-1.50",
                   net="98.50", text="") + "p2,1002,,,\n"
    "Sted,548005,Danmark,,2026-11-04 00:10:00,2026-11-03,Gebyrer fratrukket,-5.11,343.89,,,DKK,,,,,f1,,,,\n"
    "Sted,548005,Danmark,,2026-11-04 00:10:00,2026-11-03,Utbetaling planlagt,-343.89,0.00,,,DKK,,,,,u1,"
    "Utb. 2000001 Vippsnr 548005,2000001,DK00,2026-11-05\n"
    + _SALE.format(at="2026-11-05 09:00:00", day="2026-11-05", amount="80.00", balance="80.00", fee="-1.20",
                   net="78.80", text="") + "p3,1003,,,\n"
    "Sted,548005,Danmark,,2026-11-06 00:10:00,2026-11-05,Gebyrer fratrukket,-1.20,78.80,,,DKK,,,,,f2,,,,\n"
    "Sted,548005,Danmark,,2026-11-06 00:10:00,2026-11-05,Utbetaling planlagt,-78.80,0.00,,,DKK,,,,,u2,"
    "Utb. 2000002 Vippsnr 548005,2000002,DK00,2026-11-09\n"
    + _SALE.format(at="2026-11-07 09:00:00", day="2026-11-07", amount="60.00", balance="60.00", fee="-0.90",
                   net="59.10", text="") + "p4,1004,,,\n"
)  # fmt: skip

TRANSFERS = of_csv(
    "Event;Currency;Amount;Date and time;Customer name;MP-number;Comment;TransactionID;TransferID;Payment point;"
    "MyShop-Number;Bank account;Date;Time\n"
    "Transfer;DKK;1.173,25;2022-03-05T03:40:00.1234567+01:00;;;;;T1;Webshoppen;77777;DK00;2022-03-05;03.40.00\n"
    "Payment;DKK;1.250,00;2022-03-04T12:00:00.1234567+01:00;Kunde;xxxx;Tak;X1;T1;Webshoppen;77777;DK00;2022-03-04;12\n"
    "Retainable;DKK;-1,75;2022-03-04T12:00:00.1234567+01:00;;;;X1;T1;Webshoppen;77777;DK00;2022-03-04;12\n"
    "Refund;DKK;-75,00;2022-03-04T13:00:00.1234567+01:00;Kunde;xxxx;;X0;T1;Webshoppen;77777;DK00;2022-03-04;13\n"
    "Payment;DKK;60,00;2022-03-06T12:00:00.1234567+01:00;Kunde;xxxx;;X2;;Webshoppen;77777;DK00;2022-03-06;12\n",
    ";",
)

STRIPE = of_csv(
    "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,charge_id,description,"
    "automatic_payout_id,automatic_payout_effective_at_utc,customer_facing_amount,customer_facing_currency,"
    "payment_metadata[order_id]\n"
    "txn_1,2026-11-02 23:30:00,dkk,249.00,5.54,243.46,charge,ch_1,ch_1,Webshoppen – Order 1001,po_1,"
    "2026-11-06 00:00:00,"
    "249.00,dkk,\n"
    "txn_2,2026-11-03 10:00:00,dkk,149.20,4.10,145.10,payment,py_2,py_2,Tak for købet,po_1,2026-11-06 00:00:00,"
    "20.00,eur,#1002\n"
    "txn_3,2026-11-03 11:00:00,dkk,-100.00,0.00,-100.00,refund,re_3,ch_1,Refund for ordre nr. 1001,po_1,"
    "2026-11-06 00:00:00,-100.00,dkk,\n"
    "txn_4,2026-11-03 12:00:00,dkk,-30.00,15.00,-45.00,dispute,dp_4,ch_0,Order 998,po_1,2026-11-06 00:00:00,,,\n"
    "txn_5,2026-11-03 13:00:00,dkk,30.00,-15.00,45.00,dispute_reversal,dp_5,ch_0,Order 998,po_1,"
    "2026-11-06 00:00:00,,,\n"
    "txn_6,2026-11-03 14:00:00,dkk,-2.00,0.00,-2.00,fee,,,Radar,po_1,2026-11-06 00:00:00,,,\n"
    "txn_7,2026-11-03 14:30:00,dkk,-20.00,0.00,-20.00,reserve_transaction,,,,po_1,2026-11-06 00:00:00,,,\n"
    "txn_8,2026-11-06 00:00:00,dkk,-266.56,0.00,-266.56,payout,po_1,,STRIPE PAYOUT,po_1,2026-11-06 00:00:00,,,\n"
    "txn_9,2026-11-07 10:00:00,dkk,60.00,1.50,58.50,charge,ch_9,ch_9,Order 1003,,,,,\n"
)

PAYPAL = of_csv(
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,Transaction ID,Reference Txn ID,"
    "Invoice Number,Balance,Subject,Balance Impact\n"
    "13/11/2026,10:00:00,CET,Kunde,Express Checkout Payment,Completed,DKK,249.00,-9.07,239.93,k@e.dk,S1,,1001,239.93,"
    "Tak,Credit\n"
    "13/11/2026,12:00:00,CET,Kunde,Website Payment,Completed,DKK,\"1,100.00\",-38.00,\"1,062.00\",k@e.dk,S2,,1002,"
    "\"1,301.93\",,Credit\n"
    "14/11/2026,09:00:00,CET,Kunde,Website Payment,Pending,DKK,50.00,0.00,50.00,k@e.dk,S3,,1003,\"1,301.93\",,Memo\n"
    "14/11/2026,10:00:00,CET,Kunde,Payment Refund,Completed,DKK,-100.00,0.00,-100.00,k@e.dk,B1,S1,,\"1,"
    "201.93\",,Debit\n"
    "15/11/2026,08:00:00,CET,,General Withdrawal,Completed,DKK,\"-1,000.00\",0.00,\"-1,000.00\",,W1,,,201.93,,Debit\n"
    "16/11/2026,08:00:00,CET,Kunde,Chargeback,Completed,DKK,-60.00,0.00,-60.00,k@e.dk,C1,S2,,141.93,,Debit\n"
    "17/11/2026,08:00:00,CET,Leverandør,Website Payment,Completed,DKK,-41.93,0.00,-41.93,l@e.dk,L1,,,100.00,,Debit\n"
    "18/11/2026,08:00:00,CET,,General Withdrawal,Completed,DKK,-100.00,0.00,-100.00,,W2,,,0.00,,Debit\n"
    "19/11/2026,10:00:00,CET,Kunde,Website Payment,Completed,DKK,80.00,-3.00,77.00,k@e.dk,S4,,1004,77.00,,Credit\n"
)  # fmt: skip

NETS = PayoutFile(
    "payouts.json",
    json={
        "numberOfPayouts": 2,
        "payouts": [
            {
                "id": "n1",
                "reference": "NETS EASY 1",
                "date": "2026-11-05",
                "currency": "DKK",
                "amount": 23539,
                "chargedAmount": 34900,
                "refundedAmount": 10000,
                "fees": 1361,
                "depositedAmount": 23539,
                "paymentActions": [{"type": "CHARGE", "customer": "Kunde"}],
            },
            {
                "id": "n2",
                "reference": "NETS EASY 2",
                "date": "2026-11-06",
                "currency": "DKK",
                "amount": Decimal(9850),
                "chargedAmount": 10000,
                "refundedAmount": 0,
                "fees": -150,
            },
        ],
    },
)

SHOPIFY = of_csv(
    "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,"
    "Amount,Fee,Net,"
    "Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT\n"
    "2026-11-02 10:00:00 +0100,charge,#1001,visa,online,paid,2026-11-05,901,2026-11-05,249.00,5.00,244.00,#c1,"
    "card,249.00,"
    "DKK,DKK,0.00\n"
    "2026-11-02 11:00:00 +0100,charge,#1002,visa,online,paid,2026-11-05,901,2026-11-05,149.20,4.00,145.20,#c2,"
    "card,20.00,"
    "EUR,DKK,0.00\n"
    "2026-11-03 11:00:00 +0100,refund,#1001,visa,online,paid,2026-11-05,901,2026-11-05,-49.00,0.00,-49.00,#c1,"
    "card,-49.00,"
    "DKK,DKK,0.00\n"
    "2026-11-03 12:00:00 +0100,chargeback,#0998,visa,online,paid,2026-11-05,901,2026-11-05,-60.00,100.00,"
    "-160.00,#c0,card,"
    "-60.00,DKK,DKK,0.00\n"
    "2026-11-03 13:00:00 +0100,adjustment,,,,paid,2026-11-05,901,2026-11-05,10.00,0.00,10.00,,,,,DKK,0.00\n"
    "2026-11-03 14:00:00 +0100,reserve,,,,paid,2026-11-05,901,2026-11-05,-20.00,0.00,-20.00,,,,,DKK,0.00\n"
    "2026-11-06 10:00:00 +0100,charge,#1003,visa,online,pending,,,2026-11-09,60.00,1.00,59.00,#c3,card,60.00,"
    "DKK,DKK,0.00\n"
)

SOUND: tuple[tuple[str, PayoutFile], ...] = (
    ("clearhaus", CLEARHAUS),
    ("vipps-mobilepay", VIPPS),
    ("mobilepay-transfers", TRANSFERS),
    ("stripe", STRIPE),
    ("paypal", PAYPAL),
    ("nets-easy", NETS),
    ("shopify", SHOPIFY),
)
