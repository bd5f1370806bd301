"""The words that figures are made of: numbers, scales, currencies, spans of time, counted things. Data only."""

from __future__ import annotations


def table(rows: str) -> dict[str, str]:
    """ "class: form form" lines as form → class."""
    made = {}
    for row in rows.strip().splitlines():
        name, forms = row.split(":", 1)
        made.update(dict.fromkeys(forms.split(), name.strip()))
    return made


UNITS = {
    word: float(value)
    for value, words in enumerate(
        (
            "zero",
            "one eins eine ein un une uno una jeden",
            "two zwei deux dos dwa",
            "three drei trois tres tre trzy",
            "four vier quatre cuatro quattro cztery",
            "five fünf cinq cinco cinque pięć",
            "six sechs seis sześć",
            "seven sieben sept siete sette siedem",
            "eight acht huit ocho otto osiem",
            "nine neun neuf nueve dziewięć",
            "ten zehn dix diez dieci dziesięć",
            "eleven onze",
            "twelve zwölf douze doce dodici dwanaście",
            "thirteen",
            "fourteen",
            "fifteen fünfzehn quinze quindici piętnaście",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        )
    )
    for word in words.split()
}
TENS = {
    word: float(value)
    for value, words in (
        (20, "twenty zwanzig vingt veinte venti dwadzieścia"),
        (30, "thirty dreißig trente treinta trenta trzydzieści"),
        (40, "forty vierzig quarante cuarenta quaranta"),
        (50, "fifty fünfzig cinquante cincuenta cinquanta"),
        (60, "sixty sechzig soixante"),
        (70, "seventy siebzig"),
        (80, "eighty achtzig"),
        (90, "ninety neunzig"),
    )
    for word in words.split()
}
ARTICLES = frozenset("a an ein eine einer un une uno una".split())
SCALES = {
    word: value
    for value, words in (
        (1e3, "thousand tausend tsd mille mila tysiąc tysiące tysięcy tys"),
        (1e6, "million millions mn mln mio millionen millones milione milioni milion miliony milionów"),
        (1e9, "billion billions bn bln milliard milliards mrd milliarde milliarden miliardo miliardi mld miliard"),
        (1e9, "miliardy miliardów md mds"),
        (1e12, "trillion trillions tn trn tln billionen billones bilione bilioni bilion biliony bilionów"),
    )
    for word in words.split()
}
LETTER_SCALES = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "b": 1e9, "B": 1e9, "T": 1e12}
"""Read only where they touch the number and a currency or a counted thing stands with it."""
DOTTED = frozenset("mrd mio mld mln bln tsd tys md".split())
"""Abbreviations whose full stop ends no sentence."""
CONTINENTAL = frozenset(
    "mrd mio mld tsd md millionen millones milione milioni milionów milliard milliards milliarde milliarden "
    "miliardo miliardi miliard miliardy miliardów billionen billones prozent pour per por proc procent tausend "
    "mille mila tysięcy tys mil".split()
)
"""Words after which 3.500 means three thousand five hundred, where after an English one it means three and a half."""

SIGNS = dict(zip("€$£¥₴₽₹₺₩₪", "EUR USD GBP JPY UAH RUB INR TRY KRW ILS".split(), strict=True))
DOLLAR_PREFIXES = table("""
USD: us
CAD: c ca can
AUD: a au
NZD: nz
HKD: hk
SGD: s
TWD: nt
BRL: r
""")
CODES = frozenset(
    "EUR USD GBP PLN CHF SEK NOK DKK ISK CZK HUF RON BGN UAH RUB JPY CNY CAD AUD NZD INR TRY KRW ILS TWD BRL".split()
)
CURRENCY_WORDS = table("""
EUR: euro euros eur
USD: dollar dollars usd dólares dollari dolarów dolary dollaro
GBP: pound pounds sterling gbp pfund livres
PLN: zloty zlotys zlotych złoty złote złotych zł zl pln
CHF: franken chf
SEK: kronor krona sek
kroner: kroner krone
HUF: forint forints huf
RON: lei ron
CZK: koruna koruny crowns czk
UAH: hryvnia hryvnias hryvnya uah
RUB: rouble roubles ruble rubles rubel rub
JPY: yen jpy
CNY: yuan renminbi rmb cny
KRW: won krw
INR: rupee rupees inr
TRY: lira liras
ILS: shekel shekels
CAD: cad
AUD: aud
NOK: nok
DKK: dkk
francs: franc francs
""")
ADJECTIVE_CURRENCIES = {
    ("ca", "USD"): "CAD",
    ("au", "USD"): "AUD",
    ("nz", "USD"): "NZD",
    ("tw", "USD"): "TWD",
    ("ch", "francs"): "CHF",
    ("dk", "kroner"): "DKK",
    ("no", "kroner"): "NOK",
    ("se", "kroner"): "SEK",
    ("se", "SEK"): "SEK",
    ("dk", "SEK"): "DKK",
    ("no", "SEK"): "NOK",
    ("cz", "CZK"): "CZK",
}

PERCENT_WORDS = frozenset("% percent pct prozent proc procent".split())
PERCENT_PAIRS = frozenset({("per", "cent"), ("pour", "cent"), ("per", "cento"), ("por", "ciento")})
POINT_WORDS = frozenset("pp prozentpunkt prozentpunkte prozentpunkten".split())
FRACTIONS = {
    "half": 2.0, "halves": 2.0, "third": 3.0, "thirds": 3.0, "quarter": 4.0, "quarters": 4.0, "fifth": 5.0,
    "fifths": 5.0, "sixth": 6.0, "sixths": 6.0, "seventh": 7.0, "sevenths": 7.0, "eighth": 8.0, "eighths": 8.0,
    "tenth": 10.0, "tenths": 10.0, "drittel": 3.0, "viertel": 4.0, "fünftel": 5.0, "tiers": 3.0,
}  # fmt: skip
GDP_WORDS = frozenset("gdp gnp bip pib pil pkb output bruttoinlandsprodukt".split())

DURATIONS = table("""
minute: minute minutes minuten
hour: hour hours stunde stunden heure heures hora horas godzin
day: day days tag tage tagen jour jours giorno giorni día días dni
week: week weeks woche wochen semaine semaines settimana settimane semana semanas tygodni tygodnie
month: month months monat monate monaten mois mese mesi mes meses miesięcy miesiące
year: year years yr yrs jahr jahre jahren ans année années anni anno año años lat lata
decade: decade decades jahrzehnt jahrzehnte jahrzehnten décennie décennies decennio decenni década décadas
""")
DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25, "decade": 3652.5}

COUNTED = table("""
country: countries nations capitals governments states allies länder ländern staaten paesi países krajów państw pays
member: members
troop: troops soldiers servicemen servicewomen troopers personnel gis soldaten soldats soldados soldati
troop: żołnierzy reservists conscripts recruits
person: people persons men women residents inhabitants civilians menschen personnes personas persone osób citizens
child: children kids kinder enfants
dead: deaths fatalities tote morts muertos morti
wounded: injuries
missile: missiles rockets raketen misiles missili rakiet
interceptor: interceptors
warhead: warheads
tank: tanks panzer panzern chars czołgów abrams leopards
vehicle: vehicles
aircraft: aircraft planes jets warplanes airplanes fighters bombers flugzeuge avions aerei samolotów
helicopter: helicopters
drone: drones uavs drohnen
ship: ships warships vessels frigates schiffe navires
submarine: submarines
satellite: satellites
shell: shells rounds
gun: guns howitzers
brigade: brigades
battalion: battalions
division: divisions
embassy: embassies botschaften ambassades ambasciate embajadas ambasad
company: companies firms unternehmen entreprises aziende empresas
job: jobs
home: homes households
vote: votes
seat: seats
lawmaker: lawmakers mps meps senators deputies
minister: ministers
refugee: refugees
staff: staff employees workers
kilometre: km kilometres kilometers kilometer kilometern
mile: miles
metre: metres meters
tonne: tonnes tons tonnen
hectare: hectares
megawatt: mw megawatts
gigawatt: gw gigawatts
barrel: barrels
""")
DIRECT = {"dead": "dead", "killed": "dead", "wounded": "wounded", "injured": "wounded"}
"""Counted only right behind the number: "41 dead", but not "41 soldiers killed"."""
SINGULARS = table("""
country: country nation state government
member: member
missile: missile
tank: tank
vehicle: vehicle
aircraft: plane jet
drone: drone
ship: ship
brigade: brigade
battalion: battalion
seat: seat
kilometre: kilometre kilometer
mile: mile
soldier: soldier
embassy: embassy
""") | {"soldier": "troop"}
"""Forms that count only in "32-member" or after one."""
BODIES = {
    **dict.fromkeys(
        "force army contingent brigade mission unit garrison deployment corps division troop".split(), "troop"
    ),
    **dict.fromkeys("coalition alliance club group circle bloc union".split(), "member"),
}
"""What "5,000-strong" is said of."""
