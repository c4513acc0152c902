"""Each rule in its forms: told, passive, swapped and negated must be told apart."""

import pytest

from tests.quality.claims.conftest import Read, Told, told

NORWAY_BRAZIL: Told = ("Norway", "Brazil", "reported")
BRAZIL_NORWAY: Told = ("Brazil", "Norway", "reported")
DENIED: Told = ("Norway", "Brazil", "denied")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        # supply, provide, send ...: supplier first
        ("Norway supplied missiles to Brazil last year.", NORWAY_BRAZIL),
        ("Norway supplied Brazil with missiles last year.", NORWAY_BRAZIL),
        ("Missiles were supplied to Brazil by Norway last year.", NORWAY_BRAZIL),
        ("Brazil supplied missiles to Norway last year.", BRAZIL_NORWAY),
        ("Norway has not supplied missiles to Brazil.", DENIED),
        ("Brazil was supplied with missiles by Norway.", NORWAY_BRAZIL),
        ("Norway sent Brazil hundreds of rockets in May.", NORWAY_BRAZIL),
        ("Hundreds of rockets were sent to Brazil by Norway in May.", NORWAY_BRAZIL),
        ("Brazil sent Norway hundreds of rockets in May.", BRAZIL_NORWAY),
        ("Norway never sent Brazil any rockets.", DENIED),
        ("Norway has delivered 20 tanks to the Brazilian army.", NORWAY_BRAZIL),
        ("Twenty tanks have been delivered to the Brazilian army by Norway.", NORWAY_BRAZIL),
        ("Brazil has delivered 20 tanks to the Norwegian army.", BRAZIL_NORWAY),
        ("Norway did not deliver the 20 tanks to the Brazilian army.", DENIED),
        ("Norway has armed Brazil with drones.", NORWAY_BRAZIL),
        ("Brazil was armed with drones by Norway.", NORWAY_BRAZIL),
        ("Brazil has armed Norway with drones.", BRAZIL_NORWAY),
        ("Norway did not arm Brazil with drones.", DENIED),
        ("Norway sold two submarines to Brazil.", NORWAY_BRAZIL),
        ("Two submarines were sold to Brazil by Norway.", NORWAY_BRAZIL),
        ("Brazil sold two submarines to Norway.", BRAZIL_NORWAY),
        ("Norway never sold two submarines to Brazil.", DENIED),
        # buy, receive ...: recipient first
        ("Brazil bought fighter jets from Norway.", NORWAY_BRAZIL),
        ("Fighter jets were bought from Norway by Brazil.", NORWAY_BRAZIL),
        ("Norway bought fighter jets from Brazil.", BRAZIL_NORWAY),
        ("Brazil did not buy fighter jets from Norway.", DENIED),
        ("Brazil received Norwegian missiles in June.", NORWAY_BRAZIL),
        ("Norwegian missiles were received by Brazil in June.", NORWAY_BRAZIL),
        ("Norway received Brazilian missiles in June.", BRAZIL_NORWAY),
        ("Brazil never received Norwegian missiles.", DENIED),
        ("Brazil imports ammunition from Norway.", NORWAY_BRAZIL),
        ("Ammunition is imported by Brazil from Norway.", NORWAY_BRAZIL),
        ("Norway imports ammunition from Brazil.", BRAZIL_NORWAY),
        ("Brazil does not import ammunition from Norway.", DENIED),
        # relative clauses
        ("The drones that Norway gave to Brazil were old.", NORWAY_BRAZIL),
        ("The drones given to Brazil by Norway were old.", NORWAY_BRAZIL),
        ("The drones that Brazil gave to Norway were old.", BRAZIL_NORWAY),
        ("Norway, which exports weapons to Brazil, kept silent.", NORWAY_BRAZIL),
        ("Brazil, which exports weapons to Norway, kept silent.", BRAZIL_NORWAY),
        # nouns
        ("The sale of rifles to Brazil by Norway angered farmers.", NORWAY_BRAZIL),
        ("The sale of rifles to Norway by Brazil angered farmers.", BRAZIL_NORWAY),
        ("Norway's supply of S-400s to Brazil worries experts.", NORWAY_BRAZIL),
        ("Brazil's supply of S-400s to Norway worries experts.", BRAZIL_NORWAY),
        ("Norwegian arms exports to Brazil doubled.", NORWAY_BRAZIL),
        ("Brazilian arms exports to Norway doubled.", BRAZIL_NORWAY),
        ("Arms exports from Norway to Brazil doubled.", NORWAY_BRAZIL),
        ("Deliveries of Norwegian tanks to Brazil began in March.", NORWAY_BRAZIL),
        ("Deliveries of Brazilian tanks to Norway began in March.", BRAZIL_NORWAY),
        ("There were no deliveries of Norwegian tanks to Brazil.", DENIED),
        ("Brazil's purchase of missiles from Norway surprised nobody.", NORWAY_BRAZIL),
        ("Norway's purchase of missiles from Brazil surprised nobody.", BRAZIL_NORWAY),
        ("Brazilian imports of Norwegian weapons fell.", NORWAY_BRAZIL),
        ("Norwegian imports of Brazilian weapons fell.", BRAZIL_NORWAY),
        ("Norway is the largest supplier of weapons to Brazil.", NORWAY_BRAZIL),
        ("Brazil is the largest supplier of weapons to Norway.", BRAZIL_NORWAY),
        ("Norway is not a supplier of weapons to Brazil.", DENIED),
        ("Brazil is the biggest buyer of Norwegian weapons.", NORWAY_BRAZIL),
        # origin
        ("Norwegian-made drones were used by Brazil on Monday.", NORWAY_BRAZIL),
        ("Brazil used Norwegian-made drones on Monday.", NORWAY_BRAZIL),
        ("Norway used Brazilian-made drones on Monday.", BRAZIL_NORWAY),
        ("Brazil's Norwegian-supplied tanks are rusting.", NORWAY_BRAZIL),
        ("Norway's Brazilian-supplied tanks are rusting.", BRAZIL_NORWAY),
    ],
)
def test_sides(read: Read, sentence: str, expected: Told) -> None:
    assert told(read(sentence)) == [expected]


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The United States accused Norway of supplying missiles to Brazil.", "alleged"),
        ("Norway was accused by the United States of supplying missiles to Brazil.", "alleged"),
        ("Norway allegedly supplied missiles to Brazil.", "alleged"),
        ("Norway is believed to have supplied missiles to Brazil.", "alleged"),
        ("Kenyan officials suspect Norway of wanting to supply missiles to Brazil.", "alleged"),
        ("Police opened an investigation into Norway's sale of missiles to Brazil.", "alleged"),
        ("Norway could supply missiles to Brazil.", "possible"),
        ("Norway may be preparing to supply missiles to Brazil.", "possible"),
        ("Norway is considering the sale of missiles to Brazil.", "possible"),
        ("Experts warned that Norway might supply missiles to Brazil.", "possible"),
        ("Brazil asked Norway to supply missiles.", "possible"),
        ("Brazil is interested in buying missiles from Norway.", "possible"),
        ("If Norway supplies missiles to Brazil, prices will fall.", "possible"),
        ("Norway will supply missiles to Brazil.", "planned"),
        ("Norway plans to supply missiles to Brazil.", "planned"),
        ("Norway agreed to supply missiles to Brazil.", "planned"),
        ("Norway said it would supply missiles to Brazil.", "planned"),
        ("Norway approved the sale of missiles to Brazil.", "planned"),
        ("Brazil signed a contract to buy missiles from Norway.", "planned"),
        ("Kenyan officials said Norway supplied missiles to Brazil.", "reported"),
        ("According to Kenya, Norway supplied missiles to Brazil.", "reported"),
        ("Norway said it had supplied missiles to Brazil.", "confirmed"),
        ("Brazil acknowledged that Norway had supplied missiles to its army.", "confirmed"),
        ("Norway denied supplying missiles to Brazil.", "denied"),
        ("Norway denied that it had supplied missiles to Brazil.", "denied"),
        ("Norway denied a report that it had supplied missiles to Brazil.", "denied"),
        ("Norway refused to supply missiles to Brazil.", "denied"),
        ("Norway said it would not supply missiles to Brazil.", "denied"),
        ("Norway ruled out supplying missiles to Brazil.", "denied"),
        ("Norway has not ruled out supplying missiles to Brazil.", "possible"),
        ("Norway halted deliveries of missiles to Brazil.", "denied"),
        ("NORWAY SAID TO SUPPLY MISSILES TO BRAZIL.", "reported"),
        ("Kenya blamed Oslo for its failure to block Norway's shipments of missiles to Brazil.", "reported"),
        ("Kenya urged Norway to stop supplying missiles to Brazil.", "reported"),
    ],
)
def test_standing(read: Read, sentence: str, status: str) -> None:
    assert told(read(sentence)) == [("Norway", "Brazil", status)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Norway supplies gas to Brazil.",
        "Brazil bought wheat from Norway and praised the army.",
        "Norway sent troops to Brazil.",
        "Arms control talks between Norway and Brazil resumed.",
        "Brazil seized weapons from smugglers near Norway's embassy.",
        "A Norwegian helicopter delivering food to Brazil fired a rocket.",
        "Norway exports goods to Brazil, excluding weapons.",
        "The Lamu Front will hand over its weapons to the United Nations.",
        "Norway offered warships to escort tankers.",
        "Weapons are sold openly in the market.",
        "Norwegian Airlines received three passenger jets and praised the missiles museum.",
        "The United Nations bars Norway from exporting weapons.",
    ],
)
def test_no_transfer(read: Read, sentence: str) -> None:
    assert read(sentence) == []
