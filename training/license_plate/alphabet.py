"""What stands on Korean plates, and how a reading is laid out as a tensor."""

# Private cars; commercial ones; hired ones; parcel vans; the forces (Ordinance on Vehicle Registration, annexed table).
SYMBOLS = tuple(
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주" "바사아자" "하허호" "배" "국합육해공"
)
COMMERCIAL = tuple("바사아자배")
PRIVATE = tuple(symbol for symbol in SYMBOLS if symbol not in COMMERCIAL)

REGIONS = (
    "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기",
    "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주",
)  # fmt: skip

BLANK = ""
TOKENS = (BLANK, *"0123456789", *SYMBOLS, *REGIONS)

SHAPES = ("one-line", "one-line-short", "one-line-region", "two-line", "two-line-region")

# The reader's places: the region; three digits of the class number, of which older plates have two; the symbol; the serial.
SLOTS = ("region", "class", "class", "class", "symbol", "serial", "serial", "serial", "serial")


def allowed(slot: str) -> tuple[str, ...]:
    """The tokens that a place may hold."""
    return {
        "region": (BLANK, *REGIONS),
        "class": (BLANK, *"0123456789"),
        "symbol": SYMBOLS,
        "serial": tuple("0123456789"),
    }[slot]


def to_slots(region: str, number: str, symbol: str, serial: str) -> list[int]:
    """A plate's tokens, place by place."""
    tokens = [region, *([BLANK] * (3 - len(number))), *number, symbol, *serial]
    return [TOKENS.index(token) for token in tokens]


def to_text(slots) -> str:
    """The characters of the places, in order."""
    return "".join(TOKENS[int(index)] for index in slots)
