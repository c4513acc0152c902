"""The names of the months in the languages that feeds are written in, and their abbreviations."""

import unicodedata
from collections.abc import Iterator

# English by itself, since its abbreviations are what programs write and win over all others.
_ENGLISH = "january february march april may june july august september october november december"
# Where a language inflects them, the form of dates is named first. Accents are not told apart.
_OTHERS = (
    "januar februar märz april mai juni juli august september oktober november dezember",  # German
    "jänner feber maerz april mai juni juli august september oktober november dezember",  # of Austria; ASCII
    "januari februari maart april mei juni juli augustus september oktober november december",  # Dutch
    "januari februari mars april maj juni juli augusti september oktober november december",  # Swedish
    "januar februar marts april maj juni juli august september oktober november desember",  # Danish, Norwegian
    "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",  # Icelandic
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",  # French
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",  # Spanish
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",  # Portuguese
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",  # Italian
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",  # Catalan
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",  # Romanian
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",  # Polish
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "ledna února března dubna května června července srpna září října listopadu prosince",  # Czech
    "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",  # Slovak
    "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",  # Croatian
    "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",  # Serbian, Slovene
    "január február március április május június július augusztus szeptember október november december",  # Hungarian
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",  # Finnish
    "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",  # Estonian
    "janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",  # Latvian
    "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",  # Lithuanian
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",  # Turkish
    "januari februari maret april mei juni juli agustus september oktober november desember",  # Indonesian
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",  # Russian
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",  # Ukrainian
    "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
    "януари февруари март април май юни юли август септември октомври ноември декември",  # Bulgarian
    "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",  # Serbian
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου "
    "δεκεμβρίου",  # Greek
    "ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος "
    "δεκέμβριος",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",  # Arabic
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",  # of the Maghreb
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",  # Hebrew
)
SHORTEST = 3  # of an abbreviation


def find_month(word: str) -> int | None:
    """1 to 12 for a month's name or the beginning of one; None for any other word, and where languages disagree."""
    return _MONTHS.get(fold(word))


def fold(word: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", "".join(one for one in parts if not unicodedata.combining(one)))


def _index() -> dict[str, int]:
    """English before the others, whole names before abbreviations; what stands for two months stands for none."""
    english, others = _names(_ENGLISH), [pair for names in _OTHERS for pair in _names(names)]
    found: dict[str, int] = {}
    for known in (english, _abbreviations(english), others, _abbreviations(others)):
        months: dict[str, set[int]] = {}
        for word, month in known:
            months.setdefault(word, set()).add(month)
        for word, meant in months.items():
            found.setdefault(word, meant.pop() if len(meant) == 1 else 0)
    return {word: month for word, month in found.items() if month}


def _names(names: str) -> list[tuple[str, int]]:
    return [(fold(name), month) for month, name in enumerate(names.split(), 1)]


def _abbreviations(names: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    return ((name[:end], month) for name, month in names for end in range(SHORTEST, len(name)))


_MONTHS = _index()
