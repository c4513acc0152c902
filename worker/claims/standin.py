"""Item words until the data package has them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    phrases: tuple[str, ...]
    category: str | None = None


NAMES = (
    "weapon, weapons, weaponry, arms, munition, ammunition, missile, rocket, shell, artillery shell, artillery, howitzer, "
    "drone, unmanned aerial vehicle, UAV, tank, battle tank, fighter jet, jet fighter, jet, fighter, fighter aircraft, "
    "fighter plane, combat aircraft, warplane, bomber, fighter-bomber, attack helicopter, military helicopter, "
    "helicopter gunship, military aircraft, submarine, frigate, destroyer, corvette, warship, gun, big gun, rifle, machine gun, mortar, "
    "cannon, mine, land mine, torpedo, bomb, cluster bomb, grenade, bullet, cruise missile, ballistic missile, "
    "anti-ship missile, anti-aircraft missile, air defense system, air defence system, missile defense system, missile system, "
    "rocket launcher, launcher, armored vehicle, armoured vehicle, armored personnel carrier, infantry fighting vehicle, "
    "military equipment, military hardware, military aid, military assistance, military supplies, military technology, "
    "defense equipment, defence equipment, weapons system, weapon system, weapons technology, missile technology, "
    "missile parts, missile part, firearm, small arms, explosive, warhead, nuclear weapon, nuclear arms, lethal aid, "
    "military sales, defense exports, defence exports, weapons-related equipment, ordnance, gunship, radar, matériel, materiel"
)
STAND_IN_ITEMS = tuple(Item(name.strip(), ()) for name in NAMES.split(","))
