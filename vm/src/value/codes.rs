//! Countries (ISO 3166-1 alpha-2) and currencies (ISO 4217), as closed lists.
//! Literals, JSON and the checker read them; a code that is not here is no country and no currency.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{Display, Formatter, Result as FmtResult};
use std::sync::Arc;

/// Officially assigned codes, sorted; as of 2026-01.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK \
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF \
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Active codes, sorted; as of 2026-01.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
    CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF \
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR \
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS \
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD \
    XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG";

/// Currencies whose smallest unit is the whole one.
const NO_MINOR: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Currencies with thousandths.
const THREE_MINOR: &str = "BHD IQD JOD KWD LYD OMR TND";

/// A country, by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(u16);

impl Country {
    /// Two capitals: `DE`.
    pub fn parse(code: &str) -> Option<Country> {
        place(COUNTRIES, code, 2).map(Country)
    }

    pub fn code(self) -> &'static str {
        code(COUNTRIES, self.0, 2)
    }

    /// Its letters as a number, so that a word means the same whatever the list holds: `DE` is `0x4445`.
    pub fn word(self) -> i64 {
        word(self.code())
    }

    pub fn from_word(word: i64) -> Option<Country> {
        Country::parse(std::str::from_utf8(word.to_be_bytes().get(6..)?).ok()?)
    }

    /// All codes in order, for completion and for the nearest name.
    pub fn all() -> impl Iterator<Item = &'static str> {
        COUNTRIES.split(' ')
    }
}

impl Display for Country {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str(self.code())
    }
}

/// A currency, by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(u16);

impl Currency {
    /// Three capitals: `USD`.
    pub fn parse(code: &str) -> Option<Currency> {
        place(CURRENCIES, code, 3).map(Currency)
    }

    pub fn code(self) -> &'static str {
        code(CURRENCIES, self.0, 3)
    }

    /// Its letters as a number, so that a word means the same whatever the list holds: `DE` is `0x4445`.
    pub fn word(self) -> i64 {
        word(self.code())
    }

    pub fn from_word(word: i64) -> Option<Currency> {
        Currency::parse(std::str::from_utf8(word.to_be_bytes().get(5..)?).ok()?)
    }

    /// All codes in order, for completion and for the nearest name.
    pub fn all() -> impl Iterator<Item = &'static str> {
        CURRENCIES.split(' ')
    }

    /// Digits behind the point in everyday use: 2 of most, 0 of `JPY`, 3 of `KWD`.
    pub fn minor_digits(self) -> u32 {
        match self.code() {
            code if NO_MINOR.contains(code) => 0,
            code if THREE_MINOR.contains(code) => 3,
            _ => 2,
        }
    }
}

impl Display for Currency {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str(self.code())
    }
}

// Stored by their letters: a place in a list says something else as soon as the list grows.
macro_rules! stored_by_code {
    ($($name:ident $text:literal),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_newtype_struct($text, self.code())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(rename = $text)]
                struct Code(Arc<str>);
                let Code(code) = Code::deserialize(from)?;
                $name::parse(&code).ok_or_else(|| D::Error::custom(format_args!("`{code}` is no code of the list")))
            }
        }
    )*};
}

stored_by_code!(Country "Country", Currency "Currency");

/// Where a code of `width` letters stands in a list with one space between codes.
fn place(list: &'static str, wanted: &str, width: usize) -> Option<u16> {
    if wanted.len() != width || !wanted.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let (mut low, mut high) = (0, (list.len() + 1) / (width + 1));
    while low < high {
        let middle = (low + high) / 2;
        match code(list, middle as u16, width).cmp(wanted) {
            std::cmp::Ordering::Equal => return Some(middle as u16),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

fn code(list: &'static str, at: u16, width: usize) -> &'static str {
    let start = usize::from(at) * (width + 1);
    &list[start..start + width]
}

fn word(code: &str) -> i64 {
    code.bytes().fold(0, |word, letter| word << 8 | i64::from(letter))
}
